"""The shipped directory and the ranking of hospitals."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from correspondence.directory import HospitalRecord, confirm_units, load_hospitals, shortlist
from playbook_reader import PlaybookError

FILE = Path(__file__).resolve().parents[2] / "playbooks" / "hospitals.yaml"
HOSPITALS = load_hospitals(FILE)
TODAY = date(2026, 11, 23)
SITES = (
    "breast",
    "pancreas",
    "rectum_primary",
    "pelvic_recurrence",
    "gyn_recurrence",
    "stomach",
    "retroperitoneum",
)


def ids(entries: object) -> list[str]:
    return [entry.hospital.hospital_id for entry in entries]  # type: ignore[attr-defined]


def hospital(code: str) -> HospitalRecord:
    return next(h for h in HOSPITALS if h.hospital_id == code)


def test_only_fictitious_hospitals_are_shipped_and_they_say_so() -> None:
    assert 6 <= len(HOSPITALS) <= 8
    assert all(h.fictitious and "fictitious" in h.name for h in HOSPITALS)
    assert all(d.email.endswith(".example") for h in HOSPITALS for d in h.departments)
    assert {"IN", "CN"} < {h.country for h in HOSPITALS}


@pytest.mark.parametrize("site", SITES)
def test_every_site_has_a_hospital_that_can_be_chosen(site: str) -> None:
    techniques = ("ioert", "kv_iort", "ebx", "hdr_iort")
    assert any(e.choosable for t in techniques for e in shortlist(HOSPITALS, site, t, TODAY))


def test_technique_and_site_must_both_fit() -> None:
    for site in SITES:
        for technique in ("ioert", "kv_iort", "ebx", "hdr_iort"):
            for entry in shortlist(HOSPITALS, site, technique, TODAY):
                assert entry.unit.technique == technique
                assert site in entry.unit.sites


def test_an_unconfirmed_unit_is_listed_last_flagged_and_not_choosable() -> None:
    entries = shortlist(HOSPITALS, "breast", "kv_iort", TODAY)
    assert ids(entries)[-1] == "H04"
    assert "unconfirmed_90_days" in entries[-1].flags
    assert not entries[-1].choosable
    assert entries[0].choosable


@pytest.mark.parametrize(("days", "choosable"), [(0, True), (90, True), (91, False)])
def test_ninety_days_are_the_limit(days: int, choosable: bool) -> None:
    confirmed = confirm_units(hospital("H01"), TODAY - timedelta(days=days), "call")
    (entry,) = shortlist([confirmed], "breast", "kv_iort", TODAY)
    assert entry.choosable is choosable


def test_a_unit_never_confirmed_out_of_service_or_closed_to_foreigners_is_not_choosable() -> None:
    (never,) = shortlist([hospital("H08")], "gyn_recurrence", "hdr_iort", TODAY)
    assert {"never_confirmed", "no_foreigners"} <= set(never.flags)
    assert not never.choosable
    (broken,) = shortlist([hospital("H05")], "breast", "kv_iort", TODAY)
    assert "out_of_service" in broken.flags
    assert not broken.choosable


def test_a_wish_ranks_and_does_not_exclude() -> None:
    at_home = shortlist(HOSPITALS, "pancreas", "ioert", TODAY, countries=("CN",))
    abroad = shortlist(HOSPITALS, "pancreas", "ioert", TODAY, countries=("DE",))
    assert ids(at_home)[0] == "H03"
    assert ids(abroad)[0] == "H07"
    assert sorted(ids(at_home)) == sorted(ids(abroad))
    assert "country_wished" in at_home[0].reasons


def test_what_was_asked_already_is_left_out() -> None:
    assert "H01" not in ids(
        shortlist(HOSPITALS, "breast", "kv_iort", TODAY, exclude=frozenset({"H01"}))
    )


def test_a_complaint_costs_rank_and_a_conflict_of_interest_is_shown() -> None:
    entries = shortlist(HOSPITALS, "pancreas", "ioert", TODAY)
    marmara = next(e for e in entries if e.hospital.hospital_id == "H05")
    assert "conflict_of_interest" in marmara.flags
    complained = hospital("H01").model_copy(update={"complaints_open": 2})
    (one,) = shortlist([complained], "breast", "kv_iort", TODAY)
    (other,) = shortlist([hospital("H01")], "breast", "kv_iort", TODAY)
    assert one.score < other.score


def test_the_order_does_not_depend_on_the_file() -> None:
    assert ids(shortlist(HOSPITALS, "breast", "ioert", TODAY)) == ids(
        shortlist(HOSPITALS[::-1], "breast", "ioert", TODAY)
    )


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("zone: Asia/Kolkata", "zone: Asia/Atlantis", "unknown time zone"),
        ("technique: kv_iort", "technique: LOW_KV", "Input should be"),
        ("sites: [breast], cases", "sites: [prostate], cases", "Input should be"),
        ("email: ipd@sahyadri.example", "email: ipd@sahyadri.com", "under .example"),
        ("email: ipd@sahyadri.example", "email: nobody", "not an e-mail address"),
        ("Sahyadri Cancer Centre (fictitious)", "Sahyadri Cancer Centre", "must say"),
        ("hospital_id: H02", "hospital_id: H01", "stands twice"),
        ("city: Pune", "town: Pune", "city"),
        ('opens: "09:00", closes: "17:30"', 'opens: "18:00", closes: "17:30"', "opens after"),
    ],
)
def test_a_mistake_in_the_directory_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    path = tmp_path / "hospitals.yaml"
    path.write_text(FILE.read_text().replace(old, new, 1))
    with pytest.raises(PlaybookError, match=reason) as error:
        load_hospitals(path)
    assert error.value.line
    assert str(error.value).startswith("hospitals.yaml:")
