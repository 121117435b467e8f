"""The case commands, as a person types them: what is printed, and the exit codes."""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session

from cli.main import run
from local.rehearsal.people import SIGNER
from models import AuditEntry, Case, CaseEvent, Document, FindingRecord, Review
from settings import PROJECT_ROOT, Settings
from tests.workflows.furnished import Furnished
from tests.workflows.playing import add_hospitals, due
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.steps import STEPS


class Terminal:
    """Runs commands in this process and keeps what they print."""

    def __init__(self, capsys: pytest.CaptureFixture[str], world: World) -> None:
        self._capsys = capsys
        self.world = world

    def __call__(self, *words: str, code: int = 0) -> str:
        self._capsys.readouterr()
        got = run(list(words), words[0])
        out, err = self._capsys.readouterr()
        assert got == code, f"exit {got}\n{out}\n{err}"
        return out if code == 0 else err

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "--json"))

    def work(self) -> None:
        runner = Runner(self.world, STEPS)
        names = [name for name in STEPS if name != "ingestion.fetch_mail"]
        while sum(runner.drain(name) for name in due(self.world, names)):
            pass

    def rows(self, table: Any) -> list[Any]:
        with Session(self.world.engine) as session:
            return list(session.scalars(select(table)))


@pytest.fixture
def iort(settings: Settings, storage: Any, capsys: pytest.CaptureFixture[str]) -> Terminal:
    assert os.environ["IORT_DATABASE_URL"] == settings.database_url
    return Terminal(capsys, World(settings))


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "Rosa's report 🎗.txt"
    path.write_text("a note without findings")
    return path


def test_a_case_is_opened_with_all_its_files(iort: Terminal, report: Path, tmp_path: Path) -> None:
    other = tmp_path / "b.txt"
    other.write_text("b")
    told = iort.json(
        "case", "open", str(report), str(other), "--name", "Rosa Exempla", "--birth-date",
        "1963-05-02", "--sex", "female", "--site", "breast", "--country", "ke",
    )  # fmt: skip
    assert [task["kind"] for task in told["tasks"]] == ["triage_inquiry"]
    assert [d["settled"] for d in told["documents"]] == [False, False]
    (case,) = iort.rows(Case)
    assert (told["ref"], case.source, case.residence_country) == (case.ref, "cli", "KE")
    documents = iort.rows(Document)
    assert [d.file_name for d in documents] == ["Rosa's report 🎗.txt", "b.txt"]
    assert iort.world.storage.get(documents[0].object_key) == report.read_bytes()
    opened = iort.rows(CaseEvent)[0]
    assert (opened.actor_type, opened.actor_ref) == ("coordinator", "cli:coordinator")


def test_the_relay_need_not_wait_for_what_the_command_left_due(
    iort: Terminal, report: Path
) -> None:
    from models import StepRun

    iort("case", "open", str(report))
    due = [row for row in iort.rows(StepRun) if row.name == "ingestion.store_document"]
    assert [row.rung_at for row in due] == [None]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("nowhere.pdf",), 1, "file 1 of 1 does not exist"),
        ((".",), 1, "not a file"),
        (("FILE", "--birth-date", "soon"), 1, "1961-04-30"),
        (("FILE", "--site", "brain"), 1, "Unknown site"),
        (("FILE", "--country", "Kenya"), 1, "two letters"),
        (("FILE", "--as", "nobody"), 1, "choose one of"),
        ((), 2, ""),
    ],
)
def test_what_cannot_be_opened_is_refused_and_leaves_nothing(
    iort: Terminal, report: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    given = [str(report) if word == "FILE" else word for word in words]
    assert says in iort("case", "open", *given, code=code)
    assert iort.rows(Case) == []


def test_a_file_above_the_limit_is_refused_before_anything_is_stored(
    iort: Terminal, tmp_path: Path
) -> None:
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(300 * 1024 * 1024 + 1)
    assert "at most 315 MB" in iort("case", "open", str(large), code=1)
    assert iort.rows(Case) == []


def test_without_storage_nothing_is_opened(
    iort: Terminal, report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from settings import get_settings

    monkeypatch.setenv("IORT_S3_ENDPOINT_URL", "http://127.0.0.1:9")
    get_settings.cache_clear()
    assert "object storage does not take it" in iort("case", "open", str(report), code=1)
    assert iort.rows(Case) == []


def test_from_the_list_of_tasks_to_the_decision(iort: Terminal, report: Path) -> None:
    ref = iort.json("case", "open", str(report))["ref"]
    (task,) = iort.json("tasks", "--case", ref, "--role", "coordinator")
    answers = {answer["answer"]: answer for answer in task["answers"]}
    assert answers["in_scope"]["may"] == ["site", "asked_for", "red_flag"]
    assert answers["out_of_scope"]["reason"] is True
    number = str(task["task"])
    assert "--choose in_scope" in iort("tasks")
    assert "needs its site" in iort("do", number, "--choose", "in_scope", code=1)
    assert "needs a reason" in iort("do", number, "--choose", "out_of_scope", code=1)
    assert "Choose one of" in iort("do", number, "--choose", "maybe", code=1)
    iort("do", number, "--choose", "in_scope", "--set", "site", code=2)
    refused = iort("do", number, "--choose", "in_scope", "--as", "clinician", code=1)
    assert "Only a coordinator" in refused
    decided = iort.json("do", number, "--choose", "in_scope", "--set", "site=breast")
    assert decided == {
        "task": task["task"],
        "answer": "in_scope",
        "case": ref,
        "state": "AWAITING_CONSENT",
        "stays_open": False,
    }
    assert "done already" in iort("do", number, "--choose", "in_scope", code=1)
    assert "no task 999" in iort("do", "999", "--choose", "x", code=1)


@pytest.mark.parametrize("category", ["urgent_review", "pathway_stopped"])
def test_an_urgent_or_stopping_result_is_not_signed_to_hospitals(
    iort: Terminal, category: str
) -> None:
    add_hospitals(iort.world)
    of = Furnished(iort.world, "review_case", category=category)
    number = str(of.ask("CLINICIAN_REVIEW", "NOT_STARTED", "clinician"))
    signer = [f"--set={name}={value}" for name, value in SIGNER.items()]
    words = ("do", number, "--reason", "the board said so", *signer, "--choose")
    refused = iort(*words, "suitable_for_outreach", code=1)
    assert "Hospitals cannot be asked on this result" in refused
    assert iort.json(*words, "not_suitable")["state"] == "ALTERNATIVES"


def test_a_signature_at_a_terminal_is_asked_what_the_page_asks(iort: Terminal) -> None:
    """Without a name, without a reason, with a typed agreement: each refusal says what to add."""
    add_hospitals(iort.world)
    of = Furnished(iort.world, "review_case", category="outside_published_criteria")
    number = str(of.ask("CLINICIAN_REVIEW", "NOT_STARTED", "clinician"))
    words: tuple[str, ...] = ("do", number, "--choose")
    unnamed = iort(*words, "not_suitable", code=1)
    assert "Say your name" in unnamed and "--set signer_name=..." in unnamed
    words = ("do", number, *(f"--set={name}={value}" for name, value in SIGNER.items()), "--choose")
    differs = iort(*words, "suitable_for_outreach", code=1)
    assert "a difference needs a reason" in differs and "--reason TEXT" in differs
    typed = iort(*words, "not_suitable", "--set", "agrees=no", code=1)
    assert "compared, not typed" in typed and "agrees=yes" in typed
    assert iort.json(*words, "not_suitable", "--set", "agrees=yes")["state"] == "ALTERNATIVES"
    (review,) = [row for row in iort.rows(Review) if row.clinician_ref == "cli:clinician"]
    assert review.agrees_with_screen and review.signer_registration == SIGNER["signer_registration"]


def test_a_part_of_an_answer_says_that_the_task_stays_open(iort: Terminal) -> None:
    ref = iort.json("case", "open", str(PROJECT_ROOT / "examples" / "breast-synoptic.pdf"))["ref"]
    iort.work()
    tasks = iort.json("tasks", "--case", ref)
    number = next(str(task["task"]) for task in tasks if task["kind"] == "review_findings")
    first, second, *_ = [finding.field for finding in iort.rows(FindingRecord)]
    words = ("do", number, "--choose", "settle", "--set")
    assert "stays open" in iort(*words, f"confirmed={first}")
    assert iort.json(*words, f"confirmed={second}")["stays_open"] is True
    refused = iort("do", number, "--choose", "confirm", code=1)
    assert "Look at each of these by itself" in refused and "breast.her2#" in refused
    option = refused.strip().rsplit("Add ", 1)[1]
    assert option.startswith("--set confirmed=breast.")
    assert "stays open" not in iort("do", number, "--choose", "confirm", *option.split())
    assert {finding.state for finding in iort.rows(FindingRecord)} == {"confirmed"}


def test_show_list_and_timeline(iort: Terminal, report: Path) -> None:
    ref = iort.json("case", "open", str(report), "--name", "Rosa Exempla")["ref"]
    shown = iort("case", "show", ref.lower())
    assert "Rosa Exempla" in shown and "not medical advice" in shown
    assert iort.json("case", "show", ref)["patient"]["name"] == "Rosa Exempla"
    assert "Rosa" not in iort("case", "show", ref, "--as", "analyst")
    assert [entry.action for entry in iort.rows(AuditEntry)] == ["case.viewed"] * 2
    assert ref in iort("case", "list") and "Rosa" not in iort("case", "list")
    assert iort.json("case", "list", "--stage", "outreach") == []
    events = iort.json("timeline", ref)["events"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    created = next(event for event in events if event["type"] == "human_task.created")
    assert created["cause_seq"] == 1
    text = iort("timeline", ref)
    assert "The case was opened" in text and "<- 1" in text and "Rosa" not in text
    assert "There is no case" in iort("timeline", "CFX-26-99999", code=1)


def test_facts_are_reported_at_any_time(iort: Terminal, report: Path) -> None:
    ref = iort.json("case", "open", str(report))["ref"]
    assert iort.json("case", "report", ref, "hold")["state"] == "ON_HOLD"
    assert iort.json("case", "report", ref, "withdraw")["state"] == "WITHDRAWAL_WRAPUP"
    assert iort.json("case", "report", ref, "deceased")["state"] == "BEREAVEMENT_WRAPUP"
    iort("case", "report", ref, "weather", code=2)
    prose = iort("case", "report", ref, "red-flag", "--set", "channel=by telephone", code=1)
    assert "codes" in prose


def test_a_word_outside_its_list_reaches_no_timeline(iort: Terminal, report: Path) -> None:
    """What a person types is a word of a list; the refusal shows the list and not the word."""
    ref = iort.json("case", "open", str(report))["ref"]
    (task,) = iort.json("tasks", "--case", ref, "--role", "coordinator")
    number, before = str(task["task"]), iort("timeline", ref)
    told = iort(
        "do",
        number,
        "--choose",
        "in_scope",
        "--set",
        "site=breast",
        "--set",
        "asked_for=Kwokkanary",
        code=1,
    )
    assert "asked_for must be one of these codes: iort, second_opinion" in told
    assert "Kwokkanary" not in told
    for fact, value in [
        ("withdraw", "channel=N1234567Kwokkanary"), ("withdraw", "scopes=share_deid:Kwokkanary"),
        ("hold", "reason=Kwokkanary"), ("stopped", "reason_code=Kwokkanary"),
        ("deceased", "place=Kwokkanary"), ("reopen", "reason=Kwokkanary"),
        ("red-flag", "symptom_codes=fever,Kwokkanary"), ("new-information", "kind=Kwokkanary"),
        ("hold", "resume_by=Kwokkanary"), ("hold", "attested=Kwokkanary"),
        ("hold", "Kwokkanary=1"),
    ]:  # fmt: skip
        told = iort("case", "report", ref, fact, "--set", value, code=1)
        assert ("must be" in told or "takes only" in told) and "Kwokkanary" not in told
    assert iort("timeline", ref) == before
    asked = {"asked_for": "second_opinion", "site": "breast"}
    pairs = [word for name, code in asked.items() for word in ("--set", f"{name}={code}")]
    assert iort.json("do", number, "--choose", "in_scope", *pairs)["state"] == "AWAITING_CONSENT"


def test_a_refused_playbook_is_one_line_on_the_terminal(
    iort: Terminal, report: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from settings import get_settings

    books = tmp_path / "playbooks"
    shutil.copytree(get_settings().playbooks_dir, books)
    text = (books / "state_machine.yaml").read_text(encoding="utf-8")
    line = text[: text.index('"two_signatures"')].count("\n") + 1
    (books / "state_machine.yaml").write_text(text.replace("two_signatures", "one_signature"))
    monkeypatch.setenv("IORT_PLAYBOOKS_DIR", str(books))
    get_settings.cache_clear()
    told = iort("case", "open", str(report), code=1)
    assert f"state_machine.yaml:{line}:" in told and "unknown guard one_signature" in told
    assert iort.rows(Case) == []


def test_files_are_added_and_waited_for(iort: Terminal, report: Path) -> None:
    ref = iort.json("case", "open", str(report))["ref"]
    iort.work()
    told = iort.json("case", "add", ref, str(report), "--wait", "--timeout", "0.1")
    assert [d["settled"] for d in told["documents"]] == [True, False]
    iort.work()
    told = iort.json("case", "add", ref, str(report), "--wait", "--timeout", "0.1")
    assert told["documents"][1]["state"] == "duplicate"


@pytest.mark.parametrize("format", ["csv", "parquet", "xes"])
def test_export_writes_the_file_and_the_audit(
    iort: Terminal, report: Path, tmp_path: Path, format: str
) -> None:
    iort("case", "open", str(report))
    out = tmp_path / f"log.{format}"
    told = iort.json("export", "--format", format, "--out", str(out), "--pseudonymise")
    assert told["cases"] == 1 and told["bytes"] == out.stat().st_size > 0
    assert iort.rows(AuditEntry)[0].action == "export.produced"
    missing = str(tmp_path / "no" / "log.csv")
    assert "cannot be written" in iort("export", "--out", missing, code=1)
    iort("export", "--format", "doc", "--out", str(out), code=2)


def test_without_its_package_parquet_is_refused_and_named(
    iort: Terminal, report: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    iort("case", "open", str(report))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    told = iort("export", "--format", "parquet", "--out", str(tmp_path / "log.parquet"), code=1)
    assert "choose csv or xes" in told and "./iort packages add parquet" in told
    assert not list(tmp_path.glob("log.*")) and not iort.rows(AuditEntry)
    iort("export", "--format", "xes", "--out", str(tmp_path / "log.xes"))


def test_questions_are_listed_and_answered(iort: Terminal, report: Path) -> None:
    iort("case", "open", str(report))
    assert "bottleneck" in iort("ask")
    assert iort.json("ask", "funnel")[0]["state"] == "INQUIRY"
    assert iort("ask", "funnel", "--csv").startswith("cohort,state,cases")
    assert "no question" in iort("ask", "weather", code=1)


def test_an_alarm_ends_with_exit_code_1(iort: Terminal, report: Path) -> None:
    from models.database import transaction
    from workflows.engine.record import record
    from workflows.events import Event

    iort("case", "open", str(report))
    (case,) = iort.rows(Case)
    now = iort.world.clock.now()
    sent = {"message_id": 1, "template": "M12", "to_role": "patient"}
    with transaction(iort.world.engine) as session:
        record(session, iort.world.process, case.id, Event("patient.deceased", {}), now=now)
        record(session, iort.world.process, case.id, Event("message.sent", sent), now=now)
    assert "1 rows where there must be none" in iort("ask", "messages_after_the_end", code=1)


def test_accounts_are_made_from_standard_input(
    iort: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    def typed(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    typed("a long enough password\n")
    assert iort.json("user", "add", "Anna", "--role", "clinician")["role"] == "clinician"
    typed("a long enough password\n")
    assert "already" in iort("user", "add", "anna", "--role", "lead", code=1)
    typed("short\n")
    assert "12 characters" in iort("user", "add", "ben", "--role", "lead", code=1)
    typed("a long enough password\n")
    assert "Unknown role" in iort("user", "add", "ben", "--role", "king", code=1)
    iort("user", "close", "anna")
    assert iort.json("user", "list")[0]["active"] is False


def test_a_webhook_secret_is_shown_once(iort: Terminal) -> None:
    told = iort.json("webhook", "add", "partner", "https://93.184.216.34/in")
    assert told["secret"].startswith("whsec_")
    assert "whsec_" not in iort("webhook", "list")
    assert "https" in iort("webhook", "add", "two", "http://93.184.216.34/in", code=1)
