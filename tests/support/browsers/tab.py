"""What a person does in a tab, the same in every browser, and what a test asks its page."""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

PATIENCE: Final = 30.0  # seconds
GLANCE: Final = 1000  # ms for which the page itself waits, before it is asked anew

FIND: Final = """
  const name = (one) => (one.getAttribute("aria-label") || one.textContent).replace(/\\s+/g, " ").trim();
  const find = (selector, named) => [...document.querySelectorAll(selector)].filter((one) =>
    one.checkVisibility({ visibilityProperty: true }) && (!named || new RegExp(named).test(name(one))))[0];
"""
"""JavaScript: the first element of a selector that is shown, and whose accessible name matches."""
AIM: Final = f"""async (selector, named, across, down) => {{
  {FIND}
  const drawn = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const box = (one) => ["x", "y", "width", "height"].map((side) => one.getBoundingClientRect()[side]);
  const one = find(selector, named);
  if (!one || one.disabled) return null;
  const isIn = ([x, y, width, height]) => x + width * across >= 0 && x + width * across < innerWidth &&
    y + height * down >= 0 && y + height * down < innerHeight;
  if (!isIn(box(one))) one.scrollIntoView({{ block: "center", behavior: "instant" }});
  const before = box(one);
  await drawn();
  const [x, y, width, height] = box(one);
  const point = [x + width * across, y + height * down];
  const hit = document.elementFromPoint(...point);
  return `${{before}}` === `${{box(one)}}` && one.contains(hit) ? point : null;
}}"""
"""JavaScript: where to point at an element, once it stands still and nothing is above it."""


class PageChangedError(Exception):
    """A page went away while it was asked something: another one is there now, or will be."""


class Move(NamedTuple):
    """The pointer goes to a point of the window, in CSS pixels."""

    x: float
    y: float


@dataclass(frozen=True)
class Down:
    """The left button is pressed."""


@dataclass(frozen=True)
class Up:
    """The left button is released."""


Step: TypeAlias = Move | Down | Up


class Tab(ABC):
    """A tab with an empty storage. Its JavaScript is a function, whose arguments and value are as in JSON."""

    patience: float = PATIENCE
    """Seconds that `wait_for` waits."""

    # What each browser does in its way

    @abstractmethod
    def goto(self, url: str) -> None:
        """Load a page, and wait until it is loaded."""

    @abstractmethod
    def another(self) -> Tab:
        """Open one that shares the storage of this one."""

    @abstractmethod
    def ask(self, function: str, given: str) -> str | None:
        """Call an asynchronous function with a string; its string.

        Raises:
            PageChangedError: Meanwhile the page has gone.
        """

    @abstractmethod
    def point(self, *steps: Step) -> None:
        """Use the mouse."""

    @abstractmethod
    def press(self, keys: str) -> None:
        """Press a key with its modifiers, such as `a`, `Tab` or `Shift+Tab`."""

    @abstractmethod
    def resize(self, width: int, height: int) -> None:
        """Make the window so large that the page has as many CSS pixels."""

    @abstractmethod
    def picture(self) -> bytes:
        """What is in the window, as PNG."""

    @abstractmethod
    def errors(self) -> Sequence[str]:
        """What the pages have complained of so far: uncaught errors, and what the console calls an error."""

    @abstractmethod
    def close(self) -> None:
        """Close it, with its storage."""

    # What follows from these

    def call(self, function: str, *arguments: object) -> Any:
        """Call a function in the page, or an asynchronous one; what it returns."""
        answer = self.ask(
            f"async (given) => JSON.stringify([await ({function})(...JSON.parse(given))])", json.dumps(arguments)
        )
        return json.loads(answer)[0] if answer else None

    def wait_for(self, function: str, *arguments: object) -> Any:
        """Wait until a function returns something true, through pages that come and go; what it returns."""
        wait = f"""async (...given) => {{
          for (const end = Date.now() + {GLANCE}; Date.now() < end;) {{
            const value = await ({function})(...given);
            if (value) return value;
            await new Promise((resolve) => setTimeout(resolve, 10));
          }}
        }}"""
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline:
            try:
                if value := self.call(wait, *arguments):
                    return value
            except PageChangedError:
                continue
        raise AssertionError(f"it has not come true in {self.patience:g} s: {function}, given {arguments}")

    def where(self, selector: str, named: str = "", *, across: float = 0.5, down: float = 0.5) -> Move:
        """Where to point at the first shown element whose accessible name matches a pattern, once it can be hit.

        Args:
            selector: In CSS.
            named: A regular expression.
            across: Where in its box: 0 is left, 1 is right.
            down: 0 is its top, 1 its bottom.
        """
        return Move(*self.wait_for(AIM, selector, named, across, down))

    def click(self, selector: str, named: str = "", *, across: float = 0.5, down: float = 0.5) -> None:
        """Click on an element, once it can be hit."""
        self.point(self.where(selector, named, across=across, down=down), Down(), Up())

    def focus(self, selector: str, named: str = "") -> None:
        """Put the focus on an element."""
        self.wait_for(f"(...given) => {{ {FIND} find(...given)?.focus(); return !!find(...given); }}", selector, named)

    def sees(self, selector: str, named: str = "") -> bool:
        """Whether an element is shown, be it scrolled out of view."""
        return bool(self.call(f"(...given) => {{ {FIND} return !!find(...given); }}", selector, named))

    def wait_to_see(self, selector: str, named: str = "") -> None:
        """Wait until an element is shown, be it scrolled out of view."""
        self.wait_for(f"(...given) => {{ {FIND} return !!find(...given); }}", selector, named)

    def draw(self) -> None:
        """Let the page be drawn twice: what was to happen has happened."""
        self.call(
            "() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(1))))"
        )
