"""What several models ask of the value of a field that they share, which passes in each."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from dynrepo.expressions.bounds import Bounds
from dynrepo.expressions.rules import Rules, rules_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic import BaseModel

    from dynrepo.codec import Codec
    from dynrepo.expressions.rules import Encode


class SharedRules(Rules):
    """The rules of several models in one place, all of which a value has to pass."""

    def __init__(self, rules: Sequence[Rules]) -> None:
        super().__init__({"type": "any"})
        self._rules = rules
        self.refusal = next((each.refusal for each in rules if each.refusal), "")

    def passed(self, value: Any, codec: Codec, write: Encode) -> Any:
        """A value as the validators of one model after the other leave it."""
        for rules in self._rules:
            value = rules.passed(value, codec, write)
        return value

    def below(self, step: Any) -> Rules | None:
        """The rules of the part that a field name, an index or a key leads to, if it is known."""
        return _together([rules.below(step) for rules in self._rules])

    @cached_property
    def bounds(self) -> Bounds | None:
        """The numbers between which the value stays in all models; None where it has no bounds."""
        found = [rules.bounds for rules in self._rules if rules.bounds]
        lower = [bounds.lower for bounds in found if bounds.lower]
        upper = [bounds.upper for bounds in found if bounds.upper]
        ends = Bounds(
            max(lower, key=lambda bound: (bound.number, bound.name == "gt"), default=None),
            min(upper, key=lambda bound: (bound.number, bound.name == "le"), default=None),
        )
        return ends if found else None

    @cached_property
    def validate(self) -> Callable[..., Any] | None:
        """Validates a value in one of the models; None where nothing is asked but its type."""
        return next((rules.validate for rules in self._rules if rules.validate), None)


class ModelRules(SharedRules):
    """The rules of several models, below which those of their fields are found."""

    def __init__(self, models: Sequence[type[BaseModel]]) -> None:
        super().__init__([rules_of(model) for model in models])
        self._models = models

    def below(self, step: Any) -> Rules | None:
        """The rules of a field in those models that have it."""
        pairs = list(zip(self._models, self._rules, strict=True))
        having = [rules.below(step) for model, rules in pairs if step in model.model_fields]
        return _together(having or [rules.below(step) for rules in self._rules])


def rules_of_all(models: Sequence[type[BaseModel]]) -> Rules:
    """The rules of one model, or of several together."""
    return rules_of(models[0]) if len(models) == 1 else ModelRules(models)


def _together(found: Sequence[Rules | None]) -> Rules | None:
    """The rules in one place, each once."""
    distinct: list[Rules] = []
    for rules in found:
        if rules is not None and not any(rules.is_same(other) for other in distinct):
            distinct.append(rules)
    if not distinct:
        return None
    return distinct[0] if len(distinct) == 1 else SharedRules(distinct)
