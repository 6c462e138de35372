"""Read YAML files that authors write; what is wrong with one is an error in plain words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from yaml_env_tag import construct_env_tag

from mkdocs_lightning.base.errors import LightningError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ABOUT_SIGN = re.compile(
    "while scanning an? (?:alias|anchor|tag)|found undefined alias|could not determine a constructor for the tag"
    "|found character '[@`%]' that cannot start any token"
)
"""How a message of PyYAML begins where it has met one of the signs with which plain text may not begin."""

_ABOUT_TAB = r"found character '\t' that cannot start any token"
_ABOUT_LIST = "expected ',' or ']'"
_TAG_WITH_BRACKET = re.compile(r"(?:^|[\[,])\s*![^\s\"'\[]*\]")
"""The last pattern of a list in one line: YAML takes the bracket for a part of its name."""

_QUOTED_OR_COMMENT = re.compile(r"'[^']*'|\"[^\"]*\"|(?:^|\s)#.*")

_ABOUT_COLON = ("mapping values are not allowed here", "expected <block end>", "could not find expected ':'")
_NAME = re.compile(r"(?P<indent>\s*)(?:-\s+)*(?P<name>[\w.-]+)\s*(?:#.*)?")

_MERGE_TAG = "tag:yaml.org,2002:merge"  # of `<<`, which may be there several times


class NotYamlError(LightningError):
    """A file that is not YAML; its text says why, with the file and the line where they are known."""


def read_yaml(path: Path) -> object:
    """The content of a YAML file, of standard types only.

    Raises:
        OSError: The file cannot be read.
        NotYamlError: The file is not YAML.
    """
    return _read(path, _Loader)


def read_mkdocs_yaml(path: Path) -> object:
    """The content of a site's configuration: `!ENV` is replaced, and each Python name becomes None.

    Raises:
        OSError: The file cannot be read.
        NotYamlError: The file is not YAML.
    """
    return _read(path, _MkDocsLoader)


def line_of(path: Path, keys: Sequence[str]) -> int | None:
    """The line, from 1, on which a key of nested mappings is written; None if it is not in the file.

    Args:
        path: A YAML file.
        keys: From the outermost on; in a list, the item is meant that is a mapping with the next key.
    """
    try:
        with path.open(encoding="utf-8") as file:
            node = yaml.compose(file, yaml.SafeLoader)
    except (OSError, ValueError, yaml.YAMLError):  # whoever reads its values says so
        return None
    found: yaml.Node | None = None
    for key in keys:
        pairs = list(_pairs(node))
        found, node = next(((name, value) for name, value in pairs if name.value == key), (None, None))
        if found is None:
            return None
    return None if found is None else found.start_mark.line + 1


def _pairs(node: yaml.Node | None) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    """The keys and values of a mapping, or of all mappings in a list."""
    for each in node.value if isinstance(node, yaml.SequenceNode) else [node]:
        if isinstance(each, yaml.MappingNode):
            yield from each.value


class _Loader(yaml.SafeLoader):
    """Refuses a key that a mapping has twice: PyYAML would ignore the first of its values, such as a budget."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """As its parent's, which is called for each mapping; raises an error with the place of the second key."""
        lines: dict[str, int] = {}
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE_TAG:
                line = key.start_mark.line + 1
                if (first := lines.setdefault(key.value, line)) != line:
                    problem = f"{key.value!r} appears twice, first on line {first}; keep only one of the two"
                    raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
        super().flatten_mapping(node)


class _MkDocsLoader(_Loader):
    """Accepts the tags that MkDocs accepts, and executes nothing."""


_MkDocsLoader.add_constructor("!ENV", construct_env_tag)
_MkDocsLoader.add_constructor("!relative", lambda _loader, _node: None)
_MkDocsLoader.add_multi_constructor("tag:yaml.org,2002:python/", lambda _loader, _name, _node: None)


def _read(path: Path, loader: type[yaml.SafeLoader]) -> object:
    try:
        with path.open(encoding="utf-8") as file:  # PyYAML's messages name the file and the line
            return yaml.load(file, loader)  # noqa: S506 - a safe one
    except OSError:
        raise
    except Exception as error:
        # PyYAML does not wrap every error: ValueError for the date 2024-13-45, KeyError for `!!bool x`.
        raise NotYamlError(f"{error}{yaml_advice(error)}") from error


def yaml_advice(error: BaseException | None) -> str:
    """What to do about an error of PyYAML that its own words do not explain to authors, as a line to add to them.

    Args:
        error: Of a YAML file; its lines are read again. Any other error is left as it is.
    """
    if not isinstance(error, yaml.MarkedYAMLError):
        return ""
    problem = error.problem or ""
    if _ABOUT_TAB in problem:
        return "\nIndent with spaces, because YAML does not accept tabs there"
    if any(_ABOUT_SIGN.match(words) for words in (error.context or "", problem)) or _ends_with_tag(error):
        return "\nPut quotation marks around text that begins with !, *, &, @, ` or %, such as a pattern"
    return _colon_advice(error) if problem.startswith(_ABOUT_COLON) else ""


def _ends_with_tag(error: yaml.MarkedYAMLError) -> bool:
    """Whether a list in one line has no end, because of an exclusion before its bracket."""
    if error.context_mark is None or not (error.problem or "").startswith(_ABOUT_LIST):
        return False
    lines = [_QUOTED_OR_COMMENT.sub("''", line) for line in _lines(error.context_mark)[error.context_mark.line :]]
    last = next((line for line in lines if "]" in line), "")  # which was meant to be the list's
    return _TAG_WITH_BRACKET.search(last) is not None


def _colon_advice(error: yaml.MarkedYAMLError) -> str:
    """Advice on a name without a colon above what is indented below it; empty if there is none."""
    if error.problem_mark is None:
        return ""
    *above, below = _lines(error.problem_mark)[: error.problem_mark.line + 1] or [""]
    for number, line in reversed([*enumerate(above, 1)]):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _NAME.fullmatch(line)
        if found is None or len(found["indent"]) >= len(below) - len(below.lstrip()):
            return ""
        return f"\nPut a colon after {found['name']!r} on line {number}, or indent what follows less"
    return ""


def _lines(mark: yaml.Mark) -> list[str]:
    """The lines of the file in which a mark is; none if it cannot be read."""
    try:
        return Path(mark.name).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return []
