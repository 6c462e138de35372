"""The sites of the corpus: real documentation in four languages, narrated whole as its own mkdocs.yml builds it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import yaml

from tests.support.corpus import Package, fetch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CONFIG_FILE = "narrated.yml"
LIGHTNING = {"engine": "lightning", "synthesize": "never", "narrate": ["**"], "cache_dir": ".narration"}


@dataclass(frozen=True)
class CorpusSite:
    """One site.

    Attributes:
        package: Where it is from.
        without: Plugins, Markdown extensions and hooks of its mkdocs.yml that are not installed here, need a network or
            a git history, or draw pictures.
        config: For a package without a mkdocs.yml, all of ours; else settings that take the place of its own.
        options: Of its plugins, each in the place of its own.
        paths: Where mkdocstrings looks for the package's modules.
    """

    package: Package
    without: tuple[str, ...] = ()
    config: Mapping[str, object] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    paths: tuple[str, ...] = ("src", ".")

    def copy_to(self, root: Path, corpus: Path) -> Path:
        """Put the site, narrated whole, into a directory; its mkdocs.yml.

        Args:
            root: Does not exist yet.
            corpus: Where the packages are kept.
        """
        shutil.copytree(fetch(self.package, corpus), root)
        own = root / "mkdocs.yml"
        config: dict[str, object] = _read_config(own) if own.exists() else {"site_name": self.package.name}
        config |= {"docs_dir": self.package.docs, **self.config}
        config["plugins"] = [*self._plugins(config.get("plugins", ["search"])), {"lightning": LIGHTNING}]
        config["markdown_extensions"] = [
            entry for entry in _entries(config.get("markdown_extensions", [])) if _name(entry) not in self.without
        ]
        config["hooks"] = [hook for hook in cast("list[str]", config.get("hooks", [])) if hook not in self.without]
        config.pop("watch", None)
        config_file = root / CONFIG_FILE
        config_file.write_text(yaml.dump(config, Dumper=_Dumper, sort_keys=False), encoding="utf-8")
        return config_file

    def _plugins(self, plugins: object) -> list[object]:
        kept = [entry for entry in _entries(plugins) if _name(entry) not in self.without]
        for entry in kept:
            if isinstance(entry, dict) and (changed := self.options.get(_name(entry))):
                entry[_name(entry)] |= changed
            if isinstance(entry, dict) and "mkdocstrings" in entry:
                options = entry["mkdocstrings"] = entry["mkdocstrings"] or {}
                python = options.setdefault("handlers", {}).setdefault("python", {})
                python.pop("inventories", None)  # they are on other machines
                python.pop("import", None)
                python["paths"] = list(self.paths)
                # Source is code, which is not spoken; and each signature of its own would be formatted by a process.
                python.setdefault("options", {}).update(show_source=False, separate_signature=False)
        return kept


def _entries(listed: object) -> list[object]:
    """Plugins or extensions as a list; a mapping is allowed as well."""
    return (
        [{name: options} for name, options in listed.items()]
        if isinstance(listed, dict)
        else cast("list[object]", listed)
    )


def _name(entry: object) -> str:
    return next(iter(entry)) if isinstance(entry, dict) else str(entry)


class _Loader(yaml.SafeLoader):
    """Leaves values with tags of MkDocs and of Python as they are written."""


class _Dumper(yaml.SafeDumper):
    """Writes what `_Loader` has left."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


@dataclass(frozen=True, eq=False)
class _Tagged:
    node: yaml.Node


_Loader.add_multi_constructor("!", lambda _loader, _suffix, node: _Tagged(node))
_Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda _loader, _suffix, node: _Tagged(node))
_Dumper.add_representer(_Tagged, lambda _dumper, tagged: tagged.node)


def _read_config(file: Path) -> dict[str, Any]:
    return cast("dict[str, Any]", yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader))


_FENCES = """
custom_fences:
- name: mermaid
  class: mermaid
  format: !!python/name:pymdownx.superfences.fence_code_format
"""
_OURS: Mapping[str, object] = {
    "theme": {"name": "material", "font": False},
    "plugins": ["search"],
    "markdown_extensions": [
        *"abbr admonition attr_list def_list footnotes md_in_html tables".split(),
        {"toc": {"permalink": True}},
        {"pymdownx.arithmatex": {"generic": True}},
        {"pymdownx.betterem": {"smart_enable": "all"}},
        *(f"pymdownx.{name}" for name in "caret critic details inlinehilite keys magiclink mark progressbar".split()),
        {"pymdownx.emoji": yaml.load(
            "emoji_index: !!python/name:material.extensions.emoji.twemoji\n"
            "emoji_generator: !!python/name:material.extensions.emoji.to_svg\n",
            Loader=_Loader,
        )},
        {"pymdownx.highlight": {"anchor_linenums": True, "line_spans": "__span", "pygments_lang_class": True}},
        *(f"pymdownx.{name}" for name in "smartsymbols tilde".split()),
        {"pymdownx.snippets": {"base_path": [".", "docs"]}},
        {"pymdownx.superfences": yaml.load(_FENCES, Loader=_Loader)},
        {"pymdownx.tabbed": {"alternate_style": True}},
        {"pymdownx.tasklist": {"custom_checkbox": True}},
        *(f"pymdownx.blocks.{name}" for name in "admonition caption definition details html tab".split()),
    ],
}  # fmt: skip
"""Material, and nearly all that Python-Markdown and PyMdown Extensions have."""

_WITH_MKDOCSTRINGS = {**_OURS, "plugins": ["search", "autorefs", {"mkdocstrings": {}}]}
_ANSIBLE = {**_OURS, "plugins": ["search", "autorefs"]}

SITES = (
    CorpusSite(Package("ansible-lint", "26.10.1"), config=_ANSIBLE),
    CorpusSite(Package("ansible-navigator", "26.10.0"), config=_ANSIBLE),
    CorpusSite(Package("bbot", "3.0.2"), without=("mike", "extra-sass")),
    CorpusSite(Package("bump-my-version", "1.8.1"), config=_OURS),
    CorpusSite(Package("cibuildwheel", "4.3.5"), config=_OURS),
    CorpusSite(Package("copier", "9.19.1"), without=("markdown-exec", "redirects", "mkdocs_hooks.py")),
    CorpusSite(Package("griffe", "2.4.1"), config=_WITH_MKDOCSTRINGS),
    CorpusSite(
        Package("hatch", "1.18.2"),
        without=(
            "glightbox",
            "git-committers",
            "social",
            "git-revision-date-localized",
            "mike",
            "redirects",
            "mkdocs-click",
            "docs/.hooks/plugin_register.py",
            "docs/.hooks/title_from_content.py",
        ),
        config={"exclude_docs": "cli/reference.md"},
    ),
    CorpusSite(
        Package("inline-snapshot", "0.36.1"),
        without=("social", "markdown-exec", "replace-url", "redirects", "llmstxt"),
    ),
    CorpusSite(Package("kedro-mlflow", "2.0.3"), config=_OURS),
    CorpusSite(Package("markdown-exec", "1.12.6"), config=_WITH_MKDOCSTRINGS),
    CorpusSite(Package("mkdocs-autorefs", "1.4.5"), config=_WITH_MKDOCSTRINGS),
    CorpusSite(Package("mkdocstrings", "1.0.8"), config=_WITH_MKDOCSTRINGS),
    CorpusSite(
        Package("mkdocstrings-python", "2.0.11"),
        without=(
            "markdown-exec",
            "coverage",
            "llmstxt",
            "git-revision-date-localized",
            "redirects",
            "callouts",
            "scripts/mkdocs_hooks.py",
        ),
        config={"exclude_docs": "usage/configuration/"},
    ),
    CorpusSite(Package("pytest-ansible", "26.10.0"), config=_ANSIBLE),
    CorpusSite(Package("molecule", "26.10.0"), config=_ANSIBLE),
    CorpusSite(Package("openai-agents", "0.24.0"), options={"i18n": {"fallback_to_default": False}}),
    CorpusSite(
        Package("pymdown-extensions", "13.1", "docs/src/markdown"), config={**_OURS, "theme": {"name": "mkdocs"}}
    ),
    CorpusSite(Package("ropt", "0.29.0")),
    CorpusSite(Package("starlette", "1.10.0")),
)
