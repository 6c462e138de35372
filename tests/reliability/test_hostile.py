"""Pages, settings and servers that mean harm: nothing gets into the site, out of its directory, or out of hand."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import feedparser
import markdown
import numpy as np
import pytest
import soundfile
from mkdocs.exceptions import Abort

from tests.support.http_server import Exchange, HttpServer, answering, http_reply
from tests.support.service import Fault, Redirect, Service, every
from tests.support.sites import KEY, Site
from tests.support.waiting import BUILD_PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.support.service import AnyFault

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot limit a process's memory like this")

SENTENCE = "This sentence has words enough to be spoken. "

HOSTILE = (
    "<script>steal()</script>",
    "\"><img src=x onerror='steal()'>",
    "' onmouseover='steal()' x='",
    "</script><script>steal()</script>",
    "</audio></speak-player><svg onload=steal()>",
    "</head><body onload=steal()>",
    "]]></title><script>steal()</script>",
    "00:00.000 --> 99:99.999 <v steal()>",
    "-->\u2028<!--<script>steal()",
    "{{ steal() }} {% raise %} ${steal()}",
    "%s %(x)s %d {0} {x!r} %",
    "javascript:steal()",
)


@dataclass
class Ended:
    """A build in a process of its own.

    Attributes:
        seconds: Of a processor, which do not depend on what else the machine does.
    """

    code: int
    said: str
    seconds: float
    megabytes: float


MEASURED = """if True:  # a small process: what its child takes at most is not hidden by what it takes itself
    import json, os, resource, subprocess, sys
    limit = int(sys.argv[1]) << 30
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    process = subprocess.Popen(sys.argv[2:], stderr=subprocess.STDOUT)
    _, status, used = os.wait4(process.pid, 0)
    found = os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    print(json.dumps(found), file=sys.stderr)
"""


def build(site: Site, *, gigabytes: int = 8, **options: object) -> Ended:
    """Run `mkdocs build`, and measure it; it is not given more memory than so much."""
    mkdocs = Path(sys.executable).with_name("mkdocs")
    command = [sys.executable, "-c", MEASURED, str(gigabytes), str(mkdocs), "build", "-f", site.write_config(**options)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_PATIENCE, check=True)
    code, seconds, megabytes = json.loads(ended.stderr)
    return Ended(code, ended.stdout, seconds, megabytes)


@contextlib.contextmanager
def little_memory(gigabytes: int = 2) -> Iterator[None]:
    """Let this process have so much more than it has now: what would take all of it fails instead.

    Each thread reserves up to 136 MB, and there are more at once on a busy machine.
    """
    import resource  # noqa: PLC0415 - Windows has none

    before = resource.getrlimit(resource.RLIMIT_AS)
    has_now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (has_now + (gigabytes << 30), before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


class Elements(HTMLParser):
    """What would run in a browser that was shown a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.dangers: list[str] = []
        self._is_script = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            is_script = name in {"href", "src"} and (value or "").lower().lstrip().startswith("javascript:")
            if name.startswith("on") or is_script or (name == "style" and "fixed" in (value or "")):
                self.dangers.append(f"<{tag} {name}={value}>")
        self._is_script = tag == "script" and ("type", "application/ld+json") not in attrs

    def handle_endtag(self, _tag: str) -> None:
        self._is_script = False

    def handle_data(self, data: str) -> None:
        if self._is_script and "steal" in data:
            self.dangers.append(f"<script>{data}")


def hostile_pages() -> dict[str, str]:
    """Each text as a title, a description, a label, in code, in prose that is escaped, and as a file's name."""
    pages = {}
    for number, text in enumerate(HOSTILE):
        quote = "'" if '"' in text else '"'
        escaped = "".join(f"&#{ord(sign)};" for sign in text)
        label = text.replace("'", "\u2019") if quote == "'" else text
        pages[f"{number}/page.md"] = (
            f"---\ntitle: {json.dumps(text)}\ndescription: {json.dumps(text)}\nlightning: {{narrate: true}}\n---\n\n"
            f"::: speak {{title={quote}{label}{quote} .wide}}\n{SENTENCE} It says {escaped} to number {number}.\n\n"
            f"And in code it says `{text}` once more, which is spoken as well.\n:::\n"
        )
    pages["index.md"] = f"# Home\n\n{SENTENCE}\n"
    pages["%s {0} %(x)d & <b> 'a'.md"] = f":::speak\n{SENTENCE} This page's own name means harm.\n:::\n"
    return pages


@pytest.fixture
def hostile_site(site: Site) -> Site:
    """A site all of whose texts mean harm."""
    text = HOSTILE[0] + HOSTILE[1]
    site.config = {
        "site_url": "https://example.org/docs/",
        "site_name": text,
        "site_description": text,
        "site_author": text,
        "copyright": text,
        "nav": [{"Home": "index.md"}],
        "validation": {"nav": {"omitted_files": "ignore"}},
    }
    site.options |= {"feed": True, "sample_rate": 8000, "narrate": ["index.md"]}
    site.write(hostile_pages())
    return site


def test_no_text_becomes_an_element_a_cue_or_a_line_of_the_feed(
    hostile_site: Site, figure: Callable[[str, object], None]
) -> None:
    """Against the same site without the plugin: a theme has holes of its own."""
    hostile_site.build(enabled=False)
    of_theme = {page: dangers_of(hostile_site, page) for page in pages_of(hostile_site)}

    hostile_site.build()

    pages = pages_of(hostile_site)
    assert set(of_theme) == set(pages)
    for page in pages:
        assert dangers_of(hostile_site, page) == of_theme[page], page
    described = [clip for page in pages for clip in described_on(hostile_site.html(page))]
    assert len(described) == 2 * len(HOSTILE) + 2, "a clip of each page and of each block"
    for text in HOSTILE:
        spoken = " ".join(text.split())
        assert any(spoken in str(clip["transcript"]) for clip in described), text
    tracks = list((hostile_site.root / "site").rglob("*.vtt"))
    assert len(tracks) == len(described), "a page's clip has a file of its own, as that names the page"
    assert len({clip["transcript"] for clip in described}) == len(HOSTILE) + 2
    for track in tracks:
        check_track(track.read_text(encoding="utf-8"))
    feed = (hostile_site.root / "site/podcast.xml").read_text(encoding="utf-8")
    assert {element.tag for element in ET.fromstring(feed).iter()} <= FEED_TAGS
    parsed = feedparser.parse(feed)
    assert not parsed.bozo
    assert len(parsed.entries) == len(HOSTILE) + 1
    assert not any("<script" in str(entry.get("summary")) for entry in parsed.entries)
    figure("hostile texts in pages, cues, JSON-LD and feed", len(HOSTILE))


FEED_TAGS = {
    "rss", "channel", "title", "link", "description", "language", "copyright", "generator", "item", "guid", "enclosure",
    *("{http://www.itunes.com/dtds/podcast-1.0.dtd}" + tag for tag in "author explicit type duration episode".split()),
    *("{https://podcastindex.org/namespace/1.0}" + tag for tag in "guid medium person transcript".split()),
    "{http://www.w3.org/2005/Atom}link",
}  # fmt: skip


def pages_of(site: Site) -> list[str]:
    root = site.root / "site"
    return sorted(str(path.relative_to(root)) for path in root.rglob("*.html") if path.name != "404.html")


def dangers_of(site: Site, page: str) -> list[str]:
    return Elements(site.html(page)).dangers


def described_on(html: str) -> list[dict[str, object]]:
    """The clips that a page describes to other programs."""
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html) or ['{"@graph": []}']
    clips: list[dict[str, object]] = json.loads(data)["@graph"]
    return clips


def check_track(text: str) -> None:
    """Cues of one time and one line each, which hold no markup (W3C WebVTT, section 4)."""
    header, *cues = text.rstrip("\n").split("\n\n")
    assert header == "WEBVTT"
    for cue in cues:
        time_line, words = cue.split("\n")
        assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3} --> \d\d:\d\d:\d\d\.\d{3}", time_line)
        assert "-->" not in words
        assert "<" not in words


@pytest.mark.parametrize(
    "line",
    [
        "#../../etc", '#a"onclick="steal()', ".a/../b", '.a"b', "onclick=steal()", 'class="x" onclick=steal()',
        "style=position:fixed", "id=x", "href=javascript:steal()", "voice_id=../../etc/passwd", "voice_id=%s{0}",
        "title='", "}{", "{.a}}", "model='\x1b[31m'", "language=../en", "pronunciation_dicts=../../../x", "=", "\\",
    ],
)  # fmt: skip
def test_an_opening_line_that_means_harm_is_refused_or_does_none(
    site: Site, service: Service, expect_warning: Callable[[str], None], line: str
) -> None:
    expect_warning(r"index\.md:1 ':::speak ")
    site.write({"index.md": f":::speak {line}\n{SENTENCE}\n:::\n"})

    site.build()

    assert service.requests == []
    assert dangers_of(site, "index.html") == []
    assert SENTENCE.strip() in site.html("index.html")


# Paths ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "audio_dir",
    ["../x", "/abs/x", "a/../../x", "..", ".", "", "a\\..\\..\\x", "a/./../b/../../x", "/", ".hidden", "a/.git"],
)
def test_no_audio_is_written_out_of_the_site(
    site: Site, service: Service, expect_warning: Callable[[str], None], audio_dir: str
) -> None:
    site.write({"index.md": f":::speak\n{SENTENCE}\n:::\n"})
    expect_warning(r"option 'audio_dir': .* is not a directory within the site")

    with pytest.raises(Abort):
        site.build(audio_dir=audio_dir)

    assert service.requests == []
    assert not (site.root / "site").exists()


@pytest.mark.parametrize("audio_dir", ["%2e%2e/x", "a b/%s{0}", "~/x", "$HOME", "ünïcode", "a//b", "./x", "con"])
def test_an_odd_name_of_a_directory_is_only_a_name(site: Site, audio_dir: str) -> None:
    site.write({"index.md": f":::speak\n{SENTENCE}\n:::\n", "a/b.md": f":::speak\n{SENTENCE}\n:::\n"})
    before = {path.name for path in site.root.parent.iterdir()}

    site.build(audio_dir=audio_dir, output_format="wav", sample_rate=8000)

    assert list((site.root / "site" / audio_dir).glob("*.wav"))
    assert {path.name for path in site.root.parent.iterdir()} == before
    assert {path.name for path in site.root.iterdir()} == {"docs", "site", ".cache", "mkdocs.yml"}


@pytest.mark.parametrize("cache_dir", ["docs", "docs/../docs/x", "docs/a/../b", "./docs/./cache"])
def test_a_cache_under_the_pages_is_refused_however_it_is_written(
    site: Site, expect_warning: Callable[[str], None], cache_dir: str
) -> None:
    site.write({"index.md": f":::speak\n{SENTENCE}\n:::\n"})
    expect_warning(r"option 'cache_dir': .* is inside docs_dir")

    with pytest.raises(Abort):
        site.build(cache_dir=cache_dir)


NAMES = (
    "x%2f..%2f..%2fy.md",
    "a b.md",
    "-rf.md",
    "$(touch stolen).md",
    "`touch stolen`.md",
    "%00.md",
    "a;b|c&d.md",
    "ä\u202e.md",
)


def test_pages_of_odd_names_are_spoken_where_they_stand(site: Site, service: Service) -> None:
    site.write(dict.fromkeys(NAMES, f":::speak\n{SENTENCE}\n:::\n") | {"index.md": "# Home\n"})
    site.config = {"site_url": "https://example.org/", "use_directory_urls": False}

    site.build(output_format="wav", sample_rate=8000)

    assert len(service.requests) == 1
    pages = [page for page in pages_of(site) if page != "index.html"]
    assert len(pages) == len(NAMES)
    assert all(len(site.clips(page)) == 1 and site.clips(page)[0].is_file() for page in pages)
    assert not list(site.root.rglob("stolen"))


# YAML -----------------------------------------------------------------------------------------------

LAUGHS = "a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha]\n" + "".join(
    f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 9)}]\n" for number in range(1, 10)
)
TRICKS = {
    "billion laughs": "*a9",
    "a python object": "!!python/object/apply:os.system ['touch stolen']",
    "a python name": "!!python/name:os.system",
    "a huge number": "9" * 5000,
    "a huge hexadecimal number": "0x" + "f" * 5000,
    "no day": "2024-13-45",
    "no truth": "!!bool perhaps",
    "no number": "!!int ''",
    "no time": "!!timestamp soon",
    "nan": ".nan",
    "inf": "-.inf",
    "bytes": "!!binary aGVsbG8=",
    "half a character": r'"\ud800"',
    "a set": "!!set {a, b}",
    "deep": "[" * 3000 + "]" * 3000,
    "itself": "&self {x: *self}",
    "a format": "'%s %(x)d {0}'",
}


@pytest.mark.parametrize("trick", TRICKS)
def test_yaml_tricks_in_a_lexicon_are_refused_in_words(
    site: Site, service: Service, expect_warning: Callable[[str], None], trick: str
) -> None:
    site.write({"index.md": f":::speak\n{SENTENCE}\n:::\n"})
    lexicon = site.root / "lexicon.yml"
    bomb = LAUGHS.replace("\n", "\n  ") if trick == "billion laughs" else ""
    lexicon.write_text(f"en:\n  {bomb}words: {TRICKS[trick]}\n", encoding="utf-8")

    with little_memory():
        if trick == "a format":
            site.build(lexicon="lexicon.yml")
            assert service.spoken == ["This sentence has %s %(x)d {0} enough to be spoken."]
            return
        expect_warning(r"option 'lexicon': .*lexicon\.yml")
        with pytest.raises(Abort):
            site.build(lexicon="lexicon.yml")

    assert service.requests == []
    assert not list(site.root.rglob("stolen"))


@pytest.mark.parametrize("setting", ["speed", "model", "narrate", "pronunciation_dicts", None])
def test_yaml_tricks_in_the_settings_of_pages_and_folders_silence_them_alone(
    site: Site, service: Service, expect_warning: Callable[[str], None], setting: str | None
) -> None:
    """All tricks at once, each on a page and in a folder of its own."""
    pages = {"index.md": f":::speak\n{SENTENCE}\n:::\n"}
    for number, (name, trick) in enumerate(TRICKS.items()):
        value = trick if setting is None else f"{{{setting}: {trick}}}"
        bomb = LAUGHS if name == "billion laughs" else ""
        block = f":::speak\nOn this page somebody tries {name}.\n:::\n"
        pages[f"front-{number}.md"] = f"---\n{bomb}lightning: {value}\n---\n{block}"
        pages[f"folder-{number}/.meta.yml"] = f"{bomb}lightning: {value}\n"
        pages[f"folder-{number}/page.md"] = block
    site.write(pages)
    expect_warning(r"front-0\.md:\d+: front matter")
    expect_warning(r"folder-0/\.meta\.yml")
    expect_warning(".")  # and what else there is, each in words

    with little_memory():
        site.build(output_format="wav", sample_rate=8000)

    assert SENTENCE.strip() in service.spoken
    assert len(site.clips("index.html")) == 1
    assert "somebody tries billion laughs" in site.html("folder-0/page/index.html")
    assert not any("billion laughs" in text for text in service.spoken)
    assert not list(site.root.rglob("stolen"))


def test_a_message_repeats_no_more_of_a_value_than_one_reads(
    site: Site, expect_warning: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    expect_warning("front matter")
    words = "x" * 1_000_000
    site.write({"index.md": f"---\nlightning: {{speed: {words}}}\n---\n:::speak\n{SENTENCE}\n:::\n"})

    site.build()

    assert max(len(record.getMessage()) for record in caplog.records) < 10_000


# Sizes ----------------------------------------------------------------------------------------------

LONG = 100_000
LINES = {
    "options": ":::speak {" + "a=" * LONG,
    "whole options": ":::speak {" + "a=b " * LONG + "}",
    "spaces": ":::speak a" + " " * LONG + "b",
    "tabs": ":::speak a" + "\t" * LONG + "b",
    "colons": ":::speak a" + ":" * LONG + "b",
    "only colons": ":" * LONG + " x",
    "a word": ":::speak " + "a" * LONG,
    "unclosed quotes": ":::speak " + 'title="' * LONG,
    "quotes": ":::speak " + "\"'" * LONG,
    "classes": ":::speak " + ".a" * LONG,
    "many classes": ":::speak " + ".a " * LONG,
    "ids": ":::speak " + "#a" * LONG,
    "braces": ":::speak " + "{" * LONG,
    "closing braces": ":::speak {a=b" + " }" * LONG,
    "a near miss": "::spee" + "k" * LONG,
    "comments": "<!--" * 500 + "\n:::speak x",
    "code spans": " ".join("`" * number for number in range(200)) + "\n:::speak x",
    "openers": ":::speak\n" * 300,
    "closers": ":::\n" * 1000,
    "blocks without a gap": ":::speak\nText.\n:::\n" * 1000,
    "quoted": ">" * 1000 + " :::speak",
    "lists": "- " * 80 + ":::speak",
}


SLOWEST: list[tuple[float, str]] = []


@pytest.mark.parametrize("name", LINES)
def test_a_very_long_line_takes_no_longer_than_it_is(
    site: Site, name: str, expect_warning: Callable[[str], None]
) -> None:
    """Against the time that Python-Markdown takes on its own."""
    source = f"{LINES[name]}\n{SENTENCE}\n:::\n\n:::speak bogus\nText.\n:::\n"
    site.write({"index.md": source})
    site.options = {"synthesize": "never"}
    expect_warning("cannot read 'bogus'|.")  # and most others are diagnostics too

    plain = seconds_of(lambda: markdown.markdown(source, extensions=["tables", "fenced_code", "toc"]))
    seconds = seconds_of(site.build)

    assert SENTENCE.strip() in re.sub(r"\s+", " ", site.html("index.html"))
    assert seconds < 5 * plain + 5, f"{seconds:.1f} s, and {plain:.1f} s without the plugin's blocks"
    SLOWEST.append((seconds, name))


def test_the_slowest_of_these_lines_was_seen(figure: Callable[[str, object], None]) -> None:
    """By the tests above, as far as they were run."""
    if SLOWEST:
        figure("seconds for the slowest of the long lines", "{:.2f} ({})".format(*max(SLOWEST)))


def seconds_of(action: Callable[[], object]) -> float:
    began = time.process_time()
    action()
    return time.process_time() - began


def test_ten_megabytes_in_a_block_are_read_and_not_sent(
    site: Site, service: Service, figure: Callable[[str, object], None]
) -> None:
    sentences = (f"This is the sentence that has the number {number}, of very many. " for number in range(170_000))
    text = "".join(sentences)
    assert len(text) > 10**7
    site.write({"index.md": f":::speak\n{text}\n:::\n"})

    ended = build(site, gigabytes=2, max_characters=1000)

    assert ended.code == 0, ended.said[-2000:]
    assert "max_characters is 1000" in ended.said
    assert service.requests == []
    assert ended.seconds < 200
    assert ended.megabytes < 1000
    figure("a block of 10 MB, seconds of a processor", f"{ended.seconds:.1f}")
    figure("a block of 10 MB, peak MB", f"{ended.megabytes:.0f}")


def test_ten_thousand_blocks_on_a_page(site: Site, service: Service, figure: Callable[[str, object], None]) -> None:
    blocks = (f":::speak\nThis is the block that has the number {number}.\n:::\n\n" for number in range(10_000))
    site.write({"index.md": "".join(blocks)})

    ended = build(site, gigabytes=2, max_characters=1000)

    assert ended.code == 0, ended.said[-2000:]
    assert re.search(r"10,000 sentences missing: \d+ characters to send", ended.said)
    assert "and 9980 more" in ended.said
    assert service.requests == []
    assert ended.seconds < 200
    assert ended.megabytes < 1000
    figure("10,000 blocks on a page, seconds of a processor", f"{ended.seconds:.1f}")
    figure("10,000 blocks on a page, peak MB", f"{ended.megabytes:.0f}")


def test_a_thousand_mistakes_on_a_page_are_each_told_with_its_line(
    site: Site, figure: Callable[[str, object], None]
) -> None:
    site.write({"index.md": ":::speak voice=x\nThe same words.\n:::\n\n" * 1000})

    ended = build(site)

    assert ended.code == 0
    assert [int(line) for line in re.findall(r"index\.md:(\d+) ", ended.said)] == [1 + 4 * each for each in range(1000)]
    assert ended.seconds < 60
    figure("1,000 diagnostics on a page, seconds of a processor", f"{ended.seconds:.1f}")


DEEP = {
    "blocks in blocks": "\n".join(":" * (403 - depth) + "speak" for depth in range(400)) + f"\n{SENTENCE}\n",
    "quotes": "".join(f"{'> ' * depth}:::speak\n" for depth in range(1, 90)) + "> " * 90 + SENTENCE,
    "lists": "\n".join("    " * depth + "- item" for depth in range(60))
    + f"\n\n{'    ' * 60}:::speak\n{'    ' * 60}{SENTENCE}",
    "raw elements": "<div>" * 3000 + SENTENCE + "</div>" * 3000,
    "raw spans in a block": ":::speak\n" + "<b>" * 3000 + SENTENCE + "</b>" * 3000 + "\n:::\n",
    "items that HTML closes by itself": "<ul>" + f"<li>{SENTENCE}\n" * 1500 + "</ul>",
    "ends of what was never begun": f"<p>{SENTENCE}" + "<b></i>" * 3000 + "</p>",
    "a list that begins late": f"<ol start='{'9' * 5000}'><li>{SENTENCE}</li></ol>",
}


@pytest.mark.parametrize("name", DEEP)
def test_a_page_may_be_nested_as_deep_as_python_markdown_takes_it(
    site: Site, expect_warning: Callable[[str], None], name: str
) -> None:
    site.write(
        {
            "index.md": f"---\nlightning: {{narrate: true}}\n---\n\n# Deep\n\n{DEEP[name]}\n",
            "other.md": ":::speak bogus\nText.\n:::\n",
        }
    )
    site.options = {"synthesize": "never"}
    expect_warning(".")
    site.build(enabled=False)  # Python-Markdown takes it

    site.build()

    assert SENTENCE.strip() in re.sub(r"\s+", " ", site.html("index.html"))


# Servers --------------------------------------------------------------------------------------------

FLOOD = b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: %s\r\n" % (number, b"x" * 60_000) for number in range(90)) + b"\r\n"


@pytest.fixture
def spoken_site(site: Site) -> Site:
    """A site of a dozen sentences, which are asked for once each."""
    site.options |= {"retries": 0, "concurrency": 4}
    site.write({"index.md": "\n\n".join(f":::speak\n{SENTENCE} It is number {number}.\n:::" for number in range(12))})
    return site


@pytest.mark.parametrize(
    "fault",
    [
        Fault.ENDLESS, Fault.GZIP_BOMB, Fault.SLOW, Fault.HANG,
        Redirect("file:///etc/passwd"), Redirect("http://169.254.169.254/latest"), Redirect("OTHER", 308),
        Redirect("/x", 302),
    ],
    ids=str,
)  # fmt: skip
def test_a_server_that_means_harm_gets_no_memory_no_time_and_no_second_address(
    spoken_site: Site, service: Service, fault: AnyFault, figure: Callable[[str, object], None]
) -> None:
    service.drip = 1.0
    with Service() as other:
        if isinstance(fault, Redirect):
            fault = Redirect(fault.location.replace("OTHER", f"{other.url}/waves/v1/tts"), fault.status)
        service.faults = every(1, fault)

        # Only where there is never an answer, or a slow one, is it too late at any time.
        ended = build(spoken_site, gigabytes=2, timeout=2 if fault in {Fault.HANG, Fault.SLOW} else 60)

        assert other.requests == []
    check_unharmed(spoken_site, ended)
    figure(f"peak MB, {fault.location if isinstance(fault, Redirect) else fault}", f"{ended.megabytes:.0f}")


def check_unharmed(site: Site, ended: Ended, megabytes: int = 250) -> None:
    assert ended.code == 0, ended.said
    assert re.search("sentences missing: the (service|audio)", ended.said), ended.said
    assert "Traceback" not in ended.said
    assert "root:" not in ended.said
    assert site.clips("index.html") == []
    assert site.html("index.html").count(SENTENCE.strip()) == 12
    assert ended.megabytes < megabytes
    assert ended.seconds < 60


@pytest.mark.parametrize(
    "pieces",
    [
        [FLOOD, *[bytes(2**20)] * 1000],
        [b"HTTP/1.1 401 No\r\n\r\n", *[b"<p>" * 2**18] * 1000],
        [b"HTTP/1.1 100 Continue\r\n\r\n" * 1000] * 200,
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"ffffffffff\r\n", *[bytes(2**20)] * 1000],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[b"0" * 2**20] * 1000],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0\r\n", *[b"a" * 2**20] * 1000],
        [b"HTTP/1.1 429 Busy\r\nRetry-After: 1e999\r\nContent-Length: 2\r\n\r\n[]"],
    ],
    ids=[
        "headers", "an endless refusal", "endless beginnings", "one endless chunk", "an endless size of a chunk",
        "endless trailers", "an endless wait",
    ],
)  # fmt: skip
def test_a_flood_is_cut_off(spoken_site: Site, pieces: list[bytes], figure: Callable[[str, object], None]) -> None:
    """Four answers at once, whose headers alone take 50 MB each; all of one would be a gigabyte."""
    with answering(*pieces) as url:
        ended = build(spoken_site, gigabytes=2, base_url=url)

    check_unharmed(spoken_site, ended, megabytes=500)
    figure("peak MB in a flood", f"{ended.megabytes:.0f}")


def test_a_damaged_header_of_sound_is_no_crash(spoken_site: Site) -> None:
    """A codec of which libsndfile knows no length: one byte of a WAV's header that was changed."""
    form = b"\x40\x00\x01\x00" + b"\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00"
    sound = b"WAVEfmt \x10\x00\x00\x00" + form + b"data\x00\x10\x00\x00" + bytes(4096)
    wav = b"RIFF" + len(sound).to_bytes(4, "little") + sound
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(wav)}\r\n\r\n".encode()
    with answering(head + wav) as url:
        ended = build(spoken_site, base_url=url)

    check_unharmed(spoken_site, ended)


def flac_bomb(comment: str) -> bytes:
    """Less than a megabyte that unpacks to 134 MB of samples, which are then looked at as 32 bits, and once more."""
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", 24000, 1, "PCM_16", format="FLAC", compression_level=0.0) as sound:
        sound.comment = comment
        for _ in range(64):
            sound.write(np.full(2**20, 1000, np.int16))
    assert len(file.getvalue()) < 2**20
    return file.getvalue()


def test_sound_that_unpacks_to_gigabytes_is_not_unpacked(
    spoken_site: Site, figure: Callable[[str, object], None]
) -> None:
    """FLAC behind the tag of an MP3, which libsndfile looks through."""
    tag = b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10)
    with answering(http_reply("200 OK", tag + flac_bomb("no key"))) as url:
        ended = build(spoken_site, base_url=url)

    check_unharmed(spoken_site, ended)
    assert "the service's reply is damaged: the audio lasts longer than" in ended.said
    figure("peak MB, a bomb of sound", f"{ended.megabytes:.0f}")


# Remote caches --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """How a server answers each request."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    piece: bytes = b""
    is_endless: bool = False


@contextlib.contextmanager
def harming(way: Way) -> Iterator[str]:
    """A server that answers so; its address."""

    def answer(exchange: Exchange) -> None:
        exchange.close_connection = True
        length = {} if way.is_endless else {"Content-Length": str(len(way.piece))}
        exchange.start(way.status, {**way.headers, **length})
        exchange.wfile.write(way.piece)
        while way.is_endless:  # until whoever asked has had enough
            exchange.wfile.write(way.piece)

    with HttpServer(answer, methods=("GET",)) as server:
        yield server.url


UNREACHED = r"it cannot be reached, or failed \("
WAYS: dict[str, tuple[Way, str]] = {
    "an endless file": (
        Way(piece=bytes(2**20), is_endless=True),
        "it sends more than the 32 MB that a file may have|it did not answer within 20 s",  # on a slow machine
    ),
    "a file packed a thousandfold": (
        Way(headers={"Content-Encoding": "gzip"}, piece=gzip.compress(bytes(2**29), 1)),
        r"\d+ files? failed verification",
    ),
    "a flood of headers": (Way(headers={f"X-{number}": "x" * 6000 for number in range(500)}), UNREACHED),
    "a redirect to a file": (Way(307, {"Location": "file:///etc/passwd"}), UNREACHED),
    "a redirect to itself": (Way(307, {"Location": "/"}), UNREACHED),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_remote_cache_that_means_harm_costs_a_warning(
    spoken_site: Site, service: Service, way: str, figure: Callable[[str, object], None]
) -> None:
    """Over http: of a bucket, the requests are made by its library, and signed."""
    harm, words = WAYS[way]
    with harming(harm) as url:
        ended = build(spoken_site, gigabytes=2, remote_cache=f"{url}/voices")

    assert ended.code == 0, ended.said
    assert re.search(words, ended.said), ended.said
    assert "Traceback" not in ended.said
    assert "root:" not in ended.said
    assert len(service.spoken) == len(spoken_site.clips("index.html")) == 12
    assert ended.megabytes < 600, "12 files of 32 MB at once, and the build"
    assert ended.seconds < 60
    figure(f"peak MB, a remote cache with {way}", f"{ended.megabytes:.0f}")


def test_a_remote_cache_does_not_lead_to_what_is_not_secure(spoken_site: Site, service: Service) -> None:
    """The same rule as for its address; 0.0.0.0 leads to this machine, but does not say so."""
    with harming(Way(piece=b"not a clip")) as other:
        place = other.replace("127.0.0.1", "0.0.0.0")
        with harming(Way(307, {"Location": f"{place}/voices"})) as url:
            ended = build(spoken_site, remote_cache=url)

    assert ended.code == 0, ended.said
    assert "it redirects to an address that is not https" in ended.said
    assert len(service.spoken) == 12


def test_sound_of_a_remote_cache_that_unpacks_to_gigabytes_is_not_unpacked(
    spoken_site: Site, service: Service, figure: Callable[[str, object], None]
) -> None:
    remote = spoken_site.root / "remote"
    assert build(spoken_site, remote_cache=remote.as_uri()).code == 0
    shutil.rmtree(remote / "clips")
    shutil.rmtree(spoken_site.root / ".cache")
    segment = min(remote.glob("segments/*/*.flac"))
    segment.write_bytes(flac_bomb(segment.stem))
    service.clear()

    ended = build(spoken_site, remote_cache=remote.as_uri())

    assert ended.code == 0, ended.said
    assert "1 file failed verification" in ended.said
    assert len(service.spoken) == 1
    assert ended.megabytes < 250
    figure("peak MB, a bomb of sound in a remote cache", f"{ended.megabytes:.0f}")


def test_the_key_of_these_tests_is_sent_to_nobody_else(spoken_site: Site) -> None:
    """The guard of the tests above: they do send a key."""
    assert spoken_site.options["api_key"] == KEY
