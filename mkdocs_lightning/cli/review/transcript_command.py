"""The command `transcript`: what is spoken on pages, for people or for programs."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from mkdocs.utils import is_markdown_file

from mkdocs_lightning.base.errors import did_you_mean, listed, printable
from mkdocs_lightning.base.file_system import is_same_file, is_within, to_nfc
from mkdocs_lightning.cli.command import config_file_option
from mkdocs_lightning.cli.output import BAD_USAGE, fail, json_option, print_json, sentence_as_json
from mkdocs_lightning.cli.site_reader import read_site
from mkdocs_lightning.cli.site_report import distinct_uses, line_of, location_of, page_of, speaker_of
from mkdocs_lightning.plugin.run_mode import Purpose

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from mkdocs_lightning.cli.site_reader import Site
    from mkdocs_lightning.cli.site_report import SiteReport
    from mkdocs_lightning.engines import Engine
    from mkdocs_lightning.site.spoken_block import BlockUse


@click.command(short_help="Print what is spoken on pages.")
@click.argument("pages", nargs=-1, metavar="PAGE...")
@json_option
@config_file_option
@click.pass_obj
def transcript(config_file: str | None, pages: tuple[str, ...], *, as_json: bool) -> None:
    """Print what is spoken on each PAGE, such as guide/start.md, sentence by sentence."""
    if not pages:
        raise click.UsageError("name a page, such as guide/start.md. For all pages, run 'mkdocs-lightning review'")
    site = read_site(config_file, Purpose.PLAN, pages=pages)
    spoken = {page_of(use) for use in distinct_uses(site.narrations)}
    wanted = dict.fromkeys(_existing_page(page, site.docs_dir, spoken) for page in pages)
    scripts = {uri: _scripts_of(uri, site) for uri in wanted}
    for uri in wanted:
        if uri not in spoken:
            click.echo(f"nothing is spoken on {uri}", err=True)
        if not as_json:
            for line in _as_text(scripts[uri], site.engine):
                click.echo(line)
    if as_json:
        found = [{"page": uri, "blocks": [script.as_json() for script in scripts[uri]]} for uri in wanted]
        print_json({"pages": found})


@dataclass(frozen=True, slots=True)
class _Script:
    """What is spoken of a block or a page.

    Attributes:
        use: The block.
        locales: The languages in which this is spoken there; empty for a site in one.
        is_one: Whether no language has another script there.
    """

    use: BlockUse
    locales: tuple[str, ...]
    is_one: bool

    def as_json(self) -> dict[str, object]:
        """The object that `--json` prints."""
        block = self.use.block
        return {
            "line": line_of(self.use),
            "is_page": block.is_page,
            "locales": [*self.locales],
            "sentences": [sentence_as_json(segment) for segment in block.clip.segments],
        }

    def as_lines(self, engine: Engine) -> Iterator[str]:
        """Where it is, and who speaks, and then the sentences."""
        speaker, *sentences = _script_lines(self.use, engine)
        place = location_of(self.use)
        yield f"{place} {speaker}" if self.is_one else f"{place} [{listed(self.locales)}] {speaker}"
        yield from sentences


def missing_scripts(report: SiteReport, engine: Engine) -> list[str]:
    """The missing sentences, by page and block, with who speaks them."""
    lines: list[str] = []
    for page in report.pages:
        for use in page.uses:
            if keys := {segment.key for segment in page.missing_of(use)}:
                speaker, *sentences = _script_lines(use, engine, keys)
                lines += [f"{location_of(use)} {speaker}", *map(printable, dict.fromkeys(sentences))]
    return lines


def _script_lines(use: BlockUse, engine: Engine, keys: Collection[str] | None = None) -> Iterator[str]:
    """Who speaks a block or a page, then the sentences: all of them, or those with some keys."""
    usual = speaker_of(use.block.voice, engine)
    yield f"({usual})"
    segments = iter(use.block.clip.segments)
    for sentence, voice in zip(use.block.sentences, use.block.voices, strict=True):
        speaker = "" if (own := speaker_of(voice, engine)) == usual else f"({own}) "
        for part, segment in zip(sentence.parts, segments, strict=False):
            if keys is None or segment.key in keys:
                yield f"  {speaker}{part}"


def _scripts_of(uri: str, site: Site) -> list[_Script]:
    """What is spoken of a page and its blocks; what languages share, once."""
    uses: dict[tuple[object, ...], BlockUse] = {}
    locales: defaultdict[tuple[object, ...], dict[str, None]] = defaultdict(dict)  # each is a set that keeps its order
    for language in site.read:
        for use in language.build.narration.collector.uses:
            if page_of(use) == uri:
                key = (*_place_of(use), use.block.voice, use.block.clip.segments)
                uses.setdefault(key, use)
                locales[key].update(dict.fromkeys([language.locale] if language.locale else []))
    versions = Counter(_place_of(use) for use in uses.values())
    return [_Script(use, tuple(locales[key]), versions[_place_of(use)] == 1) for key, use in uses.items()]


def _place_of(use: BlockUse) -> tuple[object, ...]:
    return location_of(use), use.location.origin, use.location.nth


def _as_text(scripts: Sequence[_Script], engine: Engine) -> Iterator[str]:
    for script in scripts:
        yield from script.as_lines(engine)


def _existing_page(page: str, docs_dir: Path, spoken: Collection[str]) -> str:
    """The path of a page that was named, within the docs directory; ends the command if there is no such page."""
    uri = _page_uri(page, docs_dir, spoken)
    if uri not in spoken and not _is_source(docs_dir / uri, docs_dir):
        fail(f"there is no page {page!r}{_suggestion(uri, spoken)}", BAD_USAGE)
    return uri


def _suggestion(wanted: str, pages: Collection[str]) -> str:
    """' (did you mean …?)' with the page that an address such as `guide/start/` leads to, or whose path is similar."""
    address = wanted.strip("/").removesuffix("/index.html")
    sources = (f"{address}.md", f"{address}/index.md")
    of_address = next((f" (did you mean {source!r}?)" for source in sources if source in pages), None)
    return of_address or did_you_mean(wanted, sorted(pages))


def _is_source(file: Path, docs_dir: Path) -> bool:
    """Whether a file is the source of a page of the site."""
    return is_markdown_file(file.name) and is_within(file, docs_dir) and file.is_file()


def _page_uri(page: str, docs_dir: Path, pages: Collection[str]) -> str:
    """A page's path in the docs directory, also if the path of its file is given, or is spelled in another way.

    Args:
        page: As given.
        docs_dir: Where the pages' sources are.
        pages: The paths of those on which something is spoken.
    """
    path = Path(page)
    uri = path.as_posix()
    if path.exists() and path.resolve().is_relative_to(docs_dir.resolve()):
        uri = path.resolve().relative_to(docs_dir.resolve()).as_posix()
    if uri in pages:
        return uri
    file = path if path.exists() else docs_dir / path  # `Guide.md` for guide.md, where that is the same file
    same = (name for name in sorted(pages) if to_nfc(name) == to_nfc(uri) or is_same_file(docs_dir / name, file))
    return next(same, uri)
