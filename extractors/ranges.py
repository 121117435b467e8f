"""Printed ranges: what a laboratory's answers mean, beside a value or in a legend, and no value.

"Negative: <1 %, low positive: 1-10 %" and "0-1+ negative, 2+ equivocal, 3+ positive" use the words
of a result; the gate shuts them, and the words behind a marker are read without them.
"""

import re

VERDICT = (
    r"(?:(?:low|weak(?:ly)?|strong(?:ly)?|high|moderate(?:ly)?)[\s-]{0,2})?"
    r"(?:positive|negative|equivocal|pos|neg|normal|amplified|non-?amplified|borderline|low|"
    r"intermediate|high|weak|moderate|strong|(?:ultra-?)?low)"
)
_NUMBER = r"\d{1,3}(?:[.,]\d)?\s?(?:%|\+)?"
BOUND = (
    rf"(?:(?:<|>|less than|more than|greater than|at least|up to|below|above)\s?=?\s?{_NUMBER}"
    rf"|{_NUMBER}\s?(?:-|to|and|or|,)\s?{_NUMBER}|[0-2]\+?\s?/\s?[1-3]\+?(?!\d))"
)
SCORES = r"(?:(?:ihc|allred|quick|h)[\s-]?)?(?:scores?(?: of)?\s?)?"
ENTRY_END = r"(?:of (?:\w++ ){0,3}(?:cells|nuclei|staining))?"
MEANS = r"\s?(?:[:=]|is|are|means)?\s?"
_ENTRY = (
    rf"(?:{VERDICT}{MEANS}{SCORES}{BOUND}|"
    rf"(?<![\d.,/+-]){SCORES}{BOUND}\s?(?:cells |nuclei )?{MEANS}{VERDICT}\b)"
)
# A single score and its meaning counts only as one of several: "2+ equivocal, 3+ positive".
_LOOSE = (
    rf"(?:{_ENTRY}|(?<![\d.,/+-]){SCORES}[0-8]\+?{MEANS}{VERDICT}\b|"
    rf"{VERDICT}{MEANS}{SCORES}[0-8]\+?(?![\d.%/]))"
)
_SEPARATOR = r"[\s,;/|&.]{1,4}(?:and )?"
SCALE = re.compile(
    rf"(?<![\w+]){_ENTRY}(?:{_SEPARATOR}{_LOOSE}){{1,4}}|"
    rf"(?<![\w+]){_LOOSE}(?:{_SEPARATOR}{_LOOSE}){{0,3}}{_SEPARATOR}{_ENTRY}|"
    rf"(?<![\w+]){_LOOSE}(?:{_SEPARATOR}{_LOOSE}){{2,4}}"
)
"""Two entries of a printed scale or more, or three of single scores."""
