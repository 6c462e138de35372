"""A process of its own that reads a site at an earlier revision: with the hooks and modules of that revision.

`python -m mkdocs_lightning.cli.changes.reader CONFIG OUTPUT` writes what the site spoke into a file, as JSON, and ends
with 0; if the site cannot be read, standard error says why.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from mkdocs_lightning.base.host import provide_mkdocs

if TYPE_CHECKING:
    from mkdocs_lightning.exports.changes.script import SiteScriptJson


class EarlierJson(TypedDict):
    """What this process writes.

    Attributes:
        script: What the site spoke.
        note: Why it spoke nothing, if there is a reason; else empty.
    """

    script: SiteScriptJson
    note: str


def main() -> None:
    """Read the site that the command line names."""
    config_file, output = sys.argv[1:3]
    provide_mkdocs(config_file)
    Path(output).write_text(json.dumps(_read(config_file)), encoding="utf-8")


def _read(config_file: str) -> EarlierJson:
    from mkdocs.exceptions import MkDocsException

    from mkdocs_lightning.cli.changes.site_script import script_of
    from mkdocs_lightning.cli.output import usage_errors_shown, warnings_shown
    from mkdocs_lightning.cli.site_reader import NoPluginError, read_quietly
    from mkdocs_lightning.exports.changes.script import SiteScript
    from mkdocs_lightning.plugin.run_mode import Purpose

    if "--with-directory" in sys.argv:
        sys.path.insert(0, str(Path.cwd()))
    nothing = SiteScript().as_json()
    with usage_errors_shown():
        try:
            with warnings_shown():
                site = read_quietly(config_file, Purpose.PLAN)
        except NoPluginError:
            return {"script": nothing, "note": "the plugin 'lightning' was not in use then"}
        except MkDocsException:
            if (docs_dir := _missing_docs_dir(config_file)) is None:
                raise
            return {"script": nothing, "note": f"there was no directory '{docs_dir}' then"}
    return {"script": script_of(site.read).as_json(), "note": ""}


def _missing_docs_dir(config_file: str) -> str | None:
    """The docs directory that a configuration names; None if it is there."""
    from mkdocs.utils.yaml import yaml_load

    with Path(config_file).open("rb") as source:
        docs_dir = str((yaml_load(source) or {}).get("docs_dir", "docs"))
    return None if Path(config_file).parent.joinpath(docs_dir).is_dir() else docs_dir


if __name__ == "__main__":
    main()
