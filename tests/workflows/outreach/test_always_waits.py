"""Every answer about a hospital, in every state: the thread ends, or a clock or a person waits."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlmodel import Session, col

from adapters.clock import FixedClock
from models import Case, Hospital, HumanTask, Message, Offer, OutreachThread, StepRun
from models.database import transaction
from models.outreach import ENDED, STATES
from settings import Settings
from tests.workflows.furnished import Furnished
from tests.workflows.playing import add_hospitals, due
from tests.workflows.test_blank import needed
from workflows.decisions import QUESTIONS, Choice, DecisionRefused, decide
from workflows.engine.record import Recorder
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.events import Actor
from workflows.letters.to_hospitals import OF_OFFERS
from workflows.outreach.open_threads import is_open, waits
from workflows.steps import STEPS

ABOUT_THREADS = (
    "approve_message",
    "settle_message",
    "confirm_reply",
    "confirm_redirect",
    "use_named_date",
    "answer_more_info",
    "call_for_items",
    "chase_by_phone",
    "call_head",
    "mend_address",
    "follow_thread",
    "confirm_deletion",
    "record_offer",
    "present_offer",
    "renew_offer",
)
LETTERS = ("M10", "M11", "M14", "M17", "M44", "M45", "M46", "M53", "M63", "M64")
ABOUT_OFFERS = {"present_offer": "recorded", "renew_offer": "expired", "offer_holds": "recorded"}
"""By question or answer: how the offer stands that it is about; gone or accepted otherwise."""
FOLLOWING = sorted(name for name in STEPS if name.startswith(("outreach.", "notices.")))
CASES = ("OUTREACH", "MORE_INFO", "OFFER_REVIEW", "PATIENT_DECISION", "VISA")
THREADS = [state for state in STATES if state not in ("approved", "bounced")]


@dataclass(frozen=True)
class Given:
    """An answer, and how case and thread stand when it is given."""

    kind: str
    answer: str
    choice: Choice
    case: str
    thread: str
    letter: str

    def __str__(self) -> str:
        return f"{self.kind} {self.answer} ({self.letter}), {self.case}, thread {self.thread}"


@pytest.fixture
def world(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> World:
    world = World(settings, engine=engine, clock=clock)
    world.bucket = storage
    add_hospitals(world)
    return world


def every_answer() -> Iterator[Given]:
    """Each answer with each letter, and in each state of case and thread at least once."""
    for kind in ABOUT_THREADS:
        letters = LETTERS if kind in ("approve_message", "settle_message") else ("M10",)
        for code, choice in QUESTIONS[kind].choices(None).items():
            for letter in letters:
                for number in range(max(len(CASES), len(THREADS)) if letter == "M10" else 2):
                    thread = THREADS[number % len(THREADS)]
                    ended = thread in ENDED or letter == "M17" or kind == "confirm_deletion"
                    # A case whose hospitals have all ended is asked of no hospital any more.
                    cases = CASES[-2:] if ended else CASES
                    case = cases[number % len(cases)]
                    yield Given(kind, code, choice, case, thread, letter)


def bring(of: Furnished, given: Given) -> int:
    """Put case, thread and letter as they are given, nothing else waiting; return the task."""
    task_id = of.ask(given.case, "NOT_STARTED", "coordinator")
    with transaction(of.world.engine) as session:
        others = update(HumanTask).where(
            col(HumanTask.case_id) == of.case_id, col(HumanTask.id) != task_id
        )
        session.execute(others.values(state="done"))
        steps = update(StepRun).where(col(StepRun.case_id) == of.case_id)
        session.execute(steps.values(state="cancelled"))
        thread = session.get_one(OutreachThread, of.objects["thread_id"])
        thread.state = given.thread
        if given.letter == "M17" or given.kind == "confirm_deletion":
            thread.state, thread.deletion = "closed", "asked"
        offer = session.get_one(Offer, of.objects["offer_id"])
        letter = session.get_one(Message, of.objects["message_id"])
        letter.template = given.letter
        if given.letter in OF_OFFERS:
            letter.told = {"offer_id": offer.id, "questions": ["validity"]}
        gone = "accepted" if given.case == "VISA" else "withdrawn_by_hospital"
        offer.state = ABOUT_OFFERS.get(given.kind, ABOUT_OFFERS.get(given.answer, gone))
        # What the state itself asks is open: the family's decision, the next step of the journey.
        recorder = Recorder(session, of.world.process, of.now)
        if given.case in ("PATIENT_DECISION", "VISA"):
            recorder.start_anew(of.case_id)
            recorder.flush()
        hospital = session.get_one(Hospital, of.objects["hospital_id"])
        hospital.email = f"new-{hospital.email}" if given.kind == "mend_address" else hospital.email
    return task_id


def stands_still(world: World, of: Furnished) -> list[str]:
    with Session(world.engine) as session:
        case = session.get_one(Case, of.case_id)
        thread = session.get_one(OutreachThread, of.objects["thread_id"])
        still = []
        if is_open(case, thread) and not waits(session, case, thread):
            still.append(f"the thread ({thread.state}, case {case.state})")
        if case.closed_at is None and not _case_waits(session, of.case_id):
            still.append(f"the case ({case.state}, thread {thread.state})")
        return still


def _case_waits(session: Session, case_id: int) -> bool:
    runs = select(col(StepRun.id)).where(
        col(StepRun.case_id) == case_id,
        col(StepRun.state).in_(("queued", "paused")),
        col(StepRun.name) != "notices.send_update",
    )
    tasks = select(col(HumanTask.id)).where(
        col(HumanTask.case_id) == case_id, col(HumanTask.state) == "open"
    )
    return bool(session.scalars(runs).first() or session.scalars(tasks).first())


@pytest.mark.parametrize("kind", ABOUT_THREADS)
def test_no_answer_leaves_a_thread_or_its_case_with_nothing_that_waits(
    world: World, kind: str
) -> None:
    faults, taken = [], set()
    runner = Runner(world, STEPS)
    for given in every_answer():
        if given.kind != kind:
            continue
        of = Furnished(world, kind)
        task_id = bring(of, given)
        try:
            decide(
                world,
                task_id,
                answer=given.answer,
                actor=Actor("coordinator", "somebody"),
                values=needed(of, given.choice, given.answer),
                reason="why",
            )
        except DecisionRefused:
            continue  # the question stays open: a person waits
        taken.add(given.answer)
        faults += [f"{given}: at once {what}" for what in stands_still(world, of)]
        for name in due(world, FOLLOWING):
            runner.drain(name)
        for name in due(world, ("outreach.check_exhausted", "outreach.propose_shortlist")):
            runner.drain(name)
        faults += [f"{given}: then {what}" for what in stands_still(world, of)]
    assert not faults, "\n".join(faults)
    assert taken == set(QUESTIONS[kind].choices(None)), "each answer is taken somewhere"
