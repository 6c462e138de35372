"""Requests to the service that have no answer before a test lets them go."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.support.waiting import PATIENCE

if TYPE_CHECKING:
    from tests.support.service import Json


@dataclass(eq=False)
class Holding:
    """Some requests to the service, by their numbers, which have no answer before they are let go.

    Attributes:
        held: Those that have come.
    """

    numbers: range
    held: list[int] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)

    def __call__(self, number: int, _body: Json) -> None:
        if number in self.numbers:
            self.held.append(number)
            self.let_go.wait(PATIENCE)
