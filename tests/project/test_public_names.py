"""The names that others may build on: each is there, explained, and typed."""

from __future__ import annotations

import operator
import subprocess
import sys
from importlib import resources
from typing import TYPE_CHECKING

import griffe
import pytest

import mkdocs_lightning

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = griffe.load("mkdocs_lightning", resolve_aliases=True)


def public_parts(name: str) -> Iterator[griffe.Object]:
    """An exported object, and for a class also what it offers."""
    exported = PACKAGE[name].final_target
    yield exported
    if exported.is_class:
        yield from (member for member in exported.members.values() if member.is_public and not member.is_alias)


def test_all_is_sorted_and_complete() -> None:
    names = mkdocs_lightning.__all__
    assert names == sorted(set(names))
    assert set(names) <= set(dir(mkdocs_lightning))
    assert {name for name, member in PACKAGE.members.items() if member.is_alias} <= {
        *names,
        "import_module",
        "TYPE_CHECKING",
    }
    with pytest.raises(AttributeError, match="encoed"):
        operator.attrgetter("encoed")(mkdocs_lightning)


@pytest.mark.parametrize("module", ["plugin", "cli.plan_commands"])
def test_what_has_nothing_to_synthesize_loads_nothing_that_does(module: str) -> None:
    program = f"import sys, mkdocs_lightning.{module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert f"mkdocs_lightning.{module}" in loaded
    assert not {"lameenc", "numpy", "soundfile", "soxr", "requests", "urllib3", "filelock"} & set(loaded)


def test_the_first_request_waits_for_nothing_that_only_its_reply_needs() -> None:
    program = "import sys, mkdocs_lightning.synthesis.clip_builder; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"lameenc", "numpy", "soundfile", "soxr"} & set(loaded)


def test_a_build_loads_nothing_for_pages_of_other_programs() -> None:
    program = "import sys, mkdocs_lightning.plugin; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    others = ("lasting_slot", "published", "standalone")
    assert not {f"mkdocs_lightning.site.{name}" for name in others} & set(loaded)


def test_a_build_loads_nothing_that_only_messages_a_remote_cache_or_a_podcast_need() -> None:
    program = "import sys, mkdocs_lightning.plugin; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    for_messages = {"mkdocs_lightning.reading.grammar.source_lines", "mkdocs_lightning.synthesis.progress"}
    for_remote = {f"mkdocs_lightning.cache.{name}" for name in ("remote", "shared", "transfers", "patience")}
    for_a_podcast = {f"mkdocs_lightning.exports.{name}" for name in ("artwork", "podcast", "podcast_settings")}
    assert not (for_messages | for_remote | for_a_podcast) & set(loaded)


@pytest.mark.parametrize("name", mkdocs_lightning.__all__)
def test_an_exported_name_is_explained(name: str) -> None:
    assert getattr(mkdocs_lightning, name)
    for part in public_parts(name):
        is_told_by_its_class = part.is_special or (part.is_attribute and "property" not in part.labels)
        assert part.docstring or is_told_by_its_class, f"{part.path} has no docstring"


@pytest.mark.parametrize("name", mkdocs_lightning.__all__)
def test_an_exported_name_is_typed(name: str) -> None:
    for part in public_parts(name):
        if isinstance(part, griffe.Function):
            parameters = [parameter for parameter in part.parameters if parameter.name not in {"self", "cls"}]
            untyped = [parameter.name for parameter in parameters if parameter.annotation is None]
            assert not untyped, f"{part.path} does not say what {untyped} are"
            assert part.returns is not None or part.name == "__init__", f"{part.path} does not say what it returns"


def test_the_package_says_that_it_is_typed() -> None:
    assert resources.files(mkdocs_lightning).joinpath("py.typed").is_file()
