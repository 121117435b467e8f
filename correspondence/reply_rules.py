"""The signs of each reply class: named rules, each a few alternative patterns and a weight.

The weights of the matched rules of a class add up, at most to 1. Three marks stand for what a
pattern alone cannot see: a sum of money (`\\x00AMOUNT`), a thing asked for (`\\x00ITEM`) and an
e-mail address (`\\x00MAIL`). `.{0,40}` never crosses a line.
"""

import re
from typing import Final, Literal

from correspondence.items import items_asked
from correspondence.reply_facts import addresses_in, offer_facts

ReplyKind = Literal[
    "ack",
    "accept_for_review",
    "more_info",
    "opinion",
    "offer",
    "admission_date",
    "invitation_letter",
    "decline",
    "redirect",
    "out_of_office",
    "bounce",
    "contacted_patient_directly",
    "data_deletion_confirmed",
    "other",
]

_NOT = r"(?:not|n't|unable to|cannot|can not|no longer|无法|不能|unfortunately)"

_RULES: Final[dict[ReplyKind, dict[str, tuple[float, tuple[str, ...]]]]] = {
    "decline": {
        "cannot_take": (
            0.85,
            (
                rf"{_NOT}\b.{{0,40}}\b(?:accept|take|treat|offer|admit|proceed|help|accommodate)\b",
                rf"{_NOT} (?:be able to )?review\b",
                r"we (?:must|have to|regret to) (?:decline|refuse)",
                r"\bdeclin(?:e|ed|ing)\b",
            ),
        ),
        "not_suitable": (
            0.85,
            (
                r"\bnot (?:a )?(?:suitable|candidate|indicated|appropriate|recommended|advis)",
                r"\bunsuitable\b",
                r"不适合",
                r"不建议",
            ),
        ),
        "no_device": (
            0.9,
            (
                r"(?:do(?:es)? not|don't|no longer) (?:have|offer|perform|provide).{0,40}"
                r"\b(?:iort|ioert|unit|machine|device|equipment)",
                r"(?:machine|unit|device) is (?:down|out of (?:order|service))",
                r"under (?:repair|maintenance)",
            ),
        ),
        "choice_3": (0.9, (r"^\W{0,3}3\W{0,3}(?:not for us\b|$)",)),
        "not_for_us": (0.9, (r"\bnot for us\b",)),
        "no_capacity": (
            0.7,
            (r"no (?:capacity|beds?|slots?)\b", r"fully booked", r"waiting list is (?:too )?long"),
        ),
    },
    "offer": {
        "price_word": (
            0.35,
            (
                r"\b(?:estimate[ds]?|quot(?:e|ation)|package|costs?|price|charges?|fee)\b",
                r"费用|报价|预估",
            ),
        ),
        "amount": (0.5, (r"\x00AMOUNT",)),
        "what_is_in": (
            0.15,
            (
                r"\b(?:includ|exclud)(?:es|ed|ing)\b",
                r"\bdeposit\b",
                r"\bvalid (?:until|till|for)\b",
                r"押金",
            ),
        ),
    },
    "opinion": {
        "advice": (
            0.75,
            (
                r"\b(?:we|our (?:team|board|doctors?)|the board) (?:would )?"
                r"(?:recommend|advis(?:e|es)|suggest)",
                r"\b(?:medical|expert|our) opinion\b",
                r"\brecommended treatment\b",
                r"我们建议",
            ),
        ),
        "therapy": (
            0.15,
            (r"\b(?:iort|lumpectomy|resection|chemotherapy|radiotherapy|neoadjuvant|boost)\b",),
        ),
    },
    "more_info": {
        "please_send": (
            0.55,
            (
                r"\b(?:please|kindly|pls|could you|can you)\b.{0,40}"
                r"\b(?:send|share|provide|forward|upload|attach|arrange|submit|mail)",
                r"请(?:提供|发送|补充)",
            ),
        ),
        "we_need": (
            0.55,
            (
                r"\b(?:we|doctors?|team) (?:(?:also|still|would|will) )?request\b",
                r"\b(?:is|are|still) (?:required|missing|needed|pending)\b",
                r"\b(?:need|require)s?\b\s*:?",
                r"需要|缺少",
            ),
        ),
        "names_items": (0.4, (r"\x00ITEM",)),
        "choice_2": (0.6, (r"^\W{0,3}2\W{0,3}need\b",)),
    },
    "accept_for_review": {
        "will_review": (
            0.75,
            (
                r"\b(?:will|shall|(?:going|agree[sd]?|happy|willing|pleased) to) (?:be )?"
                r"(?:review|discuss|present|evaluat|assess)\w*",
                r"\bunder review\b",
                r"会诊",
            ),
        ),
        "board_or_doctor": (0.2, (r"\b(?:tumou?r board|mdt|multidisciplinary)\b", r"\bdr\.? \w+")),
        "choice_1": (0.75, (r"^\W{0,3}1\W{0,3}(?:yes\b|will review)",)),
    },
    "ack": {
        "received": (
            0.6,
            (
                r"\breceived\b",
                r"\breceipt of\b",
                r"thank you for (?:your|the) (?:e-?mail|mail|message|enquiry|inquiry)",
                r"noted with thanks",
                r"收到",
            ),
        ),
        "will_revert": (
            0.35,
            (
                r"\b(?:will|shall) (?:revert|get back|respond|reply|answer|come back|update you)",
                r"尽快回复",
            ),
        ),
    },
    "admission_date": {
        "admission": (
            0.9,
            (
                r"\b(?:admission|surgery|operation) (?:date )?(?:is |has been )?"
                r"(?:confirmed|scheduled|fixed|planned|booked) (?:for|on)",
                r"\badmit (?:the patient|her|him) on\b",
                r"入院(?:时间|日期)",
            ),
        )
    },
    "invitation_letter": {
        "letter": (
            0.9,
            (
                r"\binvitation letter\b.{0,60}\b(?:attached|enclosed|find|sent|issued)",
                r"\b(?:attached|enclosed|find|issued)\b.{0,60}\binvitation letter",
                r"邀请函",
            ),
        )
    },
    "redirect": {
        "write_to": (
            0.85,
            (
                r"\b(?:write|send|forward|e-?mail|contact|address)\b.{0,60}\b(?:to|at)\b"
                r".{0,40}\x00MAIL",
                r"\bwrong (?:department|address)\b",
                r"no longer (?:works?|handles?)\b",
            ),
        ),
        "choice_4": (0.85, (r"^\W{0,3}4\W{0,3}(?:please )?(?:write|contact)",)),
    },
    "contacted_patient_directly": {
        "spoke": (
            0.9,
            (
                r"\bwe (?:have )?(?:called|contacted|phoned|spoken (?:to|with)|written to|messaged)"
                r" (?:the )?(?:patient|family|relatives?|son|daughter|husband|wife)\b",
            ),
        )
    },
    "data_deletion_confirmed": {
        "deleted": (
            0.92,
            (
                r"\b(?:deleted|destroyed|erased)\b.{0,60}"
                r"\b(?:records?|files?|data|copies|documents?)",
                r"\b(?:records?|files?|data|copies|documents?)\b.{0,40}"
                r"\b(?:deleted|destroyed|erased)",
            ),
        )
    },
}

RULES: Final = {
    kind: {
        name: (re.compile("|".join(patterns), re.IGNORECASE | re.MULTILINE), weight)
        for name, (weight, patterns) in rules.items()
    }
    for kind, rules in _RULES.items()
}

PRECEDENCE: Final[tuple[ReplyKind, ...]] = (
    "data_deletion_confirmed",
    "contacted_patient_directly",
    "invitation_letter",
    "admission_date",
    "redirect",
    "decline",
    "offer",
    "more_info",
    "opinion",
    "accept_for_review",
    "ack",
)
"""When two classes are spoken for, the one that binds more wins; the confidence tells the doubt."""

COMPATIBLE: Final[dict[ReplyKind, frozenset[ReplyKind]]] = {
    "decline": frozenset({"ack", "opinion"}),
    "offer": frozenset({"ack", "accept_for_review", "opinion"}),
    "more_info": frozenset({"ack", "accept_for_review"}),
    "opinion": frozenset({"ack", "accept_for_review"}),
    "accept_for_review": frozenset({"ack"}),
    "admission_date": frozenset({"ack", "offer", "accept_for_review", "opinion"}),
    "invitation_letter": frozenset({"ack", "admission_date"}),
    "redirect": frozenset({"ack", "decline", "more_info"}),
    "contacted_patient_directly": frozenset({"ack"}),
    "data_deletion_confirmed": frozenset({"ack"}),
}
"""Classes that may be said in one breath: "received, we will review" is no contradiction."""


def scores_of(text: str) -> tuple[dict[ReplyKind, float], dict[str, list[str]]]:
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
