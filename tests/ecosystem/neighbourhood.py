"""Other plugins, what they bring to a site, and what a reader finds on its pages, however their HTML is written."""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from tests.support.sites import Site

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

SITE_URL = "https://docs.example.org/x/"
PRINT = "print-site"
PRINT_PAGE = "print_page.html"
COMMIT_DATE = "2026-01-02T12:00:00+00:00"

BASE = {
    "index.md": """
        # Home

        :::speak #intro
        Every page of this site is read aloud.
        :::

        - In a list, beside much that a minifier likes to touch:

            ::: speak {speed=1.2 title="A list & <more>"}
            Say `mkdocs  build`, with "quotes" & an   ampersand, 1 < 2.
            :::

        :::speak text=collapse
        This is a longer explanation, which is folded away.
        :::

        [Hear it](#intro)
        """,
    "about.md": """\
        ---
        lightning: {narrate: true}
        ---
        # About

        All of this page is narrated.

        :::speak text=hide
        One block of it has a player of its own.
        :::

        ## A second part

        It is narrated as well.
        """,
    "guide/index.md": """\
        ---
        lightning: {narrate: true}
        ---
        # The guide

        The guide is narrated from its title on.
        """,
    "guide/plain.md": "# Plain\n\nNobody reads this page aloud.\n",
}
"""Pages of any site, by their path under docs/."""

SAYS: Mapping[str, Sequence[Sequence[str]]] = {
    "index.html": [
        ["Every page of this site is read aloud."],
        ['Say mkdocs build, with "quotes" & an ampersand, 1 < 2.'],
        ["This is a longer explanation, which is folded away."],
    ],
    "about.html": [
        ["About", "All of this page is narrated.", "One block of it has a player of its own.", "A second part",
         "It is narrated as well."],
        ["One block of it has a player of its own."],
    ],
    "guide/index.html": [["The guide", "The guide is narrated from its title on."]],
}  # fmt: skip
"""The captions of each player of those pages."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another plugin, with something for it to do beside ours.

    Attributes:
        options: Its own.
        pages: Further pages, as in `BASE`.
        says: What those say, as in `SAYS`.
        files: Further files of the site, by their path beside mkdocs.yml.
        config: Further settings of mkdocs.yml.
        needs: Plugins without which it has nothing to do.
    """

    options: Mapping[str, object] = field(default_factory=dict)
    pages: Mapping[str, str] = field(default_factory=dict)
    says: Mapping[str, Sequence[Sequence[str]]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, object] = field(default_factory=dict)
    needs: Sequence[str] = ()


GENERIC: Mapping[str, Neighbour] = {
    "awesome-nav": Neighbour(
        pages={
            ".nav.yml": "nav: [index.md, guide, about.md]\n",
            "guide/.nav.yml": "title: How to\nnav: [index.md, plain.md]\n",
        },
    ),
    "macros": Neighbour(
        options={"module_name": "macros_of_site"},
        files={
            "macros_of_site.py": """
                def define_env(env):
                    env.variables["product"] = "Acme Rocket"

                    @env.macro
                    def price():
                        return "ten dollars"

                    @env.macro
                    def spoken(text):
                        return f":::speak\\n{text}\\n:::"
                """,
        },
        pages={
            "macros.md": """
                # Macros

                :::speak
                The {{ product }} costs {{ price() }} in all shops.
                :::

                {{ spoken("A macro has made this whole block for the " ~ product ~ ".") }}

                ::: speak { #braces .wide }
                Braces with a space after them are none of a macro.
                :::
                """,
        },
        says={
            "macros.html": [
                ["The Acme Rocket costs ten dollars in all shops."],
                ["A macro has made this whole block for the Acme Rocket."],
                ["Braces with a space after them are none of a macro."],
            ],
        },
    ),
    "mkdocstrings": Neighbour(
        options={"handlers": {"python": {"paths": ["."], "options": {"heading_level": 2, "show_source": False}}}},
        files={
            "some_module.py": '''
                """A module.

                :::speak
                This is spoken from within a docstring.
                :::
                """
                ''',
        },
        pages={"module.md": "# Reference\n\n::: some_module\n"},
        says={"module.html": [["This is spoken from within a docstring."]]},
    ),
    "git-revision-date-localized": Neighbour(
        options={"enable_creation_date": True, "enable_parallel_processing": False, "fallback_to_build_date": False},
        pages={
            "changes.md": """
                # Changes

                :::speak
                This page was changed on {{ git_revision_date_localized }} by one of us.
                :::
                """,
        },
        says={"changes.html": [["This page was changed on January 2, 2026 by one of us."]]},
    ),
    "section-index": Neighbour(),
    "minify": Neighbour(
        options={
            "minify_html": True,
            "minify_js": True,
            "minify_css": True,
            "js_files": ["js/own.js"],
            "css_files": ["css/own.css"],
            "htmlmin_opts": {
                "remove_comments": True,
                "remove_all_empty_space": True,
                "reduce_boolean_attributes": True,
            },
        },
        pages={"js/own.js": "function own ( ) { return 1; }\n", "css/own.css": ".own {  color: red; }\n"},
        config={"extra_javascript": ["js/own.js"], "extra_css": ["css/own.css"]},
    ),
    PRINT: Neighbour(),
}
"""Plugins that live with any theme, each by the name that it has in mkdocs.yml."""

MATERIAL: Mapping[str, Neighbour] = {
    "search": Neighbour(),
    "blog": Neighbour(
        options={"post_url_format": "{slug}"},
        pages={
            "blog/index.md": "# Blog\n",
            "blog/posts/first.md": """\
                ---
                date: 2026-01-01
                lightning: {speed: 1.5}
                ---
                # The first post

                :::speak
                This post is spoken, also in brief.
                :::

                <!-- more -->

                :::speak
                This part is spoken on the post's own page only.
                :::
                """,
        },
        says={
            "blog/the-first-post.html": [
                ["This post is spoken, also in brief."],
                ["This part is spoken on the post's own page only."],
            ],
            "blog/index.html": [["This post is spoken, also in brief."]],
            "blog/archive/2026.html": [["This post is spoken, also in brief."]],
        },
    ),
    "tags": Neighbour(
        pages={
            "tags.md": "# Tags\n\n<!-- material/tags -->\n",
            "tagged.md": """\
                ---
                tags: [sound]
                ---
                # With a tag

                :::speak
                This page is found by its tag as well.
                :::
                """,
        },
        says={"tagged.html": [["This page is found by its tag as well."]]},
    ),
    # It warns of each file from elsewhere, but for one that a script of the theme itself may load.
    "privacy": Neighbour(options={"assets_fetch": False, "assets_exclude": ["unpkg.com/mermaid@*"]}),
    "offline": Neighbour(
        pages={"js/iframe-worker.js": "/* stands for the one that the plugin would have from elsewhere */\n"},
        config={"extra": {"polyfills": ["js/iframe-worker.js"]}},
        needs=["search"],
    ),
}
"""Plugins that come with Material for MkDocs."""

ALL = {
    **MATERIAL,
    **GENERIC,
    # Else mkdocstrings adds it behind all others, where print-site wants to stand.
    "autorefs": Neighbour(),
    # Else section-index takes the blog's page for its own, and the blog's plugin does not know it any more.
    "awesome-nav": Neighbour(
        pages={
            **GENERIC["awesome-nav"].pages,
            ".nav.yml": "nav: [index.md, guide, about.md, {Blog: blog/index.md}, '*']\n",
        },
    ),
}
"""All of them, as they live together."""


def neighbourhood(
    root: Path, order: Sequence[str], neighbours: Mapping[str, Neighbour], theme: Mapping[str, object], cache: Path
) -> Site:
    """A site with plugins, in a git repository of its own.

    Args:
        root: Of the site; what is there already is kept.
        order: The plugins in the order in which mkdocs.yml names them, with `lightning`.
        neighbours: By their names; at least those in `order`.
        theme: As in mkdocs.yml.
        cache: Of what is spoken.
    """
    present = [neighbours[name] for name in order if name != "lightning"]
    config: dict[str, object] = {
        "site_url": SITE_URL,
        "theme": dict(theme),
        "use_directory_urls": False,
        "markdown_extensions": ["attr_list"],
    }
    for neighbour in present:
        config |= neighbour.config
    config["plugins"] = [
        {name: dict(neighbours[name].options)} if name != "lightning" and neighbours[name].options else name
        for name in order
    ]
    site = Site(root, {"engine": "offline", "feed": True, "cache_dir": str(cache)}, config)
    site.write(BASE)
    for neighbour in present:
        site.write(neighbour.pages)
        site.write({f"../{name}": text for name, text in neighbour.files.items()})
    if not (root / ".git").exists():
        commit(root)
    return site


def commit(root: Path) -> None:
    """Put all that is there into a new git repository."""
    person = {f"GIT_{role}_{what}": "a@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    dates = {f"GIT_{role}_DATE": COMMIT_DATE for role in ("AUTHOR", "COMMITTER")}
    for command in ("init -q", "add -A", "commit -q --no-gpg-sign -m Pages"):
        subprocess.run(["git", *command.split()], cwd=root, env={**os.environ, **person, **dates}, check=True)


def expected(order: Iterable[str], neighbours: Mapping[str, Neighbour]) -> dict[str, Sequence[Sequence[str]]]:
    """The captions of each player of a site, by page."""
    says = dict(SAYS)
    for name in order:
        if name != "lightning":
            says |= neighbours[name].says
    return says


class Player(NamedTuple):
    """What a reader has of one player.

    Attributes:
        clip: The name of the file.
        captions: Of its track.
        marked: What is marked on the page for each sentence.
    """

    id: str
    label: str
    heading: str
    duration: float
    clip: str
    captions: tuple[str, ...]
    marked: tuple[str, ...]


class Clip(NamedTuple):
    """What a page says of one clip to programs."""

    name: str
    url: str
    transcript: str


class PageRead(NamedTuple):
    """A page that has been read."""

    players: tuple[Player, ...]
    clips: tuple[Clip, ...]


class Document(HTMLParser):
    """What stands on a page: its elements, its text, and what is marked."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.data = ""
        self.marked: dict[str, str] = {}
        self._spans: list[str | None] = []
        self._script: str | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.elements.append((tag, found))
        if tag == "span":
            self._spans.append(found.get("data-cue"))
        if tag in {"script", "style"}:
            self._script = found.get("type") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "span" and self._spans:
            self._spans.pop()
        if tag in {"script", "style"}:
            self._script = None

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self.data += data if self._script == "application/ld+json" else ""
            return
        self.text += data
        for cue in filter(None, self._spans):
            self.marked[cue] = self.marked.get(cue, "") + data

    @property
    def ids(self) -> Counter[str]:
        """How often each id is there."""
        return Counter(id_ for _, found in self.elements if (id_ := found.get("id")) is not None)


def read_page(site: Site, page: str) -> PageRead:
    """A built page as a browser finds it; its links are followed, and none of its ids is there twice."""
    root = site.root / "site"
    folder = (root / page).parent
    document = Document(site.html(page))
    assert "speak-block" not in site.html(page)
    players: list[Player] = []
    id_ = heading = duration = ""
    for place, (tag, found) in enumerate(document.elements):
        if tag == "speak-player":
            assert "speak-player" in (found["class"] or "").split()
            id_ = document.elements[place - 1][1]["id"] or ""
            heading, duration = found["data-heading"] or "", found["data-duration"] or ""
            assert (found["data-starts"] or "").split()[0] == "0.000"
        if tag == "audio":
            assert "controls" in found
            assert found["preload"] == "none"
            sound, label = _followed(folder, found["src"]), found["aria-label"] or ""
            track_tag, track = document.elements[place + 1]
            assert (track_tag, track["kind"]) == ("track", "captions")
            captions = _captions(_followed(folder, track["src"]))
            marked = tuple(
                " ".join(document.marked.get(f"{id_} {number}", "").split()) for number in range(len(captions))
            )
            assert sound.stat().st_size > 1000
            assert sound.parent == root / "assets/lightning"
            players.append(Player(id_, label, heading, float(duration), sound.name, captions, marked))
    ids = document.ids
    assert [ids[player.id] for player in players] == [1] * len(players)
    if not players:
        assert "assets/lightning" not in site.html(page)
        return PageRead((), ())
    _expect_assets(document, folder)
    clips = [Clip(clip["name"], clip["contentUrl"], clip["transcript"]) for clip in json.loads(document.data)["@graph"]]
    assert sorted(clip.url for clip in clips) == sorted(f"{SITE_URL}assets/lightning/{p.clip}" for p in players)
    return PageRead(tuple(players), tuple(clips))


def read_site(site: Site) -> dict[str, PageRead]:
    """All pages of a built site that have players."""
    root = site.root / "site"
    pages = {page.relative_to(root).as_posix() for page in root.rglob("*.html")} - {PRINT_PAGE}
    read = {page: read_page(site, page) for page in sorted(pages)}
    return {page: found for page, found in read.items() if found.players}


def files_of(site: Site) -> dict[str, int]:
    """What we have put into a site, with its sizes: clips, captions, what the player needs, the podcast."""
    root = site.root / "site"
    files = [*(root / "assets/lightning").iterdir(), root / "podcast.xml"]
    return {file.relative_to(root).as_posix(): file.stat().st_size for file in files}


def _expect_assets(document: Document, folder: Path) -> None:
    """The player's script and its style sheet, once each, and where the page says."""
    for tag, attribute, name in (("script", "src", "player.js"), ("link", "href", "player.css")):
        links = [found.get(attribute) or "" for element, found in document.elements if element == tag]
        (link,) = [link for link in links if link.endswith(f"assets/lightning/{name}")]
        assert _followed(folder, link).stat().st_size > 1000


def _followed(folder: Path, url: str | None) -> Path:
    """The file behind a relative URL of a page in some folder."""
    assert url
    assert not url.startswith(("http", "/"))
    return (folder / unquote(url)).resolve(strict=True)


def _captions(track: Path) -> tuple[str, ...]:
    """The texts of a WebVTT file."""
    head, *cues = track.read_text(encoding="utf-8").rstrip("\n").split("\n\n")
    assert head == "WEBVTT"
    texts = (cue.split("\n")[1] for cue in cues)
    return tuple(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") for text in texts)
