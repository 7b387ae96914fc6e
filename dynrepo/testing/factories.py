"""Valid instances of a model, made up from its schema; the same for the same seed.

`items_for(User)` is the same as a strategy of Hypothesis. Needs `pip install 'dynrepo[factories]'`.
"""

from __future__ import annotations

import random
import string
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar, cast

from faker import Faker
from polyfactory.factories.pydantic_factory import ModelFactory
from pydantic import AwareDatetime, BaseModel

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

T = TypeVar("T", bound=BaseModel)

_SEEDS = 2**32 - 1
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_TEN_YEARS = 10 * 365 * 86400


def factory_for(model: type[T], *, seed: int = 0) -> type[ModelFactory[T]]:
    """Makes a factory of polyfactory whose instances DynamoDB can store.

    ```python
    users = factory_for(User, seed=7)
    ada = users.build(name="Ada")
    crowd = users.batch(100)
    ```

    Times are aware and of this decade, texts are never empty, decimals have a dozen digits. It
    takes the extra `factories`. https://polyfactory.litestar.dev/

    Args:
        model: The class of the instances.
        seed: The same one makes the same instances.

    Returns:
        The factory: `build` takes fields by name, `batch` a number.
    """
    # Of its own: factories that share a source of chance would disturb each other's seeds.
    faker = Faker()
    faker.seed_instance(seed)
    chance = random.Random(seed)  # noqa: S311 - no secret
    made: Any = ModelFactory.create_factory(
        model, bases=(_Storable,), __random__=chance, __faker__=faker
    )
    return cast("type[ModelFactory[T]]", made)


def items_for(model: type[T]) -> SearchStrategy[T]:
    """Makes a strategy of Hypothesis for valid instances, each from a seed that it can shrink.

    It takes the extra `factories`, and Hypothesis. https://hypothesis.readthedocs.io/

    Args:
        model: The class of the instances.

    Returns:
        The strategy, for `given`.
    """
    from hypothesis import strategies  # noqa: PLC0415 - only for those who use it

    return strategies.integers(0, _SEEDS).map(lambda seed: factory_for(model, seed=seed).build())


class _Storable(ModelFactory[Any]):
    """What polyfactory makes up of types that DynamoDB takes with limits."""

    __is_base_factory__ = True

    @classmethod
    def get_provider_map(cls) -> dict[Any, Callable[[], Any]]:
        """How the values of a type are made."""
        return {
            **super().get_provider_map(),
            str: cls._text,
            datetime: cls._time,
            AwareDatetime: cls._time,
            Decimal: cls._decimal,
        }

    @classmethod
    def _text(cls) -> str:
        return "".join(cls.__random__.choices(string.ascii_lowercase, k=12))

    @classmethod
    def _time(cls) -> datetime:
        return _EPOCH + timedelta(seconds=cls.__random__.randrange(_TEN_YEARS))

    @classmethod
    def _decimal(cls) -> Decimal:
        return Decimal(cls.__random__.randrange(10**12)).scaleb(-2)
