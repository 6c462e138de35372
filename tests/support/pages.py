"""Pages that programs other than MkDocs make, as tests look at them."""

from __future__ import annotations

from mkdocs_lightning.site.lasting_slot import Slot, map_lasting_slots


def slots_in(html: str) -> list[Slot]:
    """What a page's slots say, the inner ones first."""
    found: list[Slot] = []

    def read(script: str, _text: str) -> str:
        found.append(Slot.parse(script))
        return ""

    map_lasting_slots(html, read)
    return found
