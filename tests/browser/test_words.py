"""The word that is heard, in Chromium, Firefox and WebKitGTK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.browser.listener import Listener
from tests.browser.sites import THEMES, published

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.browsers.tab import Tab

PAGES: Final = {
    "index.md": """
# Words

:::speak title="Words" #words
Every **wo**rd of this [sentence](#words) stands out in its turn, {pause=3} & so does 🙂 “each” of the next.
:::
"""
}
WORD: Final = "() => [...(CSS.highlights.get('speak-word') ?? [])].map((range) => range.toString()).join('')"
NOTED: Final = """() => {
  window.noted = [];
  const note = () => {
    const word = [...(CSS.highlights.get("speak-word") ?? [])].map((range) => range.toString()).join("");
    if (word !== window.noted.at(-1)) window.noted.push(word);
    requestAnimationFrame(note);
  };
  note();
}"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    options = {"engine": "offline", "highlight": "word"}
    root = tmp_path_factory.mktemp("words")
    with published(root, PAGES, theme=THEMES["mkdocs"], config={"site_name": "Words"}, **options) as url:
        yield url


def test_each_word_stands_out_while_it_is_heard(url: str, any_tab: Tab) -> None:
    any_tab.goto(url)
    any_tab.call(NOTED)
    listener = Listener(any_tab)

    listener.play("words")
    any_tab.wait_for("() => window.noted.includes('turn')")

    noted = any_tab.call("() => window.noted")
    heard = "Every word of this sentence stands out in its turn".split()
    assert [word for word in noted if word] == [word for word in heard if word in noted]
    assert len(set(noted) & set(heard)) >= len(heard) - 2, "a busy machine may draw too seldom to show all"
    any_tab.wait_for("() => window.noted.includes('each')")
    any_tab.wait_for("() => document.querySelector('#words audio').paused")
    assert any_tab.call(WORD) == ""


@pytest.mark.parametrize(
    "change",
    [
        "(cue) => cue.replaceChildren()",
        "(cue) => cue.replaceChildren(Object.assign(document.createElement('mark'), { textContent: cue.textContent }))",
        "(cue) => cue.firstChild.splitText(1)",
        "(cue) => { cue.dataset.times = '-1 2 0 x y z 1e999 1 1 1 -9 1 0 1' }",
    ],
    ids=["emptied", "marked, as a search does", "split", "other times"],
)
def test_text_that_another_script_has_changed_is_no_error(url: str, any_tab: Tab, change: str) -> None:
    any_tab.goto(url)
    any_tab.call(f"() => document.querySelectorAll('[data-cue]').forEach({change})")

    Listener(any_tab).play("words")
    any_tab.wait_for("() => document.querySelector('#words audio').currentTime > 1")
    assert any_tab.call("() => document.querySelectorAll('.speak-now').length") > 0
