"""Consents at a terminal: who signed, on which ground, and what is done before there is one."""

from pathlib import Path

from models import Assessment, Consent, Document, FindingRecord, OutreachThread
from settings import PROJECT_ROOT
from tests.cli.test_cases import Terminal, iort, report

__all__ = ["iort", "report"]


def test_a_blank_answer_says_what_to_state_and_the_list_names_it(
    iort: Terminal, report: Path
) -> None:
    ref = iort.json("case", "open", str(report))["ref"]
    (task,) = iort.json("tasks", "--case", ref, "--role", "coordinator")
    iort("do", str(task["task"]), "--choose", "in_scope", "--set", "site=breast")
    tasks = iort.json("tasks", "--case", ref)
    consent = next(task for task in tasks if task["kind"] == "record_consent")
    assert {"signed_by", "method"} == set(consent["answers"][0]["needs"])
    signer, method = "--set signed_by=patient|guardian|proxy|relative", "esign|paper|recorded_call"
    assert f"--choose granted {signer} --set method={method}" in iort("tasks")
    number = str(consent["task"])
    refused = iort("do", number, "--choose", "granted", code=1)
    assert "Say who signed the consent: patient, guardian, proxy or" in refused
    assert signer in refused
    words = ("do", number, "--choose", "granted", "--set", "signed_by=guardian", "--set")
    assert "method must be one of" in iort(*words, "method=telepathy", code=1)
    no_ground = iort(*words, "method=paper", code=1)
    assert "Say on which ground somebody else" in no_ground and "--set ground=" in no_ground
    more = (*words, "method=paper", "--set")
    for authority in ("", "999999", "no number"):
        written = ("ground=written_authority", "--set", "signed_by=proxy")
        refused = iort(*more, *written, "--set", f"authority={authority}", code=1)
        assert "Written authority is a document" in refused or "no document with that" in refused
    relative = iort(*more, "signed_by=relative", code=1)
    assert "A relative's yes is not the patient's. Ask the patient" in relative
    assert iort.rows(Consent) == []
    document = iort.rows(Document)[0].id
    named = ("ground=legal_guardian", "--set", f"paper={document}")
    assert iort.json(*more, *named)["state"] == "COLLECTING_RECORDS"
    (given,) = iort.rows(Consent)
    assert (given.signed_by, given.method, given.ground) == ("guardian", "paper", "legal_guardian")
    assert given.paper_id == document


def test_what_is_opened_here_is_read_and_nothing_more_before_the_consent(iort: Terminal) -> None:
    report = str(PROJECT_ROOT / "examples" / "breast-synoptic.pdf")
    ref = iort.json("case", "open", report)["ref"]
    iort.work()
    assert {finding.state for finding in iort.rows(FindingRecord)} == {"proposed"}
    (triage,) = [t for t in iort.json("tasks", "--case", ref) if t["kind"] == "triage_inquiry"]
    iort("do", str(triage["task"]), "--choose", "in_scope", "--set", "site=breast")
    iort.work()
    assert iort.rows(Assessment) == [] and iort.rows(OutreachThread) == []
    assert {task["role"] for task in iort.json("tasks", "--case", ref)} == {"coordinator"}
