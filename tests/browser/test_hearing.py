"""What a listener hears, in a real browser: every format, the sentence that is marked, speed, and plain or bad hosts.

What is heard is measured, not what the page believes: see `tests.browser.ear`.
"""

from __future__ import annotations

import logging
import re
import shutil
from html import unescape
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect

from mkdocs_lightning.audio.formats import OutputFormat
from mkdocs_lightning.reading.sentences import MAX_SENTENCE, Pause
from tests.browser.conftest import LET_END
from tests.browser.ear import Ear, Sound, Whistler
from tests.browser.parts import choose_speed, expect_speed
from tests.support.sites import Site, duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import Host, OpenTab, Screenshot, Serve
    from tests.browser.ear import Whistle

log = logging.getLogger(__name__)  # pytest -rP --log-level=INFO

NEAR = 50.0  # ms
USUAL = 35.0  # ms: half of all marks are nearer than that
MUTE = 40.0  # ms: where one seeks in an MP3, it is silent for up to three frames, 72 ms, as they need those before them

TUNE = """\
# Tune

:::speak {#tune}
This sentence is whistled at 500 hertz. At 1100 hertz a *long one* follows, so long that nobody could say it without
taking a breath somewhere, which is why the voice speaks it in **two parts**, with a short pause between them, and as
long as it lasts, and that is for four seconds or so, it is heard at 1100 hertz. The third of all the sentences goes to
700 hertz.

Rhythm & blues are heard at **900 hertz**. Then it goes down [to 800 hertz](#tune). And further down to `600 hertz`.
The last of them has 1000 hertz.
:::
"""
PITCHES = (500, 1100, 700, 900, 800, 600, 1000)
LONG = 1  # the number of the sentence that is cut

PAIR = """\
# Pair

:::speak {#first}
The first of the two players whistles at 500 hertz. And then it goes on a while at 700 hertz.
:::

:::speak {#second}
The second of the two players whistles at 900 hertz. And then it goes on a while at 800 hertz.
:::
"""

BARE = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{{ page.title }}</title></head>
<body>{{ page.content }}</body>
</html>
"""
"""A theme that brings nothing of its own, neither scripts nor requests: whatever goes wrong is ours."""


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Site]]:
    """Builds a site with `TUNE` and `PAIR`, in a format, or gives the one that is built.

    The voice is installed as any other package's would be.
    """
    lib = tmp_path_factory.mktemp("lib")
    package = lib / "whistler-1.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: whistler\nVersion: 1\n")
    entry = f"{Whistler.name} = {Whistler.__module__}:{Whistler.__name__}.from_options"
    (package / "entry_points.txt").write_text(f"[mkdocs_lightning.engines]\n{entry}\n")
    sites: dict[str, Site] = {}

    def build(output_format: str = "mp3") -> Site:
        if output_format not in sites:
            options: dict[str, object] = {"engine": Whistler.name, "output_format": output_format}
            theme = {"name": None, "custom_dir": "theme"}
            site = Site(tmp_path_factory.mktemp(output_format), options, {"theme": theme, "plugins": []})
            (site.root / "theme").mkdir()
            (site.root / "theme/main.html").write_text(BARE)
            site.write({"index.md": TUNE, "pair.md": PAIR})
            site.build(strict=True)
            sites[output_format] = site
        return sites[output_format]

    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(lib)
        yield build


PLAYS = "!audio.paused && !audio.seeking && audio.currentTime > 0.3"
GO_TO = """
  for (let at = player.sentence(); at < {number}; at += 1)
    slider.dispatchEvent(new KeyboardEvent("keydown", {{ key: "PageUp", cancelable: true }}));
"""
SEEK = 'slider.value = {seconds}; for (const type of ["input", "change"]) slider.dispatchEvent(new Event(type))'
FOLLOWS = """([audio, at]) => {
  const player = audio.closest("speak-player");
  const number = player.starts.findLastIndex((start) => start <= audio.currentTime);
  const [marked, heard] = [".speak-now", `[data-cue="${player.name} ${number}"]`].map((one) =>
    [...document.querySelectorAll(one)]);
  return !audio.paused && !audio.seeking && audio.currentTime > at &&
    heard.length > 0 && heard.length === marked.length && heard.every((one) => marked.includes(one));
}"""


class Player(NamedTuple):
    """One player in a tab, and what is used of it."""

    element: Locator

    @classmethod
    def of(cls, tab: Page, name: str = "tune") -> Player:
        return cls(tab.locator(f"#{name} speak-player"))

    @property
    def audio(self) -> Locator:
        return self.element.locator("audio")

    @property
    def position(self) -> Locator:
        return self.element.get_by_role("slider")

    @property
    def note(self) -> Locator:
        return self.element.locator(".speak-note")

    @property
    def starts(self) -> list[float]:
        """When each sentence begins, in seconds."""
        return [float(start) for start in (self.element.get_attribute("data-starts") or "").split()]

    def play(self) -> None:
        self.element.get_by_role("button", name=re.compile("^Play: ")).click()

    def choose_speed(self, speed: float) -> None:
        choose_speed(self.element, speed)

    def get(self, name: str) -> Any:
        """A property of the audio element."""
        return self.audio.evaluate("(audio, name) => audio[name]", name)

    def wait_until(self, condition: str) -> None:
        """Wait until it is true of `audio`; looked at in every frame, by the page itself."""
        self.audio.page.wait_for_function(f"audio => {condition}", arg=self.audio.element_handle(), polling="raf")

    def when(self, condition: str, action: str) -> None:
        """Have the page do something to `slider` as soon as it is true of `audio`: a test might do so too late."""
        self.element.evaluate(f"""player => {{
          const [audio, slider] = ["audio", "input"].map((one) => player.querySelector(one));
          const look = () => {{ if ({condition}) {{ {action} }} else requestAnimationFrame(look); }};
          look();
        }}""")

    def expect_to_play(self) -> None:
        """Wait until it has gone on for a while."""
        self.wait_until(PLAYS)

    def expect_to_follow(self, at: float = 0.0) -> None:
        """Wait until it has gone on for a while, and until nothing is marked but the sentence that it has come to."""
        self.audio.page.wait_for_function(FOLLOWS, arg=[self.audio.element_handle(), at + 0.3], polling="raf")


def sentence(tab: Page, number: int, name: str = "tune") -> str:
    """A sentence as it stands on the page."""
    return "".join(tab.locator(f'[data-cue="{name} {number}"]').all_text_contents())


def opened(tab: Page, url: str, name: str = "tune") -> Player:
    """The player of a page, once the script has made it."""
    tab.goto(url)
    player = Player.of(tab, name)
    expect(player.position).to_be_visible()
    return player


def in_clip(site: Site) -> list[Whistle]:
    """What is whistled in the file of the tune, by the file's own clock."""
    samples, rate = soundfile.read(site.clips("index.html")[0])
    return Sound.of_file(samples, rate).whistles(PITCHES)


def address(site: Site, file: Path) -> str:
    """Where a host has a file of the site."""
    return f"/{file.relative_to(site.root / 'site').as_posix()}"


# What is heard


@pytest.mark.parametrize("output_format", [output_format.value for output_format in OutputFormat])
def test_every_format_is_played_from_its_start_and_from_where_one_seeks(
    build: Callable[..., Site], serve: Serve, tab: Page, output_format: str
) -> None:
    site = build(output_format)
    seconds = duration(site.clips("index.html")[0])
    in_file = {whistle.pitch: whistle for whistle in in_clip(site)}
    target = in_file[700].time + 0.6 * in_file[700].length
    rest = in_file[700].time + in_file[700].length - target
    assert 200 < rest < in_file[700].length - 200, "else a seek to somewhere else would be heard as well"
    player = opened(tab, serve(site.root / "site"))
    ear = Ear(player.audio)

    player.when(PLAYS, SEEK.format(seconds=target / 1000))
    player.play()
    player.wait_until(f"audio.currentTime > {in_file[900].time / 1000 + 0.3}")
    length = player.get("duration")
    heard = {whistle.pitch: whistle for whistle in ear.stop().sound.whistles(PITCHES)}
    heard.pop(PITCHES[LONG], None)  # on a busy machine it may begin

    assert length == pytest.approx(seconds, abs=NEAR / 1000)
    assert float(player.element.get_attribute("data-duration") or 0) == pytest.approx(length, abs=NEAR / 1000)
    expect(player.element.locator(".speak-clock")).to_have_attribute("data-text", f"0:{round(length):02}")
    assert float(player.position.get_attribute("max") or 0) == pytest.approx(length, abs=NEAR / 1000)
    assert list(heard)[:3] == [500, 700, 900]  # and more, if the test is late to stop
    assert heard[700].length == pytest.approx(rest, abs=NEAR + (MUTE if output_format == "mp3" else 0))


@pytest.mark.parametrize("output_format", ["mp3", "opus"])
def test_a_sentence_that_one_goes_to_is_heard_from_its_first_sound(
    build: Callable[..., Site], serve: Serve, tab: Page, output_format: str
) -> None:
    site = build(output_format)
    player = opened(tab, serve(site.root / "site"))
    ear = Ear(player.audio)

    player.when(PLAYS, GO_TO.format(number=LONG + 1))
    player.play()
    player.wait_until(f"audio.currentTime > {player.starts[LONG + 2] + 0.2}")

    whole = {whistle.pitch: whistle.length for whistle in in_clip(site)}
    heard = {whistle.pitch: whistle.length for whistle in ear.stop().sound.whistles(PITCHES)}
    assert heard[700] == pytest.approx(whole[700], abs=40)


@pytest.mark.parametrize(("output_format", "speed"), [("mp3", 1), ("opus", 1), ("mp3", 1.5), ("mp3", 0.75)])
def test_the_sentence_that_is_marked_is_the_one_that_is_heard(
    build: Callable[..., Site],
    serve: Serve,
    tab: Page,
    output_format: str,
    speed: float,
) -> None:
    """To within 50 ms of real time, at a pitch that no speed changes; at other speeds, and after a seek, too.

    One mark in six may be further off, as the machine may be busy; half of them are within 35 ms. A mark may go
    ahead of the sound for as long as a browser takes to start, or to seek, and be off as far as the sound itself is,
    which comes later after the one before than it does in the file where a browser cannot keep up.
    """
    site = build(output_format)
    player = opened(tab, serve(site.root / "site"))
    starts = player.starts
    assert len(sentence(tab, LONG)) > MAX_SENTENCE
    player.choose_speed(speed)
    ear = Ear(player.audio)

    skipped = speed != 1  # the long one, for the sake of time
    if skipped:
        player.when(f"audio.currentTime > {starts[LONG] + 0.4}", GO_TO.format(number=LONG + 1))
    player.play()
    player.wait_until("audio.ended")
    recording = ear.stop()

    heard, in_file = recording.sound.whistles(PITCHES), in_clip(site)
    assert [whistle.pitch for whistle in heard] == list(PITCHES)
    late, marked = recording.lateness(heard), recording.marks()
    unseen = [pitch for pitch in PITCHES if pitch not in marked]
    assert [pitch for pitch in PITCHES if pitch in marked] == marked
    assert all(abs(late[pitch]) < NEAR for pitch in unseen), "else there was a picture to see it in"
    log.info("%s at %s: ms that marks are late: %s", output_format, speed, {one: round(late[one]) for one in late})
    after_waiting = [late.pop(PITCHES[0]), *([late.pop(PITCHES[LONG + 1])] if skipped else [])]
    assert max(after_waiting) < NEAR
    stutter = {
        one.pitch: max(0.0, one.time - before.time - (one_in_file.time - before_in_file.time) / speed)
        for (before, one), (before_in_file, one_in_file) in zip(pairwise(heard), pairwise(in_file), strict=True)
    }
    off = sorted(abs(late[pitch]) - stutter[pitch] for pitch in late)
    assert np.median(off) < USUAL, (late, stutter)
    assert off[-2] < NEAR, (late, stutter)
    lasting, whole = (sum(whistle.length for whistle in sound[LONG + 2 :]) for sound in (heard, in_file))
    assert lasting * speed == pytest.approx(whole, rel=0.1)


# Speed


def test_the_speed_is_remembered(build: Callable[..., Site], serve: Serve, endless_tab: Page) -> None:
    url = serve(build().root / "site")
    player = opened(endless_tab, url)
    player.choose_speed(1.5)

    endless_tab.goto(f"{url}/pair/")
    for name in ("first", "second"):
        player = Player.of(endless_tab, name)
        expect_speed(player.element, 1.5)
        player.play()
        player.expect_to_play()
        assert player.get("playbackRate") == 1.5


def test_a_speed_that_nobody_chose_is_not_taken_from_the_storage(
    build: Callable[..., Site], serve: Serve, endless_tab: Page
) -> None:
    player = opened(endless_tab, serve(build().root / "site"))
    player.choose_speed(1.5)
    for stored in ("17", "0", "-1", "1e9", "NaN", "Infinity", "fast", "", '"><img>'):
        endless_tab.evaluate("stored => localStorage.setItem('speak-speed', stored)", stored)
        endless_tab.reload()
        expect_speed(player.element, 1)

    player.play()
    player.expect_to_play()
    assert player.get("playbackRate") == 1


# Captions


def test_the_captions_in_the_browser_are_the_sentences_that_are_marked(
    build: Callable[..., Site], serve: Serve, tab: Page
) -> None:
    player = opened(tab, serve(build().root / "site"))

    player.audio.evaluate("audio => { audio.textTracks[0].mode = 'hidden' }")
    player.wait_until("audio.textTracks[0].cues?.length")

    cues = player.audio.evaluate(
        "audio => [...audio.textTracks[0].cues].map(cue => [cue.startTime, cue.endTime, cue.text])"
    )
    starts, ends, texts = zip(*cues, strict=True)
    assert list(starts) == pytest.approx(player.starts, abs=0.001)
    silences = [after - before for before, after in zip(ends, starts[1:], strict=False)]
    usual, long = Pause.SENTENCE / 1000, Pause.PARAGRAPH / 1000
    assert silences == pytest.approx([usual, usual, long, usual, usual, usual], abs=0.002)
    assert ends[-1] == pytest.approx(float(player.element.get_attribute("data-duration") or 0), abs=0.002)
    shown = [" ".join(sentence(tab, number).split()) for number in range(len(PITCHES))]
    assert [unescape(text) for text in texts] == shown
    assert "Rhythm & blues" in shown[3]


# Where a site may be, and how a browser may be


def test_pages_on_a_disk_are_as_good_as_on_a_host(build: Callable[..., Site], open_tab: OpenTab) -> None:
    page = (build("opus").root / "site/index.html").as_uri()
    plain, linked = open_tab(endless=True), open_tab(endless=True)

    player = opened(plain, page)
    player.play()
    player.expect_to_follow(player.starts[LONG])

    player = opened(linked, page)
    start = player.starts[LONG + 1]
    player = opened(linked, f"{page}?linked#tune&t={start + 0.1:.1f}")
    expect(player.position).to_have_value(f"{start + 0.1:.1f}")
    player.play()
    player.expect_to_follow(start)


def test_without_javascript_the_browser_s_own_controls_play_and_all_text_is_there(
    build: Callable[..., Site], host: Host, open_tab: OpenTab, screenshot: Screenshot
) -> None:
    site = build()
    server = host(site.root / "site")
    tab = open_tab(java_script_enabled=False, viewport={"width": 800, "height": 600})
    tab.goto(f"{server.url}/pair/")

    for name in ("first", "second"):
        audio = tab.locator(f"#{name} audio[controls]")
        expect(audio).to_be_visible()
        box = audio.bounding_box()
        assert box is not None
        assert box["width"] > 200
        assert box["height"] >= 40
        expect(tab.locator(f"#{name} .speak-text")).to_be_visible()
        expect(tab.locator(f"#{name} .speak-text")).to_contain_text("And then it goes on")
    expect(tab.locator("button, select, input, [role=button], [role=slider]")).to_have_count(0)
    screenshot(tab, "no-javascript")

    tab.locator("#second audio").focus()
    with tab.expect_response(server.url + address(site, site.clips("pair/index.html")[1])) as answer:
        tab.keyboard.press("Space")
    assert answer.value.ok


def test_a_host_that_knows_no_ranges_will_do(build: Callable[..., Site], host: Host, endless_tab: Page) -> None:
    server = host(build().root / "site", without_ranges=True)
    player = opened(endless_tab, server.url)

    player.play()

    player.expect_to_follow(player.starts[LONG])
    assert not player.note.is_visible()


@pytest.mark.parametrize("output_format", ["mp3", "opus", "flac", "wav"])
def test_a_host_that_knows_no_ranges_does_not_hide_how_long_a_clip_is(
    build: Callable[..., Site], host: Host, endless_tab: Page, output_format: str
) -> None:
    server = host(build(output_format).root / "site", without_ranges=True)
    player = opened(endless_tab, server.url)
    clock = player.element.locator(".speak-elapsed")
    duration = clock.inner_text().partition(" / ")[2]

    player.play()

    player.expect_to_follow(player.starts[LONG])
    assert clock.inner_text().partition(" / ")[2] == duration


def test_nothing_is_loaded_before_it_is_played(build: Callable[..., Site], host: Host, endless_tab: Page) -> None:
    site = build()
    server = host(site.root / "site")
    first, second = (Player.of(endless_tab, name) for name in ("first", "second"))

    def loaded() -> set[str]:
        return {request.path for request in server.requests if request.path.endswith((".mp3", ".vtt"))}

    opened(endless_tab, f"{server.url}/pair/", "first")
    second.element.scroll_into_view_if_needed()
    second.choose_speed(1.25)
    endless_tab.wait_for_load_state("networkidle")
    assert loaded() == set()

    second.play()
    second.expect_to_play()
    assert loaded() == {address(site, site.clips("pair/index.html")[1])}
    assert first.get("networkState") == first.audio.evaluate("audio => audio.NETWORK_IDLE")


@pytest.mark.parametrize("damage", ["missing", "a page instead"])
def test_a_clip_that_cannot_be_played_says_so_and_the_others_play(
    build: Callable[..., Site],
    serve: Serve,
    endless_tab: Page,
    tmp_path: Path,
    expect_trouble: Callable[[str], None],
    *,
    damage: str,
) -> None:
    site = build()
    shutil.copytree(site.root / "site", tmp_path / "site")
    clip = tmp_path / "site" / site.clips("pair/index.html")[0].relative_to(site.root / "site")
    if damage == "missing":
        clip.unlink()
        expect_trouble(f"console: .*404.*{clip.name}")
    else:
        clip.write_text("<!doctype html><p>Sign in to hear this.")
    first = opened(endless_tab, f"{serve(tmp_path / 'site')}/pair/", "first")
    second = Player.of(endless_tab, "second")

    first.play()

    for said in (first.note, endless_tab.get_by_role("status")):
        expect(said).to_contain_text("This audio cannot be played")
    expect(first.note).to_be_visible()
    expect(second.note).to_be_hidden()
    expect(first.element.get_by_role("button", name=re.compile("^Play: "))).to_be_visible()
    expect(endless_tab.locator(".speak-now")).to_have_count(0)

    second.play()
    second.expect_to_follow()


POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
    "require-trusted-types-for 'script'"
)


def test_a_strict_content_security_policy_forbids_nothing_that_the_player_does(
    build: Callable[..., Site], serve: Serve, endless_tab: Page
) -> None:
    """A violation is an error on the console; the tab fails the test for it."""
    url = serve(build().root / "site", headers={"Content-Security-Policy": POLICY})
    first = opened(endless_tab, f"{url}/pair/", "first")
    assert first.element.evaluate("player => getComputedStyle(player).display") == "block", "the style sheet is there"

    first.play()
    first.expect_to_play()
    first.choose_speed(1.5)
    first.position.press("PageUp")
    first.element.get_by_role("button", name="More").click()
    endless_tab.get_by_role("button", name="Play the page").click()
    endless_tab.set_viewport_size({"width": 400, "height": 200})
    Player.of(endless_tab, "second").element.scroll_into_view_if_needed()
    first.audio.evaluate(LET_END)  # now the next may have its turn

    track = Player.of(endless_tab, "second")
    track.expect_to_follow()
    track.audio.evaluate("audio => { audio.textTracks[0].mode = 'hidden' }")
    track.wait_until("audio.textTracks[0].cues?.length")
