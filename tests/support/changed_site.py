"""A site in a git repository, in whose work tree one sentence has changed since the last commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.git import commit

if TYPE_CHECKING:
    from tests.support.sites import Site

OLD = "The first version of the sentence names four towns."
NEW = "The second version of the sentence names four towns."
OTHER = "Another sentence stays for ever as it has always been."
PAGE = ":::speak\n{}\n:::\n"


def commit_and_change(site: Site, added: str = "") -> None:
    """Commit a page with two sentences, and change the first of them, without another commit.

    Args:
        site: Has no page yet.
        added: What then also comes at the end of the block.
    """
    (site.root / ".gitignore").write_text(".cache/\nsite/\n", encoding="utf-8")
    site.write({"index.md": PAGE.format(f"{OLD} {OTHER}")})
    site.write_config()
    commit(site.root)
    site.write({"index.md": PAGE.format(f"{NEW} {OTHER}{added}")})
