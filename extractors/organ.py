"""Which organ a document speaks of, so that another organ's report proposes nothing."""

import re
from collections.abc import Iterable

from extractors.context import polarity
from extractors.patterns import rx
from extractors.reading import Reading
from extractors.searched import Pattern
from extractors.spans import Cover
from extractors.specimens import find_items

# organ -> (words, weight of one mention). Procedures and diagnoses weigh more than anatomy.
_WORDS: dict[str, tuple[tuple[str, float], ...]] = {
    "breast": (
        (r"mastectomy|lumpectomy|quadrantectomy|tylectomy", 5),
        (r"\bbreast|mammar", 2),
        (r"axilla(?:ry)?\b", 1.2),
        (r"(?:invasive|infiltrating)[\s,]+(?:\w++ )?(?:duct(?:al)?|lobular)\b", 3),
        (
            r"\bdcis\b|ductal carcinoma|lobular carcinoma|duct carcinoma|nottingham|bloom|elston",
            2.5,
        ),
        (r"estrogen receptor|progesterone receptor|her-?2", 1),
    ),
    "pancreas": (
        (r"whipple|pancreatico-?duodenectomy|pancreatectomy|pancreato-?duodenectomy", 5),
        (r"pancrea(?:s|tic)", 2),
        (r"uncinate|wirsung|peripancreatic|\bpanin", 1.5),
    ),
    "stomach": (
        (r"gastrectomy|esophago-?gastrectomy", 5),
        (r"\bstomach|gastric\b", 2),
        (
            r"lesser curvature|greater curvature|antrum|antral|pylor|cardia\b|"
            r"perigastric|gastro-?o?esophageal|lauren",
            1.5,
        ),
    ),
    "rectum": (
        (r"carcinoma (?:of|in) (?:the )?(?:\w++ )?rect\w++|rectal (?:adeno-?)?carcinoma", 3.5),
        (
            r"\blow anterior resection|abdomino-?perineal|\blar\b|proctectomy|"
            r"proctocolectomy|rectal resection|recto-?sigmoid\w*|mesorect\w++|hartmann",
            4,
        ),
        (r"\brect(?:um|al)", 2.2),
        (r"\banal\b|dentate|levator|perirectal", 1.0),
    ),
    "colon": (
        (r"large intestine|large bowel", 2.5),
        (
            r"carcin[o0]?ma (?:of|in) (?:the )?(?:\w++\s)?(?:colon|sigm\w++|c[a]?ecum)|"
            r"(?:resected|of the|in the) sigma\b|\bsigma (?:\w++ )?(?:adeno)?carcinoma|"
            r"(?:colonic|colic|colo-?rectal|colon|sigmoid|"
            r"c[a]?ecal) (?:adeno-?)?carcinoma|(?:resected|"
            r"resection of (?:the )?) ?(?:colon|large intestine|large bowel)",
            3.5,
        ),
        (
            r"(?:hemi|sub-?total )?-?colectomy|ileo-?colectomy|sigmoid resection|"
            r"right colon|left colon",
            3.5,
        ),
        (
            r"\bcolon(?:ic)?|\bsigmoid|c[a]?ec(?:um|al)\b|hepatic flexure|"
            r"splenic flexure|ascending|descending colon|transverse colon|"
            r"large intestine|large bowel|colo-?rectal|\bileum\b|appendix|pericolic|"
            r"pericolonic|mesocol\w++|bauhin",
            1.3,
        ),
    ),
    "soft_tissue": (
        (
            r"(?<!carcino)(?<!glio)sarcoma(?!toid)|fibrous histiocytoma|nerve sheath|"
            r"desmoid|fibromatosis|\bmpnst|liposarcoma",
            6,
        ),
        (
            r"soft tissue(?! (?:margin|invasion|extension))|retroperitone(?:um|"
            r"al) (?:mass|tumou?r|sarcoma)|spindle cell|thigh|forearm|fnclcc",
            1.2,
        ),
    ),
    "gynaecological": (
        (
            r"ovary,? (?:left|right)[^.]{0,40}carcinoma|(?:ovarian|endometrial|"
            r"cervical) (?:(?:adeno)?carcinoma|primary|cancer)",
            6,
        ),
        (r"hysterectomy|oophorectomy|salpingo", 3),
        (
            r"\buter(?:us|ine)|endometri\w++|\bcervix|\bovar(?:y|ian|ies)|fallopian|"
            r"myometri\w++|vagina|vulva|parametri",
            1.2,
        ),
        (
            r"serous (?:\w++ )?(?:adeno|cyst|papillary )*carcinoma|endometrioid|"
            r"cystadenocarcinoma|m[uü]llerian",
            4,
        ),
    ),
    "other": (
        (
            r"lobectomy|pneumonectomy|craniotomy|nephrectomy|prostatectomy|"
            r"thyroidectomy|cystectomy|hepatectomy|orchiectomy|esophagectomy|"
            r"laryngectomy|segmentectomy|wedge resection",
            4,
        ),
        (
            r"\blungs?\b|pulmonary|bronch\w++|pleura\w*|\bbrain|glio\w++|astrocyt\w++|"
            r"mening\w++|cerebr\w++|temporal|frontal lobe|upper lobe|lower lobe|"
            r"middle lobe|hilar|mediastin\w++|thyroid|prostat\w++|\bkidney|\brenal\b|"
            r"\btestis|testic\w++|seminoma|thym\w++|larynx|tongue|tonsil|hepatocellular|"
            r"cholangiocarcinoma|urotheli\w++|mesothelio\w++|melanoma|lymphoma|leukemia|"
            r"esophag(?:us|eal) (?:carcinoma|squamous|tumou?r)",
            1.6,
        ),
    ),
}
WORDS = {
    organ: tuple((rx(words), weight) for words, weight in rows) for organ, rows in _WORDS.items()
}
del _WORDS  # Hundreds of words, which live on in the patterns.
OURS = ("breast", "pancreas", "stomach", "rectum", "colon", "soft_tissue")
MINIMUM = 2.5
MINIMUM_OF_LETTERS = 1.5
# Enough in a short report that names no other organ.
_ALONE = 1.2
_STATED_SITE = 5.0
_THEN_METASTATIC = rx(r"[^:;]{0,50}[-:.]\s{0,3}metastatic")
_METASTATIC = rx(r"metasta\w++[^.;]{0,50}$")


# What lay beside the tumour and came along with it: its items weigh little.
_COMPANION = 0.1
_MALIGNANT = rx(
    r"carcin[o0]ma|sarcoma(?!toid)|\bcancer|malignan\w++|lymphoma|melanoma|"
    r"\bdcis\b|\bp ?t ?[1-4]"
)
# A tumour of these organs, and not only the organ in a bag with another's tumour.
_GYNAECOLOGICAL = rx(
    r"(?:ovar(?:y|ian)|endometri(?:al|um|oid)|cervi(?:x|cal)|uter(?:us|ine)|vagin(?:a|al)|"
    r"vulvar?|tubal|fallopian|m[uü]llerian)[^.;]{0,60}(?:carcinoma|cancer|malignan)|"
    r"(?:carcinoma|cancer|malignan\w++)[^.;]{0,40}(?:ovar(?:y|ian)|endometri(?:al|um)|cervi(?:x|cal)|"
    r"uter(?:us|ine)|vagin(?:a|al)|vulva)|serous (?:\w++ )?(?:adeno|papillary )?carcinoma|"
    r"endometrioid (?:adeno)?carcinoma|serous cystadenocarcinoma"
)
_SPREADING = rx(r"metasta|invad|involv|extend|infiltrat|adher")
_OWN_TUMOUR = 3.0


def _companions(reading: Reading) -> Cover:
    """Return the items of the diagnosis without a tumour, where another item has one."""
    spans: list[tuple[int, int]] = []
    for section in reading.sections:
        if section.name not in {"diagnosis", "header", "synoptic"}:
            continue
        items = find_items(reading.low, section.start, section.end)
        if len(items) < 2:
            continue
        ill = {item for item in items if _is_malignant(reading, *item)}
        if ill:
            spans += [item for item in items if item not in ill]
    return Cover(spans)


def _is_malignant(reading: Reading, start: int, end: int) -> bool:
    return any(
        polarity(reading, match.start(), match.end(), bare="present") == "present"
        for match in _MALIGNANT.finditer(reading.low, start, end)
    )


def _has_gynaecological(reading: Reading) -> bool:
    """Say whether a tumour of these organs is affirmed, other than one spreading into them."""
    return any(
        polarity(reading, match.start(), match.end(), bare="present") == "present"
        and not _SPREADING.search(match[0])
        for match in _GYNAECOLOGICAL.finditer(reading.low)
    )


def _score(reading: Reading, rows: Iterable[tuple[Pattern, float]], companions: Cover) -> float:
    total = 0.0
    for words, weight in rows:
        seen = 0.0
        for match in words.finditer(reading.low):
            section = reading.section_at(match.start())
            share = {"clinical": 0.6, "gross": 0.5, "intraoperative": 0.5}.get(section.name, 1.0)
            before = reading.low[max(0, match.start() - 60) : match.start()]
            elsewhere = _METASTATIC.search(before) or _THEN_METASTATIC.match(
                reading.low, match.end()
            )
            if elsewhere:
                share *= 0.3
            if companions.holds(match.start()):
                share *= _COMPANION
            seen += share
        total += weight * min(seen, 8.0)
    return total


def organ_of(reading: Reading, minimum: float = MINIMUM) -> str:
    """Return the organ that the document is about, "other" when none of ours prevails.

    `minimum` is the weight of words that it takes; short letters say less than reports.
    """
    companions = _companions(reading)
    scores = {organ: _score(reading, rows, companions) for organ, rows in WORDS.items()}
    for match in _TUMOUR_SITE.finditer(reading.low):
        for organ, rows in WORDS.items():
            if any(words.search(match["site"]) for words, _ in rows):
                scores[organ] += _STATED_SITE
    if _has_sarcoma(reading):
        scores["soft_tissue"] *= 2.5
        scores["gynaecological"] *= 0.4
    organ = max(scores, key=lambda name: scores[name])
    companion = organ == "gynaecological" and not _has_gynaecological(reading)
    if companion and any(_names_tumour(reading, name) for name in OURS):
        scores[organ] *= 0.2
        organ = max(scores, key=lambda name: scores[name])
    # Colon and rectum share words: together they outweigh others, then they are told apart.
    kin = {"colon", "rectum"} if organ in {"colon", "rectum"} else {organ}
    own = sum(scores[name] for name in kin)
    second = max(score for name, score in scores.items() if name not in kin)
    alone = own >= _ALONE and own >= 3 * second
    if own < minimum and not alone:
        return "other"
    if organ in {"colon", "rectum"}:
        return _bowel(reading, scores)
    return organ


def _names_tumour(reading: Reading, organ: str) -> bool:
    """Say whether an operation on `organ`, or a tumour of it, is named outside the history."""
    return any(
        reading.section_at(match.start()).name != "clinical"
        for words, weight in WORDS[organ]
        if weight >= _OWN_TUMOUR
        for match in words.finditer(reading.low)
    )


_SARCOMA = rx(
    r"(?<!carcino)(?<!carcino-)(?<!glio)(?<!glio-)sarcoma(?!toid)|"
    r"malignant fibrous histiocytoma|nerve sheath tumou?r|\bmpnst"
)


def _has_sarcoma(reading: Reading) -> bool:
    """Say whether a sarcoma is affirmed outside the history, other than a carcinosarcoma."""
    return any(
        polarity(reading, m.start(), m.end(), bare="present") == "present"
        for m in _SARCOMA.finditer(reading.low)
        if reading.section_at(m.start()).name not in {"clinical", "intraoperative"}
    )


_TUMOUR_SITE = rx(
    r"(?:tumou?r (?:site|location)|site of tumou?r|"
    r"location(?: of (?:the )?tumou?r)?|primary site|"
    r"anatomic site)\s?[:;-]\s?(?P<site>[^.\n;]{3,60})"
)


def _bowel(reading: Reading, scores: dict[str, float]) -> str:
    """Tell rectum from colon: the stated site of the tumour first, then the balance of words."""
    for match in _TUMOUR_SITE.finditer(reading.low):
        site = match["site"]
        if re.search(r"rect(?:um|al)|recto-?\s?sig", site):
            return "rectum"
        if re.search(r"sigmoid|colon|c[a]?ecum|flexure|ascending|transverse|descending", site):
            return "colon"
    return "rectum" if scores["rectum"] * 1.3 >= scores["colon"] else "colon"


_RECURRENCE = rx(r"\brecurren(?:t|ce)|re-?recurren\w++")
_RETROPERITONEUM = rx(r"retroperiton\w++|para-?aortic|psoas|perirenal|\bkidney|mesenter\w++")


def site_of(reading: Reading, organ: str) -> str | None:
    """Return the `disease.site` that the document settles by itself, or None.

    A rectal or gynaecological recurrence is a site of its own; a soft-tissue tumour counts as
    retroperitoneal only where the text says so.
    """
    recurrent = any(
        polarity(reading, m.start(), m.end(), bare="present") == "present"
        for m in _RECURRENCE.finditer(reading.low)
    )
    if organ == "rectum":
        return "pelvic_recurrence" if recurrent else "rectum_primary"
    if organ == "gynaecological":
        return "gyn_recurrence" if recurrent else None
    if organ == "soft_tissue":
        return "retroperitoneum" if _RETROPERITONEUM.search(reading.low) else None
    return organ if organ in {"breast", "pancreas", "stomach"} else None


def organ_words(reading: Reading, organ: str) -> tuple[int, int]:
    """Return the span of the first words that speak for `organ`."""
    for words, _ in WORDS.get(organ, ()):
        match = words.search(reading.low)
        if match:
            return match.span()
    return 0, min(40, len(reading.low))
