"""The head of a German report: its labels in English, so that whom it is about can be read.

Names are never told word by word: "Frau Klein" is nobody small.
"""

import re

_NAME = r"[A-ZÄÖÜ][\wäöüß'’-]+"
_DATE = r"(?=\d{1,2}\.\s?\d{1,2}\.\s?\d{2,4})"
_LABELS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(words), english)
    for words, english in (
        (
            r"\b(?:Familienname|Nachname|Zuname|Name)\s*:\s*"
            rf"({_NAME}(?:\s{_NAME})?)[\s,;]+Vorname\s*:\s*({_NAME}(?:[ ]{_NAME})?)",
            r"Patient name: \2 \1\n",
        ),
        (
            r"\bVorname\s*:\s*"
            rf"({_NAME}(?:[ ]{_NAME})?)[\s,;]+"
            rf"(?:Familienname|Nachname|Zuname|Name)\s*:\s*({_NAME})",
            r"Patient name: \1 \2\n",
        ),
        (r"\b(?:Patientin|Patient|Pat\.?)\s*:\s*(?:weiblich|w)\b", r"Sex: female"),
        (r"\b(?:Patientin|Patient|Pat\.?)\s*:\s*(?:männlich|m)\b", r"Sex: male"),
        (r"\bGeschlecht\s*:\s*(?:weiblich|w)\b", r"\nSex: female"),
        (r"\bGeschlecht\s*:\s*(?:männlich|m)\b", r"\nSex: male"),
        (
            rf"\b(?:Frau|Herrn?)\s+({_NAME}(?:[ ]{_NAME}){{0,2}}),?\s*(?=(?:geb|\*))",
            r"\nPatient: \1\n",
        ),
        (r"\b(?:Patientin|Patient|Pat\.)\s*:\s*(?:Frau |Herrn? )?(?=[A-ZÄÖÜ])", r"\nPatient: "),
        (
            r",?\s*(?:\bGeburtsdatum|\bGeb\.?-?\s?[Dd]atum|\bgeb(?:\.|oren(?:e)?)?(?:\s+am)?|"
            rf"(?<=[a-zäöüß][ ])\*|(?<=[a-zäöüß],[ ])\*)\s*:?\s*{_DATE}",
            r"\nDate of birth: ",
        ),
        (r"\b(?:Fallnummer|Patientennummer|Patienten-ID|Pat\.-Nr\.?)\s*:?", r"\nPatient ID: "),
        (
            r"\b(?:Journalnummer|Eingangsnummer|Befundnummer|Befund-Nr\.?|Histologie-?[Nn]r\.?|"
            r"Histo-Nr\.?|E-Nr\.?|Journal-Nr\.?|Auftragsnummer)\s*:?",
            r"\nReport number: ",
        ),
        (
            r"\b(?:Histo)?[Pp]athologi\w+\s(?:Befund(?:bericht)?|Gutachten)\b|"
            r"\b[Hh]istologi\w+\s(?:Befund(?:bericht)?|Gutachten)\b",
            r"Pathology report",
        ),
        (r"\bMit (?:freundlichen|besten|kollegialen)(?: kollegialen)? Grüßen", r"Kind regards"),
    )
)
_GERMAN = re.compile(
    r"Patientin|\bPat\.|\bgeb\b|\bgeboren|Geburtsd|Vorname|Befund|befund|männlich|weiblich|Grüßen|"
    r"Gutachten|\b(?:Frau|Herrn?)\s[A-ZÄÖÜ]|nummer\b|Geschlecht"
)
# Letters that one of them is never without.
_LETTERS = (
    "Patientin",
    "Pat.",
    "geb",
    "Geburtsd",
    "Vorname",
    "efund",
    "männlich",
    "weiblich",
    "Grüßen",
    "Gutachten",
    "Frau",
    "Herr",
    "nummer",
    "Geschlecht",
)


def head_in_english(text: str) -> str:
    """Return `text` with the labels of a German head in English; names stay as they are printed."""
    if not any(letters in text for letters in _LETTERS) or _GERMAN.search(text) is None:
        return text
    for pattern, english in _LABELS:
        text = pattern.sub(english, text)
    return text
