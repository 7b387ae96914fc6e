"""The repository class that a mock stands for: its verbs, and the arguments that they take."""

from __future__ import annotations

import inspect
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Self

from dynrepo.blocking.repository import Repository
from dynrepo.errors import CodecError, ConditionFailed
from dynrepo.operations.definition import RepositoryDefinition
from dynrepo.testing.arguments import class_name, is_plain, matches, text_of
from dynrepo.testing.mocked_verbs import CONDITIONAL, NOT_MOCKED, VERBS

if TYPE_CHECKING:
    from dynrepo.errors import DynrepoError


@dataclass(frozen=True)
class MockedClass:
    """A repository class, as expectations ask it; `face` is the one of ours that it is made of."""

    kind: type[RepositoryDefinition[Any]]
    face: type[Any] = Repository

    @classmethod
    def of(cls, kind: Any) -> Self:
        """A class that mocks can be made of; TypeError for anything else."""
        mocked: type[Any] = kind if isinstance(kind, type) else object
        if issubclass(mocked, Repository):
            return cls(kind)
        if not issubclass(mocked, RepositoryDefinition):
            raise TypeError(f"a mock is made of a class such as Users, not of {text_of(kind)}")
        # asyncio is not imported for those who do without it.
        from dynrepo.aio.repository import AsyncRepository  # noqa: PLC0415

        return cls(kind, AsyncRepository)

    @property
    def name(self) -> str:
        """The name of the class."""
        return self.kind.__name__

    @property
    def models(self) -> str:
        """The model of the repository, or its models, in messages."""
        return self.kind.schema.name

    @property
    def is_asynchronous(self) -> bool:
        """Whether its requests are awaited."""
        return self.face is not Repository

    def is_awaited(self, verb: str) -> bool:
        """Whether what a verb returns is awaited."""
        return inspect.iscoroutinefunction(getattr(self.kind, verb))

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
        """TypeError when a verb cannot return a value; `only` is the part that it reads."""
        classes = self.kind.schema.models if only is None else (only,)
        if VERBS[verb].fits(classes, value):
            return
        wanted = VERBS[verb].returns.format(model=only.__name__ if only else self.models)
        raise TypeError(f"{self.name}.{verb} returns {wanted}, not {class_name(value)}")

    def check_error(self, verb: str, kind: type[DynrepoError]) -> None:
        """TypeError when a verb never raises an error of this kind."""
        if VERBS[verb].can_raise(kind) or (kind is ConditionFailed and self._is_conditional(verb)):
            return
        names = ", ".join(error.__name__ for error in VERBS[verb].raises)
        advice = f"it raises {names}" if names else "it returns what is wrong: say .returns(...)"
        raise TypeError(f"{self.name}.{verb} never raises {kind.__name__}: {advice}")

    def _is_conditional(self, verb: str) -> bool:
        """Whether a verb is refused by what others write, though it has no condition of its own."""
        return verb in CONDITIONAL and bool(self.kind.schema.asked_mark or self.kind.unique)

    def check_setting(self, name: str) -> None:
        """AttributeError, with the way out, for a verb or a method that would be replaced."""
        if name in VERBS:
            advice = (
                f"is mocked already: say .expect.{name}(...).returns(...) instead of setting it"
            )
        elif name in NOT_MOCKED:
            advice = "is not mocked: test it on a MemoryStore"
        elif callable(getattr(self.kind, name, None)):
            advice = "runs for real, and is not to be set: expect the verbs that it calls"
        else:
            return
        raise AttributeError(f"{self.name}.{name} {advice}")

    def check_parts(self, arguments: dict[str, Any]) -> None:
        """An error for a plain argument beside others that are none, when no call can have it."""
        schema = self.kind.schema
        fields, parts = schema.key_fields, _key_parts(arguments)
        if parts and len(parts) != len(fields):
            raise ValueError(f"the key of {self.models} has {len(fields)} parts")
        for field, part in zip(fields, parts, strict=False):
            if is_plain(part):
                field.encode(part)
        index = arguments.get("index")
        if isinstance(index, str) and index not in schema.indexes:
            raise ValueError(f"{self.models} has no index {index!r}")
        item = arguments.get("item")
        if is_plain(item) and item is not None:
            schema.encode(item)

    def arguments(self, verb: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Arguments by parameter, defaults left out; TypeError when the verb does not take them."""
        function = getattr(self.face, verb)
        signature = inspect.signature(function)
        try:
            bound = signature.bind(None, *args, **kwargs).arguments
        except TypeError as error:
            cure = f": write {function.usage}" if hasattr(function, "usage") else ""
            raise TypeError(f"{self.name}.{verb}: {error}{cure}") from None
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


def _key_parts(arguments: dict[str, Any]) -> tuple[Any, ...]:
    """The parts of an expected key of several; none where it is one value, or an instance."""
    key: Any = arguments.get("key", ())
    return key if key.__class__ is tuple else ()
