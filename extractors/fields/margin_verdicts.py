"""The words that judge margins: involved, free or close, with their denials resolved."""

import re
from dataclasses import dataclass
from typing import Literal

from extractors.fields import margin_words as words
from extractors.patterns import rx

Status = Literal["involved", "free", "close", "unassessed"]
# A verdict further from its margin speaks of something else.
_NEAR = 48
# "The margin shows carcinoma": between a subject and its verb stand few words.
_OWN_VERB = 20
# "Other organs involved (specify): none / Margins ...": the line above has its own answer.
_ANSWERED = re.compile(r":[^\n]*\w[^\n]*\n")
# "Distance to the closest uninvolved margin" says which margin, not how it is.
_CHOSEN = re.compile(r"(?:closest|nearest|distance|from|to|of)\s(?:\w+\s){0,3}$")
_OF_A_NODE = re.compile(r"\b(?:lymph node|nodes?)\b[^a-z]{0,12}$")
_NONE = rx(r"^ ?- ?(?:none|no|nil)\b\s{0,3}(?:\Z|[.,;(\n\x00-\x1f\ue000-\uf8ff])")
# "Margins free: no": an answer of one word denies its label.
_REFUSED = rx(
    r"^(?:,? (?:of|from|by) (?:\w++ ){0,2}?(?:tumou?r|disease|carcinoma|dcis|malignancy))?"
    r"(?: ?\(s\))?(?: ?\(?y(?:es)? ?/ ?no?\)?\)?)? ?[:?-]\s{0,3}(?:no|none|nil|false|n)\b"
    r"\s{0,3}(?:\Z|[.,;(\n\x00-\x1f\ue000-\uf8ff])"
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One verdict of a clause; `verb` where a verb with its object gives it ("extends to")."""

    start: int
    end: int
    status: Status
    verb: bool = False


def verdicts_of(clause: str, mentions: list[re.Match[str]]) -> list[Verdict]:
    """Return the clause's verdicts on margins in order, with their denials resolved."""
    found: list[Verdict] = []
    for pattern, kind in (
        (words.INVOLVED, "involved"),
        (words.FREE, "free"),
        (words.CLOSE, "close"),
    ):
        for match in pattern.finditer(clause):
            verdict = _verdict(clause, match, kind, mentions)
            if verdict:
                found.append(verdict)
    found.sort(key=lambda v: (v.start, -v.end))
    kept: list[Verdict] = []
    for verdict in found:
        if kept and verdict.start < kept[-1].end:
            continue
        kept.append(verdict)
    return kept


def _verdict(
    clause: str, match: re.Match[str], kind: str, mentions: list[re.Match[str]]
) -> Verdict | None:
    start, end = match.span()
    groups = match.groupdict()
    near = _nearest(start, end, mentions)
    gap = clause[near.end() : start] if near.end() <= start else clause[end : near.start()]
    if len(gap) > _NEAR and not _listed(gap):
        return None
    if (
        groups.get("shows")
        and (
            near.start() >= end
            or len(gap) > _OWN_VERB
            # A new margin that "shows" tumour is tissue that holds it, not an edge that it reaches.
            or words.LATER.search(clause[max(0, near.start() - 20) : near.end()])
        )
    ):
        return None
    if near.start() >= end and _ANSWERED.search(gap):
        return None
    ahead = groups.get("verb") or near.start() >= end
    if ahead and _OF_A_NODE.search(clause[max(0, start - 30) : start]):
        return None
    if words.is_foreign(gap) and not groups.get("verb"):
        return None
    before, after = clause[max(0, start - 100) : start], clause[end : end + 110]
    subject = clause[max(0, near.start() - 40) : near.start()] if near.end() <= start else ""
    if _is_open(before[-70:], after[:70]):
        return Verdict(start, end, "unassessed")
    if kind == "close":
        denied = words.DENIED_ADJECTIVE.search(before) or words.DENIED_MENTION.search(before)
        return None if denied else Verdict(start, end, "close")
    if kind == "free":
        if near.start() >= end and _CHOSEN.search(before[-50:]):
            return None
        if groups.get("none"):
            return Verdict(start, end, "free")
        refused = _REFUSED.match(clause[_label_end(end, near, gap) :])
        if refused:
            return Verdict(start, max(end, near.end()) + refused.end(), "involved")
        denied = words.DENIED_ADJECTIVE.search(before) or words.DENIED_MENTION.search(subject)
        return Verdict(start, end, "involved" if denied else "free")
    beyond = _label_end(end, near, gap)
    told = words.ANSWER.match(clause[beyond:]) if beyond > end else None
    if told and words.ANSWER_NO.match(told["v"]):
        return Verdict(start, beyond + told.end(), "free")
    dash = _NONE.match(clause[beyond:])
    if dash:
        return Verdict(start, beyond + dash.end(), "free")
    return _involved(match, before, after, subject, near)


def _label_end(end: int, near: re.Match[str], gap: str) -> int:
    """Where a label ends that a verdict and its margin make: "Involved margins", "Margins free"."""
    return near.end() if near.start() >= end and re.fullmatch(r"\s(?:\w+\s)?", gap) else end


def _involved(
    match: re.Match[str], before: str, after: str, subject: str, near: re.Match[str]
) -> Verdict | None:
    """Return what an affirmation of involvement says once its denial and its answer are heard."""
    start, end = match.span()
    label = words.LABEL.match(after)
    if label and not re.search(r"\b(?:is|are|was|were)\b[^.;]{0,20}$", before):
        value = label["v"] or ""
        if words.ANSWER_NO.match(value):
            return Verdict(start, end + label.end(), "free")
        yes = words.ANSWER_YES.match(value)
        return Verdict(start, end + label.end(), "involved") if yes else None
    answer = words.ANSWER.match(after) if near.start() < end else None
    if answer:
        value = answer["v"]
        if words.ANSWER_NO.match(value):
            return Verdict(start, end + answer.end(), "free")
        if not words.ANSWER_YES.match(value):
            return None
        return Verdict(start, end, "involved")
    if match["verb"]:
        denied = words.DENIED_BEFORE.search(before) or words.DENIED_AFTER.match(after)
    else:
        denied = (
            words.DENIED_ADJECTIVE.search(before)
            or words.DENIED_MENTION.search(subject)
            or words.DENIED_MENTION.search(before)
        )
    return Verdict(start, end, "free" if denied else "involved", bool(match["verb"]))


def _is_open(before: str, after: str) -> bool:
    """Say whether a verdict is only possible, wished for, planned or of an earlier operation."""
    before = re.split(r"[;:]|,\s|\bbut\b", before)[-1]
    after = re.split(r"[;]|,\s|\bbut\b|\band\b|\n\s*(?=(?:an?|the|there|r[012]|all|no)\s)", after)[
        0
    ]
    return bool(
        words.UNSURE.search(before)
        or words.PLAN.search(before)
        or words.PAST.search(before)
        or words.UNSURE.search(after)
        or words.PLAN.search(after)
        or words.PAST_AFTER.search(after)
    )


def _nearest(start: int, end: int, mentions: list[re.Match[str]]) -> re.Match[str]:
    def distance(m: re.Match[str]) -> int:
        return max(0, start - m.end(), m.start() - end)

    return min(mentions, key=distance)


def _listed(gap: str) -> bool:
    """Say whether only edges, components and measures stand between a margin and its verdict."""
    rest = words.EDGES.sub("", re.sub(r",[^,.]{0,100},", "", gap))
    rest = re.sub(
        r"\b(?:invasive|in[\s-]situ|carcinoma|component|dcis|and|or|the|of|for|by|mm|cm|all|"
        r"other|"
        r"others|tumou?r|margins?|involved|free|negative|positive|uninvolved|are|is|clear|"
        r"closest)\b|\d+",
        "",
        rest,
    )
    return len(re.sub(r"[^a-z]", "", rest)) <= 12
