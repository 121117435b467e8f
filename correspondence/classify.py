"""What does a reply say? A class, how sure, which signs spoke for it, and the facts it states.

Transparent rules over the newly written text: every rule has a name that the console can show.
Below 0.9, and always for a refusal, an opinion or an offer, nothing moves without a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from correspondence.inbound import InboundLetter
from correspondence.items import items_asked
from correspondence.reply_facts import (
    addresses_in,
    decline_reason,
    first_date,
    named_doctor,
    offer_facts,
    return_date,
)
from correspondence.reply_rules import AWAY, COMPATIBLE, PRECEDENCE, RULES, ReplyKind

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
    """Propose the class of a reply and the facts in it (reply classes of the outreach design)."""
    near = letter.date.date() if letter.date else None
    if letter.machine == "bounce":
        return _bounce(letter)
    text = (letter.new_text or letter.text)[:_LONGEST_TEXT]
    if letter.machine == "auto_reply":
        return _automatic(letter, text, near)
    scores, signs = _scores(text)
    spoken = [kind for kind in PRECEDENCE if scores.get(kind, 0.0) >= _SPOKEN]
    if not spoken:
        return ReplyClass("other", 0.3, _facts("other", text, near), tuple(signs.get("other", ())))
    kind = spoken[0]
    rivals = [scores[other] for other in spoken[1:] if other not in COMPATIBLE.get(kind, ())]
    confidence = min(0.97, scores[kind]) - (0.3 * max(rivals) if rivals else 0.0)
    if letter.machine == "list" or "charset" in letter.defects:
        confidence -= 0.2
    confidence = round(max(0.05, confidence), 2)
    return ReplyClass(
        reply_class=kind,
        confidence=confidence,
        facts=_facts(kind, text, near),
        signs=tuple(f"{kind}.{name}" for name in signs[kind]),
        confirm=kind in _ALWAYS_CONFIRM or confidence < CONFIRM_BELOW,
    )


def _scores(text: str) -> tuple[dict[ReplyKind, float], dict[str, list[str]]]:
    """Return the score of each class and the names of the rules behind it.

    What a pattern alone cannot see (a sum of money, an address, a thing asked for) is marked in
    the text for the rules to refer to.
    """
    marked = _marked(text)
    scores: dict[ReplyKind, float] = {}
    signs: dict[str, list[str]] = {}
    for kind, rules in RULES.items():
        for name, (pattern, weight) in rules.items():
            if pattern.search(marked):
                scores[kind] = min(1.0, scores.get(kind, 0.0) + weight)
                signs.setdefault(kind, []).append(name)
    return scores, signs


def _marked(text: str) -> str:
    for address in addresses_in(text):
        text = text.replace(address, f"\x00MAIL {address}")
    if offer_facts(text, None).get("amount_low") is not None:
        text += "\n\x00AMOUNT"
    if items_asked(text):
        text += "\n\x00ITEM"
    return text


def _facts(kind: ReplyKind, text: str, near: date | None) -> dict[str, object]:
    facts: dict[str, object] = {}
    if kind == "offer":
        facts = offer_facts(text, near)
    elif kind == "decline":
        facts = {"reason": decline_reason(text)}
    elif kind == "more_info":
        facts = {"items": items_asked(text)}
    elif kind == "redirect":
        facts = {"addresses": addresses_in(text)}
    elif kind in {"ack", "accept_for_review", "admission_date", "data_deletion_confirmed"}:
        facts = {"date": first_date(text, near), "doctor": named_doctor(text)}
    return {name: value for name, value in facts.items() if value not in (None, "", [])}


def _bounce(letter: InboundLetter) -> ReplyClass:
    report = letter.bounce
    facts: dict[str, object] = {}
    if report is not None:
        stated = {
            "status": report.status,
            "permanent": report.permanent,
            "delayed": report.delayed,
            "original_message_id": report.original_message_id,
        }
        facts = {name: value for name, value in stated.items() if value is not None}
    sure = 0.99 if report is not None and report.status else 0.9
    return ReplyClass("bounce", sure, facts, ("machine.bounce",), confirm=False)


def _automatic(letter: InboundLetter, text: str, near: date | None) -> ReplyClass:
    """A robot's letter: away until, or "we have your mail". Neither counts as the answer."""
    if AWAY.search(f"{letter.subject}\n{text}"):
        facts = {
            "return_date": return_date(text, near),
            "deputies": [a for a in addresses_in(text) if a != letter.from_address],
        }
        known = {name: value for name, value in facts.items() if value}
        return ReplyClass("out_of_office", 0.95, known, ("machine.away",), confirm=False)
    return ReplyClass("ack", 0.9, {"automatic": True}, ("machine.auto_reply",), confirm=False)
