"""What is asked for: the fact that is open, in words to the patient, never what is stated."""

import random
import re
from typing import Any

import pytest

from suitability.requests import Request
from suitability.words import criterion_in_words
from tests.suitability.cases import base, library, run, worked


def asked(raw: dict[str, Any], phase: str = "preop") -> dict[str, Request]:
    observed = {
        name: value if isinstance(value, list) else [{"value": value, "source": "core_biopsy"}]
        for name, value in raw.items()
    }
    return {one.field: one for one in run(observed, phase).missing}


def every_question() -> dict[str, str]:
    rules = [rule for one in library().sets.values() for rule in one.criteria]
    found = {
        f"{field.name} (vocabulary)": field.ask for field in library().vocabulary.fields.values()
    }
    found |= {rule.id: rule.ask for rule in rules if "patient.sex" not in rule.fields()[:1]}
    return found


def test_no_question_speaks_of_the_patient_to_the_patient() -> None:
    """Letters put these questions to the patient word for word."""
    told = {name: ask for name, ask in every_question().items() if re.search(r"\bpatient", ask)}
    assert told == {}


def test_the_record_is_asked_in_its_own_words() -> None:
    raw = base("low_risk_breast")
    raw.pop("patient.sex", None)
    ask = asked(raw)["patient.sex"].ask
    assert "patient" not in ask and "sex" in ask


@pytest.mark.parametrize(
    ("site", "stated", "open_", "unsaid"),
    [
        ("pelvic_recurrent", {"rt.prior_dose_gy": 50}, "rt.prior_interval_years", "Gy"),
        ("pelvic_recurrent", {"rt.prior_interval_years": 4}, "rt.prior_dose_gy", "end"),
        ("pelvic_recurrent", {"rt.prior_same_region": True}, "pelv.rt_records_available", "dose"),
        ("low_risk_breast", {"breast.neoadjuvant": "given"}, "breast.neoadjuvant_weeks", "tablets"),
        (
            "low_risk_breast",
            {"rt.prior_same_region": False},
            "breast.prior_ipsilateral",
            "radiation",
        ),
        (
            "low_risk_breast",
            {"breast.prior_ipsilateral": False},
            "rt.prior_same_region",
            "cancer or",
        ),
    ],
)
def test_what_is_stated_is_not_asked_again(
    site: str, stated: dict[str, Any], open_: str, unsaid: str
) -> None:
    raw = {k: v for k, v in base(site).items() if k != open_} | stated
    found = asked(raw)
    assert open_ in found and unsaid not in found[open_].ask, found[open_]


def test_higher_risk_features_are_asked_one_by_one_once_one_is_stated() -> None:
    raw = base("low_risk_breast", **{"breast__grade": 2, "breast__er": "positive"})
    for name in ("breast.eic", "breast.neoadjuvant", "breast.pr", "breast.focality"):
        raw.pop(name, None)
    for request in asked(raw).values():
        assert "Which higher-risk features" not in request.ask, request


def test_with_nothing_stated_one_question_asks_for_all() -> None:
    raw = {k: v for k, v in base("pelvic_recurrent").items() if not k.startswith("rt.prior_")}
    found = asked(raw | {"rt.prior_same_region": True})
    assert found["rt.prior_dose_gy"].ask == found["rt.prior_interval_years"].ask


@pytest.mark.parametrize("seed", range(40))
def test_a_question_of_several_facts_is_asked_only_while_none_is_stated(seed: int) -> None:
    draw = random.Random(f"questions {seed}")
    name = draw.choice(sorted(n for n in worked()["bases"] if n != "post_breast"))
    raw = dict(worked()["bases"][name])
    for field in draw.sample(sorted(set(raw) - {"disease.site"}), draw.randint(1, 8)):
        del raw[field]
    rules = {rule.ask: rule for one in library().sets.values() for rule in one.criteria}
    known = library().vocabulary.fields
    for field, request in asked(raw).items():
        rule = rules.get(request.ask)
        if rule is None or not known[field].ask or len(rule.fields()) == 1:
            continue
        judged = [p for p in rule.predicates() if p is not rule.applies_when]
        spoken = {leaf.field for p in judged for leaf in p.leaves()}
        others = [one for one in spoken if one != field and one in raw]
        assert others == [] or request.ask == known[field].ask, (field, request.ask, others)


def test_a_denied_condition_is_said_as_people_say_it() -> None:
    rules = {rule.id: rule for one in library().sets.values() for rule in one.criteria}
    words = {name: criterion_in_words(rule, library().vocabulary) for name, rule in rules.items()}
    assert [name for name, said in words.items() if "not:" in said] == []
    assert words["CC-06"].endswith("(only when sex is not male)")
    assert words["PR-07"] == "prefers that hydronephrosis is no"
    assert words["EL-14"] == "prefers that ER is not negative or HER2 is not negative"
    assert "pT4d and skin involved is no and chest wall involved is no" in words["A7-TSTAGE"]
    assert "treatment before surgery is given and length" in words["TA-14"]
    assert "is not 4 weeks or less" in words["TA-14"]
