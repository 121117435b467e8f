"""What looks like a number of somebody and is medicine: it stays."""

import re

_KEPT = re.compile(
    r"""
    \b[ypcrm]*T(?:is|x|[0-4])[a-d]?\b                               # TNM
    | \b(?:C|D)\d{2}(?:\.\d{1,2})?\b                                 # ICD-10
    | \b(?:[89]\d{3})\s?/\s?[0-39]\b                                 # ICD-O morphology
    | \bM-?[89]\d{4}\b | \bT-?\d{5}\b                                # SNOMED
    | \bCPT[\s:#]*\d{5}(?:\s?[x×]\s?\d+)?\b # CPT
    | \b(?:SP|EP|EPR|PgR|CB|D|MIB|DAK|BC|PD|CK|CD|p|AE|EMA
        |MUC|GATA|TTF|PAX|SOX|BRCA|HER|Ki|1D|6F|4B|1A|30-9|E)
        -?\s?\d{1,4}(?:/\d{1,2})?(?![\w/-])                           # clones, antibodies, genes
    | \b\d+(?:[.,]\d+)?\s?(?:[x×*]\s?\d+(?:[.,]\d+)?\s?){0,2}(?:mm|cm|µm|um|ml|mg|mcg|µg
        |g|kg|gy|cgy|kv|mci|mbq|%|percent|/hpf|hpf|cells|cm2|mm2|m2|iu|u/ml|ng/ml|mmol|mmhg|bpm|мм|см|мг|мл|гр|毫米|厘米|मिमी|सेमी|مم|سم)(?![a-z])
    | \b\d{1,3}\s?(?:/|of|von|из|من)\s?\d{1,3}\b(?!\s?[/.-]\s?\d)    # nodes, scores
    | \b[1-4]\+
    """,
    re.IGNORECASE | re.VERBOSE,
)


def clinical_spans(text: str) -> list[tuple[int, int]]:
    """Return the places of a line that are measures, codes, scores or names of antibodies."""
    return [found.span() for found in _KEPT.finditer(text)]


def is_clinical(start: int, end: int, kept: list[tuple[int, int]]) -> bool:
    """Say whether most of a place lies within a clinical one."""
    shared = sum(max(0, min(end, last) - max(start, first)) for first, last in kept)
    return 2 * shared > end - start


_MEASURE = re.compile(r"[\d.,x×\s-]+(?:mm|cm|ml|mg|kg|g|%)\W*", re.IGNORECASE)


def is_measure(text: str) -> bool:
    """Say whether a text is a size, a weight or a share and nothing else."""
    return _MEASURE.fullmatch(text.strip()) is not None
