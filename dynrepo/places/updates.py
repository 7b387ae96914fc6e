"""What an update writes of the place of an item: the attributes whose templates it touches.

Each attribute of an index stands alone: it is written when all fields of its template have a
value, and removed when one has none. An update knows the values that it sets, and those of the key.
A value that is taken from an instance becomes a condition, for what is stored may be another one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.expressions.nodes import RemoveAction, SetAction, Value
from dynrepo.expressions.trees import attribute_of, both, default, default_of, path_to, target_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dynrepo.codec import AttributeValue, Field, Item
    from dynrepo.expressions.nodes import Action, Condition
    from dynrepo.places.schema import PlacedSchema
    from dynrepo.templates.template import Template


class PlacedUpdate:
    """An update of an item in a shared table, by its actions, time stamps included.

    `key` is what names the item: values, or an instance, of which more is known.
    """

    def __init__(self, schema: Any, key: Any, actions: Iterable[Action], *, upsert: bool) -> None:
        self._schema: PlacedSchema[Any] = schema
        self.actions: list[Action] = []
        """What is to be done beside the actions that were given."""
        self.condition: Condition | None = None
        """What must be stored, for the texts to be right."""
        touching = [it for it in actions if attribute_of(target_of(it)) in schema.templated]
        if touching or upsert:
            self._make(touching, key, upsert=upsert)

    def _make(self, actions: Iterable[Action], key: Any, *, upsert: bool) -> None:
        self._instance = key if isinstance(key, self._schema.models) else None
        self._upsert = upsert
        key_item = self._schema.key_item(key)
        self._of_key = frozenset(key_item)
        # What a key folds may be stored in another spelling, unless this update writes it.
        known = key_item if upsert else key_item.keys() - self._schema.folded
        self._known: dict[str, AttributeValue | None] = {name: key_item[name] for name in known}
        self._touched: set[str] = set()
        self._kept: str | None = None
        for action in actions:
            self._take(action)
        self.actions = [*self._key_actions(), *self._index_actions()]

    def _take(self, action: Action) -> None:
        """Takes note of what an action makes of a field in a template."""
        attribute = attribute_of(target_of(action))
        self._touched.add(attribute)
        if isinstance(action, RemoveAction):
            self._known[attribute] = None
            return
        operand: Any = action.values[1]
        if fallback := self._default_of_created(attribute, operand):
            self._kept, operand = attribute, fallback
        if not _knows(action, operand):
            label, table = self._schema.templated[attribute].label, self._schema.place.table
            raise ValueError(
                f"{label}: keys of {table.__name__} are made of it, so that its value has to be"
                " known: an update takes set(value) and remove() only, and an edit reads it first"
            )
        stored: AttributeValue = operand.value
        self._known[attribute] = None if "NULL" in stored else stored

    def _default_of_created(self, attribute: str, operand: Any) -> Value | None:
        """The time that an update stamps on an item that it makes; None for any other value."""
        created, fallback = self._schema.created, default_of(operand)
        if fallback is None or created is None or attribute != created.attribute:
            return None
        return fallback[1]  # type: ignore[no-any-return]

    def _key_actions(self) -> list[Action]:
        """What the item has to have that an `upsert` may make."""
        if not self._upsert:
            return []
        own: Item = {name: stored for name, stored in self._known.items() if stored is not None}
        constants: Item = {name: {"S": text} for name, text in self._schema.place.mark}
        written = self._of_key - self._schema.texts.unstored
        of_key = {name: own[name] for name in own if name in written}
        return [path_to(name).set(Value(stored)) for name, stored in (of_key | constants).items()]

    def _index_actions(self) -> list[Action]:
        return [
            self._action(attribute, template)
            for attribute, template in self._schema.index_templates.items()
            if self._is_touched(template)
        ]

    def _is_touched(self, template: Template) -> bool:
        """Whether the update changes what a template makes, or makes the item."""
        names = {field.attribute for field in template.fields}
        return bool(names & self._touched) or (self._upsert and names <= self._of_key)

    def _action(self, attribute: str, template: Template) -> Action:
        path = path_to(attribute)
        stored = self._made(attribute, template)
        if stored is None:
            return path.remove()
        if self._kept in [field.attribute for field in template.fields]:
            return default(path, stored)
        return path.set(Value(stored))

    def _made(self, attribute: str, template: Template) -> AttributeValue | None:
        """What a template makes of what is known; None where one of its fields has no value."""
        names = [field.attribute for field in template.fields]
        if any(name in self._known and self._known[name] is None for name in names):
            return None
        for field in template.fields:
            if field.attribute not in self._known:
                self._ask(attribute, field)
        known = {name: stored for name in names if (stored := self._known[name]) is not None}
        return template.stored(known)

    def _ask(self, attribute: str, field: Field) -> None:
        """Takes the value of a field from the instance, under the condition that it is stored."""
        if self._instance is None:
            fields = self._schema.templated
            changed = ", ".join(fields[name].name for name in sorted(self._touched))
            raise ValueError(
                f"{field.label}: {attribute} is made of it and of {changed}, which the update"
                f" changes: let it change {field.name} too, or give it an instance as the key"
            )
        stored = field.encode(getattr(self._instance, field.name))
        has_value = stored is not None and "NULL" not in stored
        self._known[field.attribute] = stored if has_value else None
        path = path_to(field.attribute)
        is_stored = path.does_not_exist() if stored is None else path == Value(stored)
        self.condition = both(self.condition, is_stored)


def _knows(action: Action, operand: Any) -> bool:
    """Whether an action gives the whole of what is stored."""
    return (
        isinstance(action, SetAction)
        and isinstance(operand, Value)
        and len(target_of(action).path) == 1
    )
