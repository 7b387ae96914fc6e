"""Settings: from keywords or the environment, and a clear sentence where one is wrong."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel, SecretStr, ValidationError

from dynrepo import (
    AsyncContainer,
    AsyncDynamoStore,
    AsyncRepository,
    Container,
    DynamoStore,
    ForwardingStore,
    InvalidCursor,
    PartitionKey,
    Repository,
    Settings,
    SettingsError,
)
from dynrepo.settings import host_and_port, settings_of
from dynrepo.testing import MemoryStore
from tests.recorded import SECRET_KEY, leaks

if TYPE_CHECKING:
    from collections.abc import Callable

HUSH = "hush" * 8


def test_nothing_need_be_set() -> None:
    """What is not set is for the AWS environment."""
    assert Settings.from_environment({}) == Settings()
    assert Settings().region is None


def test_the_environment_is_read() -> None:
    """One variable a setting, in upper case; an empty one counts as not set."""
    settings = Settings.from_environment(
        {
            "DYNREPO_REGION": "eu-north-1",
            "AWS_REGION": "eu-west-1",
            "DYNREPO_TABLE_PREFIX": "staging-",
            "DYNREPO_DEADLINE": "2.5",
            "DYNREPO_STATSD": "",
            "DYNREPO_CURSOR_SECRET": f"{HUSH} {HUSH}",
            "DYNREPO_CURSOR_LIFETIME": "3600",
        }
    )
    assert settings.region == "eu-north-1"
    assert settings.table_prefix == "staging-"
    assert settings.deadline == 2.5
    assert settings.statsd is None
    assert settings.cursor_secret is not None
    assert settings.cursor_secret.get_secret_value() == f"{HUSH} {HUSH}"
    assert settings.cursor_lifetime == 3600.0


def test_the_region_may_be_aws_s() -> None:
    """AWS_REGION is what Lambda and ECS set, and what botocore does not read."""
    assert Settings.from_environment({"AWS_REGION": "eu-west-1"}).region == "eu-west-1"


def test_the_process_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a deployment changes without a change of code."""
    monkeypatch.setenv("DYNREPO_TABLE_PREFIX", "mine-")
    assert Settings.from_environment().table_prefix == "mine-"


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("DYNREPO_DEADLINE", "soon", "DYNREPO_DEADLINE: input should be a valid number"),
        ("DYNREPO_DEADLINE", "-1", "DYNREPO_DEADLINE: input should be greater than 0"),
        ("DYNREPO_ATTEMPTS", "0", "DYNREPO_ATTEMPTS: input should be greater than or equal to 1"),
        ("DYNREPO_ATTEMPTS", "5", "DYNREPO_ATTEMPTS: input should be less than or equal to 4"),
        ("DYNREPO_POOL_SIZE", "0", "DYNREPO_POOL_SIZE: input should be greater than 0"),
        ("DYNREPO_ENDPOINT", "localhost", "DYNREPO_ENDPOINT: should be a URL"),
        (
            "DYNREPO_ENDPOINT",
            "http://me:hush@host",
            "DYNREPO_ENDPOINT: should be a URL",
        ),
        ("DYNREPO_STATSD", "here:there", "DYNREPO_STATSD: should be host:port"),
        ("DYNREPO_STATSD", "host:99999", "DYNREPO_STATSD: should be host:port"),
        ("DYNREPO_STATSD_DIALECT", "x", "DYNREPO_STATSD_DIALECT: input should be 'plain' or"),
        ("DYNREPO_TABLE_PREFIX", "a b", "DYNREPO_TABLE_PREFIX: should have letters"),
        ("DYNREPO_CURSOR_SECRET", "hush", "DYNREPO_CURSOR_SECRET: a secret of cursors has 32"),
        ("DYNREPO_CURSOR_SECRET", "\n", "DYNREPO_CURSOR_SECRET: a secret of cursors has 32"),
        ("DYNREPO_CURSOR_LIFETIME", "0", "DYNREPO_CURSOR_LIFETIME: input should be greater"),
    ],
)
def test_a_wrong_variable_is_one_clear_sentence(variable: str, value: str, sentence: str) -> None:
    """It names the variable, and not what somebody wrote into it."""
    with pytest.raises(SettingsError) as raised:
        Settings.from_environment({variable: value})
    assert str(raised.value).startswith(sentence)
    assert "\n" not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize("make", [DynamoStore, AsyncDynamoStore, Container, AsyncContainer, None])
@pytest.mark.parametrize("wrong", ["DYNREPO_DEADLINE", "DYNREPO_TABEL_PREFIX"])
def test_no_frame_of_an_error_holds_the_environment(
    make: Callable[[], Any] | None, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tracker that records variables would get all secrets of a process that did not start."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    monkeypatch.setenv("DYNREPO_CURSOR_SECRET", HUSH)
    monkeypatch.setenv(wrong, "hush")
    with pytest.raises(SettingsError) as raised:
        (make or Settings.from_environment)()
    assert leaks(raised.value, "hush") == []
    assert raised.value.__context__ is None


def test_the_secret_is_not_shown() -> None:
    """Neither by repr nor by an error."""
    assert "hush" not in repr(Settings.from_environment({"DYNREPO_CURSOR_SECRET": HUSH}))
    for wrong in (4711, SecretStr("4711")):
        with pytest.raises(ValidationError) as raised:
            Settings(cursor_secret=wrong)  # type: ignore[arg-type]
        assert "4711" not in str(raised.value)


def test_a_secret_takes_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says what to install, when the settings are read; without a secret none is."""
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(SettingsError, match=r'^DYNREPO_CURSOR_SECRET: .* "dynrepo\[cursors\]"$'):
        Settings.from_environment({"DYNREPO_CURSOR_SECRET": HUSH})
    assert Settings.from_environment({}).cursor_secret is None


def test_a_misspelt_keyword_is_refused() -> None:
    """Pydantic would ignore it."""
    with pytest.raises(ValidationError, match="tabel_prefix"):
        Settings(tabel_prefix="x")  # type: ignore[call-arg]


def test_settings_fit_into_an_application_s_own() -> None:
    """They are a plain model."""

    class Mine(BaseModel):
        dynrepo: Settings = Settings()

    assert Mine.model_validate({"dynrepo": {"deadline": 1}}).dynrepo.deadline == 1


@pytest.mark.parametrize(
    "url", ["http://localhost:8000", "https://host/path", "http://[::1]:8000/"]
)
def test_an_endpoint_is_a_url(url: str) -> None:
    """With or without a port and a path."""
    assert Settings(endpoint=url).endpoint == url


class Note(BaseModel):
    """A key."""

    note_id: Annotated[str, PartitionKey()]


class Notes(Repository[Note]):
    """Some."""

    table = "notes"


class AsyncNotes(AsyncRepository[Note]):
    """Some, for tasks."""

    table = "notes"


MAKERS: dict[str, Callable[[], Any]] = {
    "DynamoStore()": DynamoStore,
    "AsyncDynamoStore()": AsyncDynamoStore,
    "Notes()": lambda: Notes().store,
    "AsyncNotes()": lambda: AsyncNotes().store,
    "Container()": lambda: Container(Notes).store,
    "AsyncContainer()": lambda: AsyncContainer(AsyncNotes).store,
    "a blocking one beside it": lambda: AsyncContainer().repository(Notes).store,
}
"""Whatever makes a store."""

VARIABLES = {
    "REGION": "eu-north-1",
    "ENDPOINT": "http://127.0.0.1:1",
    "TABLE_PREFIX": "staging-",
    "CONNECT_TIMEOUT": "0.5",
    "READ_TIMEOUT": "0.75",
    "DEADLINE": "2.5",
    "ATTEMPTS": "2",
    "POOL_SIZE": "7",
    "TRANSPORT": "botocore",
}


def by(store: Any) -> list[Any]:
    """What a store goes by, in the order of `VARIABLES`."""
    return [
        *(store._region, store._endpoint, store.table_prefix, *store._timeouts, store.deadline),
        *(store._attempts, store._pool_size, store._transport),
    ]


SET = ["eu-north-1", "http://127.0.0.1:1", "staging-", 0.5, 0.75, 2.5, 2, 7, "botocore"]
GIVEN = ["eu-west-1", "http://127.0.0.1:2", "", 1.5, 1.75, 4.5, 3, 9, "auto"]
UNSET = [None, None, "", 1.0, 3.0, 10.0, None, 50, "auto"]


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
class TestWhateverMakesAStore:
    """There is one rule."""

    def test_reads_every_variable(
        self, make: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """When the store is made: what is set later is for the next one."""
        before = make()
        for name, value in VARIABLES.items():
            monkeypatch.setenv(f"DYNREPO_{name}", value)
        assert by(make()) == SET
        assert by(before) == UNSET

    def test_refuses_a_name_that_is_misspelt(
        self, make: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Else its tables would have no prefix, which may be those of production."""
        monkeypatch.setenv("DYNREPO_TABEL_PREFIX", "hush")
        with pytest.raises(SettingsError) as raised:
            make()
        assert str(raised.value) == (
            "DYNREPO_TABEL_PREFIX: there is no such setting; the nearest is DYNREPO_TABLE_PREFIX"
        )

    def test_refuses_a_wrong_value(
        self, make: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Of a setting that is not the store's, too: its repositories go by it."""
        monkeypatch.setenv("DYNREPO_SLOW", "hush")
        with pytest.raises(SettingsError, match="DYNREPO_SLOW: input should be a valid number"):
            make()

    def test_leaves_the_rest_to_aws(
        self, make: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whose variables come after those of this library."""
        monkeypatch.setenv("AWS_REGION", "eu-west-3")
        assert make()._region == "eu-west-3"
        monkeypatch.setenv("DYNREPO_REGION", "eu-north-1")
        assert make()._region == "eu-north-1"


@pytest.mark.parametrize("store", [DynamoStore, AsyncDynamoStore])
class TestAnArgumentOfAStore:
    """It comes first."""

    def test_takes_the_place_of_a_variable(
        self, store: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Be it empty; None leaves it to the variable."""
        for name, value in VARIABLES.items():
            monkeypatch.setenv(f"DYNREPO_{name}", value)
        given = dict(zip([name.lower() for name in VARIABLES], GIVEN, strict=True))
        assert by(store(**given)) == list(given.values())
        assert by(store(**dict.fromkeys(given))) == SET

    def test_takes_the_place_of_a_wrong_one(
        self, store: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Which nobody looks at then; the other variables count, and their names."""
        monkeypatch.setenv("DYNREPO_DEADLINE", "soon")
        monkeypatch.setenv("DYNREPO_POOL_SIZE", "7")
        made = store(deadline=4.5)
        assert (made.deadline, made._pool_size) == (4.5, 7)
        with pytest.raises(SettingsError, match="DYNREPO_DEADLINE"):
            store(pool_size=9)
        monkeypatch.setenv("DYNREPO_DEADLINES", "5")
        with pytest.raises(SettingsError, match="DYNREPO_DEADLINES: there is no such setting"):
            store(deadline=4.5)

    def test_comes_before_settings(self, store: Any) -> None:
        """That are given beside it."""
        settings = Settings(table_prefix="t-", deadline=2.5)
        made = store(settings=settings, deadline=4.5)
        assert (made.table_prefix, made.deadline) == ("t-", 4.5)
        assert made.settings is settings

    def test_that_is_settings_has_no_variable_read(
        self, store: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Not even a wrong one; AWS's own environment counts all the same."""
        monkeypatch.setenv("DYNREPO_TABLE_PREFIX", "staging-")
        monkeypatch.setenv("DYNREPO_DEADLIEN", "soon")
        monkeypatch.setenv("AWS_REGION", "eu-west-3")
        assert by(store(settings=Settings())) == ["eu-west-3", *UNSET[1:]]


NAN, INFINITE = float("nan"), float("inf")

WRONG: list[tuple[str, Any, str | None, str]] = [
    ("transport", "x", "x", "input should be 'auto' or 'botocore'"),
    ("deadline", NAN, "nan", "input should be"),
    ("deadline", -1, "-1", "input should be greater than 0"),
    ("deadline", 0, "0", "input should be greater than 0"),
    ("deadline", "3", None, "input should be a valid number"),
    ("deadline", True, "True", "input should be a valid number"),
    ("connect_timeout", INFINITE, "inf", "input should be a finite number"),
    ("read_timeout", -INFINITE, "-inf", "input should be"),
    ("attempts", 0, "0", "input should be greater than or equal to 1"),
    ("attempts", 5, "5", "input should be less than or equal to 4"),
    ("attempts", True, "True", "input should be a valid integer"),
    ("attempts", 2.0, None, "input should be a valid integer"),
    ("attempts", "2", None, "input should be a valid integer"),
    ("pool_size", 0, "0", "input should be greater than 0"),
    ("endpoint", "ftp://x", "ftp://x", "should be a URL, as in http://localhost:8000"),
    ("endpoint", "localhost:8000", "localhost:8000", "should be a URL"),
    ("endpoint", "http://", "http://", "should be a URL"),
    ("endpoint", "http://a b", "http://a b", "should be a URL"),
    ("region", "", None, "should be a region, as in eu-west-1"),
    ("region", "eu west", "eu west", "should be a region, as in eu-west-1"),
    ("region", 3, None, "input should be a valid string"),
    ("table_prefix", 3, None, "input should be a valid string"),
    ("table_prefix", "a b", "a b", "should have letters, digits, `_`, `-` and `.`, 254 at most"),
]
"""Name, argument, variable (None where that is right, or nothing), and what an error begins with.

A variable is a text, so that one of digits is a number, and an empty one is not set.
"""


@pytest.mark.parametrize("store", [DynamoStore, AsyncDynamoStore])
def test_an_argument_is_as_right_as_its_variable(
    store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One rule for both, where the store is made; an error shows the argument, not the variable."""
    for name, argument, text, sentence in WRONG:
        with pytest.raises(SettingsError) as raised:
            store(**{name: argument})
        assert str(raised.value).startswith(f"{name}: {sentence}")
        assert str(raised.value).endswith(f"; given {argument!r}")
        assert raised.value.__context__ is None
        if text is not None:
            monkeypatch.setenv(f"DYNREPO_{name.upper()}", text)
            with pytest.raises(SettingsError, match=rf"^DYNREPO_{name.upper()}: [^;]*$"):
                store()
            monkeypatch.delenv(f"DYNREPO_{name.upper()}")


@pytest.mark.parametrize("make", [DynamoStore, AsyncDynamoStore, Container, AsyncContainer])
@pytest.mark.parametrize("wrong", [{"deadline": 3}, "staging-", Settings])
def test_settings_are_an_instance_of_them(make: Any, wrong: Any) -> None:
    """Else the first call would fail, or none, and the tables have no prefix."""
    with pytest.raises(SettingsError, match=r"^settings: should be an instance of Settings; given"):
        make(settings=wrong)


@pytest.mark.parametrize("given", [{"deadline": "3"}, {"deadline": NAN}, {"table_prefix": "a b"}])
def test_a_store_in_memory_takes_what_any_does(given: dict[str, Any]) -> None:
    """So that a mistake in what a test is given is seen there."""
    (name,) = given
    with pytest.raises(SettingsError, match=f"^{name}: "):
        MemoryStore(**given)


@pytest.mark.parametrize(
    "secret",
    [
        "http://ada:secret@127.0.0.1:1",
        "http://ada:sec/ret@127.0.0.1:1",
        "http://127.0.0.1:1?token=secret",
        "http://127.0.0.1:1#secret",
        "ada:secret@127.0.0.1:1",
    ],
)
@pytest.mark.parametrize("store", [DynamoStore, AsyncDynamoStore])
def test_an_endpoint_with_a_secret_is_refused_and_not_shown(store: Any, secret: str) -> None:
    """Logs and spans show where a store is."""
    with pytest.raises(SettingsError, match=r"^endpoint: .*; given a value of type str$") as raised:
        store(endpoint=secret)
    assert "secret" not in str(raised.value)


def test_a_region_is_told_by_the_variable_that_it_came_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """AWS's own is read, too, unless an argument or a variable of this library takes its place."""
    monkeypatch.setenv("AWS_REGION", "eu west")
    with pytest.raises(SettingsError, match=r"^AWS_REGION: should be a region"):
        DynamoStore()
    assert DynamoStore(region="eu-west-1")._region == "eu-west-1"
    monkeypatch.setenv("DYNREPO_REGION", "also wrong")
    with pytest.raises(SettingsError, match=r"^DYNREPO_REGION: should be a region"):
        DynamoStore()


def test_the_variables_are_read_for_no_store_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests go by what they say themselves, whatever the shell is set to that runs them."""
    monkeypatch.setenv("DYNREPO_TABLE_PREFIX", "staging-")
    monkeypatch.setenv("DYNREPO_DEADLIEN", "soon")
    memory = MemoryStore(Notes)
    assert Notes(memory).mapper.table == "notes"
    assert settings_of(memory) == settings_of(ForwardingStore(memory)) == Settings()


def test_a_repository_goes_by_the_settings_of_its_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """By those of the environment over a store that has none."""

    class Mine:
        settings = "something else"

    monkeypatch.setenv("DYNREPO_CURSOR_SECRET", "s" * 32)
    for store in (DynamoStore(), AsyncDynamoStore(), ForwardingStore(DynamoStore()), Mine()):
        assert settings_of(store).cursor_secret == SecretStr("s" * 32)
    assert settings_of(DynamoStore(settings=Settings())).cursor_secret is None
    monkeypatch.setenv("DYNREPO_SLOW", "soon")
    with pytest.raises(SettingsError, match="DYNREPO_SLOW"):
        settings_of(Mine())


def test_cursors_are_encrypted_by_the_secret_of_the_store() -> None:
    """For as long as its settings say, where the repository was given none of its own."""

    class Encrypting(ForwardingStore):
        settings = Settings(cursor_secret=SecretStr("s" * 32), cursor_lifetime=60)

    def later() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=120)

    memory = MemoryStore(Notes)
    notes = Notes(Encrypting(memory))
    notes.set_many([Note(note_id="1"), Note(note_id="2")])
    cursor = notes.scan().page(1).cursor
    assert len(Notes(memory, cursor_secret="s" * 32).scan().page(1, cursor).items) == 1
    for other in (
        Notes(memory),
        Notes(Encrypting(memory), cursor_secret=""),
        Notes(Encrypting(memory), clock=later),
        Notes(Encrypting(memory), cursor_secret="s" * 32, clock=later),
        Notes(memory, cursor_secret="s" * 32, cursor_lifetime=60, clock=later),
    ):
        with pytest.raises(InvalidCursor):
            other.scan().page(1, cursor)
    for other in (
        Notes(Encrypting(memory), cursor_lifetime=300, clock=later),
        Notes(memory, cursor_secret="s" * 32, clock=later),
    ):
        assert len(other.scan().page(1, cursor).items) == 1


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("DYNREPO_PREFIX", "DYNREPO_TABLE_PREFIX"),
        ("DYNREPO_ENDPOINT_URL", "DYNREPO_ENDPOINT"),
        ("DYNREPO_table_prefix", "DYNREPO_TABLE_PREFIX"),
        ("dynrepo_table_prefix", "DYNREPO_TABLE_PREFIX"),
        ("Dynrepo_Slow", "DYNREPO_SLOW"),
        ("DYNREPO_", "DYNREPO_SLOW"),
    ],
)
def test_a_misspelt_variable_is_told_with_the_nearest_name(name: str, nearest: str) -> None:
    """And without its value, which may be a secret; be it empty, it was meant to say something."""
    for value in ("hush", ""):
        with pytest.raises(SettingsError) as raised:
            Settings.from_environment({name: value, "DYNREPO_SLOW": "1"})
        assert str(raised.value) == f"{name}: there is no such setting; the nearest is {nearest}"
    assert Settings.from_environment({f"MY_{name}": "x"}) == Settings()


def test_settings_of_one_s_own_read_their_variables() -> None:
    """A subclass has fields besides, which are settings as well."""

    class Mine(Settings, frozen=True):
        colour: str

    assert Mine.from_environment({"DYNREPO_COLOUR": "red"}).colour == "red"
    with pytest.raises(SettingsError, match="DYNREPO_COLOUR: field required"):
        Mine.from_environment({})


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("localhost:8126", ("localhost", 8126)),
        ("statsd.internal", ("statsd.internal", 8125)),
        ("[::1]:9125", ("::1", 9125)),
    ],
)
def test_an_address_has_a_port(address: str, expected: tuple[str, int]) -> None:
    """Or StatsD's own."""
    assert host_and_port(address) == expected
