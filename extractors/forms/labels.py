"""Labels: the words that protocols print before a value, each bound to the label that is read.

One row a label: the words that the fields' patterns know, and the words of other protocols (CAP;
ICCR and RCPath datasets; forms of Indian laboratories; English forms of Chinese hospitals). A cell
of a table that is one of these is a label even without a colon. To teach a new one, add its words.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from extractors.forms.answers import likeness

_NODES = r"(?:lymph )?nodes"
_NUMBER = r"(?:total )?(?:number of |no\. of )?"

LABELS: tuple[tuple[str, str], ...] = (
    ("Estrogen receptor", r"o?estrogen receptors?(?: \(er\))?|er(?: \(ihc\)| by ihc)?"),
    (
        "Progesterone receptor",
        r"progesterone receptors?(?: \((?:pr|pgr)\))?|(?:pr|pgr)(?: \(ihc\)| by ihc)?",
    ),
    ("HER2 (IHC)", r"her[ -]?2(?:[ /]?neu)?(?: \(ihc\)| by ihc| ihc)"),
    ("HER2", r"her[ -]?2(?:[ /]?neu)?|c-?erb-?b-?2"),
    ("HER2 ISH", r"her[ -]?2[ -]?(?:fish|ish|dish|gene)"),
    ("Ki-67", r"ki[ -]?67(?: index| \(%\))?|mib-?1"),
    (
        "Histologic grade",
        r"(?:(?:histologic(?:al)?|histopathological|nottingham|overall|sbr|mbr) )?(?:tumou?r )?"
        r"(?:grade|grading)|(?:modified )?bloom[ -]richardson grade",
    ),
    (
        "Tumor size",
        r"(?:maximum |invasive )*(?:tumou?r )?(?:size|diameter|dimensions?)|greatest dimension|"
        r"size of (?:the )?(?:invasive )?(?:tumou?r|carcinoma)",
    ),
    (
        "Lymph nodes examined",
        rf"{_NUMBER}{_NODES} (?:examined|retrieved|dissected|isolated|sampled|harvested)",
    ),
    (
        "Lymph nodes positive",
        rf"{_NUMBER}(?:(?:positive|involved|metastatic) {_NODES}|"
        rf"{_NODES} (?:positive|involved|with metastas[ie]s))",
    ),
    (
        "Margins",
        r"(?:surgical |resection |excision |cut |specimen |circumscribed )*margins?(?: status)?",
    ),
    (
        "Distance from closest margin",
        r"(?:distance (?:to|from) )?(?:closest|nearest) margin(?: distance)?",
    ),
    (
        "Lymphovascular invasion",
        r"lympho?[- /]?(?:atic and )?vascular (?:space )?invasion|lvi|lvsi|vascular invasion",
    ),
    ("Perineural invasion", r"perineural (?:invasion|infiltration)|pni|neural invasion"),
    ("Ductal carcinoma in situ", r"ductal carcinoma in situ(?: \(dcis\))?|dcis"),
    ("Histologic type", r"histologic(?:al)? (?:tumou?r )?type|tumou?r type"),
    ("pT", r"pt(?: category| stage)?"),
    ("pN", r"pn(?: category| stage)?"),
    ("Laterality", r"(?:specimen )?laterality|side"),
)

# Labels that no pattern of a field reads as they are printed.
_UNREAD = re.compile(
    r"(?P<margins>circumscribed margin status)|(?P<grade>grading)(?=\s*:|$)|"
    r"(?P<nodes>(?:lymph )?nodes isolated)",
    re.IGNORECASE,
)
_KNOWN = {"margins": "Margins", "grade": "Histologic grade", "nodes": "Lymph nodes examined"}
_UNREAD_LINE = re.compile(rf"^[ \t]*(?P<words>{_UNREAD.pattern})(?=\s*:)", re.I | re.M)
# As forms print them most: what a scan's labels are compared with.
_PRINTED = (
    "estrogen receptor", "oestrogen receptor", "oestrogen receptor (er)", "progesterone receptor",
    "progesterone receptor (pr)", "ER status", "histologic grade", "histological grade",
    "nottingham grade", "tumor size", "tumour size", "resection margins", "surgical margins",
    "excision margins", "margins", "lymphovascular invasion", "lymph-vascular invasion",
    "perineural invasion", "ductal carcinoma in situ", "histologic type", "lymph nodes examined",
    "lymph nodes positive",
)  # fmt: skip
# The first word of a label, where it is none of another one's: OCR lost what follows.
_HEADS = {
    "estrogen": "Estrogen receptor", "oestrogen": "Estrogen receptor",
    "progesterone": "Progesterone receptor", "nottingham": "Histologic grade",
    "lymph-vascular": "Lymphovascular invasion", "lymphovascular": "Lymphovascular invasion",
    "perineural": "Perineural invasion",
}  # fmt: skip
_SHORT_NAMES = ("pgr", "her2", "lvi", "pni")
_SHORTEST, _ALIKE = 6, 0.85
_FIRST = 6
_STRAY = " \t.:;,*_'\"\u2018\u2019\u201c\u201d{}[]()|/\u25a8\u2296\u229a"
_LINE_LABEL = re.compile(r"^[ \t]*(?P<words>[^\W\d_][\w ()/-]{4,40}?)[ \t]*(?=:)", re.MULTILINE)
_LABEL = re.compile("|".join(f"(?:{words})" for _, words in LABELS), re.IGNORECASE)
_LONGEST_SPECK, _MOST_SPECKS, _LONGEST_LABEL = 2, 4, 60
# Signs around a label, not the brackets that belong to it.
_AROUND = re.compile(r"^[^\w(]+|[^\w)]+$|_+$")


def is_label(words: str) -> bool:
    """Say whether words are a label and nothing else."""
    bare = re.sub(r"\s+", " ", words.strip(" \t.:*-")).removesuffix(" status")
    return _LABEL.fullmatch(bare) is not None


def respelled(words: str) -> str:
    """Return the label that a misspelled one of a scan must be; as it is where that is not plain.

    Short names stay: between `ER` and `PR` is one letter.
    """
    low = re.sub(r"\s+", " ", words.strip(" \t.:*-'\u2018\u201c").lower())
    if is_label(low):
        return words
    whole = _without_spaces(low)
    if whole:
        return whole
    if len(low) < _SHORTEST:
        return words
    best = max(_PRINTED, key=lambda one: likeness(one.lower(), low))
    return best[0].upper() + best[1:] if likeness(best.lower(), low) >= _ALIKE else words


def scanned_label(words: str) -> str:
    """Return the label that stands before the answers of a scanned line, as fields read it.

    What OCR made of its colon or of a speck is no part of it: signs, a letter or two behind it, a
    number where none is asked for. Words that are no known label stay as they are.
    """
    bare = _AROUND.sub("", words)
    if bare.count(")") > bare.count("("):
        bare = bare.rstrip(") ")
    tokens = bare.split() if len(bare) <= _LONGEST_LABEL else []
    for _ in tokens[:_MOST_SPECKS]:
        some = " ".join(tokens)
        label = respelled(some)
        if label != some or is_label(some):
            return label.rstrip(" :")
        speck = len(tokens[-1]) <= _LONGEST_SPECK
        if not speck or (not tokens[-1].isalpha() and not _asks_for_words(tokens[:-1])):
            break
        tokens.pop()
    return bare


def _asks_for_words(tokens: Sequence[str]) -> bool:
    """Say whether a label asks for a word: what stands behind it as a number is none of its own."""
    label = " ".join(tokens)
    return (
        re.search(r"receptor|margin|invasion|in situ", f"{label} {respelled(label)}", re.I)
        is not None
    )


def _without_spaces(words: str) -> str:
    """Return the label that words are but for their spaces, torn or glued; "" for none."""
    tight = "".join(words.split()).removesuffix("status")
    return next((label for label, pattern in _tight() if pattern.fullmatch(tight)), "")


@cache
def _tight() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((label, re.compile(words.replace(" ", ""))) for label, words in LABELS)


def named_in(line: str) -> list[str]:
    """Return the labels among the first words of a scanned line, the longest first."""
    found: list[str] = []
    words = [word.strip(_STRAY) for word in line.split()]
    words = [word for word in words if word][:_FIRST]
    for count in (3, 2, 1):
        for at in range(len(words) - count + 1):
            some = " ".join(words[at : at + count])
            label = _HEADS.get(some.lower()) or _short(some) or respelled(some)
            if label != some or is_label(some):
                found.append(label)
    return found


def _short(word: str) -> str:
    """Return the short name that a word is but for one letter; "" where it is not plain."""
    low = word.lower()
    near = [
        name
        for name in _SHORT_NAMES
        if len(name) == len(low) and sum(a != b for a, b in zip(name, low, strict=True)) == 1
    ]
    return near[0].upper() if len(near) == 1 else ""


def misspelled(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the labels of a scan's lines that are spelled like one that is known, with that one."""
    for match in _LINE_LABEL.finditer(text):
        label = respelled(match["words"])
        if label != match["words"]:
            yield *match.span("words"), label


def known(words: str) -> str:
    """Return the label that the fields read for the one that is printed."""
    match = _UNREAD.fullmatch(words.strip())
    return _KNOWN[str(match.lastgroup)] if match else words


def unread(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the labels of lines that no field knows, with the label that is read for each."""
    for match in _UNREAD_LINE.finditer(text):
        yield *match.span("words"), known(match["words"])
