"""The container under the path that examples import it from."""

from dynrepo.blocking.container import FRESH, Container

__all__ = ["FRESH", "Container"]
