"""How many requests a call may send is what AWS's own settings say, as far as it is safe."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from pynamodb.connection import Connection

from dynrepo import DynamoStore, Settings
from dynrepo.aws.attempts import attempts_by
from dynrepo.errors import StoreError
from dynrepo.operations.operation import Operation
from dynrepo.sending.outcomes import Misconfigured
from tests.loopback import Loopback, answer, say

if TYPE_CHECKING:
    from pathlib import Path

GET: Operation[Any] = Operation("GetItem", "things", {"TableName": "things"}, lambda answer: answer)
BUSY = say(answer({"__type": "x#InternalServerError"}, status=500))


def configured(folder: Path, **settings: str) -> str:
    """The path of a configuration file whose default profile has these settings."""
    lines = "\n".join(f"{name} = {value}" for name, value in settings.items())
    (folder / "config").write_text(f"[default]\n{lines}\n")
    return str(folder / "config")


def sent_by(store: DynamoStore, server: Loopback) -> int:
    """How many requests a call of a store sends that is never answered well."""
    before = len(server.received)
    store.deadline = 60
    with pytest.raises(StoreError) as raised:
        store.execute(GET)
    sent = len(server.received) - before
    assert raised.value.attempts == sent
    return sent


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What this library logged of such settings."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name == "dynrepo" and "AWS_" in record.getMessage()
    ]


@pytest.mark.parametrize(
    ("environment", "profile", "given", "sent", "lines"),
    [
        ({}, {}, None, 4, 0),
        ({"AWS_MAX_ATTEMPTS": "2"}, {}, None, 2, 0),
        ({}, {"max_attempts": "2"}, None, 2, 0),
        ({"AWS_MAX_ATTEMPTS": "1"}, {"max_attempts": "3"}, None, 1, 0),
        ({"AWS_MAX_ATTEMPTS": "7"}, {}, None, 4, 1),
        ({"AWS_MAX_ATTEMPTS": "7"}, {}, 2, 2, 0),
        ({"AWS_MAX_ATTEMPTS": "1"}, {}, 3, 3, 0),
        ({"AWS_MAX_ATTEMPTS": ""}, {}, None, 4, 0),
        ({"AWS_RETRY_MODE": "adaptive"}, {}, None, 4, 1),
        ({"AWS_RETRY_MODE": "no mode at all"}, {}, 2, 2, 1),
        ({}, {"retry_mode": "legacy"}, None, 4, 1),
    ],
)
def test_what_a_store_sends(
    environment: dict[str, str],
    profile: dict[str, str],
    given: int | None,
    sent: int,
    lines: int,
    *,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The argument, the environment, the profile, in this order; what is not followed is told."""
    monkeypatch.setenv("AWS_CONFIG_FILE", configured(tmp_path, **profile))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    options: dict[str, Any] = {} if given is None else {"attempts": given}
    with Loopback(BUSY) as server, caplog.at_level(logging.WARNING, "dynrepo"):
        store = DynamoStore(region="eu-west-1", endpoint=server.url, **options)
        assert sent_by(store, server) == sent
        store.close()
        assert sent_by(store, server) == sent
        store.close()
    assert len(told(caplog)) == lines


def test_the_variable_of_this_library_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """`DYNREPO_ATTEMPTS` says it of this library alone."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("DYNREPO_ATTEMPTS", "2")
    with Loopback(BUSY) as server:
        store = DynamoStore(region="eu-west-1", endpoint=server.url)
        assert sent_by(store, server) == 2
        other = DynamoStore(region="eu-west-1", endpoint=server.url, settings=Settings())
        assert sent_by(other, server) == 1
        for opened in (store, other):
            opened.close()


def test_over_a_connection_of_the_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked, too; botocore's own repeats are the caller's affair."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
    with Loopback(BUSY) as server:
        connection = Connection(region="eu-west-1", host=server.url, max_retry_attempts=0)
        store = DynamoStore(connection=connection)
        assert sent_by(store, server) == 2
        store.close()


@pytest.mark.parametrize("text", ["abc", "0", "-1", "2.5"])
@pytest.mark.parametrize("transport", ["auto", "botocore"])
def test_what_is_no_number(monkeypatch: pytest.MonkeyPatch, text: str, transport: Any) -> None:
    """The first call says which setting is wrong, and sends nothing."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", text)
    with Loopback() as server:
        store = DynamoStore(region="eu-west-1", endpoint=server.url, transport=transport)
        with pytest.raises(StoreError, match="AWS_MAX_ATTEMPTS") as raised:
            store.execute(GET)
        assert not raised.value.retryable
        assert server.received == []
        store.close()


def session_with(**settings: str) -> Any:
    """What is asked of a botocore session."""
    return SimpleNamespace(get_scoped_config=lambda: settings)


def test_a_log_handler_that_raises_is_not_felt(monkeypatch: pytest.MonkeyPatch) -> None:
    """The call goes on."""

    def full(_: logging.LogRecord) -> bool:
        raise OSError("the disk is full")

    monkeypatch.setattr(logging.getLogger("dynrepo"), "handle", full)
    assert attempts_by(session_with(max_attempts="9", retry_mode="legacy"), None) == 4


def test_a_number_with_spaces() -> None:
    """As botocore reads it."""
    assert attempts_by(session_with(max_attempts=" 3 "), None) == 3
    with pytest.raises(Misconfigured, match="should be a number"):
        attempts_by(session_with(max_attempts=cast("Any", {"a": "b"})), None)
