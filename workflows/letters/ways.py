"""Which other ways a letter may name, and whether both sides of IORT are told: borne by facts.

Read from the newest pre-operative result. What nobody stated bears no sentence: a way that does not
fit the person is worse in a letter than a way left out, which the doctors can name all the same.
"""

from collections.abc import Mapping
from typing import Any

from models import Assessment
from suitability.deciding import NO_OUTREACH
from workflows.letters.patient_points import PREGNANCY, PREGNANCY_ASKED_BELOW
from workflows.letters.source import Source
from workflows.screening.assessments import latest_assessment

EXTERNAL, SECOND_OPINION = "external_radiotherapy", "second_opinion"
OPTIONS = (EXTERNAL, SECOND_OPINION)
"""Ways to talk about with the family's own doctors; a person edits the list in the draft."""
TWO_SIDES = ("breast",)
"""Sites of which trials say what IORT may offer and what it costs (words: two_sides)."""
OF_MEN = "male"
"""What is added to the site for a man: neither trial took men (breast_targit_a TA-18, breast_eliot
EL-17).
"""

EXTERNAL_AFTER_SURGERY = ("breast",)
"""Sites for which the kept sources name radiation from outside after the operation
(criteria/case_policy.yaml, alternatives_to_show); elsewhere a tumour board says when it is given.
"""
AGAINST_EXTERNAL: Mapping[str, tuple[Any, ...]] = {
    "rt.prior_same_region": (True,),
    "rt.ebrt_component": ("done_preop", "not_possible", "none"),
    "patient.can_return_for_ebrt": (False,),
    "patient.radiosensitivity_syndrome": (True,),
    "patient.active_connective_tissue_disease": (True,),
    "breast.prior_ipsilateral": (True,),
    "breast.suitable_bcs": (False,),
    "disease.metastasis": ("M1",),
    "disease.intent": ("palliative",),
}
"""What a person or a document may have stated with which the letter does not name it."""


def ways(source: Source) -> list[str]:
    """Return the ways to talk about that fit what is stated; another opinion always does."""
    newest = latest_assessment(source.session, source.case_id, "preop")
    fits = newest is not None and external_fits(source.case.site, newest)
    return [EXTERNAL, SECOND_OPINION] if fits else [SECOND_OPINION]


def external_fits(site: str | None, result: Assessment) -> bool:
    """Say whether what is stated bears that external radiotherapy is named as another way.

    That this region had no radiation before, and that there is no pregnancy, must be stated.
    """
    if site not in EXTERNAL_AFTER_SURGERY or result.category in NO_OUTREACH:
        return False
    stated = {name: _stated(result, name) for name in (*AGAINST_EXTERNAL, PREGNANCY)}
    if any(said & set(AGAINST_EXTERNAL.get(name, ())) for name, said in stated.items()):
        return False
    return stated["rt.prior_same_region"] == {False} and _not_pregnant(result)


def two_sides(source: Source) -> str | None:
    """Return for which site, and for a man of it, both sides of IORT are told; None elsewhere.

    To whom the technique is not open now (a pregnancy, a circumstance that stops the pathway) it
    is not described as one that may offer anything.
    """
    site = source.case.site
    newest = latest_assessment(source.session, source.case_id, "preop")
    if site not in TWO_SIDES or newest is None or newest.category in NO_OUTREACH:
        return None
    return f"{site}_{OF_MEN}" if _stated(newest, "patient.sex") == {OF_MEN} else site


def _not_pregnant(result: Assessment) -> bool:
    ages = _stated(result, "patient.age_years")
    past = bool(ages) and all(
        isinstance(age, int | float) and age >= PREGNANCY_ASKED_BELOW for age in ages
    )
    said = _stated(result, PREGNANCY)
    return said == {False} or (not said and (past or _stated(result, "patient.sex") == {OF_MEN}))


def _stated(result: Assessment, name: str) -> set[Any]:
    """Return the plain values that the result's findings state of a field; ranges are none."""
    rows = result.findings.get("observations", {}).get(name, ())
    return {row["value"] for row in rows if isinstance(row.get("value"), str | bool | int | float)}
