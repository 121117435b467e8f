"""Labelled numbers of lymph nodes, as the protocols' tables give them, in any order of lines.

CAP (Breast Invasive Resection, Colon and Rectum): "Total Number of Lymph Nodes Examined", "Number
of Lymph Nodes with Macrometastases / Micrometastases / Isolated Tumor Cells"; RCPath's breast
dataset: "Sentinel nodes: total number, number positive". Positive are nodes with a macro- or a
micrometastasis; isolated tumour cells are not (AJCC 8th edition, chapter 48).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from extractors.contradiction import Contradiction
from extractors.fields.node_rows import NODES, Kind, Row, group_of, is_of_nodes
from extractors.patterns import COUNT, count_of

Role = Literal["examined", "positive", "negative", "macro", "micro", "isolated"]

_WORD = (
    rf"(?:{NODES}(?:\(s\))?|exact|total|numbers?|nos?(?:\.|(?=\s{{1,3}}(?:of|involved|positive|examined)\b))|\#|count|of|the|all|"
    rf"regional|axillary|"
    r"non-?\s?sentinel|sentinel|lymph|nodal|examined|found|identified|recovered|sampled|"
    r"retrieved|received|submitted|removed|present|dissected|harvested|resected|positive|"
    r"\+ve|involved|metastatic|negative|uninvolved|affected|with|by|for|"
    r"(?:isolated\s)?tumou?r\scells?|"
    r"tumou?r|carcinoma|macro-?\s?metasta\w++|micro-?\s?metasta\w++|metasta\w++|macro|micro|"
    r"itcs?|mets|"
    r"and|or|containing|showing|evidence|only)"
    r"(?:(?!\w)|(?<=nodes)(?=examined|involved|positive|sampled))"
)
_ITEM = re.compile(
    rf"(?<![\w/-])(?P<label>(?:{_WORD}[\s/,]{{0,6}}(?:\([^()]{{0,70}}\)\s{{0,4}}|[<>]\s?\d(?:\.\d)?\s?mm\b\s{{0,3}})?){{1,14}}+)"
    rf"(?P<colon>[:=;]?\s{{0,2}}-?|(?:is|was|were)\b)[\s:]{{0,6}}"
    rf"(?P<v>{COUNT}|none\b|nil\b|zero\b)"
    r"(?!\d|\w|\s?/\s?\d|[.,]\d|\s?(?:[cm]m\b|%|\+|of\b|out\b|x\b|to\b|hpf|[<>]|[-:]\s?\d))"
)
_ISOLATED = re.compile(r"isolated|\bitcs?\b|tumou?r\scells")
_POSITIVE = re.compile(
    r"positive|\+ve|involved|affected|metasta|\bmets\b|with\s(?:tumou?r|carcinoma)|containing"
)
_NEGATIVE = re.compile(r"negative|uninvolved")
_EXAMINED = re.compile(
    r"examined|found|identified|recovered|sampled|retrieved|removed|dissected|harvested|resected|"
    r"received|submitted|present"
)
_COUNTED = re.compile(r"\btotal|\bnumbers?\b|\bnos?\b|\#|count")
# "node No. 3" and "a total of 39" are no labels.
_LOOSE = re.compile(
    r"(?:\bnos?\.?|\#|(?<!total\s)\bnumber|\b(?:of|the|all|with|by|for|and|or|only))$"
)
_START = re.compile(r"(?:total\s)?(?:numbers?|nos?\.?\sof|\#)")
_HAS_NODES = re.compile(NODES)
# A heading over, or in front of, a number: "Sentinel nodes: total number 2".
_HEADING = re.compile(rf"(?:[\w-]+\s){{0,2}}{NODES}(?:\s(?:present|status|sampled))?\s?[:(-]")
_MEASURE = re.compile(
    r"(?:size|largest|greatest|diameter|dimension|extent|deposit)[^.;:\n]{0,20}\Z"
)
_POSITIVE_OVER = re.compile(rf"(?:positive|involved)\s(?:lymph\s)?{NODES}[:\s]{{1,3}}$")
_CHAIN = 70
# "Total 12 (3 positive": a sentence (`extractors.fields.node_phrases`).
_BRACKET = re.compile(r"\w+\s?\(\s?\w+\s(?:positive|involved)\b")


@dataclass(frozen=True, slots=True)
class Item:
    """One labelled number: what it counts, of which nodes, and where it stands."""

    role: Role
    value: int
    group: str
    start: int
    end: int
    total: bool = False


def items(low: str) -> Iterator[Item]:
    """Yield the labelled numbers of lymph nodes of lower-case text in order."""
    last: Item | None = None
    for match in _ITEM.finditer(low):
        label, start = _own_label(match["label"], match.start())
        near = last is not None and start - last.end < _CHAIN
        role = _role(label, match["colon"], chained=near or _is_line(low, start, match.end()))
        if role is None:
            continue
        if _BRACKET.match(low, match.start("v")):
            continue
        # "3 positive, 8 negative": the number stands before its word.
        if (
            match["label"].rstrip().endswith(",")
            and low[max(0, start - 4) : start].rstrip()[-1:].isdigit()
        ):
            continue
        named = _HAS_NODES.search(label) is not None
        if _MEASURE.search(low[max(0, start - 30) : start]):
            continue
        if not named and not near and not is_of_nodes(low, start, match.end(), 140):
            continue
        if not named and near and last and not _continues(low, last.end, start):
            continue
        if role == "examined" and not named and _POSITIVE_OVER.search(low[start - 40 : start]):
            role = "positive"
        value = 0 if match["v"] in {"none", "nil"} else count_of(match["v"])
        if value is None or value > 150:
            continue
        floor = last.end if last and near else max(0, start - 80)
        group = _group(label, low[floor:start], last.group if near and last else "", named)
        last = Item(role, value, group, start, match.end(), "total" in label)
        yield last


def _is_line(low: str, start: int, end: int) -> bool:
    """Say whether a label and its number are a line of their own: "Nodes retrieved 19"."""
    first, last = low.rfind("\n", 0, start) + 1, low.find("\n", end)
    behind = low[end : last if last >= 0 else len(low)]
    return low[first:start].rstrip()[-1:] in {"", "."} and not behind.strip(" .|")


def _own_label(label: str, start: int) -> tuple[str, int]:
    """Return what of the words before a number is its label, and where that begins."""
    cut = label.rstrip().rfind("\n") + 1
    if cut and _role(label[cut:], ":"):
        return label[cut:], start + cut
    for begin in _START.finditer(label):
        before = label[: begin.start()]
        if before.strip() and not _HAS_NODES.search(before) and "sentinel" not in before:
            return label[begin.start() :], start + begin.start()
    return label, start


def _role(label: str, colon: str, *, chained: bool = False) -> Role | None:
    plain = re.sub(r"\([^()]*\)", " ", label).strip()
    tied = (
        chained
        or plain.endswith("+ve")
        or colon.strip() != ""
        or _COUNTED.search(plain) is not None
    )
    if colon.strip() == ";" and not _COUNTED.search(plain):
        return None
    if colon.strip() in {"", "-"} and _LOOSE.search(plain):
        return None
    if not tied or plain in {"all", "with", "and", "no", "number", "of", "no."}:
        return None
    isolated, macro = _ISOLATED.search(plain), "macro" in plain
    if isolated or (not macro and "micro" in plain):
        return (
            None
            if isolated and (macro or "micro" in plain)
            else "isolated"
            if isolated
            else "micro"
        )
    if macro:
        return "positive" if "micro" in plain else "macro"
    if _NEGATIVE.search(plain):
        return "negative"
    if _POSITIVE.search(plain):
        return None if plain.endswith(("with", "by", "for")) else "positive"
    if _EXAMINED.search(plain) or (_COUNTED.search(plain) and re.search("total|node", plain)):
        return "examined"
    return None


def _continues(low: str, end: int, start: int) -> bool:
    """Say whether nothing but an item of the same table stands between two items."""
    between = low[end:start]
    return "\n\n" not in between and not re.search(r"margin|size|\ber\b|\bpr\b|score", between)


def _group(label: str, before: str, inherited: str, named: bool) -> str:
    """Return which nodes an item counts; empty for all of them."""
    inside = group_of(re.sub(r"\([^()]*\)", " ", label))
    if "non" in label and re.search(r"(?<!non)(?<!non-)(?<!non\s)sentinel", label):
        return ""
    if inside:
        return inside
    headings = list(_HEADING.finditer(before))
    if headings and not (named and _COUNTED.search(label) and "\n" in before[headings[-1].end() :]):
        return group_of(headings[-1][0])
    return "" if named else inherited


def tables(found: list[Item]) -> list[list[Item]]:
    """Split items into tables: a number that is told again otherwise begins another one."""
    result: list[list[Item]] = []
    seen: dict[tuple[str, str], int] = {}
    for item in found:
        key = (item.role, item.group)
        if not result or seen.get(key, item.value) != item.value:
            result.append([])
            seen = {}
        seen[key] = item.value
        result[-1].append(item)
    return result


def total_of(table: list[Item]) -> tuple[Row, list[Contradiction]]:
    """Return a table's total, and what in it cannot be true by arithmetic."""
    wrong: list[Contradiction] = []
    spans = tuple((i.start, i.end) for i in table)

    def sayings(role: Role, *, of_all: bool) -> list[Item]:
        return [i for i in table if i.role == role and (i.group == "") == of_all]

    def said(role: Role) -> int | None:
        return next((i.value for i in sayings(role, of_all=True)), None)

    def grouped(role: Role) -> dict[str, int]:
        return {i.group: i.value for i in sayings(role, of_all=False)}

    examined, groups = said("examined"), grouped("examined")
    positive, sick = said("positive"), grouped("positive")
    macro, micro = said("macro"), said("micro")
    if macro is None and micro is None:
        macro, micro = _sum(grouped("macro")), _sum(grouped("micro"))
    if examined is None:
        examined = _sum(groups)
    elif any(count > examined for count in groups.values()):
        wrong.append(Contradiction("nodes_examined", "a group has more nodes than all", spans))
    small = None if macro is None and micro is None else (macro or 0) + (micro or 0)
    if positive is not None and small is not None and _differ(positive, small, macro, micro):
        wrong.append(
            Contradiction(
                "nodes_positive", "macro- and micrometastases are not the positive", spans
            )
        )
    if positive is None:
        positive = small
    if positive is None and sick and (set(groups) <= set(sick) or not groups):
        covered = sum(groups[g] for g in sick if g in groups)
        if not groups or examined is None or covered == examined or said("examined") is None:
            positive = _sum(sick)
    elif positive is not None and any(count > positive for count in sick.values()):
        wrong.append(Contradiction("nodes_positive", "a group has more than all", spans))
    if positive is not None and examined is not None and positive > examined:
        reason = "more positive than examined"
        wrong += [Contradiction(f, reason, spans) for f in ("nodes_positive", "nodes_examined")]
    negative = said("negative")
    if negative is not None and positive is None and examined is not None:
        positive = 0 if negative == examined else None
        if negative < examined:
            wrong.append(Contradiction("nodes_positive", "only the free nodes are counted", spans))
    elif negative is not None and positive is not None and examined is None:
        examined = positive + negative
    isolated = said("isolated")
    group = table[0].group if len({i.group for i in table}) == 1 else ""
    partial = group and positive is not None and examined is not None
    kind: Kind = "part" if partial and not any(i.total for i in table) else "total"
    start, end = min(i.start for i in table), max(i.end for i in table)
    return Row(positive, examined, start, end, 3, kind, isolated, macro, micro, group), wrong


def _sum(counts: dict[str, int]) -> int | None:
    return sum(counts.values()) if counts else None


def _differ(positive: int, small: int, macro: int | None, micro: int | None) -> bool:
    """Say whether a stated positive contradicts its kinds; one of them may be left unsaid."""
    if macro is None or micro is None:
        return small > positive
    return small != positive
