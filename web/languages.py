"""The portal's languages: which there are, and the texts of the one a reader chose.

A text without translation is shown in English and marked as English. The mark is set around the
text when it is looked up and made visible (or taken away, inside attributes and titles) when the
page is finished: only then it is known where the text stands.
"""

import io
import re
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from fastapi import Request
from markupsafe import escape
from starlette.responses import Response

CATALOGUES = Path(__file__).resolve().parent / "catalogues"
DOMAIN = "portal"
COOKIE = "iort_language"
COOKIE_SECONDS = 365 * 24 * 3600
ASKED = "lang"
"""The query parameter by which a reader switches the language."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the portal: its code, its own name, and whether it runs right to left."""

    code: str
    name: str
    right_to_left: bool = False
    tag: str = ""
    """BCP 47 tag for `lang`, where it says more than the code."""
    written_as: str = ""
    """The locale of dates and numbers, where it says more than the code."""

    @property
    def locale(self) -> Locale:
        """The locale that Babel writes dates and numbers in."""
        return Locale.parse(self.written_as or self.code)

    @property
    def html(self) -> str:
        """The value of `lang`."""
        return self.tag or self.code


ENGLISH = Language("en", "English", written_as="en_GB")
LANGUAGES = {
    language.code: language
    for language in (
        ENGLISH,
        Language("zh", "中文", tag="zh-Hans"),
        Language("hi", "हिन्दी"),
        Language("ar", "العربية", right_to_left=True),
        Language("ru", "Русский"),
        Language("fr", "Français"),
    )
}

reading: ContextVar[Language] = ContextVar("reading", default=ENGLISH)
"""The language of the page being made: set by `choose`, read by the texts."""

# Private-use characters, one each: where an English text begins and ends, where the note goes.
_BEGIN, _END, _NOTE = "\ue000", "\ue001", "\ue002"
_ENGLISH = f'<span lang="{ENGLISH.code}" dir="ltr">'
_MARKS = re.compile(f"[{_BEGIN}{_END}]")
_TAGS = re.compile(r"(<[^>]*>)")
_PLAIN = ("title", "option", "textarea", "script", "style")
"""Elements whose content holds no other element: a mark inside them cannot be shown."""


def N_(text: str) -> str:  # noqa: N802
    """Return `text`: marks a text for the catalogues where a template translates it later."""
    return text


class _InEnglish(NullTranslations):
    """What a catalogue asks for a text that it lacks."""

    def gettext(self, message: str) -> str:
        return f"{_BEGIN}{message}{_END}"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"{_BEGIN}{msgid1 if n == 1 else msgid2}{_END}"


def catalogue_path(language: Language) -> Path:
    """Return where a language's texts are kept."""
    return CATALOGUES / language.code / "LC_MESSAGES" / f"{DOMAIN}.po"


@lru_cache(maxsize=len(LANGUAGES))
def texts(language: Language) -> NullTranslations:
    """Return a language's texts, compiled in memory from its catalogue.

    Raises `babel.messages.pofile.PoFileError` and OSError for a broken or missing catalogue.
    """
    if language == ENGLISH:
        return NullTranslations()
    with catalogue_path(language).open("rb") as file:
        catalogue = read_po(file, abort_invalid=True)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    found = GNUTranslations(compiled)
    found.add_fallback(_InEnglish())
    return found


def load() -> None:
    """Compile every catalogue: a broken one stops the start, not a reader."""
    for language in LANGUAGES.values():
        texts(language)


def translate(text: str) -> str:
    """Return `text` in the language being read; English itself, marked, where it has none."""
    return texts(reading.get()).gettext(text) if text else ""


def translate_count(one: str, many: str, count: int) -> str:
    """Return the form that fits `count` in the language being read."""
    return texts(reading.get()).ngettext(one, many, count)


def note_on_english() -> str:
    """Return the place where a page says, if it is so, that parts of it are in English."""
    return _NOTE


def finished(html: str) -> str:
    """Return the page with every English part marked up, and a note when there is one."""
    if not _MARKS.search(html):
        return html.replace(_NOTE, "")
    parts: list[str] = []
    plain: str | None = None
    for part in _TAGS.split(html):
        if part.startswith("<"):
            name = part.strip("</> ").split(None, 1)[0].lower() if len(part) > 2 else ""
            if plain is None and name in _PLAIN:
                plain = None if part.startswith("</") else name
            elif part.startswith("</") and name == plain:
                plain = None
            parts.append(_MARKS.sub("", part))
        elif plain is not None:
            parts.append(_MARKS.sub("", part))
        else:
            parts.append(part.replace(_BEGIN, _ENGLISH).replace(_END, "</span>"))
    note = _MARKS.sub("", translate("Some parts of this page are in English only."))
    return "".join(parts).replace(_NOTE, f'<p class="hint english">{escape(note)}</p>')


def choose(request: Request, of_case: str | None = None) -> Language:
    """Return the language to answer in, and read in it from here on.

    What the reader switched to comes first, then the language of the case, then what the browser
    asks for.
    """
    wanted = [
        request.query_params.get(ASKED),
        request.cookies.get(COOKIE),
        of_case,
        *_accepted(request.headers.get("accept-language", "")),
    ]
    language = _first(wanted)
    request.state.language = language
    reading.set(language)
    return language


def chosen(request: Request) -> Language:
    """Return the language chosen for this request, by `choose` or now."""
    known: Language | None = getattr(request.state, "language", None)
    return known or choose(request)


def keep_choice(request: Request, response: Response, *, https: bool) -> None:
    """Remember the language that the reader switched to."""
    asked = request.query_params.get(ASKED)
    if asked in LANGUAGES:
        response.set_cookie(
            COOKIE,
            asked,
            max_age=COOKIE_SECONDS,
            httponly=True,
            samesite="lax",
            secure=https,
            path="/portal",
        )


def address_in(request: Request, language: Language) -> str:
    """Return this page's address in another language, the rest of it unchanged."""
    query = [item for item in parse_qsl(request.url.query) if item[0] != ASKED]
    return f"{request.url.path}?{urlencode([*query, (ASKED, language.code)])}"


def day(value: date | datetime | None) -> str:
    """Return a date in words of the language being read."""
    return format_date(value, "long", locale=reading.get().locale) if value else "–"


def moment(value: datetime | None, zone: tzinfo) -> str:
    """Return a moment in words of the language being read, in the reader's time zone."""
    if value is None:
        return "–"
    return format_datetime(value, "d MMMM y, HH:mm", tzinfo=zone, locale=reading.get().locale)


def number(value: float) -> str:
    """Return a number as the language being read writes it."""
    return format_decimal(value, locale=reading.get().locale)


def _first(wanted: Iterable[str | None]) -> Language:
    for code in wanted:
        known = LANGUAGES.get(re.split("[-_]", code or "", maxsplit=1)[0].lower())
        if known is not None:
            return known
    return ENGLISH


def _accepted(header: str) -> list[str]:
    """Return the languages of an Accept-Language header, the most wanted first."""
    weighed: list[tuple[float, str]] = []
    for item in header[:500].split(","):
        code, _, weight = item.partition(";q=")
        try:
            weighed.append((float(weight or 1), code.strip()))
        except ValueError:
            continue
    return [code for weight, code in sorted(weighed, key=lambda pair: -pair[0]) if weight > 0]


def country(code: str | None) -> str:
    """Return a country's name in the language being read; an unknown code as it is."""
    names = reading.get().locale.territories
    return str(names.get(code, code)) if code else ""


def place(text: str) -> str:
    """Return "city, country code" with the country's name in the language being read."""
    city, comma, code = text.rpartition(", ")
    return f"{city}{comma}{country(code)}"
