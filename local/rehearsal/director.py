"""Directs a rehearsal: opens the cases, lets people and hospitals act, moves the business clock."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlmodel import Session, col

from local.rehearsal import hospital
from local.rehearsal.documents import EXAMPLES, breast_final
from local.rehearsal.hospital import Enquiry, HospitalPost, Reply
from local.rehearsal.parts import Part
from local.rehearsal.people import Player, hospital_addresses
from models import Case, CaseEvent, HumanTask, InboundMail
from models.base import require_id
from models.database import transaction
from workflows.cases.intake import NewCase, NewPatient, add_document, open_case, store_original
from workflows.directory.store import confirm_fictitious, ensure_directory
from workflows.engine.business_clock import move_clock
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor

QUIET_WITHIN = 90.0
"""Seconds of real time in which what is due must be done, or the rehearsal has failed."""
PATHOLOGY_DAYS = 8
LONGEST = timedelta(days=400)
"""Business time after which a rehearsal that still goes on goes round in circles."""


class RehearsalStuck(RuntimeError):
    """Nobody can go on. The text names references, states and kinds of questions only."""


@dataclass
class Scene:
    """One case being played."""

    case_id: int
    ref: str
    part: Part
    asked: list[str] = field(default_factory=list)
    """Addresses of the hospitals that were asked, in order."""
    pathology_sent: bool = False
    offered_later: bool = False


Watch = Callable[[], None]


class Rehearsal:
    """Plays cases from the inquiry to their end on the embedded servers."""

    def __init__(self, world: World, watch: Watch = lambda: None) -> None:
        """Refuses (`ValueError`) outside embedded mode; `watch` is called after every step."""
        if not world.settings.embedded:
            raise ValueError("a rehearsal is played on the embedded servers only (./iort up)")
        self.world = world
        self.player = Player(world)
        self.post = HospitalPost(world.settings)
        self.scenes: list[Scene] = []
        self._watch = watch
        self._began = world.clock.now()
        self._received_before = self._received()
        ensure_directory(world)
        confirm_fictitious(world)

    def open(self, part: Part, content: bytes | None = None, file_name: str = "") -> Scene:
        """Open a part's case through the real door, marked as rehearsal; with its own report."""
        world, person = self.world, part.person
        content = content or EXAMPLES[part.report]()
        sha256, key = store_original(world, content)
        new = NewCase(
            patient=NewPatient(
                name=person.name,
                birth_date=person.birth_date,
                sex=person.sex,
                record_number=person.record_number,
                email=person.email,
                time_zone=person.time_zone,
                nationality=person.country,
            ),
            source="web",
            residence_country=person.country,
            rehearsal=True,
        )
        actor = Actor("patient", "rehearsal:patient")
        with transaction(world.engine) as session:
            recorder = Recorder(session, world.process, world.clock.now())
            case = open_case(session, recorder, world, new, actor)
            scene = Scene(require_id(case.id), case.ref, part)
            add_document(
                session,
                recorder,
                scene.case_id,
                sha256=sha256,
                key=key,
                size=len(content),
                file_name=file_name or part.report,
                channel="portal",
                actor=actor,
            )
            due = recorder.flush()
        world.doorbell.ring(due)
        self.scenes.append(scene)
        self.player.parts[scene.case_id] = part
        return scene

    def play(self) -> None:
        """Play every scene to its end; raise `RehearsalStuck` when nobody can go on."""
        while True:
            self.settle()
            answered, next_at = self.player.answer_all()
            written = self._hospitals()
            if answered or written:
                continue
            if all(self.ended(scene) for scene in self.scenes):
                return
            self._move_to(next_at)

    def remind(self) -> int:
        """Move on until every case in follow-up was asked once; return the reminders sent."""
        due = self._first_reminders()
        if due is not None:
            self._move_to(due + timedelta(minutes=5))
            self.settle()
            self.player.answer_all()
            self.settle()
        return self._count("reminder.sent")

    def ended(self, scene: Scene) -> bool:
        """Say whether a scene has reached the state it is played to."""
        return self._state(scene) == scene.part.until

    def close(self) -> None:
        """Leave the mail server."""
        self.post.close()

    def settle(self) -> None:
        """Wait until nothing is due or being worked; raise `RehearsalStuck` when it lasts."""
        end = time.monotonic() + QUIET_WITHIN
        while self._busy():
            self._watch()
            if time.monotonic() > end:
                raise RehearsalStuck(f"still busy after {QUIET_WITHIN:.0f} s: {self._story()}")
            time.sleep(0.1)
        self._watch()

    def _received(self) -> int:
        with transaction(self.world.engine) as session:
            return session.scalar(select(func.count()).select_from(InboundMail)) or 0

    def _busy(self) -> bool:
        if self._received() - self._received_before < self.post.sent:
            return True
        with transaction(self.world.engine) as session:
            due = session.execute(
                text(
                    "SELECT count(*) FROM step_run WHERE case_id = ANY(:cases) AND"
                    " (state = 'running' OR (state = 'queued' AND due_at <= :now))"
                ),
                {"cases": [s.case_id for s in self.scenes], "now": self.world.clock.now()},
            ).scalar_one()
            return bool(due)

    def _hospitals(self) -> int:
        now = self.world.clock.now()
        with transaction(self.world.engine) as session:
            addresses = hospital_addresses(session)
        answered = self.post.answer(addresses, self._reply, now)
        return answered + self._offers_after_more_info(now) + self._final_pathology(now)

    def _reply(self, enquiry: Enquiry) -> Reply | None:
        scene = next((each for each in self.scenes if each.ref == enquiry.ref), None)
        if scene is None:
            return None
        now = self.world.clock.now()
        if enquiry.hospital in scene.asked:  # a chase, an answer to a question, or thanks
            return None
        scene.asked.append(enquiry.hospital)
        number = min(len(scene.asked), len(scene.part.replies)) - 1
        return hospital.REPLIES[scene.part.replies[number]](now)

    def _offers_after_more_info(self, now: datetime) -> int:
        """The hospital that asked for more has got it: it makes its offer."""
        sent = 0
        for scene in self.scenes:
            if scene.offered_later or "more_info" not in scene.part.replies:
                continue
            with transaction(self.world.engine) as session:
                if not count_events(session, [scene.case_id], "more_info.answered"):
                    continue
            address = scene.asked[scene.part.replies.index("more_info")]
            enquiry = self.post.last_enquiry(address, scene.ref)
            assert enquiry is not None
            self.post.write(enquiry, hospital.offer(now), now)
            scene.offered_later = True
            sent += 1
        return sent

    def _final_pathology(self, now: datetime) -> int:
        sent = 0
        for scene in self.scenes:
            with transaction(self.world.engine) as session:
                case = session.get_one(Case, scene.case_id)
                operated, pending = case.surgery_date, case.pathology_state == "PENDING"
            if not scene.part.final_pathology or scene.pathology_sent or not pending:
                continue
            if operated is None or (now.date() - operated).days < PATHOLOGY_DAYS:
                continue
            letters = [self.post.last_enquiry(address, scene.ref) for address in scene.asked]
            enquiry = next((letter for letter in letters if letter), None)
            if enquiry is None:
                continue
            report = breast_final(
                scene.part.person, collected=operated.isoformat(), reported=now.date().isoformat()
            )
            self.post.write(enquiry, hospital.final_pathology("final-pathology.pdf", report), now)
            scene.pathology_sent = True
            sent += 1
        return sent

    def _move_to(self, moment: datetime | None) -> None:
        now = self.world.clock.now()
        if moment is None or now - self._began > LONGEST:
            raise RehearsalStuck(
                f"nobody can go on: {self._story()}; last refusal: {self.player.last_refusal}"
            )
        move_clock(self.world.engine, max(moment - now, timedelta(0)) + timedelta(seconds=1))
        # Every process reads the shift a few times a second.
        time.sleep(0.5)

    def _first_reminders(self) -> datetime | None:
        """Return when the last of the cases gets its first follow-up question."""
        with transaction(self.world.engine) as session:
            return session.execute(
                text(
                    "SELECT max(first) FROM (SELECT min(due_at) AS first FROM step_run"
                    " WHERE name = 'reminders.send_reminder' AND state = 'queued'"
                    " AND case_id = ANY(:cases) GROUP BY case_id) AS of_each"
                ),
                {"cases": [scene.case_id for scene in self.scenes]},
            ).scalar()

    def _state(self, scene: Scene) -> str:
        with transaction(self.world.engine) as session:
            return session.get_one(Case, scene.case_id).state

    def _count(self, type: str) -> int:
        with transaction(self.world.engine) as session:
            return count_events(session, [scene.case_id for scene in self.scenes], type)

    def _story(self) -> str:
        with transaction(self.world.engine) as session:
            lines = []
            for scene in self.scenes:
                kinds = session.scalars(
                    select(col(HumanTask.kind)).where(
                        col(HumanTask.case_id) == scene.case_id, col(HumanTask.state) == "open"
                    )
                )
                state = session.get_one(Case, scene.case_id).state
                lines.append(f"{scene.ref} {state}, open: {', '.join(sorted(kinds)) or 'nothing'}")
        return "; ".join(lines)


def count_events(session: Session, case_ids: Sequence[int], type: str) -> int:
    """Return how many events of a type the cases have."""
    return (
        session.scalar(
            select(func.count())
            .select_from(CaseEvent)
            .where(col(CaseEvent.case_id).in_(case_ids), col(CaseEvent.type) == type)
        )
        or 0
    )
