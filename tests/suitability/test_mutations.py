"""A criterion that is inverted, or whose limit moves by one, does not go unnoticed."""

import pytest

from suitability import CriteriaSet
from tests.suitability.battery import frozen, parsed_of, result_of, touched
from tests.suitability.cases import library
from tests.suitability.mutants import mutants

# Another part of the same `any` accepts the added value already: no finding tells them apart.
EQUIVALENT = {
    "A23-HER2 grade recommended: part 1 part 0 with negative",
    "GE-FOCAL grade high: part 1 part 0 with multicentric",
}
SETS = [name for name, one in library().sets.items() if one.kind != "reference"]


@pytest.mark.parametrize("name", SETS)
def test_the_library_still_says_what_was_frozen(name: str) -> None:
    one = library().sets[name]
    cases = [case for case in frozen() if case["set"] == name]
    assert cases
    for case in cases:
        said = result_of(one, parsed_of(case), case["phase"], touched(case))
        assert said == case["expect"], (case["base"], case["changes"], case["remove"])


@pytest.mark.parametrize("name", SETS)
def test_every_mutant_is_noticed(name: str) -> None:
    cases = [(case, parsed_of(case)) for case in frozen() if case["set"] == name]

    def noticed(identifier: str, mutant: CriteriaSet) -> bool:
        # Cases that speak of the changed criterion first: they nearly always decide.
        ordered = sorted(cases, key=lambda pair: identifier not in pair[0]["expect"])
        return any(
            result_of(mutant, parsed, case["phase"], touched(case)) != case["expect"]
            for case, parsed in ordered
        )

    made = list(mutants(library().sets[name], library().vocabulary))
    assert len(made) >= 2 * len(library().sets[name].criteria)
    unnoticed = [what for what, mutant in made if not noticed(what.split()[0], mutant)]
    assert set(unnoticed) <= EQUIVALENT
