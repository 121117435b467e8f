"""What a clinician confirms before approving a version of a set, and which sets need that."""

from suitability.criteria import CriteriaSet, Statement

RECALLED = "recalled"
HISTORICAL = "historical"


def needs_approval(one: CriteriaSet) -> bool:
    """Say whether a set is a draft until a clinician approves it; a historical one is neither."""
    return one.status != HISTORICAL


def to_confirm(one: CriteriaSet) -> dict[str, str]:
    """Return the statements of a set that were written from memory, by id, in words.

    SCHEMA.md, section 2: what is `recalled` must be confirmed by a clinician before approval.
    Ids are those of the criteria, `facts.NAME`, and `banners.N` counted from 1.
    """
    found = {rule.id: rule.plain or rule.note for rule in one.criteria if rule.basis == RECALLED}
    said: dict[str, Statement] = {f"facts.{name}": fact for name, fact in one.facts.items()}
    said |= {f"banners.{number}": banner for number, banner in enumerate(one.banners, 1)}
    if one.several is not None:
        said["several"] = one.several.said
    if one.rests_on is not None:
        said["rests_on"] = one.rests_on.said
    found |= {name: fact.text for name, fact in said.items() if fact.basis == RECALLED}
    found |= {
        f"technique_rules.{rule.technique}": rule.text
        for rule in one.technique_rules
        if rule.basis == RECALLED
    }
    return found
