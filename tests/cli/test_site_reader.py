"""What a run that only reads a site may leave out."""

from __future__ import annotations

from pygments import highlight, lex
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.token import Text

from mkdocs_lightning.cli.site_reader import code_uncolored

CODE = "fn main() {\n    let name = 'a';\n}\n"


def test_uncolored_code_is_text_and_colors_come_back() -> None:
    colored = highlight(CODE, get_lexer_by_name("rust"), HtmlFormatter())
    assert "<span" in colored
    for name in ("rust", "ada"):  # seen before, and not
        with code_uncolored():
            assert list(lex("\n" + CODE, get_lexer_by_name(name, stripnl=True))) == [(Text, CODE)]
        assert len(list(lex(CODE, get_lexer_by_name(name)))) > 1
    assert highlight(CODE, get_lexer_by_name("rust"), HtmlFormatter()) == colored
