"""The register of processing leaves no table out, and says nothing of tables that are not there."""

from pathlib import Path

import pytest

from settings import PROJECT_ROOT
from workflows.processing_register import Register, as_page, load_register
from workflows.retention.classified import TABLES
from workflows.retention.table_rows import NOBODYS

STAFF = {"user_account", "user_session", "second_factor", "recovery_code"}
"""Tables about people who work here: no patient's, and yet somebody's."""


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register(PROJECT_ROOT / "playbooks")


def test_each_table_about_people_belongs_to_what_is_done_with_it(register: Register) -> None:
    listed = [table for one in register.activities for table in one.tables]
    assert len(listed) == len(set(listed)), "a table stands twice"
    about_people = {name for name, rows in TABLES.items() if rows.where != NOBODYS} | STAFF
    assert set(listed) == about_people, "write it into playbooks/processing.yaml"


def test_the_page_is_up_to_date(register: Register) -> None:
    page = (PROJECT_ROOT / "docs" / "processing.md").read_text(encoding="utf-8")
    assert page == as_page(register), "run python -m workflows.rendering"


@pytest.mark.parametrize(
    ("country", "law"),
    [("DE", "gdpr"), ("NO", "gdpr"), ("GB", "uk_gdpr"), ("IN", "dpdp"), ("CN", "pipl"),
     ("KE", "kdpa"), ("US", None), (None, None)],
)  # fmt: skip
def test_the_law_is_that_of_where_the_patient_lives(
    register: Register, country: str | None, law: str | None
) -> None:
    assert register.law_of(country) == law


def test_no_country_has_two_laws(register: Register) -> None:
    countries = [country for law in register.laws.values() for country in law.countries]
    assert len(countries) == len(set(countries))


def test_the_procedure_names_the_hours_of_each_law(register: Register) -> None:
    text = (Path(PROJECT_ROOT) / "docs" / "breach.md").read_text(encoding="utf-8")
    for law in register.laws.values():
        assert law.breach_authority.basis.split(",")[0] in text, law.name
        if law.breach_authority.hours:
            assert f"{law.breach_authority.hours} hours" in text
