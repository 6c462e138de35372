"""What has changed in a site, as an object for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from mkdocs_lightning.cli.output import sentence_as_json

if TYPE_CHECKING:
    from mkdocs_lightning.cli.changes.since import ChangesSince
    from mkdocs_lightning.exports.changes.narration_diff import PageChanges, PlayerChanges, SentenceChange
    from mkdocs_lightning.reading.segment import Segment


def changes_as_json(changes: ChangesSince) -> dict[str, object]:
    """The object under `changes`; without figures and pages if the earlier site cannot be read."""
    found: dict[str, object] = {
        "since": changes.revision.name,
        "commit": changes.revision.commit,
        "note": changes.note or None,
        "is_known": changes.diff is not None,
    }
    if changes.diff is None:
        return found
    return {**found, **asdict(changes.diff.figures), "pages": [_page(page) for page in changes.diff.pages]}


def _page(page: PageChanges) -> dict[str, object]:
    return {
        "page": page.name.uri,
        "locale": page.name.locale or None,
        "state": page.state.value,
        "page_before": page.before.name.uri if page.before else None,
        **asdict(page.figures),
        "players": [_player(player) for player in page.players],
    }


def _player(player: PlayerChanges) -> dict[str, object]:
    here = player.after or player.before
    assert here is not None
    return {
        "name": here.name or None,
        "line": player.after.line if player.after else None,
        "is_page": here.is_page,
        "changes": [_change(change) for change in player.sentences],
    }


def _change(change: SentenceChange) -> dict[str, object]:
    return {
        "kind": change.kind.value,
        "before": _sentence(change.before),
        "after": _sentence(change.after),
        "origin": change.origin.uri if change.origin else None,
        "is_new": change.is_new,
        "is_missing": change.is_missing,
        "characters": change.characters,
        "price_usd": change.price_usd,
    }


def _sentence(sentence: Segment | None) -> dict[str, object] | None:
    return sentence_as_json(sentence) if sentence else None
