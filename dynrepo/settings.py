"""Settings: one object, from keywords or from the environment."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    ValidationError,
)

from dynrepo.errors import SettingsError
from dynrepo.public import public

if TYPE_CHECKING:
    from collections.abc import Mapping

_ADDRESS = re.compile(
    r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>[^:\s\[\]]+))(?::(?P<port>\d{1,5}))?"
)
_STATSD_PORT = 8125
_PORTS = range(1, 65536)


def _address(text: str) -> str:
    host_and_port(text)
    return text


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

    cursor_secret: SecretStr | None = None
    """Signs the cursors of pages."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """The settings of the variables DYNREPO_REGION, DYNREPO_TABLE_PREFIX and so on.

        An empty variable counts as not set. SettingsError names the variable whose value is wrong.
        """
        environment = os.environ if environment is None else environment
        values: dict[str, Any] = {
            name: value for name in cls.model_fields if (value := environment.get(_variable(name)))
        }
        if "region" not in values and environment.get("AWS_REGION"):
            values["region"] = environment["AWS_REGION"]
        try:
            return cls(**values)
        except ValidationError as error:
            raise SettingsError(_sentence(error)) from None

    @property
    def store_options(self) -> dict[str, Any]:
        """The keywords of `DynamoStore`."""
        return self.model_dump(
            include={
                "region",
                "endpoint",
                "table_prefix",
                "connect_timeout",
                "read_timeout",
                "deadline",
                "attempts",
                "pool_size",
                "transport",
            }
        )


def host_and_port(address: str) -> tuple[str, int]:
    """The parts of `host`, `host:port` or `[v6]:port`; ValueError for anything else."""
    parts = _ADDRESS.fullmatch(address)
    port = int(parts["port"] or _STATSD_PORT) if parts else 0
    if parts is None or port not in _PORTS:
        raise ValueError("should be host:port, as in localhost:8125")
    return parts["v6"] or parts["host"], port


def _variable(name: str) -> str:
    return f"DYNREPO_{name.upper()}"


def _sentence(error: ValidationError) -> str:
    """The first thing that is wrong, without the value: it may be a secret."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    return f"{_variable(str(first['loc'][0]))}: {message[0].lower()}{message[1:]}"
