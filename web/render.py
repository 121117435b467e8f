"""Pages: templates, and values as people read them."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse

from accounts.changes import waiting_for
from views.alarms import TEAM, open_alarms
from views.lists import TaskRow
from web import languages
from web.access import form_token, is_https, keep_form_seed, world_of
from web.compression import StaticVersions
from web.languages import ENGLISH, LANGUAGES
from web.menu import menu_lines
from web.pages.portal_steps import told
from web.values import finding_key, read_value, shown_value
from workflows.engine.pausing import paused
from workflows.engine.restored import is_held
from workflows.engine.words import in_words

MANY = 4
FOR_PATIENTS = "portal"
"""How the templates of the patients' pages begin: theirs are shown in the reader's language."""
_LETTER = re.compile(r"M\d\d[a-z]?")
_HERE = Path(__file__).resolve().parent


class Pages:
    """Renders templates with what every page needs: who asks, the form token, the clock."""

    def __init__(
        self,
        time_zone: str,
        field_label: Callable[[str], str],
        letter_title: Callable[[str], str] = str,
    ) -> None:
        def about(detail: str) -> str:
            """Return what a task is about: the title of its letter, or its code in words."""
            return letter_title(detail) if _LETTER.fullmatch(detail) else in_words(detail)

        self._zone = ZoneInfo(time_zone)
        self._environment = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n", StaticVersions],
        )
        self._environment.policies["ext.i18n.trimmed"] = True
        texts: Any = self._environment
        texts.install_gettext_callables(
            languages.translate, languages.translate_count, newstyle=True
        )
        self._environment.filters |= {
            "when": self.when,
            "day": _day,
            "words": in_words,
            "value": shown_value,
            "reads": read_value,
            "country": languages.country,
            "place": languages.place,
            "about": about,
            "sentence": sentence,
            "size": _size,
            "field": field_label,
            "alike": alike,
            "key": finding_key,
            "told": told,
            "local_day": languages.day,
            "local_time": languages.moment,
            "number": languages.number,
            "said": languages.translate,
        }
        self._environment.globals["time_zone"] = time_zone

    def when(self, moment: datetime | None) -> str:
        """Return a moment in the coordinators' time zone, to the minute."""
        return moment.astimezone(self._zone).strftime("%d %b %Y %H:%M") if moment else "–"

    def show(
        self,
        request: Request,
        template: str,
        values: Mapping[str, Any] | None = None,
        status: int = 200,
    ) -> HTMLResponse:
        """Return a page; a patients' page in the language chosen for this request."""
        world = world_of(request)
        now = world.clock.now()
        for_patients = template.startswith(FOR_PATIENTS)
        who = getattr(request.state, "who", None)
        languages.reading.set(languages.chosen(request) if for_patients else ENGLISH)
        content = self._environment.get_template(template).render(
            {
                "who": who,
                "menu": menu_lines(request, who),
                "csrf": form_token(request),
                "now": now,
                "since": lambda moment: span_in_words(now, moment),
                "path": request.url.path,
                "alarms_now": lambda: open_alarms(world) if who and who.role in TEAM else [],
                "alarmed": TEAM,
                "held_after_restore": lambda: is_held(world.engine),
                "paused_now": lambda: paused(world),
                "changes_waiting": lambda: waiting_for(world.engine, who) if who else 0,
                "embedded": world.settings.embedded,
                "refusal": None,
                **(_language_values(request) if for_patients else {}),
                **(values or {}),
            }
        )
        response = HTMLResponse(languages.finished(content), status)
        keep_form_seed(request, response)
        if for_patients:
            languages.keep_choice(request, response, https=is_https(world))
        return response


def _language_values(request: Request) -> dict[str, Any]:
    """Return what a patients' page says about its language."""
    return {
        "language": languages.chosen(request),
        "switches": [(one, languages.address_in(request, one)) for one in LANGUAGES.values()],
        "note_on_english": languages.note_on_english(),
    }


def alike(tasks: Sequence[TaskRow]) -> list[list[TaskRow]]:
    """Put many tasks of one kind about one case together; few stay each by themselves."""
    groups: dict[tuple[object, ...], list[TaskRow]] = {}
    for task in tasks:
        groups.setdefault((task.case_ref, task.kind), []).append(task)
    shown: list[list[TaskRow]] = []
    for task in tasks:
        group = groups[task.case_ref, task.kind]
        if len(group) < MANY:
            shown.append([task])
        elif task is group[0]:
            shown.append(group)
    return shown


def span_in_words(now: datetime, moment: datetime | None) -> str:
    """Return how far a moment is from now: "3 h ago", "in 2 d"."""
    if moment is None:
        return "–"
    seconds = (now - moment).total_seconds()
    size = abs(seconds)
    if size < 90:
        return "just now"
    for limit, unit, letter in (
        (5400, 60, "min"),
        (129_600, 3600, "h"),
        (float("inf"), 86400, "d"),
    ):
        if size < limit:
            text = f"{round(size / unit)} {letter}"
            break
    return f"{text} ago" if seconds > 0 else f"in {text}"


def _day(value: date | datetime | None) -> str:
    if isinstance(value, datetime):
        value = value.astimezone(UTC).date()
    return value.strftime("%d %b %Y") if value else "–"


def _size(count: int) -> str:
    for limit, unit in ((1024, "bytes"), (1024**2, "kB"), (1024**3, "MB")):
        if count < limit:
            return f"{count / (limit / 1024):.0f} {unit}"
    return f"{count / 1024**3:.1f} GB"


def sentence(text: str) -> str:
    """Return a label with a capital first letter; the rest stays as it is written."""
    return text[:1].upper() + text[1:]
