"""What is known of history without looking anew: the last look, the last head, the triggers."""

from datetime import timedelta

from sqlalchemy import func, select, text
from sqlmodel import Session, col

from models import HistoryCheck, HumanTask, SignedHead
from models.evidence import FORMS

OLD_HEAD, OLD_LOOK = timedelta(hours=3), timedelta(hours=36)
"""So old a head or a look must not be; the steps make a new one every hour and every day."""

_TRIGGERS = text(
    "SELECT tgrelid::regclass::text AS name, tgname FROM pg_trigger"
    " WHERE tgenabled IN ('O', 'A')"
    " AND tgname IN ('only_added', 'only_closed', 'chained', 'linked')"
)
_ASKED = select(func.count()).where(
    col(HumanTask.kind) == "look_at_history", col(HumanTask.state) == "open"
)
_NOW = text("SELECT clock_timestamp()")
_WENT_ON = text("SELECT EXISTS (SELECT FROM case_event WHERE recorded_at > :since)")
_OTHERS = ("case_event", "evidence_link", "history_check", "signed_head")


def history_stands(session: Session) -> tuple[str, str]:
    """Return what is wrong, if anything is, and what there is to say."""
    away = _triggers_away(session)
    if away:
        return f"triggers that guard history are gone or off: {', '.join(away)}", ""
    now = session.execute(_NOW).scalar_one()
    head = session.scalars(select(SignedHead).order_by(col(SignedHead.no).desc()).limit(1)).first()
    look = session.scalars(
        select(HistoryCheck).order_by(col(HistoryCheck.id).desc()).limit(1)
    ).first()
    asked = session.scalars(_ASKED).one()
    if asked:
        return f"{asked} questions about rewritten history: ./iort audit verify says where", ""
    if head is not None and now - head.at > OLD_HEAD and _went_on(session, head):
        return f"what happened since {head.at:%F %H:%M} UTC is not signed", ""
    if look is not None and now - look.at > OLD_LOOK:
        return f"nobody has looked since {look.at:%F %H:%M} UTC: do the workers run?", ""
    signed = f"head {head.no} of {head.at:%F %H:%M} UTC" if head else "no head yet"
    if look is None:
        return "", f"{signed}; not looked at yet"
    seen = f"{look.cases} cases, {look.events} events looked at in {look.took_ms / 1000:.1f} s"
    known = f", {len(look.findings)} things that a lead explained" if look.findings else ""
    return "", f"{signed}; {seen}{known}"


def _triggers_away(session: Session) -> list[str]:
    on = {(row.name, row.tgname) for row in session.execute(_TRIGGERS)}
    needed = {(name, "only_added") for name in (*FORMS, *_OTHERS)}
    needed |= {(name, "linked") for name in FORMS} | {("case_event", "chained")}
    needed |= {(name, "only_closed") for name, forms in FORMS.items() if _closes(forms)}
    return sorted(f"{name}.{trigger}" for name, trigger in needed - on)


def _closes(forms: object) -> bool:
    assert isinstance(forms, dict)
    return any(form.closing for form in forms.values())


def _went_on(session: Session, head: SignedHead) -> bool:
    """Say whether anything happened since the newest head."""
    return bool(session.execute(_WENT_ON, {"since": head.at}).scalar_one())
