"""Which command runs MkDocs, for what purpose, and what such a run may do and spend."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Literal, TypeAlias

from mkdocs_lightning.audio.formats import OutputFormat

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

    from mkdocs_lightning.engines import EngineOptions
    from mkdocs_lightning.synthesis.policy import Policy

Command: TypeAlias = Literal["build", "gh-deploy", "serve"]

SERVE_TIMEOUT = 10.0
"""Longest timeout of a request under `serve`, in seconds: the server does not respond while it rebuilds."""


class Purpose(Enum):
    """What a run of MkDocs is for."""

    SITE = "build the site"
    PLAN = "find out what the site needs"
    AUDIO = "fill the cache"
    BOOK = "make a book"

    @property
    def is_paid(self) -> bool:
        """Whether somebody has asked for the audio itself, so that no option holds it back."""
        return self in (Purpose.AUDIO, Purpose.BOOK)


@dataclass(frozen=True, slots=True)
class RunMode:
    """How MkDocs was started, and what follows from it for synthesis.

    Attributes:
        command: The command of MkDocs; `publish` counts as a build.
        purpose: Anything but `SITE` ends before MkDocs writes pages.
        is_dirty: Whether MkDocs reads only the pages that have changed.
        is_service_down: Whether the service failed in an earlier build of this server, less than a minute ago.
    """

    command: Command = "build"
    purpose: Purpose = Purpose.SITE
    is_dirty: bool = False
    is_service_down: bool = False

    @property
    def is_serve(self) -> bool:
        """Whether this is the development server, and not a build whose site is published."""
        return self.command == "serve"

    def hold_reason(self, synthesize: str, *, is_free: bool) -> str | None:
        """Why this run sends nothing; None if it may synthesize what is missing.

        Args:
            synthesize: The option of that name: `build`, `always` or `never`.
            is_free: Whether the site's engine costs nothing.
        """
        if self.purpose.is_paid:
            return None
        if synthesize == "never":
            return "synthesize is 'never'"
        if synthesize == "build" and self.is_serve and not is_free:
            return "'mkdocs serve' plays what is cached; run 'mkdocs build', or set synthesize to 'always'"
        if self.is_service_down:
            return "the service failed a moment ago and will not be retried for a minute"
        return None

    def output_format(self, name: str) -> OutputFormat:
        """The format of the clips: the site's, by its name, but MP3 in a book, which all readers of books play."""
        return OutputFormat.MP3 if self.purpose is Purpose.BOOK else OutputFormat(name)

    def limit_engine(self, options: EngineOptions) -> EngineOptions:
        """The engine's options, with a shorter timeout under `serve`."""
        return replace(options, timeout=min(options.timeout, SERVE_TIMEOUT)) if self.is_serve else options

    def limit_policy(self, policy: Policy) -> Policy:
        """The policy; under `serve` one try a sentence, and the first failure ends the run."""
        return replace(policy, retries=0, give_up_after=1) if self.is_serve else policy


def end_early(config: MkDocsConfig, files: Files, plugin: object) -> None:
    """Have MkDocs write nothing in the rest of this run: no page, no template, no other file.

    Other plugins' `post_build` is skipped, as there is no finished site to minify or print. That of
    mkdocs-static-i18n stays, because it builds the next language.

    Args:
        config: MkDocs' own.
        files: The files of the site.
        plugin: The one whose own `post_build` stays, too.
    """
    for file in list(files):
        files.remove(file)
    config.theme.static_templates.clear()
    config.extra_templates.clear()
    still_needed = (plugin, config.plugins.get("i18n", plugin))
    methods = config.plugins.events["post_build"]
    methods[:] = [method for method in methods if getattr(method, "__self__", None) in still_needed]
