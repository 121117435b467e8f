"""Weighing findings against published criteria: pure, three-valued, every result traceable.

`load_library` reads and checks the playbooks, `parse_findings` checks what is to be screened,
`screen` judges it by the rules of docs/suitability.md and freezes the result with the hash of
its inputs and the version of every set. Nothing here decides about a patient: a category only
sorts the clinician's list. No input or output other than the playbook files named by the caller.
"""

from suitability.criteria import CriteriaSet, Criterion, Library
from suitability.errors import FindingsError, PlaybookError, SuitabilityError
from suitability.evidence import Observation
from suitability.findings_input import parse_findings, read_findings
from suitability.loader import load_library
from suitability.screening import ENGINE_VERSION, Screening, input_hash, screen

__all__ = [
    "ENGINE_VERSION",
    "CriteriaSet",
    "Criterion",
    "FindingsError",
    "Library",
    "Observation",
    "PlaybookError",
    "Screening",
    "SuitabilityError",
    "input_hash",
    "load_library",
    "parse_findings",
    "read_findings",
    "screen",
]
