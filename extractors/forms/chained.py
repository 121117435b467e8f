"""Forms that lost their line ends: labels of a protocol one behind the other in one line.

"DCIS: Present Margins: Positive Margin involved: Deep ..." is three cells, and the middle one says
nothing of DCIS. A line with many of the protocols' labels (CAP, RCPath) gets its borders back.
"""

import re
from collections.abc import Iterator

_LYMPH = r"(?:regional |sentinel |axillary )?(?:lymph )?nodes?"
_LABEL = re.compile(
    r"(?<=[\w)%.+])[ \t]+(?P<label>(?:"
    r"procedure|specimen laterality|laterality|tumou?r (?:site|size|focality|extension|extent|"
    r"deposits)|histologic(?:al)? (?:type|grade)|nottingham (?:score|grade)|"
    r"(?:glandular|tubular?|tubule)[\w ()/]{0,40}|nuclear (?:pleomorphism|grade)|"
    r"mitotic (?:rate|count)|overall grade|grade|focality|"
    r"(?:ductal|lobular) carcinoma in situ(?: \([a-z]+\))?|[dl]cis|"
    r"(?:dermal )?(?:lymphatic and ?/ ?or vascular|lymphovascular|lympho-vascular|vascular|"
    r"perineural|venous) invasion|lvi|pni|"
    r"treatment effect(?: in the [a-z ]{4,12})?|"
    r"margin status(?: for [a-z -]{3,30})?|margins? involved|surgical margins|margins?|"
    r"distance (?:from|to|of) [a-z ()/-]{4,60}|closest margins?(?:\(s\))?(?: to [a-z -]{3,30})?|"
    rf"{_LYMPH} (?:status|examined|involved|positive|retrieved)|"
    rf"(?:total )?number of {_LYMPH}[\w ()<>.,-]{{0,60}}|lymph nodes|"
    r"extranodal extension|extracapsular (?:spread|extension)|pathologic(?:al)? stage|"
    r"p[tnm](?: category)?|"
    r"o?estrogen receptor[\w ()]{0,16}|progesterone receptor[\w ()]{0,16}|"
    r"(?:er|pr|pgr|her-?2(?:/neu)?)(?: status| ihc)?|ki-?67(?: index)?"
    r")[ ]?:(?=[ \t]))",
    re.IGNORECASE,
)
# The word before is of the same label: "Total Number of | Lymph Nodes Examined:".
_GOES_ON = re.compile(
    r"\b(?:of|number|total|regional|sentinel|resection|surgical|closest|nearest|the|to|from|for|in|"
    r"and|or|with|invasive|tumou?r|histologic|pathologic|deep|radial)$",
    re.IGNORECASE,
)
_STOP = re.compile(r"[.;](?=\s)")
_FEWEST = 5
"""Labels behind a value that make a line a form; a sentence has no more than one or two."""


def chained_labels(text: str) -> Iterator[int]:
    """Yield where the labels of a form in one line begin, at the space before each."""
    for line in re.finditer(r"[^\n]{120,}", text):
        labels = _LABEL.finditer(text, *line.span())
        # "Distance to the closest resection margin: 6 mm" ends with a word, and begins the label.
        found = [
            match.start()
            for match in labels
            if match["label"][0].isupper()
            and not _GOES_ON.search(text[line.start() : match.start()][-24:])
        ]
        # Where stops part the labels, they are borders enough.
        if len(found) >= _FEWEST and len(_STOP.findall(line[0])) * 3 < len(found):
            yield from found
