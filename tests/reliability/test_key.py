"""The key is sent to the service, and is nowhere else: everything is made to fail, and is searched for it."""

from __future__ import annotations

import base64
import contextlib
import gc
import json
import logging
import os
import re
import socket
import subprocess
import sys
import textwrap
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

import markdown
import pytest
from mkdocs.exceptions import Abort

from mkdocs_lightning import Lightning
from mkdocs_lightning.base.errors import LightningError, SettingError
from mkdocs_lightning.engines import EngineOptions
from mkdocs_lightning.engines.lightning import LightningEngine
from tests.support.commands import run
from tests.support.dask_cluster import DaskCluster
from tests.support.http_server import answering, http_reply
from tests.support.service import Failure, Fault, Redirect, Service, Shape, every
from tests.support.waiting import BUILD_PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.service import AnyFault
    from tests.support.sites import Site

KEY = "sk_LEAKME+7f3a/9c1e~b2d4"
"""Of signs that a URL, HTML and JSON write in another way, too."""

PAGES = {
    "index.md": "# Home\n\n:::speak\nThe first sentence of this site is here. And this is the second one.\n:::\n",
    "other.md": "# Other\n\n:::speak\nA third sentence stands on another page.\n:::\n",
}
WORKING = {"sample_rate": 8000, "output_format": "wav"}


def forms_of(key: str) -> dict[str, bytes]:
    """What would give the key away, by how it is written; a part of a dozen signs is enough."""
    raw = key.encode()
    parts = {"beginning": raw[:12], "end": raw[-12:], "middle": raw[6:18]}
    whole = {
        "reversed": raw[::-1],
        "hexadecimal": raw.hex().encode(),
        "reversed hexadecimal": raw[::-1].hex().encode(),
        "URL": quote(key, safe="").encode(),
        "JSON": json.dumps(key).strip('"').replace("/", "\\/").encode(),
        "UTF-16": key.encode("utf-16-le"),
        "HTML": "".join(f"&#{number};" for number in raw).encode(),
    }
    for shift in range(3):  # what stands before it moves the sixes of bits
        encoded = base64.b64encode(b"\0" * shift + raw).rstrip(b"=")
        whole[f"base64 {shift}"] = encoded[4 * bool(shift) : -4]
        whole[f"URL's base64 {shift}"] = whole[f"base64 {shift}"].replace(b"+", b"-").replace(b"/", b"_")
    return parts | whole


FORMS = forms_of(KEY)
ANY_FORM = re.compile(b"|".join(re.escape(form) for form in FORMS.values()), re.IGNORECASE)


@dataclass
class Search:
    """Looks for the key, and counts where."""

    in_all: ClassVar[list[int]] = []
    places: int = 0
    found: list[str] = field(default_factory=list)

    def text(self, place: str, text: str) -> None:
        self.data(place, text.encode("utf-8", "surrogatepass"))

    def data(self, place: str, data: bytes) -> None:
        self.places += 1
        for found in ANY_FORM.finditer(data):
            near = data[max(0, found.start() - 60) : found.end() + 20]
            self.found.append(f"{place}: {near!r}")

    def files(self, root: Path) -> None:
        """All files with their names, but for the configuration that has the key in it."""
        for path in root.rglob("*"):
            self.text("a file's name", str(path.relative_to(root)))
            if path.is_file() and path.name != "mkdocs.yml":
                self.data(str(path.relative_to(root)), path.read_bytes())

    def objects(self) -> None:
        """What our own objects show of themselves, such as in a log of somebody else's."""
        for thing in gc.get_objects():
            with contextlib.suppress(Exception):
                is_ours = type(thing).__module__.split(".")[0] == "mkdocs_lightning"
                if is_ours and not isinstance(thing, BaseException):  # which are judged as they are shown
                    self.text(f"repr of {type(thing).__name__}", f"{thing!r} {thing}")


@pytest.fixture
def search(
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Iterator[Search]:
    """At the end of the test, everything that it has said, written or left is searched."""
    caplog.set_level(logging.DEBUG)
    searching = Search()
    yield searching
    for record in caplog.get_records("call"):
        shown = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
        searching.text(f"log of {record.name}", f"{record.getMessage()} {record.args!r} {record.__dict__!r} {shown}")
    searching.text("standard output and error", "".join(capfd.readouterr()))
    searching.files(tmp_path)
    searching.objects()
    assert not searching.found, searching.found
    assert searching.places > 20, "there was nothing to search"
    Search.in_all.append(searching.places)


@pytest.fixture
def keyed(site: Site, service: Service, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site whose key is in the environment, and right."""
    monkeypatch.setenv("SMALLEST_API_KEY", KEY)
    service.keys = {KEY}
    del site.options["api_key"]
    site.options |= {**WORKING, "retries": 0}
    site.write(PAGES)
    return site


def test_the_search_finds_the_key_in_each_of_its_forms() -> None:
    assert len(set(FORMS.values())) > 12
    for name, form in FORMS.items():
        searching = Search()
        searching.data(name, b"before " + form + b" after")
        assert searching.found
    for number in range(6):
        searching = Search()
        searching.data("base64", base64.b64encode(b"x" * number + f"Bearer {KEY}".encode() + b"y" * number))
        assert searching.found


def test_a_site_that_is_spoken_does_not_hold_the_key(keyed: Site, service: Service, search: Search) -> None:
    keyed.config = {"site_url": "https://example.org/"}

    keyed.build(feed=True, narrate=["*.md"], output_format="mp3")

    assert service.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert keyed.clips("index.html")
    assert search.found == []


ECHO = f"The key {KEY} is not known; Bearer {KEY}"
FAULTS: dict[str, AnyFault] = {
    **{fault.name: fault for fault in Fault if fault is not Fault.SLOW},
    **{
        f"{status} in shape {shape.name}": Failure(status, shape=shape, message=ECHO, error_code=KEY)
        for status in (400, 401, 402, 403, 500)
        for shape in (Shape.A, Shape.B, Shape.E)
        if not (shape is Shape.E and status != 401)
    },
    "a redirect": Redirect(f"http://127.0.0.1:9/{KEY}?key={KEY}"),
    "a redirect to a file": Redirect(f"file:///{KEY}"),
    "retired": Failure(410, message=ECHO, recommended_endpoint=f"/{KEY}"),
    "an absurd wait": Failure(503, message=ECHO, retry_after="99999"),
    "too many requests": Failure(429, message=ECHO, retry_after="99999"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_of_the_service_shows_the_key(
    keyed: Site, service: Service, search: Search, expect_warning: Callable[[str], None], fault: str
) -> None:
    service.faults = every(1, FAULTS[fault])
    expect_warning(" missing")

    keyed.build(timeout=1 if fault == "HANG" else 60)

    assert search.found == []


@pytest.mark.parametrize(
    "raw",
    [
        http_reply("401 No", ECHO.encode(), f"X-Request-Id: {KEY}", f"WWW-Authenticate: Bearer {KEY}"),
        http_reply("401 No", json.dumps({"message": ECHO, "request_id": KEY}).encode()),
        http_reply("401 No", json.dumps({"detail": ECHO}).encode()),
        http_reply("403 No", f"<h1>{KEY}</h1>".encode()),
        http_reply("302 Go", b"", f"Location: https://example.org/{KEY}"),
        http_reply("200 OK", b"ID3" + KEY.encode()),
        http_reply("200 OK", b"\xff\xfb" + KEY.encode() * 50),
        http_reply("200 OK", b"RIFF" + KEY.encode()),
        http_reply("200 OK", b"RIFF\x00\x00\x00\x00WAVE" + KEY.encode() * 9),
        http_reply("200 OK", json.dumps({"error": KEY}).encode()),
        f"HTTP/1.1 {KEY}\r\n\r\n".encode(),
        f"{KEY}\r\n\r\n".encode(),
        f"HTTP/1.1 200 {KEY}\r\nContent-Length: {KEY}\r\n\r\n".encode(),
        f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{KEY}\r\n".encode(),
        f"HTTP/1.1 500 {KEY}\r\n{KEY}: {KEY}\r\n{KEY}\r\n\r\n".encode(),
        b"",
    ],
)
def test_no_answer_that_echoes_the_key_is_repeated(
    keyed: Site, search: Search, expect_warning: Callable[[str], None], raw: bytes
) -> None:
    """In a build, in each command, and in what a program gets from Python."""
    expect_warning(" missing")
    with answering(raw) as url:
        keyed.build(base_url=url)
        for command in (
            ["synth"],
            ["say", "Hello there.", "-o", str(keyed.root / "x.wav")],
            ["voices"],
            ["plan", "--json"],
        ):
            ended = run(keyed, *command, base_url=url)
            search.text(" ".join(command), ended.output + ended.stderr)
            if ended.exc_info and not isinstance(ended.exception, SystemExit):
                search.text("traceback", "".join(traceback.format_exception(*ended.exc_info)))
        with Lightning(api_key=KEY, base_url=url, retries=0) as lightning, pytest.raises(LightningError) as raised:
            lightning.synthesize("Hello there.")
    search.text(
        "error", f"{raised.value!r} {''.join(traceback.format_exception(raised.value))} {raised.value.__dict__}"
    )


def test_a_catalogue_that_names_its_voices_by_the_key_does_not_show_it(keyed: Site, search: Search) -> None:
    entry = {"voiceId": KEY, "displayName": KEY, "tags": {"gender": f"\x1b[31m{KEY}", "accent": KEY, "language": [KEY]}}
    with answering(http_reply("200 OK", json.dumps({"voices": [entry]}).encode())) as url:
        ended = run(keyed, "voices", base_url=url)
    assert ended.exit_code == 0
    assert "\x1b" not in ended.output
    search.text("voices", ended.output)
    keyed.build()  # to search


@pytest.fixture
def refused() -> Iterator[str]:
    """The place where nobody answers: its port is taken, so that nobody else is given it, and nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


QUOTED = quote(KEY, safe="")
SETTINGS: dict[str, tuple[dict[str, object], str]] = {
    "nobody there": ({"base_url": "http://REFUSED"}, "the connection to the service failed"),
    "no such host": ({"base_url": "https://no-such-host.invalid"}, "the connection to the service failed"),
    "not secure": ({"base_url": "https://REFUSED"}, "the connection to the service"),
    "no https": ({"base_url": "http://example.org"}, "is not an https URL"),
    "the key in the address": ({"base_url": f"https://{KEY.replace('/', '')}@example.org"}, "is not an https URL"),
    "the key in a remote cache's address": (
        {"remote_cache": f"s3://me:{QUOTED}@voices/docs"},
        "give credentials in the",
    ),
    "the key as a name there": ({"remote_cache": f"https://{QUOTED}@example.org/docs"}, "give credentials in the"),
    "the key as a signature there": ({"remote_cache": f"https://example.org/docs?sig={QUOTED}"}, "give credentials in"),
    "a remote cache at no address": ({"remote_cache": f"https://[{QUOTED}"}, "this is not an address"),
    "an engine that is none": ({"engine": "polly"}, "there is no engine"),
    "a voice that is none": ({"voice_id": "voice_1"}, "is a cloned voice"),
    "an option that is none": ({"api_keys": KEY}, "unknown option|Unrecognised"),
    "a key of two lines": ({"api_key": f"{KEY}\nX: {KEY}"}, "the API key contains a space"),
    "a key that is a list": ({"api_key": [KEY]}, "text is expected"),
    "a key that is a table": ({"api_key": {KEY: KEY}}, "text is expected"),
    "a cache that is a file": ({"cache_dir": "mkdocs.yml"}, "the cache .* cannot be written"),
    "a limit": ({"max_characters": 1}, "max_characters is 1"),
    "a failure that stops": ({"base_url": "http://REFUSED", "on_error": "fail"}, "was not built"),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_no_setting_that_cannot_be_used_shows_the_key(
    keyed: Site, search: Search, expect_warning: Callable[[str], None], refused: str, name: str
) -> None:
    settings, message = SETTINGS[name]
    options = {
        each: value.replace("REFUSED", refused) if isinstance(value, str) else value for each, value in settings.items()
    }
    expect_warning(message)
    expect_warning(".")  # MkDocs, too, has something to say of some
    if "api_key" not in options:
        options = {**options, "api_key": KEY} if "api_keys" not in options else options

    with contextlib.suppress(Abort):
        keyed.build("build", strict=False, **options)

    assert search.found == []


def test_a_proxy_is_not_told_and_its_own_password_is_not_shown(
    keyed: Site, search: Search, expect_warning: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with answering(b"HTTP/1.1 407 No\r\n\r\n") as url:
        monkeypatch.setenv("https_proxy", url.replace("//", f"//me:{quote(KEY, safe='')}@"))
        monkeypatch.setenv("no_proxy", "")
        expect_warning(" missing: the connection to the service failed")
        keyed.build(base_url="https://outside.example")
    assert search.found == []


CRASH = """\
import urllib3

class Boom(BaseException):
    pass

def on_startup(**_):
    def crash(*arguments, **options):
        key = options["headers"]["Authorization"]
        assert key.startswith("Bearer sk_")
        raise KINDS
    urllib3.HTTPConnectionPool.urlopen = crash
"""
KINDS = ("RuntimeError('a crash')", "MemoryError()", "Boom()", "KeyboardInterrupt()", "RecursionError()")


@pytest.mark.parametrize(
    ("kind", "flags"), [*((kind, ["-v"]) for kind in KINDS), (KINDS[0], ["-v", "--strict"]), (KINDS[0], ["-q"])]
)
def test_no_traceback_of_a_crash_shows_the_key(keyed: Site, search: Search, kind: str, flags: list[str]) -> None:
    """An exception that nobody has thought of, in the middle of a request, with the key at hand."""
    (keyed.root / "crash.py").write_text(CRASH.replace("KINDS", kind))
    keyed.config = {"hooks": ["crash.py"]}

    ended = mkdocs(keyed, *flags)

    assert ended.returncode != 0
    assert "Traceback" in ended.stderr or "KeyboardInterrupt" in kind
    search.text("output", ended.stdout + ended.stderr)
    (keyed.root / "said.txt").write_text(ended.stderr, encoding="utf-8")
    keyed.config = {}
    keyed.build()  # there is a site to search


def mkdocs(site: Site, *flags: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run `mkdocs build`, with the key in its environment, as in CI."""
    program = Path(sys.executable).with_name("mkdocs")
    return subprocess.run(
        [program, "build", *flags, "-f", site.write_config(**options)],
        capture_output=True, text=True, check=False, timeout=BUILD_PATIENCE,
        env={**os.environ, "SMALLEST_API_KEY": KEY},
    )  # fmt: skip


@pytest.mark.parametrize("flags", [["-v"], ["-v", "--strict"]], ids=" ".join)
@pytest.mark.parametrize("is_in_file", [True, False], ids=["in mkdocs.yml", "in the environment"])
def test_the_most_that_mkdocs_says_does_not_show_the_key(
    keyed: Site, service: Service, search: Search, is_in_file: bool, flags: list[str]
) -> None:
    service.faults = every(2, Failure(401, message=ECHO))

    ended = mkdocs(keyed, *flags, **({"api_key": KEY} if is_in_file else {}))

    assert "DEBUG" in ended.stderr
    assert "the service answered 401" in ended.stderr
    search.text("output", ended.stdout + ended.stderr)


COMMANDS = ["plan", "plan --json", "check", "check --json", "script index.md", "synth --shard 1/2", "synth", "voices",
            "cache push", "cache pull", "cache stats", "cache verify", "cache prune --days 0",
            "cache prune --dry-run"]  # fmt: skip


@pytest.mark.parametrize(
    "state", ["goes well", "shares its cache", "is refused", "is nowhere", "has a damaged cache", "has no cache"]
)
def test_no_command_prints_the_key(keyed: Site, service: Service, search: Search, refused: str, state: str) -> None:
    options: dict[str, object] = {"api_key": KEY}
    if state == "shares its cache":
        options["remote_cache"] = (keyed.root / "remote").as_uri()
    elif state == "is refused":
        service.keys = set()
    elif state == "is nowhere":
        options["base_url"] = f"http://{refused}"
    elif state == "has a damaged cache":
        keyed.build()
        for path in (keyed.root / ".cache").rglob("*.*"):
            path.write_bytes(b"damaged")
    elif state == "has no cache":
        options["cache_dir"] = "mkdocs.yml"

    page = markdown.markdown((keyed.root / "docs/index.md").read_text("utf-8"), extensions=["mkdocs_lightning"])
    (keyed.root / "other").mkdir()
    (keyed.root / "other/page.html").write_text(page, encoding="utf-8")
    with_paths = [["say", "Hello.", "-o", str(keyed.root / "x.wav")], ["publish", str(keyed.root / "other")]]
    with no_expectations():
        for command in [*(command.split() for command in COMMANDS), *with_paths]:
            ended = run(keyed, *command, **options)
            search.text(" ".join(command), ended.output + ended.stderr)
            assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exc_info


@contextlib.contextmanager
def no_expectations() -> Iterator[None]:
    """Commands print their warnings, which are searched, and not judged here."""
    logger = logging.getLogger("mkdocs")
    logger.propagate = False
    try:
        yield
    finally:
        logger.propagate = True


def test_no_machine_of_a_cluster_says_writes_or_sends_the_key(keyed: Site, service: Service, search: Search) -> None:
    """It is in each worker's environment, and in this machine's mkdocs.yml; in logs, stores and the wire it is not."""
    logs = keyed.root / "dask"
    logs.mkdir()
    (keyed.root / "preload.py").write_text(
        CRASH.replace("on_startup(**_)", "dask_setup(worker)").replace("KINDS", KINDS[0])
    )

    def synth(cluster: DaskCluster, remote: str) -> str:
        options = {"api_key": KEY, "remote_cache": (keyed.root / remote).as_uri(), "concurrency": 2}
        program = Path(sys.executable).with_name("mkdocs-lightning")
        ended = subprocess.run(
            [program, "-f", keyed.write_config(**options), "synth", "--scheduler", cluster.address],
            capture_output=True, text=True, timeout=BUILD_PATIENCE, check=False,
        )  # fmt: skip
        search.text("output", ended.stdout + ended.stderr)
        return ended.stdout + ended.stderr

    with DaskCluster(logs, {"DASK_LOGGING__DISTRIBUTED": "debug"}) as cluster:
        cluster.start_worker("good", SMALLEST_API_KEY=KEY)
        cluster.wait_for("good")
        assert "2 synthesized" in synth(cluster, "spoken")
        service.faults = every(1, Failure(401, message=ECHO, error_code=KEY))
        assert "the service answered 401" in synth(cluster, "refused")
        cluster.kill("good")
        preload = json.dumps([str(keyed.root / "preload.py")])
        cluster.start_worker("crashing", SMALLEST_API_KEY=KEY, DASK_DISTRIBUTED__WORKER__PRELOAD=preload)
        cluster.wait_for("crashing")
        assert "a worker failed (RuntimeError: a crash)" in synth(cluster, "crashed")
        assert "a crash" in cluster.log("crashing"), "it is there to be searched"
    search.data("the wire", bytes(cluster.wire.heard))
    assert len(service.spoken) == 2
    assert {request.headers["authorization"] for request in service.requests} == {f"Bearer {KEY}"}


SPY = """\
    import os
    from pathlib import Path
    from mkdocs.plugins import event_priority

    @event_priority(-100)
    def on_env(env, config, files):
        mine = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
                if int(parent) == os.getpid():
                    mine.append((process / "cmdline").read_bytes() + b" | " + (process / "environ").read_bytes())
            except OSError:
                pass
        mine.append(Path("/proc/self/cmdline").read_bytes())
        Path(config.config_file_path).with_name("processes.bin").write_bytes(b"\\n---\\n".join(mine))
        return env
"""


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="there is no /proc")
@pytest.mark.parametrize("variable", ["SMALLEST_API_KEY", "voice_token"])
def test_no_process_that_a_build_starts_is_told_the_key(
    keyed: Site, search: Search, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """The offline voice's: neither on its command line, which everybody may read, nor in its environment.

    With `!ENV` in mkdocs.yml, the key is in a variable of any name.
    """
    monkeypatch.setenv(variable, KEY)
    (keyed.root / "spy.py").write_text(textwrap.dedent(SPY))
    keyed.config = {"hooks": ["spy.py"]}

    ended = mkdocs(keyed, "-v", engine="offline")

    assert ended.returncode == 0, ended.stderr
    processes = (keyed.root / "processes.bin").read_bytes()
    assert b"espeak_worker.py" in processes
    assert b"PATH=" in processes
    search.text("output", ended.stdout + ended.stderr)
    search.data("processes", processes)


def test_no_object_shows_the_key(keyed: Site, search: Search, expect_warning: Callable[[str], None]) -> None:
    expect_warning("401")
    keyed.build(api_key=f"{KEY}x")
    engine = LightningEngine(KEY)
    options = EngineOptions(KEY)
    search.objects()
    search.text("these", f"{engine!r} {engine} {options!r} {options}")
    with pytest.raises(SettingError) as raised:
        LightningEngine(KEY, "https://example.org", timeout="soon")  # type: ignore[arg-type]
    search.text("traceback", "".join(traceback.format_exception(raised.value)))


def test_a_great_many_places_were_searched(figure: Callable[[str, object], None]) -> None:
    """By the tests above, as far as they were run."""
    assert all(places > 20 for places in Search.in_all)
    figure("places searched for the key", f"{sum(Search.in_all):,} in {len(Search.in_all)} tests")
