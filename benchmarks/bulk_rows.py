"""The rows of a made-up case in every table, as lines for COPY."""

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from benchmarks.bulk_lives import Life, Visit
from benchmarks.bulk_sealing import Sealing
from correspondence.directory import load_hospitals
from models.case import SITES
from settings import PROJECT_ROOT
from suitability import load_library, parse_findings, screen
from workflows.stages import HOLD, StateMachine, stage_of

_COLUMNS: Mapping[str, str] = {
    "hospital": "id code name city country email languages units fictitious active details"
    " last_confirmed_on",
    "case": "id ref state stage history_state on_hold held_at waiting_on waiting_since"
    " pathology_state site urgency source language residence_country coordinator_ref surgery_date"
    " rehearsal last_seq outcome opened_at closed_at",
    "data_key": "id owner subject case_id wrapped",
    "patient": "id case_id name other_names birth_date sex email time_zone nationality intake"
    " email_mark near_marks name_marks",
    "case_event": "case_id seq event_id type schema_version occurred_at recorded_at actor_type"
    " actor_ref objects payload causation_id rehearsal",
    "human_task": "id case_id kind role state due_at objects answer done_by opened_at done_at",
    "step_run": "id case_id name state wait safety due_at attempt fence objects error_class"
    " created_at finished_at",
    "document": "id case_id sha256 object_key size file_name media_type channel state pages label"
    " language identity_result notes received_at",
    "document_page": "id document_id number width height method reason characters confidence",
    "finding": "id case_id document_id field value proposed_value source page box quote confidence"
    " extractor_version state decided_by decided_at",
    "assessment": "id case_id phase category result findings set_versions engine_version"
    " input_hash assessed_at",
    "outreach_thread": "id case_id hospital_id state subject technique attempts reply_by opened_at",
    "message": "id case_id thread_id direction state template language to_role automated address"
    " subject body sent_at reply_class address_mark",
    "consent": "id case_id scope hospital_id text_version signed_by method granted_at",
    "journey_item": "id case_id code title owner blocking due depends_on template_version state"
    " done_at",
    "followup_item": "id case_id code due ask recipients critical origin state",
    "audit_entry": "id actor_ref action object_ref case_id at",
}  # fmt: skip
COLUMNS: Mapping[str, Sequence[str]] = {table: names.split() for table, names in _COLUMNS.items()}
"""Tables in the order of writing, each with the columns that are given."""

HOSPITALS = 60
PEOPLE = 40
GIVEN = 0.8
"""Share of the cases that were given to a coordinator."""
DONE_TASKS = 7
"""Answered tasks of a case, on average; 0.3 are open."""
OPEN_TASKS = 0.3
COUNTRIES = ("KE", "IN", "NG", "UA", "BR", "VN", "EG", "ID", "MX", "PK", "RO", "PE", "GH", "PH")
FIELDS = ("breast.size_mm", "breast.grade", "breast.er", "breast.pr", "breast.her2", "breast.ki67",
          "patient.ecog", "disease.histology", "disease.margin_mm", "disease.nodes_positive",
          "breast.lvi", "breast.cn")  # fmt: skip
VERSIONS = ("0.9.0", "1.0.0", "1.1.0", "1.2.0")
TASKS: Mapping[str, tuple[str, str]] = {
    "INQUIRY": ("triage_inquiry", "coordinator"),
    "AWAITING_CONSENT": ("record_consent", "coordinator"),
    "COMPLETENESS_CHECK": ("settle_completeness", "coordinator"),
    "TRANSLATION": ("approve_translation", "coordinator"),
    "EXTRACTION_REVIEW": ("review_findings", "coordinator"),
    "CLINICIAN_REVIEW": ("review_case", "clinician"),
    "SHORTLISTING": ("approve_shortlist", "coordinator"),
    "OUTREACH": ("chase_by_phone", "coordinator"),
    "MORE_INFO": ("answer_more_info", "coordinator"),
    "OFFER_REVIEW": ("present_offer", "coordinator"),
    "PATIENT_DECISION": ("record_patient_decision", "coordinator"),
    "ADMISSION_SCHEDULING": ("confirm_admission", "coordinator"),
    "INVITATION_LETTER": ("report_progress", "coordinator"),
    "VISA": ("report_progress", "coordinator"),
    "TRAVEL_PREP": ("report_progress", "coordinator"),
    "ALTERNATIVES": ("call_family", "coordinator"),
    "WITHDRAWAL_WRAPUP": ("finish_withdrawal", "coordinator"),
    "BEREAVEMENT_WRAPUP": ("finish_bereavement", "lead"),
    HOLD: ("resume_case", "coordinator"),
}
MORE_TASKS = (("call_patient", "coordinator"), ("tell_patient", "coordinator"),
              ("chase_pathology", "coordinator"), ("second_opinion", "clinician"),
              ("call_patient", "lead"))  # fmt: skip
STEPS = ("ingestion.store_document", "extraction.read_document", "extraction.propose_findings",
         "notices.send_notice", "outreach.send_enquiry", "suitability.screen_case")  # fmt: skip
ERRORS = ("StorageUnavailable", "MailRefused", "ReadingTimedOut")
LETTER = "Dear colleagues,\\n\\n" + "This letter stands for one of ordinary length. " * 8


class Rows:
    """Lines for COPY by table, and the next id of each."""

    def __init__(self, sealing: Sealing) -> None:
        self.sealing = sealing
        self.lines: dict[str, list[str]] = {table: [] for table in COLUMNS}
        self._ids = dict.fromkeys(COLUMNS, 0)

    def next_id(self, table: str) -> int:
        """Return a new primary key."""
        self._ids[table] += 1
        return self._ids[table]

    def add(self, table: str, *values: Any) -> None:
        """Add one row in the order of COLUMNS; None is null, a dict or list is JSON."""
        given = self.sealing.sealed(table, COLUMNS[table][: len(values)], values)
        self.lines[table].append("\t".join(map(_cell, given)) + "\n")


def _cell(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, dict | list):
        return json.dumps(value).replace("\\", "\\\\")
    return str(value)


def hospitals(rows: Rows, generator: random.Random, now: datetime) -> None:
    """Write the directory: the invented hospitals that the product ships, under more names."""
    shipped = load_hospitals(PROJECT_ROOT / "playbooks" / "hospitals.yaml")
    for number in range(1, HOSPITALS + 1):
        record = generator.choice(shipped).model_copy(
            update={"hospital_id": f"H{number:02d}", "name": f"Fictitious Hospital {number}"}
        )
        details = record.model_dump(mode="json")
        rows.add(
            "hospital", rows.next_id("hospital"), record.hospital_id, record.name, record.city,
            record.country, f"h{number}@hospital.example", details["languages"], details["units"],
            True, True, details, (now - timedelta(days=generator.randrange(300))).date(),
        )  # fmt: skip


@cache
def _screened(site: str) -> tuple[str | None, dict[str, Any], dict[str, Any], str]:
    """Return a real result for a site, weighed once: category, result, set versions, input hash."""
    library = load_library(PROJECT_ROOT / "playbooks")
    screening = screen(
        parse_findings({"disease.site": [{"value": site, "source": "clinic_letter"}]}, library),
        phase="preop", library=library,
    )  # fmt: skip
    result = dict(screening.to_json())
    return screening.category, result, dict(screening.set_versions), screening.input_hash


@dataclass
class CaseWriter:
    """Writes one case after the other, keeping the totals near what was asked for."""

    rows: Rows
    random: random.Random
    machine: StateMachine
    now: datetime
    events_per_case: float
    events: int = 0
    open_tasks: int = 0
    done_tasks: int = 0

    def write(self, case_id: int, life: Life, *, least_events: int = 0) -> str:
        """Write all rows of a case and return its reference."""
        opened = life.visits[0].entered_at
        last, ref = life.last, f"CFX-{opened:%y}-{case_id:05d}"
        self.case_id, self.life = case_id, life
        self.rows.add("data_key", *self.rows.sealing.case_key(case_id))
        site = self.random.choices(SITES, (50, 12, 14, 5, 5, 6, 5, 3))[0]
        documents = self._documents(opened)
        self._threads(opened)
        self._tasks(documents)
        self._steps()
        self._plans(last)
        self._looks(ref)
        count = self._timeline(documents, site, least_events)
        held = last.state == HOLD
        closed_at = last.entered_at if life.closed else None
        operated = next((v.left_at for v in life.visits if v.state == "ADMITTED"), None)
        self.rows.next_id("case")
        self.rows.add(
            "case", case_id, ref, last.state, stage_of(last.state, life.held_in),
            life.held_in, held, last.entered_at if held else None,
            self.machine.waiting_on.get(last.state, "none"), last.entered_at,
            "PENDING" if operated else "NOT_STARTED", site,
            self.random.choices(("routine", "soon", "urgent"), (85, 11, 4))[0],
            self.random.choice(("portal", "email", "partner")),
            self.random.choice(("en", "fr", "ru", "ar", "zh", "hi")),
            self.random.choice(COUNTRIES),
            f"U-{self.random.randrange(PEOPLE):08d}" if self.random.random() < GIVEN else None,
            operated.date() if operated else None, False, count,
            last.state.removeprefix("CLOSED_").lower() if life.closed else None, opened, closed_at,
        )  # fmt: skip
        self.rows.add(
            "patient", self.rows.next_id("patient"), case_id, f"Fictitious Person {case_id}", [],
            date(1935 + case_id % 60, 1 + case_id % 12, 15), "female",
            f"person{case_id}@patient.example", "UTC", "KE", {},
        )  # fmt: skip
        if case_id % 20 == 0 and any(visit.state == "CLINICIAN_REVIEW" for visit in life.visits):
            category, result, versions, inputs = _screened(site)
            self.rows.add(
                "assessment", self.rows.next_id("assessment"), case_id, "preop", category, result,
                {"observations": {}, "finding_ids": {}}, versions, "1.0.0", inputs, opened,
            )  # fmt: skip
        return ref

    def _some(self, mean: float) -> int:
        return int(self.random.random() * 2 * mean + 0.5)

    def _moment(self) -> datetime:
        """Return a moment of the life, within a random visit."""
        visit = self.random.choice(self.life.visits)
        end = visit.left_at or min(self.now, visit.entered_at + timedelta(days=3))
        return visit.entered_at + (end - visit.entered_at) * self.random.random()

    def _documents(self, opened: datetime) -> list[int]:
        rows, made = self.rows, []
        for number in range(self._some(3)):
            made.append(document_id := rows.next_id("document"))
            digest = hashlib.sha256(f"{self.case_id}/{number}".encode()).hexdigest()
            rows.add(
                "document", document_id, self.case_id, digest, f"originals/{digest}", 240_000,
                f"report {number}.pdf", "application/pdf", "portal", "verified", 2,
                "histopathology", "en", "match", {}, opened + timedelta(hours=5 + number),
            )  # fmt: skip
            for page in (1, 2):
                rows.add("document_page", rows.next_id("document_page"), document_id, page, 595,
                         842, "text_layer", "", 2400, 1.0)  # fmt: skip
            for name in self.random.sample(FIELDS, 3):
                state = self.random.choices(("confirmed", "corrected", "rejected", "proposed"),
                                            (80, 9, 4, 7))[0]  # fmt: skip
                decided = state != "proposed"
                rows.add(
                    "finding", rows.next_id("finding"), self.case_id, document_id, name, 14, 14,
                    "pathology_report", 1, [72, 100, 240, 112], f"{name}: 14 as the report has it",
                    0.93, VERSIONS[-1], state, "U-00000001" if decided else None,
                    opened + timedelta(days=2) if decided else None,
                )  # fmt: skip
        return made

    def _threads(self, opened: datetime) -> None:
        rows, case_id = self.rows, self.case_id
        rows.add("consent", rows.next_id("consent"), case_id, "process", None, "1", "patient",
                 "esign", opened + timedelta(days=1))  # fmt: skip
        asked = [visit for visit in self.life.visits if visit.state == "OUTREACH"]
        chosen = self.random.sample(range(1, HOSPITALS + 1), 3 if asked else 0)
        for hospital_id in chosen:
            thread_id, sent = rows.next_id("outreach_thread"), asked[0].entered_at
            rows.add("consent", rows.next_id("consent"), case_id, "share_deid", hospital_id, "1",
                     "patient", "esign", sent)  # fmt: skip
            state = self.random.choice(("sent", "acked", "offered", "declined", "silent"))
            rows.add("outreach_thread", thread_id, case_id, hospital_id, state, "An enquiry",
                     "ioert", 1, sent.date(), sent)  # fmt: skip
            self._message(thread_id, "out", "M10", sent, f"h{hospital_id}@hospital.example", None)
            if state in ("offered", "declined"):
                self._message(thread_id, "in", None, sent + timedelta(hours=30),
                              f"h{hospital_id}@hospital.example", state.rstrip("ed"))  # fmt: skip
        for _ in range(self._some(3)):
            self._message(None, "out", "M12", self._moment(), "person@patient.example", None)

    def _message(
        self, thread: int | None, way: str, template: str | None, at: datetime, address: str,
        reply: str | None,
    ) -> None:  # fmt: skip
        state = "received" if way == "in" else "sent"
        if self.random.random() < 0.0004:
            state = "uncertain"
        self.rows.add(
            "message", self.rows.next_id("message"), self.case_id, thread, way, state, template,
            "en", "hospital" if thread else "patient", True, address, "A letter", LETTER, at, reply,
        )  # fmt: skip

    def _tasks(self, documents: Sequence[int]) -> None:
        for visit in self.life.visits:
            if task := TASKS.get(visit.state):
                self._task(task, visit, documents)
        while self.done_tasks < DONE_TASKS * self.case_id:
            at = self._moment()
            done = Visit("", "", at, at + timedelta(hours=self._some(10)))
            self._task(self.random.choice(MORE_TASKS), done, documents)
        if not self.life.closed and self.open_tasks < OPEN_TASKS * self.case_id:
            late = Visit("", "", self.now - timedelta(hours=self._some(40)), None)
            self._task(self.random.choice(MORE_TASKS), late, documents)

    def _task(self, task: tuple[str, str], visit: Visit, documents: Sequence[int]) -> None:
        kind, role = task
        is_open = visit.left_at is None
        if is_open:
            self.open_tasks += 1
        else:
            self.done_tasks += 1
        objects = {"document_id": documents[0]} if kind == "review_findings" and documents else {}
        # Most of what is open was asked lately; a part has long been late.
        asked = visit.entered_at
        if is_open and self.random.random() < 0.8:
            asked = max(asked, self.now - timedelta(hours=self._some(60)))
        self.rows.add(
            "human_task", self.rows.next_id("human_task"), self.case_id, kind, role,
            "open" if is_open else "done", asked + timedelta(hours=self.random.choice((8, 24, 72))),
            objects, None if is_open else "confirm", None if is_open else "U-00000001",
            asked, visit.left_at,
        )  # fmt: skip

    def _steps(self) -> None:
        rows = self.rows
        for _ in range(self._some(8)):
            at = self._moment()
            state = "dead" if self.random.random() < 0.0004 else "done"
            rows.add(
                "step_run", rows.next_id("step_run"), self.case_id, self.random.choice(STEPS),
                state, False, False, at, 1, 1, {},
                self.random.choice(ERRORS) if state == "dead" else None, at,
                at + timedelta(seconds=1),
            )  # fmt: skip
        if not self.life.closed:
            rows.add(
                "step_run", rows.next_id("step_run"), self.case_id, "reminders.escalate_task",
                "paused" if self.life.last.state == HOLD else "queued", True, False,
                self.now + timedelta(days=1 + self._some(20)), 0, 0, {}, None,
                self.life.last.entered_at, None,
            )  # fmt: skip

    def _plans(self, last: Visit) -> None:
        rows = self.rows
        states = {visit.state for visit in self.life.visits}
        if "TRAVEL_PREP" in states:
            for number in range(20):
                rows.add(
                    "journey_item", rows.next_id("journey_item"), self.case_id, f"T{number:02d}",
                    f"Item {number}", "patient", number % 3 == 0,
                    (last.entered_at + timedelta(days=number)).date(), [], "1",
                    "done" if number < 14 else "pending", last.entered_at if number < 14 else None,
                )  # fmt: skip
        if "FOLLOW_UP" in states:
            for number in range(12):
                rows.add(
                    "followup_item", rows.next_id("followup_item"), self.case_id, f"F{number:02d}",
                    (last.entered_at + timedelta(days=90 * number)).date(), "How are you?",
                    ["patient"], False, "template", "sent" if number < 3 else "scheduled",
                )  # fmt: skip

    def _looks(self, ref: str) -> None:
        for _ in range(self._some(5)):
            self.rows.add(
                "audit_entry", self.rows.next_id("audit_entry"),
                f"U-{self.random.randrange(PEOPLE):08d}", "case.viewed:overview", ref, self.case_id,
                self._moment(),
            )  # fmt: skip

    def _timeline(self, documents: Sequence[int], site: str, least: int) -> int:
        facts: list[tuple[datetime, str, str, str]] = [
            (self.life.visits[0].entered_at, "case.opened", "patient",
             f'{{"source": "portal", "cancer_site": "{site}"}}')
        ]  # fmt: skip
        before = self.life.visits[0].state
        for visit in self.life.visits[1:]:
            waits = self.machine.waiting_on.get(visit.state, "none")
            facts.append(
                (visit.entered_at, "case.state_changed", "system",
                 f'{{"from_state": "{before}", "to_state": "{visit.state}",'
                 f' "trigger": "{visit.event}", "waiting_on": "{waits}"}}')
            )  # fmt: skip
            before = visit.state
        wanted = max(least, int(self.events_per_case * self.case_id) - self.events)
        while len(facts) < wanted:
            facts.append(self._detail(documents))
        facts.sort(key=lambda fact: fact[0])
        for seq, (at, type, actor, payload) in enumerate(facts, 1):
            self.events += 1
            event_id = f"01B{self.events:023d}"
            ref = "" if actor in ("system", "patient") else "U-00000001"
            cause = f"01B{self.events - 1:023d}" if seq > 1 else "\\N"
            self.rows.lines["case_event"].append(
                f"{self.case_id}\t{seq}\t{event_id}\t{type}\t1\t{at}\t{at}\t{actor}\t{ref}\t{{}}\t"
                f"{payload}\t{cause}\tf\n"
            )
        return len(facts)

    def _detail(self, documents: Sequence[int]) -> tuple[datetime, str, str, str]:
        at, chance = self._moment(), self.random.random()
        if chance < 0.4 and documents:
            name = self.random.choice(FIELDS)
            age = (self.now - at).days / 1095
            version = VERSIONS[max(0, min(3, int((1 - age) * 4)))]
            payload = f'"field": "{name}", "extractor_version": "{version}"'
            if self.random.random() < 0.03 + 0.02 * age:
                return at, "extraction.field_rejected", "coordinator", f"{{{payload}}}"
            corrected = self.random.random() < 0.05 + 0.08 * age + 0.04 * (name == FIELDS[0])
            return (
                at, "extraction.field_confirmed", "coordinator",
                f'{{{payload}, "corrected": {str(corrected).lower()}}}',
            )  # fmt: skip
        if chance < 0.7:
            payload = '{"template": "M12", "to_role": "patient", "channel": "email"}'
            return at, "message.sent", "system", payload
        payload = '{"kind": "chase_item", "role": "coordinator", "answer": "done"}'
        return at, "human_task.completed", "coordinator", payload
