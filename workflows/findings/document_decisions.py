"""Documents and findings: repair what could not be read, confirm what was."""

from typing import Any

from models import Document
from models.base import require_id
from workflows.declared import Raises
from workflows.documents.imaging import same_study
from workflows.documents.keeping import KEPT_LOCKED, LOCKED, copies_of
from workflows.documents.notes import MOVED_WITH, labels_of
from workflows.documents.scanning import found_in, let_go
from workflows.documents.sending import told_with
from workflows.engine.deciding import (
    CLINICIANS,
    COORDINATORS,
    Choice,
    Deciding,
    DecisionRefused,
    Question,
    Trouble,
    nothing,
)
from workflows.engine.lookup import get
from workflows.findings.by_hand import add_by_hand, rank_as_final
from workflows.findings.decisions import (
    must_fit,
    proposals,
    screen_if_changed,
    settle,
    settle_given,
    typed,
)

FINAL_LABELS = ("pathology_surgical_final", "pathology_addendum")
REVIEWED = Raises(
    events=(
        "extraction.field_confirmed",
        "extraction.field_rejected",
        "extraction.differences_found",
        "extraction.differences_ended",
        "pathology.final_received",
        "clinician.review_voided",
        "suitability.assessed",
        "suitability.set_withdrawn",
    ),
    requests=("check_batch", "check_verified"),
)


def _document(deciding: Deciding) -> Document:
    return get(deciding.session, Document, deciding.object_id("document_id"))


def _give_password(deciding: Deciding) -> None:
    """Read what is locked again with the password: the files of a sending seldom have two."""
    document = _document(deciding)
    told = told_with(deciding.session, document) or [document]
    locked = [one for one in told if one.read_status == "encrypted"] or [document]
    for one in locked:
        one.password = deciding.value("password")
        _read_once_more(deciding, one)


def _read_again(deciding: Deciding) -> None:
    document = _document(deciding)
    for one in told_with(deciding.session, document) or [document]:
        _read_once_more(deciding, one)


def _read_once_more(deciding: Deciding, document: Document) -> None:
    if found_in(document):
        raise DecisionRefused(
            "The virus scan found something in this file: it is not read. Ask the sender for a "
            "clean copy."
        )
    document.state = "stored"
    objects = {"document_id": require_id(document.id)}
    deciding.record("document.access_code_given", objects, objects)


def _belongs_here(deciding: Deciding) -> None:
    """Go on with a document; one in which the virus scan found something stays locked for that."""
    document = _document(deciding)
    if MOVED_WITH in document.notes:
        raise DecisionRefused("This document has left the case with its letter.")
    ours = [document, *same_study(deciding.session, document, LOCKED)]
    for one in copies_of(deciding.session, ours):
        one.notes = _opened(one)
    for one in ours:
        if MOVED_WITH in one.notes:
            continue
        one.notes = _opened(one)
        one.identity_result = "released"
        if not let_go(one, "read"):
            continue
        objects = {"document_id": require_id(one.id)}
        deciding.record("document.released", objects, objects)
    if deciding.case.on_hold:
        deciding.record("case.resumed", {})


def _opened(document: Document) -> dict[str, Any]:
    return {name: value for name, value in document.notes.items() if name != KEPT_LOCKED}


def _stays_quarantined(deciding: Deciding) -> None:
    document = _document(deciding)
    locked = [document, *same_study(deciding.session, document, ("quarantined",))]
    for one in (*locked, *copies_of(deciding.session, locked)):
        one.notes = {**one.notes, KEPT_LOCKED: True}
    if deciding.case.on_hold:
        deciding.record("case.resumed", {})


def _confirm(deciding: Deciding) -> None:
    """Settle what is given, confirm the rest, add what a person read besides.

    `workflows.findings.decisions` says how findings are named. `report_date` corrects the date of
    the report itself, `final_pathology=yes` its kind.
    """
    _settle(deciding, rest=True)
    _verified_or_open(deciding)


def _settle_some(deciding: Deciding) -> None:
    """Settle only what is given; the task stays open as long as a value waits."""
    _settle(deciding, rest=False)
    _verified_or_open(deciding)


def _verified_or_open(deciding: Deciding) -> None:
    if proposals(deciding):
        deciding.stays_open = True
        screen_if_changed(deciding, _phase(deciding))
    else:
        _verified(deciding)


def _settle(deciding: Deciding, *, rest: bool) -> None:
    given = dict(deciding.values)
    _nothing_unseen(deciding, given.pop("shown", None))
    document = _document(deciding)
    given.pop("final_pathology", None)
    if deciding.flag("final_pathology"):
        document.label = FINAL_LABELS[0]
        rank_as_final(deciding.session, document)
    day = None
    if given.pop("report_date", None) is not None:
        day = deciding.past_day("report_date").isoformat()
        for finding in proposals(deciding):
            finding.report_date = day
    for field, value in settle_given(deciding, given, rest=rest).items():
        add_by_hand(deciding, document, field, typed(deciding, field, value), day=day)
    must_fit(deciding)


def _nothing_unseen(deciding: Deciding, shown: str | None) -> None:
    """Refuse an answer of a page that did not show every open value: the document was read again.

    `shown` are the ids of the values on the page; without a page nothing is compared.
    """
    if shown is None:
        return
    seen = {one.strip() for one in shown.split(",")}
    new = [one for one in proposals(deciding) if str(one.id) not in seen]
    if new:
        raise DecisionRefused(
            f"The document was read again since you opened this page; {len(new)} of its values "
            "you have not seen. Nothing was saved. Look at the values as they are now, and answer "
            "again."
        )


def _reject(deciding: Deciding) -> None:
    _nothing_unseen(deciding, deciding.optional("shown"))
    for finding in proposals(deciding):
        settle(deciding, finding, "rejected")
    _verified(deciding)


def _phase(deciding: Deciding) -> str:
    return "preop" if deciding.case.pathology_state == "NOT_STARTED" else "postop"


def _verified(deciding: Deciding) -> None:
    """Note that the document was looked at; move on, or void a signature whose inputs changed."""
    document = _document(deciding)
    document.state = "verified"
    deciding.session.flush()
    state = deciding.case.state
    if state == "COLLECTING_RECORDS":
        deciding.request("check_batch")
    elif state == "EXTRACTION_REVIEW":
        deciding.request("check_verified")
    elif _phase(deciding) == "preop":
        screen_if_changed(deciding, "preop")
    elif not set(FINAL_LABELS).isdisjoint(labels_of(document)):
        _final_pathology(deciding, document)
    else:
        screen_if_changed(deciding, "postop")


def _final_pathology(deciding: Deciding, document: Document) -> None:
    """A confirmed final pathology after the operation starts the re-check, a later one again."""
    case, today = deciding.case, deciding.recorder.now.date()
    days = (today - case.surgery_date).days if case.surgery_date else None
    document_id = require_id(document.id)
    payload = {"document_id": document_id, "days_from_surgery": days}
    deciding.record("pathology.final_received", payload, {"document_id": document_id})


QUESTIONS = {
    "repair_document": Question.of(
        "Something of a sending could not be read: what shall happen?",
        COORDINATORS,
        {
            "password": Choice(
                "Open it with this password",
                _give_password,
                needs=("password",),
                raises=Raises(events=("document.access_code_given",)),
            ),
            "read_again": Choice(
                "Read it again",
                _read_again,
                raises=Raises(events=("document.access_code_given",)),
                will=(
                    "The files are read again from the stored originals. A file that fails "
                    "again comes back here."
                ),
            ),
            "asked_sender": Choice(
                "The sender was asked for another copy",
                nothing,
                will=(
                    "You have asked the senders for other copies. The questions are "
                    "closed; new files are read when they come."
                ),
            ),
            "keep": Choice(
                "Keep it as it is; its values are typed by hand",
                nothing,
                reason=True,
                will="The files stay as they are. Their values must be typed by hand.",
            ),
        },
        trouble=Trouble(
            stopped="Something of a sending could not be read",
            patient="Its findings are missing; the sender was told, and the case may wait for it.",
            do=(
                "Open the files. Read them again after mending the cause, or ask the sender for "
                "other copies."
            ),
            codes={
                "encrypted": Trouble(
                    stopped="Files are locked with a password",
                    do="Ask the sender for the password and type it on the file's own page.",
                ),
                "corrupt": Trouble(
                    stopped="Files are damaged",
                    do="Ask the sender for another copy: reading again seldom helps.",
                ),
                "empty": Trouble(stopped="Files are empty", do="Ask the sender for another copy."),
                "too_large": Trouble(
                    stopped="Files are too large",
                    do="Ask the sender for the report alone, without the pictures, or for parts.",
                ),
                "too_many_pages": Trouble(
                    stopped="Files have too many pages",
                    do="Ask the sender for the reports alone, or type the values by hand.",
                ),
                "unsupported": Trouble(
                    stopped="Files are of a kind that cannot be read",
                    do="Ask for a PDF or photographs of the pages.",
                ),
                "no_text": Trouble(
                    stopped="No text was found in the files",
                    do="Ask for a sharper scan or photograph, or type the values by hand.",
                ),
                "partly": Trouble(
                    stopped="Parts of files could not be read",
                    do="Look at what was read. Ask for the missing pages, or type their values.",
                ),
                "malware": Trouble(
                    stopped="The virus scan stopped files",
                    do="Do not open them. Ask the sender for a clean copy.",
                ),
                "malware_late": Trouble(
                    stopped="The virus scan found something in a file that was read before",
                    do=(
                        "Nobody can open it any more. Values that were confirmed from it stay and "
                        "are marked: see whether another paper says the same. Who took the file "
                        "from here must be told. Ask the sender for a clean copy."
                    ),
                ),
            },
        ),
    ),
    "settle_wrong_patient": Question.of(
        "A document may belong to another person",
        COORDINATORS,
        {
            "belongs_here": Choice(
                "It is this patient's: go on",
                _belongs_here,
                reason=True,
                will="What the virus scan found something in stays locked all the same.",
                raises=Raises(events=("document.released", "case.resumed")),
            ),
            "other_patient": Choice(
                "It is another person's: keep it locked",
                _stays_quarantined,
                raises=Raises(events=("case.resumed",)),
            ),
        },
    ),
    "review_findings": Question.of(
        "Confirm what was read from the document",
        (*COORDINATORS, *CLINICIANS),
        {
            "confirm": Choice(
                "Confirm the values (--set confirmed=FIELD names what decides, FIELD=VALUE "
                "corrects or adds)",
                _confirm,
                may=("*",),
                raises=REVIEWED,
            ),
            "settle": Choice(
                "Settle only what is given; the rest waits, the task stays open",
                _settle_some,
                may=("*",),
                raises=REVIEWED,
            ),
            "reject": Choice(
                "None of the values is right", _reject, may=("shown",), reason=True, raises=REVIEWED
            ),
        },
    ),
    "approve_translation": Question.of(
        "Approve the translation",
        COORDINATORS,
        {
            "approved": Choice(
                "All required documents are translated and read",
                lambda d: d.record_moving(
                    "translation.approved", {"attested": ["all_required_translations_approved"]}
                ),
                attests=("all_required_translations_approved",),
                raises=Raises(events=("translation.approved",)),
            ),
            "rejected": Choice(
                "Back to the translator",
                lambda d: d.record_moving("translation.rejected", {}),
                raises=Raises(events=("translation.rejected",)),
            ),
        },
    ),
}
