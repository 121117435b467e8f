"""Why nothing was found in a document: one of a short list of codes, each with its sentence."""

import re
from typing import Literal, get_args

from extractors.language import proposes_values
from extractors.organ import WORDS
from extractors.patterns import rx
from extractors.reading import Reading

Reason = Literal[
    "no_text",
    "not_a_report",
    "empty_form",
    "other_language",
    "organ_not_scored",
    "other_organ",
    "several_people",
    "nothing_stated",
]
REASONS: tuple[Reason, ...] = get_args(Reason)
SENTENCES: dict[str, str] = {
    "no_text": "No text could be read on its pages.",
    "not_a_report": "This is a sign-in page, a link or another paper, not the report itself.",
    "empty_form": "This is a form that nobody has filled in.",
    "other_language": "It is written in a language from which no values are read.",
    "organ_not_scored": "In its language no values are read from reports about this organ yet.",
    "other_organ": "It speaks of an organ or a disease that is not treated here.",
    "several_people": "Its pages name different people. Nothing is read until a person has looked.",
    "nothing_stated": "It was read, and states none of the facts that are looked for.",
}

_SHORT = 900
_PLACEHOLDER = rx(
    r"session (?:has )?(?:expired|timed out)|(?:please )?(?:sign|log)[\s-]?in (?:to|with|at|below|"
    r"here)|(?:user ?name|e-?mail) (?:and|or|/) password|forgot (?:your )?password|"
    r"\[internetshortcut\]|please wait[.\s]|enable javascript|"
    r"(?:adobe|acrobat) reader (?:or higher|\d|to (?:view|open))|"
    r"(?:click|tap|follow) (?:here|the (?:link|button)|this link)|"
    r"(?:is|file is|document is) protected|one[\s-]time (?:code|password)|"
    r"(?:view|download) (?:your|the) (?:report|results?|document) (?:at|from|here|online|in)|"
    r"access denied|page not found|this link"
)
_LINK = re.compile(r"(?:https?://|www\.)\S+")
_LABEL = re.compile(r"^\W{0,6}[A-Za-z][\w /()&'-]{2,60}:\W*$", re.MULTILINE)
_FILLED = re.compile(r"^\W{0,6}[A-Za-z][\w /()&'-]{2,60}:\s*\S*\w", re.MULTILINE)
_BOX = re.compile(r"\[\s?\]|\(\s?\)|[\u2610\u25a1\u25cb\uf0a8]|_{3,}")
_TICK = re.compile(r"\[\s?[xX✓✔]\s?\]|\(\s?[xX]\s?\)|[\u2611\u2612\u25a0\u25cf\u2714\uf0fe]|_[xX]_")
_MANY = 4
# Documents of the journey, not of the illness.
_PAPERS = {"intake_form"}


def reason_for(reading: Reading, organ: str, source: str, language: str) -> Reason:
    """Return why a document that states nothing does so.

    `source` is its evidence rank name, `language` its BCP 47 guess.
    """
    if not reading.text.strip():
        return "no_text"
    if _is_placeholder(reading) or source in _PAPERS:
        return "not_a_report"
    if not proposes_values(language):
        return "other_language"
    if _is_empty_form(reading.text):
        return "empty_form"
    if organ in {"other", "gynaecological"} and _names_an_organ(reading):
        return "other_organ"
    return "nothing_stated"


def _is_placeholder(reading: Reading) -> bool:
    """Say whether a short page only leads to the report: a sign-in page, a link, a notice."""
    text = reading.text.strip()
    if len(text) > _SHORT:
        return False
    links = sum(len(link) for link in _LINK.findall(text))
    return _PLACEHOLDER.search(reading.low) is not None or links * 3 > len(text)


def _is_empty_form(text: str) -> bool:
    if _TICK.search(text):
        return False
    blank, filled = len(_LABEL.findall(text)), len(_FILLED.findall(text))
    boxes = len(_BOX.findall(text))
    return blank + boxes >= _MANY and blank + boxes > filled


def _names_an_organ(reading: Reading) -> bool:
    return any(
        words.search(reading.low)
        for organ in ("other", "gynaecological")
        for words, _ in WORDS[organ]
    )
