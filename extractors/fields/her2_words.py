"""The words of HER2 by in situ hybridisation: ratio, copies, groups, and what concludes a test."""

from extractors.patterns import rx

_OP = r"(?P<op>[<>]/?=?)?\s?"
_NUMBER = r"(?P<a>\d{1,2}(?:[.,]\d{1,2})?)(?![\d/%]|\s?%|\s?\+|[.,]\d)"
RATIO = rx(rf"ratios?\b[^0-9<>;]{{0,40}}{_OP}{_NUMBER}")
RATIO_BARE = rx(rf"^[\s:=]{{1,4}}{_OP}{_NUMBER}")
_UP_TO = r"(?:(?!ratio)[^0-9<>;:=])"
COPIES = rx(
    rf"(?:\b(?:mean|average|avg|av)\b{_UP_TO}{{0,40}}|\b(?:gene )?cop(?:y|ies)\b{_UP_TO}{{0,40}}|"
    rf"^[\s(:]{{0,3}}(?=[\d.,]+\s?(?:her-?2 )?(?:gene )?(?:copies|signals))|"
    rf"\bsignals?{_UP_TO}{{0,10}}(?:per|/){_UP_TO}{{0,20}})[\s:=]{{0,3}}{_OP}{_NUMBER}"
)
AVERAGE_BEFORE = rx(r"\b(?:mean|average|avg|av)\.?(?: (?:number|no\.?|count))?(?: of)? $")
AVERAGE_OF = rx(rf"^{_UP_TO}{{0,40}}[\s:=]{{0,3}}{_OP}{_NUMBER}")
COPIES_BEFORE = rx(rf"{_OP}{_NUMBER} (?:mean |average )?$")
COPIES_AFTER = rx(r"^ (?:gene )?(?:copies|signals?)\b")
GROUP = rx(
    r"\b(?:group|category)\s?[#:]?\s?(?P<g>[1-5]|iii|ii|iv|i|v)\b(?!\s?(?:-|to|or|/)\s?[1-5])"
)
GROUPS = {**{str(n): n for n in range(1, 6)}, "i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5}
NO_EVIDENCE = rx(
    r"\b(?:no|without|absence of|lack of)(?: (?:evidence|signs?|indication) (?:of|"
    r"for))?(?: the)? $"
)
STAIN_INSTEAD = rx(
    r"^[^.;\n]{0,30}\bnot (?:performed|done|tested|carried out)[.;,]\s{1,3}(?:by )?ihc[\s:=]{1,3}"
    r"(?:score )?(?P<a>[0-3])(?:\s?\+|(?=[.;,\s]|$))(?!\s?[-/]|[.,]\d)"
)
"""The stain behind a test of the gene that was not done."""
CONTROL_PROBE = rx(r"^(?:cep|cen|chr)")
OUTRIGHT = rx(r"(?:strongly )?posit|negat|equivocal")
AMPLIFIES = rx(r"^ (?:gene )?amplif")
NUMBERS_BEGIN = rx(r"\bratio|\bgroup|\bcop(?:y|ies)|\bmean\b|\baverage\b|\bsignals?\b|$")
OTHER_TEST = rx(r"\bihc\b|immuno")
NUMBERED = rx(r"^[\s(:]{0,3}(?:gene )?(?:copy|copies|ratio|signals?|group|amplif\w*)\b")
GENE_TEST = rx(r"\b(?:fish|cish|sish|d-?dish|ish|hybridi[sz]ation|ratio|group [1-5]|copy number)\b")
CONCLUDES = rx(
    r"\b(?:final|overall|combined|integrated|concluding|conclusion|therefore|thus|hence|"
    r"(?:considered|classified|interpreted|reported|regarded|called)(?: as)?|"
    r"together)\b[^.;\n]{0,30}$"
)
CONCLUSION = rx(
    r"^[\s,:(]{0,3}(?:final|overall|combined|integrated)(?: (?:status|result|interpretation|"
    r"classification|assessment|conclusion))?"
)
