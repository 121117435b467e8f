"""Whom a document is about, and whether that is the patient of the case."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from extractors.languages.heads import head_in_english
from extractors.types import Identity

_NAME = re.compile(
    r"(?<![a-z])(?:patient(?:'s)?(?: full)? name|patient|name of patient|"
    r"full name|name|pt\.? name|surname and name)\s?[:\-]\s?"
    r"(?P<name>[A-Z\u00c0-\u024f][\w\u00c0-\u024f'’.\-]*(?:,?[ "
    r"]{1,2}[A-Z\u00c0-\u024f][\w\u00c0-\u024f'’.\-]*){0,4})",
    re.IGNORECASE,
)
_NOT_NAME = re.compile(
    r"\b(?:age|sex|gender|dob|date|birth|mrn|id|no|number|history|status|room|"
    r"accession|physician|doctor|address|phone|report|hospital|unknown|specimen|"
    r"male|female|location|acct|type|diagnosis)\b.*",
    re.IGNORECASE,
)
_BIRTH = re.compile(
    r"(?:date of birth|birth ?date|d\.?o\.?b\.?|"
    r"born(?: on)?)\s?[:\-]?\s?(?P<date>\d{1,4}[./\- ](?:\d{1,2}|"
    r"[A-Za-z]{3,9})[./\- ,]{1,2}\d{2,4}|[A-Za-z]{3,9} \d{1,2},? \d{4})",
    re.IGNORECASE,
)
_SEX = re.compile(
    r"(?:\bsex|\bgender|age/sex|sex/age)\s?[:\-]?\s?(?:\d{1,3}\s?[yY]?\s?/?\s?)"
    r"?(?P<sex>female|male|f\b|m\b)",
    re.IGNORECASE,
)
_RECORD = re.compile(
    r"(?:\bmrn|medical record(?: (?:number|no\.?|#))?|\bmr ?(?:no\.?|#)|"
    r"hospital (?:number|no\.?)|patient (?:id|number|no\.?)|\buhid|"
    r"record (?:number|no\.?))"
    r"\s?[:#\-]?\s?(?P<number>[A-Z]{0,4}[\-/]?\d[\w\-/]{2,19})",
    re.IGNORECASE,
)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}


_TAKEN_OUT = frozenset(
    {"redacted", "anonymous", "anonymised", "anonymized", "anonymise", "anonymize", "anonym"}
    | {"anon", "deidentified", "identified", "de", "removed", "withheld", "unknown", "hidden"}
    | {"confidential", "blinded", "masked", "blacked", "out", "deleted", "blank", "noname", "no"}
    | {"none", "nil", "na", "nn", "name", "not", "stated", "given", "known", "available"}
    | {"provided", "recorded", "patient", "subject", "test", "case", "x", "the", "for", "privacy"}
)
"""Words that stand where a name was; a name of nothing else is no name."""


@dataclass(frozen=True, slots=True)
class IdentityCheck:
    """The answer of `check_identity` and which particulars it could compare."""

    result: Literal["match", "mismatch", "unclear"]
    compared: tuple[str, ...]


def iso_dates(text: str) -> tuple[str, ...]:
    """Return every calendar date that `text` may mean, as ISO dates.

    `03/04/1970` may be the third of April or the fourth of March: both are returned.
    """
    numbers = re.findall(r"\d+|[A-Za-z]{3,}", text)
    if len(numbers) != 3:
        return ()
    first, second, third = numbers
    options: list[tuple[int, int, int]] = []
    if first.isalpha():
        options.append((_year(third), _MONTHS.get(first[:3].lower(), 0), int(second)))
    elif second.isalpha():
        year, day = (first, third) if len(first) == 4 else (third, first)
        options.append((_year(year), _MONTHS.get(second[:3].lower(), 0), int(day)))
    elif len(first) == 4:
        options.append((int(first), int(second), int(third)))
    elif first.isdigit() and third.isdigit():
        options += [
            (_year(third), int(second), int(first)),
            (_year(third), int(first), int(second)),
        ]
    return tuple(
        dict.fromkeys(
            f"{year:04d}-{month:02d}-{day:02d}"
            for year, month, day in options
            if 1 <= month <= 12 and 1 <= day <= 31 and 1880 <= year <= 2100
        )
    )


def _year(text: str) -> int:
    if not text.isdigit():
        return 0
    year = int(text)
    if year >= 100:
        return year
    return 1900 + year if year > 30 else 2000 + year


def read_identity(text: str) -> Identity:
    """Return every name, birth date, sex and record number that the document states."""
    head = head_in_english(text[:20000])
    names = []
    for match in _NAME.finditer(head):
        name = _NOT_NAME.sub("", match["name"]).strip(" ,.-")
        if len(name) > 3 and len(name.split()) <= 5 and states_name(name):
            names.append(" ".join(name.split()))
    births = [date for match in _BIRTH.finditer(head) for date in iso_dates(match["date"])]
    sexes = ["female" if m["sex"].lower().startswith("f") else "male" for m in _SEX.finditer(head)]
    records = [m["number"] for m in _RECORD.finditer(head)]
    return Identity(
        tuple(dict.fromkeys(names)),
        tuple(dict.fromkeys(births)),
        tuple(dict.fromkeys(sexes)),
        tuple(dict.fromkeys(records)),
    )


_ALIKE = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ß": "ss", "æ": "ae",
                        "œ": "oe", "þ": "th"})  # fmt: skip
"""Letters that a passport or a keyboard without them writes otherwise (ICAO 9303-3, section 6)."""
_IN_TWO = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "đ": "dj"})
"""Letters that are also written as two: in passports (the same section), đ by custom."""


def _tokens(name: str) -> frozenset[str]:
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(c for c in plain if not unicodedata.combining(c)).lower().translate(_ALIKE)
    titles = {"mr", "mrs", "ms", "miss", "dr", "prof", "sri", "smt", "bin", "binti", "al", "el"}
    return frozenset(t for t in re.findall(r"[^\W\d_]+", plain) if t not in titles)


def _spellings(name: str) -> tuple[frozenset[str], ...]:
    """Return the parts of a name with its marks left out, and with letters written as two."""
    plain = _tokens(name)
    in_two = _tokens(unicodedata.normalize("NFC", name.lower()).translate(_IN_TWO))
    return (plain,) if in_two == plain else (plain, in_two)


def states_name(name: str) -> bool:
    """Say whether a text is a name, and not what stands where one was taken out or blacked out."""
    return any(t not in _TAKEN_OUT and not re.fullmatch(r"(.)\1+", t) for t in _tokens(name))


def identity_of_header(*, name: str, birth_date: str, sex: str, record_number: str) -> Identity:
    """Return whom the header of imaging names (DICOM PS3.3 C.7.1.1), its values as text.

    `name` is `family^given^middle`, in up to three ways of writing parted by `=`. A header whose
    name was taken out, or replaced by a code, states neither name nor birth date nor sex: who made
    it anonymous changes those too (PS3.15 E).
    """
    ways = [[part.strip() for part in way.split("^")[:3]] for way in name.split("=")]
    names = tuple(
        " ".join(filter(None, [*way[1:], way[0]]))
        for way in ways
        if not any(c.isdigit() for part in way for c in part) and states_name(" ".join(way))
    )
    records = (record_number,) if any(c.isdigit() for c in record_number) else ()
    if not names:
        return Identity(record_numbers=records)
    day = birth_date.strip()
    births = iso_dates(f"{day[:4]}-{day[4:6]}-{day[6:8]}") if len(day) == 8 else ()
    sexes = {"F": ("female",), "M": ("male",)}.get(sex.strip().upper(), ())
    return Identity(names, tuple(b for b in births if not b.startswith("1900-01")), sexes, records)


def contradict(one: Identity, other: Identity) -> bool:
    """Say whether two pages cannot be about one person: other names, or other birth dates."""
    named = one.names and other.names
    if named and not any(_same_name(a, b) for a in one.names for b in other.names):
        return True
    born = one.birth_dates and other.birth_dates
    return bool(born) and set(one.birth_dates).isdisjoint(other.birth_dates)


def _latin(name: str) -> bool:
    return any("a" <= c <= "z" for token in _tokens(name) for c in token)


def _near(a: str, b: str) -> bool:
    """Say whether two name parts are the same but for an initial or one slip of the pen."""
    if a == b or (len(a) == 1 and b.startswith(a)) or (len(b) == 1 and a.startswith(b)):
        return True
    if min(len(a), len(b)) < 4 or abs(len(a) - len(b)) > 1:
        return False
    if len(a) == len(b):
        return sum(x != y for x, y in zip(a, b, strict=True)) <= 1
    short, long = sorted((a, b), key=len)
    return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))


def _same_name(stated: str, known: str) -> bool:
    ways = ((ours, theirs) for ours in _spellings(stated) for theirs in _spellings(known))
    return any(_same_parts(ours, theirs) for ours, theirs in ways)


def _same_parts(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    if not ours or not theirs:
        return False
    fewer, more = sorted((ours, theirs), key=len)
    hits = sum(any(_near(a, b) for b in more) for a in fewer)
    return hits == len(fewer) if len(fewer) <= 2 else hits >= len(fewer) - 1


def check_identity(
    identity: Identity,
    *,
    name: str | None,
    other_names: Sequence[str] = (),
    birth_date: str | None = None,
    sex: str | None = None,
    record_number: str | None = None,
) -> IdentityCheck:
    """Compare what a document states with the patient of the case.

    "mismatch": a name, birth date or sex that the document states contradicts the case; the case
    quarantines the file. "match": at least a name or a birth date agrees and nothing contradicts.
    "unclear": nothing to compare, or only weak particulars (sex, record number) agree. A record
    number alone never contradicts: every hospital has its own. Nor does a name in the letters of
    another script: it is compared with no name.
    """
    compared: list[str] = []
    agree = against = False
    known = [n for n in (name, *other_names) if n]
    pairs = [(n, k) for n in identity.names for k in known if _latin(n) == _latin(k)]
    if pairs:
        compared.append("name")
        same = any(_same_name(stated, k) for stated, k in pairs)
        agree, against = agree or same, against or not same
    if identity.birth_dates and birth_date:
        compared.append("birth_date")
        same = birth_date in identity.birth_dates
        agree, against = agree or same, against or not same
    if identity.sexes and sex in {"female", "male"}:
        compared.append("sex")
        against = against or sex not in identity.sexes
    if identity.record_numbers and record_number:
        compared.append("record_number")
        agree = agree or record_number in identity.record_numbers
    if against:
        return IdentityCheck("mismatch", tuple(compared))
    return IdentityCheck("match" if agree else "unclear", tuple(compared))
