"""German for the reading: its glossary, and the rules that bring German clauses into order."""

import re

from extractors.languages.german_words import CODES, HEADINGS, PARTS, PHRASES, SAME_WORDS, SPELLED, WORDS
from extractors.languages.glossary import Glossary, phrases, table
from extractors.languages.rendering import DOUBT

_TUMOUR = (
    r"(?:(?:invasive|infiltrating|ductal|lobular|breast|tumor)\s+)*"
    r"(?:tumor cells|tumor|adenocarcinoma|carcinoma(?: in situ)?|DCIS|LCIS|sarcoma|metastasis)"
)
_MARGIN = r"(?:[a-z]+\s+(?:and\s+)?){0,4}resection\s+margins?"
_EDGE = r"(?:cranial|caudal|lateral|medial|anterior|posterior|basal|superficial|proximal|distal)"
_GRADE_WORD = r"(?:poorly|moderate|well)"

# In this order; each sees what the ones before it wrote.
_RULES: tuple[tuple[str, str], ...] = (
    (r"c[\s-]?erb[\s-]?B-?2", r"HER2"),
    (r"\b(HER2?)[\s/-]*(?:2[\s/-]*)?neu\b", r"HER2"),
    (r"\bp?N[+](?=\W)", DOUBT),
    # "Bis auf 2 mm an den Rand", "bis auf den dorsalen Rand".
    (r"\bup to on (?=(?:about )?[<>]?\s*\d)", r"up to "),
    (r"\bup to on\b|\bexcept\b", DOUBT),
    (r"\b((?:DCIS|tumor|carcinoma|ductal carcinoma in situ|in situ))[\s-]+components?\b(?=[^.;\n]{0,30}"
     r"resection margin)", r"\1"),
    (r"\b(in|on|at|from|of|by|toward|to|with|because of)\s+of the\b", r"\1 the"),
    (r"(%|\b(?:size|diameter|dimension|distance|expression|overexpression|amplification|carcinoma))"
     r"\s+the\b", r"\1 of the"),
    # What is said of what: "Nachweis einer ..." is evidence of one.
    (r"\bevidence\s+(?:the|a|of)\s+(?:the\s+|a\s+)?", r"evidence of "),
    (r"\b(no|without)\s+(?:the\s+|a\s+)?(metastasis|tumor|carcinoma|invasion|recurrence)\s+evidence"
     r"\b(?!\s+of)", r"\1 evidence of \2"),
    (r"\b(metastasis|tumor|carcinoma)\s+evidence\b(?!\s+of)", r"evidence of \1"),
    (r"\b(?:tumor|carcinoma)\s+free\b", r"tumor-free"),
    (r"\bmetastasis\s+free\b", r"free of metastasis"),
    (r"\b(neither\b[^.;:\n]{1,80}?)\bstill\b", r"\1nor"),
    (r"\bof\s+which\s+(?:are\s+|is\s+)?", r"of which "),
    (r"\babsent\s+(expression|staining)\b", r"no \1"),
    (r"\b(no|without)\s+evidence\s+of\s+(?=(?:overexpression|amplification|expression)\b)", r"\1 "),
    # Verbs at the end.
    (r"\bcan\s+((?:[\w-]+\s+){0,6}?)not\s+((?:definite\s+)?)(?:to exclude|excluded)"
     r"(?:\s+(?:are|is))?", r"cannot be excluded \1"),
    (r"\bnot\s+(?:definite\s+)?to\s+exclude\b", r"cannot be excluded"),
    (r"\bnot\s+(?:definite\s+|completely\s+)?excluded\b", r"cannot be excluded"),
    (r"\b(?:is|are|can|could)\s+not\s+(?:definite\s+|reliable\s+)?assessed(?:\s+(?:are|is))?\b",
     r"cannot be assessed"),
    (r"\bnot\s+(?:definite\s+)?assessed\b", r"cannot be assessed"),
    (r"\bcan\s+not\s+(identified|found)(?:\s+(?:are|is))?\b", r"is not \1"),
    (r"\b(there\s+(?:is|are)\b[^.;\n]{0,80}?)\s+before(?=\s*[.,;\n]|$)", r"\1"),
    (r"\blies?\s+not\s+before\b", r"is not present"),
    (r"\blies?\s+before\b", r"is present"),
    (r"\blies?\s+([^.;\n]{1,60}?)\s+not\s+before\b", r"is not present \1"),
    (r"\blies?\s+((?:(?!\bnot?\b|\bwithout\b)[^.;\n]){1,60}?)\s+before(?=\s*[.,;\n]|$)", r"is present \1"),
    (r"\bon(?=\s*[.,;])", r""),
    (r"\bmight\s+be\b", r"may be"),
    (r"\bnot\s+definite\s+(?=(?:tumor-)?(?:free|negative|uninvolved)\b)", f"{DOUBT} "),
    (r"\b(?:questionable|possibly|probably)\s+(?=(?:tumor-)?(?:free|negative|uninvolved|involved)\b)",
     f"{DOUBT} "),
    # Healthy tissue at the edge is a free margin.
    (r"\b(?:questionable|possibly|probably|definite|not definite)\s+in\s+healthy\s+tissue", DOUBT),
    (r"\bnot\s+(?:completely\s+)?in\s+healthy\s+tissue(?:\s+(excised))?", r"with positive resection "
     r"margins"),
    (r"\b(?:completely\s+|closely\s+|marked\s+)*in\s+healthy\s+tissue(?:\s+excised)?",
     r"with negative resection margins"),
    (r"(with (?:negative|positive) resection margins)\s*[(,]\s*(?=(?:\w+\s+)?distance|\d|closest)",
     r"\1; "),
    # An edge that the tumour reaches.
    (rf"\b({_TUMOUR})\s+(?:is|are)\s+not\s+at\s+the\s+resection\s+margin\b",
     r"resection margins free of \1"),
    (rf"\b(is|are)\s+({_EDGE})\s+at\s+the\s+resection\s+margin\b", r"\1 at the \2 resection margin"),
    (r"(?<=: )involvement\b", r"involved"),
    (r"(?<=: )tumor\s+involvement\b", r"involved by tumor"),
    (rf"\bat\s+the\s+resection\s+margin\s+({_TUMOUR})\b", r"\1 at the resection margin"),
    (rf"\b(is|are|was|were)\s+not\s+(?:of|by)\s+(?:the\s+|a\s+)?({_TUMOUR})\s+(?:reaches|reached|"
     r"infiltrated|involved|touching)", r"\1 not involved by \2"),
    (rf"\b(is|are|was|were)\s+(?:of|by)\s+(?:the\s+|a\s+)?({_TUMOUR})\s+not\s+(?:reaches|reached|"
     r"infiltrated|involved|touching)", r"\1 not involved by \2"),
    (rf"\b(?:of|by)\s+(?:the\s+|a\s+)?({_TUMOUR})\s+(?:reaches|reached|infiltrated|involved|"
     r"touching)", r"involved by \1"),
    (rf"\bup\s+to\s+((?:about\s+)?[<>]?\s*\d[\d.]*\s*[mc]m)\s+(?:at|to|toward)\s+((?:the\s+)?{_MARGIN})"
     r"\s+(?:extends|reaches)", r"is \1 from \2"),
    (rf"(\d\s*[mc]m)\s+(?:of|from)\s+((?:the\s+)?{_MARGIN})(?:\s+excised)?", r"\1 from \2"),
    (rf"\bextends?\s+(?:with\s+)?up\s+to\s+((?:about\s+)?[<>]?\s*\d[\d.]*\s*[mc]m)\s+(?:at|to|toward)"
     rf"\s+((?:the\s+)?{_MARGIN})", r"is \1 from \2"),
    (rf"\bextends?\s+(?:up\s+to\s+)?(?:at|to|in|toward|up to)?\s*((?:the\s+)?{_MARGIN})",
     r"reaches \1"),
    (rf"\bup\s+to\s+(?:at|in|to)\s+((?:the\s+)?{_MARGIN})\s+(?:reaches|extends)", r"reaches \1"),
    (rf"\breaches\s+((?:the\s+)?{_MARGIN})\s+not\b", r"does not reach \1"),
    (rf"\b({_TUMOUR})[- ]involved\b", r"involved by \1"),
    (rf"\b({_TUMOUR})[- ]infiltrated\b", r"infiltrated by \1"),
    (r"\bnot\s+(?:touching|reached|reaches)\b", r"not involved"),
    (r"\bgross\b[^.;\n]{0,60}\d\s*[mc]m\b[^.;\n]{0,60}\b(?:histologic|microscopic)\b", DOUBT),
    (rf"\bat\s+(?:the\s+)?({_MARGIN})\s+({_TUMOUR})(?=\s*[.,;\n])", r"\2 at the \1"),
    # Distances.
    (rf"\bdistance\s+(?:(?:of\s+)?(?:the\s+)?({_TUMOUR})\s+)?(?:to|toward)\s+(?:the\s+)?", r"distance "
     r"to the "),
    (r"\b(?:(?:closest|greatest)\s+)?resection\s+margin\s+distance\b(?!\s+to)",
     r"distance to the closest resection margin"),
    (r"\bclosest\s+distance\b(?!\s+to)", r"distance to the closest resection margin"),
    (rf"(\d\s*[mc]m)\s+toward\s+(?=(?:the\s+)?{_EDGE})", r"\1 to "),
    (r"\btoward\s+(?=(?:\w+\s+)?(?:neoadjuvant|chemo\w*|radio\w*|therapy|operation|lumpectomy|"
     r"mastectomy|biopsy|core))", r"after "),
    (r"\b(?:histologic\s+)?grade\s+toward\s+nottingham\b", r"Nottingham grade"),
    (r"\btoward\b", r"to"),
    # The HER2 gene.
    (r"\b(?:no|without)\s+(?:evidence\s+of\s+)?(?:(?:a\s+)?HER2[ -](?:gene\s+)?amplification|(?:gene\s+)?"
     r"amplification\s+of\s+(?:the\s+)?HER2(?:[ -]gene)?)\b(?:\s+(?:identified|present|found))?",
     r"HER2 gene not amplified"),
    (r"(?<!no )(?<!without )\b(?:a\s+)?(?:gene\s+)?amplification\s+of\s+(?:the\s+)?HER2(?:[ -]gene)?\b",
     r"HER2 amplification"),
    (r"\bthere\s+is\s+(?:a\s+|an\s+)?(?=(?:HER2\s+)?(?:gene\s+)?amplification)", r""),
    (r"\bHER2[ -](?:gene\s+)?amplification\s+(?:is\s+|was\s+)?not\s+(?:present|identified|found)\b",
     r"HER2 gene not amplified"),
    (r"(?<!no )(?<!of )(?<!without )\bHER2[ -](?:gene\s+)?amplification\b(?!\s*(?:not|no|is|was|:|\?))",
     r"HER2 gene amplified"),
    # Vessels and nerves.
    (r"\blymph\s+(?:and|or)\s+(?:blood vessel|vascular)\s+invasion\b", r"lymphovascular invasion"),
    (r"\binvasion\s+(?:in|of|into|to)\s+(?:the\s+)?(?:lymphovascular|lymph and blood vessel)\b",
     r"lymphovascular invasion"),
    (r"\binvasion\s+(?:in|of|into)\s+(?:the\s+)?(?:blood vessel|vascular)\b", r"vascular invasion"),
    (r"\blymphovascular\s+(?:vessels\s+)?(?:are\s+)?(?:tumor-)?free\b", r"no lymphovascular invasion"),
    (r"\blymphovascular\s+and\s+blood vessel\s+invasion\b", r"lymphovascular invasion"),
    (r"\bperineural(?:\s+perineural)+\b", r"perineural"),
    (r"\b((?:no|without|neither|nor|not)\b[^.;,\n]{0,60})\s*\((?:L|V|Pn)0\)", r"\1"),
    (r"\b(no|without|neither|nor|not)\b([^.;,\n]{0,60})\s*\((?:L|V|Pn)[12]\)", rf"\1\2 {DOUBT}"),
    (r"\binvasion(?:\s+(?:identified|present))?\s*\(?(?:L|V|Pn)1\b\)?", r"invasion present"),
    (r"\binvasion(?:\s+absent)?\s*\(?(?:L|V|Pn)0\b\)?", r"invasion absent"),
    # Types and grades.
    (r"\b(ductal carcinoma with (?:focal |partly )?lobular) component\b", r"\1 features"),
    (r"\b(ductal|lobular|tubular|mucinous)[ -]invasive\b", r"invasive \1"),
    (r"\b(breast)\s+carcinoma\s*,?\s*(NST|of no special type)", r"invasive breast carcinoma \2"),
    (rf"\b({_GRADE_WORD})(?:ly)?\s+differentiated\b", r"\1 differentiated"),
    (r"\bmoderate differentiated\b", r"moderately differentiated"),
    (r"(?<![\w-])(?<!grade )(?<!grade: )G\s?([1-3])(?![\w]|\.\d|\s?%)", r"grade \1"),
    (r"(?<!\w)(y?r?p?N[0-3][a-c]?(?:mi)?(?:\s*\([^)\d]{1,6}\)){0,2})\s*[,:]?\s*\(?\s*(\d{1,2})\s*/\s*"
     r"(\d{1,2})(?:\s*,?\s*(?:\(?sn\)?|(?:sentinel )?lymph nodes))?\s*\)?", r"\1 lymph nodes in "
     r"total \2/\3"),
    (r"\b(tubular|metaplastic|medullary|papillary|micropapillary|mucinous|cribriform|apocrine)\s+breast\s+"
     r"carcinoma\b", r"\1 carcinoma of the breast"),
    # A measure at a sentence's end is no count of what the next one names.
    (r"(\d\s*[mc]m)\.(?=\s+[A-Z])", r"\1;"),
    # Lymph nodes.
    (r"\bboth\s+(?=(?:[a-z]+\s+)?lymph\s+nodes\b)", r"two "),
    (r"\ba\s+(?=of\s+which\b)", r"one "),
    (r"\b(\d+|one|two|three|four|five|six|none)\s+of\s+which\b", r"of which \1"),
    # Some with and some without, and no fraction: no count of one kind is the specimen's.
    (r"(\blymph nodes?\s+with\s+(?:macro|micro)?metastas[^.;/]{0,70}\blymph nodes?\b)(?=[^.;/]{0,40}"
     r"(?:free|without|no ))", rf"\1 {DOUBT}"),
    (r"\bsentinel(?:s|\s+nodes?)?(?!\s+(?:lymph|node))\b", r"sentinel lymph nodes"),
    (r"\ba\s+(?=of\s+(?:\d|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve))", r"one "),
    (r"\ba\s+(?=(?:[a-z]+\s+)?(?:sentinel\s+)?lymph\s+nodes\b)", r"one "),
    (r"\bone\s+((?:sentinel\s+)?)lymph\s+nodes\b", r"one \1lymph node"),
    (r"\b1\s+((?:sentinel\s+)?)lymph\s+nodes\b", r"1 \1lymph node"),
    (r"\btotal\s+(\d+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fourteen|fifteen)"
     r"\s+(?=[a-z -]{0,30}lymph node)", r"a total of \1 "),
    # "HER2 positive: score 3+ or amplification" defines a result.
    (r"\b(positive|negative)\s*[:=]\s*(?:score\s+)?(?=\d\+?\s*(?:or|and)\b|[<>]\s*\d+\s*%)",
     r"\1 means score of "),
    (r"(?<=lymph nodes )assessed\b", r"examined"),
    (r"\bmacro\s+(and|or)\s+micrometastasis", r"macrometastasis \1 micrometastasis"),
    (r"\bnegative[\s,(:]{1,3}IRS[\s:=-]*(?:1[0-2]|[4-9])\b", DOUBT),
    (r"\bpositive[\s,(:]{1,3}IRS[\s:=-]*0\b", DOUBT),
    (r"\bIRS\s*[:=(]*\s*\d\s*[x×*]\s*\d\s*=\s*(\d+)", r"IRS \1"),
    # A score of cells and intensity (Remmele and Stegner) is no per cent and no Allred score.
    (r"\b(?:IRS|immunoreactive\s+score|remmele(?:\s+score)?)\b(?:\s+(?:to|of)\s+\w+(?:\s+and\s+\w+)?)?"
     r"[\s:=(-]*(?P<s>1[0-2]|[4-9])(?:\s*/\s*12|\s+(?:of|from)\s+12)?(?!\d|\.\d|\s?[+%])(?:\s*\([^)%]{0,40}\))?",
     r"positive"),
    (r"\b(?:IRS|immunoreactive\s+score|remmele(?:\s+score)?)\b(?:\s+(?:to|of)\s+\w+(?:\s+and\s+\w+)?)?"
     r"[\s:=(-]*(?P<s>0)(?:\s*/\s*12|\s+(?:of|from)\s+12)?(?!\d|\.\d|\s?[+%])(?:\s*\([^)%]{0,40}\))?",
     r"negative"),
    (r"(?<=positive|negative)([\s,(:]{1,3})IRS[\s:=-]*[1-3]\b(?:\s*/\s*12)?", r"\1score low"),
    (r"\bIRS\b[\s:=(-]*[1-3]\b(?:\s*/\s*12)?(?=[^.;%\n]{0,12}\d\s?%)", r"score low"),
    (r"\bIRS\b[\s:=(-]*[1-3]\b(?:\s*/\s*12)?", DOUBT),
    # What comes later.
    (r"\b(?:planned|recommended)\s+(?:is|are|was|were)\b", r"planned:"),
    (r"(?<!\bis)(?<!\bare)(?<!\bwas)(?<!\bnot)\s+planned(?=\s*[.,;\n]|$)", r" is planned"),
    (r"\b((?:FISH|CISH|ISH|in situ hybridization|addendum)\b[^.;\n]{0,40}?)\bis\s+done\b",
     r"\1 to follow"),
)

GERMAN = Glossary(
    table(WORDS),
    table(PARTS),
    phrases(PHRASES),
    phrases(HEADINGS),
    CODES,
    SAME_WORDS,
    table(SPELLED, str.lower),
    tuple((re.compile(pattern, re.IGNORECASE), english) for pattern, english in _RULES),
)
"""German as the reading knows it."""
