"""Types that are known to Pydantic alone: phone numbers, countries, colours, pendulum's times.

Such a class says by `__get_pydantic_core_schema__` what it is made of, and what it is in JSON. It
is stored as the class of Python that it extends, as a datetime or a text, or else as the text or
the number that it is in JSON. What is made of that nobody else knows, so each value is compared,
when it is written, with the one that is read.
https://docs.pydantic.dev/latest/concepts/types/#customizing-validation-with-__get_pydantic_core_schema__
"""

from __future__ import annotations

from dataclasses import is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, cast, get_origin
from uuid import UUID

from pydantic import ConfigDict, PydanticUserError

from dynrepo.codec.adapters import adapter_of
from dynrepo.codec.annotations import peeled
from dynrepo.codec.attempts import FailedAttempt, attempt
from dynrepo.codec.equality import is_same
from dynrepo.codec.number import read_float, read_number, write_decimal, write_float, write_int
from dynrepo.codec.scalars import BYTES, DECIMAL, IDENTIFIER, INT, STR
from dynrepo.codec.times import AWARE, DATE, DURATION, TIME
from dynrepo.codec.value import SingleTag, class_of
from dynrepo.errors import CodecError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import TypeAdapter


class UnknownTypeError(SchemaError):
    """A class is known neither here nor to Pydantic."""


class _Form(NamedTuple):
    """How the values of a class, and of those that extend it, are stored."""

    base: type[Any]
    tag: str
    plain: Callable[[Any], Any]
    """Makes the value of the base itself of one of a class that extends it."""
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]
    key: bool = False
    """Equal values have one stored form, in the order of Python."""


def _of_codec(base: type[Any], codec: SingleTag, plain: Callable[[Any], Any]) -> _Form:
    return _Form(base, codec.tag, plain, codec.write, codec.read, codec.key == "sort")


def _plain_datetime(value: datetime) -> datetime:
    day = value.year, value.month, value.day
    clock = value.hour, value.minute, value.second, value.microsecond
    return datetime(*day, *clock, tzinfo=value.tzinfo, fold=value.fold)


def _plain_time(value: time) -> time:
    clock = value.hour, value.minute, value.second, value.microsecond
    return time(*clock, tzinfo=value.tzinfo, fold=value.fold)


def _plain_duration(value: timedelta) -> timedelta:
    """The days, seconds and microseconds of the base, which a class may show otherwise."""
    names = ("days", "seconds", "microseconds")
    return timedelta(*(vars(timedelta)[name].__get__(value) for name in names))


def _write_number(value: Any) -> str:
    write = _NUMBER_WRITERS.get(class_of(value), write_float)
    return write(value)


_NUMBER_WRITERS: dict[type[Any], Callable[[Any], str]] = {int: write_int, Decimal: write_decimal}


def _as_it_is(value: Any) -> Any:
    return value


_NUMBERS = (int, float, Decimal)


def _read_json_number(text: str) -> int | float:
    number = read_number(text)
    return number if isinstance(number, int) else read_float(text)


_TEXT = _of_codec(str, STR, str.__str__)
_NUMBER = _Form(float, "N", _as_it_is, _write_number, _read_json_number)
_FORMS = (
    _TEXT,
    _of_codec(datetime, AWARE, _plain_datetime),
    _of_codec(date, DATE, lambda value: date(value.year, value.month, value.day)),
    _of_codec(time, TIME, _plain_time),
    _of_codec(timedelta, DURATION, _plain_duration),
    _of_codec(UUID, IDENTIFIER, lambda value: UUID(int=value.int)),
    _of_codec(bytes, BYTES, bytes),
    _of_codec(Decimal, DECIMAL, Decimal),
    _of_codec(int, INT, int.__int__),
    _Form(float, "N", _as_it_is, _write_number, read_float),
)
_OTHER_TEXT = _TEXT._replace(key=False)
_NUMBER_TYPES = ("number", "integer")
_BY_JSON_TYPE = {"string": _OTHER_TEXT, **dict.fromkeys(_NUMBER_TYPES, _NUMBER)}
_PROTOCOL = "__get_pydantic_core_schema__"


class SerializedCodec(SingleTag):
    """The codec of a type that Pydantic makes of what is stored, by the type's own rules."""

    def __init__(self, annotation: Any, adapter: TypeAdapter[Any], form: _Form) -> None:
        super().__init__(
            form.tag,
            getattr(annotation, "__name__", None) or str(annotation),
            key="sort" if form.key else "",
            canonical=self._is_as_written,
            made=True,
        )
        self.annotation = annotation
        self._adapter = adapter
        self._form = form
        self.read = form.read

    def write(self, value: Any) -> Any:
        """What the value is in JSON, when Pydantic makes it of that again."""
        payload = attempt(self._payload, value)
        if isinstance(payload, FailedAttempt) and isinstance(payload.reason, CodecError):
            raise payload.reason
        if not is_same(attempt(self._made, payload), value) or self._is_less(payload, value):
            raise CodecError(
                f"the {type(value).__name__} found is no {self.name} that Pydantic makes of what"
                " would be stored for it: give it as the type makes it"
            )
        return payload

    def _payload(self, value: Any) -> Any:
        form = self._form
        if isinstance(value, _NUMBERS if form.base is float else form.base):
            return form.write(form.plain(value))
        plain = attempt(lambda value: self._adapter.dump_python(value, mode="json"), value)
        return form.write(str(value) if isinstance(plain, FailedAttempt) else plain)

    def _made(self, payload: Any) -> Any:
        return self._adapter.validate_python(self.read(payload), strict=False)

    def _is_less(self, payload: Any, value: Any) -> bool:
        """Whether a duration says less when it is read: of months that they are days."""
        if not isinstance(value, timedelta):
            return False
        made = self._made(payload)
        return type(made) is type(value) and repr(made) != repr(value)

    def _is_as_written(self, payload: Any) -> bool:
        written = attempt(lambda payload: self._payload(self._made(payload)), payload)
        if self.tag == "N" and isinstance(written, str):
            return Decimal(written) == Decimal(payload)
        return bool(written == payload)


def serialized(annotation: Any, config: ConfigDict) -> SerializedCodec | None:
    """The codec of a type that Pydantic knows by itself; None for any other."""
    known = cast("ConfigDict", {**config, "arbitrary_types_allowed": False})
    try:
        adapter = adapter_of(annotation, known)
    except PydanticUserError:
        return None
    form = _form_of(annotation, _json_type(adapter))
    return None if form is None else SerializedCodec(annotation, adapter, form)


def serialized_dataclass(annotation: Any, config: ConfigDict) -> SerializedCodec | None:
    """The codec of a dataclass that says itself what it is made of, and is no object in JSON."""
    kind: Any = get_origin(annotation) or annotation
    if not is_dataclass(kind) or not hasattr(kind, _PROTOCOL):
        return None
    adapter = adapter_of(annotation, config)
    return (
        None
        if _json_type(adapter) == "object"
        else SerializedCodec(annotation, adapter, _OTHER_TEXT)
    )


def serialized_by(
    annotation: Any, metadata: tuple[Any, ...], config: ConfigDict
) -> SerializedCodec | None:
    """The codec of a type that metadata beside it make known to Pydantic; None without any."""
    known = [piece for piece in metadata if hasattr(piece, _PROTOCOL)]
    for piece in known:
        annotation = Annotated[annotation, piece]
    return serialized(annotation, config) if known else None


def _json_type(adapter: TypeAdapter[Any]) -> str:
    try:
        schema = adapter.json_schema(mode="serialization")
    except Exception:  # noqa: BLE001 - a class may say nothing of its JSON, or fail to
        return ""
    is_reference = "$ref" in schema
    return "object" if is_reference else str(schema.get("type", ""))


def _form_of(annotation: Any, json_type: str) -> _Form | None:
    declared, metadata = peeled(annotation)
    kind: Any = get_origin(declared) or declared
    by_class = [form for form in _FORMS if isinstance(kind, type) and issubclass(kind, form.base)]
    if json_type in _NUMBER_TYPES and not any(form.tag == "N" for form in by_class):
        return _NUMBER  # seconds, say, of a class of datetimes
    if by_class:
        return by_class[0]
    if not json_type and any(hasattr(known, _PROTOCOL) for known in (kind, *metadata)):
        return _OTHER_TEXT
    return _BY_JSON_TYPE.get(json_type)
