"""Cases, tasks and timelines as text for a terminal: one fact a line, nothing cut off."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cli.acting import shown_time

if TYPE_CHECKING:
    from views.lists import Answer, CaseRow, TaskRow
    from views.timeline import Entry

DISCLAIMER = "Decision support for clinicians and coordinators; not medical advice."


def show_tasks(tasks: "Sequence[TaskRow]") -> str:
    """Return the open tasks with the answers each allows."""
    if not tasks:
        return "nothing waits for a person"
    return "\n".join(line for task in tasks for line in _task(task))


def _task(task: "TaskRow") -> list[str]:
    late = ", LATE" if task.late else ""
    why = f" ({task.detail})" if task.detail else ""
    urgent = "" if task.urgency == "routine" else f" [{task.urgency}]"
    head = f"{task.id:>5}  {task.case_ref or '-'}{urgent}  {task.role}: {task.title}{why}"
    about = ", ".join(f"{k.removesuffix('_id')} {v}" for k, v in task.objects.items())
    since = f"       since {shown_time(task.opened_at)}, due {shown_time(task.due_at)}{late}"
    lines = [head, since + (f"; about {about}" if about else "")]
    return lines + [_answer(answer) for answer in task.answers]


def _answer(answer: "Answer") -> str:
    needs = "".join(f" {_set(name)}" for name in answer.needs)
    may = [name for name in answer.may if name != "*"]
    options = "".join(f" [{_set(name)}]" for name in may)
    if "*" in answer.may:
        options += " [--set FIELD=VALUE]"
    reason = " --reason TEXT" if answer.reason else ""
    return f"         --choose {answer.answer}{needs}{options}{reason}\n             {answer.label}"


def _set(name: str) -> str:
    """Return how a value is given, with the codes it may have."""
    from workflows.engine.values import VALUES

    return VALUES[name].option(name) if name in VALUES else f"--set {name}=..."


def show_cases(rows: "Sequence[CaseRow]", total: int) -> str:
    """Return the list of cases as a table."""
    if not rows:
        return "no cases; `iort case open FILE...` opens one"
    head = ("CASE", "STAGE", "STATE", "WAITS FOR", "SINCE", "NEXT DUE", "TASKS", "SITE")
    table = [head, *(_case_cells(row) for row in rows)]
    widths = [max(len(line[i]) for line in table) for i in range(len(head))]
    lines = [
        "  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip()
        for line in table
    ]
    more = [] if total <= len(rows) else [f"{total - len(rows)} more: --limit {total}"]
    return "\n".join(lines + more)


def _case_cells(row: "CaseRow") -> tuple[str, ...]:
    hold = " (on hold)" if row.on_hold else ""
    late = " LATE" if row.late else ""
    return (
        row.ref,
        row.stage,
        row.state.lower() + hold,
        row.waiting_on,
        shown_time(row.waiting_since),
        shown_time(row.next_due) + late,
        str(row.open_tasks),
        row.site or "-",
    )


def show_timeline(entries: "Sequence[Entry]", *, details: bool) -> str:
    """Return a timeline: number, time, words, who, and the number of the cause."""
    from views.timeline import is_detail

    shown = [entry for entry in entries if details or not is_detail(entry.type)]
    lines = [_entry(entry) for entry in shown]
    folded = len(entries) - len(shown)
    if folded:
        lines.append(f"{folded} events of machinery and single values not shown: --all shows them")
    return "\n".join(lines)


def _entry(entry: "Entry") -> str:
    who = "" if entry.actor_type == "system" else f"  [{entry.actor_type}]"
    cause = f"  <- {entry.cause_seq}" if entry.cause_seq else ""
    played = "  (rehearsal)" if entry.rehearsal else ""
    when = entry.occurred_at.strftime("%d %b %Y %H:%M:%S")
    return f"{entry.seq:>5}  {when}  {entry.words}{who}{cause}{played}"


def show_case(content: Mapping[str, Any]) -> str:
    """Return one case as text; `content` is `case_json` or `public_json`."""
    lines = [
        f"{content['ref']}  {content['stage']} / {content['state'].lower()}"
        + ("  ON HOLD" if content["on_hold"] else ""),
        f"waits for {content['waiting_on']} since {_minute(content['waiting_since'])}; "
        f"next deadline {_minute(content['next_due'])}",
        f"site {content['site'] or '-'}, urgency {content['urgency']}, "
        f"opened {_minute(content['opened_at'])}",
    ]
    patient = content.get("patient")
    if patient:
        known = [str(patient[n]) for n in ("name", "birth_date", "sex", "email") if patient[n]]
        lines.append("patient: " + (", ".join(known) or "nothing known yet"))
    lines += _documents(content.get("documents", ()))
    lines += _suitability(content["suitability"])
    for thread in content.get("threads", ()):
        offers = "".join(
            f"; offer {o['id']} {o['state']}: {o['amount_low']} to {o['amount_high']}"
            f" {o['currency']}"
            for o in thread["offers"]
        )
        lines.append(f"hospital {thread['hospital']}: {thread['state']}{offers}")
    for item in content["journey"]:
        lines.append(f"journey {item['due']}  {item['state']:<8} {item['code']} {item['title']}")
    for task in content["tasks"]:
        late = " LATE" if task["late"] else ""
        lines.append(
            f"task {task['task']}: {task['title']} ({task['role']}, due "
            f"{_minute(task['due'])}{late})"
        )
    if content["tasks"]:
        lines.append(f"`iort tasks --case {content['ref']}` shows the answers")
    return "\n".join([*lines, DISCLAIMER])


def _documents(documents: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = []
    for each in documents:
        lines.append(
            f"document {each['id']}: {each['file_name']}  {each['state']}, "
            f"{each['label'] or each['media_type'] or 'not read yet'}, {each['pages'] or 0} pages"
        )
        for finding in each["findings"]:
            quote = f'  "{" ".join(finding["quote"].split())}"' if finding["quote"] else ""
            lines.append(
                f"    {finding['state']:<9} {finding['field']} = {finding['value']}"
                f"{' ' + finding['unit'] if finding['unit'] else ''}"
                f"  (page {finding['page'] or '-'}){quote}"
            )
    return lines


def _suitability(result: Mapping[str, Any] | None) -> list[str]:
    if result is None:
        return []
    signed = result["signed"]
    lines = [
        f"pre-screen (result {result['result']}): {result['category']}; routes open: "
        f"{', '.join(result['routes_open']) or 'none'}; "
        + (f"signed: {signed['outcome']}" if signed else "not signed")
    ]
    if result["withdrawn_sets"]:
        names = ", ".join(result["withdrawn_sets"])
        lines.append(f"    WITHDRAWN criteria behind it: {names}; it was not weighed again")
    if result["draft_sets"]:
        names = ", ".join(result["draft_sets"])
        lines.append(f"    draft criteria, not approved by a clinician: {names}")
    asks = [item["ask"] for item in result["missing"]]
    return lines + [f"    missing: {ask}" for ask in asks]


def _minute(moment: str | None) -> str:
    return moment[:16].replace("T", " ") if moment else "-"
