"""What a query asks of keys that templates make, rule by rule, by what it finds."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Address
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import AwareDatetime, BaseModel

from dynrepo import (
    CodecError,
    Key,
    PartitionKey,
    Repository,
    SchemaError,
    SharedTable,
    SortKey,
)
from dynrepo.testing import MemoryStore

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TOP = "\U0010ffff"
EMOJI = "\U0001f600"


class Status(Enum):
    """Texts."""

    OPEN = "open"
    PAID = "paid"


class Post(BaseModel):
    """A field of each kind that a rule is about."""

    forum: str = "F"
    name: str = "n"
    number: int = 1
    at: AwareDatetime = NOON
    day: date = date(2026, 11, 29)
    uid: UUID = UUID(int=7)
    status: Status = Status.OPEN
    address: IPv4Address = IPv4Address("10.0.0.1")
    price: Decimal = Decimal(1)
    ratio: float = 0.5
    clock: time = time(12)
    is_open: bool = True
    maybe: str | None = None


def place_of(sort: str, partition: str = "F#{forum}", kind: Any = "S", **options: Any) -> Any:
    """A place in a table of its own."""

    class Table(SharedTable):
        table = "posts"
        key = Key("pk", "sk", types=("S", kind))

    return Table.place(partition, sort, **options)


def posts_in(sort: str, *posts: Post, partition: str = "F#{forum}", **options: Any) -> Any:
    """A repository of posts under such keys, with some posts in it."""

    class Posts(Repository[Post]):
        place = place_of(sort, partition, **options)

    made = Posts(MemoryStore(Posts))
    for post in posts:
        made.create(post)
    return made


def asked(query: Any) -> str:
    """What a query asks of the sort key, with the values in it; empty where that is nothing."""
    request = query.operation(None, None).request
    text: str = request["KeyConditionExpression"].partition(" AND ")[2].removesuffix(")")
    for name, attribute in request["ExpressionAttributeNames"].items():
        text = text.replace(name, attribute)
    for name, value in request["ExpressionAttributeValues"].items():
        text = text.replace(name, "".join(value.values()))
    return text


def found(posts: Any, *conditions: Any, field: str = "name") -> list[Any]:
    """A field of the posts of the one forum that meet some conditions."""
    condition = posts.fields.forum == "F"
    for each in conditions:
        condition &= each
    query = posts.query(condition)
    values = [getattr(post, field) for post in query]
    assert query.count() == len(values)
    return values


def named(*names: str) -> list[Post]:
    """Posts of these names."""
    return [Post(name=name) for name in names]


def numbered(*numbers: int) -> list[Post]:
    """Posts of these numbers."""
    return [Post(number=number) for number in numbers]


def test_rule_1_equality() -> None:
    """Of all fields it is that of the text, of some a beginning, of none nothing."""
    posts = posts_in("P#{number:03d}#{name}", *numbered(1, 10), Post(number=1, name="m"))
    f = posts.fields
    one = (f.forum == "F") & (f.number == 1)
    assert asked(posts.query(one & (f.name == "m"))) == "sk = P#001#m"
    assert asked(posts.query(one)) == "begins_with (sk, P#001#)"
    assert found(posts, f.number == 1) == ["m", "n"]
    assert found(posts, f.number == 1, f.name == "m") == ["m"]
    bare = posts_in("{name}", *named("a", "b"))
    assert asked(bare.query(bare.fields.forum == "F")) == ""
    assert found(bare) == ["a", "b"]


def test_rule_2_not_below_and_not_above() -> None:
    """With what follows the field, and without."""
    posts = posts_in("P#{number:03d}#{name}", *numbered(1, 2, 3))
    f = posts.fields
    assert asked(posts.query((f.forum == "F") & (f.number >= 2))) == (
        f"sk BETWEEN P#002 AND P#{TOP}{TOP}"
    )
    assert asked(posts.query((f.forum == "F") & (f.number <= 2))) == (
        f"sk BETWEEN P#\0 AND P#002#{TOP}"
    )
    assert found(posts, f.number >= 2, field="number") == [2, 3]
    assert found(posts, f.number <= 2, field="number") == [1, 2]
    assert found(posts, f.number.between(2, 2), field="number") == [2]
    last = posts_in("P#{number:03d}", *numbered(1, 2, 3))
    assert asked(last.query((last.fields.forum == "F") & (last.fields.number <= 2))) == (
        "sk BETWEEN P#\0 AND P#002"
    )
    assert found(last, last.fields.number.between(2, 3), field="number") == [2, 3]


def test_rule_3_above() -> None:
    """Not what begins with the value and goes on, where something follows; that, where nothing."""
    posts = posts_in("P#{number:03d}#{name}", *numbered(1, 2, 3))
    assert found(posts, posts.fields.number > 2, field="number") == [3]
    last = posts_in("P#{name}", *named("a", "a\0", "a#", "ab", "b"))
    f = last.fields
    assert asked(last.query((f.forum == "F") & (f.name > "a"))) == (
        f"sk BETWEEN P#a\0 AND P#{TOP}{TOP}"
    )
    assert found(last, f.name > "a") == ["a\0", "a#", "ab", "b"]


def test_rule_4_below() -> None:
    """The end is open, and the beginning is a text of the template."""
    posts = posts_in("P#{name}", *named("", "a", "a\0", "b", "b\0", EMOJI))
    f = posts.fields
    assert found(posts, f.name < "b") == ["", "a", "a\0"]
    assert found(posts, f.name < "b\0") == ["", "a", "a\0", "b"]
    assert found(posts, f.name < EMOJI) == ["", "a", "a\0", "b", "b\0"]
    fixed = posts_in("P#{number:03d}", *numbered(0, 1, 2))
    f = fixed.fields
    assert (
        asked(fixed.query((f.forum == "F") & (f.number < 2))) == f"sk BETWEEN P#\0 AND P#001{TOP}"
    )
    assert found(fixed, f.number < 2, field="number") == [0, 1]


def test_rule_5_the_greatest_character() -> None:
    """No value has it, whatever asks; U+FFFF is none, and emoji lie above it."""
    posts = posts_in("P#{name}", *named("a", "\uffff", EMOJI, "\U0010fffe"))
    f = posts.fields
    assert found(posts, f.name >= "b") == ["\uffff", EMOJI, "\U0010fffe"]
    assert found(posts, f.name > "\uffff") == [EMOJI, "\U0010fffe"]
    for wrong in (
        lambda: posts.create(Post(name=TOP)),
        lambda: posts.get(("F", f"a{TOP}")),
        lambda: posts.query((f.forum == "F") & (f.name > TOP)),
        lambda: posts.query((f.forum == "F") & f.name.startswith(TOP)),
        lambda: posts.query(f.forum == TOP),
    ):
        with pytest.raises(CodecError, match=r"Post\.(name|forum) in the template.*U\+10FFFF"):
            wrong()


class Plain(BaseModel):
    """With a key of its own."""

    id: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]


class Plains(Repository[Plain]):
    """Without a place."""

    table = "plains"


def test_rule_6_what_cannot_be() -> None:
    """No request is sent, for keys of either kind."""
    posts = posts_in("P#{number:03d}#{name}")
    nowhere = type(posts)(MemoryStore())  # without a table
    f = nowhere.fields
    for never in (
        f.number.between(9, 1),
        (f.number == 1) & (f.name < ""),
        (f.number == 1) & f.name.between("b", "a"),
    ):
        query = nowhere.query((f.forum == "F") & never)
        assert (query.all(), query.count(), query.first()) == ([], 0, None)
        assert query.page(2).items == []
    plain = Plains(MemoryStore())
    p = plain.fields
    assert plain.query((p.id == "a") & p.number.between(9, 1)).all() == []


def test_rule_7_long_bounds() -> None:
    """A text is too long or it is not; what is added to it is left off."""
    limit = 1024 - len("P#")
    names = ["a" * 1022, "a" * 1021, "b" * limit]
    posts = posts_in("P#{name}", *named(*names))
    f = posts.fields
    assert posts.get_many([("F", name) for name in names]) == named(*names)
    assert found(posts, f.name <= "a" * 1022) == [names[1], names[0]]
    assert found(posts, f.name > "a" * 1022) == [names[2]]
    assert found(posts, f.name < "b" * limit) == [names[1], names[0]]
    assert found(posts, f.name.startswith("b" * limit)) == [names[2]]
    for wrong in (
        lambda: posts.create(Post(name="a" * (limit + 1))),
        lambda: posts.query((f.forum == "F") & (f.name == "a" * (limit + 1))),
        lambda: posts.query((f.forum == "F") & (f.name < "a" * (limit + 1))),
        lambda: posts.query(f.forum == "f" * 2048),
    ):
        with pytest.raises(CodecError, match=r"the template.* (1024|2048) bytes"):
            wrong()


def test_rule_8_empty_texts() -> None:
    """A whole text is not empty; one of a constant and an empty value is fine."""
    posts = posts_in("{name}", partition="F#{forum}")
    with pytest.raises(CodecError, match=r"the template '\{name\}'"):
        posts.create(Post(name=""))
    with pytest.raises(CodecError, match=r"the template '\{name\}'"):
        posts.query((posts.fields.forum == "F") & (posts.fields.name == ""))
    fine = posts_in("P#{name}", Post(name="", forum=""))
    assert fine.get(("", "")) == Post(name="", forum="")
    assert fine.query(fine.fields.forum == "").count() == 1


def test_rule_8_another_template_is_that_text() -> None:
    """Two entities of one key are refused."""

    class Table(SharedTable):
        table = "two"
        key = Key("pk", "sk")

    class Posts(Repository[Post]):
        place = Table.place("F#{forum}", "X")

    with pytest.raises(SchemaError, match="F#"):

        class Plains(Repository[Plain]):
            place = Table.place("F#", "X")

    assert Posts.schema.name == "Post"


@pytest.mark.parametrize(
    ("sort", "ask"),
    [
        ("{name}#{number:03d}", lambda f: f.name > "a"),
        ("{number}", lambda f: f.number > 1),
        ("{name:lower}", lambda f: f.name > "a"),
        ("{name:escaped}", lambda f: f.name.between("a", "b")),
        ("{status}#{number:03d}", lambda f: f.status >= Status.OPEN),
    ],
)
def test_rule_9_another_order(sort: str, ask: Any) -> None:
    """A range of a form whose texts have another order than its values is refused."""
    posts = posts_in(sort, lossy=True)
    with pytest.raises(
        ValueError, match=r"Post: the template .* no ranges of \w+.* ask for single"
    ):
        posts.query((posts.fields.forum == "F") & ask(posts.fields))


def test_rule_9_the_order_of_values() -> None:
    """Numbers of a width, times, dates, UUIDs, free text that comes last or before U+0000."""
    dated = [Post(at=NOON + DAY * days, day=NOON.date() + DAY * days) for days in (0, 1, 2)]
    times = posts_in("{at}", *dated)
    assert found(times, times.fields.at > NOON, field="at") == [NOON + DAY, NOON + DAY * 2]
    days = posts_in("{day}#{name}", *dated)
    assert found(days, days.fields.day < NOON.date() + DAY, field="day") == [NOON.date()]
    ids = posts_in("{uid}", *[Post(uid=UUID(int=number)) for number in (1, 2, 10)])
    assert found(ids, ids.fields.uid >= UUID(int=2), field="uid") == [UUID(int=2), UUID(int=10)]
    ann = ["Ann", "Ann Lee", "Ann\x01"]
    free = posts_in("{name}\0{number:03d}", *named(*ann))
    assert found(free, free.fields.name > "Ann") == ["Ann\x01", "Ann Lee"]
    assert found(free, free.fields.name <= "Ann") == ["Ann"]


def test_rule_10_numbers() -> None:
    """One of a width takes no other; fractions need a form; a lone one is a number."""
    posts = posts_in("{number:08d}", *numbered(0, 99_999_999))
    assert found(posts, field="number") == [0, 99_999_999]
    for number in (-1, 100_000_000):
        with pytest.raises(CodecError, match=r"Post\.number in the template '\{number:08d\}'"):
            posts.create(Post(number=number))
        with pytest.raises(CodecError, match=r"Post\.number in the template '\{number:08d\}'"):
            posts.query((posts.fields.forum == "F") & (posts.fields.number < number))
    for name in ("price", "ratio"):
        with pytest.raises(SchemaError, match=f"Post.{name}.*1.00"):
            posts_in(f"{{{name}}}")
    alone = posts_in("{number}", *numbered(-7, 9, 10), kind="N")
    f = alone.fields
    assert alone.schema.encode(Post(number=9))["sk"] == {"N": "9"}
    assert found(alone, f.number > -8, field="number") == [-7, 9, 10]
    assert found(alone, f.number.between(9, 10), field="number") == [9, 10]


def test_rule_11_beginnings() -> None:
    """Of texts and times, and without what follows the field."""
    posts = posts_in("{name}#{number:03d}", *named("ab", "ac", "b"))
    f = posts.fields
    assert found(posts, f.name.startswith("a")) == ["ab", "ac"]
    with pytest.raises(CodecError, match=r"Post\.name in the template"):
        posts.query((f.forum == "F") & f.name.startswith("a#"))
    times = posts_in("{at}#{name}", Post(), Post(at=NOON + DAY * 30))
    assert found(times, times.fields.at.startswith("2026-11"), field="at") == [NOON]
    assert found(times, times.fields.at.startswith("2027")) == []
    for sort, ask in (
        ("{uid}", lambda f: f.uid.startswith("00")),
        ("{name:lower}", lambda f: f.name.startswith("a")),
        ("{name:escaped}#{number}", lambda f: f.name.startswith("a")),
    ):
        other = posts_in(sort, lossy=True)
        with pytest.raises(ValueError, match=r"has no beginnings of|startswith"):
            other.query((other.fields.forum == "F") & ask(other.fields))
    padded = posts_in("{number:03d}")
    with pytest.raises(CodecError, match="startswith needs"):
        padded.query((padded.fields.forum == "F") & padded.fields.number.startswith("0"))


def test_rule_12_what_follows_a_field() -> None:
    """Only its first character is forbidden, at definition where the values are known."""
    posts = posts_in("{name}#:{number:03d}", Post(name="C:"))
    assert posts.get(("F", "C:", 1)) == Post(name="C:")
    with pytest.raises(CodecError, match=r"Post\.name in the template.*'#'.*escaped"):
        posts.create(Post(name="C#"))
    with pytest.raises(SchemaError, match=r"values of status hold the 'p'"):
        posts_in("{status}paid{number}")
    escaped = posts_in("{name:escaped}#{number:03d}", Post(name="C#"), Post(name="C%23"))
    f = escaped.fields
    assert sorted(found(escaped)) == ["C#", "C%23"]
    assert found(escaped, f.name == "C#") == ["C#"]
    last = posts_in("P#{name}", Post(name="C#"))
    assert found(last, last.fields.name == "C#") == ["C#"]


def test_rule_13_a_bounded_text_has_no_fixed_width() -> None:
    """An address ends where it can be seen, and has no order."""
    with pytest.raises(SchemaError, match="after address, which has no fixed width"):
        posts_in("{address}{number:03d}")
    posts = posts_in("{address}#{number:03d}", Post(), Post(address=IPv4Address("9.0.0.1")))
    f = posts.fields
    with pytest.raises(ValueError, match="no ranges of address"):
        posts.query((f.forum == "F") & (f.address > IPv4Address("9.0.0.1")))
    assert found(posts, f.address == IPv4Address("9.0.0.1"), field="number") == [1]


@pytest.mark.parametrize(
    ("sort", "says"),
    [
        ("{at.year}", "between braces stand the name of a field"),
        ("{name[0]}", "between braces stand the name of a field"),
        ("{name!r}", "between braces stand the name of a field"),
        ("{}", "between braces stand the name of a field"),
        ("{name", "a brace without its other"),
        ("", "a template is a text"),
        ("{nome}", "has no field nome: .*name"),
        ("{number:>8}", "has no form '>8'"),
        ("{is_open}", "give it an Encoding"),
        ("{clock}", "give it an Encoding"),
        ("{maybe}", "names maybe, which may be None"),
    ],
)
def test_rule_14_syntax(sort: str, says: str) -> None:
    """What is no template of the model is refused where the repository is defined."""
    with pytest.raises(SchemaError, match=says):
        posts_in(sort)


def test_rule_14_braces() -> None:
    """Two are one."""
    posts = posts_in("{{{name}}}", Post(name="a"))
    assert posts.schema.encode(Post(name="a"))["sk"] == {"S": "{a}"}
    assert found(posts, posts.fields.name == "a") == ["a"]
    constant = posts_in("{{POST}}", Post(), partition="{forum}")
    assert asked(constant.query(constant.fields.forum == "F")) == "sk = {POST}"
    assert constant.scan().all() == [Post()]
