"""What a process costs that starts anew, as on AWS Lambda: imports, and the first item."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys

from tests.benchmarks.measure import cpu, markdown, median_ratio

_BOTH = "from pydantic import BaseModel; from pynamodb.connection import Connection"
_MODEL = """
class User(BaseModel):
    pk: str
    sk: str
    name: str
"""
_NAMES = "from dynrepo import DynamoStore, PartitionKey, Repository, SortKey"
PROGRAMS = {
    "import botocore.session": "import botocore.session",
    "import PynamoDB's Connection, Pydantic's BaseModel": _BOTH,
    "the same, and dynrepo": f"{_BOTH}\nimport dynrepo",
    "the same, and dynrepo's names": f"{_BOTH}\n{_NAMES}",
    "PynamoDB's Connection, a Pydantic model": f"{_BOTH}{_MODEL}",
    "the same, and dynrepo's names before the model": f"{_BOTH}\n{_NAMES}{_MODEL}",
    "first item: PynamoDB's Connection, Pydantic model": f"""{_BOTH}{_MODEL}
connection = Connection(region="eu-west-1", host=URL)
key = {{"pk": {{"S": "user-1"}}, "sk": {{"S": "00000000"}}}}
found = connection.dispatch("GetItem", {{"TableName": "bench", "Key": key}})["Item"]
User.model_validate({{name: found[name]["S"] for name in User.model_fields}})
""",
    "first item: dynrepo": """
from typing import Annotated
from pydantic import BaseModel
from dynrepo import DynamoStore, PartitionKey, Repository, SortKey
class User(BaseModel):
    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    name: str
class Users(Repository[User]):
    table = "bench"
assert Users(DynamoStore(endpoint=URL)).get(("user-1", "00000000"))
""",
}
LIMITS = {
    "the same, and dynrepo": "import PynamoDB's Connection, Pydantic's BaseModel",
    "the same, and dynrepo's names": "import PynamoDB's Connection, Pydantic's BaseModel",
    "the same, and dynrepo's names before the model": "PynamoDB's Connection, a Pydantic model",
    "first item: dynrepo": "first item: PynamoDB's Connection, Pydantic model",
}
"""Programs that have another one for a yardstick."""


def starts(url: str, rounds: int) -> str:
    """CPU milliseconds of whole processes, less those of one that does nothing."""
    programs = {name: f"URL = {url!r}\n{program}" for name, program in PROGRAMS.items()}
    for program in programs.values():
        _process(program)  # leaves bytecode for those that are measured
    figures: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(rounds):
        nothing = _process("pass")
        for name, program in programs.items():
            figures[name].append(_process(program) - nothing)
    rows = [[name, *_cells(figures, name)] for name in PROGRAMS]
    return markdown(["a process that does", "CPU, ms", "more, ms", "ratio"], rows)


def _cells(figures: dict[str, list[float]], name: str) -> list[str]:
    values = figures[name]
    cells = [f"{statistics.median(values) * 1e3:.0f}"]
    if name not in LIMITS:
        return [*cells, "", ""]
    others = figures[LIMITS[name]]
    more = statistics.median(one - other for one, other in zip(values, others, strict=True))
    return [*cells, f"{more * 1e3:.0f}", f"{median_ratio(values, others):.2f}"]


def _process(program: str) -> float:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    before = cpu(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)
    return cpu(resource.RUSAGE_CHILDREN) - before
