"""What is said of a stored item that is not of its model: which places are wrong, never the values.

What Pydantic says of them quotes its inputs, and those are a user's data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynrepo.codec import Field


_MISSING = (
    "; older items lack a field that is new: give it a default, or make them today's in `upcast`"
)


def reason_of(error: ValidationError, model: str, fields: Mapping[str, Field]) -> str:
    """The places of a model that were not valid, and in which way."""
    places = ", ".join(f"{_place(wrong['loc'], fields)} ({wrong['type']})" for wrong in _all(error))
    cure = _MISSING if any(wrong["type"] == "missing" for wrong in _all(error)) else ""
    return f"the stored item is no {model}: {places}{cure}"


def without_inputs(error: ValidationError) -> ValidationError:
    """The error of Pydantic without what was validated, and without the texts that may quote it."""
    return ValidationError.from_exception_data(
        error.title,
        [
            {
                "type": PydanticCustomError(wrong["type"], "not valid"),
                "loc": tuple(step if isinstance(step, int) else "..." for step in wrong["loc"][1:]),
                "input": None,
            }
            for wrong in _all(error)
        ],
        hide_input=True,
    )


def _all(error: ValidationError) -> list[Any]:
    found: list[Any] = error.errors(include_input=False, include_url=False, include_context=False)
    return found


def _place(location: tuple[int | str, ...], fields: Mapping[str, Field]) -> str:
    """A place in the model, without the keys of dicts, which are data."""
    field = fields.get(str(location[0])) if location else None
    if field is None:
        return "an undeclared attribute" if location else "the whole"
    return field.label + "".join(
        f"[{step}]" if isinstance(step, int) else "[...]" for step in location[1:]
    )
