"""What speaks for each class of a reply: the rules of all languages, and how they are weighed."""

import re
from functools import cache
from typing import Final

from correspondence.offer_facts import states_price
from correspondence.replies import arabic, chinese, english, french, german, hindi, russian, turkish
from correspondence.replies.items import items_asked
from correspondence.replies.kinds import ReplyKind, Rules
from correspondence.replies.languages import languages_of
from correspondence.reply_facts import addresses_in

_RULES: Final[dict[str, Rules]] = {
    language.__name__.rpartition(".")[2]: language.RULES
    for language in (english, chinese, german, russian, arabic, hindi, french, turkish)
}
"""Rules by the name of the language and the class."""
_LIMITED = re.compile(
    r"\b(?:if|unless|without|liab\w*|virus\w*|printed?|disclaim\w*|intended recipient|in case)\b"
    r"|\b(?:wenn|falls|sofern|ohne|haftung)\b|\b(?:если|без|в случае)\b|\b(?:si|sans)\b|如果"
    r"|若(?!干)|\beğer\b"
    r"|إذا|अगर|यदि"
    r"|would(?: not|n't) (?:decline|refuse|hesitate)|not (?:decline|refus\w*)",
    re.IGNORECASE,
)
"""A sentence with a condition, or of small print, refuses nobody."""
_SENTENCE = re.compile(r"(?<=[^\d\s][.!?])\s+|(?<=[।。！？；])\s*|\n+")


Named = dict[ReplyKind, dict[str, tuple[re.Pattern[str], float]]]


@cache
def _compiled(language: str) -> Named:
    """Compile the rules of a language, when a text is first looked at for it."""
    return {
        kind: {
            name: (re.compile("|".join(patterns), re.IGNORECASE | re.MULTILINE), weight)
            for name, (weight, patterns) in named.items()
        }
        for kind, named in _RULES[language].items()
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
    firm = "\n".join(one for one in _SENTENCE.split(marked) if one and not _LIMITED.search(one))
    for language in sorted(languages_of(text)):
        for kind, rules in _compiled(language).items():
            where = firm if kind == "decline" else marked
            for name, (pattern, weight) in rules.items():
                if pattern.search(where) and name not in signs.setdefault(kind, []):
                    scores[kind] = min(1.0, scores.get(kind, 0.0) + weight)
                    signs[kind].append(name)
    return scores, signs


def _marked(text: str) -> str:
    for address in addresses_in(text):
        text = text.replace(address, f"\x00MAIL {address}")
    if states_price(text):
        text += "\n\x00AMOUNT"
    if items_asked(text):
        text += "\n\x00ITEM"
    return text
