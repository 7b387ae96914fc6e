"""Settings: one object, from keywords or from the environment.

There is one rule for each of them: an argument, or else its variable `DYNREPO_...`, or else what
AWS's own environment says, or else the default. The variables are read when a store is made. What
is wrong is a `SettingsError` then, by the same fields for an argument and for its variable.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeAlias, TypeVar

from pydantic import AfterValidator, BaseModel, Field, PositiveInt, SecretStr, ValidationError

from dynrepo.cursor_secrets import secrets_in
from dynrepo.errors import SettingsError
from dynrepo.public import public

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_ADDRESS = re.compile(
    r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>[^:\s\[\]]+))(?::(?P<port>\d{1,5}))?"
)
_BEGINNING = "DYNREPO_"
_STATSD_PORT = 8125
_PORTS = range(1, 65536)
_REGION = "[A-Za-z0-9-]{1,63}"
_ENDPOINT = r"https?://(\[[0-9A-Fa-f:.]+\]|[^][:/@?#\s]+)(:\d{1,5})?(/[^@?#\s]*)?"
_HARMLESS = re.compile(r"[\w .:/-]{0,80}")
"""Texts that a message may show: an endpoint with credentials is none of them."""


def _address(text: str) -> str:
    host_and_port(text)
    return text


def _like(pattern: str, right: str) -> AfterValidator:
    """Holds a text to a pattern, and says in words what is right."""
    matches = re.compile(pattern).fullmatch

    def checked(text: str) -> str:
        if not matches(text):
            raise ValueError(right)
        return text

    return AfterValidator(checked)


Seconds: TypeAlias = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_URL = "should be a URL, as in http://localhost:8000, without credentials and query"
_PREFIX = "should have letters, digits, `_`, `-` and `.`, 254 at most"
S = TypeVar("S", bound="Settings")


def _checked_secret(secret: SecretStr) -> SecretStr:
    secrets_in(secret)
    return secret


# Built when the first is made: most processes set nothing.
@public
class Settings(BaseModel, frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True):
    """Where the tables are, how long to wait for them, and where telemetry goes.

    All are optional. What is not set here is for the AWS environment: profile, credentials, region,
    endpoint. As a plain Pydantic model it can be a field of an application's own settings; made by
    keywords, what is wrong is a `ValidationError` of Pydantic.
    """

    region: Annotated[str, _like(_REGION, "should be a region, as in eu-west-1")] | None = None
    """The AWS region; also from AWS_REGION."""
    endpoint: Annotated[str, _like(_ENDPOINT, _URL)] | None = None
    """The URL of the engine, where it is not AWS's for the region; logs show it: no credentials."""
    table_prefix: Annotated[str, _like("[A-Za-z0-9_.-]{0,254}", _PREFIX)] = ""
    """What every table name starts with, as in `staging-`: 254 characters at most."""

    connect_timeout: Seconds = 1.0
    """Seconds for one connection."""
    read_timeout: Seconds = 3.0
    """Seconds for one wait on the socket."""
    deadline: Seconds = 10.0
    """Seconds for a call with all its attempts."""
    attempts: Annotated[int, Field(ge=1, le=4)] | None = None
    """Requests that one call may send: the first, and what is sent again after a failure.

    Where it is not set, AWS_MAX_ATTEMPTS and `max_attempts` of the profile count, up to 4; else 4.
    """
    pool_size: PositiveInt = 50
    """Idle connections that are kept. More may be in use, but not in one loop of asyncio."""
    transport: Literal["auto", "botocore"] = "auto"
    """`botocore` leaves every request to botocore's own sender."""

    statsd: Annotated[str, AfterValidator(_address)] | None = None
    """`host:port` of a StatsD daemon, 8125 where no port is given; without it nothing is sent.

    https://github.com/statsd/statsd/blob/master/docs/metric_types.md
    """
    statsd_prefix: Annotated[str, Field(pattern="^[A-Za-z0-9_.-]+$")] = "dynrepo"
    """What every StatsD name starts with."""
    statsd_dialect: Literal["plain", "dogstatsd"] = "plain"
    """`dogstatsd` sends tags: https://docs.datadoghq.com/developers/dogstatsd/datagram_shell/"""
    statsd_rate: Annotated[float, Field(gt=0, le=1)] = 1.0
    """The share of StatsD lines that are sent: more than 0, and 1 for all."""
    slow: Seconds = 1.0
    """Seconds from which on a call is logged as slow."""

    cursor_secret: Annotated[SecretStr, AfterValidator(_checked_secret)] | None = None
    """Encrypts the cursors of pages: 32 bytes or more, and the extra `cursors`.

    Several stand with spaces between: the first encrypts, all decrypt.
    """
    cursor_lifetime: Seconds | None = None
    """Seconds for which a cursor of a page is good; without it for ever. It takes a secret."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """The settings of the variables DYNREPO_REGION, DYNREPO_TABLE_PREFIX and so on.

        Args:
            environment: The variables by name, instead of those of the process. An empty one counts
                as not set.

        Returns:
            What they say, and the defaults of what they do not.

        Raises:
            SettingsError: A value is wrong, or there is no setting of that name; the text has the
                variable, and not what is in it.
        """
        return _read(cls, environment)


def settings_for(given: Collection[str]) -> Settings:
    """What the environment says of all that an argument does not, for a store that is made."""
    return _read(Settings, given=given)


def checked_settings(settings: Any) -> Settings:
    """Settings that were given as an argument; SettingsError for what is none."""
    if isinstance(settings, Settings):
        return settings
    raise SettingsError(f"settings: should be an instance of Settings; given {_told(settings)}")


def checked_arguments(given: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments that are settings, as the fields of `Settings` take them.

    SettingsError where a variable of that value were one, and for the text of a number.
    """
    if not given:
        return {}  # pydantic builds no validator
    checked = _checked(given)
    if isinstance(checked, SettingsError):
        raise checked
    return {name: getattr(checked, name) for name in given}


def _checked(given: Mapping[str, Any]) -> Settings | SettingsError:
    try:
        return Settings.model_validate(given, strict=True)
    except ValidationError as error:
        name, message = _fault(error)
        return SettingsError(f"{name}: {message}; given {_told(given[name])}")


def _told(given: Any) -> str:
    """What was given, as far as a message may show it."""
    is_plain = isinstance(given, int | float) or (
        isinstance(given, str) and _HARMLESS.fullmatch(given)
    )
    return repr(given) if is_plain else f"a value of type {type(given).__name__}"


def settings_of(store: Any) -> Settings:
    """Those that a store was made by, which say what else its repositories do.

    One that names none by `settings = None`, as `MemoryStore`, has the defaults. One of another
    kind, which has no `settings` of ours, has those of the environment.
    """
    found = getattr(store, "settings", "")
    if found is None:
        return Settings.model_construct()
    return found if isinstance(found, Settings) else Settings.from_environment()


def host_and_port(address: str) -> tuple[str, int]:
    """The parts of `host`, `host:port` or `[v6]:port`; ValueError for anything else."""
    parts = _ADDRESS.fullmatch(address)
    port = int(parts["port"] or _STATSD_PORT) if parts else 0
    if parts is None or port not in _PORTS:
        raise ValueError("should be host:port, as in localhost:8125")
    return parts["v6"] or parts["host"], port


def _read(
    kind: type[S], environment: Mapping[str, str] | None = None, given: Collection[str] = ()
) -> S:
    """The settings of the variables; one that is `given` otherwise is not looked at.

    No frame of what it raises holds the environment of the process, which is full of secrets.
    """
    found = _found(kind, os.environ if environment is None else environment, given)
    if isinstance(found, SettingsError):
        raise found
    return found


def _found(
    kind: type[S], environment: Mapping[str, str], given: Collection[str]
) -> S | SettingsError:
    variables = {_variable(name): name for name in kind.model_fields}
    found = {
        name: text for name, text in environment.items() if name.upper().startswith(_BEGINNING)
    }
    misspelt = next((name for name in found if name not in variables), None)
    if misspelt is not None:
        return _no_setting(misspelt, variables)
    values: dict[str, Any] = {
        name: found[variable]
        for variable, name in variables.items()
        if found.get(variable) and name not in given
    }
    read_from = {name: variable for variable, name in variables.items()}
    region = environment.get("AWS_REGION")
    if region and "region" not in values and "region" not in given:
        values["region"] = region
        read_from["region"] = "AWS_REGION"
    is_plain = values.keys() <= {"region"} and re.fullmatch(_REGION, values.get("region", "none"))
    if kind is Settings and is_plain:
        return kind.model_construct(**values)  # as good, and pydantic builds no validator
    try:
        return kind(**values)
    except ValidationError as error:
        name, message = _fault(error)
        return SettingsError(f"{read_from.get(name, name)}: {message}")


def _variable(name: str) -> str:
    return f"{_BEGINNING}{name.upper()}"


def _no_setting(name: str, known: Collection[str]) -> SettingsError:
    """The error for a variable of ours that is none of the settings, with the nearest name."""
    from difflib import get_close_matches  # noqa: PLC0415 - rarely needed

    (nearest,) = get_close_matches(name.upper(), known, n=1, cutoff=0.0)
    return SettingsError(f"{name}: there is no such setting; the nearest is {nearest}")


def _fault(error: ValidationError) -> tuple[str, str]:
    """The first field that is wrong, and how, without the value: it may be a secret."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    return str(first["loc"][0]), f"{message[0].lower()}{message[1:]}"
