"""What a hospital writes on its desk: kept as a letter of the thread, and acted on as it was typed.

It was typed into fields by somebody with the link and its code, so nobody has to class it. A blank
field states nothing. A form that is sent twice is one answer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from accounts import throttle
from models import DeskLink, Hospital, Message, OutreachThread
from models.base import require_id
from models.database import transaction
from workflows.engine.acting import Acting, acting
from workflows.engine.calendars import morning_after
from workflows.engine.deciding import Deciding, DecisionRefused, check_text, parse_date, stated_only
from workflows.engine.dedupe_keys import of_desk_answer
from workflows.engine.lookup import get
from workflows.engine.record import unasked
from workflows.engine.world import World
from workflows.events import Actor
from workflows.letters.to_hospitals import about
from workflows.letters.withdrawn_offers import withdraw_offers_of
from workflows.outreach.desk_links import why_shut
from workflows.outreach.offer_decisions import write_offer_down
from workflows.outreach.offer_terms import TERMS, read_terms
from workflows.outreach.open_threads import see_on
from workflows.outreach.reply_decisions import THREAD_STATE, ask_for_items
from workflows.records.desk import DeskShut, OpenDesk, note_visit

BY_DESK = "desk"
"""How such an answer is matched to its thread, and what classed it."""
IORT = ("alone", "boost", "either", "cannot_say")
WHY_DECLINED = ("device", "clinical", "dates", "cost", "other")
"""No device, not suitable in its doctors' view, no room in time, price, another reason."""
CLASSES = {
    "review": "accept_for_review",
    "missing": "more_info",
    "offer": "offer",
    "decline": "decline",
    "colleague": "redirect",
    "write": "other",
}
"""The forms of the desk, and what each of them is as an answer."""
_LONGEST = 3000
ANSWERS_A_DAY, A_DAY = 60, timedelta(days=1)
"""Forms of one link in a day, refused ones too: what is taken is a letter that a person reads."""
OFFER_FIELDS = ("currency", "amount_low", "amount_high", *TERMS)


@dataclass(frozen=True, slots=True)
class Answer:
    """A form as it was sent: `form` is its own random name, `values` what was typed."""

    kind: str
    form: str
    values: Mapping[str, str]


@dataclass
class _Desk:
    """An answer being taken: who acts, the thread, and the lines that are kept of it."""

    by: Acting
    thread: OutreachThread
    values: Mapping[str, str]
    lines: list[str]

    def text(self, name: str) -> str:
        return " ".join(self.values.get(name, "").split())[:_LONGEST]

    def day(self, name: str) -> date | None:
        typed = self.values.get(name, "").strip()
        if not typed:
            return None
        day = parse_date(name.replace("_", " "), typed)
        if day < self.by.now.date():
            raise DecisionRefused("That day is over: name one that is to come.")
        return day

    def say(self, label: str, value: object) -> None:
        if value:
            self.lines.append(f"{label}: {value}")


def take(world: World, desk: OpenDesk, answer: Answer, place: str, country: str | None) -> None:
    """Take one answer; raise `DecisionRefused` (with what to do), or `DeskShut` where it is late.

    `ToConfirm` asks to look at the amounts once more, as they were read.
    """
    kind = answer.kind
    if kind not in CLASSES:
        raise DecisionRefused("Choose what you want to tell us.")
    values = {name: stated_only(name, given) for name, given in answer.values.items()}
    for name, given in values.items():
        check_text(name, given)
    try:
        throttle.count(world.engine, f"desk.answer:{desk.link_id}", ANSWERS_A_DAY, A_DAY)
    except throttle.TooMany:
        raise DecisionRefused("Many answers were sent today: please call us.") from None
    actor = Actor("hospital", f"desk:{desk.link_id}")
    with acting(world, desk.case_id, actor) as by:
        thread = get(by.session, OutreachThread, desk.thread_id)
        by.session.refresh(thread, with_for_update=True)
        link = get(by.session, DeskLink, desk.link_id)
        key = of_desk_answer(desk.link_id, answer.form)
        if _taken(by.session, key):
            return
        if why := why_shut(by.session, world, link):
            raise DeskShut(why, desk.link_id, desk.language, desk.generation)
        taking = _Desk(by, thread, values, [])
        then = _READ[kind](taking)
        if not taking.lines:
            raise DecisionRefused("Nothing is filled in yet: write what you want to tell us.")
        message = Message(
            case_id=desk.case_id,
            thread_id=desk.thread_id,
            direction="in",
            state="received",
            to_role="coordinator",
            automated=False,
            address=link.address,
            subject=f"[{desk.case_ref}] answered on the page",
            body="\n".join(taking.lines),
            dedupe_key=key,
            sent_at=by.now,
            reply_class=CLASSES[kind],
        )
        by.session.add(message)
        by.session.flush()
        note_visit(by.session, world, desk, "answer", place, country)
        _record(taking, message, kind)
        then(message)
        see_on(by.recorder, thread)


def _taken(session: Session, key: str) -> bool:
    known = select(col(Message.id)).where(col(Message.dedupe_key) == key)
    return session.scalars(known).first() is not None


def _record(taking: _Desk, message: Message, kind: str) -> None:
    """Record that they have answered, and as what: it counts as a class said by a person."""
    by, thread = taking.by, taking.thread
    objects, reply_class = about(thread, message), CLASSES[kind]
    by.record(
        "hospital.reply_received",
        {**about(thread), "matched_by": BY_DESK, "has_attachments": False},
        objects,
    )
    if thread.state != "closed":
        thread.state = THREAD_STATE.get(reply_class, thread.state)
    payload = {
        **about(thread),
        "reply_class": reply_class,
        "confidence": 1.0,
        "model_version": BY_DESK,
        "confirmed": True,
        "typed": True,
    }
    by.record("hospital.reply_classified", payload, objects)


Then = Callable[[Message], None]


def _nothing(_: Message) -> None:
    """Nothing more follows."""


def _review(taking: _Desk) -> Then:
    """Points 1 and 2: who reviews it, by when; whether IORT could be considered."""
    day, who, iort = taking.day("by_day"), taking.text("by_whom"), taking.text("iort")
    if iort and iort not in IORT:
        raise DecisionRefused("Choose one of the answers about IORT.")
    taking.say("Doctors will review the case", "yes")
    taking.say("By whom", who)
    taking.say("By", day.isoformat() if day else "")
    taking.say("IORT could be considered", iort.replace("_", " "))
    taking.say("Remarks", taking.text("words"))
    return (lambda _: _promised(taking, day)) if day else _nothing


def _promised(taking: _Desk, day: date) -> None:
    hospital = get(taking.by.session, Hospital, taking.thread.hospital_id)
    due: datetime = morning_after(hospital, day)
    payload = {**about(taking.thread), "due_at": due.isoformat()}
    taking.by.record("outreach.answer_promised", payload, about(taking.thread))


def _missing(taking: _Desk) -> Then:
    """Point 3: what they need, item by item, each with their own words."""
    vocabulary = taking.by.world.process.vocabulary
    known = vocabulary.fields("more_info.requested")["items"].words
    codes = [one for one in taking.values.get("items", "").split(",") if one]
    if any(code not in known for code in codes):
        raise DecisionRefused("Choose the records from the list, or write them in your own words.")
    words = taking.text("words")
    if not codes and not words:
        raise DecisionRefused("Choose what is missing, or write it in your own words.")
    if words and "other" not in codes:
        codes.append("other")
    taking.say("Needed before an answer", ", ".join(code.replace("_", " ") for code in codes))
    taking.say("In their words", words)
    return lambda message: ask_for_items(taking.by, taking.thread, message, codes)


def _offer(taking: _Desk) -> Then:
    """Point 4: an offer in fields, with the amounts confirmed as they were read."""
    deciding = _as_deciding(taking)
    terms = read_terms(deciding)
    if deciding.optional("amounts") != terms.amounts:
        raise AmountsToConfirm(terms.amounts)
    taking.say("Offer", terms.amounts)
    for name in OFFER_FIELDS:
        if name not in ("currency", "amount_low", "amount_high", "amounts", "ebrt", "deposit"):
            taking.say(name.replace("_", " "), taking.text(name))

    def write(message: Message) -> None:
        deciding.task.objects = {**deciding.task.objects, "message_id": require_id(message.id)}
        write_offer_down(deciding, taking.thread, terms, message)

    return write


class AmountsToConfirm(DecisionRefused):
    """The amounts count when they were looked at once more: `amounts`, as they were read."""

    def __init__(self, amounts: str) -> None:
        super().__init__("Look at the amounts once more, as they were read.")
        self.amounts = amounts


def _as_deciding(taking: _Desk) -> Deciding:
    """Return the desk's form as the answer to the question what a hospital offers."""
    by, thread = taking.by, taking.thread
    task = unasked("record_offer", by.case_id, about(thread), by.now)
    values = {name: taking.values.get(name, "") for name in OFFER_FIELDS}
    return Deciding(by.session, by.recorder, by.world, task, by.actor, values, None)


def _decline(taking: _Desk) -> Then:
    """Point 5: they do not take the case, and why."""
    why, words = taking.text("why"), taking.text("words")
    if why not in WHY_DECLINED:
        raise DecisionRefused("Choose the reason: the family is told it honestly.")
    if why in ("clinical", "other") and not words:
        raise DecisionRefused("Write the reason in a sentence: the family is told it honestly.")
    taking.say("They do not take the case", why)
    taking.say("Reason in their words", words)
    deciding = _as_deciding(taking)
    return lambda _: withdraw_offers_of(deciding, taking.thread)


def _colleague(taking: _Desk) -> Then:
    """Somebody else of the hospital is to be written to."""
    address, name = taking.text("address"), taking.text("name")
    if address.count("@") != 1 or " " in address or len(address) > 254:
        raise DecisionRefused(
            "Write the colleague's e-mail address, such as desk@hospital.example."
        )
    taking.say("Please write to", address)
    taking.say("Name or department", name)
    taking.say("Remarks", taking.text("words"))
    return _nothing


def _write(taking: _Desk) -> Then:
    """Anything else, in their own words: a person reads it."""
    words = taking.text("words")
    taking.say("They write", words)
    return lambda message: _read_by_person(taking, message)


def _read_by_person(taking: _Desk, message: Message) -> None:
    taking.by.request("confirm_reply", about(taking.thread, message))


_READ: Mapping[str, Callable[[_Desk], Then]] = {
    "review": _review,
    "missing": _missing,
    "offer": _offer,
    "decline": _decline,
    "colleague": _colleague,
    "write": _write,
}


def has_declined(world: World, link_id: int) -> bool:
    """Return whether it was said with this link that they do not take the case."""
    query = select(col(Message.id)).where(
        col(Message.dedupe_key).startswith(of_desk_answer(link_id, "")),
        col(Message.reply_class) == CLASSES["decline"],
    )
    with transaction(world.engine) as session:
        return session.scalars(query).first() is not None


def answers_given(session: Session, thread_id: int) -> Sequence[Message]:
    """Return what was written on the desk of a thread, newest first."""
    query = select(Message).where(
        col(Message.thread_id) == thread_id,
        col(Message.direction) == "in",
        col(Message.dedupe_key).startswith("desk:"),
    )
    return session.scalars(query.order_by(col(Message.id).desc())).all()
