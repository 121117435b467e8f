"""The people of a run: families and partners that ask, coordinators and hospitals that answer."""

import http.client
import json
import random
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from sqlalchemy import text

from adapters.mail_out import MailRefused, MailUncertain
from adapters.storage_errors import StorageError
from adapters.webhooks import sign
from benchmarks.fault_plan import chains
from benchmarks.fault_plan.scene import Scene, tolerant
from benchmarks.spying import DIAGNOSIS, NAME
from local.rehearsal.asked import Answer, Reaction
from local.rehearsal.director import Rehearsal
from local.rehearsal.documents import breast_synoptic
from local.rehearsal.parts import Part
from local.rehearsal.people import LEFT_OPEN, Player, hospital_addresses
from local.rehearsal.reports import ROSA
from models.database import transaction

DESKS = 3
"""People who answer questions side by side, each for cases of their own."""
HOOK_TRIES = 400
WHOLE = Part(
    person=ROSA,
    report="breast-synoptic.pdf",
    site="breast",
    story="",
    technique="kv_iort",
    by_hand={"breast.cn": "cN0"},
    replies=("offer", "offer"),
    reason="the tumour board proposes it; what is open is asked together with the hospital",
    until="OUTREACH",
)
POISON = (
    lambda dice: dice.randbytes(20_000),
    lambda dice: b"%PDF-1.7\n" + dice.randbytes(5_000) + b"\n%%EOF",
    lambda dice: breast_synoptic(ROSA)[: dice.randrange(200, 1500)],
    lambda dice: b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 1 0 R/Kids[1 0 R]>>endobj trailer"
    b"<</Root 1 0 R>>",
)  # fmt: skip
REFUSED_SHARE = "out of scope"


class People(Player):
    """Answers open questions, each looked at once an hour; one desk of `DESKS`."""

    def __init__(self, scene: Scene, desk: int = 0) -> None:
        super().__init__(scene.world)
        self.desk = desk
        self.refused: set[str] = set()
        """References of cases whose inquiry the coordinator finds out of scope."""
        self._idle: dict[int, datetime] = {}

    def answer_some(self, most: int) -> int:
        """Answer up to `most` open questions, the oldest first; return how many."""
        now = self.world.clock.now()
        with transaction(self.world.engine) as session:
            rows = session.execute(
                text(
                    'SELECT t.id, t.case_id, t.kind, c.ref FROM human_task t JOIN "case" c ON'
                    " c.id = t.case_id WHERE t.state = 'open' AND t.kind <> ALL(:left)"
                    " AND NOT t.id = ANY(CAST(:idle AS bigint[])) AND t.case_id % :desks = :desk"
                    " ORDER BY t.id LIMIT :most"
                ),
                {
                    "left": list(LEFT_OPEN),
                    "idle": self._idle_now(now),
                    "most": most,
                    "desks": DESKS,
                    "desk": self.desk,
                },
            ).all()
        given = 0
        for task_id, case_id, kind, ref in rows:
            self.parts.setdefault(case_id, WHOLE)
            reaction: Reaction = Answer("out_of_scope", reason="not offered anywhere")
            if kind != "triage_inquiry" or ref not in self.refused:
                reaction = self._reaction(task_id, now)
            if isinstance(reaction, Answer) and self._give(task_id, reaction, now):
                given += 1
            else:
                self._idle[task_id] = now
        self.answered += given
        return given

    def _idle_now(self, now: datetime) -> list[int]:
        """Return what nobody can answer yet; what was looked at an hour ago is looked at anew."""
        hour = 3600.0
        self._idle = {
            task: at for task, at in self._idle.items() if (now - at).total_seconds() < hour
        }
        return list(self._idle)


class Playing:
    """Opens the cases of a plan at an even pace and answers what is asked."""

    def __init__(
        self, scene: Scene, parts: tuple[str, ...], span: float, told: Callable[[str], None]
    ) -> None:
        self.scene, self.parts, self.span, self.told = scene, parts, span, told
        self.rehearsal = Rehearsal(scene.world)
        self.desks = [People(scene, desk) for desk in range(DESKS)]
        self.people = self.desks[0]
        for one in self.desks:
            one.parts, one.refused = self.people.parts, self.people.refused
        self.accepted: dict[str, str] = {}
        """Of each inquiry that a partner sent and we took: the reference we answered with."""
        self.opened = 0
        self.poisoned = 0
        self.chains_opened = 0
        self.finished = threading.Event()
        self._hooks = threading.Thread(target=self._send_hooks, name="partner", daemon=True)
        self._chain = threading.Thread(target=self._open_chains, name="chains", daemon=True)
        self._at_desks = [
            threading.Thread(target=self._answer, args=(one,), daemon=True) for one in self.desks
        ]
        self.errors: list[str] = []
        """What the people met that is no fault of the plan: by name, each once."""
        self._replied_at = self._answered_at = 0.0
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin; partners and chains have threads of their own."""
        self.began = time.monotonic()
        for thread in (self._hooks, self._chain, *self._at_desks):
            thread.start()

    def stop(self) -> None:
        """End."""
        self.finished.set()
        for thread in (self._hooks, self._chain, *self._at_desks):
            thread.join(60)
        self.rehearsal.close()

    @property
    def all_opened(self) -> bool:
        """Whether every case of the plan was opened."""
        return self.opened >= len(self._whole) and not self._hooks.is_alive()

    @property
    def _whole(self) -> list[int]:
        return [number for number, part in enumerate(self.parts) if part == "whole"]

    def _due(self, number: int) -> bool:
        """Whether a case's turn has come: evenly over nine tenths of the span."""
        turn = number / max(1, len(self.parts)) * self.span * 0.9
        return time.monotonic() - self.began >= turn

    def act(self) -> int:
        """Open the next case of a family, let hospitals answer; 0 when nobody does anything."""
        whole = self._whole
        turn = self.opened < len(whole) and self._due(whole[self.opened])
        if turn and self._tolerant(lambda: self._open_whole(whole[self.opened])):
            self.opened += 1
        done = int(bool(turn) or time.monotonic() - self._answered_at < 2)
        if time.monotonic() - self._replied_at > 4:
            self._replied_at = time.monotonic()
            done += self._tolerant(self._hospitals) or 0
        return done

    @property
    def answered(self) -> int:
        """How many questions were answered."""
        return sum(one.answered for one in self.desks)

    def _answer(self, people: People) -> None:
        """Sit at a desk until the run is over."""
        while not self.finished.is_set():
            try:
                given = self._tolerant(partial(people.answer_some, 6))
            except Exception as error:
                given = 0
                name = type(error).__name__
                if name not in self.errors:
                    self.errors.append(name)
                    self.told(f"a desk met {error!r}"[:300])
            if given:
                self._answered_at = time.monotonic()
            else:
                self.finished.wait(0.5)

    def poison(self, coin: int) -> None:
        """Open two cases whose papers break a reader."""
        dice = random.Random(coin)
        for _ in range(2):
            content = dice.choice(POISON)(dice)
            self._tolerant(partial(self._open, f"P{coin}", content, WHOLE))
            self.poisoned += 1

    def _open_whole(self, number: int) -> bool:
        report = breast_synoptic(
            replace(ROSA, name=f"{NAME} Number{number}", record_number=f"CAN-{number:05d}"),
            comment=f"{DIAGNOSIS} features are noted.",
        )
        return self._open(f"{number:05d}", report, WHOLE)

    def _open(self, mark: str, content: bytes, part: Part) -> bool:
        person = replace(ROSA, name=f"{NAME} Number{mark}", record_number=f"CAN-{mark}")
        with self._lock:
            self.rehearsal.open(replace(part, person=person), content, f"{NAME} report {mark}.pdf")
            scene = self.rehearsal.scenes[-1]
            self.people.parts[scene.case_id] = scene.part
        return True

    def _hospitals(self) -> int:
        with transaction(self.scene.world.engine) as session:
            addresses = hospital_addresses(session)
        now = self.scene.world.clock.now()
        return self.rehearsal.post.answer(addresses, self.rehearsal._reply, now)

    # a partner's inquiries, through the web's door

    def _send_hooks(self) -> None:
        for number, part in enumerate(self.parts):
            if part == "whole":
                continue
            while not self._due(number):
                if self.finished.wait(0.2):
                    return
            patient = {"name": f"Patient {number}", "email": f"p{number}@family.example"}
            data = {"patient": patient, "site": "breast", "residence_country": "KE"}
            body = json.dumps({"type": "case.opened", "data": data}).encode()
            for _ in range(HOOK_TRIES):
                told = self._post(f"case-{number}", body)
                if told is not None:
                    self.accepted[f"case-{number}"] = told
                    if part == REFUSED_SHARE:
                        self.people.refused.add(told)
                    break
                if self.finished.wait(0.5):
                    return

    def _post(self, message_id: str, body: bytes) -> str | None:
        port = self.scene.servers.ports["web"]
        headers = sign(
            [self.scene.hook_secret], message_id=message_id, sent_at=datetime.now(UTC), body=body
        )
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
        try:
            connection.request("POST", "/hooks/rehearsal", body, headers)
            answer = connection.getresponse()
            said = answer.read()
            return str(json.loads(said)["case_ref"]) if answer.status == 200 else None
        except (OSError, ValueError, KeyError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    # the same cases as plain chains

    def _open_chains(self) -> None:
        if not self.scene.beside:
            return
        for number in range(len(self.parts)):
            while not self._due(number):
                if self.finished.wait(0.2):
                    return
            # A person at a page tries again until the page says that it worked.
            self._until(partial(chains.open_row, self.scene.chains_database, number))
            self._until(partial(chains.publish, self.scene.chains, number))
            self.chains_opened += 1

    def _until(self, act: Callable[[], object]) -> None:
        while not self.finished.is_set():
            try:
                act()
                return
            except Exception:
                self.finished.wait(1)

    def _tolerant(self, act: Callable[[], Any]) -> Any:
        try:
            return tolerant(act)
        except (ClientError, BotoCoreError, StorageError, MailRefused, MailUncertain):
            return None
