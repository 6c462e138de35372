"""What an author says of a podcast: what is accepted, and in which words the rest is refused."""

from __future__ import annotations

import difflib

import pytest

from mkdocs_lightning.base.errors import SettingError
from mkdocs_lightning.exports.podcast_categories import CATEGORIES, PARENTS
from mkdocs_lightning.exports.podcast_settings import FeedSettings, Funding, url_reason

GUID = "9b024349-ccf0-5f69-a609-6b82873eab3c"


@pytest.mark.parametrize(
    ("raw", "settings"),
    [
        (True, FeedSettings()),
        ({}, FeedSettings()),
        (dict.fromkeys(["title", "image", "category", "explicit", "funding", "locked", "type"]), FeedSettings()),
        ({"title": " The Book \n"}, FeedSettings(title="The Book")),
        ({"title": "x" * 255}, FeedSettings(title="x" * 255)),
        ({"description": "Two\nlines"}, FeedSettings(description="Two\nlines")),
        ({"author": "日本"}, FeedSettings(author="日本")),
        ({"email": "a+b@example.org"}, FeedSettings(email="a+b@example.org")),
        ({"image": "img/a b.PNG"}, FeedSettings(image="img/a b.PNG")),
        ({"image": "https://cdn.example.org/a.jpg?v=2"}, FeedSettings(image="https://cdn.example.org/a.jpg?v=2")),
        ({"category": "technology"}, FeedSettings(category=("Technology",))),
        ({"category": ["How to", "TV & Film", "How To"]}, FeedSettings(category=("How To", "TV & Film"))),
        ({"category": []}, FeedSettings()),
        ({"explicit": True, "locked": False}, FeedSettings(explicit=True, locked=False)),
        ({"explicit": "true", "locked": "False"}, FeedSettings(explicit=True, locked=False)),  # from !ENV
        ({"type": "episodic"}, FeedSettings(type="episodic")),
        ({"funding": "https://example.org/give"}, FeedSettings(funding=Funding("https://example.org/give"))),
        (
            {"funding": {"url": "http://example.org", "text": "Give"}},
            FeedSettings(funding=Funding("http://example.org", "Give")),
        ),
        ({"guid": GUID.upper()}, FeedSettings(guid=GUID)),
    ],
)
def test_what_is_accepted(raw: object, settings: FeedSettings) -> None:
    assert FeedSettings.parse(raw) == settings


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (7, "7 is not true, false or a mapping"),
        ({"titel": "x"}, "unknown option 'titel' (did you mean 'title'?)"),
        ({True: "x"}, "unknown option 'True'; use one of author, category, "),
        ({"title": ""}, "title: '' is not text"),
        ({"title": 7}, "title: 7 is not text"),
        ({"title": ["x"]}, "title: ['x'] is not text"),
        ({"title": "x" * 2000}, "title: it has 2,000 characters; podcast directories accept 255"),
        *(({"title": f"a{end}b"}, f"title: {f'a{end}b'!r} has a line break") for end in ("\n", "\r\n", "\u2028")),
        ({"author": "a\nb"}, "author: 'a\\nb' has a line break; write it on one line"),
        ({"description": "ä" * 2001}, "description: it has 4,002 bytes; podcast directories accept 4,000"),
        *(
            ({"email": email}, f"email: {email!r} is not an e-mail address, such as podcast@example.org")
            for email in ("me", "me@", "@example.org", "a@b@c", "a b@c", "<a@b>", "a@b, c@d")
        ),
        (
            {"image": "cover.gif"},
            "image: 'cover.gif' does not end in .jpg, .jpeg, .png; podcast directories accept no other",
        ),
        ({"image": "https://a/x.webp?.png"}, "image: 'https://a/x.webp?.png' does not end in .jpg"),
        *(
            ({"image": image}, f"image: {image!r} is not a URL")
            for image in (
                "https:///a.png",
                "//example.org/a.png",
                "data:image/png,.png",
                "http://[/a.png",
                "ftp://a/b.png",
            )
        ),
        *(
            (
                {"image": image},
                f"image: {image!r} has a control character or an unpaired surrogate",
            )
            for image in ("a\0.png", "a\nb.png", "\ud800.png", "https://a/\x7f.png", "https://a/\udfff.png")
        ),
        (
            {"category": "Tecnology"},
            "category: 'Tecnology' is not in Apple's list of categories (did you mean 'Technology'?)",
        ),
        ({"category": "Tech"}, "category: 'Tech' is not in Apple's list of categories (did you mean 'Technology'?)"),
        (
            {"category": ["Arts", "true crme"]},
            "category: 'true crme' is not in Apple's list of categories (did you mean",
        ),
        (
            {"category": {"Arts": "Books"}},
            "category: {'Arts': 'Books'} is not in Apple's list of categories; it has Arts, ",
        ),
        ({"category": True}, "category: true is not in Apple's list"),
        ({"explicit": "no"}, "explicit: 'no' is neither true nor false"),
        ({"locked": 1}, "locked: 1 is neither true nor false"),
        ({"type": "seriel"}, "type: 'seriel' is not a type (did you mean 'serial'?): serial or episodic"),
        ({"type": ["serial"]}, "type: ['serial'] is not a type: serial or episodic"),
        *(
            ({"funding": url}, f"funding: {url!r} is not a URL")
            for url in ("example.org", "https://", "https:///give", "mailto:a@b", "https://a b", "javascript:alert(1)")
        ),
        ({"funding": {"text": "Give"}}, "funding: None is not a URL"),
        ({"funding": {"url": "https://a", "txt": ""}}, "funding: unknown option 'txt' (did you mean 'text'?)"),
        ({"funding": {"url": "https://a", "text": "x" * 129}}, "funding: text: it has 129 characters"),
        ({"guid": "7"}, "guid: '7' is not a UUID, as podcast:guid must be"),
    ],
)
def test_what_is_refused(raw: object, message: str) -> None:
    with pytest.raises(SettingError) as refused:
        FeedSettings.parse(raw)
    assert refused.value.setting == "feed"
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize("name", [*CATEGORIES, *PARENTS])
def test_every_category_is_known_however_it_is_written(name: str) -> None:
    for written in (name, name.upper(), f"  {name.lower().replace(' ', '  ')} "):
        assert FeedSettings.parse({"category": written}).category == (name,)


def test_the_list_is_apples() -> None:
    """Its numbers, as Apple gives them; and no name stands for two, so one name is enough."""
    assert (len(CATEGORIES), len(PARENTS)) == (19, 91)
    assert not CATEGORIES.keys() & PARENTS.keys()
    assert sum(map(len, CATEGORIES.values())) == len(PARENTS)
    assert not [name for name in PARENTS if difflib.get_close_matches(name, set(PARENTS) - {name}, n=1, cutoff=0.97)]


@pytest.mark.parametrize("url", ["https://example.org", "http://[::1]:8000/a?b#c", "https://日本.example/日本"])
def test_urls(url: str) -> None:
    assert url_reason(url) is None


@pytest.mark.parametrize("url", ["", "https://", "http://:80/", "http:example.org", "https://a/\nb", "//a", "http://["])
def test_what_is_no_url(url: str) -> None:
    assert str(url_reason(url)).startswith("is not a URL")
