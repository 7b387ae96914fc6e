"""The table jobs, as its description and a sample of its rows show it."""

from typing import Annotated

from dynrepo import Attribute, PartitionKey, Repository, SortKey
from pydantic import BaseModel, Field

# Where NULL is stored, a default_factory has None written as NULL: a default of None
# would have it written by absence.


class Result(BaseModel, frozen=True):
    """A part of a row: result."""

    exit_code: Annotated[int, Attribute("ExitCode")]
    host: Annotated[str, Attribute("Host")]


class Job(BaseModel, frozen=True):
    """A row of jobs."""

    id: Annotated[str, PartitionKey(), Attribute("ID")]
    status: Annotated[str, PartitionKey(index="StatusIndex"), Attribute("Status")]
    # texts of times finer than microseconds, which encodings.truncated(...) would cut
    created_at: Annotated[str, SortKey(index="StatusIndex"), Attribute("CreatedAt")]
    # perhaps durations, encodings.NANOSECONDS: nothing in a number says so
    timeout: Annotated[int, Attribute("Timeout")]
    attempts: Annotated[int, Attribute("Attempts")]
    payload: Annotated[bytes, Attribute("Payload")]
    depends_on: Annotated[list[str] | None, Attribute("DependsOn")] = Field(
        default_factory=type(None)
    )
    # a few texts only: perhaps an Enum, or a Literal
    env: Annotated[dict[str, str], Attribute("Env")]
    result: Annotated[Result | None, Attribute("Result")] = Field(
        default_factory=type(None)
    )


class Jobs(Repository[Job]):
    """The rows of jobs."""

    table = "jobs"
