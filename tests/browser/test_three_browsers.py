"""What a listener does, in Chromium, Firefox and WebKitGTK: sites built for real, sound that is really played."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import soundfile

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.conftest import Host
    from tests.support.browsers.tab import Tab


def test_a_clip_plays_and_seeks(any_tab: Tab, host: Host, tmp_path: Path) -> None:
    noise = np.random.default_rng(1).uniform(-0.1, 0.1, 24000 * 60)
    soundfile.write(tmp_path / "clip.mp3", noise, 24000, format="MP3")
    (tmp_path / "index.html").write_text(
        "<!doctype html><title>Page</title><audio src=clip.mp3></audio>"
        "<button onclick=\"document.querySelector('audio').play()\">Go</button>"
    )
    any_tab.goto(host(tmp_path).url)

    any_tab.click("button", "^Go$")

    any_tab.wait_for("() => document.querySelector('audio').currentTime > 0.2")
    any_tab.call("() => { document.querySelector('audio').currentTime = 40 }")
    any_tab.wait_for("() => document.querySelector('audio').currentTime > 40.2")
