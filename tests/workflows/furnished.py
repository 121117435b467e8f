"""A case with one row of everything that a question may be about, in any state, made at once."""

from datetime import date, timedelta
from decimal import Decimal
from email.message import EmailMessage

from sqlalchemy import func, select
from sqlmodel import Session, SQLModel, col

from models import (
    Assessment,
    Case,
    CaseEvent,
    Consent,
    DeskLink,
    Document,
    Erasure,
    FindingRecord,
    FollowUpEntry,
    Hospital,
    HumanTask,
    InboundWebhook,
    JourneyEntry,
    MailboxMessage,
    Message,
    MoreInfoItem,
    Offer,
    OutreachThread,
    RecordsPackage,
    Review,
    SpentBudget,
    StepRun,
    ThreadContact,
    User,
    WebhookEndpoint,
)
from models.base import require_id
from models.database import transaction
from tests.workflows.playing import PATIENT
from workflows.cases.intake import NewCase, open_case
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor, Event
from workflows.outreach.senders import COUNTS

MESSAGES = {"approve_message": "draft", "settle_message": "uncertain"}
"""In which state the letter is that a question is about; every other one is about a letter in."""
OFFERS = {
    "present_offer": "recorded", "follow_thread": "recorded", "confirm_admission": "accepted",
    "renew_offer": "expired", "request_invitation": "accepted", "report_progress": "accepted",
    "settle_abroad": "withdrawn_by_hospital",
}  # fmt: skip
"""In which state the offer is; before every other question the family thinks about it."""
OF_ONE_OFFER = ("accepted", "declined", "renew", "withdrew")
HASH = "0" * 64
BEFORE = {
    "record_records_answer": (
        Event("records.requested", {"items": ["imaging_mri"], "reason": "gap", "by": "call"}),
    ),
    "await_return": (Event("travel.departed", {"departed_on": "2026-11-20"}),),
    "close_silent": (
        Event("family.called", {"reached": False, "state": "FOLLOW_UP"}),
        Event("case.put_on_hold", {"reason": "no_answer"}),
    ),
}
"""What has happened before a question of some kinds is asked."""


class Furnished:
    """The case and its rows. `today` is the business clock's day, `admitted` the admission's."""

    def __init__(self, world: World, kind: str, category: str = "consistent_fit") -> None:
        self.world, self.kind, self.category = world, kind, category
        self.now = world.clock.now()
        self.today = self.now.date()
        self.admitted = self.today - timedelta(days=10)
        self.objects: dict[str, int] = {}
        with transaction(world.engine) as session:
            recorder = Recorder(session, world.process, self.now)
            case = open_case(session, recorder, world, NewCase(PATIENT, site="breast"))
            self.case_id, self.ref = require_id(case.id), case.ref
            proposed = {"missing": ["receptors"], "proposed_by": "another"}
            recorder.record(self.case_id, Event("completeness.waiver_proposed", proposed))
            for fact in BEFORE.get(kind, ()):
                recorder.record(self.case_id, fact)
            for about in ("passports", "fit_to_fly"):
                recorder.record(self.case_id, Event("confirmation.given", {"about": about}))
            asked = Event("confirmation.asked", {"about": "passports"}, {}, Actor("lead", "l1"))
            recorder.record(self.case_id, asked)
            self.objects["asked_seq"] = case.last_seq
            recorder.flush()
            self._somebody(session)
            self._ours(session)
            self._hospitals(session)
            self._journey(session)
        self.given = len(self.consents())
        """How many consents were there before anybody answered."""

    def _add(self, session: Session, name: str, row: SQLModel) -> int:
        session.add(row)
        session.flush()
        self.objects[name] = require_id(row.id)  # type: ignore[attr-defined]
        return self.objects[name]

    def _somebody(self, session: Session) -> None:
        """Give `somebody`, who answers in tests, an account that states who signs."""
        if session.scalars(select(User).where(col(User.ref) == "somebody")).first() is None:
            session.add(
                User(
                    ref="somebody",
                    user_name="somebody",
                    display_name="Dr Some Body",
                    qualification="Oncologist",
                    registration="R-1",
                    role="clinician",
                    password_hash="",
                )
            )

    def _ours(self, session: Session) -> None:
        case_id = self.case_id
        if self.kind == "find_object":  # it is there again
            self.world.storage.put("originals/none", b"x", "text/plain")
        document = Document(
            case_id=case_id,
            sha256=HASH,
            object_key="originals/none",
            size=1,
            state="proposed",
            received_at=self.now,
        )
        document_id = self._add(session, "document_id", document)
        finding = FindingRecord(
            case_id=case_id,
            document_id=document_id,
            field="breast.grade",
            value=2,
            proposed_value=2,
            source="core_biopsy",
            extractor_version="1",
        )
        session.add(finding)
        if self.kind == "settle_differences":
            self._differing(session, document_id)
        for phase, result in (
            ("postop", {"recheck": {"awaiting": False, "clear": True}}), ("preop", {})
        ):  # fmt: skip
            made = Assessment(
                case_id=case_id,
                phase=phase,
                category=self.category,
                result=result,
                engine_version="1",
                input_hash=HASH,
                assessed_at=self.now,
            )
            assessment_id = self._add(session, "assessment_id", made)
        review = Review(
            case_id=case_id,
            assessment_id=assessment_id,
            outcome="suitable_for_outreach",
            agrees_with_screen=True,
            clinician_ref="another",
            input_hash=HASH,
            signed_at=self.now,
        )
        self._add(session, "review_id", review)
        if self.kind == "review_hold":
            self._held(session)
        step = StepRun(case_id=case_id, name="outreach.send_enquiry", state="dead", due_at=self.now)
        self._add(session, "step_run_id", step)
        spent = SpentBudget(
            case_id=case_id, source=f"page of {case_id}", door="page", began_at=self.now,
            last_at=self.now,
        )  # fmt: skip
        self._add(session, "budget_id", spent)
        lost = MailboxMessage(uid_validity=1, uid=case_id, state="set_aside", noted_at=self.now)
        self._add(session, "mailbox_message_id", lost)
        self._partners(session)

    def _partners(self, session: Session) -> None:
        """A partner that is told nothing any more, and a delivery that nobody took."""
        silent = WebhookEndpoint(
            name=f"partner {self.case_id}", url="https://partner.example/", secret=HASH,
            active=False, disabled_reason="silent",
        )  # fmt: skip
        self._add(session, "endpoint_id", silent)
        came = InboundWebhook(
            source="rehearsal", external_id=f"d-{self.case_id}", object_key="webhooks/none",
            state="refused", received_at=self.now,
        )  # fmt: skip
        self._add(session, "hook_id", came)

    def _held(self, session: Session) -> None:
        """An erasure was decided and is held."""
        today = self.now.date()
        held = Erasure(
            case_id=self.case_id, why="asked", policy_version="1", decided_by="c1",
            decided_at=self.now, wait_until=today, hold_reason="complaint", hold_until=today,
        )  # fmt: skip
        session.add(held)

    def _differing(self, session: Session, document_id: int) -> None:
        """Let two documents differ on a receptor, which a person accepted from both."""
        for value in ("positive", "negative"):
            row = FindingRecord(
                case_id=self.case_id,
                document_id=document_id,
                field="breast.er",
                value=value,
                source="core_biopsy",
                extractor_version="1",
                state="confirmed",
            )
            self._add(session, "finding_id", row)

    def stated(self, answer: str) -> dict[str, str]:
        """Return what an answer states besides its declared values, as a person would."""
        if (self.kind, answer) == ("review_findings", "confirm"):
            return {"confirmed": "breast.grade"}
        if (self.kind, answer) == ("confirm_erasure", "erase"):
            return {"identified_by": "call_back"}
        if self.kind == "record_patient_decision" and answer in OF_ONE_OFFER:
            return {"offer": str(self.objects["offer_id"])}
        if (self.kind, answer) == ("check_invitation", "compare"):
            return {"passport_number": "A0000000"}  # nobody was asked with it before
        if self.kind == "confirm_reply" and answer in COUNTS:
            return {"sender_checked": "called_back"}  # the sender is nobody of the directory
        if (self.kind, answer) == ("match_mail", "open_case"):
            return {"another": "yes"}  # a case of this walk has the sender's address
        if (self.kind, answer) == ("settle_differences", "pick"):
            picked = str(self.objects["finding_id"])
            return {"breast.er": picked, "why:breast.er": "superseded"}
        return {}

    def _hospitals(self, session: Session) -> None:
        case_id, code = self.case_id, "H01"
        hospital = session.scalars(select(Hospital).where(col(Hospital.code) == code)).one()
        hospital_id = self.objects["hospital_id"] = require_id(hospital.id)
        thread = OutreachThread(
            case_id=case_id, hospital_id=hospital_id, state="sent", opened_at=self.now
        )
        thread_id = self._add(session, "thread_id", thread)
        enquiry = Message(
            case_id=case_id,
            thread_id=thread_id,
            state="sent",
            to_role="hospital",
            direction="out",
            address="old@h.example",
            template="M10",
            told={},
            sent_at=self.now,
        )
        link = DeskLink(
            case_id=case_id, thread_id=thread_id, address="h@h.example", made_by="c1",
            expires_at=self.now + timedelta(days=30),
        )  # fmt: skip
        link_id = self._add(session, "link_id", link)
        package = RecordsPackage(
            case_id=case_id, thread_id=thread_id, hospital_id=hospital_id, level="D1_summary",
            state="to_approve", link_ids=[link_id], made_by="c1", made_at=self.now,
        )  # fmt: skip
        self._add(session, "package_id", package)
        item = MoreInfoItem(case_id=case_id, thread_id=thread_id, round=1, code="imaging_mri")
        session.add_all([enquiry, item])
        state = MESSAGES.get(self.kind, "received")
        raw = EmailMessage()
        raw["From"], raw["Message-ID"] = "h@hospital.example", f"<{case_id}@hospital.example>"
        raw.set_content("We have received it.")
        key = f"mail/{case_id}"
        self.world.storage.put(key, raw.as_bytes(), "message/rfc822")
        nowhere = self.kind in ("match_mail", "find_sender")
        letter = Message(
            case_id=None if nowhere else case_id,
            thread_id=None if nowhere else thread_id,
            state=state,
            to_role="hospital",
            direction="in" if state == "received" else "out",
            address="h@h.example",
            body="Would you review this case?",
            template="M10",
            raw_object_key=key,
        )
        self._add(session, "message_id", letter)
        offer = Offer(
            case_id=case_id,
            thread_id=thread_id,
            hospital_id=hospital_id,
            state=OFFERS.get(self.kind, "presented"),
            currency="USD",
            recorded_by="c",
            recorded_at=self.now,
            amount_low=Decimal(1),
            amount_high=Decimal(2),
        )
        self._add(session, "offer_id", offer)
        if self.kind in ("request_invitation", "check_invitation"):
            named = Consent(
                case_id=case_id, scope="share_identified", hospital_id=hospital_id,
                text_version="1", signed_by="patient", method="paper", granted_at=self.now,
            )  # fmt: skip
            session.add(named)
        contact = ThreadContact(
            case_id=case_id, thread_id=thread_id, way="whatsapp", value="+919876543210"
        )
        self._add(session, "contact_id", contact)
        consent = Consent(
            case_id=case_id,
            scope="share_deid",
            hospital_id=hospital_id,
            text_version="1",
            signed_by="guardian",
            ground="court",
            method="paper",
            granted_at=self.now,
        )
        session.add(consent)

    def _journey(self, session: Session) -> None:
        item = JourneyEntry(
            case_id=self.case_id,
            code="T06",
            title="The estimate is accepted",
            owner="patient",
            due=self.today,
            template_version="1",
        )
        self._add(session, "item_id", item)
        entry = FollowUpEntry(
            case_id=self.case_id, code="P9", due=self.today, ask="?", state="sent", sent_at=self.now
        )
        self._add(session, "reminder_id", entry)

    def ask(self, state: str, pathology: str, role: str) -> int:
        """Put the case into `state` and open the question; return the task's id."""
        with transaction(self.world.engine) as session:
            case = session.get_one(Case, self.case_id)
            case.state, case.history_state, case.pathology_state = state, "FOLLOW_UP", pathology
            case.admission_date = self.admitted
            task = HumanTask(
                case_id=self.case_id,
                kind=self.kind,
                role=role,
                due_at=self.now,
                opened_at=self.now,
                objects=self.objects,
            )
            session.add(task)
            session.flush()
            return require_id(task.id)

    def seq(self) -> int:
        """Return the number of the last event."""
        query = select(func.count()).where(col(CaseEvent.case_id) == self.case_id)
        with Session(self.world.engine) as session:
            return session.scalars(query).one()

    def since(self, seq: int) -> list[CaseEvent]:
        """Return what was recorded after event number `seq`."""
        with Session(self.world.engine) as session:
            query = select(CaseEvent).where(col(CaseEvent.case_id) == self.case_id)
            return list(session.scalars(query.order_by(col(CaseEvent.seq)).offset(seq)))

    def dates(self) -> dict[str, date]:
        """Return the days that stand in the case."""
        with Session(self.world.engine) as session:
            case = session.get_one(Case, self.case_id)
            names = ("admission_date", "surgery_date", "discharge_date", "return_date")
            return {name: day for name in names if (day := getattr(case, name)) is not None}

    def consents(self) -> list[Consent]:
        """Return the consents of the case, the oldest first."""
        with Session(self.world.engine) as session:
            query = select(Consent).where(col(Consent.case_id) == self.case_id)
            return list(session.scalars(query.order_by(col(Consent.id))))
