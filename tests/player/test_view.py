"""What the reader sees: the player's HTML, its style sheet, and the site that shows both."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from markupsafe import Markup

from mkdocs_lightning.player.captions import Cue
from mkdocs_lightning.player.chapters import Chapter
from mkdocs_lightning.player.site_assets import SCRIPT, STYLESHEET, asset, with_script
from mkdocs_lightning.player.slots import (
    MAX_NESTING,
    block_slot,
    fill_slots,
    has_slots,
    insert_page_player,
    page_slot,
    slot_names,
)
from mkdocs_lightning.player.ui_strings import ui_strings_for
from mkdocs_lightning.player.view import (
    PLAYER_ATTRIBUTE,
    SCRIPT_STRINGS,
    PageContext,
    PlayerTemplate,
    PlayerView,
    script_strings,
)
from mkdocs_lightning.reading.grammar.block import TextMode
from mkdocs_lightning.site.published.page_marks import docked_player
from tests.support.html import Page, attributes, classes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.sites import Site

THEMES = ("mkdocs", "readthedocs", "material")
VIEW = PlayerView(
    id="speak-1",
    classes=(),
    title="Overview",
    heading="Overview of it all",
    label="Listen: Overview of it all",
    text=TextMode.SHOW,
    text_html=Markup("<p>The <em>text</em>.</p>"),
    url="../assets/lightning/1.mp3",
    captions_url="../assets/lightning/1.vtt",
    media_type="audio/mpeg",
    duration=65.0,
    cues=(Cue(0.0, 30.0, "The text."), Cue(30.25, 65.0, "Goes on.")),
    context=PageContext(site_name="The site", title="The page", script="../assets/lightning/player.js"),
)
HOSTILE = "\"><script>alert('1')</script>&amp;"


def rendered(view: PlayerView) -> str:
    return PlayerTemplate([]).render(view)


# Slots


@pytest.mark.parametrize(
    ("html", "filled"),
    [
        ("before(a)text(/)after", "before[a:text]after"),
        ("(a)one(/)(b)two(/)", "[a:one][b:two]"),
        ("(a)1(b)2(/)3(c)4(/)5(/)6", "[a:1[b:2]3[c:4]5]6"),
        ("(a)(/)", "[a:]"),
        ("1(a)2", "12"),
        ("1(a)2(b)3(/)4", "12[b:3]4"),
        ("1(/)2", "12"),
        ("(a)1(/)2(/)3(b)4(/)", "[a:1]23[b:4]"),
    ],
    ids=[
        "one",
        "adjacent",
        "nested",
        "empty",
        "never closed",
        "the outer one never closed",
        "never opened",
        "closed twice",
    ],
)
def test_every_slot_is_filled_and_no_text_is_lost(html: str, filled: str) -> None:
    html = re.sub(r"\((\w)\)", r'<speak-block data-speak="\1">', html).replace("(/)", "</speak-block>")

    assert fill_slots(html, set("abc"), lambda slot, inner: f"[{slot}:{inner}]") == (filled, ())


def test_what_only_looks_like_a_slot_is_left_alone() -> None:
    html = "<p>&lt;speak-block data-speak=&quot;a&quot;&gt;</p><speak-blocks>b</speak-blocks>"

    assert not has_slots(html)
    assert fill_slots(html, set("ab"), lambda _slot, _inner: "filled") == (html, ())


TAGS = '<speak-block data-speak="a">|<speak-block |data-speak="b">|</speak-block|</speak-block>|<!--speak-block c-->'
PIECES = [
    *TAGS.split("|"),
    "<!--speak-block ",
    "c-->",
    "<!--/speak-block-->",
    "<!--/",
    "speak-block",
    "<",
    ">",
    "/",
    " ",
]


def test_the_tags_of_slots_are_found_wherever_they_are() -> None:
    """Those that a search of the whole page for one expression finds, in whatever somebody writes around them."""
    edge = re.compile(
        r'<speak-block(?=[\s/>])(?: data-speak="(\w+)")?[^<>]*>|</speak-block\s*>|'
        r"<!--speak-block (\w+)-->|<!--/speak-block-->"
    )
    chance = random.Random(1)
    for _ in range(5_000):
        html = "".join(chance.choices(PIECES, k=chance.randrange(9)))
        assert slot_names(html) == {found[1] or found[2] for found in edge.finditer(html)} - {None}, html
        assert fill_slots(html, (), lambda _slot, inner: inner).html == edge.sub("", html)


@pytest.mark.parametrize(
    "html",
    [
        "<p>Before.</p>\n<h1>Title</h1>|\n<p>After.</p>",
        '<h1 id="a"><a href="#a">Title</a></h1>|<h1>Second</h1>',
        f"|{block_slot('<h1>Title</h1>', 'b')}<p>Text.</p>",
        f"{block_slot('<h1>Title</h1>', 'b')}<h1>Second</h1>|",
        "<!-- <h1>Title</h1> --><script>'</h1>'</script><h1>Second</h1>|",
        "<details><summary>More</summary><h1>Title</h1></details><h1>Second</h1>|",
        "<div hidden><div></div><h1>Title</h1></div><br hidden><H1 class=hidden>Second</H1 >|",
        "|<h1 hidden>Title</h1><template><h1>Title</h1></template>",
        "|<h2>Part</h2><p>No title.</p>",
        "|",
    ],
    ids=[
        "below the title",
        "below the first title",
        "not in a block",
        "below a title after a block",
        "not in a comment or a script",
        "not where details are closed",
        "not where an element is hidden",
        "not below a hidden title",
        "at the start",
        "empty page",
    ],
)
def test_the_player_of_a_page_stands_under_its_title(html: str) -> None:
    page = page_slot(html.replace("|", ""), "a")
    filled = fill_slots(page, {"a"}, lambda _slot, inner: insert_page_player(inner, "(player)")).html
    assert filled == re.sub("</?speak-block[^>]*>", "", html).replace("|", "\n(player)")
    assert insert_page_player("<p>As another plugin has made it.</p>", "(player)").startswith("\n(player)")


def test_a_page_in_a_slot_is_filled_as_a_block_is() -> None:
    page = page_slot(f"<h1>Title</h1>{page_slot('<p>block</p>', 'b')}", "a")

    assert has_slots(page)
    filled = fill_slots(page, set("ab"), lambda slot, inner: f"[{slot}:{insert_page_player(inner, '(player)')}]")
    assert filled.html == "[a:<h1>Title</h1>\n(player)[b:\n(player)<p>block</p>]]"


@pytest.mark.parametrize(
    ("html", "filled", "unfinished"),
    [
        ("1(x)2(/)3", "123", 0),
        ("(a)1(x)2(/)3(/)4", "[a:123]4", 0),
        ("1(x)2(a)3(/)4", "12[a:3]4", 1),
        ("(a)1(x)2(/)3", "[a:12]3", 1),
        ("(a)1(x)2(/)3(b)4(/)", "[a:12]3[b:4]", 1),
        ("(a)1(x)(x)2(/)3", "[a:12]3", 2),
        ("{a}1(x)2{/}3", "[a:12]3", 1),
        ("{a}1(b)2(x)3(/)4{/}5", "[a:1[b:23]4]5", 1),
        ("{a}1{x}2(b)3(/)4{/}5", "[a:12[b:3]4]5", 1),
        ("{a}1(/)2{/}3", "[a:12]3", 0),
        ("(a)1{/}2(/)3", "[a:12]3", 0),
        ("(a)1<speak-block>2(/)3", "[a:12]3", 1),
        ("(a)1(b)2", "12", 0),  # what a plugin has cut from a page, such as an excerpt
        ("{a}1(b)2{/}3", "[a:12]3", 0),
    ],
)
def test_tags_that_somebody_wrote_take_no_player(html: str, filled: str, unfinished: int) -> None:
    """Of other names than ours, `x`, or of none: their text is shown, and what has no end is told."""
    for sign, tag in {
        r"\((\w)\)": r'<speak-block data-speak="\1">',
        r"\(/\)": "</speak-block>",
        r"\{(\w)\}": r"<!--speak-block \1-->",
        r"\{/\}": "<!--/speak-block-->",
    }.items():
        html = re.sub(sign, tag, html)

    found = fill_slots(html, set("ab"), lambda slot, inner: f"[{slot}:{inner}]")

    assert (found.html, len(found.unfinished)) == (filled, unfinished)
    assert all("x" in tag or tag == "<speak-block>" for tag in found.unfinished)


def test_slots_within_slots_have_a_bound() -> None:
    """The text of each is looked at again for all that are around it."""
    html = "text"
    for _ in range(1000):
        html = block_slot(html, "a")

    filled = fill_slots(html, {"a"}, lambda _slot, inner: f"[{inner}]").html

    assert filled == "[" * MAX_NESTING + "text" + "]" * MAX_NESTING


# The template


@pytest.mark.parametrize(
    ("seconds", "clock"),
    [
        (0.2, "0:01"),
        (9.4, "0:09"),
        (59.6, "1:00"),
        (65.0, "1:05"),
        (600.0, "10:00"),
        (3599.6, "1:00:00"),
        (3665.0, "1:01:05"),
    ],
)
def test_the_duration_is_written_as_on_a_clock(seconds: float, clock: str) -> None:
    assert replace(VIEW, duration=seconds).clock == clock


@pytest.mark.parametrize("mode", TextMode)
def test_the_player_has_a_name_and_loads_nothing_before_it_is_played(mode: TextMode) -> None:
    (audio,) = attributes(rendered(replace(VIEW, text=mode)), "audio")

    assert audio == {
        "controls": None,
        "preload": "none",
        "src": "../assets/lightning/1.mp3",
        "aria-label": "Listen: Overview of it all, 1:05",
    }


def test_the_captions_are_offered_and_not_shown() -> None:
    """No `default`: a browser shows captions of its own accord only where its user asked for them."""
    html = rendered(VIEW)

    assert attributes(html, "track") == [
        {"kind": "captions", "src": "../assets/lightning/1.vtt", "srclang": "en", "label": "Transcript"}
    ]
    assert html.index("<audio") < html.index("<track") < html.index("</audio>")
    assert attributes(rendered(replace(VIEW, language="hi")), "track")[0]["srclang"] == "hi"


def test_the_script_is_told_what_it_needs_to_know() -> None:
    (player,) = attributes(rendered(VIEW), "speak-player")

    assert player == {
        "class": "speak-player",
        "data-duration": "65.000",
        "data-starts": "0.000 30.250",
        "data-heading": "Overview of it all",
        "data-site": "The site",
    }
    chapters = (Chapter(0.0, HOSTILE, "a"), Chapter(1.5, "Two", ""))
    (long,) = attributes(rendered(replace(VIEW, chapters=chapters)), "speak-player")
    assert json.loads(long.pop("data-chapters") or "") == [[0.0, HOSTILE, "a"], [1.5, "Two", ""]]
    assert long == player
    (whole,) = attributes(rendered(replace(VIEW, is_page=True)), "speak-player")
    assert whole == player | {"data-page": ""}


@pytest.mark.parametrize("language", ["en", "de-CH", "ar"])
def test_the_script_has_its_texts_in_the_page_s_language(language: str) -> None:
    (script,) = attributes(with_script("", "player.js", script_strings(language)), "script")

    texts = ui_strings_for(language)
    assert json.loads(script["data-speak-strings"] or "") == {name: getattr(texts, name) for name in SCRIPT_STRINGS}


def test_the_script_shows_just_those_texts_that_it_has() -> None:
    shown = set(re.findall(r"\bstrings\.(\w+)", asset(SCRIPT)))
    by_state = {"play", "pause", "play_clip", "pause_clip"}

    assert shown - by_state == set(SCRIPT_STRINGS) - by_state


def test_the_script_comes_once_and_does_not_hold_up_the_page() -> None:
    html = with_script("<p>player</p>", "../a b/player.js?a=1&b=2", '{"play":"Play <it> & \'that\'"}')

    assert attributes(html, "script") == [
        {
            "src": "../a b/player.js?a=1&b=2",
            "data-speak-strings": '{"play":"Play <it> & \'that\'"}',
            "defer": None,
        }
    ]
    assert html.startswith("<p>player</p>")


@pytest.mark.parametrize("mode", TextMode)
def test_the_words_of_the_player_are_no_text_of_the_page(mode: TextMode) -> None:
    html = rendered(replace(VIEW, text=mode))

    assert Page(html).text.split() == ["The", "text."]
    assert "<p>The <em>text</em>.</p>" in html
    assert PLAYER_ATTRIBUTE in html


def test_title_and_duration_are_shown() -> None:
    assert attributes(rendered(VIEW), "span", "speak-title")[0]["data-text"] == "Overview"
    assert attributes(rendered(VIEW), "span", "speak-clock")[0]["data-text"] == "1:05"


def test_shown_text_stands_below_the_player() -> None:
    html = rendered(VIEW)

    assert [found["class"] for found in attributes(html, "div", "speak-text")] == ["speak-text"]
    assert not attributes(html, "details")
    assert html.index("<audio") < html.index("<p>")


def test_collapsed_text_is_closed_until_somebody_opens_it() -> None:
    html = rendered(replace(VIEW, text=TextMode.COLLAPSE))

    (details,) = attributes(html, "details", "speak-text")
    (summary,) = attributes(html, "summary")
    assert "open" not in details
    assert summary["aria-label"] == attributes(html, "span", "speak-summary")[0]["data-text"] == "Transcript"
    assert html.index("<summary") < html.index("<p>") < html.index("</details>")


def test_hidden_text_is_hidden_from_the_eye_only() -> None:
    html = rendered(replace(VIEW, text=TextMode.HIDE))

    (text,) = attributes(html, "div", "speak-text")
    assert text == {"class": "speak-text speak-text--hidden"}, "nothing that keeps it from assistive technology"


@pytest.mark.parametrize("mode", TextMode)
def test_without_a_clip_the_text_stands_alone_and_in_sight(mode: TextMode) -> None:
    html = rendered(replace(VIEW, text=mode, url=None, duration=0.0))

    assert [tag for tag, _ in Page(html).elements] == ["div", "div", "p", "em"]
    assert "<p>The <em>text</em>.</p>" in html
    assert attributes(html, "div", "speak")[0]["id"] == "speak-1"
    assert "hidden" not in html
    assert PLAYER_ATTRIBUTE not in html


def test_what_an_author_writes_stays_within_its_attribute() -> None:
    view = replace(
        VIEW,
        id=HOSTILE,
        classes=(HOSTILE,),
        title=HOSTILE,
        heading=HOSTILE,
        label=HOSTILE,
        url=HOSTILE,
        captions_url=HOSTILE,
        language=HOSTILE,
        context=PageContext(site_name=HOSTILE),
    )

    html = rendered(view)

    assert [tag for tag, _ in Page(html).elements] == [tag for tag, _ in Page(rendered(VIEW)).elements]
    (outer,) = attributes(html, "div", "speak")
    assert (outer["id"], outer["class"]) == (HOSTILE, f"speak {HOSTILE}")
    assert attributes(html, "span", "speak-title")[0]["data-text"] == HOSTILE
    (audio,) = attributes(html, "audio")
    assert (audio["src"], audio["aria-label"]) == (HOSTILE, f"{HOSTILE}, 1:05")
    assert attributes(html, "div", "speak-text")[0]["lang"] == HOSTILE
    (player,) = attributes(html, "speak-player")
    assert (player["data-heading"], player["data-site"]) == (HOSTILE, HOSTILE)
    (track,) = attributes(html, "track")
    assert (track["src"], track["srclang"]) == (HOSTILE, HOSTILE)


@pytest.mark.parametrize("mode", TextMode)
@pytest.mark.parametrize(
    ("language", "expected"),
    [("hi", ("hi", "ltr")), ("ar", ("ar", "rtl")), ("pa-Arab", ("pa-Arab", "rtl")), (None, (None, None))],
)
def test_a_text_in_another_language_says_so(
    mode: TextMode, language: str | None, expected: tuple[str | None, str | None]
) -> None:
    tag = "details" if mode == TextMode.COLLAPSE else "div"

    (text,) = attributes(rendered(replace(VIEW, text=mode, language=language)), tag, "speak-text")

    assert (text.get("lang"), text.get("dir")) == expected


# In a site


def test_a_theme_may_bring_its_own_player(site: Site) -> None:
    own = '<aside id="{{ block.id }}">{{ block.title }}, {{ block.clock }}: {{ block.text_html }}</aside>\n'
    (site.root / "overrides/lightning").mkdir(parents=True)
    (site.root / "overrides/lightning/player.html").write_text(own, encoding="utf-8")
    site.config["theme"] = {"name": "mkdocs", "custom_dir": "overrides"}
    site.write({"index.md": ':::speak {title="R&D" #own}\nA sentence that is long enough to be spoken alone.\n:::\n'})

    site.build(strict=True)

    html = site.html("index.html")
    aside = re.search(
        r'<aside id="own">R&amp;D, 0:\d\d: <p><span [^>]*data-cue="own 0">A sentence .*</p></aside>', html
    )
    assert aside
    assert "player.css" not in html, "a template without our classes has no use for our styles"
    assert "player.js" not in html, "nor for our script"


def test_ids_are_unique_on_a_page_and_the_same_in_every_build(site: Site) -> None:
    block = ":::speak\nThe same sentence stands here more than once.\n:::\n\n"
    named = ":::speak {#mine}\nThis one has got a name, and has it twice.\n:::\n\n"
    site.write({"index.md": block * 3 + named * 2, "other.md": block})

    site.build(strict=True)

    ids = [found["id"] for found in attributes(site.html("index.html"), "div", "speak")]
    assert len(set(ids)) == 5
    assert [name for name in ids if name and name.startswith("mine")] == ["mine", "mine-2"]
    site.build(strict=True)
    assert [found["id"] for found in attributes(site.html("index.html"), "div", "speak")] == ids


def built(name: str) -> str:
    """Where a page is found in a site with directory URLs."""
    return name.replace("index.md", "index.html").replace(".md", "/index.html")


def stylesheets(site: Site, page: str) -> list[Path]:
    """The player's style sheets that a page links to, each link followed as a browser does."""
    links = [found["href"] or "" for found in attributes(site.html(page), "link") if found.get("rel") == "stylesheet"]
    own = [link for link in links if link.endswith("player.css")]
    return [(site.root / "site" / page).parent.joinpath(link).resolve() for link in own]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("use_directory_urls", [True, False])
def test_the_style_sheet_is_linked_where_there_is_a_player(site: Site, theme: str, use_directory_urls: bool) -> None:
    site.config.update(theme={"name": theme}, use_directory_urls=use_directory_urls)
    block = "# Page\n\n:::speak\nThe words of this page are spoken aloud.\n:::\n"
    spoken = ("index.md", "page.md", "one/page.md", "one/two/index.md", "one/two/three/page.md")
    site.write({**dict.fromkeys(spoken, block), "silent.md": "# Silent\n\nNothing is spoken here.\n"})

    site.build(strict=True)

    for name in spoken:
        page = built(name) if use_directory_urls else name.replace(".md", ".html")
        (sheet,) = stylesheets(site, page)
        assert sheet.read_text(encoding="utf-8") == asset(STYLESHEET)
        assert len(site.clips(page)) == 1
        assert site.clips(page)[0].is_file()
    assert stylesheets(site, "silent/index.html" if use_directory_urls else "silent.html") == []
    assert stylesheets(site, "404.html") == []


def test_a_site_without_players_carries_no_style_sheet(site: Site) -> None:
    site.write({"index.md": ":::speak {text=hide}\nThese words stay silent in this build.\n:::\n"})

    site.build(synthesize="never")

    assert "These words stay silent" in site.html("index.html")
    assert not list((site.root / "site").rglob("player.css"))
    assert stylesheets(site, "index.html") == []


@pytest.mark.parametrize("theme", ["mkdocs", "material"])
def test_search_finds_the_text_and_not_the_player(site: Site, theme: str) -> None:
    site.config["theme"] = {"name": theme}
    block = ':::speak {text=collapse title="Zebra"}\nOnly these words are to be found by a search.\n:::\n'
    site.write({"index.md": f"# Page\n\n{block}"})

    site.build(strict=True)

    index = json.loads((site.root / "site/search/search_index.json").read_text(encoding="utf-8"))
    found = " ".join(document["text"] for document in index["docs"])
    assert "Only these words are to be found by a search." in Page(found).text
    assert not re.search("Zebra|Transcript|Listen|0:0", found)


def test_an_author_is_told_of_a_draft_and_of_what_has_no_voice_yet() -> None:
    draft = rendered(replace(VIEW, is_draft=True))
    awaited = rendered(replace(VIEW, url=None, is_pending=True))

    assert 'data-text="Draft voice"' in draft
    assert "Draft voice" not in rendered(VIEW)
    assert "Not synthesized yet" in awaited
    assert PLAYER_ATTRIBUTE in awaited  # so that the page links the style sheet
    assert "<audio" not in awaited


# The style sheet


def rules() -> list[str]:
    """The selectors of each rule of the style sheet."""
    css = re.sub(r"/\*.*?\*/", "", asset(STYLESHEET), flags=re.DOTALL)
    return [found.strip() for found in re.findall(r"(?:^|[{}])\s*([^{}@%]+)\{", css)]


def selectors(rule: str) -> list[str]:
    """The parts of a rule's list of selectors; a comma in brackets parts nothing."""
    depth, parts = 0, [""]
    for character in rule:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def weighty(selector: str) -> str:
    """What of a selector gives it specificity, but for a pseudo-element: that goes without saying."""
    depth, outside = 0, ""
    for part in re.split(r"(:where\(|[()])", re.sub(r"::[\w-]+(?:\([\w-]+\))?$", "", selector)):
        depth += {"(": 1, ":where(": 1, ")": -1}.get(part, 0)
        if not depth and part != ")":
            outside += part
    return outside.strip()


FOCUS = ":is"
"""What is left of the selector of the focus' outline, which themes would take away otherwise."""


ABOVE_RESETS = ":not(a a a)"
"""What every element matches, with the specificity of three names of elements: above a reset, below any class."""


def controls_of_the_script() -> set[str]:
    """The classes of what `player.js` makes, and themes have rules of their own for: buttons, links, fields."""
    made = re.findall(r'make\(\s*"(?:button|input|select|a)",\s*"([\w-]+)"', asset(SCRIPT))
    return {*made, *re.findall(r'classList\.add\("(speak-(?:play|here))"\)', asset(SCRIPT))}


def test_every_rule_of_a_site_wins_over_the_style_sheet() -> None:
    """All but the controls, which would look like a theme's own buttons and fields otherwise, or hide their focus.

    A highlight has no class, and cannot stand in `:where()`: a site's rule names the sentence, too, and so weighs more.
    """
    controls = {f".{name}" for name in controls_of_the_script()}
    light = {one for rule in rules() for one in selectors(rule) if one.startswith(ABOVE_RESETS)}
    weights = {one: weighty(one) for rule in rules() for one in selectors(rule) if one not in light}
    assert {weighty(one.removeprefix(ABOVE_RESETS)) for one in light} == {""}

    assert len(controls) > 2
    assert len(weights) > 10
    heavy = {one: weight.removesuffix(":focus-visible").rstrip() for one, weight in weights.items()}
    allowed = {*controls, FOCUS}
    assert {
        one for one, weight in heavy.items() if weight not in allowed and not one.startswith("::highlight")
    } == set()


def test_every_class_that_is_styled_is_in_the_template_or_made_by_the_script() -> None:
    styled = set(re.findall(r"\.(speak[\w-]*)", " ".join(rules())))
    html = "".join(rendered(replace(VIEW, text=mode, is_draft=True)) for mode in TextMode)
    in_template = {name for _, found in Page(html).elements for name in classes(found) if name.startswith("speak")}
    in_script = set(re.findall(r'"(speak-[\w-]+)"', asset(SCRIPT)))

    assert in_template <= styled
    of_docks = set(re.findall(r'class="(speak-[\w-]+)"', docked_player("", "")))
    assert styled <= in_template | in_script | of_docks
