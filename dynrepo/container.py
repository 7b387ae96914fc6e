"""The container under the path that examples import it from."""

from dynrepo.blocking.container import Container
from dynrepo.operations.health import FRESH

__all__ = ["FRESH", "Container"]
