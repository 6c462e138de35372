"""CSS selectors that name what is spoken of a page, and what is not."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from mkdocs_lightning.base.errors import SettingError, shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from xml.etree.ElementTree import Element

    from cssselect2.compiler import CompiledSelector

    from mkdocs_lightning.site.published.html_tree import PageTree

PACKAGE = "cssselect2"  # of the extra `select`


@dataclass(frozen=True, slots=True)
class Selector:
    """One CSS selector, or several that are separated by commas.

    Attributes:
        text: As it is written.
    """

    text: str
    _compiled: tuple[CompiledSelector, ...]

    @classmethod
    def parse(cls, setting: str, text: str) -> Selector:
        """Read a selector.

        Args:
            setting: Where it is written, such as `--select`, for the message.
            text: The selector.

        Raises:
            SettingError: It is none, or names no element, or the package that reads selectors is not installed.
        """
        if find_spec(PACKAGE) is None:
            words = f"needs the package {PACKAGE}: pip install 'mkdocs-lightning[select]'"
            raise SettingError(setting, words)
        from cssselect2 import SelectorError, compile_selector_list

        try:
            compiled = tuple(compile_selector_list(text))
        except (SelectorError, RecursionError, SyntaxError, MemoryError) as error:
            reason = _reason(error) if isinstance(error, SelectorError) else "it is too long"
            raise SettingError(setting, f"{shown(text)} is not a CSS selector: {reason}") from error
        if pseudo := next((each.pseudo_element for each in compiled if each.pseudo_element), None):
            raise SettingError(setting, f"{shown(text)} names ::{pseudo}, which is not an element of a page")
        return cls(text, compiled)


def find_elements(tree: PageTree, selectors: Sequence[Selector]) -> list[list[Element]]:
    """The elements of a page that each of some selectors names, in the order of the page."""
    found: list[list[Element]] = [[] for _ in selectors]
    if not selectors:
        return found
    from cssselect2 import ElementWrapper

    root = ElementWrapper.from_html_root(tree.root)
    for wrapper in root.iter_subtree():
        for selector, elements in zip(selectors, found, strict=True):
            if any(compiled.test(wrapper) for compiled in selector._compiled):  # noqa: SLF001 - its own module
                elements.append(wrapper.etree_element)
    return found


def _reason(error: ValueError) -> str:
    """What the parser says, unless only it knows the words."""
    said = " ".join(part for part in error.args if isinstance(part, str))
    return "it cannot be read" if "<" in said else said.replace("EOF", "its end").rstrip(".").lower()
