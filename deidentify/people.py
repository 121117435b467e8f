"""People whom nobody told us of: behind a title or a word of kinship; and streets."""

import re
from collections.abc import Iterator
from itertools import takewhile

from deidentify.common_words import is_common
from deidentify.folding import fold
from deidentify.spans import Span

_UPPER = "A-ZÀ-ÖØ-ÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮİĶĹĻĽŁŃŅŇŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽА-ЯЁΑ-Ω"
_NAME = rf"[{_UPPER}][\w'’.-]*(?:[ ](?:[{_UPPER}][\w'’.-]*|de|van|von|bin|al|el|bint)){{0,3}}"
_TITLED = re.compile(
    rf"(?<!\w)(?P<t>Dr|Prof|Mrs|Mr|Ms|Miss|Smt|Shri|Sri|Herr|Frau|Mme|Mlle|Sra?|Д-р|Доктор|Профессор|Г-жа|Г-н|Δρ|Κα|Κος|Doç|Uzm|Op)"
    rf"\.?\s{{0,2}}(?:(?:Dr|Prof|med|habil|Priv|Doz|Doç|Uzm|Op|univ)\.?-?\s{{0,2}}){{0,3}}(?P<n>{_NAME})"
)
_TITLED_PLAIN = re.compile(
    r"(?<!\w)(?:डॉ\.?|डॉक्टर|श्रीमती|श्री|सुश्री|د\.|الدكتورة?|السيدة?|الأستاذة?)[ ]{0,2}"
    r"(?P<n>[^\s:،,;.।\d]+(?:[ ][^\s:،,;.।\d]+){0,2})"
)
_TITLED_HAN = re.compile(
    r"(?P<n>[\u4e00-\u9fff]{2,4})(?:医师|医生|主任|教授|先生|女士|护士)(?!签|审|报|建)"
)
_KIN = re.compile(
    rf"(?<!\w)(?i:husband|wife|daughter|son|mother|father|sister|brother|aunt|uncle|niece|nephew|cousin|partner|fiancée?|"
    rf"муж\w*|жен\w|доч\w+|сын\w*|мать|матери|отец|отц\w|сестр\w|брат\w*|ehemann|ehefrau|tochter|sohn|mutter|vater|schwester|bruder"
    rf"|friend|neighbou?r|interpreter)\s?[,(:]?\s(?:is\s|named\s|called\s|Mr\.?\s|Mrs\.?\s|Ms\.?\s)?(?P<n>{_NAME})"
)
_BY = re.compile(
    rf"(?i:\b(?:signed|reported|dictated|verified|authori[sz]ed|reviewed|"
    rf"discussed with|seen by|operated) (?:out )?by)\s*:?\s(?P<n>{_NAME})"
)
_DEGREES = re.compile(
    rf"(?P<n>{_NAME}),?\s*\(?(?:MD|M\.D\.|MBBS|M\.B\.B\.S|FRCPath|FRCP|DNB|DCP|FCAP|PhD|MRCP|FRCR|DMRD|MCh|FRCS|к\.м\.н|д\.м\.н)\b"
)
_SENTENCE = re.compile(r"(?<=\w{4})\. ")
_STREET = re.compile(
    rf"(?<!\w)(?:(?:No\.?|#|Flat|Apt\.?|Plot|House|H\.?\s?No\.?|Block|Suite|Unit)\s?)?\d{{1,5}}[A-Za-z]?(?:/\d+)?,?\s(?:[{_UPPER}][\w'’.-]+\s){{1,4}}"
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Way|Close|Court|Ct|Crescent|Place|Pl|Nagar|Marg|Colony|Layout|Sector)\b\.?"
    r"(?:,?\s[\w'’.-]+){0,4}?(?:,?\s\d{5,6}(?:-\d{4})?)?"
    rf"|(?<!\w)(?:ул|пр|пр-т|пер|просп|мкр)\.?\s[{_UPPER}][\w-]+(?:\s[{_UPPER}][\w-]+)?,?\s(?:д\.?|дом)\s?\d+\w?(?:[/,]?\s?(?:кв|корп|к)\.?\s?\d+)*"
    rf"|(?<!\w)[{_UPPER}][\w.-]*(?:straße|strasse|str\.|weg|platz|allee|gasse)\s\d+\w?(?:,?\s\d{{5}}\s[{_UPPER}][\w-]+)?"
    rf"|(?<!\w)[{_UPPER}][\w]+\s(?:Sok|Cad|Mah|Caddesi|Sokak|Sokağı|Mahallesi)\.?(?:\s?No\s?[:.]?\s?\d+)?"
    r"|[\u4e00-\u9fff]{2,7}(?:省|市|区|县|镇|路|街|村|巷)[\u4e00-\u9fff\d]{0,18}\d*[号號室栋楼]\d*"
    r"|(?<!\w)P\.?\s?O\.?\s?Box\s?\d+(?:[-\s]\d{5})?(?:,?\s[A-Z][\w]+)?"
)
_ZIP = re.compile(
    r"(?<!\w)(?:[A-Z]{2}\s\d{5}(?:-\d{4})?|[A-Z][a-z]+\s?[-–]\s?\d{6}|[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2})(?![\w.])"
)
_STATES = frozenset(
    [
        "AL",
        "AK",
        "AZ",
        "AR",
        "CA",
        "CO",
        "CT",
        "DE",
        "FL",
        "GA",
        "HI",
        "ID",
        "IL",
        "IN",
        "IA",
        "KS",
        "KY",
        "LA",
        "ME",
        "MD",
        "MA",
        "MI",
        "MN",
        "MS",
        "MO",
        "MT",
        "NE",
        "NV",
        "NH",
        "NJ",
        "NM",
        "NY",
        "NC",
        "ND",
        "OH",
        "OK",
        "OR",
        "PA",
        "RI",
        "SC",
        "SD",
        "TN",
        "TX",
        "UT",
        "VT",
        "VA",
        "WA",
        "WV",
        "WI",
        "WY",
        "DC",
    ]
)
_NOT_PEOPLE = frozenset(
    [
        "paget",
        "bloom",
        "allred",
        "gleason",
        "hodgkin",
        "nottingham",
        "ki",
        "her2",
        "breslow",
        "clark",
    ]
)


def people_in(text: str) -> Iterator[Span]:
    """Yield names behind titles and kinship, before degrees; none of them is certain."""
    for pattern, why in (
        (_TITLED, "title"),
        (_DEGREES, "title"),
        (_BY, "title"),
        (_KIN, "kinship"),
    ):
        for found in pattern.finditer(text):
            if _is_name(found["n"]):
                kind = "relative" if why == "kinship" else "clinician"
                start, end = found.start("n"), found.end("n")
                sentence = _SENTENCE.search(text, start, end)
                end = sentence.start() + 1 if sentence else end
                yield Span(start, end, kind, False, why)  # type: ignore[arg-type]
    for found in _TITLED_PLAIN.finditer(text):
        words = list(re.finditer(r"[^ ]+", found["n"]))
        kept = list(takewhile(lambda word: not is_common(fold(word[0])), words))
        if kept:
            start = found.start("n")
            yield Span(start, start + kept[-1].end(), "clinician", False, "title")
    for found in _TITLED_HAN.finditer(text):
        if not is_common(found["n"]):
            yield Span(*found.span("n"), "clinician", False, "title")


def streets_in(text: str) -> Iterator[Span]:
    """Yield postal addresses and codes told by how they look."""
    for found in _STREET.finditer(text):
        yield Span(*found.span(), "address", False, "like_an_address")
    for found in _ZIP.finditer(text):
        state = found[0][:2]
        if not found[0][2:3].isspace() or state in _STATES or not found[0][3:8].isdigit():
            yield Span(*found.span(), "address", False, "like_an_address")


def _is_name(text: str) -> bool:
    words = [fold(word.strip(".,'’-")) for word in text.split()]
    return any(
        word and word not in _NOT_PEOPLE and not is_common(word) and len(word) > 1 for word in words
    )
