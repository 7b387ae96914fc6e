"""The URLs in the metadata: of the repository that publishes the package, which is known then."""

from __future__ import annotations

import os
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

HOME = "PUBLISHED_FROM"
"""The variable with the URL of a repository on GitHub, whose pages stand at fixed places."""


class ProjectUrls(MetadataHookInterface):
    """Fills `project.urls`; nobody publishes a build on a developer's machine, so that has none."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Adds the URLs to what pyproject.toml says."""
        home = os.environ.get(HOME)
        metadata["urls"] = urls(home, metadata["version"]) if home else {}


def urls(home: str, version: str) -> dict[str, str]:
    """The pages of a version by the labels that indices know."""
    release = f"{home}/blob/v{version}"
    return {
        "Repository": home,
        "Documentation": f"{release}/docs/index.md",
        "Changelog": f"{release}/CHANGELOG.md",
        "Issues": f"{home}/issues",
        "Security": f"{home}/security/policy",
    }
