"""botocore's data is what it is, however it is read."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.session import Session

from dynrepo.aws.loader import speed_up_loader

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def session() -> Session:
    """A session that is in a hurry."""
    made = Session()
    speed_up_loader(made)
    return made


@pytest.mark.parametrize("kind", ["service-2", "endpoint-rule-set-1", "paginators-1", "waiters-2"])
def test_the_data_is_that_of_botocore(session: Session, kind: str) -> None:
    """Each file of DynamoDB is read as the same, in the same order."""
    ours, theirs = (
        one.get_component("data_loader").load_service_model("dynamodb", kind)
        for one in (session, Session())
    )

    assert ours == theirs
    assert list(ours) == list(theirs)


@pytest.mark.parametrize("name", ["endpoints", "partitions", "sdk-default-configuration"])
def test_so_is_what_is_of_no_service(session: Session, name: str) -> None:
    """Regions, partitions and defaults are read as the same."""
    ours, theirs = (
        one.get_component("data_loader").load_data(name) for one in (session, Session())
    )

    assert ours == theirs


def test_other_clients_are_made(session: Session) -> None:
    """Credentials may come by the clients of other services."""
    client = session.create_client("sts", region_name="eu-west-1")

    assert client.meta.endpoint_url == "https://sts.eu-west-1.amazonaws.com"


def test_a_service_that_is_not_there(session: Session) -> None:
    """It is refused as ever."""
    with pytest.raises((UnknownServiceError, DataNotFoundError)):
        session.create_client("nothing", region_name="eu-west-1")


@pytest.mark.parametrize("packed", [False, True])
def test_data_of_the_users_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, packed: bool
) -> None:
    """AWS_DATA_PATH is looked through too, and its files may be packed."""
    folder = tmp_path / "mine" / "2026-01-01"
    folder.mkdir(parents=True)
    content: bytes = b'{"metadata": {"serviceId": "Mine"}}'
    if packed:
        (folder / "service-2.json.gz").write_bytes(gzip.compress(content))
    else:
        (folder / "service-2.json").write_bytes(content)
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    session = Session()
    speed_up_loader(session)

    loader: Any = session.get_component("data_loader")

    assert loader.load_service_model("mine", "service-2")["metadata"]["serviceId"] == "Mine"
