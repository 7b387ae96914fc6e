"""What dynrepo takes of a function's cold start: `python docs/examples/cold_start.py`.

Each round is a fresh process. It imports, declares a model and a repository, connects and gets an
item twice, from a server of this program that answers from stock: so neither a network nor an
engine is measured. Of each step the least of all rounds is printed, in milliseconds: on the clock,
and of CPU time of the process with its threads. boto3 does the same, where it is installed.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from zlib import crc32

BEGIN = """
import json, time
steps, last = {}, (time.perf_counter(), time.process_time())
def mark(step):
    global last
    now = (time.perf_counter(), time.process_time())
    steps[step] = [(after - before) * 1000 for after, before in zip(now, last)]
    last = (time.perf_counter(), time.process_time())
"""
DECLARE = """
from typing import Annotated
from pydantic import BaseModel
mark("import Pydantic's BaseModel")
from dynrepo import PartitionKey, Repository
mark("import dynrepo's names")
class User(BaseModel):
    user_id: Annotated[str, PartitionKey()]
    name: str
    visits: int = 0
class Users(Repository[User]):
    table = "users"
mark("declare a model and a repository")
users = Users()
mark("make the repository, with its store")
"""
CONNECT = """
users.connect()
mark("connect: import botocore, make its client, DescribeTable")
"""
GET = """
assert users.get("ada").visits == 3
mark("first get")
assert users.get("ada").visits == 3
mark("second get")
"""
BOTO3 = """
import boto3
mark("import boto3")
client = boto3.client("dynamodb")
mark("make its client")
key = {"user_id": {"S": "ada"}}
assert client.get_item(TableName="users", Key=key)["Item"]["visits"] == {"N": "3"}
mark("first get_item")
assert client.get_item(TableName="users", Key=key)["Item"]["visits"] == {"N": "3"}
mark("second get_item")
"""
END = "\nprint(json.dumps(steps))"
PROGRAMS = {
    "dynrepo, with `connect()`": DECLARE + CONNECT + GET,
    "dynrepo, without": DECLARE + GET,
    "boto3's client, which gives dicts": BOTO3,
}
ANSWERS = {
    "DescribeTable": {"Table": {"TableName": "users", "TableStatus": "ACTIVE"}},
    "GetItem": {
        "Item": {"user_id": {"S": "ada"}, "name": {"S": "Ada"}, "visits": {"N": "3"}},
        "ConsumedCapacity": {"TableName": "users", "CapacityUnits": 0.5},
    },
}
ACCOUNT = {
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-west-1",  # this is the one that boto3 reads
    "AWS_ACCESS_KEY_ID": "made-up",
    "AWS_SECRET_ACCESS_KEY": "made-up",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


class Stock(BaseHTTPRequestHandler):
    """Answers from stock, and keeps connections open."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Answers one request by its operation."""
        self.rfile.read(int(self.headers["Content-Length"]))
        operation = self.headers["X-Amz-Target"].rpartition(".")[2]
        body = json.dumps(ANSWERS[operation]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("x-amz-crc32", str(crc32(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing of a request."""


def least(rounds: int, program: str, url: str) -> dict[str, list[float]]:
    """The least of each step, on the clock and of CPU, in milliseconds."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "DYNREPO_")) and name != "PYTHONDONTWRITEBYTECODE"
    }
    environment |= ACCOUNT | {"AWS_ENDPOINT_URL_DYNAMODB": url, "DYNREPO_SLOW": "60"}
    found: list[dict[str, list[float]]] = []
    for _ in range(rounds + 1):
        told = subprocess.run(
            [sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, check=True
        )
        found.append(json.loads(told.stdout))
    measured = found[1:]  # the first one leaves bytecode for the others
    return {
        step: [min(one[step][which] for one in measured) for which in (0, 1)] for step in found[0]
    }


def machine() -> str:
    """The processor, by its name on Linux, and the Python."""
    cpuinfo = Path("/proc/cpuinfo")
    text = cpuinfo.read_text("utf-8") if cpuinfo.exists() else ""
    names = [line.partition(": ")[2] for line in text.splitlines() if line.startswith("model name")]
    name = names[0] if names else platform.processor()
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{python}, {name}, {os.cpu_count()} cores"


def main() -> None:
    """Measures each program, and prints a table of it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=20)
    rounds = options.parse_args().rounds
    print(f"{machine()}; the least of {rounds} rounds, ms")
    with ThreadingHTTPServer(("127.0.0.1", 0), Stock) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        for name, program in PROGRAMS.items():
            if program is BOTO3 and find_spec("boto3") is None:
                continue
            print(f"\n| {name} | clock | CPU |\n|---|---|---|")
            steps = least(rounds, BEGIN + program + END, url)
            for step, (clock, cpu) in steps.items():
                print(f"| {step} | {clock:.1f} | {cpu:.1f} |")
            clock, cpu = (sum(step) for step in zip(*steps.values(), strict=True))
            print(f"| all of it | {clock:.1f} | {cpu:.1f} |")
        server.shutdown()


if __name__ == "__main__":
    main()
