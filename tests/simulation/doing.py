"""How each act is done: through the functions that console, portal and mail use.

What is refused in words is no fault: people press what they should not. Whatever else comes out of
an act is `Wrong`.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from accounts.signed_links import LinkRefused
from adapters.storage import StorageError
from local.rehearsal.reports import ROSA
from models.base import require_id
from models.database import transaction
from tests.simulation.acts import Act
from tests.simulation.answering import Asked, find, resolve, stated
from tests.simulation.checks import Wrong
from tests.simulation.house import Killed, StepBroken
from tests.simulation.life import Life, Trap
from tests.simulation.mails import bounce, from_family, reply
from tests.simulation.pages import on_page
from tests.simulation.papers import paper, words_of
from workflows.cases.intake import NewCase, NewPatient, add_document, open_case, store_original
from workflows.cases.reported_facts import FactRefused, report_fact
from workflows.decisions import DecisionRefused, decide
from workflows.engine.record import CaseNotFound, Recorder
from workflows.events import Actor, EventRefused
from workflows.journey.checklist import FINAL_PATHOLOGY, FIT_TO_FLY, answer_item, open_before
from workflows.letters.inbound import take_mail
from workflows.portal import acts as portal
from workflows.portal.consents import ConsentRefused, Given, grant

if TYPE_CHECKING:
    from tests.simulation.house import House

REFUSALS = (
    DecisionRefused,
    EventRefused,
    FactRefused,
    portal.ActRefused,
    ConsentRefused,
    LinkRefused,
)
"""What is said to people in words."""
Doing = Callable[["House", Life, Act], None]


class NothingToDo(Exception):
    """The act has nothing to act on: in a story that lost its beginning."""


def do(house: "House", life: Life, done: Act) -> None:
    """Do an act; raise `Wrong` when it ends in anything but done or refused in words."""
    try:
        DOES[done.does](house, life, done)
    except NothingToDo:
        pass
    except REFUSALS as refused:
        if len(str(refused)) < 12 and not isinstance(refused, portal.ActRefused):
            raise Wrong("a refusal without words", life.case_id, f"{done}: {refused!r}") from None
    except (StorageError, StepBroken, Killed):
        pass  # a trap was set for just this; the sender hears that it was not taken
    except Wrong:
        raise
    except Exception as error:
        what = f"{done.does} ended in an error of the program"
        raise Wrong(what, life.case_id, f"{done}: {type(error).__name__}: {error}"[:900]) from error


def _open(house: "House", life: Life, done: Act) -> None:
    """The inquiry: a case with its first papers."""
    if life.case_id:
        raise NothingToDo
    world = house.world
    life.is_at(f"family{life.number}@family.example")
    person = NewPatient(
        name=ROSA.name,
        birth_date=ROSA.birth_date,
        sex=ROSA.sex,
        email=None if done.get("email") == "none" else life.email,
        phone=done.get("phone") or None,
        time_zone=done.get("zone") or ROSA.time_zone,
        nationality=done.get("country", "KE"),
        intake={
            "relation": done.get("relation", "self"),
            "patient_knows": done.get("knows", "yes"),
        },
    )
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, house.clock.now())
        new = NewCase(
            patient=person,
            site=done.get("site") or None,
            urgency=done.get("urgency", "routine"),
            residence_country=done.get("country", "KE"),
            language=done.get("language", "en"),
        )
        case = open_case(session, recorder, world, new, Actor("patient"))
        life.case_id, life.ref = require_id(case.id), case.ref
        recorder.flush()
    house.belongs(life)
    house.touched.add(life.case_id)
    house.at_work = life.case_id
    life.says(ROSA.birth_date.isoformat())
    for name in filter(None, done.get("papers").split(",")):
        _bring(house, life, name, "portal")


def _bring(house: "House", life: Life, name: str, channel: str) -> None:
    life.papers += 1
    same = name.endswith("=")  # the very file that came before
    content = paper(name.rstrip("="), 0 if same else life.number * 1000 + life.papers)
    life.says(words_of(name.rstrip("=")))
    sha256, key = store_original(house.world, content)
    with transaction(house.world.engine) as session:
        recorder = Recorder(session, house.world.process, house.clock.now())
        add_document(
            session,
            recorder,
            life.case_id,
            sha256=sha256,
            key=key,
            size=len(content),
            file_name=f"{name} {life.papers}.pdf",
            channel=channel,
        )
        recorder.flush()


def _paper(house: "House", life: Life, done: Act) -> None:
    _there(life)
    _bring(house, life, done.get("name"), done.get("channel", "portal"))


def _there(life: Life) -> None:
    if not life.case_id:
        raise NothingToDo


def _answer(house: "House", life: Life, done: Act) -> None:
    """Answer the oldest open question of a kind (`which` counts on), or one that was answered."""
    _there(life)
    asked = find(
        house, life, done.get("kind"), int(done.get("which", "0")), done.get("state", "open")
    )
    if asked is None:
        raise NothingToDo
    _decide(house, life, done, asked)


def _decide(house: "House", life: Life, done: Act, asked: Asked) -> None:
    role, _, name = (done.get("who") or f"{asked.role}:one").partition(":")
    values = resolve(house, life, asked, done)
    reason = done.get("reason") or None
    house.checks.coverage.tried(asked, done.get("answer"))
    try:
        decide(
            house.world,
            asked.id,
            answer=done.get("answer"),
            actor=Actor(role, f"{role}-{name}"),
            reason=reason,
            values=values,
        )
    except DecisionRefused as refused:
        house.checks.coverage.refused(asked, done.get("answer"), str(refused))
        raise
    house.checks.coverage.taken(asked, done.get("answer"))
    if asked.state != "open":
        raise Wrong("a question was answered twice", life.case_id, f"{done} of task {asked.id}")
    stated(house, life, asked, done.get("answer"), values)


def _both(house: "House", life: Life, done: Act) -> None:
    """Two people answer the same question, one just before the other: only the first counts."""
    _there(life)
    first = find(house, life, done.get("kind"), 0, "open")
    if first is None or done.then is None:
        raise NothingToDo
    taken = 0
    for one in (done, done.then):
        try:
            _decide(house, life, one, first)
            taken += 1
        except DecisionRefused:
            pass
        if taken == 2 and not _is_open(house, first):
            raise Wrong("a question was answered twice", life.case_id, f"{done}")


def _is_open(house: "House", asked: Asked) -> bool:
    """Say whether a question is open although it was answered: a part of it was."""
    rows = house.rows("SELECT 1 FROM human_task WHERE id = :id AND state = 'open'", id=asked.id)
    return bool(rows)


def _fact(house: "House", life: Life, done: Act) -> None:
    """Somebody reports a fact that may come at any time."""
    _there(life)
    kind, role = done.get("type"), done.get("role", "coordinator")
    payload = done.values
    scopes = payload.pop("scopes", "")
    given = {**payload, **({"scopes": scopes.split(",")} if scopes else {})}
    try:
        state = report_fact(house.world, life.ref, kind, Actor(role, f"{role}-one"), given)
    except CaseNotFound:
        raise NothingToDo from None
    taken = len(house.post.taken)
    if kind == "patient.deceased":
        life.stop("death", taken)
    if kind == "case.reopened" and not state.startswith(("CLOSED", "WITHDRAWAL", "BEREAVEMENT")):
        life.go_on("withdrawal")  # a person begins anew: the family is asked again
    if kind == "consent.withdrawn":
        life.withdraws(scopes.split(",") if scopes else ["process"], taken)


def _page(house: "House", life: Life, done: Act) -> None:
    """The family acts on its own page."""
    _there(life)
    on_page(house, life, done)


def _mail(house: "House", life: Life, done: Act) -> None:
    """A letter comes to our mailbox, once or twice."""
    _there(life)
    said = dict(done.said)
    raw = _written(house, life, said)
    life.says(raw.decode("utf-8", "replace"))
    for _ in range(int(said.get("times", "1"))):
        take_mail(house.world, raw, uid=f"1:{life.number}-{life.answered}", now=house.clock.now())


def _written(house: "House", life: Life, said: dict[str, str]) -> bytes:
    if said["by"] in ("hospital", "server"):
        letters = life.hospital_letters(said.get("hospital", ""))
        if said["by"] == "server" and not letters:
            letters = life.letters
        if not letters:
            raise NothingToDo
        asked = letters[int(said.get("letter", "-1")) % len(letters)]
        if said["by"] == "server":
            return bounce(life, asked, said.get("status", "5.1.1"), house.clock)
        today = house.clock.now().date()
        said |= {"admission": (today + timedelta(days=int(said.get("ahead", "28")))).isoformat()}
        said |= {"valid": (today + timedelta(days=int(said.get("valid_for", "40")))).isoformat()}
        said = {"low": "7800", "high": "9100", "stay": "5", **said}
        return reply(life, asked, said, house.clock)
    return from_family(life, said, house.settings.mail_from, house.clock)


def _trap(house: "House", life: Life, done: Act) -> None:
    """Something will go wrong, or somebody will act, in the middle of the life's next work."""
    _there(life)
    times = int(done.get("times", "1"))
    life.traps.append(Trap(done.get("moment"), done.get("what"), times, done.then))


def _tick(house: "House", life: Life, done: Act) -> None:
    """A coordinator marks what blocks a gate of the journey as done."""
    _there(life)
    with transaction(house.world.engine) as session:
        gate = "fly_home" if done.get("gate") == "fly_home" else "go_no_go"
        rows = open_before(session, house.world, life.case_id, gate)  # type: ignore[arg-type]
        items = [
            require_id(one.id) for one in rows if one.code not in (FINAL_PATHOLOGY, FIT_TO_FLY)
        ]
    for item in items:
        try:
            who = Actor("coordinator", "coordinator-one")
            answer_item(house.world, life.ref, item, done.get("answer", "done"), who, "seen")
        except DecisionRefused:
            pass


def _consent(house: "House", life: Life, done: Act) -> None:
    """A coordinator writes down a consent that was given outside any question."""
    _there(life)
    given = Given(done.get("scope"), done.get("hospital") or None, done.get("signed_by"), "paper",
                  done.get("ground"))  # fmt: skip
    grant(house.world, life.ref, given, Actor("coordinator", "coordinator-one"))
    if given.hospital:
        life.allowed.add(given.hospital)
    if given.scope == "messaging":
        life.go_on("no letters")


def _looks(house: "House", _: Life, done: Act) -> None:
    """The house looks by itself whether anything stands still, or is kept too long."""
    from tests.simulation.looking import look

    house.touched.update(one.case_id for one in house.lives.values())
    look(house, done.get("step"))


def _others(house: "House", _: Life, __: Act) -> None:
    """Another worker works whatever is due, in the middle of the first one's work."""
    for name in house.due(0):
        house.runner.drain(name)


def _lease(house: "House", life: Life, _: Act) -> None:
    """The worker hangs until its lease is over; another takes up what it left and works it."""
    with house.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE step_run SET lease_until = 'epoch' WHERE state = 'running' AND case_id = %s",
            (life.case_id,),
        )
    _others(house, life, _)


DOES: Mapping[str, Doing] = {
    "open": _open, "paper": _paper, "answer": _answer, "both": _both, "fact": _fact,
    "page": _page, "mail": _mail, "trap": _trap, "tick": _tick, "consent": _consent,
    "looks": _looks, "others": _others, "lease": _lease,
}  # fmt: skip
