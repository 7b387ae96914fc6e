"""Forms of fields that fold values: where a key may have them, and what is found by them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import AwareDatetime, BaseModel

from dynrepo import CodecError, Index, ItemExists, Key, Repository, SchemaError, SharedTable

if TYPE_CHECKING:
    from dynrepo import Store

DAY = datetime(2026, 11, 29, tzinfo=UTC)
LAST = timedelta(days=1, milliseconds=-1)


class Inbox(SharedTable):
    """A table of mail."""

    table = "inbox"
    key = Key("pk", "sk")
    gsi1 = Index("gsi1pk", "gsi1sk")
    gsi2 = Index("gsi2pk", "gsi2sk")


class Mail(BaseModel):
    """With an address and a time, of which keys have forms."""

    address: str
    at: AwareDatetime
    subject: str = ""


class Mails(Repository[Mail]):
    """By day, where the time stands whole too."""

    place = Inbox.place(
        "DAY#{at:.10}",
        "{at:ms}#{address}",
        by_address=Inbox.gsi1("TO#{address:lower}", "{at}"),
        by_month=Inbox.gsi2("MONTH#{at:.7}", "{at:.13}#{address}"),
    )


class Box(BaseModel):
    """An account."""

    address: str
    size: int = 0


class Boxes(Repository[Box]):
    """By addresses, of which two spellings are one."""

    place = Inbox.place("BOX#{address:lower}", "BOX", lossy=True)


class Only(BaseModel):
    """Without a field in its key."""

    text: str = ""


class Onlies(Repository[Only]):
    """The only one."""

    place = Inbox.place("ONLY", "ONLY")


def mail(hours: float, address: str = "Ada@Example.org", **at: int) -> Mail:
    """A mail of some hours after the day has begun."""
    return Mail(address=address, at=(DAY + timedelta(hours=hours)).replace(**at))


@pytest.fixture
def mails(stores: Store) -> Mails:
    """Mails of three days, over each engine."""
    made = Mails(stores)
    made.create_table()
    for hours in (-1, 0, 12, 23.5, 24, 800):
        made.create(mail(hours))
    return made


def hours_of(query: Any) -> list[float]:
    """The hours of mails, in the order in which they are found."""
    return [(each.at - DAY) / timedelta(hours=1) for each in query]


def test_a_field_counts_once_in_a_key(mails: Mails) -> None:
    """Though two texts have it; one field is the bare value, none the empty tuple."""
    assert [field.name for field in mails.schema.key_fields] == ["at", "address"]
    assert mails.get((DAY, "Ada@Example.org")) == mail(0)
    assert mails.scan().keys().first() in [(each.at, each.address) for each in mails.scan()]
    boxes, only = Boxes(mails.store), Onlies(mails.store)
    boxes.create(Box(address="Ada@Example.org"))
    assert boxes.get("ada@example.ORG") == Box(address="Ada@Example.org")
    only.set(Only(text="x"))
    assert only.get(()) == Only(text="x")
    assert only.scan().keys().all() == [()]


def test_two_spellings_are_one_item(mails: Mails) -> None:
    """Where the place says so, by every verb; what is read has the spelling that is stored."""
    boxes = Boxes(mails.store)
    stored = boxes.create(Box(address="Ada@Example.org"))
    with pytest.raises(ItemExists) as raised:
        boxes.create(Box(address="ADA@example.org"))
    assert raised.value.item == stored
    assert boxes.get_many(["ADA@example.org", "bob"]) == [stored, None]
    f = boxes.fields
    assert boxes.query(f.address == "ADA@EXAMPLE.ORG").all() == [stored]
    assert boxes.update("aDA@example.org", f.size.add(1)).address == "Ada@Example.org"
    assert boxes.save(Box(address="ADA@example.org", size=7)).size == 7
    assert [box.address for box in boxes.scan()] == ["ADA@example.org"]
    with pytest.raises(ValueError, match="Box: address cannot be read from a key"):
        boxes.scan().keys()
    deleted = boxes.delete("ada@example.org")
    assert deleted is not None
    assert boxes.scan().all() == []


def test_a_table_key_folds_what_stands_whole_in_it_or_is_said_to() -> None:
    """Elsewhere it is refused, with the field and the cure."""

    class Table(SharedTable):
        table = "folded"
        key = Key("pk", "sk")
        gsi1 = Index("gsi1pk", "gsi1sk")

    for templates in (("M#{address:lower}", "X"), ("M", "{at:.10}#{address}")):
        with pytest.raises(SchemaError, match=r"two values of (address|at) .* lossy=True"):

            class Refused(Repository[Mail]):
                place = Table.place(*templates)

    class Taken(Repository[Mail]):
        place = Table.place("M#{address:lower}", "{address}#{at:.10}", lossy=True)

    with pytest.raises(ValueError, match="Mail: at cannot be read from a key"):
        Taken(Nowhere()).scan().keys()  # type: ignore[arg-type]

    class Whole(Repository[Mail]):
        place = Table.place("W#{at:.4}", "{at}#{address}", by=Table.gsi1("{address:lower}", "X"))

    assert Whole.schema.folded == frozenset()


class Nowhere:
    """A store that is not asked."""

    table_prefix = ""
    deadline = 10.0
    location: Any = None

    def sleep(self, _seconds: float, /) -> None:
        """Does not wait."""

    def execute(self, _: Any) -> Any:
        """Is not asked."""


def test_equality_is_that_of_the_form(mails: Mails) -> None:
    """Where a key has nothing else of the field; where it stands whole, of the whole."""
    f = mails.fields
    by_address = mails.query(f.address == "ADA@EXAMPLE.ORG", index="by_address")
    assert hours_of(by_address) == [-1, 0, 12, 23.5, 24, 800]
    assert by_address.count() == 6
    of_month = mails.query((f.at == DAY), index="by_month")
    assert hours_of(of_month) == [0]
    assert hours_of(mails.query(f.at == DAY)) == [0]
    assert hours_of(mails.query(f.at == DAY + timedelta(hours=1))) == []


def test_a_time_is_cut_from_what_is_stored(mails: Mails) -> None:
    """One instant has one day, whatever offset it is given with; no form is one of Python's."""
    zone = timezone(timedelta(hours=-5))
    same = Mail(address="bob", at=DAY.astimezone(zone))
    assert same.at.day != DAY.day
    item = mails.schema.encode(same)
    assert item["pk"] == {"S": "DAY#2026-11-29"}
    assert item["gsi2pk"] == {"S": "MONTH#2026-11"}
    mails.create(same)
    assert mails.get((DAY, "bob")) == same
    assert len(mails.query(mails.fields.at == DAY).all()) == 2

    for form in ("%Y", ".8", ".27", ">10"):
        with pytest.raises(SchemaError, match=r"Mail\.at: aware datetime has no form"):

            class Refused(Repository[Mail]):
                place = Inbox.place(f"BAD#{{at:{form}}}", "{at}#{address}")


def test_a_range_within_one_partition_is_asked(mails: Mails) -> None:
    """Both ends are in it; all else would be several queries, and the error says how many."""
    f = mails.fields
    assert hours_of(mails.query(f.at.between(DAY, DAY + LAST))) == [0, 12, 23.5]
    noon = DAY + timedelta(hours=12)
    assert hours_of(mails.query(f.at.between(noon, noon))) == [12]
    assert hours_of(mails.query(f.at.between(noon, DAY + LAST), descending=True)) == [23.5, 12]
    assert hours_of(mails.query(f.at.startswith("2026-11-29T1"))) == [12]
    assert hours_of(mails.query(f.at.startswith("2026-11-29"))) == [0, 12, 23.5]
    assert hours_of(mails.query(f.at.startswith("2026-11"), index="by_month")) == [
        -1,
        0,
        12,
        23.5,
        24,
    ]
    assert mails.query(f.at.between(noon, DAY)).all() == []
    for ask, count in (
        (f.at.between(DAY, DAY + timedelta(days=2)), "3 partitions"),
        (f.at.between(DAY, DAY + timedelta(days=1)), "2 partitions"),
        (f.at >= DAY, "any number of partitions"),
        (f.at < DAY, "any number of partitions"),
        (f.at.startswith("2026-11"), "any number of partitions"),
    ):
        with pytest.raises(ValueError, match=f"`at` is asked for in {count}.*by between"):
            mails.query(ask)
    with pytest.raises(ValueError, match="15 partitions"):
        mails.query(f.at.between(DAY, DAY + timedelta(days=400)), index="by_month")
    within = f.at.between(DAY, DAY + timedelta(minutes=30))
    with pytest.raises(ValueError, match="holds the beginning of `at` only"):
        mails.query(within, index="by_month")
    hour = f.at.between(DAY, DAY + timedelta(hours=1, microseconds=-1))
    assert hours_of(mails.query(hour, index="by_month")) == [0]


def test_times_are_written_as_javascript_does(mails: Mails) -> None:
    """In whole milliseconds; what is finer is refused, and what is asked has the same form."""
    assert mails.schema.encode(mail(0))["sk"] == {"S": "2026-11-29T00:00:00.000Z#Ada@Example.org"}
    exact = mail(1, microsecond=5000)
    mails.create(exact)
    assert mails.get(exact) == exact
    assert hours_of(mails.query(mails.fields.at == exact.at)) == hours_of([exact])
    for wrong in (
        lambda: mails.create(mail(1, microsecond=1)),
        lambda: mails.get((DAY.replace(microsecond=1), "x")),
        lambda: mails.query(mails.fields.at == DAY.replace(microsecond=1)),
    ):
        with pytest.raises(CodecError, match=r"Mail\.at in the template.*finer than milliseconds"):
            wrong()
