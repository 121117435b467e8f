"""German for the reading: its glossary, and the rules that bring German clauses into order."""

import re

from extractors.languages.german_parts import PARTS
from extractors.languages.german_phrases import CODES, HEADINGS, PHRASES, SAME_WORDS, SPELLED
from extractors.languages.german_words import WORDS
from extractors.languages.glossary import Glossary, phrases, table
from extractors.languages.rendering import DOUBT

_TUMOUR = (
    r"(?:(?:invasive|infiltrating|ductal|lobular|breast|tumor) )*"
    r"(?:tumor cells|tumor|adenocarcinoma|carcinoma(?: in situ)?|DCIS|LCIS|sarcoma|metastasis)"
)
_MARGIN = r"(?:[a-z]+ (?:and )?){0,4}resection margins?"
_EDGE = (
    r"(?:cranial|caudal|lateral|medial|anterior|posterior|basal|superficial|proximal|distal|"
    r"superior|inferior|deep)"
)
_EDGES = rf"{_EDGE}(?:(?:,? and |, |[ /-]){_EDGE})*"
_GRADE_WORD = r"(?:poorly|moderate|well)"

# A space is white space. In this order; each sees what the ones before it wrote.
_RULES: tuple[tuple[str, str], ...] = (
    (r"c[\s-]?erb[\s-]?B-?2", r"HER2"),
    (r"\b(HER2?)[\s/-]*(?:2[\s/-]*)?neu\b", r"HER2"),
    (r"\bp?N[+](?=\W)", DOUBT),
    # "Bis auf 2 mm an den Rand", "bis auf den dorsalen Rand".
    (r"\bup to on (?=(?:about )?[<>]?\s*\d)", r"up to "),
    (r"\bup to on\b|\bexcept\b", DOUBT),
    (
        r"\b((?:DCIS|tumor|carcinoma|ductal carcinoma in situ|in situ))[\s-]+components?\b"
        r"(?=[^.;\n]{0,30}"
        r"resection margin)",
        r"\1",
    ),
    (r"\b(in|on|at|from|of|by|toward|to|with|because of) of the\b", r"\1 the"),
    (
        r"(%|\b(?:size|diameter|dimension|distance|expression|overexpression|amplification|carcinoma))"
        r" the\b",
        r"\1 of the",
    ),
    # What is said of what: "Nachweis einer ..." is evidence of one.
    (r"\bevidence (?:the|a|of) (?:the |a )?", r"evidence of "),
    (
        r"\b(no|without) (?:the |a )?(metastasis|tumor|carcinoma|invasion|recurrence) evidence"
        r"\b(?! of)",
        r"\1 evidence of \2",
    ),
    (r"\b(metastasis|tumor|carcinoma) evidence\b(?! of)", r"evidence of \1"),
    (r"\b(?:tumor|carcinoma) free\b", r"tumor-free"),
    (r"\bmetastasis free\b", r"free of metastasis"),
    (r"\b(neither\b[^.;:\n]{1,80}?)\bstill\b", r"\1nor"),
    (r"\bof which (?:are |is )?", r"of which "),
    (r"\babsent (expression|staining)\b", r"no \1"),
    (r"\b(no|without) evidence of (?=(?:overexpression|amplification|expression)\b)", r"\1 "),
    # Verbs at the end.
    (
        r"\bcan ((?:[\w-]+ ){0,6}?)not ((?:definite )?)(?:to exclude|excluded)"
        r"(?: (?:are|is))?",
        r"cannot be excluded \1",
    ),
    (r"\bnot (?:definite )?to exclude\b", r"cannot be excluded"),
    (r"\bnot (?:definite |completely )?excluded\b", r"cannot be excluded"),
    (
        r"\b(?:is|are|can|could) not (?:definite |reliable )?assessed(?: (?:are|is))?\b",
        r"cannot be assessed",
    ),
    (r"\bnot (?:definite )?assessed\b", r"cannot be assessed"),
    (r"\bcan not (identified|found)(?: (?:are|is))?\b", r"is not \1"),
    (r"\b(there (?:is|are)\b[^.;\n]{0,80}?) before(?=\s*[.,;\n]|$)", r"\1"),
    (r"\blies? not before\b", r"is not present"),
    (r"\blies? before\b", r"is present"),
    (r"\blies? ([^.;\n]{1,60}?) not before\b", r"is not present \1"),
    (
        r"\blies? ((?:(?!\bnot?\b|\bwithout\b)[^.;\n]){1,60}?) before(?=\s*[.,;\n]|$)",
        r"is present \1",
    ),
    (r"\bon(?=\s*[.,;])", r""),
    (r"\bnot definite (?=(?:tumor-)?(?:free|negative|uninvolved)\b)", f"{DOUBT} "),
    (
        r"\b(?:questionable|possibly|probably) "
        r"(?=(?:tumor-)?(?:free|negative|uninvolved|involved)\b)",
        f"{DOUBT} ",
    ),
    # Healthy tissue at the edge is a free margin.
    (r"\b(?:questionable|possibly|probably|not definite) in healthy tissue", DOUBT),
    (r"\bnot (?:completely )?in healthy tissue(?: (excised))?", r"with positive resection margins"),
    (
        r"\b(?:completely |closely |marked )*in healthy tissue(?: excised)?",
        r"with negative resection margins",
    ),
    (
        r"(with (?:negative|positive) resection margins)\s*[(,]\s*(?=(?:\w+ )?distance|\d|closest)",
        r"\1; ",
    ),
    # An edge that the tumour reaches.
    (rf"\b({_TUMOUR}) (?:is|are) not at the resection margin\b", r"resection margins free of \1"),
    (rf"\b(is|are) ({_EDGE}) at the resection margin\b", r"\1 at the \2 resection margin"),
    (r"(?<=:\s)involvement\b", r"involved"),
    (r"(?<=:\s)tumor involvement\b", r"involved by tumor"),
    (rf"\bat the resection margin ({_TUMOUR})\b", r"\1 at the resection margin"),
    (
        rf"\b(is|are|was|were) not (?:of|by) (?:the |a )?({_TUMOUR}) (?:reaches|reached|"
        r"infiltrated|involved|touching)",
        r"\1 not involved by \2",
    ),
    (
        rf"\b(is|are|was|were) (?:of|by) (?:the |a )?({_TUMOUR}) not (?:reaches|reached|"
        r"infiltrated|involved|touching)",
        r"\1 not involved by \2",
    ),
    (
        rf"\b(?:of|by) (?:the |a )?({_TUMOUR}) (?:reaches|reached|infiltrated|involved|"
        r"touching)",
        r"involved by \1",
    ),
    (
        rf"\bup to ((?:about )?[<>]?\s*\d[\d.]*\s*[mc]m) (?:at|to|toward) ((?:the )?{_MARGIN})"
        r" (?:extends|reaches)",
        r"is \1 from \2",
    ),
    (rf"(\d\s*[mc]m) (?:of|from) ((?:the )?{_MARGIN})(?: excised)?", r"\1 from \2"),
    (
        rf"\bextends? (?:with )?up to ((?:about )?[<>]?\s*\d[\d.]*\s*[mc]m) (?:at|to|toward)"
        rf" ((?:the )?{_MARGIN})",
        r"is \1 from \2",
    ),
    (rf"\bextends? (?:up to )?(?:at|to|in|toward|up to)?\s*((?:the )?{_MARGIN})", r"reaches \1"),
    (rf"\bup to (?:at|in|to) ((?:the )?{_MARGIN}) (?:reaches|extends)", r"reaches \1"),
    (rf"\breaches ((?:the )?{_MARGIN}) not\b", r"does not reach \1"),
    (rf"\b({_TUMOUR})[\s-]involved\b", r"involved by \1"),
    (rf"\b({_TUMOUR})[\s-]infiltrated\b", r"infiltrated by \1"),
    (r"\bnot (?:touching|reached|reaches)\b", r"not involved"),
    (r"\bgross\b[^.;\n]{0,60}\d\s*[mc]m\b[^.;\n]{0,60}\b(?:histologic|microscopic)\b", DOUBT),
    (rf"\bat (?:the )?({_MARGIN}) ({_TUMOUR})(?=\s*[.,;\n])", r"\2 at the \1"),
    (
        rf"\b(resection margins?) ({_EDGES})(?=\s*(?:[:,(]|is|are|free|not|involved|tumor))",
        r"\2 \1",
    ),
    (
        rf"\b((?:{_EDGES} )?resection margins?)\s*:\s*(?:the )?{_TUMOUR} (?:is )?"
        r"(?:reaches|reached|touching)(?=\s*[.,;\n]|$)",
        r"\1: involved",
    ),
    # Distances.
    (r"\b(?:to|toward) (?:the )?fascia (?=\d)", r"deep "),
    (rf"\b(?:to|toward) (?:the )?({_EDGE}) (?=\d)", r"\1 "),
    (rf"\b(?:of|from) (?:the )?({_EDGE}) (\d[\d.]*\s*[mc]m)", r"\2 from \1"),
    (r"\btumor distance\b(?! to)", r"distance to the resection margin"),
    (
        r"\bdistance (?:of )?(?:the )?(dcis|in[ -]situ \w+|invasive \w+) (?:to|toward) (?:the )?",
        r"\1 distance to the ",
    ),
    (rf"\bdistance (?:(?:of )?(?:the )?({_TUMOUR}) )?(?:to|toward) (?:the )?", r"distance to the "),
    (
        r"\b(?:(?:closest|greatest) )?resection margin distance\b(?! to)",
        r"distance to the closest resection margin",
    ),
    (r"\bclosest distance\b(?! to)", r"distance to the closest resection margin"),
    (rf"(\d\s*[mc]m) toward (?=(?:the )?{_EDGE})", r"\1 to "),
    (
        r"\btoward (?=(?:\w+ )?(?:neoadjuvant|chemo\w*|radio\w*|therapy|operation|lumpectomy|"
        r"mastectomy|biopsy|core))",
        r"after ",
    ),
    (r"\b(?:histologic )?grade toward nottingham\b", r"Nottingham grade"),
    (r"\btoward\b", r"to"),
    # The HER2 gene.
    (
        r"\b(?:no|without) (?:evidence of )?(?:(?:a )?HER2[\s-](?:gene )?amplification|(?:gene )?"
        r"amplification of (?:the )?HER2(?:[\s-]gene)?)\b(?: (?:identified|present|found))?",
        r"HER2 gene not amplified",
    ),
    (
        r"(?<!no\s)(?<!without\s)\b(?:a )?(?:gene )?amplification of (?:the )?HER2(?:[\s-]gene)?\b",
        r"HER2 amplification",
    ),
    (r"\bthere is (?:a |an )?(?=(?:HER2 )?(?:gene )?amplification)", r""),
    (
        r"\bHER2[\s-](?:gene )?amplification (?:is |was )?not (?:present|identified|found)\b",
        r"HER2 gene not amplified",
    ),
    (
        r"(?<!no\s)(?<!of\s)(?<!without\s)\bHER2[\s-](?:gene )?amplification\b"
        r"(?!\s*(?:not|no|is|was|:|\?))",
        r"HER2 gene amplified",
    ),
    # Vessels and nerves.
    (r"\blymph (?:and|or) (?:blood vessel|vascular) invasion\b", r"lymphovascular invasion"),
    (
        r"\binvasion (?:in|of|into|to) (?:the )?(?:lymphovascular|lymph and blood vessel)\b",
        r"lymphovascular invasion",
    ),
    (r"\binvasion (?:in|of|into) (?:the )?(?:blood vessel|vascular)\b", r"vascular invasion"),
    (r"\blymphovascular (?:vessels )?(?:are )?(?:tumor-)?free\b", r"no lymphovascular invasion"),
    (r"\blymphovascular and blood vessel invasion\b", r"lymphovascular invasion"),
    (r"\bperineural(?: perineural)+\b", r"perineural"),
    (r"\b((?:no|without|neither|nor|not)\b[^.;,\n]{0,60})\s*\((?:L|V|Pn)0\)", r"\1"),
    (r"\b(no|without|neither|nor|not)\b([^.;,\n]{0,60})\s*\((?:L|V|Pn)[12]\)", rf"\1\2 {DOUBT}"),
    (r"\binvasion(?: (?:identified|present))?\s*\(?(?:L|V|Pn)1\b\)?", r"invasion present"),
    (r"\binvasion(?: absent)?\s*\(?(?:L|V|Pn)0\b\)?", r"invasion absent"),
    # Types and grades.
    (r"\b(ductal carcinoma with (?:focal |partly )?lobular) component\b", r"\1 features"),
    (r"\b(ductal|lobular|tubular|mucinous)[\s-]invasive\b", r"invasive \1"),
    (r"\b(breast) carcinoma\s*,?\s*(NST|of no special type)", r"invasive breast carcinoma \2"),
    (rf"\b({_GRADE_WORD})(?:ly)? differentiated\b", r"\1 differentiated"),
    (r"\bmoderate differentiated\b", r"moderately differentiated"),
    (r"(?<![\w-])(?<!grade\s)(?<!grade:\s)G\s?([1-3])(?![\w]|\.\d|\s?%)", r"grade \1"),
    (
        r"(?<!\w)(y?r?p?N[0-3][a-c]?(?:mi)?(?:\s*\([^)\d]{1,6}\)){0,2})\s*[,:]?\s*\(?\s*(\d{1,2})\s*/\s*"
        r"(\d{1,2})(?:\s*,?\s*(?:\(?sn\)?|(?:sentinel )?lymph nodes))?\s*\)?",
        r"\1 lymph nodes in "
        r"total \2/\3",
    ),
    (
        r"\b(tubular|metaplastic|medullary|papillary|micropapillary|mucinous|cribriform|apocrine) "
        r"breast carcinoma\b",
        r"\1 carcinoma of the breast",
    ),
    # A measure at a sentence's end is no count of what the next one names.
    (r"(\d\s*[mc]m)\.(?= [A-Z])", r"\1;"),
    # Lymph nodes.
    (r"\bboth (?=(?:[a-z]+ )?lymph nodes\b)", r"two "),
    (r"\ba (?=of which\b)", r"one "),
    (r"\b(\d+|one|two|three|four|five|six|none) of which\b", r"of which \1"),
    # Some with and some without, and no fraction: no count of one kind is the specimen's.
    (
        r"(\blymph nodes? with (?:macro|micro)?metastas[^.;/]{0,70}\blymph nodes?\b)(?=[^.;/]{0,40}"
        r"(?:free|without|no ))",
        rf"\1 {DOUBT}",
    ),
    (r"\bsentinel(?:s| nodes?)?(?! (?:lymph|node))\b", r"sentinel lymph nodes"),
    (r"\ba (?=of (?:\d|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve))", r"one "),
    (r"\ba (?=(?:[a-z]+ )?(?:sentinel )?lymph nodes\b)", r"one "),
    (r"\bone ((?:sentinel )?)lymph nodes\b", r"one \1lymph node"),
    (r"\b1 ((?:sentinel )?)lymph nodes\b", r"1 \1lymph node"),
    (
        r"\btotal (\d+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fourteen|fifteen)"
        r" (?=[a-z -]{0,30}lymph node)",
        r"a total of \1 ",
    ),
    # "HER2 positive: score 3+ or amplification" defines a result.
    (
        r"\b(positive|negative)\s*[:=]\s*(?:score )?(?=\d\+?\s*(?:or|and)\b|[<>]\s*\d+\s*%)",
        r"\1 means score of ",
    ),
    (r"(?<=lymph\snodes\s)assessed\b", r"examined"),
    (r"\bmacro (and|or) micrometastasis", r"macrometastasis \1 micrometastasis"),
    (r"\bnegative[\s,(:]{1,3}IRS[\s:=-]*(?:1[0-2]|[4-9])\b", f"negative {DOUBT}"),
    (r"\bpositive[\s,(:]{1,3}IRS[\s:=-]*0\b", f"positive {DOUBT}"),
    (r"\bIRS\s*[:=(]*\s*\d\s*[x×*]\s*\d\s*=\s*(\d+)", r"IRS \1"),
    # A score of cells and intensity (Remmele and Stegner) is no per cent and no Allred score.
    (
        r"\b(?:IRS|immunoreactive score|remmele(?: score)?)\b(?: (?:to|of) \w+(?: and \w+)?)?"
        r"[\s:=(-]*(?P<s>1[0-2]|[4-9])(?:\s*/\s*12| (?:of|from) 12)?(?!\d|\.\d|\s?[+%])"
        r"(?:\s*\([^)%]{0,40}\))?",
        r"positive",
    ),
    (
        r"\b(?:IRS|immunoreactive score|remmele(?: score)?)\b(?: (?:to|of) \w+(?: and \w+)?)?"
        r"[\s:=(-]*(?P<s>0)(?:\s*/\s*12| (?:of|from) 12)?(?!\d|\.\d|\s?[+%])"
        r"(?:\s*\([^)%]{0,40}\))?",
        r"negative",
    ),
    (r"(?<=positive|negative)([\s,(:]{1,3})IRS[\s:=-]*[1-3]\b(?:\s*/\s*12)?", r"\1score low"),
    (r"\bIRS\b[\s:=(-]*[1-3]\b(?:\s*/\s*12)?(?=[^.;%\n]{0,12}\d\s?%)", r"score low"),
    (r"\bIRS\b[\s:=(-]*[1-3]\b(?:\s*/\s*12)?", DOUBT),
    # "90 % bzw. 40 %" gives each its own.
    (
        r"(\d+ ?%|positive|negative)(?: of the tumor cells)? resp (\d+ ?%|positive|negative)"
        r"(?:(?: of the tumor cells)? positive\b)?",
        r"\1 and \2 respectively",
    ),
    (r"\bresp\b", r"or"),
    (r"(?<![\w-])G\s?[1-3]\s?[-/]\s?(?:G\s?)?[1-3]\b", DOUBT),
    (r"\bgrade [1-3] ?(?:[-/]|up to) ?(?:grade |G\s?)?[1-3]\b", f"grade {DOUBT}"),
    # What comes later.
    (r"\b(?:planned|recommended) (?:is|are|was|were)\b", r"planned:"),
    (r"(?<!\bis)(?<!\bare)(?<!\bwas)(?<!\bnot) planned(?=\s*[.,;\n]|$)", r" is planned"),
    (
        r"\b((?:FISH|CISH|ISH|in situ hybridization|addendum)\b[^.;\n]{0,40}?)\bis done\b",
        r"\1 to follow",
    ),
)

GERMAN = Glossary(
    table(WORDS),
    table(PARTS),
    phrases(PHRASES),
    phrases(HEADINGS),
    frozenset(CODES.split()),
    frozenset(SAME_WORDS.split()),
    table(SPELLED, str.lower),
    tuple(
        (re.compile(pattern.replace(" ", r"\s+"), re.IGNORECASE), english)
        for pattern, english in _RULES
    ),
)
"""German as the reading knows it."""
