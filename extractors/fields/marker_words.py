"""The words of biomarkers: their names, and the ways in which reports state a result.

To add a marker, add a row to `MARKERS`.
"""

import re

from extractors.forms.stated import BORDER
from extractors.patterns import rx

# marker, its names in lower case, names that count only when written in capitals
MARKERS: tuple[tuple[str, str, str], ...] = (
    (
        "er",
        r"o?estr[o0]gen[es]?(?:[-\s]{0,2}receptors?)?(?: protein)?(?: ?\(e\.?r\.?a?\))?",
        r"\be\.r\.|\be\.?r\.?a?\b(?:-?alpha)?|\ber(?=\d{1,3}\s?[%/]|"
        r"[0-8](?:\s?[,;/]|\s{1,2}(?:pg?r|her)))",
    ),
    (
        "pr",
        r"\bpgr\b|"
        r"progest[eo]r[o0]n\w{0,2}(?:[-\s]{0,2}receptors?)?(?: protein)?(?: ?\(p\.?g?r\.?a?\))?",
        r"\bp\.(?:g\.?)?r\.|\bp\.?g?r\.?a?\b|\bpg?r(?=\d{1,3}\s?[%/]|"
        r"[0-8](?:\s?[,;/.]|\s{1,2}(?:er|her|ki)))",
    ),
    (
        "her2",
        r"\bher[\s-]{0,3}2(?:[\s/-]{0,3}\(?neu\)?)?(?: ?\(?c-?erb-?b-?2\)?)?(?: "
        r"(?:protein|oncoprotein|oncogene))?|c-?erb[-\s]?b-?2|\berbb-?2\b|"
        r"hercep[\s-]?test(?: tm)?|\bherz\b|\bher[\s-]{0,2}neu",
        r"\bneu\b|\bh2n\b",
    ),
    ("ki67", r"\bki[\s-]{0,2}67|\bmib[\s-]?[1l]\b", r""),
    (
        "ish",
        r"\bfish\b|\bcish\b|\bsish\b|\b(?:d-?)?dish\b|in[\s-]situ hybridi[sz]ation|"
        r"gene amplification|her-?2 gene|\b(?:cep|cen|chr(?:omosome)?)[\s-]?17",
        r"\bish\b",
    ),
    (
        "other",
        r"\bp53\b|\be-?cadherin|\begfr\b|cytokeratin|\bck ?\d|\bdna\b(?: index|"
        r" ploidy)?|s-phase|\bp63\b|synaptophysin|chromogranin|\bcd ?\d{2,3}|"
        r"\bgcdfp|mammaglobin|androgen receptors?",
        r"\bar\b",
    ),
)
OUTER_PLUS = re.compile(
    r"^(?P<glued>\+(?![+\d]))|^[\s:=]{0,3}\(?(?P<plus>\+{2,3}+(?!\s?\d|\+)|\+(?!\+|\s?ve|\s?\d))"
)
"""Plus signs behind HER2: a glued one is a verdict, two and three are scores, a lone one either."""

_BEGINNING = (
    r"(?=e(?:str[o0]|\.?r|rb|-?cad|gfr)|oestr|p(?:\.?r|\.?g|5|6|rogest)|h(?:er|2n)|"
    r"c(?:-?erb|ish|ep|en|hr|yto|k|d)|neu|ki|mib|fish|sish|d(?:-?dish|ish|na)|i(?:sh|n)|gene|"
    r"s(?:-ph|yna)|gcd|mamm|a(?:ndro|r))"
)
"""How the names begin: looked at first, nine places of ten need no more."""

MARKER = rx(
    _BEGINNING
    + "(?:"
    + "|".join(
        f"(?P<{n}_{k}>{p})"
        for n, low, caps in MARKERS
        for k, p in (("low", low), ("caps", caps))
        if p
    )
    + ")"
)
JOINT = re.compile(
    r"^(?!\s?(?:\+|-\s?/))[\s,/&+-]{0,4}(?:(?:and|or|nor|as well as|receptors?|protein|status|"
    r"\(\w{1,4}\)|immuno\w++|for)[\s,/&-]{0,3}){0,3}$"
)
_SIGNED_WORD = r"\+ ?ve\b|- ?ve\b|\++|-(?!\s?\w)|pos\w*|neg\w*|equivocal"
_TOKEN = (
    rf"(?:{_SIGNED_WORD}|[0-3]\s?\+|\d{{1,3}}\s?%|[0-8]\s?/\s?8\b|"
    r"\d{1,3}(?=\s?/\s?\d{1,3}\s?%))"
)
TOKEN = rx(_TOKEN)
LISTED = rx(
    rf"^[\s:=-]{{0,4}}(?:(?:is|are|was|were|status) )?(?P<all>{_TOKEN}"
    rf"(?:\s?(?:[/,;&]|and\b)\s?{_TOKEN}){{1,3}})(?=\s*(?:$|[.;,()\n]))"
)
"""Several values behind several names, one for each: "ER/PR/HER2: +/+/-", "ER, PR: 90 %, 0 %"."""

POSITIVE = (
    r"(?<!\bnot )(?:p[o0][sc]\s?[itl1]{1,4}v[eo]\w*+|\bpos\b|\(\+{1,3}\)|"
    r"immuno-?reactive|\breactiv\w++|over-?express(?:ed|es|ing)\b|"
    r"\bfavou?rabl[ey]|\bexpressed\b|(?:strong|moderate|weak|"
    r"diffuse|intense)(?:ly)?(?: to \w++)?(?: nuclear|"
    r" membran\w++)? (?:staining|immuno\w++|expression|reactivity)|"
    r"\bpresent\b|\bdetected\b|\bfound in\b|\bhigh\b)"
)
NEGATIVE = (
    r"negat[il1]v\w*+|\bneg\b|\(-\)|\bnon-?reactive|\bunfavou?rable|\babsent\b|"
    r"not (?:\w++ )?(?:express\w*+|detected|over-?express\w*+|"
    r"reactive|immunoreactive|present|seen|identified)|"
    r"\bno (?:\w++ ){0,2}(?:staining|expression|immunoreactivity|reactivity|"
    r"over-?expression|(?:immuno-?)?reactive (?:\w++ ){0,2}cells|(?:positive|stained|staining) "
    r"(?:\w++ ){0,2}(?:cells|nuclei))|(?:^|\w\s)not found\b|"
    r"\bnon-?over-?express\w++|without over-?expression|lack\w*+ (?:of )?expression|undetectable"
)
EQUIVOCAL = r"\bequiv[o0]cal|\bborderline"
# No result: a test that could not be read (ASCO/CAP 2018); the words after it are not its own.
INDETERMINATE = r"\bindeterminate"
OF_STAINING = (
    r" (?:\w++ ){0,2}(?:over-?express|express|amplif|stain|gene|nuclear|protein|immuno|invasive)"
)
STATUS = rx(
    rf"(?:(?P<neg>{NEGATIVE})|(?P<equ>{EQUIVOCAL})|(?P<ind>{INDETERMINATE})|"
    rf"(?P<pos>{POSITIVE}))(?![\s.]{{0,3}}for\b(?!{OF_STAINING})|[\s-]++controls?)"
)
ELSEWHERE = rx(
    r"\b(?:(?P<neg>negative)|(?P<pos>positive)) (?:in|for|within) (?:the |a )?(?:second|third|"
    r"other|smaller|larger|left|right|focus|foci|tumou?r|mass|lesion|nodule|lobular|ductal)\b"
)
"""A verdict on another tumour of the same marker: "positive in focus 1, negative in focus 2"."""

SIGN = rx(
    r"^(?: status)?(?: both| all)?[\s:=]{0,3}(?:(?P<pos>\+ ?ve\b|"
    r"\({0,1}\+{1,3}\){0,1}(?!\s?\d|\s?/\s?-))|"
    r"(?P<neg>- ve\b|\({0,1}[-](?!\s?/\s?\+)(?:\)|ve\b|(?=\s*[,;/.]|\s*(?:and|her|pr\b|pgr|"
    r"er\b)))|"
    r"nil(?=\s*(?:[.,;)/]|$|\n))|"
    r"(?<![\s:=])-(?=\s*$|\s*\(|\s+(?!pos|neg|over|ampl|equiv|low|enrich|clone|antibod|\d))))"
)
DASH_ALONE = re.compile(r"[\s:=]{0,3}\(?-\)?")
LABELLED = rx(
    r"^[\s-]{0,2}(?:(?:receptors?|protein|status) ?)?(?:(?:over-?)?express(?:ed|ion)|"
    r"stain(?:ed|ing)|positiv\w++|immuno\w++)?\s?[:=?]{1,2}\s{0,3}(?:(?P<neg>(?:no|nil|none)(?=\s*(?:$|"
    r"[.,;()\n])))|(?P<pos>yes\b))"
)
"""An answer behind a colon: "overexpressed: No"."""
SIGNED = re.compile(r"\s?\(?(?:[+-]|\d\+|pos\b|neg\b|[+-]ve)")
"""A marker that a sign of its own follows."""

BEFORE = rx(
    r"(?:(?P<neg>negat[il1]ve|\bneg|\bno\b|absence|lacks?|lacking|without|"
    r"not \w*)|(?P<equ>equivocal|borderline)|(?P<ind>indeterminate)|(?P<pos>(?:strongly |"
    r"weakly |focally |diffusely )?p[o0][sc]\s?[itl1]{1,4}ve|\bpos\b|"
    r"\bexpress(?:es|ing)?|reactive))"
    r" (?:(?!and\b|but\b|or\b)\w++ )?(?:stain\w* |express\w* |immuno\w++ |reactivity |results? |"
    r"nuclear |over-?express\w++ ){0,2}(?:for |of |with |in )?(?:both |the |"
    r"monoclonal |nuclear )?[\s(]*$"
)
PERCENT = rx(
    r"(?P<op>[<>~]|(?:not|no) (?:less|fewer) than|(?:not|no) (?:more|greater) than|"
    r"(?:less|fewer|greater|more) than(?: or equal to)?|"
    r"under|below|over|above|approximately|about|>=|<=|"
    r"at least|at most|up to|not exceeding)?\s?=?\s?(?P<a>\d{1,3}(?:\.\d)?)\s?%?\s?"
    r"(?:(?:-|to)\s?(?P<b>\d{1,3})\s?)?(?:%|z(?= nuclear)|percent\b|per cent\b)"
)
SCALE = rx(r"\b0 ?(?:-|to)? ?100 ?%?\Z")
"""The printed scale of a percentage, "(0-100 %)": no result."""

DISTRIBUTION = rx(r"^[^%]{0,45}\(\s?0[\s:-]{1,3}(?P<none>\d{1,3})\s?%[;,]?\s?1\s?\+")
ALLRED = rx(
    r"(?:allred|total|combined|quick)?(?: (?:total )?score)[\s:=]{0,3}(?:of |"
    r"is )?(?P<a>[0-8])\s?(?:/|of|out of)\s?8|(?:allred|"
    r"quick[\s-]?score)[^0-9%]{0,20}(?P<b>[0-8])\b"
    r"(?!\s?(?:%|/\s?[0-79]|\+|[.]\d))|"
    r"^(?:\s?\([^()]{1,20}\))?(?:[\s:=(-]{0,4}|[\x20:=(-]{0,14})(?P<c>[0-8])\s?(?:/|"
    r"out of)\s?8\b|"
    r"\b(?:qs|q|ts|as|a)[\s:=]{0,3}(?P<d>[0-8])\s?/\s?8\b|\b(?:qs|ts)[\s:=]{0,3}(?P<e>[0-8])\b"
    r"(?!\s?(?:%|/|\+|[.]\d))|"
    r"\bps ?[:=]? ?[0-5][\s,;+&]{1,4}is ?[:=]? ?[0-3][\s,;=]{1,4}(?:ts|total|"
    r"sum)? ?[:=]? ?(?P<f>[0-8])\b|"
    r"[,(]\s?(?P<g>[0-8])\s?/\s?8\b|"
    r"^[\s:=]{0,4}(?:pos(?:itive)?|neg(?:ative)?)[\s,:=]{1,3}(?P<i>[0-8])\s?/\s?8\b|"
    r"(?:allred|quick|score|\()[\s:=(]{0,3}(?:score[\s:=]{0,3})?[0-5]\s?\+\s?[0-3]\s?=\s?"
    r"(?P<h>[0-8])(?![.,]?\d|\s?%|\s?/\s?(?!8))"
)
H_SCORE = rx(
    r"\b(?:h[\s-]{0,2}score|histo-?score|hscore)[\s:=)]{0,3}(?:of |is |was )?"
    r"(?P<a>\d{1,3})(?!\s?%|\d|[.,]\d|\s?-\s?\d)"
)
ALLRED_OF = rx(r"\b(?:allred|quick)(?: scores?)?(?: (?:for|of))?[\s:(]{0,3}$")
ALLRED_IS = rx(r"^[\s:=)-]{0,4}(?:is |of )?(?P<a>[0-8])(?!\s?%|\d|[.,]\d|\s?[/+-]\s?\d)")
H_SCORE_OF = rx(r"\b(?:h[\s-]{0,2}score|histo-?score)(?: (?:for|of))?[\s:(]{0,3}$")
H_SCORE_IS = rx(r"^[\s:=)-]{0,4}(?:is |of )?(?P<a>\d{1,3})(?!\s?%|\d|[.,]\d|\s?-\s?\d)")
ZERO = re.compile(r"^(?:\s{0,3}|\x20{0,14})[:=-]?\s{0,3}0\s*(?:$|[,;.)/|]?\s*$|[,;.)\n|](?!\d))")
"""A bare zero behind a name: nothing is stained, whatever the scale."""

IHC_SCORE = rx(
    r"intensity (?:of |was |is )?(?P<h>[0-3])\b|"
    r"(?<!\d-)(?<!\d/)(?<!\d - )(?<!to )(?P<a>[0-3])\s?\+(?!\s?(?:=|to \d|and|"
    r"[-/]\s?[1-3]\s?\+))|"
    r"\+\s?(?P<b>[1-3])\b(?!\s?[%.\d])|scored? (?:of |is |as |at |: ?|= ?|- ?|"
    r"\()*(?P<c>[0-3])\b(?!\s?(?:[%.]\d|-\s?\d\+|/))|"
    r"[(]\s?(?P<d>[0-3])\s?(?:,|\)|/3|\+|out of)|"
    r"^(?: \w++| ?\([^()]{1,20}\))?(?:[\s:=-]{1,4}|[\x20:=-]{1,14})(?P<e>[0-3])(?!\+? ?(?:to|-|"
    r"/) ?[0-3])\s?(?:[/,;+(]|\.(?!\d)|$|\n)|"
    r"\b(?P<f>zero)\b|\bihc[\s:=]{0,3}(?:score )?(?P<i>[0-3])\b(?!\s?[/%.]\s?\d|\s?-\s?\d)|"
    r"(?:^[\s:=(-]{0,4}|(?:scor\w*|intensity|ihc|stain\w*)[\s:=(-]{0,4}"
    r"(?:of |is |as )?)(?P<g>[0-3])\s?/\s?3\b"
)
AMPLIFIED = rx(
    r"(?P<neg>neither (?:over-?express\w*+(?: \([^)]{1,12}\))? nor )?(?:gene )?amplif\w++|"
    r"(?:not|non|no|without|negative for|absence of)(?:[\s-]++\w++){0,4}[\s-]{0,2}amplif\w++|"
    r"amplif\w++(?: \w++){0,2}[\s:-]{0,3}(?:is |was )?(?:not|negative|absent|"
    r"none|no\b)|non-?\s?amp(?:lif\w++)?\b|unamplified|not increased)|"
    r"(?P<equ>equivocal|borderline)|(?P<ind>indeterminate)|"
    r"^[\s:-]{0,4}(?:is |was )?(?P<neg3>not (?:found|present|detected|"
    r"identified|amplified|seen|performed for)|absent)|(?P<pos>(?:is|are|was|"
    r"positive(?: for)?|with|shows?|:|-|gene|low|high|"
    r"highly)[\s-]{0,2}(?:gene )?amplif(?:ied|ication)\b"
    r"(?!(?: \w++){0,2}[\s:-]{0,3}(?:is |was )?(?:not|negative|absent|none|no\b))|"
    r"amplif\w++[\s:-]{0,3}(?:is |"
    r"was )?(?:present|identified|detected|positive|seen|observed)|"
    r"^\W{0,12}amplified)|"
    r"(?P<neg2>negat[il1]ve|\bneg\b|-ve\b)|(?P<pos2>posit[il1]ve|\bpos\b|\+ve\b|"
    r"\bamp(?:lified)?\b(?!\s?(?:[<>=]|if|when)))"
)
HER2_NEAR = rx(r"her[\s-]{0,2}2|neu\b|cep|erb")
NO_RESULT = re.compile(
    r"^-[ci]\b(?!a)|^[ -]{0,3}(?:neg|pos)? ?control|^\s?(?:gene\s)?mutat|"
    r"^\s?levels?\s?[:=]\s?(?:[<>]|\d)"
)
"""Of a control, or a laboratory's limits: "equivocal HER2 levels: 1.8 - 2.2"."""
UNAMPLIFIED = rx(
    r"(?:no|without|absence of)(?: evidence of)?(?: gene)? amplification (?:of|"
    r"for|in|by|on)(?: the)?\s{0,2}$"
)
# A bare zero, or a result that is still to come, ends what is said of a marker.
CLOSED = re.compile(
    r"\s{0,3}[:=]?\s{0,3}0\s?(?=[.;](?:\s|$))|"
    r"[^.;\n]{0,40}\b(?:to follow|pending|awaited|not (?:done|performed|tested))\b"
    r"[^.;\n]{0,20}(?=[.;])"
)
LOOSE_ZERO = re.compile(r"\s?0\s?[.;][^\S\n]+(?=[^\s])")
"""A zero without a colon, closed by a stop that another sentence follows: it may be a remnant."""

BY_ISH = rx(
    r"[\s,(]{0,3}(?:(?:by|on|with|using) (?:fish|cish|sish|d?-?dish|ish|(?:\w++ )?in[\s-]situ "
    r"hybridi[sz]ation)\b|(?:gene )?amplif\w++)"
)
ISH_BEFORE = rx(
    r"(?:(?P<neg>negative|not amplified|non-?amplified)|(?P<equ>equivocal)|"
    r"(?P<pos>positive|(?<!not )amplified))[\s,(]{1,3}(?:by|on|with|"
    r"using)(?: (?:immuno\w++|ihc) and)?(?: dual)?\s{0,2}$"
)
OTHER_SUBJECT = re.compile(
    r"[\s,;(]{1,3}(?:nottingham|(?:histolog\w+ |tumou?r )?grade|tubul\w+|mitos\w+|mitotic|sln\w*|"
    r"(?:sentinel |axillary |lymph )*nodes?|lymph\s?nodes?|sentinel|axill\w+|margins?|lvi\b|"
    r"lymphovascular|"
    r"tumou?r size|size|y?pt\d|y?pn\d|t[0-4][a-c]?n\d)"
)
"""What a sentence goes on with once a marker has its value."""

VALUED = re.compile(r"\d\s?[%+/]|^[\s:=(]{0,4}[+-]")
LINE_END = f"{BORDER}\n"
NONE_BEFORE = rx(r"\b(?:no|absence of|lack(?:s|ing)?(?: of)?|without|neither|nor)\W{0,3}$")
OUTRIGHT = rx(r"p[o0]s|neg|\(?[+-]")
JOINER = re.compile(r"\b(?:and|n?or)\b|[,/&]")
GOES_ON = rx(
    r"(?:[,(/&:-]|\b(?:for|of|with|in|the|an?|and|or|to|by|is|are|was|were|as|at|on|from|both|"
    r"than|approximately|about|strongly|weakly|moderate|strong|weak|nuclear|tumou?r))\s*$"
)
"""A line that ends so goes on with the next."""

NEXT_LINE = re.compile(r"\n\s*(?=(?P<label>[A-Z][\w /()&.-]{1,60}:)|[A-Z])")
RESPECTIVELY = rx(r"\brespectively\b")
EACH = rx(
    r"(?:(?P<op>[<>]|less than|more than)\s?)?(?P<n>\d{1,3})(?:\.\d)?\s?(?:%|percent)?"
    r"(?=\s?(?:,|/|and|%|percent|of))|(?P<pos>\bpositive\b)|(?P<neg>\bnegative\b)"
)
ALLRED_POSITIVE = 3
"""The least Allred score of a positive result (Harvey et al., J Clin Oncol 1999;17:1474)."""

KEYS = {
    "neg3": "negative",
    "pos": "positive",
    "neg": "negative",
    "equ": "equivocal",
    "ind": "indeterminate",
    "pos2": "positive",
    "neg2": "negative",
}
