"""The library in one minute: real requests to a real service on a real engine.

    python docs/examples/demo.py

starts an engine, starts the HTTP service of `service.py` as a process of its own, sends it requests
and shows what came of them: the responses, the StatsD lines, the spans and the log lines that
arrived here, and the health of the service before and after one of its tables is dropped.
"""

import argparse
import logging
import signal
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT))  # for `models`, and for `dynrepo` where it is not installed

try:
    import screen
    import source
    from stage import DemoError, Reply, Stage, stage

    from dynrepo.container import FRESH
except ModuleNotFoundError as missing:
    sys.exit(f"demo: {missing.name} is not installed; `pip install tox && tox run -e demo` has it")


ENDING = {
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
}


def main() -> int:
    """0 when all went well, 1 with one sentence when not, 130 after Ctrl-C."""
    options = _options()
    for number in ENDING:
        signal.signal(number, _interrupt)
    # The service logs; this program tells what it does in its own words.
    logging.getLogger("dynrepo").addHandler(logging.NullHandler())
    started = time.monotonic()
    try:
        with stage(options.port, options.engine) as running:
            _story(running)
    except KeyboardInterrupt:
        print("\ndemo: interrupted; nothing is left behind", file=sys.stderr)
        return 130
    except DemoError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    screen.fact(
        "took", f"{time.monotonic() - started:.1f} s; tables, service and engine are gone again"
    )
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="demo.py",
        description=(
            "Starts a DynamoDB engine and the HTTP service of docs/examples/service.py, sends it"
            " requests, and shows the responses and what dynrepo's instruments saw of them."
        ),
        epilog=(
            "With AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL or AWS_PROFILE set, no engine is"
            " started: the demo runs there, in tables with a prefix of its own, which it creates"
            " and removes. Ctrl-C ends it at any time and leaves nothing behind."
        ),
    )
    parser.add_argument(
        "--port", type=int, default=0, help="port of the HTTP service (default: a free one)"
    )
    parser.add_argument(
        "--engine",
        choices=("auto", "ministack", "moto"),
        help="start this engine, whatever the AWS variables say (auto: the first to be had)",
    )
    return parser.parse_args()


def _interrupt(*_: Any) -> NoReturn:
    """Ends the demo, once: while it tidies up, a second Ctrl-C changes nothing."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


ADA = {"email": "ada@example.org", "name": "Ada Lovelace", "tags": ["mathematics"]}
FIRST = (
    "^ slow, once: the first call of a process opens the client, which loads botocore, finds"
    " region and credentials, and connects. A service that calls container.connect() when it"
    " starts has that behind it."
)
LOOM = {"lines": [{"sku": "loom", "quantity": 3, "price": "49.95"}]}
NOBODY = "/users/00000000-0000-4000-8000-000000000000"


def _story(running: Stage) -> None:
    _model()
    placed = _requests(running)
    _instruments(running, placed)
    _health(running)
    _count(running)


def _model() -> None:
    screen.say()
    screen.heading("1  A model and its repository")
    screen.note(
        "The model is plain Pydantic, its markers name the keys. The repository has the verbs; a"
        " blocking one, Users, shares the table and the conditions with it. From models/user.py:"
    )
    screen.code(source.class_of("models/user.py", "User"))
    for name in ("UserTable", "AsyncUsers"):
        screen.code(["", *source.class_of("models/user.py", name)])
    screen.say()


def _requests(running: Stage) -> Reply:
    """Tells of the requests; returns the reply of the one to look at more closely."""
    shown: set[str] = set()

    def ask(endpoint: str, method: str, path: str, body: Any = None) -> Reply:
        screen.request(method, path, body)
        if endpoint not in shown:
            screen.code(source.body_of("docs/examples/service.py", endpoint))
            shown.add(endpoint)
        reply = running.send(method, path, body)
        first = len(running.replies) == 1
        cost = f"{reply.milliseconds:.1f} ms, {reply.cost}"
        screen.response(reply.status, reply.body, cost, FIRST if first else "")
        return reply

    screen.heading("2  HTTP in, typed items out")
    screen.note(
        "Real requests to the service, and behind a bar the lines of docs/examples/service.py that"
        " they run. Then what came back: the HTTP status, the milliseconds it took, and what it"
        " used of DynamoDB: calls, capacity units (AWS bills these) and retries.",
    )
    ada = "/users/" + ask("sign_up", "POST", "/users", ADA).json["user_id"]
    ask("change_profile", "PUT", ada, {**ADA, "tags": ["mathematics", "engines"]})
    ask("profile", "GET", ada)
    placed = ask("place_order", "PUT", f"{ada}/orders/1", LOOM)
    ask("place_order", "PUT", f"{ada}/orders/1", LOOM)
    ask("list_orders", "GET", f"{ada}/orders?at_least=50")
    ask("cancel_order", "DELETE", f"{ada}/orders/1")
    ask("profile", "GET", NOBODY)
    return placed


def _instruments(running: Stage, placed: Reply) -> None:
    received = running.received
    screen.heading("3  What the instruments saw of the first order")
    screen.note(
        "Spans, by OpenTelemetry: the HTTP request, in it dynrepo's calls, in them botocore's."
        " On the right stand the kind of span, the library that made it and how long it took;"
        " below dynrepo's own, all their attributes."
    )
    screen.span_tree(received.spans_of(placed.trace))
    screen.note(
        "StatsD lines, as they arrived by UDP: name:value|ms is a timing, name:value|c a counter."
    )
    screen.statsd_lines(placed.statsd)
    screen.note(
        "Logs, as the service wrote them: Python's logging, with fields. The duration is in"
        " seconds, the capacity in units."
    )
    screen.log_lines(received.logs_of(placed.trace))
    screen.say()


def _health(running: Stage) -> None:
    screen.heading("4  Health, with the table and without it")
    screen.note(
        "The service asks DynamoDB about each of its tables, and answers 503 when one is missing."
        " The sender is botocore's, because its spans are wanted here; without them dynrepo's own"
        " sends, with less work for the processor."
    )
    _look(running)
    name = running.store.table_prefix + running.orders.table
    screen.code([f'orders.drop_table(confirm="{name}")'])
    running.orders.drop_table(confirm=name)
    time.sleep(FRESH)  # for so long a health check answers everybody who asks
    screen.say()
    _look(running)


def _look(running: Stage) -> None:
    path = "/.well-known/health"
    screen.request("GET", path, None)
    reply = running.send("GET", path)
    screen.health(reply.status, reply.json)


def _count(running: Stage) -> None:
    replies = running.replies
    timings = [line for reply in replies for line in reply.statsd if line.endswith("|ms")]
    calls, logs = running.received.of_calls(len(timings))
    seen = f"{calls}{timings}{logs}"
    leaked = [name for name in ("user_id", "email", "name") if replies[0].json[name] in seen]

    screen.heading("5  In numbers")
    screen.say()
    screen.fact("requests", f"{len(replies)} by HTTP, which made {len(calls)} calls to DynamoDB")
    screen.fact("seen as", f"{len(calls)} spans, {len(timings)} timings, {len(logs)} log lines")
    screen.fact(
        "leaked", ", ".join(leaked) or "nothing: Ada's id, address and name are in none of them"
    )


if __name__ == "__main__":
    sys.exit(main())
