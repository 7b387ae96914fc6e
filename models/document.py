"""Documents: a key, and any attributes besides."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel

from dynrepo import PartitionKey, Repository


class Document(BaseModel, extra="allow"):
    """An attribute map: what is not declared here is stored and returned as it is."""

    name: Annotated[str, PartitionKey()]


class Documents(Repository[Document]):
    """Attribute maps by name."""

    table = "documents"
