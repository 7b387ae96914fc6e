"""Settings: from keywords or the environment, and a clear sentence where one is wrong."""

from __future__ import annotations

import inspect

import pytest
from pydantic import BaseModel, ValidationError

from dynrepo import DynamoStore, Settings, SettingsError
from dynrepo.settings import host_and_port


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
            "DYNREPO_CURSOR_SECRET": "hush",
        }
    )
    assert settings.region == "eu-north-1"
    assert settings.table_prefix == "staging-"
    assert settings.deadline == 2.5
    assert settings.statsd is None
    assert settings.cursor_secret is not None
    assert settings.cursor_secret.get_secret_value() == "hush"


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
        ("DYNREPO_ENDPOINT", "localhost", "DYNREPO_ENDPOINT: string should match pattern"),
        (
            "DYNREPO_ENDPOINT",
            "http://me:hush@host",
            "DYNREPO_ENDPOINT: string should match pattern",
        ),
        ("DYNREPO_STATSD", "here:there", "DYNREPO_STATSD: should be host:port"),
        ("DYNREPO_STATSD", "host:99999", "DYNREPO_STATSD: should be host:port"),
        ("DYNREPO_STATSD_DIALECT", "x", "DYNREPO_STATSD_DIALECT: input should be 'plain' or"),
        ("DYNREPO_TABLE_PREFIX", "a b", "DYNREPO_TABLE_PREFIX: string should match pattern"),
    ],
)
def test_a_wrong_variable_is_one_clear_sentence(variable: str, value: str, sentence: str) -> None:
    """It names the variable, and not what somebody wrote into it."""
    with pytest.raises(SettingsError) as raised:
        Settings.from_environment({variable: value})
    assert str(raised.value).startswith(sentence)
    assert "\n" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_the_secret_is_not_shown() -> None:
    """Neither by repr nor by an error."""
    assert "hush" not in repr(Settings.from_environment({"DYNREPO_CURSOR_SECRET": "hush"}))
    with pytest.raises(ValidationError) as raised:
        Settings(cursor_secret=4711)  # type: ignore[arg-type]
    assert "4711" not in str(raised.value)


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


def test_a_store_takes_what_the_settings_say() -> None:
    """Its keywords are named as the settings are."""
    store = DynamoStore(**Settings(table_prefix="t-", region="eu-west-1").store_options)
    assert store.table_prefix == "t-"


def test_the_defaults_are_those_of_a_store() -> None:
    """Whoever goes from one to the other finds the same."""
    parameters = inspect.signature(DynamoStore).parameters
    defaults = {name: parameters[name].default for name in Settings().store_options}
    assert Settings().store_options == defaults


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
