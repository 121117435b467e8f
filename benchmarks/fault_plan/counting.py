"""What became of everything: each letter in the mailboxes, each case, each event."""

import imaplib
import re
from collections import Counter
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select, text
from sqlmodel import Session, col

from benchmarks.fault_plan import chains
from benchmarks.fault_plan.playing import Playing
from benchmarks.fault_plan.scene import OUR_MAILBOX, Scene
from models import Message
from models.database import transaction
from tests.simulation import queries

WRONG = "\nUNION ALL\n".join(
    (
        queries.CASE_WAITS, queries.NEWS_ALONE, queries.THREAD_WAITS, queries.TWICE,
        queries.STOPPED, queries.DOCUMENT_WAITS,
    )
)  # fmt: skip
_PARKED_UNASKED = """
SELECT count(*) FROM step_run s LEFT JOIN "case" c ON c.id = s.case_id
 WHERE s.state = 'dead' AND c.closed_at IS NULL AND s.dedupe_key IS NULL
   AND NOT EXISTS (SELECT FROM human_task t WHERE t.state = 'open'
        AND (t.kind = 'repair_step' AND CAST(t.objects ->> 'step_run_id' AS bigint) = s.id
             OR t.kind = 'unknown_step' AND t.detail = s.name))
"""
_ID = re.compile(rb"^message-id:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)


@dataclass
class Counted:
    """What a run came to, of the engine and of the chains beside it."""

    cases: int = 0
    events: int = 0
    letters: int = 0
    by_template: dict[str, int] = field(default_factory=dict)
    by_state: dict[str, int] = field(default_factory=dict)
    once: int = 0
    """Letters said to be sent of which the mailboxes hold one."""
    lost: int = 0
    """Said to be sent and in no mailbox, or neither sent nor waiting for anything."""
    twice: int = 0
    uncertain: int = 0
    uncertain_arrived: int = 0
    unlisted: int = 0
    """Letters of unknown fate that nobody is asked about."""
    left_though_stopped: int = 0
    unknown_to_us: int = 0
    """Letters in a mailbox that no row of ours names."""
    replies: int = 0
    replies_lost: int = 0
    replies_twice: int = 0
    inquiries_accepted: int = 0
    inquiries_lost: int = 0
    inquiries_twice: int = 0
    gaps: int = 0
    waiting_for_nothing: list[str] = field(default_factory=list)
    """What should have a clock or a person and has none."""
    parked: int = 0
    parked_unasked: int = 0
    taken_over: int = 0
    unfinished: int = 0
    """Steps that are due or being worked at the end of the run."""
    chain_cases: int = 0
    chain_incomplete: int = 0
    chain_letters: int = 0
    chain_lost: int = 0
    chain_twice: int = 0


class Mailboxes:
    """Everything that was delivered, by Message-ID."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def ids(self, address: str) -> Counter[str]:
        """Return how often each Message-ID is in the mailbox of an address."""
        settings = self._scene.settings
        box = imaplib.IMAP4("127.0.0.1", settings.imap_port, timeout=120)
        try:
            box.login(address, settings.imap_password.get_secret_value())
            box.select("INBOX", readonly=True)
            _, answer = box.fetch("1:*", "(BODY.PEEK[HEADER])")
        except imaplib.IMAP4.error:
            return Counter()
        finally:
            box.shutdown()
        heads: list[bytes] = [part[1] for part in answer if isinstance(part, tuple)]
        return Counter(
            found.group(1).decode() for head in heads if (found := _ID.search(head)) is not None
        )


def count(scene: Scene, playing: Playing) -> Counted:
    """Count everything; the application is at rest and every peer is well."""
    counted = Counted(inquiries_accepted=len(playing.accepted))
    boxes = Mailboxes(scene)
    with transaction(scene.world.engine) as session:
        _letters(session, boxes, counted)
        _replies(session, boxes, counted)
        _inquiries(session, playing, counted)
        _cases(session, counted, scene)
    if scene.beside:
        _chains(scene, boxes, counted)
    return counted


def unfinished(session: Session, scene: Scene) -> int:
    """Return how many steps of cases are due or being worked, but for those a peer holds up."""
    query = (
        "SELECT count(*) FROM step_run WHERE case_id IS NOT NULL AND"
        " (state = 'running' OR state = 'queued' AND due_at <= :now)"
    )
    return int(session.scalar(text(query), {"now": scene.world.clock.now()}) or 0)


def _letters(session: Session, boxes: Mailboxes, counted: Counted) -> None:
    named = {
        number: {"message_id": message_id, "address": address.lower()}
        for number, message_id, address in session.execute(
            select(col(Message.id), col(Message.message_id), col(Message.address))
        )
    }
    queried = session.execute(
        text(
            "SELECT m.id, m.state, m.case_id, m.sending_run, m.sending_fence,"
            " m.sent_sha256, m.template,"
            " EXISTS (SELECT 1 FROM human_task t WHERE t.kind = 'settle_message' AND t.state ="
            " 'open' AND (t.objects->>'message_id')::bigint = m.id) AS listed,"
            " EXISTS (SELECT 1 FROM step_run s WHERE s.case_id = m.case_id AND s.state IN"
            " ('queued', 'running', 'paused')) OR EXISTS (SELECT 1 FROM human_task t WHERE"
            " t.case_id = m.case_id AND t.state = 'open') AS waits"
            " FROM message m WHERE direction = 'out'"
        )
    ).all()
    rows = [SimpleNamespace(**one._mapping, **named[one.id]) for one in queried]
    found: Counter[str] = Counter()
    for address in {row.address for row in rows if row.address}:
        found += boxes.ids(address)
    known = {row.message_id for row in rows}
    counted.unknown_to_us = sum(n for key, n in found.items() if key not in known)
    counted.letters = len(rows)
    counted.by_template = dict(sorted(Counter(row.template or "-" for row in rows).items()))
    counted.by_state = dict(sorted(Counter(row.state for row in rows).items()))
    mails: Counter[Any] = Counter()
    for row in rows:
        mails[_mail_of(row)] += found[row.message_id] if row.message_id else 0
    for row in rows:
        _letter(row, mails[_mail_of(row)], counted)


def _mail_of(row: Any) -> Any:
    """Return what letters that left together have in common: they are one mail with one id."""
    if row.sent_sha256 is None:
        return row.id
    return row.case_id, row.sending_run, row.sending_fence, row.sent_sha256


def _letter(row: Any, copies: int, counted: Counted) -> None:
    counted.twice += copies > 1
    if row.state == "sent":
        counted.once += copies == 1
        counted.lost += copies == 0
    elif row.state == "uncertain":
        counted.uncertain += 1
        counted.uncertain_arrived += copies > 0
        counted.unlisted += not row.listed
    elif row.state in ("queued", "sending"):
        counted.lost += not row.waits
    elif row.state in ("cancelled", "draft", "refused"):
        counted.left_though_stopped += copies > 0


def _replies(session: Session, boxes: Mailboxes, counted: Counted) -> None:
    """Each letter in our own mailbox was taken in once."""
    arrived = boxes.ids(OUR_MAILBOX)
    counted.replies = len(arrived)
    taken = Counter(
        session.scalars(select(col(Message.message_id)).where(col(Message.direction) == "in"))
    )
    for key in arrived:
        counted.replies_lost += taken[key] == 0
        counted.replies_twice += taken[key] > 1


def _inquiries(session: Session, playing: Playing, counted: Counted) -> None:
    """Each inquiry that was answered with 200 is one case."""
    found = Counter(session.execute(text('SELECT ref FROM "case"')).scalars())
    refs = list(playing.accepted.values())
    counted.inquiries_lost = sum(found[ref] == 0 for ref in refs)
    counted.inquiries_twice = len(refs) - len(set(refs))


def _cases(session: Session, counted: Counted, scene: Scene) -> None:
    def one(query: str) -> int:
        return int(session.scalar(text(query)) or 0)

    counted.cases = one('SELECT count(*) FROM "case"')
    counted.events = one("SELECT count(*) FROM case_event")
    counted.gaps = one(
        "SELECT count(*) FROM (SELECT case_id FROM case_event GROUP BY case_id"
        " HAVING count(*) <> max(seq) OR min(seq) <> 1) AS broken"
    )
    counted.parked = one("SELECT count(*) FROM step_run WHERE state = 'dead'")
    counted.parked_unasked = one(_PARKED_UNASKED)
    counted.taken_over = one("SELECT count(*) FROM step_run WHERE fence > 1")
    counted.unfinished = unfinished(session, scene)
    cases = list(session.execute(text('SELECT id FROM "case"')).scalars())
    with scene.servers.postgres.connect() as connection:
        values = {**queries.VALUES, "cases": cases}
        wrong = connection.execute(WRONG.encode(), values).fetchall()
    counted.waiting_for_nothing = sorted(f"{row[0]} (case {row[1]}: {row[2]})" for row in wrong)


def _chains(scene: Scene, boxes: Mailboxes, counted: Counted) -> None:
    counted.chain_cases, counted.chain_incomplete = chains.incomplete(scene.chains_database)
    found: Counter[str] = Counter()
    for name in chains.LETTERS.values():
        found += boxes.ids(f"{name}@{chains.DOMAIN}")
    for case_id in range(counted.chain_cases):
        for step in chains.LETTERS:
            copies = found[chains.message_id(case_id, step)]
            counted.chain_letters += copies > 0
            counted.chain_lost += copies == 0
            counted.chain_twice += copies > 1
