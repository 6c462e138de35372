"""The command by which docs/how-to/remove.md finds what was written for the plugin."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from mkdocs_lightning.reading.settings.voice_settings import SETTING_NAMES

ROOT = Path(__file__).parents[2]
GRAMMAR = ROOT / "tests/reading/grammar"
_OF_BLOCKS_ALONE = "sample_rate"
WRITTEN = [
    ":::speak",
    "::::\tspeak {voice_id=sophie}",
    "> :::speak",
    "- ::: speak",
    "1. > - :::speak speed=1.2",
    "[^1]: :::speak",
    ":   :::speak",
    "A {pause}",
    "A {: pause=1.5 }",
    "A {PAUSE}",
    "A *b*{.nospeak}",
    ":::",
    "    ::::",
    "> :::",
    "A *b*{: .nospeak }",
    "A *b*{say='c'}",
    'A *b*{: say="c d" }',
    "A *b*{say=c}",
    '``` { .py data-say="A" }',
    "lightning: {narrate: true}",
    "lightning:",
    *(f"*slowly*{{: {name}=1 }}" for name in SETTING_NAMES if name != _OF_BLOCKS_ALONE),
    *(f"{{: .wide {name}=1 }}" for name in SETTING_NAMES if name != _OF_BLOCKS_ALONE),
    "<p markdown speed='0.7'>",
    '<meta name="lightning" content="narrate: true">',
    "<meta name=lightning content='narrate: true'>",
    '<em data-speak-voice="',
    '<em data-say="A">',
]


def listed(docs: Path) -> set[str]:
    """The places that the command of the page lists, each as `FILE:LINE`."""
    page = (ROOT / "docs/how-to/remove.md").read_text(encoding="utf-8")
    command = re.search(r"^ *(grep .*?) docs$", page, re.MULTILINE | re.DOTALL)
    assert command
    found = subprocess.run(["sh", "-c", f"{command[1]} ."], cwd=docs, capture_output=True, text=True, check=False)
    assert not found.stderr
    return {":".join(line.removeprefix("./").split(":")[:2]) for line in found.stdout.splitlines()}


@pytest.mark.skipif(not shutil.which("grep"), reason="the command needs grep")
def test_the_command_lists_all_that_can_be_written_for_the_plugin(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("\n".join(WRITTEN), encoding="utf-8")
    (tmp_path / "prose.md").write_text("Say it with speed, in a language: a model.\n\n::: note\n", encoding="utf-8")

    assert listed(tmp_path) == {f"page.md:{number}" for number in range(1, len(WRITTEN) + 1)}


@pytest.mark.skipif(not shutil.which("grep"), reason="the command needs grep")
def test_the_command_lists_each_page_with_a_block(tmp_path: Path) -> None:
    with_blocks = set()
    for path in GRAMMAR.glob("*.yml"):
        case = yaml.unsafe_load(path.read_text(encoding="utf-8"))
        if case["blocks"] and "speak" in case["source"]:  # the others have theirs in a snippet
            (tmp_path / path.stem).write_text(case["source"], encoding="utf-8")
            with_blocks.add(path.stem)

    assert len(with_blocks) > 50
    assert {place.partition(":")[0] for place in listed(tmp_path)} == with_blocks
