"""What metadata says of the repository that publishes the package, which is known then."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

HOME = "PUBLISHED_FROM"
"""The variable with the URL of a repository on GitHub, whose pages stand at fixed places."""


_relative_link = re.compile(r"\[([^\]]+)\]\((?!https?:|#)([^)]+)\)")


class Published(MetadataHookInterface):
    """Fills `project.urls`, and `project.readme`, whose links lead to that repository.

    A build on a developer's machine is published by nobody. It has no URLs, and its README no
    relative links, which would lead nowhere from a package index.
    """

    def update(self, metadata: dict[str, Any]) -> None:
        """Adds both to what pyproject.toml says."""
        home = os.environ.get(HOME)
        metadata["urls"] = urls(home, metadata["version"]) if home else {}
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": readme(text, release(home, metadata["version"]) if home else None),
        }


def release(home: str, version: str) -> str:
    """Where the files of a version are."""
    return f"{home}/blob/v{version}"


def urls(home: str, version: str) -> dict[str, str]:
    """The pages of a version by the labels that indices know."""
    files = release(home, version)
    return {
        "Repository": home,
        "Documentation": f"{files}/docs/index.md",
        "Changelog": f"{files}/CHANGELOG.md",
        "Issues": f"{home}/issues",
        "Security": f"{home}/security/policy",
    }


def readme(text: str, files: str | None) -> str:
    """A README whose links hold outside the repository: they lead to its files, or are words."""
    return _relative_link.sub(rf"[\1]({files}/\2)" if files else r"\1", text)
