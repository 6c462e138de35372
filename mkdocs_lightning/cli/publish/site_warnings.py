"""What `publish` warns of once it has read a site: what is silent, and what is probably not meant."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from mkdocs_lightning.base.errors import count, printable
from mkdocs_lightning.cli.output import log
from mkdocs_lightning.site.published.built_site import page_names
from mkdocs_lightning.site.published.unrespelled_blocks import unrespelled_blocks
from mkdocs_lightning.site.standalone_options import CACHE

if TYPE_CHECKING:
    from pathlib import Path

    from mkdocs_lightning.reading.lexicon import Lexicon
    from mkdocs_lightning.site.published.built_site import BuiltSite
    from mkdocs_lightning.site.published.whole_pages import PageRules

_LEFT_OUT = "404.html, redirects, and those with 'narrate: false'"


def warn_of_silence(site: BuiltSite, rules: PageRules) -> bool:
    """Warn of a site without anything to speak.

    Returns:
        Whether all that was asked for is there: a page to narrate.
    """
    if not site.uris:
        log.warning(
            "no page in %s: it has no file whose name ends in .html. Is it the folder into which the site is built?",
            site.root,
        )
        return not rules.may_narrate
    is_silent = rules.may_narrate and not any(page.spoken for page in site.pages)
    if not site.pages and site.is_of_mkdocs:
        log.warning(
            "no page in %s has a place for a player: MkDocs has built this site. With its plugin 'lightning', "
            "'mkdocs build' itself adds the players, and 'publish' is not needed",
            site.root,
        )
    elif is_silent and site.is_whole and not rules.unmatched() and not rules.refused:
        log.warning("no page in %s is narrated: %s", site.root, _cause_of_silence(site, rules))
    elif rules.without_content:
        log.warning(
            "narrate: no <main>, and not exactly one <article>, on %s, so nothing is narrated there: %s. Use --select "
            "to name what to read, or exclude these pages",
            count(len(rules.without_content), "page"),
            page_names(rules.without_content),
        )
    elif not site.pages and not site.keeping and not rules.may_narrate:
        log.warning(
            "no page in %s has a block. Is mkdocs_lightning among its markdown_extensions? "
            "Pages without blocks are narrated with --select 'article p' or the like",
            site.root,
        )
    return not is_silent


def warn_of_unusable_pages(rules: PageRules) -> None:
    """Warn of pages that are not narrated because they show `:::speak`, or would lose the player that is paid for."""
    if rules.showing_blocks:
        log.warning(
            "':::speak' is on %s as text, so nothing is narrated there: %s. Is mkdocs_lightning among the "
            "markdown_extensions of the program that builds the site?",
            count(len(rules.showing_blocks), "page"),
            page_names(rules.showing_blocks),
        )
    if rules.taken_over:
        log.warning(
            "a script takes over %s whole, as with the App Router of Next.js, and would remove the player, so nothing "
            "is narrated there: %s",
            count(len(rules.taken_over), "page"),
            page_names(rules.taken_over),
        )


def _cause_of_silence(site: BuiltSite, rules: PageRules) -> str:
    """Why no page of a site is narrated, although each selector names something, or none was tried on any page."""
    if rules.mistaken:
        return "see the warnings about its pages"
    names_some = any(map(rules.names, site.uris))
    if not rules.choice.select:
        if rules.tried or not names_some:
            return "narrate matches no page that has a <main>, or exactly one <article>"
        return f"narrate names only pages that are left out: {_LEFT_OUT}"
    if rules.tried:
        return "what --select matches is hidden on every page, or left out by --skip"
    if not names_some:
        return "narrate names none of its pages, so --select was tried on none"
    return f"--select was tried on none, because its pages are left out: {_LEFT_OUT}"


def warn_of_removal(site: BuiltSite) -> None:
    """Warn of pages that were narrated when they were last published: whoever forgets an option would lose players."""
    removed = [page.uri for page in site.pages if page.was_narrated and page.is_given_up]
    if removed:
        one = "page is no longer narrated, and loses its player"
        many = "pages are no longer narrated, and lose their players"
        log.warning(
            "%s: %s. To prevent this, repeat --select, or set narrate",
            f"{len(removed):,} {one if len(removed) == 1 else many}",
            page_names(removed),
        )


def warn_of_players_that_stay(site: BuiltSite) -> None:
    """Warn of pages whose player `publish` does not find by its marks, such as those that were minified since."""
    if site.keeping and not site.is_of_mkdocs:
        log.warning(
            "%s a player that 'publish' can neither replace nor remove: %s. If the HTML was minified after 'publish', "
            "build the site again, and minify before you publish. If MkDocs built it, 'publish' is not needed",
            "1 page has" if len(site.keeping) == 1 else f"{len(site.keeping):,} pages have",
            page_names(site.keeping),
        )


def warn_of_languages(site: BuiltSite, rules: PageRules) -> None:
    """Warn of pages that the option `language` has read in another language than their own: it would be paid for."""
    overruled: defaultdict[str, list[str]] = defaultdict(list)
    for page in site.pages:
        if page.spoken and (language := rules.overruled_language(page.spoken)):
            overruled[language].append(page.uri)
    for language, uris in overruled.items():
        log.warning(
            '%s lang="%s", but %s read as %s, because language is set: %s. Leave language out, add voices: {%s: …}, '
            "or correct <html lang>",
            "1 page says" if len(uris) == 1 else f"{len(uris):,} pages say",
            language,
            "is" if len(uris) == 1 else "are",
            rules.voices.everywhere.language,
            page_names(uris),
            language,
        )


def warn_of_lexicon(site: BuiltSite, lexicon: Lexicon) -> None:
    """Warn of blocks that were read without the lexicon, which `publish` applies only to narrated pages."""
    if lexicon.words and (unrespelled := unrespelled_blocks(site.pages, lexicon)):
        log.warning(
            "lexicon: %s not respelled, the first on %s: the Markdown extension reads blocks, and has options of its "
            "own. Set lexicon among these, too, and build the whole site again, with Zensical by 'zensical build "
            "--clean'",
            "1 block is" if len(unrespelled) == 1 else f"{len(unrespelled):,} blocks are",
            printable(next(iter(unrespelled.values()))),
        )


def warn_of_cache(site: BuiltSite, cache_dir: Path) -> None:
    """Warn of a cache that the site's own program deletes."""
    if site.is_built_by("zensical") and ".cache" in cache_dir.parts:
        log.warning(
            "'zensical build --clean' deletes the directory .cache, and with it audio that was paid for. "
            "Move the cache %s to %s, where 'publish' finds it without an option; for MkDocs, set cache_dir",
            cache_dir,
            CACHE,
        )


def warn_of_hosts(site: BuiltSite, site_url: str) -> None:
    """Warn of a podcast whose episodes link to pages at another host than their audio: one of the two is wrong."""
    host = urlsplit(site_url).netloc.lower()
    elsewhere = [
        page.uri
        for page in site.pages
        if page.spoken and urlsplit(urljoin(site_url, page.spoken.url)).netloc.lower() != host
    ]
    if elsewhere:
        log.warning(
            "feed: its audio is at %s, but the canonical link of %s leads to another host: %s. "
            "Correct site_url, or the canonical links",
            printable(site_url),
            count(len(elsewhere), "page"),
            page_names(elsewhere),
        )
