"""Makes a page's source readable with the extensions of Python-Markdown alone, whatever those of its site are."""

from __future__ import annotations

import re

from mkdocs_lightning.reading.grammar.source_lines import without_fenced_code

_CONTAINER = re.compile(r"^([ \t>]*)(?:\?\?\?\+?[ \t]+(?=[\w\"])|===[!+]{0,2}[ \t]+(?=\"))(\w[\w -]*)?", re.MULTILINE)
"""What opens details and tabs of pymdownx, up to the title."""

_SILENT = "\ue000"  # neither a letter nor a digit, so there is nothing to speak, and it means nothing in Markdown


def neutral_source(source: str) -> str:
    """A source with the same lines, whose fenced code is text, and whose details and tabs are admonitions.

    No site speaks of blocks in its code, and how a fence in a list is recognized differs between extensions.
    """
    return _CONTAINER.sub(
        lambda found: f"{found[1]}!!! {found[2] or 'tab '}", without_fenced_code(source, _stand_in_of)
    )


def _stand_in_of(fence: str) -> str:
    """A word that is spoken if the code may be, because of its `data-say`, or else one that is not."""
    return "code" if "say" in fence else _SILENT
