"""Updates applied to items.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dynrepo.expressions.nodes import Update
from dynrepo.expressions.trees import actions_of, attribute_of, target_of
from dynrepo.testing.numbers import total
from dynrepo.testing.operands import Segments, needed, segments, value_at
from dynrepo.testing.refusals import invalid
from dynrepo.testing.rules import copied

if TYPE_CHECKING:
    from dynrepo.codec import AttributeValue, Item


def updated(update: Update, item: Item) -> Item:
    """A new item as an update leaves it; the one given stays as it is."""
    result: Item = copied(item)
    # Every value is that of the item before the update.
    values = {
        segments(target_of(action)): copied(needed(action.values[1], item))
        for action in update.set_actions
    }
    for steps in sorted(values, key=_order):
        _put(result, steps, values[steps])
    for addition in update.add_actions:
        _add(result, segments(target_of(addition)), copied(_literal(addition)))
    for deletion in update.delete_actions:
        _delete(result, segments(target_of(deletion)), _literal(deletion))
    removals = [segments(target_of(action)) for action in update.remove_actions]
    for steps in sorted(removals, key=_order, reverse=True):
        _remove(result, steps)
    return result


def created(update: Update, key: Item) -> Item | None:
    """A new item as an update makes it where there is none; None where it only removes.

    There is nothing to remove, of whatever path: test_update_expression.py of Scylla Alternator's
    tests, test_nested_attribute_remove_from_missing_item. And no item is made for that:
    test_item.py, test_update_item_non_existent. One without any action makes an item.
    """
    making = (*update.set_actions, *update.add_actions)
    item = updated(Update(*making, *update.delete_actions), key)
    return item if making or not actions_of(update) else None


def written(update: Update) -> set[str]:
    """The attributes that an update writes."""
    return {attribute_of(target_of(action)) for action in actions_of(update)}


def _literal(action: Any) -> AttributeValue:
    """The value in DynamoDB JSON that an action adds or deletes."""
    return action.values[1].value  # type: ignore[no-any-return]


def _order(steps: Segments) -> tuple[tuple[bool, Any], ...]:
    """Orders paths so that the elements of a list are met by their index."""
    return tuple((isinstance(step, int), step) for step in steps)


def _parent(item: Item, steps: Segments) -> Any:
    """The map or list that the last step of a path leads into."""
    *outer, last = steps
    holder = value_at(tuple(outer), item) if outer else {"M": item}
    inner = None if holder is None else holder.get("M" if isinstance(last, str) else "L")
    if inner is None:
        raise invalid("The document path provided in the update expression is invalid for update")
    return inner


def _put(item: Item, steps: Segments, value: AttributeValue) -> None:
    parent, last = _parent(item, steps), steps[-1]
    if isinstance(last, int) and last >= len(parent):
        parent.append(value)
    else:
        parent[last] = value


def _remove(item: Item, steps: Segments) -> None:
    parent, last = _parent(item, steps), steps[-1]
    if isinstance(last, str):
        parent.pop(last, None)
    elif last < len(parent):
        del parent[last]


def _add(item: Item, steps: Segments, amount: AttributeValue) -> None:
    ((tag, content),) = amount.items()
    stored = value_at(steps, item)
    if stored is None:
        _put(item, steps, amount)
    elif tag not in stored:
        raise invalid("An operand in the update expression has an incorrect data type")
    elif tag == "N":
        _put(item, steps, {"N": total(stored["N"], content)})
    else:
        _put(item, steps, {tag: _union(tag, stored[tag], content)})


def _union(tag: str, stored: list[str], added: list[str]) -> list[str]:
    known = {_element(tag, content) for content in stored}
    return [*stored, *(content for content in added if _element(tag, content) not in known)]


def _delete(item: Item, steps: Segments, elements: AttributeValue) -> None:
    ((tag, deleted),) = elements.items()
    stored = value_at(steps, item)
    if stored is None:
        _parent(item, steps)
        return
    if tag not in stored:
        raise invalid("An operand in the update expression has an incorrect data type")
    gone = {_element(tag, content) for content in deleted}
    left = [content for content in stored[tag] if _element(tag, content) not in gone]
    if left:
        _put(item, steps, {tag: left})
    else:
        _remove(item, steps)


def _element(tag: str, content: str) -> Any:
    """What tells the elements of a set apart."""
    return Decimal(content) if tag == "NS" else content
