"""What axe finds in the player."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playwright.sync_api import Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
OURS = {"include": [[".speak"], [".speak-bar"], [".speak-status"]]}


def violations(tab: Page, context: Mapping[str, Any] | None = None) -> dict[str, list[str]]:
    """What axe finds, by rule: the elements, each with the reason."""
    # Sizes are measured elsewhere: what stands half under the bar, or a theme's header, is small to axe.
    options = {"runOnly": {"type": "tag", "values": list(TAGS)}, "rules": {"target-size": {"enabled": False}}}
    found = Axe().run(tab, context, options).response["violations"]
    return {rule["id"]: [f"{node['target']}: {node['failureSummary']}" for node in rule["nodes"]] for rule in found}
