"""Labels: the words that protocols print before a value, each bound to the label that is read.

One row a label: the words that the fields' patterns know, and the words of other protocols (CAP;
ICCR and RCPath datasets; forms of Indian laboratories; English forms of Chinese hospitals). A cell
of a table that is one of these is a label even without a colon. To teach a new one, add its words.
"""

import re
from collections.abc import Iterator

_NODES = r"(?:lymph )?nodes"
_NUMBER = r"(?:total )?(?:number of |no\. of )?"

LABELS: tuple[tuple[str, str], ...] = (
    ("Estrogen receptor", r"o?estrogen receptors?(?: \(er\))?|er(?: \(ihc\)| by ihc)?"),
    (
        "Progesterone receptor",
        r"progesterone receptors?(?: \((?:pr|pgr)\))?|(?:pr|pgr)(?: \(ihc\)| by ihc)?",
    ),
    ("HER2", r"her[ -]?2(?:[ /]?neu)?(?: \(ihc\)| by ihc| ihc)?|c-?erb-?b-?2"),
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
_LABEL = re.compile("|".join(f"(?:{words})" for _, words in LABELS), re.IGNORECASE)


def is_label(words: str) -> bool:
    """Say whether words are a label and nothing else."""
    bare = re.sub(r"\s+", " ", words.strip(" \t.:*-")).removesuffix(" status")
    return _LABEL.fullmatch(bare) is not None


def known(words: str) -> str:
    """Return the label that the fields read for the one that is printed."""
    match = _UNREAD.fullmatch(words.strip())
    return _KNOWN[str(match.lastgroup)] if match else words


def unread(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the labels of lines that no field knows, with the label that is read for each."""
    for match in _UNREAD_LINE.finditer(text):
        yield *match.span("words"), known(match["words"])
