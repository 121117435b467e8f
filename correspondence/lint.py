"""What no letter may say, and what some must. A letter with a problem is not sent.

The rules come from the outreach research: no words of promise, the two honest sentences where
they are due, nothing medical where a preview shows it to bystanders.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from correspondence.letters import PRIVATE_AUDIENCES, Letter
from correspondence.names import brought_in, phrases_of

PREVIEW_CHARACTERS = 80
"""So much of the body do phones show beside the subject."""

_FORBIDDEN: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "guarantee": r"\bguarant\w*",
        "eligible": r"\b(?:in)?eligib\w*",
        "you qualify": r"\byou\s+(?:\w+\s+)?qualify\b|\bqualifies for\b",
        "approved": r"\b(?:pre-?)?approved\b",
        "cure": r"\bcur(?:e|es|ed|able|ing)\b",
        "best": r"\bbest\s+(?:\w+\s+)?(?:hospitals?|doctors?|surgeons?|treatments?|results?)",
        "100 %": r"\b100\s*(?:%|per\s?cent)",
        "no further radiation needed": (
            r"\bno\s+(?:further|more|additional)\s+(?:radiation|radiotherapy)"
        ),
        "risk-free": r"\b(?:risk[- ]free|without (?:any )?risk)\b",
    }.items()
}

# The diagnosis itself: nowhere in a subject or preview, whoever reads it.
_DIAGNOSIS = re.compile(
    r"\b(?:cancer\w*|carcinoma\w*|tumou?rs?|malignan\w*|sarcoma\w*|adenocarcinoma\w*|metasta\w*"
    r"|lymphoma\w*|dcis|her2|ki-?67|oncolog\w*|biops\w*|patholog\w*|recurren\w*|chemo\w*"
    r"|stage\s+[0-9iv]+|grade\s+[0-9i]+|p?[tnm][0-4]\b|palliativ\w*)",
    re.IGNORECASE,
)
# What would tell a bystander as much: organs, treatments, results.
_TELLING = re.compile(
    r"\b(?:breast|pancrea\w*|rect(?:um|al)|colon|stomach|gastric|pelvi[cs]|gyna?eco\w*"
    r"|retroperiton\w*|radiation|radiotherapy|iort|surgery|operation|surgeon|tested|tests?)\b",
    re.IGNORECASE,
)
_UNRESOLVED = re.compile(r"\{\{|\}\}|\{%|%\}|\bNone\b|\bundefined\b|\bnan\b")


@dataclass(frozen=True, slots=True)
class LintProblem:
    """One broken rule. `detail` is the offending words or the rule's name, not a letter's text."""

    rule: str
    detail: str


def lint(
    letter: Letter,
    *,
    recipient_language: str | None = None,
    link_expires_at: datetime | None = None,
    now: datetime | None = None,
    recipient_stopped: bool = False,
    call_logged: bool | None = None,
    private_words: Iterable[str] = (),
    reader: Iterable[str] = (),
) -> list[LintProblem]:
    """Return every rule that the letter breaks; an empty list means it may be sent.

    `recipient_stopped`: deceased or withdrawn. `call_logged`: the call that must come before a
    letter with need `after_call`. `private_words`: names of the patient and of hospitals, which
    no field may bring into the subject or preview of a private letter; they may stand there as
    words of the template itself. `reader`: how the hospital that reads it and its departments are
    called; a greeting of "Radiation Oncology" tells a bystander nothing of a patient. `now` is
    needed with `link_expires_at`.
    """
    problems = [
        *_words(letter),
        *_required(letter),
        *_preview(letter, private_words, reader),
        *(LintProblem("place_not_shown", name) for name in _not_shown(letter)),
        *(LintProblem("unresolved", found) for found in _unresolved(letter)),
    ]
    if recipient_language is not None and letter.language != recipient_language:
        problems.append(LintProblem("language", f"{letter.language} for {recipient_language}"))
    if link_expires_at is not None:
        if now is None:
            raise ValueError("an expiry can only be judged at a given time")
        if link_expires_at <= now:
            problems.append(LintProblem("link_expired", link_expires_at.isoformat()))
    if recipient_stopped:
        problems.append(LintProblem("recipient_stopped", letter.template))
    if "after_call" in letter.needs and call_logged is not True:
        problems.append(LintProblem("call_not_logged", letter.template))
    return problems


def names_anywhere(letter: Letter, names: Iterable[str], known: Iterable[str] = ()) -> bool:
    """Say whether a name was brought into subject or body: none may go to a hospital.

    `known`: texts of ours that a field may bring in, such as the coordinator's and the hospital's
    name; a patient may share a word with them.
    """
    words, ours = list(names), phrases_of(*known, repeats=True)
    return brought_in(letter.subject, (*letter.own_subject, *ours), words) or brought_in(
        letter.body, (*letter.own_body, *ours), words
    )


def _words(letter: Letter) -> Iterable[LintProblem]:
    """Find words of promise; the letters to our own coordinators are free of this rule."""
    if letter.audience == "coordinator":
        return
    text = f"{letter.subject}\n{letter.body}"
    for name, pattern in _FORBIDDEN.items():
        if pattern.search(text):
            yield LintProblem("forbidden_word", name)


def _required(letter: Letter) -> Iterable[LintProblem]:
    body = " ".join(letter.body.split())
    for need, sentence in letter.sentences:
        if need in letter.needs and " ".join(sentence.split()) not in body:
            yield LintProblem("missing_sentence", need)


def _not_shown(letter: Letter) -> Iterable[str]:
    """Yield what a letter tells its reader to open or to call, and does not show."""
    return (place.name for place in letter.places if place.is_missing_in(letter.body))


def _preview(
    letter: Letter, private_words: Iterable[str], reader: Iterable[str]
) -> Iterable[LintProblem]:
    body = letter.body
    for name in sorted(reader, key=len, reverse=True):
        body = body.replace(name, " " * len(name))
    preview = body[:PREVIEW_CHARACTERS]
    shown = f"{letter.subject}\n{preview}"
    found = {match.group().lower() for match in _DIAGNOSIS.finditer(shown)}
    if letter.audience in PRIVATE_AUDIENCES:
        found |= {match.group().lower() for match in _TELLING.finditer(shown)}
        words = [word for word in private_words if len(word) > 1]
        if brought_in(letter.subject, letter.own_subject, words) or brought_in(
            letter.body, letter.own_body, words, PREVIEW_CHARACTERS
        ):
            yield LintProblem("name_in_preview", letter.template)
    for word in sorted(found):
        yield LintProblem("diagnosis_in_preview", word)


def _unresolved(letter: Letter) -> list[str]:
    return sorted({m.group() for m in _UNRESOLVED.finditer(f"{letter.subject}\n{letter.body}")})
