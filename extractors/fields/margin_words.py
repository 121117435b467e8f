"""The words that reports use for margins: mentions, edges, components and verdicts."""

import re

from extractors.patterns import rx

EDGE = (
    r"(?:superior mesenteric (?:artery|vein)(?: groove)?|\bsm[av]\b(?: groove)?|"
    r"(?:portal|vascular|vein) groove|(?:common )?bile duct|parenchymal|"
    r"anterior|posterior|superior|inferior|medial|lateral|deep|superficial|proximal|distal|"
    r"radial|circumferential|(?<!anti)(?<!anti-)mesenteric|mesocolic|mesorectal|retroperitoneal|"
    r"uncinate|"
    r"pancreatic|(?:pancreatic )?neck|hepatic duct|basal|base|cranial|caudal|oral|"
    r"aboral|duodenal|gastric|portal vein|vascular|sidewall|bone|peripheral|crm)"
)
_SAME_EDGE = {
    "posterior": "deep",
    "base": "deep",
    "basal": "deep",
    "superficial": "anterior",
    "cranial": "superior",
    "caudal": "inferior",
    "oral": "proximal",
    "aboral": "distal",
    "circumferential": "radial",
    "crm": "radial",
    "mesorectal": "radial",
    "mesocolic": "radial",
    "mesenteric": "radial",
    "superior mesenteric artery": "sma",
    "superior mesenteric artery groove": "sma",
    "smv": "portal vein",
    "smv groove": "portal vein",
    "sma groove": "sma",
    "superior mesenteric vein": "portal vein",
    "superior mesenteric vein groove": "portal vein",
    "portal groove": "portal vein",
    "vascular groove": "portal vein",
    "vein groove": "portal vein",
    "vascular": "portal vein",
    "parenchymal": "pancreatic",
    "common bile duct": "bile duct",
    "neck": "pancreatic",
    "pancreatic neck": "pancreatic",
    "hepatic duct": "bile duct",
}
EDGES = rx(rf"\b{EDGE}(?:(?:\s?[/-]\s?){EDGE})*\b")
_NOUN = (
    r"(?:margins?\b|marg\b|(?:resection|surgical|excision|incision|cut|operative) (?:line|edge|"
    r"border|plane|(?<!cut )surface|level)s?\b|inked (?:\w++ )?(?:edge|surface)s?\b|"
    r"(?:lines?|borders?|edges?|planes?|levels?) of (?:the )?(?:excision|resection|incision)\b)"
)
MARGIN = rx(
    rf"(?:\b(?:(?:surgical|resection|excision\w*|specimen|inked|{EDGE})[\s,/&()-]{{1,4}}"
    rf"(?:(?:and|or) )?){{1,9}}{_NOUN}|"
    rf"{_NOUN})(?: ?\(s\))?(?: of (?:the )?(?:surgical )?(?:resection|excision))?"
    r"(?: (?:status|involvement))?|\b(?:at|to|on|touch\w+) (?:the )?ink\b|"
    r"\bink on (?:the )?tumou?r\b|\bink(?= (?:is |was )?(?:touched|reached|breached) by)|"
    r"(?<!nipple )(?<!skull )\bbase(?= is\b)|\bcrm\b"
)
LISTED = rx(rf"(?:^|\n|\. )[\s-]{{0,6}}{EDGE}(?:[ /]{EDGE})?(?= ?[:=-])")
"""An edge at the head of a line or sentence, below a heading that speaks of margins."""
HEADING = rx(r"margins?\b(?: ?\(s\))?[^\n.;]{0,40}(?:[:;-]|\n)")
OTHER = rx(
    r"\b(?:other|others|remaining|remainder|the rest|rest of|elsewhere|otherwise|opposite)\b"
)
ALL = rx(r"\b(?:all|every|each|both|any)\b")
LCIS = rx(r"\blcis\b|lobular carcinoma[ -]in[ -]?situ|lobular (?:intraepithelial )?neoplasia")
IN_SITU = rx(r"\bdcis\b|in[\s-]{0,2}situ|intraductal|dysplasia|adenoma\b|intraepithelial|panin")
_IN_SITU_NAME = rx(
    r"(?:ductal|lobular|intraductal)? ?carcinoma,? in[\s-]{0,2}situ|"
    r"in[\s-]{0,2}situ (?:ductal |lobular )?(?:adeno)?carcinoma"
)
# Where something lies, not what is at the margin: "DCIS outside of invasive carcinoma".
_ASIDE = rx(
    r"\b(?:outsi[dt]e|away from|adjacent to|next to|associated with|association with|apart from|"
    r"beyond|separate from|admixed with|surrounding)(?: of)? (?:the )?(?:invasive|infiltrating|"
    r"in[\s-]{0,2}situ|dcis)(?: (?:\w++ )?(?:carcinoma|tumou?r|component|disease))*"
)
_INVASIVE = rx(
    r"\binvasive|\binfiltrating|\binvasion|carcinoma|sarcoma|(?<!in situ )\bcancer|\bidc\b|"
    r"\bilc\b"
)
LATER = rx(
    r"\bnew\b|\badditional\b|\bre-? ?exci\w+|\bre-? ?resect\w+|\bfinal\b|\btrue\b|\brevised\b|"
    r"\bshav(?:e|es|ed|ing|ings)\b|\bfurther\b"
)
FINAL = rx(r"\bfinal\b|\btrue\b|\brevised\b|after (?:\w++ ){0,3}(?:re-? ?exci|shav|further exci)")
UNSURE = rx(
    r"(?:cannot|can not|could not|can't|difficult to|unable to)"
    r" (?:be )?(?:\w++ )?(?:assess\w*|determin\w+|evaluat\w+|"
    r"predict\w+|confirm\w*|guarantee\w*|ascertain\w*|exclud\w+|rul\w+|call\w+|consider\w*|"
    r"judg\w+|"
    r"commented|told|stat\w+|interpret\w*)|"
    r"not (?:\w++ )?(?:specified|stated|assess\w+|applicable|evaluable|evaluated|provided|given|"
    r"known|reported|clear (?:if|whether|how)|clearly|certain|sure|interpretable|submitted|"
    r"excluded|ruled out)|"
    r"\bn/a\b|indeterminate|unknown|pending|equivocal|suspicious|suspected|questionabl\w+|"
    r"possibl\w+|"
    r"probabl\w+|uncertain|unclear|\bmay\b|might|\bif\b|whether|awaited|to follow|\?|\bappear\w*|"
    r"deferred|at least (?:\w++ )?close"
)
PLAN = rx(
    r"\b(?:will be|(?<!shown )(?<!found )(?<!felt )to be|should be|would be|"
    r"must be|planned|plan|aims?|intend\w*|"
    r"recommend\w*|advis\w+|request\w*|please|to (?:obtain|achieve|get|ensure|assess|secure|"
    r"clear)|in order to|goal|for (?:margin )?(?:assessment|evaluation|clearance)|if|until|"
    r"rule out|r/o|\? ?(?:positive|involved)|awaited|consider\w*|scheduled|offered|discuss\w*)\b"
)
PAST = rx(
    r"\b(?:previous|prior|outside(?! of\b| the\b)|earlier|initial|original|history of|"
    r"h/o|s/p|status post|"
    r"elsewhere (?:in|at|on)|core biopsy)\b"
)
PAST_AFTER = rx(
    r"\b(?:on|in|at|from|of|by) (?:the |an )?(?:outside|prior|previous|earlier|initial|core|"
    r"original)\b"
)
# A word between: of the margin's own phrase, never of another subject or another verdict.
_STOP = (
    r"(?:but|however|although|except|from|within|away|skin|free|clear|negative|positive|is|are|"
    r"was|were|without|not|no|mm|cm|nodes?|muscle|nipple|fat|lung|liver)\b"
)
_TO = rf"(?:[\s,/()'-]{{1,4}}(?!{_STOP})[a-z][\w/'-]*+){{0,7}}?[\s,/()-]{{1,5}}"
_CANCER = r"(?:adeno)?carcinoma|(?:lipo|leiomyo|myxofibro|fibro|angio)?sarcoma|cancer"
_SUBJECT = rf"(?:tumou?rs?|{_CANCER}|dcis|disease|cells?|foc(?:us|i)|glands|malignancy|neoplasm)"
INVOLVED = rx(
    r"(?P<adj>(?<!un)(?<!un-)(?<!non)(?<!non-)(?<!\w)(?:positive\b(?! for metasta)|"
    r"involved\b(?! area| by (?:metasta|cauter|diatherm|artefact|artifact|benign))|infiltrated\b|"
    r"\+\s?ve\b|transected\b|compromised\b|breached\b|contaminated\b)|"
    r"\bincomplete(?:ly)?(?= (?:excis|resect|remov))|\bincomplete\b(?! (?:report|sampl)))|"
    r"(?P<shows>\b(?:shows?|contains?|reveals?|demonstrates?|harbou?rs?)"
    r" (?:(?!no\b|not\b|without\b|negative\b|free\b|benign\b)[a-z]\w*+ ){0,3}"
    rf"(?:tumou?r|{_CANCER}|malignan\w++|neoplas\w++|dcis)\b(?![\s-]{{0,4}}free))|"
    rf"(?P<verb>\b(?:involv(?:es?|ing)|infiltrat(?:es?|ing)|transects?|transecting|breach(?:es|"
    rf"ing))"
    rf"(?:{_TO}{_NOUN}| (?:the )?ink\b)|"
    r"\b(?:(?:present|seen|identified|found|noted|extend(?:s|ed|ing)?|extension|reach(?:es|ing|"
    r"ed)?|"
    rf"detected|located|focally)"
    r"(?: in (?:the )?(?:\w++ ){0,2}(?:tissue|fat|muscle|stroma|parenchyma))?"
    rf"(?: (?!(?:from|within|but|not|no|free|negative|close|closest|"
    rf"nearest|closer|near|adjacent|next)\b)[a-z]\w*+){{0,2}} "
    rf"(?:at|to|on|into|onto|up to|touching)|(?<!of ){_SUBJECT}(?: is| are)? (?:at|on|"
    rf"touch\w+))(?! within)"
    rf"(?:{_TO}{_NOUN}| (?:the )?ink\b)|"
    rf"\breach(?:es|ed|ing)?{_TO}{_NOUN}|\breach(?:es|ed|ing)? (?:the )?ink\b|"
    rf"(?:tumou?r|{_CANCER}|dcis|cells?)(?: (?:is|are))?(?: \w++)? (?:on|at|"
    r"touch\w+) (?:the )?ink\b|"
    rf"(?:\bink|\binked \w++) (?:(?:is|was) )?(?:touched|reached|breached) by (?:\w++ )?"
    r"(?:tumou?r|carcinoma|dcis|cells)|"
    rf"\bink (?:is )?on (?:the )?(?:tumou?r|{_CANCER}|dcis|cells)|"
    rf"involvement (?:of|at|to){_TO}{_NOUN}|(?<=margin )involvement|"
    r"(?<=margins )involvement)"
)
FREE = rx(
    r"(?P<adj>\bnegative\b|\bfree\b(?! ?text)|\bclear(?:ed|s)?\b(?! ?cell)|\bclean\b|"
    r"\bun-?involved|\bnon-? ?involved|\buninfiltrated|\bunaffected|\bunremarkable|\bdevoid\b|"
    r"\bbenign|\buninvaded|(?<![\w)])\(?-\s?ve\b|\bneg\b)|"
    rf"(?P<none>\bno\b (?:(?!free\b|clear\b|negative\b)\w++ ){{0,4}}"
    rf"(?:tumou?r|{_CANCER}|malignan\w++|neoplas\w++|invasi\w++|"
    r"dysplasia|dcis|disease)\b|"
    rf"\bwithout\b (?:\w++ ){{0,3}}(?:tumou?r|{_CANCER}|neoplas\w++|malign\w++|dcis|disease)|"
    rf"(?:tumou?r|{_CANCER}|dcis|cells?|growth) (?:is |are )?not (?:\w++ )?(?:present|identified|"
    r"seen|"
    r"found|detected)|"
    r"(?<!in)(?<!not )\bcomplete(?:ly)? (?:excis\w+|resect\w+|remov\w+)|"
    r"(?:resected|excised|excision|removed)(?: \w++){0,4} (?:in toto|in sano|healthy tissue)|"
    r"(?<=margins )(?:are )?healthy\b|(?<=margins: )(?:in sano|healthy)\b|(?<=margin: )in sano\b)"
)
CLOSE = rx(r"\bclose\b(?! ?(?:st|to the (?:skin|nipple)))|\bnarrow\b")
DENIED_BEFORE = rx(
    r"\b(?:no|not|non|without|never|neither|nor|none of(?: the)?|absence of|lack of|lacks|cannot|"
    r"fails? to|failed to|negative for|free of|free from|doesn't|isn't|aren't|uninvolved by|"
    r"nowhere|nil)(?:[\s/-]+(?!(?:but|however|although|except|unless|only|"
    r"margins?)\b)[\w(][\w)'/-]*+)"
    r"{0,8}[\s,/(-]*\Z"
)
DENIED_ADJECTIVE = rx(
    r"\b(?:not|never|nor|isn't|aren't|wasn't|weren't|hardly|far from|nowhere|no longer)"
    r"(?: (?:completely|entirely|all|microscopically|fully|found|shown|considered|called|to|be|"
    r"been|"
    r"being|being|reported|judged|regarded|as|by|seen|tumou?r|in|any\w*|any|way)){0,4}[\s,:-]*\Z"
)
DENIED_MENTION = rx(
    r"\b(?:no|none of|neither|nor|not (?:any|one)|not a single|zero)(?: (?:of|the|these|any|one|"
    r"single|"
    r"surgical|resection|inked|excision|specimen|inked|positive|involved|microscopically|close|"
    r"or)){0,4}"
    r"[\s(]*\Z"
)
DENIED_AFTER = rx(
    rf"^(?:[\s,(-]*(?:(?:by|with|of|at|on|in) )?(?:recurrent|invasive|in[\s-]situ|"
    rf"{_CANCER}|tumou?r|"
    r"malignancy|dcis|component|disease|or|and|the|any|either|is|are|was|were|has|have|been|be|"
    r"lateral|[a-z]+ margins?|\((?:invasive|dcis)\)))"
    r"{0,9}[\s:,(=-]{0,4}(?:not\b|no\b(?! \.)|none\b|absent|nil\b|excluded|ruled out|denied|"
    r"negative|never|false|0\b(?! ?[.,%m]))"
)
ANSWER = rx(
    rf"^(?: ?\(s\))?(?: by (?:the )?(?:\w++[\s-]){{0,5}}?(?:{_CANCER}|component|tumou?r|dcis|"
    r"disease))?(?: component)?(?: ?\([^)]{0,30}\))? ?[:?]\s{0,3}(?P<v>[^\n.;]{0,60})"
)
ANSWER_YES = rx(
    r"^[\s-]*(?:yes|focal|diffuse|multifocal|present|positive|extensive|"
    r"all\b(?! (?:\w++ ){0,3}margins? (?:are |is )?(?:un|not|neg|free|clear))|"
    rf"one|two|three|"
    rf"involved|\w++ \(|(?:the |at |left |right |new |final )*{EDGE})"
)
ANSWER_NO = rx(
    r"^[\s-]*(?:no\b|none|absent|nil\b|not |negative|n\b|uninvolved|free|"
    r"(?:0|zero)\b(?! ?[cm]m|[.,/]\d)|"
    r"all (?:\w++ ){0,3}margins? (?:are |is )?(?:un|not|neg|free|clear))"
)
_FOREIGN = rx(
    r"lymph|\bnodes?\b|receptor|\ber\b|\bpr\b|her-?2|perineural|(?:vascular|venous) inva|nipple|"
    r"\bskin\b|muscle|extranodal|metasta|omentum|appendix|ovar|spleen|liver|fallopian|"
    r"biopsy site|axilla|calcification|stain|\bki\b|eic\b|frozen|cytokeratin|breast tissue|"
    r"parenchyma"
)
_NOT_A_MARGIN = rx(
    r"margins? (?:is |are |was |were |have been |has been |of (?:the )?(?:specimen )?)?(?:inked|"
    r"painted|marked|shaved|submitted|designated|oriented|sampled|labell?ed)|cassette|"
    r"gland margin|pushing|infiltrating margin|tumou?r margins?\b|lesion margin|irregular margin|"
    r"ill-defined|well-defined|circumscribed|margins? (?:of|around) (?:the )?(?:tumou?r|mass|"
    r"lesion|liver)|"
    r"(?:spiculated|indistinct|smooth|lobulated|obscured|infiltrative|well|anal|costal) margins?"
)


EXAMINED_IN_THEATRE = rx(
    r"\bfrozen\b|\bfsb?\d|reported to (?:the )?surgeon|gross margins?|grossly (?:free|clear|"
    r"negative|involved|positive)|"
    r"touch prep|"
    r"intra-?operative"
)
LABEL = rx(
    r"^ by (?:invasive|invas\w+|in[\s-]situ)(?: (?:percent|distance|of|"
    r"\w++)){0,3} component ?[:;.]"
    r"\s{0,3}(?P<v>[^\n.;:]{0,40})|^ by (?:invasive|in[\s-]situ)\b[^:]{0,60}component"
)


_PART = rx(
    r"\b(?!(?:surgical|final|residual|additional|initial|original|actual|several|total|partial|"
    r"microscopic|macroscopic|histologic|pathologic|histological|pathological)\b)"
    r"(?P<part>[a-z]{3,}(?:al|ar|ic|ous)(?:\s(?:vein|artery|duct|nerve|vessels?|stump))?)\s(?:(?:resection|surgical|excision)\s)?margins?\b"
)


def part_named(segment: str) -> frozenset[str]:
    """Return the organ that names a margin ("jejunal margin"): an edge like another."""
    found = _PART.search(segment)
    return frozenset({found["part"]}) if found else frozenset()


_MEASURED = rx(
    rf"(?:closest|nearest)(?: \w++){{0,3}}? ?\(?{EDGE}(?:(?:\s?[/,(-]\s?| and ){EDGE}\)?)*|"
    rf"\d\s?[cm]m ?(?:away )?(?:from|to|of) (?:the )?(?:\w++ ){{0,2}}?{EDGE}"
    rf"(?:(?:\s?[/,(-]\s?| and ){EDGE}\)?)*"
)


def edges_judged(segment: str) -> frozenset[str]:
    """Return the edges that a verdict "free" is about, not those that only a distance is to."""
    return edge_names(_MEASURED.sub(" ", segment))


def edge_names(text: str) -> frozenset[str]:
    """Return the edges that `text` names, each under one name (base and posterior: deep)."""
    found = set()
    for match in EDGES.finditer(text):
        parts = {" ".join(p.split()) for p in re.split(r"[/-]", match[0])}
        found.add("-".join(sorted(_SAME_EDGE.get(part, part) for part in parts)))
    return frozenset(found)


def component_of(text: str) -> str | None:
    """Return "invasive" or "in_situ" where `text` names one of them, None for both or neither.

    "lcis" where it names lobular carcinoma in situ alone, whose margin counts for nothing (CAP).
    """
    text = _ASIDE.sub(" ", text)
    without = _IN_SITU_NAME.sub(" dcis ", LCIS.sub(" ", text))
    in_situ = IN_SITU.search(without) is not None
    invasive = _INVASIVE.search(without) is not None
    if not in_situ and not invasive and LCIS.search(text):
        return "lcis"
    if in_situ == invasive:
        return None
    return "in_situ" if in_situ else "invasive"


def is_foreign(text: str) -> bool:
    """Say whether `text` speaks of something that has no resection margin of this tumour."""
    return _FOREIGN.search(text) is not None


def is_no_margin(text: str) -> bool:
    """Say whether the margin in `text` is ink, a block, or the outline of the tumour itself."""
    return _NOT_A_MARGIN.search(text) is not None


def has_component(text: str) -> bool:
    """Say whether `text` names a component at all, one or both."""
    return bool(IN_SITU.search(text) or _INVASIVE.search(text))
