"""How pathologists write counts of lymph nodes: fractions, sentences, groups of old reports."""

import re

from extractors.fields.node_rows import NODES
from extractors.patterns import COUNT, COUNT_IN_TEXT, rx

# "13 mm. Two sentinel nodes": a size counts no nodes, and a comma ends a count.
NO_SIZE = r"(?!\s?[cm]m\b|\s?,\s)"
# A word between a count and its noun: another count or verdict begins another statement, as in
# "2 involved. Highest node clear".
_FILL_WELL = rf"(?!{COUNT}\b|(?:involved|positive|affected)\b|metasta)[a-z-]++"
_FILL_SICK = rf"(?!{COUNT}\b|(?:negative|free|clear|benign|uninvolved|reactive)\b)[a-z-]++"
_WELL = (
    r"(?:negative|free|clear(?! cell)|no (?:\w++ ){0,3}(?:tumou?r|metasta\w++|malignan\w++|"
    r"carcinoma|neoplas\w++|evidence|pathologic)|benign|without|uninvolved|"
    r"not involved|reactive|unremarkable|tumou?r-free|hyperplas|sinus hist|"
    r"with reactive|neither)"
)
_SICK_WORDS = (
    r"(?:positive|metasta\w++|involved|\bmets\b|nodes? metasta\w++|macrometasta\w++|"
    r"micrometasta\w++|"
    r"(?:(?:completely|partially|largely|almost|entirely|totally) )*"
    r"(?:replaced|effaced|filled|infiltrated) (?:by|with))"
)
FRACTION = re.compile(
    r"(?<![\d/.,x-])(?P<p>\d{1,2}|(?<=[\s(])o)(?P<itc>\s?\(?i\s?[+-]\)?)?\s?/\s?"
    r"(?P<e>\d{1,3})(?![\d/%]|\s?[.,]\d|\s?(?:cm|mm|hpf))"
)
# "(positive:total): 2:21", "positive/total nodes: 2/21": the announcement says what it is.
RATIO = rx(
    r"(?:positive|involved|metastatic)(?: for metasta\w++)?[\w \t()-]{0,24}?"
    r" ?(?:[:/]|of|in relation to) ?(?:the )?(?:total|examined|all)(?: number| count)?(?: of)?"
    rf"(?: (?:lymph )?{NODES})?(?: (?:examined|sampled|removed|found|submitted))?"
    r" ?\)? ?(?:[:=-]|is) ?(?P<p>\d{1,2}) ?[:/] ?(?P<e>\d{1,3})(?![\d/%]|\s?[.,]\d)"
)
OF = rx(
    rf"(?P<p>{COUNT}|(?<=\()\d{{1,2}}|\bno\b|\bnone\b|\ball\b|"
    rf"\ba single\b)(?: \((?:\d+|[a-z]+)\))?(?: (?:positive|metastatic|involved))?"
    rf"(?: (?:(?:sentinel|axillary|regional) )?(?:lymph )?nodes?)?"
    rf"(?: (?:are |is |were |was )?(?:positive|involved)(?: for (?:\w++ )?\w++)?)?"
    rf"(?: (?:\w++ ){{0,2}}metastas[ei]s)? "
    rf"\(?(?:(?:out )?of (?:the |a total of |total |"
    rf"all )?|the )(?P<e>{COUNT})(?: \((?:(?P<e2>\d+)|[a-z-]+)\))?(?= ?(?:\w[\w-]*+[\s,]++)"
    rf"{{0,5}}?{NODES}|\s?\)?[\s,.;:]|(?m:$))"
)
OF_SICK = rx(
    rf" (?:positive|involved|metastatic|affected) (?:\w++ ){{0,2}}{NODES} "
    r"(?:show|ha[sv]e?|with|contain)"
)
# "Nodes: total 12 (3 positive, 8 negative, 1 not assessable)", "nodes negative x3".
IN_BRACKETS = rx(
    rf"{NODES}[\s:]{{1,3}}(?P<total>total )?(?P<e>{COUNT}) ?\( ?(?P<p>{COUNT}) (?:are )?"
    r"(?:positive|involved|metastatic|affected)\b"
)
_FOUND = (
    r"(?:nodes? )?(?:examined|identified|retrieved|found|sampled|removed|dissected|recovered|"
    r"harvested|in total|total)"
)
BEHIND_LABEL = rx(
    rf"{NODES}(?:\s?:\s{{0,3}}|\s?-\s{{1,2}}|\s{{1,2}})(?:(?<=:)|(?<=:\s)|(?={COUNT} {_FOUND}))"
    rf"(?:(?P<e>{COUNT}) {_FOUND}[\s,;]{{1,3}}(?:of which |and )?)?"
    rf"(?:(?P<p>{COUNT}|none|no) (?:(?:are|is|were|was) )?"
    r"(?:positive|involved|metastatic|with metasta\w++)\b(?!\s?[:/(])|"
    r"metasta\w++ (?:(?:is|are|was|were|present|identified|found|seen) ){0,2}in "
    rf"(?P<q>{COUNT}|none)\b(?!\s?(?:/|of\b|out\b)))"
)
"""Behind the label: "nodes: 22 examined, 5 involved", "nodes: 3 positive"."""
PAIRED = rx(
    rf"{NODES}\s?:?\s{{1,3}}(?:(?:total|{_FOUND})\s?:?\s{{0,2}})?(?P<e>{COUNT})[\s,;]{{1,3}}"
    rf"(?:of which )?(?:positive|involved|metastatic)\s?[:=]?\s{{0,2}}(?P<p>{COUNT}|none|nil)\b"
    r"(?!\s?(?:/|of\b|[.,]\d|%|[cm]m\b))"
)
"""Two numbers behind their words: "Nodes: examined 3, positive 0", "Nodes 27, positive 3"."""
TIMES = rx(rf"{NODES}[\s:]{{1,3}}(?:all )?(?:negative|benign|free|clear) ?\(?x ?(?P<e>\d{{1,2}})\b")
INDEX = rx(r"(?<=node )(?P<i>\d) of \d{1,2} ?:")
# "Out of 14 lymph nodes, 2 show metastasis", "14 lymph nodes are identified, 2 of which ...".
TURNED = rx(
    rf"(?:\bof |\b)(?P<e>{COUNT}){NO_SIZE}(?: \(\d{{1,2}}\))?(?: [a-z-]++){{0,3}}? {NODES}"
    rf"(?: (?:are|were|is|was|identified|examined|found|present|dissected|recovered|isolated|"
    rf"seen|retrieved|taken|removed|sampled|excised))*[\s,;:-]{{1,3}}"
    rf"(?:and |of which |of these |out of which )?"
    rf"(?P<p>{COUNT}|none)(?: of (?:which|them|these))?(?: (?:nodes?|lymph nodes?))?"
    rf"(?: (?:is|are|was|were|show\w*|contain\w*|with|reveal\w*))*(?: an?)?"
    rf" (?P<sick>positive|metasta\w++|\bmets\b|involved|macrometasta\w++|micrometasta\w++)"
)
CLEAN = rx(
    rf"(?:\b(?P<e>{COUNT_IN_TEXT}|multiple|several|"
    rf"single){NO_SIZE}(?: \((?P<e2>\d{{1,2}})\))?(?: (?:\(\d+/\d+\)|{_FILL_WELL}|"
    rf"#\d)){{0,5}} {NODES}(?: \([^)]{{0,25}}\))?[\s,:;-]{{0,4}}(?:\w++[\s,]++)"
    rf"{{0,3}}?(?:(?:is|are|all|with|show\w*|histologically|identified|found|"
    rf"examined|which|both|each|excision|biopsy|dissection)[\s,:-]{{1,3}}){{0,4}}"
    rf"{_WELL})"
)
# "Margins are tumor-free. 8 lymph nodes": the verdict is of the sentence before.
_GOES_ON = r"(?!\s?[.;]\s)"
CLEAN_BEFORE = rx(
    rf"(?:benign|negative|uninvolved|tumou?r-?free|reactive|unremarkable|"
    rf"negative for (?:\w++ ){{1,4}}?(?:in|within|involving|of)|"
    rf"\babsent in|\bno (?:evidence of )?(?:\w++ ){{0,2}}(?:tumou?r|metasta\w++|malignan\w++|"
    rf"carcinoma|neoplas\w++)[^.;:]{{0,40}}? (?:in|within|involving|of|"
    rf"on)){_GOES_ON} (?:any of |all )?(?:the )?(?P<e>{COUNT_IN_TEXT})(?: "
    rf"\((?P<e2>\d{{1,2}})\))?(?: {_FILL_WELL}){{0,5}} {NODES}"
    rf"\b(?! (?:with|show\w*|contain\w*|ha(?:s|ve)) (?:\w++ ){{0,2}}metasta)"
    rf"|(?P<e3>{COUNT_IN_TEXT})(?: \((?P<e4>\d{{1,2}})\))? (?:\w++ )?(?:benign|"
    rf"negative|uninvolved|tumou?r\s?-?\s?free|carcinoma\s?-?\s?free|free|"
    rf"reactive|unremarkable|regular|unaffected|"
    rf"hyperplastic)(?: {_FILL_WELL}){{0,4}} {NODES}"
)
SICK = rx(
    rf"(?:metasta\w++|carcinoma|positive|involv\w++|"
    rf"tumou?r(?: cells?)?|\bitcs?\b)(?: [a-z,-]++){{0,5}}? (?:in|to|involving|within|"
    rf"of) (?P<p>{COUNT_IN_TEXT}|a single)(?: \((?P<p2>\d{{1,2}})\))?(?: "
    rf"{_FILL_SICK}){{0,4}} {NODES}(?! (?:negative|free))"
    rf"|\b(?P<p3>{COUNT_IN_TEXT}|single|multiple){NO_SIZE}(?: \((?P<p4>\d{{1,2}})\))?"
    rf"(?: {_FILL_SICK}){{0,4}} "
    rf"{NODES}[\s,:-]{{0,3}}(?:(?:is|are|with|show\w*|containing|"
    rf"contain\w*)[\s,]{{1,3}}){{0,2}}{_SICK_WORDS}"
)
# "LYMPH NODES (4), NEGATIVE": the count in brackets behind the noun.
BEHIND = rx(
    rf"{NODES} \( ?(?P<e>\d{{1,2}}) ?\)[\s,:;-]{{1,4}}(?:(?:is|are|all|both|show\w*|"
    rf"with)\s){{0,2}}"
    rf"(?:(?P<well>{_WELL})|(?P<sick>{_SICK_WORDS}|carcinoma))"
)
ROMAN_FRACTION = re.compile(r"\b(?:n[o0]\.?\s?)?(?P<p>[ivxl]{1,6}|[o0])\s?/\s?(?P<e>[ivxl]{1,7})\b")
SINGLE = rx(
    r"lymph node(?!s)[^.;:\n]{0,60}?(?:biopsy|excision|removal|resection|"
    r"\#\s?\d)[^.;:\n]{0,40}?\s?[:.-]{1,3}\s{0,3}(?:-\s?)"
    r"?(?:(?P<well>negative|no (?:evidence|tumou?r|malig\w*|metasta\w*)|benign|"
    r"free|reactive|rare single cytokeratin)|(?P<sick>positive|metastatic|"
    r"micro-?meta\w*|involved))"
)
# "Lymphonodulitis reactiva (No VIII)": a group's count behind its finding, as in Poland.
NUMBER_OF_GROUP = rx(
    r"(?:(?:lymphonodul\w++|lymphadenitis|(?:sinus|sinusoidal) histiocyt\w++|"
    r"lymphonod(?:i|orum|is)\b)[^.;:()\d/]{0,60}\(?|lymph nodes[^.;:()\d/]{0,60}\()"
    r"\bn[o0]\.? (?P<e>[ivxl]{1,7}|\d{1,2})\b\)?(?!\s?/)"
)
NODES_AFTER = rx(rf"\)?[^.;\d]{{0,60}}?{NODES}")
NODES_BEFORE = rx(
    rf"(?:{NODES}|\baxilla(?:ry)? (?:dissection|clearance|contents|sampling))[^.;\d]{{0,25}}$"
)
# A list of stations below "Lymph nodes:": "superior: 1 of 4 contain metastases".
METASTASES_NEXT = rx(
    r"\)? (?:contain|show|with|ha(?:s|ve)|reveal|demonstrat)\w*+ (?:\w++ ){0,2}metasta"
)
NODES_NEXT = re.compile(rf"\)?\s{{1,2}}(?:lymph\s)?{NODES}")
NODES_JUST_BEFORE = re.compile(rf"{NODES}(?:\sstatus)?\s?[:(-]\s{{0,2}}$")
ANY_NODES = rx(NODES)
DENIED = rx(r"\b(?:negative for|no (?:evidence of|sign of)?|free of|without) (?:\w++ ){0,2}$")
NO_NODE = rx(r"\bno (?:\w++ ){0,2}(?:lymphoid|lymph node|lymphatic|nodal)(?: tissue)?")
NUMBERED = re.compile(r"(?:levels?|part|#|station|group|no\.?|number|sp|case)[\s:]*$")
SIGNED = rx(r"(?<![\w/.])(?P<p>\d{1,2})\s?n(?P<sign>[+-])\s?/\s?(?P<e>\d{1,3})(?![\w/])")
"""French reports write "2N+/14" for two of fourteen, "3N-/3" for three that are free."""
STAGE_NEXT = re.compile(r"[\s,;(]{0,3}(?:[yr]{0,2}p)?n[0-3][a-c]?(?:mi)?(?!\w|\.\d)")
"""A fraction right before its category counts nodes: "11/13 N0", "2/13 (pN1a)"."""
AFTER_PN = re.compile(r"p?n\s?[0-3](?:mi|[a-c])?\W{0,4}(?:\((?:sn|i\s?[+-]|mol\s?[+-])\)\W{0,4})?$")
NOT_NODES = rx(
    r"nottingham|score|grade|quadrant|o'clock|slides?|blocks?|hpf|cores?|"
    r"levels? \d|page|margin|allred|sbr|elston|mitos|tubul|nuclear"
)
# "pN1a (2/14)", "in total 2/14"; not "(number positive / total number): 8/15".
TOTAL_BEFORE = re.compile(
    r"(?:p?n\s?[0-3]|pno)(?:mi|[a-c])?\W{0,4}(?:\([^)]{0,6}\)\s?)?\(?$|"
    r"(?<!/)(?<!/\s)(?<!:)(?<!: )(?<!of )(?<!to )(?<!the )\btotal\b[^;/]{0,40}$|"
    r"\b(?:altogether|in all|overall|summary|combined)\b[^;./]{0,40}$"
)
TOTAL_AFTER = re.compile(
    r"^[^.;\n]{0,30}?(?:\bin total\b|\baltogether\b|\bin all\b(?=\s?[).,;]|(?m:$))|"
    r"\b(?:all )?specimens combined|"
    r"\([a-z](?:, [a-z])*,? (?:and|&|\+) [a-z] above\)|\babove\))"
)
ISOLATED = re.compile(r"isolated\s+tumou?r\s+cells?|\bitc'?s?\b|\(?i\s?\+\)")
NOT_ISOLATED = re.compile(
    r"(?:\bno|without|negative for|absence of)\s+(?:\w+\s+){0,3}(?:isolated\s+tumou?r|itc)|"
    r"(?:isolated\s+tumou?r\s+cells?|\bitc'?s?)(?:\s?\([^)]*\))?\s?[:=-]?\s?"
    r"(?:are |is |were )?(?:not\b|absent|none|no\b|nil|0\b|negative)"
)
METASTASIS = re.compile(r"(?<!no )(?:macro|micro)?-?\s?metasta|carcinoma(?! cells)|macro|micro")
# "In 3/3 levels", "1/2 sentinel included": no count of nodes, or one that is counted already.
LAST_NODES = re.compile(NODES)
"""What stands before the nodes' name says nothing of their fraction: "grade 2, nodes 1/4"."""
NOT_COUNTED = rx(
    r"\)? (?:levels|chips?|blocks?|slides?|cores?|sections|fragments?|foci)\b|"
    r"[^.;:\d]{0,30}\b(?:(?:is|are|was|were)? ?included|thereof)\b"
)
ELSEWHERE = rx(
    r"\b(?:block|cassette) key\b|"
    r"\bsee (?:the |our )?(?:separate|other|previous|outside|original) [^.;]{0,30}$"
)
STILL_WELL = rx(r"^\W{0,3}(?:\w++\W+){0,5}(?:negative|free|benign|uninvolved)")
