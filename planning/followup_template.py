"""The playbook of the follow-up: who is asked what, counted from which day, and who answers when
nobody does. Read strictly; the days become dates in `planning.followup`.
"""

from datetime import time
from pathlib import Path
from typing import Literal, get_args

from pydantic import Field

from playbook_reader import Document, Strict, read

Trigger = Literal[
    "S",
    "X",
    "R",
    "pathology_received",
    "recheck",
    "planned_start",
    "planned_end",
    "problem_answer",
    "recurrence_reported",
]
"""S surgery, X discharge, R return flight: planned ahead. The others are dated when they happen."""

Origin = Literal[
    "clinician_entry", "discharge_summary_instruction", "hospital_protocol", "template"
]
Recipient = Literal["patient", "caregiver", "home_doctor", "hospital", "coordinator", "clinician"]
Channel = Literal["email", "sms", "whatsapp", "wechat", "call"]

AnswerKind = Literal["symptom", "state", "booked", "done", "paper"]
"""What kind of question it is. `symptom` asks for signs: its "yes" is a problem. `state` asks how
things are, without a yes. The others ask whether something was done, is booked, or is in hand."""

ALL_IS_WELL = frozenset({"done", "booked", "not_yet"})
"""Answers that nobody looks at any more: none of them may be the answer to a symptom question."""


class Rule(Strict):
    """When a question is due, counted from a day.

    Either `days` (with `then_every_days` up to `to_day`), `working_days`, `hours`, or
    `every_months` between `after_months` and `to_months` (both as months after the day, the first
    excluded).
    """

    from_: Trigger = Field(alias="from")
    days: tuple[int, ...] = ()
    then_every_days: int | None = Field(default=None, gt=0)
    to_day: int | None = None
    working_days: tuple[int, ...] = ()
    hours: int | None = None
    every_months: int | None = Field(default=None, gt=0)
    after_months: int = 0
    to_months: int | None = None
    when: str | None = None
    unless: str | None = None


class FollowUpRule(Strict):
    """One line of the playbook."""

    id: str
    at: str
    schedule: tuple[Rule, ...]
    to: tuple[Recipient, ...]
    answers: AnswerKind
    red_flag: bool = False
    """Of a symptom question: a yes is a red flag, of which a person hears within minutes."""
    ask: str
    plain: str | None = None
    """The question as the patient reads it."""
    critical: bool = False
    escalate: str | None = None
    until_event: str | None = None


class Step(Strict):
    """One rung of the ladder when nobody answers."""

    hours: int
    step: str


class QuietHours(Strict):
    """When nobody is called or texted."""

    from_: str = Field(alias="from")
    until: str
    channels: tuple[Channel, ...]
    override: str


class Window(Strict):
    """Hours of the day, local."""

    from_: str = Field(alias="from")
    until: str


class RateCap(Strict):
    """How many messages one person gets."""

    per_recipient_per_day: int
    per_week: int
    bundle: str


class Rules(Strict):
    """What holds for every question."""

    precedence: tuple[Origin, ...]
    wording: str
    stop_on: tuple[str, ...]
    recheck_before_send: str
    quiet_hours: QuietHours
    email_at: Window
    rate_cap: RateCap
    channels: dict[str, tuple[Channel, ...]]
    whatsapp: str
    answers: tuple[str, ...]
    answer_sets: dict[AnswerKind, tuple[str, ...]]
    """The answers that each kind of question offers, beside `stop`."""
    ladder_no_answer: tuple[Step, ...]
    critical: str


class FollowUpTemplate(Strict):
    """`playbooks/followup.yaml`."""

    template: str
    version: int
    rules: Rules
    flags: dict[str, str]
    sites: dict[str, tuple[str, ...]]
    sections: dict[str, tuple[FollowUpRule, ...]]

    def plain(self, code: str, ask: str) -> str:
        """Return the patient's words for the question `ask` of line `code`.

        A question that somebody with a say has worded themselves stays as they worded it.
        """
        rule = self._rule(code, ask)
        return rule.plain if rule and rule.plain else ask

    def kind(self, code: str, ask: str) -> AnswerKind:
        """Return what kind of question `ask` of line `code` is.

        What somebody with a say has worded themselves is asked as `state`: its answers say in
        full what they mean, whatever the question was.
        """
        rule = self._rule(code, ask)
        return rule.answers if rule else "state"

    def answers(self, code: str, ask: str) -> tuple[str, ...]:
        """Return the codes of the answers that the question offers, beside `stop`."""
        return self.rules.answer_sets[self.kind(code, ask)]

    def is_own_wording(self, code: str, ask: str) -> bool:
        """Return whether somebody with a say has worded the question themselves."""
        rule = self._rule(code, ask)
        return rule is None or rule.plain is None

    def question(self, code: str) -> str | None:
        """Return the patient's words for the line `code`; None when it has none."""
        for rules in self.sections.values():
            for rule in rules:
                if rule.id == code:
                    return rule.plain
        return None

    def is_red_flag(self, code: str, ask: str) -> bool:
        """Return whether a yes to the question is a red flag."""
        rule = self._rule(code, ask)
        return rule is not None and rule.red_flag

    def _rule(self, code: str, ask: str) -> FollowUpRule | None:
        """Return the line with this code whose question was not worded anew."""
        for rules in self.sections.values():
            for rule in rules:
                if rule.id == code and rule.ask == ask:
                    return rule
        return None


def load_follow_up(path: Path) -> FollowUpTemplate:
    """Read the playbook strictly. Raises PlaybookError with file, line and reason."""
    document = read(path)
    template = document.validate(FollowUpTemplate)
    _check(document, template)
    return template


def clock_time(text: str) -> time:
    """Return a time of day as the playbook writes it; ValueError when it is none."""
    return time.fromisoformat(text)


def _check(document: Document, template: FollowUpTemplate) -> None:
    seen: set[str] = set()
    for name, section in template.sections.items():
        for number, rule in enumerate(section):
            place = ("sections", name, number)
            if rule.id in seen:
                raise document.error(place, f"{rule.id} stands twice")
            seen.add(rule.id)
            if rule.red_flag and rule.answers != "symptom":
                raise document.error(place, f"{rule.id}: only a symptom question has a red flag")
            for part in rule.schedule:
                if reason := _mistake(part, template):
                    raise document.error(place, f"{rule.id}: {reason}")
    for site, sections in template.sites.items():
        if unknown := set(sections) - set(template.sections):
            raise document.error(("sites", site), f"unknown section {sorted(unknown)}")
    if "common" not in template.sections:
        raise document.error(("sections",), "the section common is missing")
    _check_answers(document, template.rules)
    for key, text in (
        ("quiet_hours", template.rules.quiet_hours.from_),
        ("quiet_hours", template.rules.quiet_hours.until),
        ("email_at", template.rules.email_at.from_),
    ):
        try:
            clock_time(text)
        except ValueError:
            raise document.error(("rules", key), f"{text} is not a time of day") from None


def _check_answers(document: Document, rules: Rules) -> None:
    for kind in get_args(AnswerKind):
        place = ("rules", "answer_sets", kind)
        codes = rules.answer_sets.get(kind)
        if codes is None:
            raise document.error(place[:2], f"{kind} is missing")
        if unknown := set(codes) - set(rules.answers):
            raise document.error(place, f"{sorted(unknown)} stand not in answers")
        if kind == "symptom" and ("problem" not in codes or set(codes) & ALL_IS_WELL):
            raise document.error(
                place, f"a symptom is answered by problem and by none of {sorted(ALL_IS_WELL)}"
            )


def _mistake(rule: Rule, template: FollowUpTemplate) -> str | None:
    kinds = [bool(rule.days), bool(rule.working_days), rule.hours is not None]
    if sum([*kinds, rule.every_months is not None]) != 1:
        return "a schedule needs exactly one of days, working_days, hours, every_months"
    if (rule.every_months is not None) != (rule.to_months is not None):
        return "every_months and to_months belong together"
    if (rule.then_every_days is not None) != (rule.to_day is not None):
        return "then_every_days and to_day belong together"
    flags = {flag for flag in (rule.when, rule.unless) if flag}
    if unknown := flags - set(template.flags):
        return f"unknown flag {sorted(unknown)}"
    return None
