"""What does a reply say? A class, how sure, which signs spoke for it, and the facts it states.

Transparent rules over the newly written text: every rule has a name that the console can show.
Below 0.9, and always for a refusal, an opinion or an offer, nothing moves without a person.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from correspondence.incoming.letter import InboundLetter
from correspondence.incoming.machine_mail import Report, is_receipt
from correspondence.offer_facts import offer_dates, offer_facts
from correspondence.replies.items import items_asked
from correspondence.replies.kinds import ReplyKind
from correspondence.replies.rules import COMPATIBLE, PRECEDENCE, scores_of
from correspondence.reply_facts import (
    addresses_in,
    decline_reason,
    first_date,
    named_doctor,
    return_date,
)

CLASSIFIER_VERSION: Final = "rules-1"
CONFIRM_BELOW: Final = 0.9

_ALWAYS_CONFIRM: Final = frozenset(
    {
        "decline",
        "opinion",
        "offer",
        "accept_for_review",
        "more_info",
        "admission_date",
        "invitation_letter",
        "redirect",
        "contacted_patient_directly",
        "other",
    }
)
_CASES: Final = re.compile(
    r"\bCFX-\d{2}-\d{5,7}\b|(?<![\d.,-])0\d{4}(?![\d.,])|\d{3,5}号", re.IGNORECASE
)
"""References of cases, whole or by their number alone: two in one letter are two patients."""
_SPOKEN: Final = 0.55
"""From this score on a class counts as said."""
_LONGEST_TEXT: Final = 20_000


@dataclass(frozen=True, slots=True)
class ReplyClass:
    """A proposal. `facts` hold plain JSON values (ISO dates, numbers, codes); `signs` the names of
    the rules that matched; `confirm` says that a person has to agree before anything moves.
    """

    reply_class: ReplyKind
    confidence: float
    facts: Mapping[str, object] = field(default_factory=dict)
    signs: tuple[str, ...] = ()
    confirm: bool = True


def classify_reply(letter: InboundLetter) -> ReplyClass:
    """Propose the class of a reply and the facts in it (reply classes of the outreach design).

    A letter that is all quotation says nothing new: a person looks. So does what a machine reports.
    """
    near = letter.date.date() if letter.date else None
    if letter.report is not None:
        return _reported(letter.report)
    text = letter.new_text[:_LONGEST_TEXT]
    if letter.machine in ("out_of_office", "auto_reply"):
        return _automatic(letter, text, near)
    if len(set(_CASES.findall(text))) > 1:
        return ReplyClass("other", 0.3, {}, ("several_patients",))
    scores, signs = scores_of(text)
    spoken = [
        kind
        for kind in PRECEDENCE
        if scores.get(kind, 0.0) >= _SPOKEN and _holds(kind, signs, text, near)
    ]
    if not spoken:
        return ReplyClass(
            "other", 0.3, _facts("other", text, near, ()), tuple(signs.get("other", ()))
        )
    kind = spoken[0]
    rivals = [scores[other] for other in spoken[1:] if other not in COMPATIBLE.get(kind, ())]
    confidence = min(0.97, scores[kind]) - (0.3 * max(rivals) if rivals else 0.0)
    if letter.machine == "list" or "charset" in letter.defects:
        confidence -= 0.2
    confidence = round(max(0.05, confidence), 2)
    return ReplyClass(
        reply_class=kind,
        confidence=confidence,
        facts=_facts(kind, text, near, signs[kind]),
        signs=tuple(f"{kind}.{name}" for name in signs[kind]),
        confirm=kind in _ALWAYS_CONFIRM or confidence < CONFIRM_BELOW,
    )


def _holds(kind: ReplyKind, signs: Mapping[str, list[str]], text: str, near: date | None) -> bool:
    """Return whether a class has what it cannot be without: a date to be admitted on; a request
    where things are named in an opinion.
    """
    if kind == "admission_date":
        return "earliest_admission" in offer_dates(text, near)
    if kind == "more_info" and "advice" in signs.get("opinion", ()):
        return "please_send" in signs[kind]
    return True


def _facts(
    kind: ReplyKind, text: str, near: date | None, signs: Collection[str]
) -> dict[str, object]:
    facts: dict[str, object] = {}
    if kind == "offer":
        facts = offer_facts(text, near)
    elif kind == "admission_date":
        facts = {
            "doctor": named_doctor(text),
            **offer_dates(text, near),
            "date": first_date(text, near),
        }
    elif kind == "decline":
        facts = {"reason": decline_reason(signs)}
    elif kind == "more_info":
        facts = {"items": items_asked(text)}
    elif kind == "redirect":
        facts = {"addresses": addresses_in(text)}
    elif kind in {"ack", "accept_for_review", "data_deletion_confirmed"}:
        facts = {"date": first_date(text, near), "doctor": named_doctor(text)}
    return {name: value for name, value in facts.items() if value not in (None, "", [])}


def _reported(report: Report) -> ReplyClass:
    """A server's report. Only a bounce has a class: the rest is no answer of anybody."""
    stated = {
        "status": report.status,
        "permanent": report.permanent,
        "delayed": report.delayed,
        "original_message_id": report.original_message_id,
    }
    facts = {name: value for name, value in stated.items() if value is not None}
    if report.kind == "bounce":
        sure = 0.99 if report.status else 0.9
        return ReplyClass("bounce", sure, facts, ("machine.bounce",), confirm=False)
    return ReplyClass("other", 0.0, facts, (f"machine.{report.kind}",))


def _automatic(letter: InboundLetter, text: str, near: date | None) -> ReplyClass:
    """A robot's letter: away until, or "we have your mail". Neither counts as the answer; what
    says neither goes to a person.
    """
    if letter.machine == "out_of_office":
        facts = {
            "return_date": return_date(text, near),
            "deputies": [a for a in addresses_in(text) if a != letter.from_address],
        }
        known = {name: value for name, value in facts.items() if value}
        return ReplyClass("out_of_office", 0.95, known, ("machine.away",), confirm=False)
    if is_receipt(text) or not text.strip():
        return ReplyClass("ack", 0.9, {"automatic": True}, ("machine.auto_reply",), confirm=False)
    return ReplyClass("other", 0.3, {"automatic": True}, ("machine.auto_reply",))
