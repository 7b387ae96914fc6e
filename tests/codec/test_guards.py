"""A validator that raises anything refuses the value that it is given."""

from __future__ import annotations

import json
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel, BeforeValidator, ValidationError, WrapValidator
from pydantic_core import PydanticOmit, PydanticUseDefault, SchemaValidator

from dynrepo.codec.guards import guarded
from dynrepo.markers import PartitionKey
from dynrepo.schema.entity import Schema
from tests.accelerator import if_accelerated
from tests.reading.test_parsers import by_codec


def raising(error: BaseException) -> Any:
    """A validator that raises an error for the text `bad`."""

    def check(value: Any) -> Any:
        if value == "bad":
            raise error
        return value

    return check


def validator(schema: Any) -> Any:
    """What validates by the guarded schema."""
    return SchemaValidator(guarded(schema)).validate_python


@pytest.mark.parametrize(
    "error", [KeyError("x"), ZeroDivisionError(), ValueError(), AssertionError()]
)
@pytest.mark.parametrize("kind", ["function-after", "function-before"])
def test_what_a_function_raises_is_a_refusal(kind: str, error: Exception) -> None:
    """Wherever it stands in a schema."""
    step = {"type": "no-info", "function": raising(error)}
    field = {
        "type": "typed-dict-field",
        "schema": {"type": kind, "function": step, "schema": {"type": "str"}},
    }
    validate = validator(
        {"type": "list", "items_schema": {"type": "typed-dict", "fields": {"a": field}}}
    )
    assert validate([{"a": "good"}]) == [{"a": "good"}]
    with pytest.raises(ValidationError):
        validate([{"a": "bad"}])


def test_what_says_something_to_pydantic_is_left_alone() -> None:
    """That a value is left out, or its default taken; nor is what no error is caught."""

    def of(error: BaseException) -> Any:
        return {
            "type": "function-plain",
            "function": {"type": "no-info", "function": raising(error)},
        }

    assert validator({"type": "list", "items_schema": of(PydanticOmit())})(["a", "bad"]) == ["a"]
    default = {"type": "default", "schema": of(PydanticUseDefault()), "default": ["kept"]}
    assert validator(default)("bad") == ["kept"]
    with pytest.raises(KeyboardInterrupt):
        validator(of(KeyboardInterrupt()))("bad")


def test_a_function_around_others_sees_what_they_raise() -> None:
    """As ever: one that takes a refusal for its fallback takes nothing else for it."""
    inner = {
        "type": "function-plain",
        "function": {"type": "no-info", "function": raising(KeyError())},
    }

    def wrap(value: Any, handler: Any) -> Any:
        try:
            return handler(value)
        except ValidationError:
            return "fallback"

    schema = {
        "type": "function-wrap",
        "function": {"type": "no-info", "function": wrap},
        "schema": inner,
    }
    validate = validator(schema)
    assert validate("good") == "good"
    with pytest.raises(ValidationError):
        validate("bad")


def fall_back(value: Any, handler: Any) -> Any:
    """Takes a text that is not valid as it is."""
    try:
        return handler(value)
    except ValidationError:
        return value


class Watched(BaseModel):
    """Validators that raise a KeyError."""

    id: Annotated[str, PartitionKey()]
    name: Annotated[str, AfterValidator(raising(KeyError()))] = ""
    part: Annotated[int, BeforeValidator(raising(KeyError()))] = 0
    text: Annotated[str, AfterValidator(raising(KeyError())), WrapValidator(fall_back)] = ""


class Open(Watched, extra="allow"):
    """The same, made by its own validator."""


@if_accelerated
@pytest.mark.parametrize("model", [Watched, Open])
def test_one_row_costs_that_row(model: type[BaseModel]) -> None:
    """The others of its page are read in one pass, and all are what the codec reads."""
    schema: Schema[Any] = Schema(model)
    parse = schema.parse("Items")
    assert parse is not None
    names = ("name", "text", "id")
    items = [{"id": {"S": "1"}, name: {"S": text}} for name in names for text in ("good", "bad")]
    body = json.dumps({"Items": items}).encode()
    for _ in range(2):
        answer = parse(body)
        assert answer is not None
        assert answer[1] is not None
        found = [row if isinstance(row, BaseModel) else None for row in answer[1]]
        assert found == [by_codec(schema, item) for item in items]
        assert found.count(None) == 2
