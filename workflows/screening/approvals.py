"""A clinician approves or withdraws a version of a criteria set: one text, in one meaning.

The text is of one hash, and so is all that its meaning depends on: the fields of the vocabulary
that it reads, the ranks of sources, the case policy, its citations (`suitability.meaning`).

Approving changes no result. It needs a second look: the mark of what the text would change, as it
was shown, is sent along, and nothing is approved when the text or the results are others by then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from accounts import audit
from accounts.people import is_somebody, says_something
from accounts.signers import Signer
from models import Case, CriteriaAct
from models.base import require_id
from models.database import transaction
from suitability import CriteriaSet, PlaybookError
from suitability.approval import needs_approval, to_confirm
from suitability.standing import APPROVED, WITHDRAWN
from suitability.versions import INDEX_FILE, Index, approved_ahead, load_index, unversioned_changes
from workflows.engine.deciding import DecisionRefused, NotStated, check_text, stated_only
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor
from workflows.screening.impacts import Impacts, impacts, newest_results
from workflows.screening.standing_sets import act_that_counts, acts_on, signer_of_act
from workflows.screening.who_signs import SIGNER, who_signs

CLINICIAN = "clinician"
TELL = "tell_withdrawn"
TAKES = ("look", "seen", *SIGNER)
"""The values of an approval: the mark of the second look, what was ticked, who approves."""


@dataclass(frozen=True, slots=True)
class Acted:
    """What was done with a version: `cases` are those told of a withdrawal."""

    set_id: str
    version: str
    sha256: str
    act: str
    signer: Signer
    on: str
    cases: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return plain data; the signer's name stands with the approval, not here."""
        names = ("set_id", "version", "sha256", "act", "on", "cases")
        return {name: getattr(self, name) for name in names}


def approve(
    world: World, set_id: str, version: str, *, actor: Actor, values: Mapping[str, str]
) -> Acted:
    """Approve the loaded text of a set as `actor`; see `TAKES` for the values.

    Raises `DecisionRefused` (`NotStated` for a blank) with a message for the person; then nothing
    was written. Raises `adapters.storage.StorageError` when the text cannot be kept.
    """
    given = _checked(values, TAKES)
    _only_clinicians(actor, "approves")
    one = loaded_text(world, set_id, version)
    if not needs_approval(one):
        raise DecisionRefused(f"{set_id} is kept for history and needs no approval.")
    now = world.clock.now()
    world.criteria_archive.keep([one])
    meaning = world.criteria_archive.keep_meaning(one, world.playbooks.criteria)
    with transaction(world.engine) as session:
        _not_done(session, one, meaning)
        found = impacts(session, world, [one])
        _looked(one, found, given.get("look", ""), meaning)
        ticked = _ticked(one, given.get("seen", ""))
        signer = who_signs(session, actor.ref, given)
        act = CriteriaAct(
            set_id=one.id,
            version=one.version,
            sha256=one.sha256,
            meaning=meaning,
            act=APPROVED,
            actor_ref=actor.ref[:40],
            signer_name=signer.name,
            signer_qualification=signer.qualification,
            signer_registration=signer.registration,
            confirmed=ticked,
            look=found.look,
            would_change=len(found.changed),
            at=now,
        )
        _write(session, act)
        _note(session, act, actor)
    return Acted(one.id, one.version, one.sha256, APPROVED, signer, now.date().isoformat())


def withdraw(
    world: World, set_id: str, version: str, *, actor: Actor, reason: str, values: Mapping[str, str]
) -> Acted:
    """Withdraw a version of a set for good; each open case whose result rests on it is told.

    No result is weighed again: what happens next is a task for a clinician, one for each case. The
    version may be one that is loaded or one that was released before. Raises `DecisionRefused`.
    """
    given = _checked({**values, "reason": reason}, ("reason", *SIGNER))
    _only_clinicians(actor, "withdraws")
    if not says_something(given.get("reason", "")):
        raise NotStated("Say why the version is withdrawn.", "--reason TEXT")
    sha256 = _known_text(world, set_id, version)
    now = world.clock.now()
    with transaction(world.engine) as session:
        signer = who_signs(session, actor.ref, given)
        act = CriteriaAct(
            set_id=set_id,
            version=version,
            sha256=sha256,
            act=WITHDRAWN,
            actor_ref=actor.ref[:40],
            signer_name=signer.name,
            signer_qualification=signer.qualification,
            signer_registration=signer.registration,
            reason=given["reason"].strip(),
            at=now,
        )
        _write(session, act)
        _note(session, act, actor)
        recorder = Recorder(session, world.process, now)
        cases = _cases_with(session, set_id, sha256)
        for case_id in cases:
            recorder.request(TELL, case_id=case_id)
        due = recorder.flush()
    world.doorbell.ring(due)
    day = now.date().isoformat()
    return Acted(set_id, version, sha256, WITHDRAWN, signer, day, len(cases))


def loaded_text(world: World, set_id: str, version: str) -> CriteriaSet:
    """Return the set as the files on disk say it now; raise `DecisionRefused` for another version.

    The files are read anew: a byte that changed a moment ago counts.
    """
    problem = world.playbooks.look_again().problem
    if problem is not None:
        raise DecisionRefused(f"A criteria file is refused, so nothing can be approved: {problem}")
    library = world.playbooks.criteria
    one = library.sets.get(set_id)
    if one is None:
        raise DecisionRefused(
            f"No set is called {set_id[:60]}. `iort criteria list` names the sets."
        )
    if one.version != version:
        raise DecisionRefused(
            f"Version {version[:20]} of {set_id} is not loaded: the files have {one.version}. "
            "Only the text that is in use can be approved; look at it first."
        )
    told = approved_ahead(library, world.clock.now().date())
    told += unversioned_changes(library, _index(world))
    told = [text for text in told if text.startswith(one.file)]
    if told:
        raise DecisionRefused(f"Nothing was approved. {told[0]}")
    return one


def _index(world: World) -> Index:
    path = world.playbooks.folder / INDEX_FILE
    return load_index(path.read_text(encoding="utf-8")) if path.exists() else {}


def _known_text(world: World, set_id: str, version: str) -> str:
    one = world.playbooks.criteria.sets.get(set_id)
    if one is not None and one.version == version:
        return one.sha256
    try:
        released = _index(world).get(set_id, {}).get(version)
    except (PlaybookError, OSError) as problem:
        raise DecisionRefused(f"The list of versions cannot be read: {problem}") from None
    if released is None:
        raise DecisionRefused(
            f"No version {version[:20]} of {set_id[:60]} is loaded or was ever released. "
            "`iort criteria status` lists what there is."
        )
    return released


def _checked(values: Mapping[str, str], takes: tuple[str, ...]) -> dict[str, str]:
    unknown = sorted(set(values) - set(takes))
    if unknown:
        raise DecisionRefused(f"This takes no value {', '.join(name[:40] for name in unknown)}.")
    for name, text in values.items():
        check_text(name, text)
    return {name: stated_only(name, text).strip() for name, text in values.items()}


def _only_clinicians(actor: Actor, does: str) -> None:
    if actor.type != CLINICIAN:
        raise DecisionRefused(f"Only a clinician {does} a version of a criteria set.")
    if not is_somebody(actor.ref):
        raise DecisionRefused(f"Nobody says who {does} it: sign in, or use --as clinician:WHO.")


def _not_done(session: Session, one: CriteriaSet, meaning: str) -> None:
    done = acts_on(session, [one.sha256]).get((one.id, one.sha256), [])
    earlier = act_that_counts(done, meaning)
    if earlier is not None:
        words = "withdrawn" if earlier.act == WITHDRAWN else "approved already"
        raise DecisionRefused(
            f"{one.id} {one.version} was {words} on {earlier.at:%Y-%m-%d} by "
            f"{signer_of_act(earlier)}. A changed text needs a new version."
        )


def _looked(one: CriteriaSet, found: Impacts, look: str, meaning: str) -> None:
    if not look:
        raise NotStated(
            "Look at what the version would change before you approve it: "
            f"`iort criteria impact {one.id}` shows it with its mark.",
            "--set look=MARK",
        )
    # Another thread of this process may have read other files a moment ago.
    if look != found.look or found.meanings != (meaning,):
        raise DecisionRefused(
            "The text, its meaning, or what it would change is not what you looked at. Nothing was "
            "approved: look at it as it is now."
        )


def _ticked(one: CriteriaSet, seen: str) -> list[str]:
    needed = to_confirm(one)
    ticked = [name for name in seen.replace(" ", "").split(",") if name]
    unknown = sorted(set(ticked) - set(needed))
    if unknown:
        shown = ", ".join(name[:40] for name in unknown[:5])
        raise DecisionRefused(f"Not a statement to confirm of this set: {shown}.")
    missing = [name for name in needed if name not in ticked]
    if missing:
        raise NotStated(
            "Tick each statement that was written from memory, when you have compared it with its "
            f"source. Not ticked: {', '.join(missing)}.",
            f"--set seen={','.join(needed)}",
        )
    return [name for name in needed if name in ticked]


def _write(session: Session, act: CriteriaAct) -> None:
    """Insert the act; refuse when another clinician was first."""
    row = act.model_dump(exclude={"id", "created_at"})
    made = session.execute(
        insert(CriteriaAct).values(**row).on_conflict_do_nothing().returning(col(CriteriaAct.id))
    ).first()
    if made is None:
        done = acts_on(session, [act.sha256]).get((act.set_id, act.sha256), [])
        earlier = act_that_counts(done, act.meaning)
        by = f" by {signer_of_act(earlier)}" if earlier is not None else ""
        raise DecisionRefused(
            f"{act.set_id} {act.version} was {act.act} already{by}. Nothing was done a second time."
        )


def _note(session: Session, act: CriteriaAct, actor: Actor) -> None:
    audit.note(
        session,
        actor_ref=actor.ref,
        action=f"criteria.{act.act}",
        at=act.at,
        object_ref=f"{act.set_id}@{act.version}",
    )


def _cases_with(session: Session, set_id: str, sha256: str) -> list[int]:
    """Return the open cases whose newest result of a phase was made with a text."""
    affected = {
        stored.case_id
        for _, stored in newest_results(session)
        if stored.set_versions.get(set_id, {}).get("sha256") == sha256
    }
    query = select(col(Case.id)).where(col(Case.id).in_(affected), col(Case.closed_at).is_(None))
    return sorted(require_id(case_id) for case_id in session.exec(query))
