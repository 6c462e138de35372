"""The review in a browser: opened from a disk, without a server, with as many sentences as a large site has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Locator, Page, expect

from mkdocs_lightning.exports.review.model import Cost, Review, ReviewClip, ReviewPage, ReviewSentence
from mkdocs_lightning.exports.review.review_page import review_files
from tests.browser.axe import violations
from tests.support.commands import run
from tests.support.service import Service
from tests.support.sites import KEY, Site

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.browser.conftest import OpenTab, Serve

FIRST = "The first sentence of this page is here, and it is long enough."
SECOND = "And OAuth2 is in the second one, which goes on for a while, too."
MISSING = "Caf\u00e9 owners are missing from the cache until somebody pays."
PAGE = f'# Title\n\n:::speak title="A block"\n{FIRST} {SECOND}\n:::\n'
HINDI = "# Hindi\n\n:::speak language=hi\nयह वाक्य हिन्दी में लिखा गया है और सुना जा सकता है।\n:::\n"
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 320, "height": 640}
COMMON_PHONE = {"width": 390, "height": 844}

PAGES, CLIP_SENTENCES = 400, 50
LOADS_WITHIN, ANSWERS_WITHIN = 2.0, 0.1  # seconds


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The review of a small site, of which a sentence is missing."""
    root = tmp_path_factory.mktemp("review")
    with Service() as service:
        site = Site(root, {"api_key": KEY, "base_url": service.url})
        site.write({"index.md": PAGE, "guide/b.md": PAGE.replace("A block", "Another"), "guide/hi.md": HINDI})
        site.build()
        site.write({"index.md": PAGE.replace(FIRST, f"{FIRST} {MISSING}")})
        result = run(site, "review", "-o", str(root / "review"))
    assert result.exit_code == 0, result.stderr
    return root / "review"


@pytest.fixture
def show(open_tab: OpenTab, review: Path) -> Callable[..., Page]:
    """Opens the review; options are those of a context."""

    def show(**options: Any) -> Page:
        tab = open_tab(endless=True, **{"viewport": DESKTOP, "reduced_motion": "reduce", **options})
        tab.goto((review / "index.html").as_uri())
        return tab

    return show


def shown(tab: Page) -> Locator:
    """The sentences that are not filtered out."""
    return tab.locator(".page:not([hidden]) .clip:not([hidden]) .script > li:not([hidden])")


def test_it_plays_what_is_cached_and_highlights_it(show: Callable[..., Page]) -> None:
    tab = show()

    tab.locator(".speak-play").first.click()

    expect(tab.locator("[data-cue].speak-now").first).to_have_text(FIRST)
    expect(tab.locator("[data-cue].speak-now").first).to_have_text(SECOND)  # the missing one is left out


def test_a_search_finds_words_phrases_and_what_is_spelled_with_accents(show: Callable[..., Page]) -> None:
    tab = show()
    field = tab.locator("#search")

    for query, count in [
        ("oauth2", 2),
        ('"first sentence"', 2),
        ("first is HERE", 2),
        ("cafe", 1),
        ("हिन्दी", 1),
        ("xyzzy", 0),
    ]:
        field.fill(query)
        expect(shown(tab)).to_have_count(count)
        expect(tab.locator(".found")).to_have_text(f"{count} sentence{'' if count == 1 else 's'}")
    expect(tab.locator(".nothing")).to_be_visible()
    tab.locator(".all").click()
    expect(shown(tab)).to_have_count(6)
    expect(tab.locator(".found")).to_have_text("")


def test_filters_can_be_combined_with_each_other_and_a_search(show: Callable[..., Page]) -> None:
    tab = show()

    tab.locator("[data-filter=odd]").click()
    expect(shown(tab)).to_have_count(2)  # Café and OAuth2, each where it comes first
    tab.locator("[data-filter=missing]").click()
    expect(shown(tab)).to_have_count(1)
    tab.locator("#search").fill("second")
    expect(shown(tab)).to_have_count(0)
    tab.locator("[data-filter=missing]").click()
    expect(shown(tab)).to_have_count(1)


def test_an_odd_word_leads_to_its_sentences_and_a_link_to_a_page_that_is_filtered_out(
    show: Callable[..., Page],
) -> None:
    tab = show()

    tab.locator("summary", has_text="Digits").click()
    tab.locator("[data-word=OAuth2]").click()
    expect(shown(tab)).to_have_count(2)
    tab.locator("#costs a", has_text="guide/hi.md").click()

    expect(shown(tab)).to_have_count(6)
    expect(tab.locator("h3", has_text="Hindi")).to_be_in_viewport()


def test_the_keyboard_leads_to_the_search_and_typing_there_is_not_taken_for_a_key(show: Callable[..., Page]) -> None:
    tab = show()

    tab.keyboard.press("/")
    expect(tab.locator("#search")).to_be_focused()
    tab.keyboard.type("first/")

    assert tab.locator("#search").input_value() == "first/"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
def test_axe_finds_nothing(
    open_tab: OpenTab, serve: Serve, review: Path, scheme: str, viewport: dict[str, int]
) -> None:
    tab = open_tab(color_scheme=scheme, viewport=viewport)
    tab.goto(serve(review))  # axe reads style sheets, which it may not from a disk
    tab.locator("details").evaluate_all("all => all.forEach((one) => (one.open = true))")
    tab.locator("[data-filter=odd]").click()
    expect(tab.locator(".speak-play").first).to_be_attached()

    assert violations(tab) == {}


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
def test_nothing_is_wider_than_the_window(show: Callable[..., Page], viewport: dict[str, int]) -> None:
    tab = show(viewport=viewport)

    assert tab.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_on_a_phone_the_price_of_a_page_is_in_view_and_the_tools_are_small(show: Callable[..., Page]) -> None:
    tab = show(viewport=COMMON_PHONE, has_touch=True, is_mobile=True)
    box = tab.locator("td.price").first.bounding_box()

    tab.locator("#costs a", has_text="guide/hi.md").click()
    tools, title = tab.locator(".tools").bounding_box(), tab.locator("h3", has_text="Hindi").bounding_box()

    assert box
    assert box["x"] + box["width"] <= COMMON_PHONE["width"]
    assert tools
    assert title
    assert tools["height"] <= 0.15 * COMMON_PHONE["height"]
    assert tools["y"] + tools["height"] <= title["y"]


def test_without_javascript_all_is_there_to_be_read_and_heard(show: Callable[..., Page]) -> None:
    tab = show(java_script_enabled=False)

    expect(shown(tab)).to_have_count(6)
    expect(tab.locator("audio[controls]")).to_have_count(3)
    expect(tab.locator(".tools")).to_be_hidden()
    expect(tab.locator("text=Caf\u00e9 owners")).to_be_visible()


def test_on_paper_there_is_all_text_and_no_tool(show: Callable[..., Page]) -> None:
    tab = show()
    tab.emulate_media(media="print")

    expect(tab.locator(".tools")).to_be_hidden()
    expect(tab.locator(".word", has_text="OAuth2")).to_be_visible()
    expect(tab.locator("h4").first).to_be_visible()
    expect(shown(tab).last).to_be_visible()


def test_in_the_system_s_colours_what_is_pressed_and_what_is_missing_can_be_told(show: Callable[..., Page]) -> None:
    tab = show(forced_colors="active")
    tab.locator("[data-filter=missing]").click()
    colours = "one => getComputedStyle(one).backgroundColor"

    pressed, other = (tab.locator(f"[data-filter={name}]").evaluate(colours) for name in ("missing", "long"))

    assert pressed != other
    expect(tab.locator("text=missing").first).to_be_visible()


def large_review() -> Review:
    """A review of 20,000 sentences."""

    def sentence(page: int, number: int) -> ReviewSentence:
        text = (
            f"Sentence {number} of page {page} says something about word{page * 31 % 997}, and then it goes on a while."
        )
        is_cached = (page + number) % 3 > 0
        return ReviewSentence(
            written=text,
            spoken=text if number % 5 else text.replace("Sentence", "Number"),
            language="en",
            speaker="",
            requests=1,
            characters=len(text),
            is_cached=is_cached,
            seconds=5.0,
            price="" if is_cached else "$0.0020",
            odd=(),
            is_odd=number % 7 == 0,
            cue=None,
        )

    def page(number: int) -> ReviewPage:
        sentences = tuple(sentence(number, place) for place in range(CLIP_SENTENCES))
        clip = ReviewClip(
            "A title", f"{number}.md", "kaitlyn, en", "en", is_page=True, audio=None, sentences=sentences, pauses=9
        )
        return ReviewPage(
            f"{number}.md", f"Page {number}", "en", Cost(1, CLIP_SENTENCES, 16, 4000, 1300, "$0.03"), (clip,)
        )

    pages = tuple(map(page, range(PAGES)))
    return Review("A large site", "lightning", "", Cost(PAGES, PAGES * CLIP_SENTENCES, 6400, 1, 1, "$9.99"), pages)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("large")
    for name, text in review_files(large_review()).items():
        (directory / name).write_text(text, encoding="utf-8")
    return directory / "index.html"


class Processor:
    """The time that a tab's main thread works: other programs of this machine do not count.

    Args:
        tab: A new one.
    """

    def __init__(self, tab: Page) -> None:
        self._session = tab.context.new_cdp_session(tab)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def seconds(self) -> float:
        """All of it since the tab was opened."""
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))


PAINTED = "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
SEARCH = """(text) => {
  const field = document.querySelector("#search");
  field.value = text;
  field.dispatchEvent(new Event("input"));
  document.body.getBoundingClientRect(); // with the layout
}"""


def test_20_000_sentences_load_within_two_seconds(open_tab: OpenTab, large: Path) -> None:
    assert large.read_text(encoding="utf-8").count("<li data-flags") == PAGES * CLIP_SENTENCES
    tab = open_tab()
    processor = Processor(tab)

    tab.goto(large.as_uri())
    tab.evaluate(PAINTED)

    assert processor.seconds() < LOADS_WITHIN


def test_a_search_in_20_000_sentences_answers_within_a_tenth_of_a_second(open_tab: OpenTab, large: Path) -> None:
    tab = open_tab()
    processor = Processor(tab)
    tab.goto(large.as_uri())
    tab.evaluate(SEARCH, "x")
    taken = {}

    for query in ("word31", "something", "xyzzy", "number 5"):
        tab.evaluate(SEARCH, "")
        tab.evaluate(PAINTED)
        before = processor.seconds()
        tab.evaluate(SEARCH, query)
        taken[query] = processor.seconds() - before

    assert max(taken.values()) < ANSWERS_WITHIN, taken
