"""A case played without Celery: steps are drained in this process, people answer at once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage as Mail
from email.policy import default

from sqlalchemy import select, text
from sqlmodel import Session, col

from adapters.clock import FixedClock
from adapters.mail_out import Delivered, MailOut, SmtpMailOut
from correspondence.directory import HospitalRecord
from local.rehearsal.people import SIGNER
from local.rehearsal.reports import ROSA
from models import Case, CaseEvent, HumanTask, Message
from models.base import require_id
from models.database import transaction
from tests.fixtures.reading import RememberingReader
from workflows.cases.intake import NewCase, NewPatient, add_document, open_case, store_original
from workflows.decisions import decide
from workflows.directory.store import put_hospitals
from workflows.documents.differing import differing
from workflows.engine.record import Recorder
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.events import Actor
from workflows.findings.decisions import as_looked_at
from workflows.screening.signing import as_read
from workflows.steps import STEPS

PATIENT = NewPatient(
    name=ROSA.name,
    birth_date=ROSA.birth_date,
    sex=ROSA.sex,
    email=ROSA.email,
    time_zone=ROSA.time_zone,
    nationality=ROSA.country,
)
Answer = tuple[str, Mapping[str, str]]


def due(world: World, names: Sequence[str]) -> Iterator[str]:
    """Yield those of the steps with due rows in their order; one that becomes due later comes too.

    To draw a step that has no row costs as much as to look for all of them.
    """
    while found := _names_due(world) & set(names):
        name = next(name for name in names if name in found)
        yield name
        names = names[names.index(name) + 1 :]


def _names_due(world: World) -> set[str]:
    with world.engine.connect() as connection:
        return set(
            connection.scalars(
                text(
                    "SELECT DISTINCT name FROM step_run WHERE state = 'running'"
                    " OR state = 'queued' AND due_at <= :now"
                ),
                {"now": world.clock.now()},
            )
        )


@dataclass
class KeptMail:
    """The relay, and a copy of each letter that it was handed, as its reader gets it."""

    relay: MailOut
    left: list[bytes] = field(default_factory=list)

    def deliver(
        self,
        raw: bytes,
        envelope_from: str,
        recipients: Sequence[str],
        *,
        before_text: Callable[[], None] | None = None,
    ) -> Delivered:
        """Hand the letter on, and keep it where it was taken."""
        taken = self.relay.deliver(raw, envelope_from, recipients, before_text=before_text)
        self.left.append(raw)
        return taken


@dataclass
class Play:
    """One world, one case, and whoever answers its questions."""

    world: World
    clock: FixedClock
    case_id: int = 0
    answered: list[str] = field(default_factory=list)
    mail: KeptMail = field(init=False)

    def __post_init__(self) -> None:
        self.world.reader = RememberingReader(self.world)
        self.mail = KeptMail(self.world.mail_out)
        if type(self.world.mail_out) is SmtpMailOut:  # a test's own is left as it is
            self.world.mail_out = self.mail

    def open(
        self, *files: bytes, site: str | None = "breast", patient: NewPatient = PATIENT
    ) -> None:
        """Open the case with its files, through the door that every entry uses."""
        stored = [(store_original(self.world, content), len(content)) for content in files]
        with transaction(self.world.engine) as session:
            recorder = Recorder(session, self.world.process, self.clock.now())
            new = NewCase(patient=patient, site=site, residence_country="KE")
            case = open_case(session, recorder, self.world, new, Actor("coordinator", "c1"))
            self.case_id = require_id(case.id)
            for number, ((sha256, key), size) in enumerate(stored):
                add_document(
                    session,
                    recorder,
                    self.case_id,
                    sha256=sha256,
                    key=key,
                    size=size,
                    file_name=f"report {number}.pdf",
                    channel="portal",
                )
            recorder.flush()

    def add(self, content: bytes) -> None:
        """Add a file to the open case and work what follows."""
        sha256, key = store_original(self.world, content)
        with transaction(self.world.engine) as session:
            recorder = Recorder(session, self.world.process, self.clock.now())
            add_document(
                session,
                recorder,
                self.case_id,
                sha256=sha256,
                key=key,
                size=len(content),
                file_name="later.pdf",
                channel="email",
            )
            recorder.flush()
        self.run()

    def run(self) -> None:
        """Work every step that is due until nothing is."""
        runner = Runner(self.world, STEPS)
        names = [name for name in STEPS if name != "ingestion.fetch_mail"]
        while sum(runner.drain(name) for name in due(self.world, names)):
            pass

    def tasks(self) -> list[HumanTask]:
        """Return the open human tasks, oldest first."""
        with Session(self.world.engine) as session:
            return list(
                session.scalars(
                    select(HumanTask)
                    .where(col(HumanTask.state) == "open")
                    .order_by(col(HumanTask.id))
                )
            )

    def answer(self, kind: str, answer: str, reason: str | None = None, **values: str) -> None:
        """Answer the oldest open task of a kind, then work what follows."""
        self.decide_only(kind, answer, reason, **values)
        self.run()

    def decide_only(self, kind: str, answer: str, reason: str | None = None, **values: str) -> None:
        """Answer the oldest open task of a kind; what follows stays queued."""
        task = next((task for task in self.tasks() if task.kind == kind), None)
        assert task is not None, f"no open {kind}; open: {[task.kind for task in self.tasks()]}"
        actor = Actor(task.role, f"test:{task.role}")
        decide(
            self.world,
            require_id(task.id),
            answer=answer,
            actor=actor,
            reason=reason,
            values=values,
        )

    def sign(
        self,
        answer: str,
        reason: str | None = "read, and discussed at the board",
        /,
        *,
        kind: str = "review_case",
        **values: str,
    ) -> None:
        """Sign the newest result as a clinician does, then work what follows."""
        self.answer(kind, answer, reason, **{**self.signing(kind), **values})

    def signing(self, kind: str = "review_case") -> dict[str, str]:
        """Return what a signature states: which result, each finding that decides, who signs."""
        phase = "postop" if kind == "recheck_pathology" else "preop"
        with Session(self.world.engine) as session:
            library = self.world.playbooks.criteria
            return {**SIGNER, **as_read(session, library, self.case_id, phase)}

    def confirm(self, **given: str) -> None:
        """Confirm the oldest document as a person does who looked at each value that needs it."""
        self.answer("review_findings", "confirm", **self.looked_at(**given))

    def looked_at(self, **given: str) -> dict[str, str]:
        """Return the values of such an answer; `given` are those corrected or added in it."""
        task = next(task for task in self.tasks() if task.kind == "review_findings")
        with Session(self.world.engine) as session:
            return as_looked_at(session, self.world.playbooks.criteria, task, given)

    def pick(self, reason: str = "superseded", **picked: str) -> None:
        """Pick one statement of every field on which documents differ; the newest unless named."""
        with Session(self.world.engine) as session:
            today = self.clock.now().date()
            found = differing(session, self.case, self.world.playbooks.criteria, today)
        values = {name: str(said[-1][0].id) for name, said in found.items()} | picked
        values |= {f"why:{name}": reason for name in values}
        self.answer("settle_differences", "pick", **values)

    def move(self, days: float) -> None:
        """Move the business clock and work what became due."""
        self.clock.move(timedelta(days=days))
        self.run()

    @property
    def case(self) -> Case:
        with Session(self.world.engine) as session:
            case = session.get(Case, self.case_id)
            assert case is not None
            return case

    def events(self, type: str | None = None) -> list[CaseEvent]:
        """Return the timeline, or its events of one type."""
        with Session(self.world.engine) as session:
            query = select(CaseEvent).where(col(CaseEvent.case_id) == self.case_id)
            if type:
                query = query.where(col(CaseEvent.type) == type)
            return list(session.scalars(query.order_by(col(CaseEvent.seq))))

    def mails(self, template: str) -> list[Mail]:
        """Return the letters of a kind that left by themselves, as their reader got them."""
        ids = [one.message_id for one in self.messages(template=template, state="sent")]
        left = [message_from_bytes(raw, policy=default) for raw in self.mail.left]
        return [mail for one in ids for mail in left if mail["Message-ID"] == one]

    def messages(self, **by: object) -> list[Message]:
        """Return the case's letters whose columns have these values, in the order of writing."""
        with Session(self.world.engine) as session:
            rows = session.scalars(
                select(Message)
                .where(col(Message.case_id) == self.case_id)
                .order_by(col(Message.id))
            )
            return [row for row in rows if all(getattr(row, k) == v for k, v in by.items())]


def add_hospitals(world: World, countries: Sequence[str] = ("IN", "CN")) -> None:
    """Put fictitious hospitals with IORT for the breast into the directory."""
    with transaction(world.engine) as session:
        put_hospitals(session, [_hospital(world, n, c) for n, c in enumerate(countries, start=1)])


def _hospital(world: World, number: int, country: str) -> HospitalRecord:
    name, address = f"Fictitious Hospital {number}", f"h{number}-{world.settings.mail_from}"
    return HospitalRecord.model_validate(
        {
            "hospital_id": f"H{number:02d}",
            "name": name,
            "city": "Exampleton",
            "country": country,
            "fictitious": True,
            "departments": [{"name": "International Department", "email": address}],
            "languages": ["en"],
            "hours": {
                "calendar": country,
                "zone": "Asia/Kolkata",
                "opens": "09:00",
                "closes": "17:00",
            },
            "units": [
                {
                    "technique": "kv_iort",
                    "device": "fictitious",
                    "sites": ["breast"],
                    "in_service": True,
                    "last_confirmed_on": world.clock.now().date(),
                    "evidence": "invented for a test",
                }
            ],
            "foreigners_accepted": True,
            "link_policy": "opens",
            "contract": "none",
        }
    )
