"""The site that listeners in three browsers go through: Material, with instant navigation, tabs and details."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

CODE: Final = "\n".join(["```", *["code"] * 24, "```"])
FILLER: Final = "\n\n".join(f"Paragraph {number} of what nobody reads aloud." for number in range(40))
PAUSE: Final = "{pause=6}"
REST: Final = "{pause=10}{pause=10}"
"""After a sentence that a test waits for: it stays highlighted, however slowly the page scrolls there."""

INDEX: Final = f"""
# Guide

:::speak title="Overview" #overview
The first sentence has a [link to elsewhere](second.md) in it. {REST} The second one has more to say of the same. {REST}
The third one ends the paragraph, and leads below.

The fourth sentence begins another paragraph. {REST} The fifth one is the last.
:::

{FILLER}

:::speak title="Details" #details
What is told in detail, for those who have come down here. {REST} There is a second sentence to it. {REST}
It has an end.
:::
"""
READ: Final = f"""
# To read along

:::speak title="Long" #long speed=2
The first sentence stands at the top, beside its player.

{CODE}

The second sentence comes after some code, out of view.

{CODE}

The third sentence comes even further down than that. {PAUSE}

{CODE}

The fourth sentence is a long way down, as you may have feared. {REST} The fifth comes
after a while. {REST} The sixth is the last.
:::
"""
SHORT: Final = f"""
# Short

:::speak title="First part" #first speed=2
This is the first part. {PAUSE} It ends here.
:::

{FILLER}

:::speak title="Second part" #second speed=2
What the second part says is heard in its turn. {REST} And this is its end.
:::
"""
HIDDEN: Final = f"""---
lightning: {{narrate: true}}
---
# Hidden

Before anything is hidden there is a sentence.

=== "Linux"

    On Linux you type a command into a terminal.

=== "Windows"

    On Windows you click on a button that is blue.

{CODE}

??? note "More"

    Folded away is what few people want to know. Nor do they want a second sentence of it. {REST} Nor a third.

{CODE}

After all of it comes a sentence for everybody.
"""
TABBED: Final = f"""
# Tabbed

{FILLER}

=== "One"

    Nothing is heard in the first tab.

=== "Two"

    :::speak title="Tabbed" #tabbed
    The first sentence of the tab is here. The second sentence of the tab is what we look for. {REST} It has an end.
    :::

??? note "More"

    :::speak title="Folded" #folded
    The first sentence of the fold is here. The second sentence of the fold is what we look for. {REST} It has an end.
    :::
"""
PAGES: Final = {
    "index.md": INDEX,
    "second.md": "# Second\n\nNothing is heard here. Back to [the guide](index.md).\n",
    "read.md": READ,
    "short.md": SHORT,
    "hidden.md": HIDDEN,
    "tabbed.md": TABBED,
}
EXTENSIONS: Final = [
    "attr_list",
    "pymdownx.details",
    "pymdownx.superfences",
    {"pymdownx.tabbed": {"alternate_style": True}},
]
FEATURES: Final = ["navigation.instant", "navigation.footer"]
MANY: Final = 300


def repeat_block(site: Path) -> None:
    """Make of the block `details` a page `many/` with hundreds of them, named `block-0` and so on."""
    page = (site / "index.html").read_text(encoding="utf-8")
    found = re.search(r'<div class="speak" id="details">.*?</speak-player>.*?</div>\s*</div>', page, re.DOTALL)
    assert found
    blocks = [found[0].replace("details", f"block-{number}") for number in range(MANY)]
    (site / "many").mkdir()
    html = page[: found.start()] + "\n".join(blocks) + page[found.end() :]
    html = re.sub(r'((?:src|href)=")(?!https?:|#)([^"]*)', r"\1../\2", html)
    html = html.replace('"base": "."', '"base": ".."').replace('"search": "assets/', '"search": "../assets/')
    (site / "many" / "index.html").write_text(html, encoding="utf-8")
