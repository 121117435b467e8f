"""Personal columns: sealed with the key of their row's case, and never written in clear."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import CheckConstraint, Engine, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import Session, SQLModel, col

from adapters.clock import FixedClock
from keys import OpeningFailed
from keys.values import MARK
from models import Case, DataKey, Document, Patient
from models.base import require_id
from models.database import transaction
from models.key_store import KeyDestroyed
from models.sealed import NotThroughItsRow, Sealed
from settings import Settings
from tests.workflows.patients import patients_are
from views.letters_waiting import letters_waiting
from workflows.cases.contacts import cases_of
from workflows.cases.intake import NewCase, NewPatient, open_case
from workflows.engine.lookup import patient_of
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.keyring.columns import columns_stand
from workflows.retention.erasing import destroy_keys

NAME, EMAIL, PHONE = "Zyxcanary Quendel", "Zyx.Canary@family.example", "+49 30 7771234567"
NOTE = "The Sanddorn canary sings"


@pytest.fixture
def world(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> World:
    world = World(settings, engine=engine, clock=clock)
    world.bucket = storage
    return world


def opened(world: World, **given: Any) -> int:
    """Open a case of the person, or of somebody else; return its number."""
    person = {"name": NAME, "email": EMAIL, "phone": PHONE, "birth_date": date(1970, 1, 2)}
    new = NewCase(NewPatient(**{**person, "intake": {"words": NOTE}, **given}))
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        case = open_case(session, recorder, world, new)
        recorder.flush()
        return require_id(case.id)


def as_it_lies(world: World) -> str:
    with world.engine.connect() as connection:
        return "\n".join(connection.scalars(text("SELECT p::text FROM patient p")))


def columns() -> list[Any]:
    return [
        one
        for table in SQLModel.metadata.tables.values()
        for one in table.columns
        if isinstance(one.type, Sealed)
    ]


def test_a_row_reads_what_it_was_given_and_the_database_holds_none_of_it(world: World) -> None:
    case_id = opened(world)
    lies = as_it_lies(world)
    for word in (NAME, "Zyxcanary", "canary", PHONE, "1970-01-02", "Sanddorn", "family.example"):
        assert word.lower() not in lies.lower(), word
    assert lies.count(MARK) == 5
    with transaction(world.engine) as session:
        patient = patient_of(session, case_id)
        read = (patient.name, patient.email, patient.phone, patient.birth_date, patient.intake)
        assert read == (NAME, EMAIL, PHONE, date(1970, 1, 2), {"words": NOTE})
        assert (patient.other_names, patient.nationality) == ([], None)
        assert session.execute(select(col(Patient.name), col(Patient.intake))).one() == (
            NAME,
            {"words": NOTE},
        )


def test_a_change_is_sealed_anew_and_found_anew(world: World) -> None:
    case_id = opened(world)
    before = as_it_lies(world)
    with transaction(world.engine) as session:
        patient = patient_of(session, case_id)
        patient.email, patient.intake = "other@family.example", {}
        session.flush()
        assert patient.email == "other@family.example", "also while the transaction goes on"
        assert not cases_of(session, EMAIL)
        assert [one.case_id for one in cases_of(session, "OTHER@family.example")] == [case_id]
    assert "other@" not in as_it_lies(world) != before
    with transaction(world.engine) as session:
        patient = patient_of(session, case_id)
        assert (patient.email, patient.intake, patient.name) == ("other@family.example", {}, NAME)


def test_two_values_of_one_case_do_not_change_places(world: World) -> None:
    case_id = opened(world)
    with transaction(world.engine) as session:
        for number in range(2):
            session.add(a_document(world, case_id, f"{number}.pdf"))
    turned = """UPDATE document d SET file_name = o.file_name
                  FROM document o WHERE o.id <> d.id AND o.case_id = d.case_id"""
    with world.engine.begin() as connection:
        assert connection.execute(text(turned)).rowcount == 2
    with Session(world.engine) as session, pytest.raises(OpeningFailed, match="does not open"):
        session.scalars(select(Document)).all()


def a_document(world: World, case_id: int, name: str) -> Document:
    return Document(
        case_id=case_id, sha256="x", object_key="", size=1, file_name=name,
        received_at=world.clock.now(),
    )  # fmt: skip


@pytest.mark.parametrize("target", ["another case", "another column"])
def test_a_value_that_was_moved_does_not_open(world: World, target: str) -> None:
    first = opened(world)
    second = opened(world, name="Somebody Else", email="else@family.example")
    with world.engine.begin() as connection:
        if target == "another case":
            other = "(SELECT name FROM patient WHERE case_id = :first)"
            move = f"UPDATE patient SET name = {other} WHERE case_id = :second"
        else:
            move = "UPDATE patient SET name = phone WHERE case_id = :second OR :first = 0"
        connection.execute(text(move), {"first": first, "second": second})
    told = rf"^patient.name of row \d+, case {second}, does not open$"
    with transaction(world.engine) as session, pytest.raises(OpeningFailed, match=told):
        patient_of(session, second)


def test_no_statement_writes_or_compares_a_bare_value(world: World) -> None:
    """A place that forgets the row fails, with nothing of the value in the error."""
    case_id = opened(world)
    forgotten: tuple[Callable[[Any], Any], ...] = (
        lambda s: s.execute(update(Patient).values(name=NAME)),
        lambda s: s.execute(insert(Patient).values(case_id=case_id, email=EMAIL, time_zone="UTC")),
        lambda s: s.execute(insert(Patient), [{"case_id": case_id, "email": EMAIL}]),
        lambda s: s.bulk_insert_mappings(Patient, [{"case_id": case_id, "email": EMAIL}]),
        lambda s: s.scalars(select(Patient).where(col(Patient.email) == EMAIL)).all(),
        lambda s: s.scalars(select(Patient).where(col(Patient.name).ilike(f"{NAME}%"))).all(),
        lambda s: s.scalars(select(Patient).where(func.lower(col(Patient.email)) == EMAIL)).all(),
        lambda s: s.scalars(select(Patient).where(col(Patient.email).in_([EMAIL]))).all(),
        lambda s: s.scalars(select(func.lower(col(Patient.email)))).all(),
        lambda s: s.scalars(select(func.max(col(Patient.name)))).all(),
        lambda s: s.scalars(select(Patient).order_by(col(Patient.name))).all(),
        lambda s: s.scalars(select(Patient).order_by(col(Patient.name).desc())).all(),
        lambda s: s.execute(select(col(Patient.name)).group_by(col(Patient.name))).all(),
        lambda s: s.scalars(select(Patient).ext(distinct_on(col(Patient.name)))).all(),
        lambda s: s.scalars(select(Case).where(col(Case.ref).in_(select(col(Patient.name))))).all(),
        lambda s: s.scalars(select(Patient).where(col(Patient.name) == col(Case.ref))).all(),
    )
    for number, statement in enumerate(forgotten):
        with (
            Session(world.engine) as session,
            pytest.raises((NotThroughItsRow, StatementError)) as told,
        ):
            pytest.fail(f"{number}: {statement(session)}")
        assert "canary" not in str(told.value).lower()
    with world.engine.begin() as connection, pytest.raises(IntegrityError) as refused:
        connection.execute(text("UPDATE patient SET name = :name"), {"name": NAME})
    assert "ck_patient_name_sealed" in str(refused.value)


def test_every_sealed_column_has_its_own_place_and_its_check(world: World) -> None:
    found = columns()
    assert {"patient.name", "patient.email", "patient.phone"} <= {str(one) for one in found}
    assert [one.type.place for one in found] == [f"{one.table.name}.{one.name}" for one in found]
    checks = {
        f"{table.name}.{check.name}"
        for table in SQLModel.metadata.tables.values()
        for check in table.constraints
        if isinstance(check, CheckConstraint)
    }
    there = text("SELECT conname FROM pg_constraint WHERE contype = 'c' AND convalidated")
    with world.engine.connect() as connection:
        known = set(connection.scalars(there))
    for one in found:
        name = f"ck_{one.table.name}_{one.name}_sealed"
        assert f"{one.table.name}.{name}" in checks and name in known, name


def test_what_was_rolled_back_is_in_clear_in_its_row_and_written_the_second_time(
    world: World,
) -> None:
    case_id = opened(world)
    patient = Patient(case_id=case_id, name=NAME, email=EMAIL)
    with Session(world.engine, expire_on_commit=False) as session:
        session.add(patient)
        session.add(Case(ref="CFX-26-00001", state="x", stage="x", opened_at=world.clock.now()))
        session.add(Case(ref="CFX-26-00001", state="x", stage="x", opened_at=world.clock.now()))
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()
        assert (patient.name, patient.email) == (NAME, EMAIL)
        session.add(patient)
        session.commit()
        session.refresh(patient)
        assert (patient.name, patient.email) == (NAME, EMAIL)


def test_a_row_without_a_case_is_not_written(world: World) -> None:
    with Session(world.engine) as session, pytest.raises(NotThroughItsRow):
        session.add(Patient(name=NAME))
        session.flush()


def test_a_list_is_ordered_by_what_it_counts(world: World) -> None:
    """The order of the senders of old letters names a label, which has no type of its own."""
    assert letters_waiting(world, "to_place", 1, "c1").senders == []


def test_once_the_key_is_destroyed_older_versions_of_a_row_are_nothing(world: World) -> None:
    """What a copy of the database's files holds of an erased case is sealed for ever."""
    case_id = opened(world)
    with transaction(world.engine) as session:
        destroy_keys(world, session, case_id)
    with transaction(world.engine) as session:
        patient = patient_of(session, case_id)
        assert (patient.name, patient.email, patient.birth_date) == (None, None, None)
        assert (patient.intake, patient.other_names) == ({}, [])
    with Session(world.engine) as session:
        owners = session.scalars(select(col(DataKey.wrapped)).where(col(DataKey.owner) == "case"))
        assert set(owners) == {None}


def test_once_the_key_is_destroyed_nothing_is_written_with_a_new_one(world: World) -> None:
    """Late words of an erased case would lie there under a key that nobody destroys."""
    case_id = opened(world)
    with transaction(world.engine) as session:
        destroy_keys(world, session, case_id)
    with pytest.raises(StatementError) as told, transaction(world.engine) as session:
        patient_of(session, case_id).phone = "late canary"
    assert isinstance(told.value.orig, KeyDestroyed) and "canary" not in str(told.value)
    with Session(world.engine) as session:
        owned = select(col(DataKey.wrapped)).where(col(DataKey.owner) == "case")
        assert set(session.scalars(owned)) == {None}


def test_a_moment_is_no_day(world: World) -> None:
    """Written as one it would shut its row for good."""
    case_id = opened(world)
    with pytest.raises(TypeError, match="holds a day"), transaction(world.engine) as session:
        patient_of(session, case_id).birth_date = world.clock.now()
    with transaction(world.engine) as session:
        assert patient_of(session, case_id).birth_date == date(1970, 1, 2)


def test_two_of_one_address_share_a_mark_and_no_sealed_value(world: World) -> None:
    for _ in range(2):
        opened(world)
    with world.engine.connect() as connection:
        rows = connection.execute(text("SELECT email, email_mark, name_marks FROM patient")).all()
    assert len({row[0] for row in rows}) == 2
    assert len({row[1] for row in rows}) == 1 and len(rows[0][2]) == 2


def test_changing_every_patient_changes_each_with_its_own_key(world: World) -> None:
    cases = [opened(world) for _ in range(3)]
    with transaction(world.engine) as session:
        patients_are(session, phone="+44 1")
    with transaction(world.engine) as session:
        assert {patient_of(session, one).phone for one in cases} == {"+44 1"}


def test_the_doctor_says_that_no_row_lies_open_or_how_many_do(
    world: World, owner_engine: Engine
) -> None:
    opened(world)
    with transaction(world.engine) as session:
        assert columns_stand(session) == ("", f"{len(columns())} columns, no row lies open")
    with owner_engine.begin() as connection:
        connection.execute(text("ALTER TABLE patient DROP CONSTRAINT ck_patient_name_sealed"))
        connection.execute(text("UPDATE patient SET name = 'in clear'"))
    with transaction(world.engine) as session:
        assert columns_stand(session) == ("1 rows lie open", "")
        with pytest.raises(OpeningFailed):
            session.scalars(select(Patient)).all()
