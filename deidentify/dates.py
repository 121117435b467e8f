"""Dates finer than a month, as they are written in the languages that come."""

import re
from collections.abc import Iterable, Iterator
from datetime import date

from deidentify.folding import fold, western_digits
from deidentify.spans import Span

_MONTHS = """
january jan januar jän january janvier enero ene january gennaio يناير كانون_الثاني जनवरी янв
января январь ocak ιανουαριου ιαν 1월 yanvar ;
february feb februar février fevrier febrero فبراير شباط फरवरी फ़रवरी фев февраля февраль şubat
φεβρουαριου φεβ 2월 ;
march mar märz mrz mars marzo مارس آذار मार्च мар марта март mart μαρτιου μαρ 3월 ;
april apr avril abril abr أبريل ابريل نيسان अप्रैल апр апреля апрель nisan απριλιου απρ 4월 ;
may mai mayo مايو أيار मई мая май mayıs μαιου μαι 5월 ;
june jun juni juin junio يونيو حزيران जून июн июня июнь haziran ιουνιου ιουν 6월 ;
july jul juli juillet julio يوليو تموز जुलाई июл июля июль temmuz ιουλιου ιουλ 7월 ;
august aug août aout agosto ago أغسطس اغسطس آب अगस्त авг августа август ağustos αυγουστου αυγ 8월
;
september sep sept septembre septiembre setiembre سبتمبر أيلول सितंबर सितम्बर сен сентября
сентябрь eylül σεπτεμβριου σεπ 9월 ;
october oct oktober okt octobre octubre أكتوبر اكتوبر अक्टूबर अक्तूबर окт октября октябрь ekim
οκτωβριου οκτ 10월 ;
november nov novembre noviembre نوفمبر नवंबर नवम्बर ноя ноября ноябрь kasım νοεμβριου νοε 11월 ;
december dec dezember dez décembre decembre diciembre dic ديسمبر दिसंबर दिसम्बर дек декабря
декабрь aralık δεκεμβριου δεκ 12월 ;
"""


def _same_length(text: str) -> str:
    """Return the text folded sign by sign, so that places stay."""
    if text.isascii():
        return text.lower()
    folded = [fold(sign) if sign.isalnum() else sign for sign in western_digits(text)]
    return "".join(new if len(new) == 1 else old for new, old in zip(folded, text, strict=True))


MONTHS = {
    _same_length(name.replace("_", " ")): number
    for number, names in enumerate(_MONTHS.split(";")[:12], 1)
    for name in names.split()
}
_NAMES = "|".join(sorted(map(re.escape, MONTHS), key=len, reverse=True))
_MONTH = rf"(?P<m>{_NAMES})\.?"
_DAY = r"(?P<d>[0-3]?\d)(?:st|nd|rd|th|er|º|ª|-?го)?"
_YEAR = r"(?P<y>(?:19|20)\d\d|['’]?\d\d)"
_LONG = r"(?P<y>(?:1[89]|20)\d\d)"
_BORDER, _END = r"(?<![\w.,/-])", r"(?![\w]|[./-]\d)"
_NUMERIC = re.compile(
    _BORDER
    + r"(?P<a>\d{1,2})\s?(?P<s>[./\-–])\s?(?P<b>\d{1,2})\s?(?P=s)\s?(?P<y>(?:1[89]|20)\d\d|\d\d)"
    + _END
)
_ISO = re.compile(
    r"(?<!\d)" + _LONG + r"\s?(?P<s>[./\-–])\s?(?P<m>\d{1,2})\s?(?P=s)\s?(?P<d>\d{1,2})(?!\d)"
)
_COMPACT = re.compile(
    r"(?<![\w.])(?P<y>(?:19|20)\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?![\w.]|,\d)"
)
_COMPACT_DAY = re.compile(
    r"(?<![\w.])(?P<d>0[1-9]|[12]\d|3[01])(?P<m>0[1-9]|1[0-2])(?P<y>(?:19|20)\d\d)(?![\w.])"
)
_DAY_MONTH = re.compile(
    r"(?<![\w.])" + _DAY + r"(?:\s*[-./ ,]\s*|\s+(?:of|de)\s+|(?=[^\W\d]))" + _MONTH
    + r"(?!\w)(?:\s*[-./ ,]?\s*(?:de\s+)?" + _YEAR + r"(?!\w))?"
)  # fmt: skip
_MONTH_DAY = re.compile(
    r"(?<!\w)"
    + _MONTH
    + r"\s*[-./ ]?\s*"
    + _DAY
    + r"(?!\w|\s?%)(?:\s*,?\s*[-./]?\s*"
    + _YEAR
    + r"(?!\w))?"
)
_YEAR_MONTH = re.compile(
    r"(?<!\w)" + _LONG + r"\s*[-./ ,]\s*" + _MONTH + r"\s*[-./ ,]\s*" + _DAY + r"(?!\w)"
)
_HAN = re.compile(
    r"(?:(?P<y>\d{2,4}|[〇零○一二三四五六七八九]{2,4})\s*[年년]\s*)?(?P<m>\d{1,2}|[一二三四五六七八九十]{1,2})\s*[月월]"
    r"\s*(?P<d>\d{1,2}|[一二三四五六七八九十]{1,3})\s*[日号號일]"
)
_HAN_DIGITS = {sign: value for value, sign in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0}
_TIME = re.compile(
    r"[\s,T]*(?:at|um|в|в\s)?\s*\d{1,2}[:.]\d\d(?:[:.]\d\d)?"
    r"\s*(?:[ap]\.?m\.?|hrs?|h|uhr)?(?!\w)",
    re.IGNORECASE,
)
_UNIT = re.compile(r"\s*(?:mm|cm|мм|см|µm|%|x\s?\d|×)", re.IGNORECASE)
_UNKNOWN_MONTH = re.compile(
    r"(?<![\w.])(?P<d>[0-3]?\d)[ .\-]{1,3}"
    r"(?P<w>[^\W\d]{3,12})\.?[ .\-]{1,3}(?P<y>(?:19|20)\d\d)(?!\w)"
)
"""A day, a word that may be a month of a language we do not have or that OCR misread, a year."""
_WORDS_THAT_ARE_MONTHS = frozenset(
    {"may", "march", "mar", "sep", "mai", "dec", "ago", "mart", "abr", "ene"}
)


def dates_in(text: str, births: Iterable[date] = ()) -> Iterator[Span]:
    """Yield every date of a day in a line; those of `births` as such, whichever way they stand.

    What may stand instead is the month, or the year where day and month cannot be told apart.
    """
    born = frozenset(births)
    plain = _same_length(text)
    for found, ways in _all(plain, text):
        start, end = found.span()
        if _UNIT.match(plain, end):
            continue
        time = _TIME.match(plain, end)
        end = time.end() if time else end
        days = frozenset(filter(None, map(_day, ways)))
        if days & born or any(_partly(way, born) for way in ways):
            yield Span(start, end, "birth", True, "birth_date")
        else:
            yield Span(start, end, "date", True, "day_date", _month(days))
    yield from _unknown_months(plain, born)


def _unknown_months(plain: str, born: frozenset[date]) -> Iterator[Span]:
    for found in _UNKNOWN_MONTH.finditer(plain):
        if found["w"] not in MONTHS and 1 <= int(found["d"]) <= 31:
            same = any((day.day, day.year) == (int(found["d"]), int(found["y"])) for day in born)
            kind, why = ("birth", "birth_date") if same else ("date", "day_date")
            yield Span(*found.span(), kind, same, why, "" if same else found["y"])  # type: ignore[arg-type]


_Way = tuple[int, int, int]


def _all(plain: str, text: str) -> Iterator[tuple[re.Match[str], list[_Way]]]:
    for found in _NUMERIC.finditer(plain):
        a, b, y = int(found["a"]), int(found["b"]), _year(found["y"])
        ways = [way for way in ((y, b, a), (y, a, b), (_year(found["a"]), b, int(found["y"][-2:])))
                if _day(way)]  # fmt: skip
        # 1.2.10 is rather a section of a document than a day.
        short = found["s"] == "." and len(found["y"]) == 2 and len(found["a"] + found["b"]) < 4
        if ways and not (short and int(found["y"]) < 20):
            yield found, ways[:2]
    for pattern in (_ISO, _COMPACT, _COMPACT_DAY):
        for found in pattern.finditer(plain):
            way = (_year(found["y"]), int(found["m"]), int(found["d"]))
            if _day(way) or pattern is _ISO:
                yield found, [way]
    for pattern in (_DAY_MONTH, _MONTH_DAY, _YEAR_MONTH):
        for found in pattern.finditer(plain):
            if 1 <= int(found["d"]) <= 31 and not _is_plain_word(found, text):
                year = _year(found["y"]) if found["y"] else 0
                yield found, [(year, MONTHS[found["m"]], int(found["d"]))]
    for found in _HAN.finditer(plain):
        year = _han(found["y"]) if found["y"] else 0
        yield found, [(year + 2000 * (0 < year < 100), _han(found["m"]), _han(found["d"]))]


def _is_plain_word(found: re.Match[str], text: str) -> bool:
    """Say whether a month's name is another word here: `stages 2 may`, `mar 3`."""
    name = text[found.start("m") : found.end("m")]
    return found["m"] in _WORDS_THAT_ARE_MONTHS and not found["y"] and not name[:1].isupper()


def _year(text: str) -> int:
    digits = text.strip("'’")
    year = int(digits)
    return year if year >= 100 else 1900 + year if year > 30 else 2000 + year


def _han(text: str) -> int:
    if text.isdigit() and text.isascii():
        return int(text)
    if "十" in text:
        tens, _, ones = text.partition("十")
        return _HAN_DIGITS.get(tens, 1) * 10 + _HAN_DIGITS.get(ones, 0)
    return int("".join(str(_HAN_DIGITS.get(sign, 0)) for sign in text) or 0)


def _day(way: _Way) -> date | None:
    try:
        return date(*way)
    except ValueError:
        return None


def _partly(way: _Way, born: frozenset[date]) -> bool:
    return way[0] == 0 and any((day.month, day.day) == way[1:] for day in born)


def _month(days: frozenset[date]) -> str:
    months = {(day.year, day.month) for day in days}
    if len(months) == 1:
        ((year, month),) = months
        return f"{year}-{month:02d}"
    years = {year for year, _ in months}
    return str(years.pop()) if len(years) == 1 else ""
