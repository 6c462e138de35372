"""A proxy, certificates or a .netrc that cannot be used cost no site: one message names the variable."""

from __future__ import annotations

import importlib.util
import logging
import os
import ssl
from typing import TYPE_CHECKING

import pytest

from mkdocs_lightning.engines import EngineError, EngineStoppedError, TransientError
from mkdocs_lightning.engines.lightning import LightningEngine
from mkdocs_lightning.engines.lightning_request import environment_error
from mkdocs_lightning.reading.settings.voice import resolve_voice
from mkdocs_lightning.reading.settings.voice_settings import VoiceSettings
from tests.support.commands import run
from tests.support.http_server import Exchange, HttpServer, answering, nobody
from tests.support.sites import KEY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.service import Service
    from tests.support.sites import Site

PAGE = {"index.md": "# Home\n\n:::speak\nThis sentence stands here as it always did.\n:::\n"}
OUTSIDE = "https://outside.example"
PROXY = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
NONSENSE = ("http://", "ftp://127.0.0.1:9", "http://me:se-cret@127.0.0.1:99999", "://", "http://[::1", "nonsense://x")
HAS_SOCKS = importlib.util.find_spec("socks") is not None


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*PROXY, *CERTIFICATES, "no_proxy", "NO_PROXY", "SSLKEYLOGFILE"):
        monkeypatch.delenv(name, raising=False)


def error_of(base_url: str) -> EngineError:
    engine = LightningEngine(KEY, base_url, timeout=5)
    with pytest.raises(EngineError) as raised:
        engine.synthesize("Good morning.", resolve_voice(VoiceSettings()))
    engine.close()
    return raised.value


@pytest.mark.parametrize("value", NONSENSE)
@pytest.mark.parametrize("name", PROXY)
def test_a_proxy_that_is_none_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    error = error_of(OUTSIDE)
    assert type(error) is EngineStoppedError
    assert str(error).startswith(f"the proxy that the environment variable {name} names cannot be used: ")
    assert "se-cret" not in str(error)


@pytest.mark.parametrize("scheme", ["socks4", "socks5", "socks5h"])
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "ALL_PROXY"])
def test_a_socks_proxy_is_used_or_its_package_is_named(monkeypatch: pytest.MonkeyPatch, name: str, scheme: str) -> None:
    with nobody() as away:
        monkeypatch.setenv(name, away.replace("http", scheme))
        error = error_of(OUTSIDE)
    if HAS_SOCKS:
        assert type(error) is TransientError
        assert str(error).startswith("the connection to the service failed; check ")
    else:
        assert type(error) is EngineStoppedError
        assert f"{name} names cannot be used: SOCKS needs the package PySocks" in str(error)


def test_a_proxy_that_is_away_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with nobody() as away:
        monkeypatch.setenv("HTTPS_PROXY", away)
        error = error_of(OUTSIDE)
    assert type(error) is TransientError
    assert "check the proxy that HTTPS_PROXY names: " in str(error)
    assert "refused" in str(error)


def unusable(kind: str, directory: Path) -> Path:
    path = directory / kind
    if kind in {"empty", "without certificates"}:
        path.write_text("" if kind == "empty" else "-----BEGIN CERTIFICATE-----\nnone\n")
    if kind == "unreadable":
        path.write_text("x")
        path.chmod(0)
    if kind == "pipe":
        os.mkfifo(path)
    return path


KINDS = ["missing", "empty", "without certificates", "unreadable", *(["pipe"] if hasattr(os, "mkfifo") else [])]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", CERTIFICATES)
def test_certificates_that_cannot_be_used_are_named_by_their_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, kind: str
) -> None:
    monkeypatch.setenv(name, str(unusable(kind, tmp_path)))
    error = error_of(OUTSIDE)
    assert type(error) is EngineStoppedError
    assert str(error).startswith(f"the certificates that the environment variable {name} names cannot be read")


def test_a_log_of_keys_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "missing/keys.log"))
    assert "the file that the environment variable SSLKEYLOGFILE names cannot be written" in str(error_of(OUTSIDE))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes in directories")
def test_a_log_of_keys_that_is_a_pipe_does_not_hang(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(unusable("pipe", tmp_path)))
    assert "SSLKEYLOGFILE names cannot be written; correct or unset it: it is a pipe" in str(error_of(OUTSIDE))


def test_what_is_not_used_does_no_harm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, service: Service) -> None:
    """Over plain http, which only goes to this machine, no proxy and no certificate is asked for."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine \x00 {")
    for name in PROXY:
        monkeypatch.setenv(name, "ftp://nowhere")
    for name in (*CERTIFICATES, "SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
        monkeypatch.setenv(name, str(tmp_path / "missing/file"))
    monkeypatch.setenv("NETRC", str(netrc))
    assert LightningEngine(KEY, service.url).synthesize("Good morning.", resolve_voice(VoiceSettings())).duration > 0.5


@pytest.mark.parametrize("value", ["http://127.0.0.1:8080", "127.0.0.1:8080", "https://me:secret@proxy.example"])
def test_a_proxy_that_may_be_one_is_tried(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)
    assert environment_error(OUTSIDE) is None


def test_an_address_past_the_proxy_does_not_need_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "ftp://nowhere")
    monkeypatch.setenv("NO_PROXY", "outside.example")
    assert environment_error(OUTSIDE) is None


def test_a_directory_of_certificates_and_a_log_of_keys_may_be_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys.log"))
    for bundle in (str(tmp_path), ssl.get_default_verify_paths().cafile):
        if bundle and os.path.exists(bundle):  # noqa: PTH110 - a name, as OpenSSL gives it
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
            assert environment_error(OUTSIDE) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTPS_PROXY", "http://"),
        ("ALL_PROXY", "ftp://127.0.0.1"),
        ("REQUESTS_CA_BUNDLE", "missing.pem"),
        ("SSLKEYLOGFILE", "missing/keys.log"),
    ],
)
def test_a_site_is_built_with_text(
    site: Site, monkeypatch: pytest.MonkeyPatch, expect_warning: Callable[[str], None], name: str, value: str
) -> None:
    site.write(PAGE)
    monkeypatch.chdir(site.root)
    monkeypatch.setenv(name, value)
    expect_warning(f"1 sentence missing: .*the environment variable {name} names cannot be")
    site.build(base_url=OUTSIDE, retries=5)
    assert "This sentence stands here" in site.html("index.html")
    assert site.clips("index.html") == []
    for command in ("plan", "check"):
        assert run(site, command, base_url=OUTSIDE).exit_code == (command == "check")
    said = run(site, "say", "Good morning.", "-o", str(site.root / "a.wav"), base_url=OUTSIDE)
    assert said.exit_code == 1
    assert name in said.stderr


@pytest.mark.parametrize(
    "raw",
    [b"\x1b[31mnonsense\x07\r\n\r\n", b"HTTP/1.1 2\x1b[31m0 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\n\x1b[2J: \x07\r\n\r\n"],
)
def test_no_control_characters_of_a_status_line_are_shown(raw: bytes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with answering(raw) as url:
        error = error_of(url)
    assert str(error).isprintable()
    assert all(record.getMessage().isprintable() for record in caplog.records)


def test_cookies_are_not_sent_back() -> None:
    """Else threads that share a session would share what it has been told."""
    cookies: list[str | None] = []

    def answer(exchange: Exchange) -> None:
        exchange.body()
        cookies.append(exchange.headers.get("Cookie"))
        exchange.reply(503, b"", {"Set-Cookie": "a=b; Path=/"})

    with HttpServer(answer) as server:
        engine = LightningEngine(KEY, server.url)
        for _ in range(2):
            with pytest.raises(TransientError):
                engine.synthesize("Good morning.", resolve_voice(VoiceSettings()))
    assert cookies == [None, None]
