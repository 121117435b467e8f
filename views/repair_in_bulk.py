"""Repairing many rows of the desk: one decision each, each with its own outcome.

What cannot be done for one row is reported and does not hold back the others.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col

from accounts import audit
from adapters.storage import StorageError
from models import Case, CaseEvent, HumanTask, WebhookDelivery, WebhookEndpoint
from models.base import require_id
from models.database import transaction
from models.human_task import REPAIRS
from views.repair import MAX_AT_ONCE, WEBHOOK_ANSWERS
from views.repair_words import WEBHOOK
from workflows.decisions import DecisionRefused, decide
from workflows.engine.lookup import RowNotFound
from workflows.engine.record import CaseNotFound, Recorder
from workflows.engine.world import World
from workflows.events import Actor, EventRefused
from workflows.hooks.endpoints import resume

_REFUSED = (DecisionRefused, EventRefused, CaseNotFound, RowNotFound)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row; `refusal` says why nothing was changed, None when it was done."""

    id: int
    case_ref: str | None
    refusal: str | None = None


def settle_many(
    world: World,
    kind: str,
    ids: Sequence[int],
    *,
    answer: str,
    actor: Actor,
    reason: str | None = None,
) -> list[Outcome]:
    """Give one answer to each row, in its own transaction; return what became of each.

    `ids` are human tasks of `kind`, or deliveries for the kind `webhook`. Raises `DecisionRefused`
    when the request as a whole makes no sense: no row, too many, an unknown kind.
    """
    chosen = list(dict.fromkeys(ids))
    if not chosen:
        raise DecisionRefused("Nothing was chosen: tick at least one row.")
    if len(chosen) > MAX_AT_ONCE:
        raise DecisionRefused(f"At most {MAX_AT_ONCE} rows at once.")
    if kind != WEBHOOK and kind not in REPAIRS:
        raise DecisionRefused("The desk knows no such repair.")
    if kind == WEBHOOK:
        _check_webhook(answer, actor, reason)
        outcomes = [_tried(n, lambda n: _settle_delivery(world, n, answer)) for n in chosen]
    else:
        kinds, refs = _tasks(world, chosen)

        def settle(task_id: int) -> str | None:
            if kinds.get(task_id) != kind:
                raise DecisionRefused("This is another kind of task.")
            decide(world, task_id, answer=answer, actor=actor, reason=reason)
            return refs.get(task_id)

        outcomes = [_tried(n, settle, refs.get(n)) for n in chosen]
    _note(world, kind, answer, actor, outcomes)
    return outcomes


def _tried(row_id: int, act: Callable[[int], str | None], ref: str | None = None) -> Outcome:
    try:
        return Outcome(row_id, act(row_id))
    except _REFUSED as refused:
        return Outcome(row_id, ref, str(refused))
    except (SQLAlchemyError, StorageError) as error:
        # The text of a database error may hold a row's values: only its kind is shown.
        text = f"It did not work ({type(error).__name__}); nothing was changed. Try again."
        return Outcome(row_id, ref, text)


def _tasks(world: World, ids: Sequence[int]) -> tuple[dict[int, str], dict[int, str]]:
    """Return the kind of each task, and the reference of its case where it has one."""
    with transaction(world.engine) as session:
        rows = session.execute(
            select(col(HumanTask.id), col(HumanTask.kind), col(Case.ref))
            .join(Case, col(Case.id) == col(HumanTask.case_id), isouter=True)
            .where(col(HumanTask.id).in_(ids))
        ).all()
    kinds = {task_id: kind for task_id, kind, _ in rows if task_id is not None}
    return kinds, {task_id: ref for task_id, _, ref in rows if task_id is not None and ref}


def _check_webhook(answer: str, actor: Actor, reason: str | None) -> None:
    if actor.type not in ("coordinator", "lead", "administrator"):
        raise DecisionRefused("Only a coordinator or lead may answer this.")
    if answer not in WEBHOOK_ANSWERS:
        raise DecisionRefused(f"Choose one of: {', '.join(WEBHOOK_ANSWERS)}.")
    if WEBHOOK_ANSWERS[answer].reason and not (reason or "").strip():
        raise DecisionRefused("This answer needs a reason.")


def _settle_delivery(world: World, delivery_id: int, answer: str) -> str | None:
    """Offer a failed delivery again, opening a closed address, or give it up for good."""
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        delivery = session.get(WebhookDelivery, delivery_id, with_for_update=True)
        if delivery is None or delivery.state != "failed":
            raise DecisionRefused("This message does not wait for a repair any more.")
        event = session.scalars(
            select(CaseEvent).where(col(CaseEvent.event_id) == delivery.event_id)
        ).first()
        case = session.get(Case, event.case_id) if event else None
        if answer == "give_up":
            delivery.state = "given_up"
        else:
            endpoint = session.get(WebhookEndpoint, delivery.endpoint_id, with_for_update=True)
            if endpoint is not None and not endpoint.active:
                resume(session, endpoint, recorder.now)
            delivery.state, delivery.attempts, delivery.last_status = "pending", 0, None
            recorder.request(
                "deliver_event",
                case_id=event.case_id if event else None,
                objects={"delivery_id": require_id(delivery.id), "lane": delivery.endpoint_id},
            )
        due = recorder.flush()
    world.doorbell.ring(due)
    return case.ref if case else None


def _note(world: World, kind: str, answer: str, actor: Actor, outcomes: Sequence[Outcome]) -> None:
    with transaction(world.engine) as session:
        for outcome in outcomes:
            if outcome.refusal is None:
                audit.note(
                    session,
                    actor_ref=actor.ref,
                    action=f"repair.{answer}",
                    at=world.clock.now(),
                    object_ref=f"{'delivery' if kind == WEBHOOK else 'task'}:{outcome.id}",
                )
