"""Credentials that are slow, fail or are gone: valid ones are used, and no call waits unduly."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from botocore.credentials import Credentials, RefreshableCredentials
from pydantic import BaseModel

from dynrepo import DynamoStore, PartitionKey, Repository, deadline, errors
from dynrepo.aws import credentials, pending
from dynrepo.aws.credentials import REFRESH, SharedCredentials
from dynrepo.sending.outcomes import CredentialsUnusable, DeadlineExceeded, NotPrepared
from tests.loopback import Loopback, soon, wait_until
from tests.providers import Process, Provider
from tests.stopwatch import Stopwatch
from tests.threads import running

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


class Visit(BaseModel):
    """An item of these tests."""

    id: Annotated[str, PartitionKey()]
    number: int = 0


class Visits(Repository[Visit]):
    """All visits."""

    table = "visits"


@pytest.fixture(params=["direct", "botocore"])
def transport(request: pytest.FixtureRequest) -> Any:
    """Each sender, as a store is told to use it."""
    return "auto" if request.param == "direct" else "botocore"


def refuse() -> None:
    """A provider that is down."""
    raise OSError("no answer")


def key_of(shared: SharedCredentials, seconds: float = 60) -> str:
    """The access key that a request is signed with now."""
    return str(shared.frozen(soon(seconds)).access_key)


class TestShared:
    """What the callers of one store get, of a provider that does what it likes."""

    def test_valid_ones_are_used_while_newer_ones_are_got(self) -> None:
        """No caller waits, and the provider is asked once."""
        provider, go_on = Provider(minutes=12), threading.Event()
        shared = provider.credentials()
        provider.before = lambda: go_on.wait(30)
        assert {key_of(shared, 0) for _ in range(20)} <= {"KEY1"}
        wait_until(lambda: provider.asked == 2)
        assert {key_of(shared, 0) for _ in range(20)} == {"KEY1"}
        go_on.set()
        wait_until(lambda: key_of(shared) == "KEY2")
        assert provider.asked <= 3

    @pytest.mark.parametrize("minutes", [12, 5])
    def test_valid_ones_are_used_when_no_newer_ones_are_got(
        self, monkeypatch: pytest.MonkeyPatch, minutes: float
    ) -> None:
        """To their last minute; newer ones are asked for again a moment later."""
        monkeypatch.setattr(credentials, "_PACE", 0.0)
        provider = Provider(minutes)
        shared = provider.credentials()
        provider.before = refuse
        for asked in (2, 3):
            assert key_of(shared) == "KEY1"
            wait_until(lambda asked=asked: provider.asked >= asked)
            wait_until(lambda: shared._look.running is None)
        provider.before = lambda: None
        wait_until(lambda: key_of(shared) != "KEY1")

    def test_expired_ones_that_a_refresh_brings_do_not_replace_valid_ones(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A provider with a wrong clock takes nothing away."""
        monkeypatch.setattr(credentials, "_PACE", 0.0)
        provider = Provider(minutes=12)
        shared = provider.credentials()
        provider.minutes = -5
        assert key_of(shared) == "KEY1"
        wait_until(lambda: provider.given >= 2 and shared._look.running is None)
        assert key_of(shared) == "KEY1"

    def test_what_lasts_is_not_asked_about(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nobody refreshes credentials that are good for an hour."""
        shared = Provider(minutes=60).credentials()
        monkeypatch.setattr(credentials, "_PACE", 60.0)
        key_of(shared)
        monkeypatch.setattr(RefreshableCredentials, "refresh_needed", None)
        assert [key_of(shared, 0) for _ in range(3)] == ["KEY1"] * 3

    def test_without_valid_ones_all_wait_for_one_look(self) -> None:
        """Each as long as it may, and the error says what took the time."""
        provider, go_on = Provider(minutes=-1), threading.Event()
        shared = provider.credentials()
        provider.before, provider.minutes = (lambda: go_on.wait(30)), 60
        late: list[str] = []

        def call() -> None:
            with pytest.raises(DeadlineExceeded) as raised:
                shared.frozen(time.monotonic() + 0.05)
            late.append(raised.value.remedy)

        callers = [threading.Thread(target=call) for _ in range(8)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join(30)
        assert len(late) == 8
        assert all("the AWS credentials took the time" in remedy for remedy in late)
        wait_until(lambda: provider.asked > 1)
        assert provider.asked == 2
        go_on.set()
        assert key_of(shared) == "KEY2"

    def test_who_may_not_wait_is_told_what_to_wait_for(self) -> None:
        """It is what all others wait for, and what comes of it is ready from then on."""
        provider, go_on = Provider(minutes=-1), threading.Event()
        shared = provider.credentials()
        provider.before, provider.minutes = (lambda: go_on.wait(30)), 60
        assert shared.ready() is None
        first, second = shared.pending(soon()), shared.pending(soon())
        assert first.task is second.task
        go_on.set()
        assert first.task.wait(first.seconds)
        assert first.result().access_key == shared.ready().access_key == "KEY2"

    def test_no_call_waits_longer_than_for_anything_else(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """However long it may take."""
        monkeypatch.setattr(pending, "PATIENCE", 0.05)
        go_on = threading.Event()
        shared = SharedCredentials(lambda: go_on.wait(30))
        with pytest.raises(NotPrepared):
            key_of(shared)
        go_on.set()

    def test_a_look_that_hangs_is_left_to_its_thread(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Later on another one begins, with nothing that the first one holds."""
        go_on = threading.Event()
        looks: list[int] = []

        def find() -> Credentials:
            looks.append(1)
            if len(looks) == 1:
                go_on.wait(30)
            return Credentials("KEY", "made-up")

        shared = SharedCredentials(find)
        with pytest.raises(DeadlineExceeded):
            key_of(shared, 0.05)
        monkeypatch.setattr("dynrepo.aws.tasks.GIVEN_UP", 0.0)
        assert key_of(shared) == "KEY"
        go_on.set()

    def test_none_are_looked_for_again_in_a_moment(self) -> None:
        """Not by every call."""
        looks: list[int] = []
        shared = SharedCredentials(lambda: looks.append(1))
        for _ in range(5):
            with pytest.raises(CredentialsUnusable):
                key_of(shared)
        assert looks == [1]
        shared._look_again = 0.0
        with pytest.raises(CredentialsUnusable):
            key_of(shared)
        assert looks == [1, 1]

    def test_a_botocore_that_does_not_tell_is_asked_each_time(self) -> None:
        """In time, too."""
        keys = iter(["first", "second"])
        go_on = threading.Event()

        class Strange:
            def get_frozen_credentials(self) -> Any:
                key = next(keys, None)
                if key is None:
                    go_on.wait(30)
                return Credentials(str(key), "made-up").get_frozen_credentials()

        shared = SharedCredentials(Strange)
        assert shared.ready() is None
        assert [key_of(shared), key_of(shared)] == ["first", "second"]
        assert shared.account_id is None  # of those that were given last: nobody is asked again
        with pytest.raises(DeadlineExceeded):
            key_of(shared, 0.05)
        go_on.set()

    def test_what_else_botocore_asks_them(self) -> None:
        """The account, by name and later, and how they were found."""
        shared = SharedCredentials(lambda: Credentials("KEY", "made-up", account_id="123"))
        assert getattr(shared, "method", None) is None
        assert shared.get_deferred_property("account_id")() == "123"
        assert (shared.account_id, shared.method) == ("123", "explicit")
        refreshed = Provider().credentials()
        assert (refreshed.account_id, refreshed.get_frozen_credentials().access_key) == (
            None,
            "KEY1",
        )
        assert refreshed.account_id is None


@pytest.fixture
def without_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No keys in the environment; a configuration of the test's own."""
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    return monkeypatch


@contextmanager
def visits_over(server: Loopback, transport: Any, **options: Any) -> Generator[Visits]:
    """A repository over a store of its own."""
    store = DynamoStore(region="eu-west-1", endpoint=server.url, transport=transport, **options)
    yield Visits(store, instruments=[])
    store.close()


@pytest.mark.usefixtures("without_keys")
def test_a_process_that_hangs(tmp_path: Path, transport: Any) -> None:
    """Each call ends when it must, by an error in words, and one process is run for all."""
    process = Process(tmp_path, "hangs")
    before = threading.enumerate()
    with Loopback() as server, visits_over(server, transport, deadline=0.5) as visits:
        visits.store.location  # noqa: B018 - prepares, so that the times are those of calls
        watch = Stopwatch()
        for call in (lambda: visits.get("1"), lambda: visits.set(Visit(id="1"))):
            with pytest.raises(errors.Timeout, match="the AWS credentials took the time"):
                call()
        with (
            pytest.raises(errors.Timeout, match="the AWS credentials took the time"),
            deadline(0.2),
        ):
            visits.update("1", visits.fields.number.add(1))
        assert watch.seconds < 5
        health = [visits.health_check() for _ in range(2)]
        assert [found.details["error"] for found in health] == ["Timeout"] * 2
        wait_until(lambda: process.calls > 0)  # it may have taken long to start
        assert (process.calls, len(running(REFRESH, before)), server.received) == (1, 1, [])
    assert len(running("dynrepo-health", before)) <= 1
    process.does("fails")


@pytest.mark.usefixtures("without_keys")
def test_a_process_that_hangs_while_its_credentials_are_valid(
    tmp_path: Path, transport: Any
) -> None:
    """They are good for twelve more minutes, and calls are answered."""
    process = Process(tmp_path, "12")
    with Loopback() as server, visits_over(server, transport, deadline=5) as visits:
        assert visits.get("1") is None
        process.does("hangs")
        for _ in range(5):
            assert visits.get("1") is None
        assert process.calls <= 2
    process.does("fails")
    assert len(server.received) == 6


@pytest.mark.parametrize("does", ["fails", "no JSON", "-5"])
@pytest.mark.usefixtures("without_keys")
def test_a_process_that_gives_nothing_valid(tmp_path: Path, transport: Any, does: str) -> None:
    """Nothing is sent, of a write as well, and it is not tried four times."""
    process = Process(tmp_path, does)
    with Loopback() as server, visits_over(server, transport) as visits:
        for number, call in enumerate(
            (
                lambda: visits.get("1"),
                lambda: visits.set(Visit(id="1")),
                lambda: visits.update("1", visits.fields.number.add(1)),
                lambda: visits.create(Visit(id="1")),
            )
        ):
            with pytest.raises(errors.CredentialsMissing, match="credentials") as raised:
                call()
            assert (raised.value.attempts, raised.value.retryable) == (1, False)
            assert process.calls <= 2 * (number + 1)
        process.does("60")
        assert visits.get("1") is None
    assert len(server.received) == 1


def _no_process(folder: Path, _: pytest.MonkeyPatch) -> None:
    (folder / "config").write_text("[default]\ncredential_process = /nowhere/process\n")


def _no_token_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(folder / "gone"))
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/test")


def _no_sts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "token").write_text("token")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(folder / "token"))
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/test")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


def _sso_expired(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "config").write_text(
        "[default]\nsso_start_url = https://sso.example\nsso_region = eu-west-1\n"
        "sso_account_id = 123456789012\nsso_role_name = test\n"
    )
    monkeypatch.setenv("HOME", str(folder))


def _container_garbage(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del folder
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/creds")


def _half_a_pair(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del folder
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "half")


@pytest.mark.parametrize(
    "fault",
    [_no_process, _no_token_file, _no_sts, _sso_expired, _container_garbage, _half_a_pair],
    ids=lambda fault: fault.__name__[1:],
)
def test_credentials_that_cannot_be_got(
    tmp_path: Path, without_keys: pytest.MonkeyPatch, transport: Any, fault: Any
) -> None:
    """Nothing is sent, and read and write say so at the first attempt."""
    fault(tmp_path, without_keys)
    without_keys.setattr("botocore.utils.ContainerMetadataFetcher.SLEEP_TIME", 0)
    with Loopback() as server, visits_over(server, transport) as visits:
        for call in (lambda: visits.get("1"), lambda: visits.create(Visit(id="1"))):
            with pytest.raises(errors.CredentialsMissing, match="credentials") as raised:
                call()
            assert (raised.value.attempts, raised.value.retryable) == (1, False)
    assert server.received == []


def test_an_endpoint_for_credentials_that_hangs_while_they_are_valid(
    without_keys: pytest.MonkeyPatch, transport: Any
) -> None:
    """Calls are answered as if nothing were amiss, and one request waits at that endpoint."""
    expiry = (datetime.now(UTC) + timedelta(minutes=12)).strftime("%Y-%m-%dT%H:%M:%SZ")
    given = {"AccessKeyId": "KEY", "SecretAccessKey": "made-up", "Token": "made-up"}
    body = json.dumps({**given, "Expiration": expiry}).encode()
    asked: list[int] = []
    go_on = threading.Event()

    def serve(connection: Any, _: Any) -> None:
        asked.append(1)
        if len(asked) > 1:
            go_on.wait(30)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    with Loopback(serve) as metadata, Loopback() as server:
        without_keys.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{metadata.url}/credentials")
        with visits_over(server, transport, deadline=5) as visits:
            watch = Stopwatch()
            for _ in range(5):
                assert visits.get("1") is None
            assert watch.seconds < 5
        assert len(asked) <= 2
        go_on.set()
