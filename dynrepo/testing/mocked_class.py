"""The repository class that a mock stands for: its verbs, and the arguments that they take."""

from __future__ import annotations

import inspect
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from dynrepo.blocking.repository import Repository
from dynrepo.errors import CodecError
from dynrepo.testing.arguments import class_name, matches
from dynrepo.testing.mocked_verbs import NOT_MOCKED, VERBS

if TYPE_CHECKING:
    from pydantic import BaseModel


@dataclass(frozen=True)
class MockedClass:
    """A repository class, as expectations ask it."""

    kind: type[Repository[Any]]

    @property
    def name(self) -> str:
        """The name of the class."""
        return self.kind.__name__

    @property
    def model(self) -> type[BaseModel]:
        """The model of the repository."""
        return self.kind.schema.model

    def check_verb(self, verb: str) -> None:
        """AttributeError, with the way out, unless this is a verb that can be expected."""
        if verb in VERBS:
            return
        if verb in NOT_MOCKED:
            advice = "is not mocked: test it on a MemoryStore"
        elif hasattr(self.kind, verb):
            advice = "is no verb and runs for real: expect the verbs that it calls"
        else:
            near = get_close_matches(verb, VERBS, 1)
            advice = "is no verb" + (f"; is it {near[0]}?" if near else "")
        raise AttributeError(f"{self.name}.{verb} {advice}")

    def check_result(self, verb: str, value: Any, only: Any = None) -> None:
        """TypeError when a verb cannot return a value; `only` is the smaller model that it reads.

        What is awaited is not looked at.
        """
        model = only or self.model
        if inspect.isawaitable(value) or VERBS[verb].fits(model, value):
            return
        wanted = VERBS[verb].returns.format(model=model.__name__)
        raise TypeError(f"{self.name}.{verb} returns {wanted}, not {class_name(value)}")

    def arguments(self, verb: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Arguments by parameter, defaults left out; TypeError when the verb does not take them."""
        signature = inspect.signature(getattr(Repository, verb))
        try:
            bound = signature.bind(None, *args, **kwargs).arguments
        except TypeError as error:
            raise TypeError(f"{self.name}.{verb}: {error}") from None
        bound.pop("self")
        return {
            name: value
            for name, value in bound.items()
            if value is not signature.parameters[name].default
        }

    def same(self, parameter: str, expected: Any, actual: Any) -> bool:
        """Whether an argument is the expected one; keys may be values, tuples or instances."""
        if matches(expected, actual):
            return True
        if parameter != "key":
            return False
        with suppress(CodecError):
            schema = self.kind.schema
            return bool(schema.key(expected) == schema.key(actual))
        return False
