"""One field of a model: its name in Python, its attribute in DynamoDB, how it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, TypeVar

from dynrepo.codec.nesting import check_nesting
from dynrepo.errors import CodecError, SchemaError
from dynrepo.interruption import pass_strike
from dynrepo.markers import TimeToLive, Version

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.codec.value import AttributeValue, Codec
    from dynrepo.markers import Marker

R = TypeVar("R")

How: TypeAlias = Literal["refused", "absent", "stored"]
"""How a value is stored that says that there is nothing."""

_SETS = (set, frozenset)


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One field of a model: its name in Python, its attribute in DynamoDB, how it is stored."""

    name: str
    attribute: str
    codec: Codec
    markers: tuple[Marker, ...] = ()
    owner: str = ""
    """The name of the model."""
    none: How = "refused"
    """How None is stored: by absence, where absence reads back as None, or as NULL."""
    empty: How = "stored"
    """How the empty set is stored: by absence, where absence reads back so, or as an empty list."""
    required: bool = True
    computed: bool = False
    default: Any = None

    def encode(self, value: Any) -> AttributeValue | None:
        """The attribute value of a value; None when it is stored by the absence of the attribute.

        Raises CodecError, naming model and field, for a value that cannot be stored.
        """
        self.check_nesting(value)
        return self.encode_part(value)

    def check_nesting(self, value: Any) -> None:
        """CodecError, naming the field, for a value that is nested without end."""
        if self.codec.deep:
            self._named(check_nesting, self.codec, value)

    def encode_part(self, value: Any) -> AttributeValue | None:
        """`encode` for a value that has been checked for its nesting."""
        return self._named(self.stored, value)

    def _named(self, function: Callable[..., R], *arguments: Any) -> R:
        """What a function returns; what it raises is a CodecError that names the field."""
        try:
            return function(*arguments)
        except CodecError as error:
            reason = str(error)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001  # a codec of the user's may raise anything
            pass_strike(error)
            reason = f"its encoding raised {type(error).__name__}"
        raise CodecError(self._labelled(reason))

    def stored(self, value: Any) -> AttributeValue | None:
        """What `encode_part` does, without the names in the errors."""
        if value is None and self.none != "refused":
            return None if self.none == "absent" else {"NULL": True}
        if self.empty == "absent" and not value and isinstance(value, _SETS):
            return None
        return self.codec.encode_part(value)

    def decode(self, stored: AttributeValue) -> Any:
        """The value of an attribute value; CodecError, naming model and field, if it has none."""
        try:
            return self.codec.decode(stored)
        except CodecError as error:
            reason = str(error)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001  # what a foreign writer stored may break any reader
            pass_strike(error)
            reason = f"what is stored is no {self.codec.name} ({type(error).__name__})"
        raise CodecError(self._labelled(reason))

    def _labelled(self, reason: str) -> str:
        """A reason with the name of the field, which one that is recursive may hold already."""
        steps = reason.split(": ")
        known = steps.index(self.label) + 1 if self.label in steps else 0
        return ": ".join((self.label, *steps[known:]))

    def check_default(self) -> None:
        """SchemaError for a default that cannot be stored, for it is not of the field's type."""
        if self.default is None:
            return
        try:
            if self.codec.deep:
                check_nesting(self.codec, self.default)
            self.stored(self.default)
        except CodecError as error:
            raise SchemaError(
                f"{self.label}: its default cannot be stored: {error}: give it one of its"
                " type, or let Pydantic make it one with `validate_default=True`"
            ) from None

    @property
    def absent(self) -> Callable[[], Any] | None:
        """Makes what the field is when its attribute is absent; None leaves that to Pydantic."""
        if not self.required:
            return None
        if self.empty == "absent":
            return self.codec.kinds[0]
        return _nothing if self.none == "absent" else None

    @property
    def null_is_absent(self) -> bool:
        """Whether a stored NULL is read as the default; a counted version would differ from it."""
        has_default = not self.required and not self.computed
        is_version = any(isinstance(marker, Version) for marker in self.markers)
        return has_default and "NULL" not in self.codec.tags and not is_version

    @property
    def null_is_default(self) -> bool:
        """Whether a stored NULL sets the field to its default; an end of life is not set by it."""
        is_end = any(isinstance(marker, TimeToLive) for marker in self.markers)
        return self.null_is_absent and not is_end

    @property
    def needed(self) -> bool:
        """Whether nobody can read an item without the attribute."""
        return self.required and not self.computed and self.absent is None

    @property
    def present(self) -> Codec:
        """The codec of a value that is not None."""
        return self.codec.present

    @property
    def label(self) -> str:
        """The field in messages."""
        renamed = "" if self.attribute == self.name else f" (attribute {self.attribute})"
        return f"{self.owner}.{self.name}{renamed}"


class Layout(Protocol):
    """A class with its fields, as far as the functions that are generated for it depend on it."""

    @property
    def name(self) -> str:
        """The class in messages."""
        ...

    @property
    def kind(self) -> type[Any]:
        """The class of the instances."""
        ...

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields, in their order."""
        ...


def _nothing() -> None:
    """What a required field that may be None is when its attribute is absent."""
    return
