"""Settings: one object, from keywords or from the environment.

There is one rule for each of them: an argument, or else its variable `DYNREPO_...`, or else what
AWS's own environment says, or else the default. The variables are read when a store is made.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    ValidationError,
)

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


def _address(text: str) -> str:
    host_and_port(text)
    return text


S = TypeVar("S", bound="Settings")


def _checked_secret(secret: SecretStr) -> SecretStr:
    secrets_in(secret)
    return secret


# Built when the first is made: most processes set nothing.
@public
class Settings(BaseModel, frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True):
    """Where the tables are, how long to wait for them, and where telemetry goes.

    All are optional. What is not set here is for the AWS environment: profile, credentials, region,
    endpoint. Times are in seconds. As a plain Pydantic model it can be a field of an application's
    own settings.
    """

    region: str | None = None
    """The AWS region; also from AWS_REGION."""
    endpoint: Annotated[str, Field(pattern="^https?://[^/@]+(/[^@]*)?$")] | None = None
    """The URL of the engine, where it is not AWS's for the region; logs show it: no credentials."""
    table_prefix: Annotated[str, Field(pattern="^[A-Za-z0-9_.-]*$")] = ""
    """What every table name starts with, as in `staging-`."""

    connect_timeout: PositiveFloat = 1.0
    """For one connection."""
    read_timeout: PositiveFloat = 3.0
    """For one wait on the socket."""
    deadline: PositiveFloat = 10.0
    """For a call with all its attempts."""
    attempts: Annotated[int, Field(ge=1, le=4)] | None = None
    """Requests that one call may send: the first, and what is sent again after a failure.

    Where it is not set, AWS_MAX_ATTEMPTS and `max_attempts` of the profile count, up to 4; else 4.
    """
    pool_size: PositiveInt = 50
    """Idle connections that are kept. More may be in use, but not in one loop of asyncio."""
    transport: Literal["auto", "botocore"] = "auto"
    """`botocore` leaves every request to botocore's own sender."""

    statsd: Annotated[str, AfterValidator(_address)] | None = None
    """`host:port` of a StatsD daemon; without it nothing is sent to one."""
    statsd_prefix: Annotated[str, Field(pattern="^[A-Za-z0-9_.-]+$")] = "dynrepo"
    """What every StatsD name starts with."""
    statsd_dialect: Literal["plain", "dogstatsd"] = "plain"
    """`dogstatsd` sends tags."""
    statsd_rate: Annotated[float, Field(gt=0, le=1)] = 1.0
    """The share of StatsD lines that are sent."""
    slow: PositiveFloat = 1.0
    """From when on a call is logged as slow."""

    cursor_secret: Annotated[SecretStr, AfterValidator(_checked_secret)] | None = None
    """Encrypts the cursors of pages: 32 bytes or more, and the extra `cursors`.

    Several stand with spaces between: the first encrypts, all decrypt.
    """
    cursor_lifetime: PositiveFloat | None = None
    """For how long a cursor of a page is good; without it for ever. It takes a secret."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """The settings of the variables DYNREPO_REGION, DYNREPO_TABLE_PREFIX and so on.

        An empty variable counts as not set.

        Raises:
            SettingsError: A value is wrong, or there is no setting of that name; the text has the
                variable, and not what is in it.
        """
        return _read(cls, environment)


def settings_for(given: Mapping[str, Any]) -> Settings:
    """What the environment says of all that an argument does not, for a store that is made."""
    return _read(Settings, given=given)


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
    region = environment.get("AWS_REGION")
    if region and "region" not in values:
        values["region"] = region
    if kind is Settings and values.keys() <= {"region"}:
        return kind.model_construct(**values)  # as good, and pydantic builds no validator
    try:
        return kind(**values)
    except ValidationError as error:
        return SettingsError(_sentence(error))


def _variable(name: str) -> str:
    return f"{_BEGINNING}{name.upper()}"


def _no_setting(name: str, known: Collection[str]) -> SettingsError:
    """The error for a variable of ours that is none of the settings, with the nearest name."""
    from difflib import get_close_matches  # noqa: PLC0415 - rarely needed

    (nearest,) = get_close_matches(name.upper(), known, n=1, cutoff=0.0)
    return SettingsError(f"{name}: there is no such setting; the nearest is {nearest}")


def _sentence(error: ValidationError) -> str:
    """The first thing that is wrong, without the value: it may be a secret."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    return f"{_variable(str(first['loc'][0]))}: {message[0].lower()}{message[1:]}"
