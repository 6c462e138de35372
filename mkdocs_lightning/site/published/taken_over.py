"""Tells pages that a script of the site takes over whole, so that no place for a player is left."""

from __future__ import annotations

import re

from mkdocs_lightning.site.published.html_tree import read_tree

_NAMES = ("__next_f", "__remixContext", "__reactRouterContext")
_START = re.compile(r"\s*+\(?(?:self\.__next_f|window\.__(?:remix|reactRouter)Context)\b")
"""How the script begins that holds the page's data: of the App Router of Next.js, and of React Router."""


def is_taken_over(html: str) -> bool:
    """Whether a script takes over the whole of a page: it would remove a player."""
    if not any(name in html for name in _NAMES):  # which takes no time
        return False
    tree = read_tree(html)
    scripts = (tree.spans[script] for script in tree.root.iter("script") if script in tree.spans)
    return any(_START.match(html, span.content_start, span.content_end) for span in scripts)
