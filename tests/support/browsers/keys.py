"""The keys of a keyboard, by their names in the DOM, as WebDriver has them."""

from __future__ import annotations

from typing import Any, Final

from tests.support.browsers.tab import Down, Move, Step

KEYS: Final = {
    "Backspace": "\ue003",
    "Tab": "\ue004",
    "Enter": "\ue007",
    "Shift": "\ue008",
    "Control": "\ue009",
    "Alt": "\ue00a",
    "Escape": "\ue00c",
    "Space": " ",
    "PageUp": "\ue00e",
    "PageDown": "\ue00f",
    "End": "\ue010",
    "Home": "\ue011",
    "ArrowLeft": "\ue012",
    "ArrowUp": "\ue013",
    "ArrowRight": "\ue014",
    "ArrowDown": "\ue015",
}

Actions = list[dict[str, Any]]


def key_actions(keys: str) -> Actions:
    """WebDriver's actions for a key with its modifiers, such as `Shift+Tab`."""
    values = [KEYS.get(name, name) for name in keys.split("+")]
    downs = [{"type": "keyDown", "value": value} for value in values]
    ups = [{"type": "keyUp", "value": value} for value in reversed(values)]
    return [{"type": "key", "id": "keyboard", "actions": [*downs, *ups]}]


def pointer_actions(steps: tuple[Step, ...]) -> Actions:
    """WebDriver's actions for a mouse."""
    return [
        {
            "type": "pointer",
            "id": "mouse",
            "parameters": {"pointerType": "mouse"},
            "actions": [_pointer_action(step) for step in steps],
        }
    ]


def _pointer_action(step: Step) -> dict[str, object]:
    if isinstance(step, Move):
        return {"type": "pointerMove", "x": round(step.x), "y": round(step.y), "origin": "viewport", "duration": 0}
    return {"type": "pointerDown" if isinstance(step, Down) else "pointerUp", "button": 0}
