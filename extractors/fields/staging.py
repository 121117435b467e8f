"""pTNM with prefixes and suffixes, and the L, V, Pn, R and G codes written behind it."""

import re
from collections.abc import Iterator

from extractors.candidates import Candidate
from extractors.fields.scores import score_spans
from extractors.fields.undecided import R_GOES_ON, is_denied, is_undecided_residual
from extractors.gate import withheld
from extractors.patterns import roman_of, rx
from extractors.reading import Reading

_PRE = r"(?<![a-z0-9])(?P<pre>(?:y|r|a|m)?\s?p\s?(?:y|r)?)\s?"
_T_VALUE = (
    r"(?P<t>is(?=[\s).,(a-d]|(?m:$))|x|[0-4oil])\)?\s?"
    r"(?P<ts>mic|mi|[a-d](?:(?=\s?[yp]{0,2}[nmlvrg]\s?[0-3xoil])|(?![a-z]{2}|[a-z]\s[a-z])))?"
    r"(?:/[a-d])?"
    r"(?![b-fh-ko-oq-uw-z0-9])(?!\s?\.\d)"
)
_T = rx(_PRE + r"t\s?[:=]?\s?\(?" + _T_VALUE)
_T_WITH_N = re.compile(
    r"(?<![a-z0-9])(?P<pre>[yrac]{0,2})t\s?\(?(?P<t>is|x|[0-4])\)?\s?(?P<ts>mi|"
    r"mic|[a-d])?(?:/[a-d])?\s?(?:\([^)]{1,14}\))"
    r"?\s?[,;/.]?\s{0,3}p?n\s?\(?[0-3xoil]\)?"
)
_T_READ_AS_LETTERS = re.compile(
    r"(?<![a-z0-9])(?P<pre>[yra]{0,2})t(?P<t>[1-4il])(?P<ts>mi|[a-d])?\s?[,;/]?\s?"
    r"n[0-3xo](?![a-z0-9])"
)
_T_LABELLED = rx(
    r"(?:\bp?t[\s-]stage(?:[,\s]++pathologic)?|primary tumou?r(?: \(?p?t\)?)?|"
    r"pathologic(?:al)? (?:tumou?r )?(?:stage|t)|tumou?r stage|\bajcc|"
    r"(?:tumou?r extent|\bextension|\bp?tnm(?: stage)?)(?=\W{1,8}t\s?[0-4]))"
    r"[^a-z0-9\n]{1,8}(?P<pre>y?p?)t?\s?(?P<t>[0-4x](?![\d%])|"
    r"(?<=t)is(?=[\s).,;]))\)?(?P<ts>mi|[a-d])?(?![a-z0-9]|\s?[.,]\d|\s?[cm]m|\s?/)"
)
# Behind "N1b" another letter may only be that of M: "pN1bM0".
_NS_END = r"(?:(?![a-z])|(?=\s?[ycp]{0,2}m\s?[01xo]))"
_N = rx(
    r"(?<![a-z0-9])(?P<pre>(?:y|r)?\s?p\s?(?:y|"
    r"r)?)\s?n\s?[:=]?\s?\(?(?P<n>[0-3oxil])\)?\s?(?P<ns>mic|mi|"
    rf"[a-c]{_NS_END})?\s?(?P<mod>\((?:i\s?[+-]|sn|mol\s?[+-]|i\s?-|"
    r"mi)[^)]{0,10}\))?"
)
_N_AFTER_T = re.compile(
    r"t\s?\(?(?:is|x|[0-4]|(?<=pt)[il]|[il](?=(?:mi|[a-d])?n[0-3xo](?![a-z0-9])))\)?\s?(?:mi|mic|"
    r"[a-d])?(?:/[a-d])?\s?(?:\([^)]{1,14}\))?\s?[,;/.:]?\s{0,3}(?P<pre>p?)"
    r"\s?n\s?\(?(?P<n>[0-3xoil])\)?\s?(?P<ns>mi|mic|"
    rf"[a-c]{_NS_END})?\s?(?P<mod>\((?:i\s?[+-]|sn|mol\s?[+-]|mi)[^)]{{0,10}}\))?"
)
_N_LABELLED = rx(
    r"(?:\bn[\s-]stage(?:[,\s]++pathologic)?|"
    r"regional (?:lymph )?nodes?(?: \(?p?n\)?)?|pathologic(?:al)? n|"
    r"lymph nodes? stage(?: \([^)]{0,25}\))?)"
    r"[^a-z0-9\n]{1,8}(?P<pre>)(?:n\s?(?P<n>[0-3xo])|"
    r"(?<=stage: )(?P<n2>[0-3x]))(?P<ns>mi|[a-c])?(?P<mod>\((?:i[+-]|"
    r"sn)\))?(?![a-z0-9])"
)
_M = rx(
    r"(?<![a-z0-9])(?P<pre>(?:y|r)?p)\s?m\s?[:=]?\s?\(?(?P<m>[01xoil])"
    r"\)?(?P<ms>[a-c](?![a-z]))?(?![a-z]{2})"
)
_M_AFTER_N = re.compile(
    r"n\s?\(?[0-3xoil]\)?\s?(?:mi|[a-c])?\s?(?:\([^)]{1,20}\)\s?)"
    r"*[,;/.]?\s{0,3}(?P<pre>[pc]?)\s?m\s?\(?(?P<m>[01xoil])"
    r"\)?(?P<ms>[a-c](?![a-z]))?(?![a-z]{2})"
)
_M_LABELLED = rx(
    r"(?:\bm[\s-]stage(?:[,\s]++pathologic)?|"
    r"distant metastas[ie]s(?: \(?p?m\)?)?|pathologic(?:al)? m)"
    r"[^a-z0-9\n]{1,8}(?P<pre>[pc]?)(?:m(?P<m>[01xo])|"
    r"(?<=stage: )(?P<m2>[01x]))(?P<ms>)(?![a-z0-9])"
)
_M_UNKNOWN = rx(
    r"distant metastas[ie]s(?: ?\(?p?m\)?)?\s?[:-]\s{0,3}(?:cannot be "
    r"(?:assessed|determined)|not (?:applicable|assessed|known|evaluated))|"
    r"\bpm\)?\s?[:-]?\s{0,3}(?:cannot be assessed|not applicable)"
)
_DIGIT = {"o": "0", "i": "1", "l": "1"}
# "pT1c(m)", "pT2(3)", "mpT2": several tumours in one organ (UICC TNM 8, general rule 5).
_SEVERAL = re.compile(r"\s?\((?:m|[2-9])\)")
_CODES = re.compile(
    r"(?:\b|(?<=[0-9ox)]))(?:l\s?(?:\(?)(?P<l>[01oxi])\)?(?![a-oq-su-uw-z])|"
    r"v\s?\(?(?P<v>[0-2ox])\)?|pn\s?\(?(?P<pn>[01])\)?(?=\s?[,;.]|\s*r)|"
    r"r\s?\(?(?P<r>[0-2o])\)?(?![a-z0-9]))"
)
_R_ALONE = re.compile(
    r"(?:resection status|margin status|residual tumou?r|completeness(?:\sof\sresection)?|"
    r"extent of resection|\br[- ]?classification|local|surgical margins?)\W{0,6}(?:\(r\)\W{0,3})"
    r"?\s?r\s?\(?(?P<r>[0-2])\)?(?![a-z0-9])|"
    r"(?<![a-z0-9])r\s?(?P<r2>[012])(?:\s?resection|\s?[.,;]\s|\s*$|\s?\)|"
    r"(?=\s?/\s?r[012])|(?=\sor\sr[012])|(?=\swas\snot\b)|\s\((?=[^)\n]{0,22}\d\s?mm\b)|"
    rf"{R_GOES_ON})"
)


def _fix(value: str) -> str:
    return _DIGIT.get(value, value)


def _category(letter: str, value: str, suffix: str | None) -> str:
    base = "is" if value == "is" else _fix(value).upper()
    return f"{letter}{base}{(suffix or '').replace('mic', 'mi')}"


def read(reading: Reading) -> Iterator[Candidate]:
    """Yield T, N and M categories and the codes behind them."""
    scores = [span for _, span in score_spans(reading)]
    for candidate in (*_t(reading), *_n(reading), *_m(reading)):
        # "T3 N2 M1 = 6" are a grade's components, not a stage.
        if _ASKED_NO.match(reading.low, candidate.end):
            continue  # "Tumour perforation (pT4): No" is what a yes would have made of it.
        if is_denied(reading.low, candidate.start):
            withheld(reading).append((candidate, False))
        elif not any(first <= candidate.start < last for first, last in scores):
            yield candidate
    yield from _m_unknown(reading)
    for candidate in _codes(reading):
        open_code = candidate.concept == "residual" and is_undecided_residual(
            reading.low, candidate.start, candidate.end
        )
        if _ASKED_NO.match(reading.low, candidate.end):
            continue
        if open_code:
            withheld(reading).append((candidate, False))
        else:
            yield candidate


_ASKED_NO = re.compile(r"(?:\s?\)|(?<=\)))\s?[:?]\s{0,3}(?:no|none|n/?a|nil|absent|not)\b")


def _weight(reading: Reading, position: int, extra: float) -> float:
    section = reading.section_at(position)
    return max(section.weight, 3.0 if section.name != "clinical" else 0.5) + extra


def _m_unknown(reading: Reading) -> Iterator[Candidate]:
    for match in _M_UNKNOWN.finditer(reading.low):
        weight = _weight(reading, match.start(), 0.0)
        yield Candidate("pm", "pMX", match.start(), match.end(), weight, 0.85)


def _written(reading: Reading, match: re.Match[str], letter: str) -> bool:
    """Say whether the category's letter is a capital: `in` and `tin` are words, `IN` may be N1."""
    return letter in reading.clean[match.start() : match.end()]


# A category without p behind "cT" or "cN" is clinical as well (UICC: the prefix tells the basis).
_CLINICAL = re.compile(r"(?<![a-z0-9])c\s?[tnm]\s?\(?(?:(?:is|[0-4xoil])[^p]{0,14})?\Z")


def _is_clinical(reading: Reading, match: re.Match[str], digit: str) -> bool:
    """Say whether the category whose digit is the group `digit` is a clinical one."""
    at = match.start(digit)
    return _CLINICAL.search(reading.low, max(0, at - 24), at) is not None


def _t(reading: Reading) -> Iterator[Candidate]:
    for pattern, extra in (
        (_T, 1.0),
        (_T_WITH_N, 0.6),
        (_T_READ_AS_LETTERS, 0.5),
        (_T_LABELLED, 0.3),
    ):
        for match in pattern.finditer(reading.low):
            prefix = re.sub(r"\s", "", match["pre"] or "")
            if not _written(reading, match, "T") and pattern is not _T_LABELLED:
                continue
            if match["t"] == "o" and "p" not in prefix:
                continue
            value = _category("T", match["t"], match["ts"])
            weight = _weight(reading, match.start(), extra)
            span = match.start(), match.end()
            if "c" in prefix:
                yield Candidate("ct", f"c{value}", *span, weight)
                continue
            treated = "y" if "y" in prefix else ""
            several = _SEVERAL.match(reading.low, match.end("ts") if match["ts"] else match.end())
            if several or re.match(r"m\s?p", match[0]):
                yield Candidate("focality_code", "multifocal", *span, weight)
            yield Candidate("pt", f"{treated}p{value}", *span, weight)
            if treated:
                yield Candidate("neoadjuvant", "given", *span, weight)


def _n(reading: Reading) -> Iterator[Candidate]:
    for pattern, extra in ((_N, 1.0), (_N_AFTER_T, 0.8), (_N_LABELLED, 0.3)):
        for match in pattern.finditer(reading.low):
            groups = match.groupdict()
            number = groups["n"] or groups.get("n2") or "x"
            written = reading.clean[match.start() : match.end()].strip()
            if written.endswith("PNI"):
                # Perineural invasion; pN1 with a Roman number is written "pNI".
                continue
            joined = not re.search(r"\s", match[0].strip()) or number.isdigit() or number in "xo"
            if pattern is not _N_LABELLED and not (_written(reading, match, "N") and joined):
                continue
            if _is_clinical(reading, match, "n" if groups["n"] else "n2"):
                continue
            if number == "o" and "p" not in (groups["pre"] or "") and written.endswith("No"):
                continue  # "Perforation (pT4): No" is an answer, and no N0 of a scan.
            modifier = re.sub(r"\s", "", groups["mod"] or "")
            micro = "mi" if number == "1" and modifier.startswith("(mi") else None
            value = _category("N", number, groups["ns"] or micro)
            modifier = "" if micro else modifier
            prefix = "y" if "y" in (groups["pre"] or "") else ""
            weight = _weight(reading, match.start(), extra)
            span = match.start(), match.end()
            yield Candidate("pn", f"{prefix}p{value}{modifier}", *span, weight)
            if prefix:
                yield Candidate("neoadjuvant", "given", *span, weight)


def _m(reading: Reading) -> Iterator[Candidate]:
    for pattern, extra in ((_M, 1.0), (_M_AFTER_N, 0.8), (_M_LABELLED, 0.3)):
        for match in pattern.finditer(reading.low):
            groups = match.groupdict()
            if pattern is not _M_LABELLED and not _written(reading, match, "M"):
                continue
            value = _category("M", groups["m"] or groups.get("m2") or "x", groups["ms"])
            weight = _weight(reading, match.start(), extra)
            clinical = _is_clinical(reading, match, "m" if groups["m"] else "m2")
            prefix = "c" if groups["pre"] == "c" or clinical else "p"
            yield Candidate("pm", prefix + value, match.start(), match.end(), weight)


_LV = re.compile(r"(?<![a-z0-9])l\s?(?P<l>[01oil])\s?[,;]?\s{0,3}v\s?(?P<v>[012oil])(?![a-qs-z])")
_VL = re.compile(r"(?<![a-z0-9])v\s?(?P<v>[012])\s?[,;]?\s{0,3}l\s?(?P<l>[01])(?![a-z0-9])")
_PN_CODE = re.compile(
    r"(?<=[LV][012X])(?:\s?[,;]\s{0,3}|\s{1,3})Pn\s?(?P<pn>[01])(?![A-Za-z0-9])|"
    r"(?<=[Pp]erineural:\s)Pn\s?(?P<pn3>[01])(?![A-Za-z0-9])|"
    r"(?<![A-Za-z0-9])Pn\s?(?P<pn2>[01])(?=\s?[,;]?\s{1,3}[LVR]\s?[012X](?![A-Za-z0-9]))"
)
_TNM_HEAD = re.compile(
    r"(?<![a-z])(?:y|r)?p?t\s?\(?(?:is|x|"
    r"[0-4il])\)?\s?[a-d]?\s?(?:\([^)]{1,14}\))"
    r"?[\s,;.]{0,3}(?:[yr]{0,2}p?n\s?\(?[0-3xoil]|l\s?[01o]\s?,?\s?v)|"
    r"\bg\s?[1-4i]{1,3}\s?[,;]\s?p?t"
)
_GRADE_CODE = re.compile(r"(?<![a-z])g\s?(?P<g>[1-4]|i{1,3}v?|l{2,3})(?![a-z0-9])")


def _codes(reading: Reading) -> Iterator[Candidate]:
    for match in _PN_CODE.finditer(reading.clean):
        word = "absent" if (match["pn"] or match["pn2"] or match["pn3"]) == "0" else "present"
        weight = _weight(reading, match.start(), 0.5)
        yield Candidate("perineural", word, match.start(), match.end(), weight)
    for match in (*_LV.finditer(reading.low), *_VL.finditer(reading.low)):
        if not (_written(reading, match, "L") and _written(reading, match, "V")):
            continue
        weight = _weight(reading, match.start(), 0.5)
        for concept, key in (("lvi", "l"), ("vascular", "v")):
            word = "absent" if _fix(match[key]) == "0" else "present"
            yield Candidate(concept, word, match.start(), match.end(), weight)
    for head in _TNM_HEAD.finditer(reading.low):
        left, right = max(0, head.start() - 60), min(len(reading.low), head.end() + 90)
        weight = _weight(reading, head.start(), 0.5)
        for match in _CODES.finditer(reading.low, head.end(), right):
            key = next(k for k, v in match.groupdict().items() if v is not None)
            digit = _fix(match[key])
            if digit == "x" or not _written(
                reading, match, key[-1].upper() if key != "pn" else "P"
            ):
                continue
            span = match.start(), match.end()
            if key == "r":
                yield Candidate("residual", f"R{digit}", *span, weight)
            else:
                concept = {"l": "lvi", "v": "vascular", "pn": "perineural"}[key]
                yield Candidate(concept, "absent" if digit == "0" else "present", *span, weight)
        for match in _GRADE_CODE.finditer(reading.low, left, right):
            grade = roman_of(match["g"])
            if grade:
                yield Candidate("grade", grade, match.start(), match.end(), weight)
    for match in _R_ALONE.finditer(reading.low):
        section = reading.section_at(match.start())
        digit = match["r"] or match["r2"]
        if section.name not in {"gross", "clinical"} and digit:
            yield Candidate(
                "residual", f"R{digit}", match.start(), match.end(), section.weight, 0.85
            )
