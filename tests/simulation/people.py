"""Who does what next: people of a temper, who see the open questions and what came by mail.

Everything is drawn from the life's own numbers, so a life does the same whoever lives beside it;
but the curious look at what was answered in the house before.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from models import Case
from tests.simulation.acts import Act, act, setting
from tests.simulation.house import MOMENTS
from tests.simulation.life import Life
from tests.simulation.mails import FAMILY, REPLIES
from tests.simulation.papers import PLAIN
from tests.simulation.pressing import on_page
from tests.simulation.sensible import sensible
from tests.simulation.values import HOSPITALS, REASONS, value_of, wild
from workflows.decisions import QUESTIONS, Choice

STAFF = ("one", "two")
FACTS = (
    "consent.withdrawn", "patient.deceased", "patient.stopped", "case.put_on_hold", "case.reopened",
    "clinical.red_flag_reported", "new_information.received", "data.copy_asked",
    "data.erasure_asked",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Temper:
    """How often people do what helps, answer at all, and how much goes wrong around them."""

    name: str
    helps: float
    answers: float
    trouble: float


TEMPERS = (
    Temper("steady", 0.95, 0.9, 0.02),
    Temper("everyday", 0.85, 0.8, 0.06),
    Temper("odd", 0.5, 0.75, 0.15),
    Temper("wild", 0.1, 0.7, 0.2),
    Temper("curious", 0.7, 0.95, 0.02),
)
"""The curious help, or give the answer of all that are asked for which was given least so far."""


@dataclass
class Sees:
    """What the people of a life see: its case, and what is asked, the oldest first."""

    state: str
    pathology: str
    closed: bool
    erased: bool
    tasks: Sequence[Any]
    """Rows with kind, role, objects, detail."""
    last_kind: str = ""
    """A question that was answered or taken back."""


class Person:
    """Everybody of one life, drawn from one seed."""

    def __init__(self, seed: str, known: Callable[[tuple[str, str]], int]) -> None:
        self.chance, self.known = Random(seed), known
        self.temper = self.chance.choice(TEMPERS)

    def opens(self) -> Act:
        """Return how the inquiry comes."""
        chance, steady = self.chance, self.temper.helps > 0.8
        if steady or chance.random() < 0.7:
            return act("open", papers="biopsy", site="breast")
        papers = ",".join(chance.sample(PLAIN, chance.randint(0, 2)))
        return act(
            "open",
            papers=papers,
            site=chance.choice(("breast", "", "other")),
            urgency=chance.choice(("routine", "soon", "urgent")),
            relation=chance.choice(("self", "child", "doctor")),
            knows=chance.choice(("yes", "no", "cannot")),
            country=chance.choice(("KE", "OM", "RU")),
            zone=chance.choice(("", "Europe/Moscow")),
            email=chance.choice(("", "none")),
        )

    def next(self, life: Life, sees: Sees) -> Act:
        """Return what somebody does now."""
        chance = self.chance
        if chance.random() < self.temper.trouble:
            return self._trouble()
        if sees.tasks and chance.random() < self.temper.answers:
            return self._answers(life, sees)
        return self._otherwise(life, sees)

    # answers

    def _answers(self, life: Life, sees: Sees) -> Act:
        chance = self.chance
        if self.temper.name == "curious" and chance.random() > self.temper.helps:
            return self._rarest(life, sees)
        task = self._which(sees)
        which = _which_of(sees, task)
        case = _case_of(sees)
        question = QUESTIONS[task.kind]
        choices = question.choices(case)
        helpful = (
            sensible(life, sees, task, chance) if chance.random() < self.temper.helps else None
        )
        if helpful is not None:
            return self._said(task, helpful, which)
        if not choices:
            return self._otherwise(life, sees)
        code = chance.choice(sorted(choices))
        return self._wild(task, code, choices[code], which, sorted(question.roles))

    def _rarest(self, life: Life, sees: Sees) -> Act:
        """Give the answer that is known least, with all that it needs."""
        chance, case = self.chance, _case_of(sees)
        asked = [
            (self.known((task.kind, code)), chance.random(), task, code, choice)
            for task in sees.tasks
            for code, choice in sorted(QUESTIONS[task.kind].choices(case).items())
        ]
        if not asked:
            return self._otherwise(life, sees)
        _, _, task, code, choice = min(asked, key=lambda one: one[:2])
        role = task.role if task.role != "patient" else "coordinator"
        said = {"kind": task.kind, "which": str(_which_of(sees, task)), "answer": code}
        said |= {"who": f"{role}:{chance.choice(STAFF)}", "reason": chance.choice(REASONS)}
        if task.kind in SEES:
            said["seen"] = SEES[task.kind]
        names = (*choice.needs, *(name for name in choice.may if chance.random() < 0.3))
        values = {name: value_of(name, chance) for name in names if name != "*"}
        return Act("answer", (*said.items(), *setting(values)))

    def _which(self, sees: Sees) -> Any:
        """Return the question that is answered: often the newest, else any."""
        if self.chance.random() < 0.4:
            return sees.tasks[-1]
        return self.chance.choice(sees.tasks)

    def _said(self, task: Any, helpful: Act, which: int) -> Act:
        said = (
            ("kind", task.kind),
            *(() if not which else (("which", str(which)),)),
            *helpful.said,
        )
        return Act("answer", said)

    def _wild(self, task: Any, code: str, choice: Choice, which: int, roles: Sequence[str]) -> Act:
        chance = self.chance
        role = task.role if chance.random() < 0.9 else chance.choice((*roles, "patient", "analyst"))
        said = {
            "kind": task.kind,
            **({"which": str(which)} if which else {}),
            "answer": code,
            "who": f"{role}:{chance.choice(STAFF)}",
        }
        blank = chance.random() < 0.06
        if not blank and (choice.reason or chance.random() < 0.5):
            said["reason"] = chance.choice(REASONS)
        seen = SEES.get(task.kind)
        if seen and chance.random() < 0.85:
            said["seen"] = seen
        values = {} if blank else wild(choice, chance)
        done = Act("answer", (*said.items(), *setting(values)))
        if chance.random() < 0.08:
            other = dict(done.said) | {"who": f"{role}:two"}
            return Act("both", done.said, Act("answer", tuple(other.items())))
        return done

    # everything else

    def _otherwise(self, life: Life, sees: Sees) -> Act:
        chance = self.chance
        steady = self.temper.helps > 0.8
        menu: list[tuple[float, Callable[[Life, Sees], Act]]] = [
            (6 if life.hospital_letters() else 0, self._hospital_writes),
            (2 if steady else 3, self._family_writes),
            (2, self._paper),
            (3, self._page),
            (3 if sees.state in TRAVELS else 0, self._tick),
            (0.3 if steady else 1.5, self._fact),
            (0.5, self._looks),
            (1 if sees.last_kind and not steady else 0.2, self._again),
            (0.5, self._consent),
        ]
        (chosen,) = chance.choices([one for _, one in menu], [weight for weight, _ in menu])
        return chosen(life, sees)

    def _hospital_writes(self, life: Life, sees: Sees) -> Act:
        chance = self.chance
        if chance.random() < 0.12:
            return act("mail", by="server", status=chance.choice(("5.1.1", "4.2.2")))
        asked = [letter.to[0] for letter in life.hospital_letters()]
        code = f"H0{chance.choice(asked)[1]}"
        steady = self.temper.helps > 0.8 and chance.random() < 0.7
        what = "offer" if steady else chance.choice(sorted(REPLIES))
        low = chance.randint(4000, 9000)
        return act(
            "mail",
            by="hospital",
            hospital=code,
            what=what,
            low=f"{low:,}",
            high=f"{low + 1300:,}",
            stay=chance.choice(("5", "7")),
            ahead=chance.choice(("28", "40")),
            valid_for=chance.choice(("5", "40", "90")),
            times=chance.choice(("1", "1", "1", "2")),
            file=chance.choice(("", "", "", "final", "biopsy")),
        )

    def _family_writes(self, life: Life, sees: Sees) -> Act:
        chance = self.chance
        return act(
            "mail",
            by=chance.choice(("family", "family", "stranger")),
            what=chance.choice(("asks", "thanks", *sorted(FAMILY))),
            answers=chance.choice(("", "yes")),
            file=chance.choice(("", "", "", *PLAIN)),
            sender=chance.choice(("", "", "", f"son{life.number}@elsewhere.example")),
        )

    def _paper(self, life: Life, sees: Sees) -> Act:
        chance = self.chance
        name = chance.choice(("final", "waiver", *PLAIN, "biopsy="))
        return act("paper", name=name, channel=chance.choice(("portal", "email", "hospital")))

    def _page(self, life: Life, sees: Sees) -> Act:
        return on_page(self.chance, steady=self.temper.helps > 0.8)

    def _tick(self, life: Life, sees: Sees) -> Act:
        gate = "fly_home" if sees.state in ("POST_OP", "FLY_HOME_CLEARANCE") else "go_no_go"
        return act("tick", gate=gate, answer=self.chance.choice(("done", "done", "waived")))

    def _fact(self, life: Life, sees: Sees) -> Act:
        chance = self.chance
        kind = chance.choice(FACTS)
        role = chance.choice(("coordinator", "lead", "patient"))
        if kind == "case.put_on_hold":
            return act("fact", type=kind, role=role, set_reason="family")
        if kind == "consent.withdrawn":
            scopes = chance.choice(("process", "share_deid:H01", "share_deid:H02", "research"))
            return act("fact", type=kind, role=role, set_scopes=scopes)
        return act("fact", type=kind, role=role)

    def _looks(self, life: Life, sees: Sees) -> Act:
        step = self.chance.choice(("reminders.watch_cases", "reminders.watch_retention"))
        return act("looks", step=step)

    def _again(self, life: Life, sees: Sees) -> Act:
        """Somebody answers a question that was answered or taken back: a page of yesterday."""
        chance, kind = self.chance, sees.last_kind or "triage_inquiry"
        case = _case_of(sees)
        choices = QUESTIONS[kind].choices(case)
        code = chance.choice(sorted(choices)) if choices else "done"
        values = wild(choices[code], chance) if choices else {}
        said = {"kind": kind, "state": "closed", "answer": code, "reason": REASONS[0]}
        return Act("answer", (*said.items(), *setting(values)))

    def _consent(self, life: Life, sees: Sees) -> Act:
        chance = self.chance
        return act(
            "consent",
            scope=chance.choice(("share_deid", "messaging", "research")),
            hospital=chance.choice(("", *HOSPITALS)),
            signed_by=chance.choice(("patient", "guardian")),
            ground=chance.choice(("", "legal_guardian")),
        )

    def _trouble(self) -> Act:
        chance = self.chance
        moment = chance.choice(sorted(MOMENTS))
        what = chance.choice(MOMENTS[moment])
        times = chance.choice(("1", "1", "2", "6"))
        then = self._amid() if what == "meanwhile" else None
        return act("trap", then, moment=moment, what=what, times="1" if then else times)

    def _amid(self) -> Act:
        """Return what somebody does in the middle of the life's next work."""
        return self.chance.choice((
            act("fact", type="patient.deceased", role="coordinator"),
            act("fact", type="consent.withdrawn", role="patient", set_scopes="process"),
            act("page", what="take_back", scope="share_deid", hospital="H01"),
            act("fact", type="case.put_on_hold", role="coordinator", set_reason="family"),
            act("fact", type="patient.stopped", role="coordinator"),
            act("page", what="message", text="One more thing."),
            act("others"),
            act("lease"),
        ))  # fmt: skip


def _case_of(sees: Sees) -> Case:
    return Case(ref="x", state=sees.state, stage="x", pathology_state=sees.pathology)


def _which_of(sees: Sees, task: Any) -> int:
    """Return how many questions of the same kind are older."""
    return [one.kind for one in sees.tasks if one.id <= task.id].count(task.kind) - 1


SEES: Mapping[str, str] = {
    "review_findings": "values", "settle_differences": "differences", "review_case": "result",
    "second_opinion": "result", "recheck_pathology": "result",
}  # fmt: skip
TRAVELS = ("TRAVEL_PREP", "POST_OP", "FLY_HOME_CLEARANCE", "VISA")
