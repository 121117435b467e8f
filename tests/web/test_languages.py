"""The portal's languages: which is chosen, what is marked as English, what the catalogues hold."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog, Message
from jinja2 import Environment, nodes
from sqlalchemy import update

from models import Case
from models.database import transaction
from settings import PROJECT_ROOT, get_settings
from tests.web.parts import Visitor, own_path
from tests.workflows.playing import Play
from web import languages
from web.catalogues.__main__ import untranslated
from web.catalogues.texts import collected, read
from web.languages import ENGLISH, LANGUAGES, Language
from workflows.engine.playbooks import Playbooks, playbooks_of

Visit = Callable[..., Visitor]
OTHERS = [language for language in LANGUAGES.values() if language != ENGLISH]
TEMPLATES = sorted((PROJECT_ROOT / "web" / "templates").glob("portal*.html"))
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")
TAG = re.compile(r"</?[a-z]+[^>]*>")
SAID = ("alt", "aria-label", "placeholder", "title", "label")


@pytest.fixture(scope="module")
def playbooks() -> Playbooks:
    return playbooks_of(get_settings().playbooks_dir)


@pytest.fixture(scope="module")
def wanted(playbooks: Playbooks) -> Catalog:
    return collected(playbooks)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    before = languages.reading.set(ENGLISH)
    yield
    languages.reading.reset(before)


def strings(message: Message) -> tuple[str, ...]:
    found = message.string or ""
    return (found,) if isinstance(found, str) else tuple(found)


def ids(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


class Reader(HTMLParser):
    """Collects what a reader would see or hear of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.quiet = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.quiet += tag in ("script", "style")
        self.seen += [value for name, value in attrs if name in SAID and value]

    def handle_endtag(self, tag: str) -> None:
        self.quiet -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self.quiet:
            self.seen.append(data)


def outside_gettext(source: str) -> list[str]:
    """Return the words of a template that no catalogue is asked for."""
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    parts: list[str] = []

    def walk(node: nodes.Node) -> None:
        if isinstance(node, nodes.Output):
            for part in node.nodes:
                parts.append(part.data if isinstance(part, nodes.TemplateData) else "\x00")
            return
        for child in node.iter_child_nodes():
            walk(child)

    walk(environment.parse(source))
    reader = Reader()
    reader.feed("".join(parts))
    # What an inline condition writes into a tag is attributes, not words.
    words = [
        re.sub(r'[\w-]+="[^"]*"', "", text.replace("\x00", " ")).strip() for text in reader.seen
    ]
    return [text for text in words if re.search(r"[^\W\d_]{2,}", text)]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_text_of_a_patients_page_goes_through_the_catalogues(template: Path) -> None:
    assert outside_gettext(template.read_text()) == []


def test_a_text_outside_the_catalogues_is_found() -> None:
    source = "<p title='Hello'>{{ _('inside') }} {% if x %}outside{% endif %}</p>"
    assert outside_gettext(source) == ["Hello", "outside"]


@pytest.mark.parametrize("language", OTHERS, ids=lambda language: language.code)
def test_the_catalogue_holds_every_text_and_says_that_it_is_a_draft(
    language: Language, wanted: Catalog
) -> None:
    catalogue = read(language)
    missing = [m.id for m in wanted if m.id and catalogue.get(m.id) is None]
    assert missing == [], "run python -m web.catalogues"
    assert "DRAFT" in catalogue.header_comment
    waiting = untranslated(catalogue)
    print(f"{language.code}: {len(waiting)} of {len(catalogue)} without translation")
    assert len(waiting) <= len(catalogue) // 20, waiting


@pytest.mark.parametrize("language", OTHERS, ids=lambda language: language.code)
def test_a_translation_keeps_every_placeholder_and_every_tag(language: Language) -> None:
    for message in read(language):
        if not message.id or not all(strings(message)):
            continue
        for kind in (PLACEHOLDER, TAG):
            allowed = [sorted(kind.findall(text)) for text in ids(message)]
            for text in strings(message):
                # A plural form for one may leave the number out; none may bring a new one.
                found = sorted(kind.findall(text))
                assert found in allowed or (
                    len(ids(message)) > 1 and set(found) <= set(allowed[-1])
                )


@pytest.mark.parametrize("language", OTHERS, ids=lambda language: language.code)
def test_a_translation_is_in_its_own_script(language: Language) -> None:
    script = {"zh": "一-鿿", "hi": "ऀ-ॿ", "ar": "؀-ۿ", "ru": "Ѐ-ӿ", "fr": "A-Za-z"}[language.code]
    for message in read(language):
        for text in strings(message) if message.id else ():
            assert not text or re.search(f"[{script}]", text), text


@pytest.mark.parametrize(
    ("query", "cookie", "of_case", "browser", "chosen"),
    [
        ("", "", "en", "", "en"),
        ("", "", "zh-Hant", "fr", "zh"),
        ("", "", "sw", "de,ru;q=0.8,fr;q=0.4", "ru"),
        ("", "hi", "zh", "fr", "hi"),
        ("?lang=ar", "hi", "zh", "fr", "ar"),
        ("?lang=xx", "", "sw", "", "en"),
    ],
)
def test_the_language_is_chosen_by_the_reader_then_the_case_then_the_browser(
    visit: Visit, play: Play, query: str, cookie: str, of_case: str, browser: str, chosen: str
) -> None:
    play.open()
    with transaction(play.world.engine) as session:
        session.execute(update(Case).values(language=of_case))
    visitor = visit()
    if cookie:
        visitor.client.cookies.set(languages.COOKIE, cookie)
    headers = {"accept-language": browser}
    page = visitor.client.get(own_path(play) + query, headers=headers).text
    expected = LANGUAGES[chosen]
    direction = "rtl" if expected.right_to_left else "ltr"
    assert f'<html lang="{expected.html}" dir="{direction}">' in page


def test_switching_keeps_the_page_and_is_remembered(visit: Visit, play: Play) -> None:
    play.open()
    visitor, path = visit(), own_path(play)
    page = visitor.get(f"{path}?done=message&lang=hi").text
    assert f'href="{path}?done=message&amp;lang=ar"' in page
    assert '<html lang="hi"' in visitor.get(f"{path}/withdraw").text
    assert '<html lang="hi"' in visitor.get("/portal/").text
    assert '<html lang="en">' in visitor.get("/login").text, "the console stays as it is"


def test_what_has_no_translation_is_marked_and_said(visit: Visit) -> None:
    languages.reading.set(LANGUAGES["ar"])
    there = languages.translate("Your page")
    assert re.search("[؀-ۿ]", there)
    missing = languages.translate("No such text <b>&</b>")
    page = (
        f'<title>{missing}</title>{languages.note_on_english()}<p title="{missing}">{there}'
        f"<option>{missing}</option>{missing}</p>"
    )
    html = languages.finished(page)
    assert html.count('<span lang="en" dir="ltr">No such text <b>&</b></span>') == 1
    assert "<title>No such text" in html and '<p title="No such text' in html
    assert '<p class="hint english">' in html
    assert 'class="hint english"' not in languages.finished(languages.note_on_english() + there)
    assert not re.search("[\ue000-\ue002]", html)


def test_numbers_and_dates_are_written_as_the_reader_writes_them() -> None:
    moment = datetime(2027, 2, 8, 21, 30, tzinfo=UTC)
    zone = ZoneInfo("Asia/Muscat")
    languages.reading.set(LANGUAGES["fr"])
    assert languages.day(date(2027, 2, 8)) == "8 février 2027"
    assert languages.moment(moment, zone) == "9 février 2027, 01:30"
    assert languages.number(7800) == "7\u202f800"
    languages.reading.set(LANGUAGES["zh"])
    assert languages.day(date(2027, 2, 8)) == "2027年2月8日"


@pytest.mark.parametrize("language", OTHERS, ids=lambda language: language.code)
def test_counts_take_the_form_of_the_language(language: Language) -> None:
    languages.reading.set(language)
    one = "%(num)s file arrived. Thank you."
    many = "%(num)s files arrived. Thank you."
    forms = {languages.translate_count(one, many, count) for count in range(120)}
    expected = {"zh": 1, "hi": 2, "ar": 6, "ru": 3, "fr": 2}[language.code]
    assert len(forms) == expected
