"""The step that works what the inbox kept: a case, a document, a note, an object, a letter."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from adapters.hook_signatures import confirm_address
from adapters.partner_store import ObjectTooLarge
from adapters.storage import ObjectMissing
from adapters.webhooks import WebhookFailed, get_public
from models import Case, HookObject, InboundWebhook, Message
from models.base import require_id
from workflows.cases.intake import (
    IntakeRefused,
    NewCase,
    NewPatient,
    add_document,
    open_case,
    store_original,
)
from workflows.cases.red_flags import Reported, danger_in, report_red_flag
from workflows.declared import Raises
from workflows.engine.claims import Claimed
from workflows.engine.limits import (
    NOT_OPEN_YET,
    let_through,
    opening_turn,
    room_for_partner,
    waits_with,
)
from workflows.engine.lookup import get
from workflows.engine.record import CaseNotFound, Cause
from workflows.engine.work import NotNow, RetryLater, Unit, Work, slow
from workflows.engine.world import World
from workflows.events import Actor, Event, EventRefused
from workflows.hooks.bucket import StoredObject
from workflows.hooks.inbox import LOOK, drop_unnamed
from workflows.hooks.partner import CaseNote, CaseOpened, Sent
from workflows.hooks.problems import HookRefused
from workflows.hooks.sources import Source, source_of
from workflows.hooks.understanding import Understood, understand
from workflows.letters.gate import TAKING
from workflows.letters.inbound import take_mail

TAKE = "ingestion.take_hook"
SOON = timedelta(seconds=5)
A_WHILE = timedelta(minutes=1)
"""What belongs to a case that waits for its opening is looked at again so seldom."""
StoredFile = tuple[str, str, int, str]
"""A document whose bytes are stored: SHA-256, key, size, file name."""


class NotOpenYet(NotNow):
    """The case that something belongs to waits for its opening, which is the delivery `opening`."""

    def __init__(self, opening: int, after: timedelta) -> None:
        super().__init__(NOT_OPEN_YET, after)
        self.opening = opening


@slow(
    TAKE,
    words="what a partner sent is worked",
    stopped="What a partner sent was not worked",
    patient="A case, a document or a letter that a partner sent is kept and not in the house yet.",
    needs=("store",),
    raises=Raises(
        events=(*TAKING.events, "case.opened", "webhook.received"),
        requests=(*TAKING.requests, "state_time_zone", "read_letter", LOOK),
    ),
)
def take_hook(work: Work) -> None:
    """Work one delivery; what cannot be taken is kept, with its reason, and a person is asked."""
    with work.reading() as session:
        row = get(session, InboundWebhook, work.object_id("hook_id"))
    if row.state != "received":
        with work.finishing():
            return
    rules = source_of(work.world.settings.playbooks_dir, row.source)
    stored: list[StoredFile] = []
    try:
        body = work.world.storage.get(row.object_key)
        understood = understand(rules, row.content_type or "", "", body)
        if not rules.may_send(understood.kind):
            raise HookRefused("type_not_allowed", [understood.kind])
        _take(work, rules, row, understood, stored)
    except HookRefused as refused:
        _refuse(work, refused.code)
    except (IntakeRefused, EventRefused, CaseNotFound):
        _refuse(work, "not_as_documented")
    except NotOpenYet as not_yet:
        with work.claiming() as unit:
            waits_with(unit.session, unit.row.id, not_yet.opening)
        raise
    else:
        return
    drop_unnamed(work.world, *(key for _, key, _, _ in stored))


def _take(
    work: Work, rules: Source, row: InboundWebhook, what: Understood, stored: list[StoredFile]
) -> None:
    if what.mail is not None and what.mail.confirm is not None:
        _confirm(work, what)
    elif what.mail is not None:
        _mail(work, row, what.mail.raw)
    elif what.sent is not None:
        _in_turn(work, row, what.sent)
        for name, content in what.sent.files():
            sha256, key = store_original(work.world, content)
            stored.append((sha256, key, len(content), name))
        with work.finishing() as unit:
            kept = get(unit.session, InboundWebhook, require_id(row.id))
            case = _apply(unit, kept, what.sent, stored)
            _done(unit, kept, case)
    else:
        _objects(work, rules, row, what.objects)


def _in_turn(work: Work, row: InboundWebhook, sent: Sent) -> None:
    """Let an inquiry wait while its partner has sent too many, and none that may be urgent.

    What belongs to a case waits for it before anything is stored.
    """
    if isinstance(sent.data, CaseOpened):
        with work.reading() as session:
            _must_fit(work.world, session, row, sent, work.row, work.now)
        return
    if isinstance(sent.data, CaseNote) and danger_in(work.world, sent.data.text).signs:
        with work.claiming() as unit:
            let_through(unit.session, row.source, sent.data.case_ref, unit.now)
    with work.reading() as session:
        own_case(session, sent.data.case_ref, (row.source,), work.now)


def _must_fit(
    world: World, session: Session, row: InboundWebhook, sent: Sent, run: Claimed, now: datetime
) -> None:
    """Raise `NotNow` for an inquiry that has to wait."""
    routine = isinstance(sent.data, CaseOpened) and sent.data.urgency == "routine"
    if routine and not run.objects.get("urgent") and not danger_in(world, sent.note).signs:
        room_for_partner(session, world.settings, row.source, run.id, now)


def _done(unit: Unit, row: InboundWebhook, case: Case) -> None:
    row.case_id, row.kind = case.id, row.kind
    row.state, row.problem, row.settled_at = "done", None, unit.now
    payload = {"source": row.source, "signature_ok": True, "replay": row.replayed > 0}
    event = Event("webhook.received", payload, actor=_actor(row.source))
    unit.recorder.record(require_id(case.id), event, unit.cause)


def _refuse(work: Work, code: str) -> None:
    """Keep a delivery that cannot be taken: its sender was told that it was accepted."""
    with work.finishing() as unit:
        row = get(unit.session, InboundWebhook, work.object_id("hook_id"))
        _set_refused(unit, row, code)


def _set_refused(unit: Unit, row: InboundWebhook, code: str) -> None:
    row.state, row.problem, row.settled_at = "refused", code, unit.now
    unit.recorder.request(
        LOOK, objects={"hook_id": require_id(row.id)}, cause=unit.cause, detail=code
    )


def _actor(source: str) -> Actor:
    return Actor("webhook", source[:40])


def _apply(unit: Unit, row: InboundWebhook, sent: Sent, stored: list[StoredFile]) -> Case:
    actor = _actor(row.source)
    if isinstance(sent.data, CaseOpened):
        _must_fit(unit.world, unit.session, row, sent, unit.row, unit.now)
        case = _open(unit, row, sent.data)
    else:
        case = own_case(unit.session, sent.data.case_ref, (row.source,), unit.now)
    case_id = require_id(case.id)
    unit.recorder.lock([case_id])
    for sha256, key, size, name in stored:
        add_document(
            unit.session, unit.recorder, case_id, sha256=sha256, key=key, size=size,
            file_name=name, channel="partner", actor=actor, cause=unit.cause,
        )  # fmt: skip
    text = sent.data.text if isinstance(sent.data, CaseNote) else sent.note
    if text:
        _note(unit, case, row.source, text)
    return case


def _open(unit: Unit, row: InboundWebhook, data: CaseOpened) -> Case:
    if data.rehearsal and not unit.world.settings.embedded:
        raise HookRefused("no_rehearsal", ["data.rehearsal"])
    new = NewCase(
        patient=NewPatient(**data.patient.model_dump(), time_zone=None),
        site=data.site,
        source="webhook",
        language=data.language,
        urgency=data.urgency,
        residence_country=data.residence_country,
        rehearsal=data.rehearsal,
    )
    promised = None
    if row.promised_id is not None and row.promised_ref is not None:
        promised = (row.promised_id, row.promised_ref)
    return open_case(
        unit.session, unit.recorder, unit.world, new, _actor(row.source), promised=promised
    )


def own_case(session: Session, ref: str, sources: tuple[str, ...], now: datetime) -> Case:
    """Return a case that one of the sources opened; another's is refused like none at all.

    Raises `HookRefused`, and `NotOpenYet` for a case whose opening is kept and not worked yet:
    until the opening's own turn, where it waits for a limit or a peer.
    """
    of_sources = select(InboundWebhook).where(col(InboundWebhook.source).in_(sources))
    case = session.scalars(
        select(Case)
        .join(InboundWebhook, col(InboundWebhook.case_id) == col(Case.id))
        .where(
            col(Case.ref) == ref.upper(),
            col(Case.erased_at).is_(None),
            col(InboundWebhook.source).in_(sources),
        )
        .limit(1)
    ).first()
    if case is not None:
        return case
    promised = of_sources.where(
        col(InboundWebhook.promised_ref) == ref.upper(), col(InboundWebhook.state) == "received"
    )
    opening = session.scalars(promised.limit(1)).first()
    if opening is not None:
        number, waited = require_id(opening.id), now - opening.received_at
        soon = min(max(SOON, waited / 2), A_WHILE)
        turn = opening_turn(session, number)
        raise NotOpenYet(number, max(soon, turn - now) if turn else soon)
    raise HookRefused("no_such_case", ["case_ref"])


def _note(unit: Unit, case: Case, source: str, text: str) -> None:
    message = Message(
        case_id=case.id,
        direction="in",
        state="received",
        to_role="coordinator",
        automated=False,
        address=source,
        subject="Note of a partner",
        body=text,
        language=case.language,
    )
    unit.session.add(message)
    unit.session.flush()
    objects, case_id = {"message_id": require_id(message.id)}, require_id(case.id)
    danger = danger_in(unit.world, text)
    who = {"from_role": "partner", "channel": "webhook", "danger": danger.level}
    event = Event("message.received", {**objects, **who}, objects, _actor(source))
    event_id = unit.recorder.record(case_id, event, unit.cause)
    cause = Cause(unit.row.id, unit.row.root_id, event_id, unit.row.again)
    unit.recorder.request(
        "read_letter", case_id=case_id, objects=objects, cause=cause, detail="partner"
    )
    if danger.signs:
        flag = Reported(danger.signs, "partner_note", "webhook", _actor(source), None, objects)
        report_red_flag(unit.recorder, case_id, flag, cause)


def _objects(
    work: Work, rules: Source, row: InboundWebhook, objects: tuple[StoredObject, ...]
) -> None:
    """Take each object once; those of a place that we do not take go to a person, all the same."""
    assert rules.store is not None
    sources = rules.store.cases_of or (row.source,)
    problem: str | None = None
    wanted: list[StoredObject] = []
    taken: list[tuple[StoredObject, StoredFile]] = []
    for one in objects:  # all of them, before the first is fetched: one that waits holds them all
        try:
            if not one.case_ref:
                raise HookRefused("other_bucket")
            with work.reading() as session:
                own_case(session, one.case_ref, sources, work.now)
                if not _known_object(session, work, row.source, one):
                    wanted.append(one)
        except HookRefused as refused:
            problem = problem or refused.code
    for one in wanted:
        try:
            if (file := _fetch(work, one)) is not None:
                taken.append((one, file))
        except HookRefused as refused:
            problem = problem or refused.code
    with work.finishing() as unit:
        kept = get(unit.session, InboundWebhook, require_id(row.id))
        for one, file in taken:
            case = own_case(unit.session, one.case_ref, sources, unit.now)
            if _add_object(unit, kept.source, case, one, file):
                _done(unit, kept, case)
        kept.state, kept.problem, kept.settled_at = "done", None, unit.now
        if problem is not None:
            _set_refused(unit, kept, problem)


def _fetch(work: Work, one: StoredObject) -> StoredFile | None:
    """Store an object's bytes; None for one whose place another content has taken since."""
    most = work.world.settings.document_max_bytes
    try:
        found = work.world.partner_store.read(one.bucket, one.key, one.version, most)
    except ObjectMissing:
        raise HookRefused("no_such_object") from None
    except ObjectTooLarge:
        raise HookRefused("object_too_large") from None
    if not one.version and one.tag and found.tag and found.tag != one.tag and "-" not in one.tag:
        return None
    sha256, key = store_original(work.world, found.content)
    return sha256, key, len(found.content), one.file_name


def _hash_of(work: Work | Unit, one: StoredObject) -> str:
    return work.world.keys.marks.of("hook-object", one.name)


def _known_object(session: Session, work: Work, source: str, one: StoredObject) -> bool:
    known = select(col(HookObject.id)).where(
        col(HookObject.source) == source, col(HookObject.name_hash) == _hash_of(work, one)
    )
    return session.scalars(known).first() is not None


def _add_object(unit: Unit, source: str, case: Case, one: StoredObject, file: StoredFile) -> bool:
    """Write an object down as a document of its case; False when another worker just did."""
    row_id = unit.session.scalars(
        insert(HookObject)
        .values(source=source, name_hash=_hash_of(unit, one))
        .on_conflict_do_nothing()
        .returning(col(HookObject.id))
    ).first()
    if row_id is None:
        return False
    case_id = require_id(case.id)
    unit.recorder.lock([case_id])
    sha256, key, size, name = file
    document = add_document(
        unit.session, unit.recorder, case_id, sha256=sha256, key=key, size=size, file_name=name,
        channel="partner", actor=_actor(source), cause=unit.cause,
    )  # fmt: skip
    get(unit.session, HookObject, row_id).document_id = document.id
    return True


def _mail(work: Work, row: InboundWebhook, raw: bytes) -> None:
    """Give a message to the gate of the mailbox; what the provider wrapped it in is not kept."""
    take_mail(work.world, raw, uid="", now=work.world.clock.now())
    key = row.object_key
    with work.finishing() as unit:
        kept = get(unit.session, InboundWebhook, require_id(row.id))
        kept.state, kept.problem, kept.settled_at = "done", None, unit.now
        kept.object_key = ""
    drop_unnamed(work.world, key)


def _confirm(work: Work, what: Understood) -> None:
    """Tell SNS that the subscription is wanted; its topic stands in the source's file."""
    assert what.mail is not None and what.mail.confirm is not None
    try:
        get_public(confirm_address(what.mail.confirm))
    except WebhookFailed:
        raise RetryLater("WebhookFailed", timedelta(minutes=1)) from None
    with work.finishing() as unit:
        kept = get(unit.session, InboundWebhook, work.object_id("hook_id"))
        kept.state, kept.problem, kept.settled_at = "done", None, unit.now
