"""The fields of a model by name, as paths for conditions and actions."""

from __future__ import annotations

import subprocess
import sys
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field

from dynrepo import Attribute, CodecError, PartitionKey, schema_of
from dynrepo.expressions.fields import FieldPaths
from dynrepo.expressions.trees import render


class Thing(BaseModel):
    """Two fields."""

    thing_id: Annotated[str, PartitionKey()]
    count: int = 0


class Loose(BaseModel, extra="allow"):
    """Any attribute besides the key."""

    name: Annotated[str, PartitionKey()]


def rendered(condition: Any) -> tuple[str, dict[str, str], list[Any]]:
    """The text of a condition with its names and values."""
    request = render({"ConditionExpression": condition})
    values = list(request.get("ExpressionAttributeValues", {}).values())
    return request["ConditionExpression"], request["ExpressionAttributeNames"], values


f = FieldPaths(schema_of(Thing))


def test_a_field_is_a_path_made_once() -> None:
    """By attribute or by name, with the label that errors name it by."""
    assert f.count is f.count is f["count"]
    assert (f.count.label, f.count.path) == ("Thing.count", ["count"])


def test_an_unknown_field_fails_at_once() -> None:
    """With the names that are near."""
    with pytest.raises(AttributeError, match=r"Thing has no field coun: did you mean count\?"):
        _ = f.coun
    with pytest.raises(AttributeError, match="no field"):
        f["nope"]


def test_any_attribute_of_a_loose_model_can_be_named() -> None:
    """By item access, with a value of any storable type."""
    loose = FieldPaths(schema_of(Loose))
    assert rendered(loose["a.b"] == {"x": [1]})[1:] == (
        {"#0": "a.b"},
        [{"M": {"x": {"L": [{"N": "1"}]}}}],
    )
    assert rendered(loose.name == "a")[1] == {"#0": "name"}


def test_an_attribute_of_a_loose_model_is_of_the_type_that_the_model_declares() -> None:
    """A condition and an action with what it could not hold are refused, as an instance is."""

    class Counted(BaseModel, extra="allow"):
        __pydantic_extra__: dict[str, Annotated[int, Field(ge=0)]]
        name: Annotated[str, PartitionKey(), Attribute("n")]

    fields = FieldPaths(schema_of(Counted))
    assert rendered(fields["visits"] == 1)[2] == [{"N": "1"}]
    for refused in (lambda: fields["visits"].set("a"), lambda: fields["visits"].set(-1)):
        with pytest.raises(CodecError, match=r"Counted\[\.\.\.\]"):
            refused()
    with pytest.raises(AttributeError, match="Counted has no field n"):
        fields["n"]


def test_the_fields_are_listed() -> None:
    """For completion in a shell."""
    assert "thing_id" in dir(f)


def test_paths_need_no_botocore() -> None:
    """Defining a repository and looking at its fields costs no half second."""
    code = (
        "import sys, models.user as m; m.Users.fields.email == 'a';"
        "sys.exit('botocore.session' in sys.modules or 'pynamodb.connection' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_constraint_of_the_field_holds_for_a_value_that_is_set() -> None:
    """A condition may compare with anything of the type; an update may store only what is valid."""

    class Account(BaseModel):
        number: Annotated[str, PartitionKey()]
        balance: Annotated[int, Field(ge=0)] = 0

    fields = FieldPaths(schema_of(Account))
    assert rendered(fields.balance > -1)
    with pytest.raises(CodecError, match=r"Account\.balance"):
        fields.balance.set(-1)
