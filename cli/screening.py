"""`iort screen` and `iort criteria`: findings against the published criteria, without a server."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from suitability import CriteriaSet, Library, Screening
    from suitability.what_if import WhatIf

_PLAYBOOKS = Path(__file__).resolve().parent.parent / "playbooks"

criteria_app = typer.Typer(
    help="The criteria sets: list, show, check, compare.", no_args_is_help=True
)

PlaybooksOption = Annotated[
    Path, typer.Option("--playbooks", help="The playbooks folder.", show_default=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def _fail(message: str, code: int = 1) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)


def _library(folder: Path) -> "Library":
    from suitability import PlaybookError, load_library

    try:
        return load_library(folder)
    except PlaybookError as problem:
        _fail(f"The criteria cannot be used: {problem}")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        _fail(f"{path}: is not UTF-8 text. Save it as UTF-8")
    except OSError as problem:
        _fail(f"{path}: cannot be read ({problem.strerror})")


def screen(
    findings: Annotated[
        Path, typer.Option("--findings", metavar="FILE", help="YAML or JSON: {phase, findings}.")
    ],
    phase: Annotated[
        str | None, typer.Option(help="preop or postop; wins over the file. Default: preop.")
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day of the screening. Default: today."),
    ] = None,
    as_json: JsonOption = False,
    what_if: Annotated[
        bool, typer.Option("--what-if", help="Also: which facts would settle or change it.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Also: every criterion with its evidence.")
    ] = False,
    playbooks: PlaybooksOption = _PLAYBOOKS,
) -> None:
    """Compare findings with the published criteria. A calculator: it decides nothing.

    Ends with 0 when done, 1 when the findings are refused, 2 on wrong usage.
    """
    from suitability import FindingsError, read_findings
    from suitability import screen as run
    from suitability.criteria import PHASES

    if phase is not None and phase not in PHASES:
        _fail(f"--phase is preop or postop, not {phase}", 2)
    library = _library(playbooks)
    day = on.date() if on is not None else date.today()  # noqa: DTZ011 - the user's own day
    try:
        stated, parsed = read_findings(_text(findings), file=str(findings), library=library, on=day)
    except FindingsError as problem:
        _fail(f"Refused: {problem}")
    chosen = phase or stated or "preop"
    result = run(parsed, phase="postop" if chosen == "postop" else "preop", library=library)
    changes: WhatIf | None = None
    if what_if:
        if result.phase == "postop":
            _fail("--what-if is for screenings before surgery; afterwards the pathology decides", 2)
        from suitability.what_if import what_if as work_out

        changes = work_out(parsed, result, library)
    if as_json:
        _print_json(result, changes, library, explain)
    else:
        _print_words(result, changes, library, explain)


def _print_json(
    result: "Screening", changes: "WhatIf | None", library: "Library", explained: bool
) -> None:
    from suitability.explain import explain as say

    out: dict[str, Any] = result.to_json()
    if changes is not None:
        out["what_if"] = changes.to_json()
    if explained:
        out["explanations"] = [item.to_json() for item in say(result, library, changes)]
        out["cautions"] = list(result.cautions)
        out["evidence"] = dict(result.evidence)
        out["input_hash"] = result.input_hash
        out["set_versions"] = dict(result.set_versions)
        out["engine_version"] = result.engine_version
    typer.echo(json.dumps(out, ensure_ascii=False, indent=2))


def _print_words(
    result: "Screening", changes: "WhatIf | None", library: "Library", explained: bool
) -> None:
    from suitability.explain import explain as say
    from suitability.report_summary import cautions_in_words, evidence_in_words
    from suitability.words import CATEGORY_WORDS

    if result.category is not None:
        typer.echo(f"{result.category}: {CATEGORY_WORDS[result.category]}")
        for line in (*cautions_in_words(result), *evidence_in_words(result)):
            typer.echo(f"  {line}")
    else:
        from suitability.recheck import recheck

        decision = recheck(result)
        typer.echo(f"After surgery: {decision.heading}")
        for fired in decision.fired:
            typer.echo(f"  {fired.criterion:9} {fired.strength}: {fired.action}")
        awaited = ", ".join(f"{one.criterion} ({one.strength})" for one in decision.awaited)
        if awaited:
            typer.echo(f"  still awaited: {awaited}")
    if result.tags:
        typer.echo(f"tags: {', '.join(result.tags)}")
    typer.echo("\nSets")
    for name, one in result.sets.items():
        outcome = one.outcome if isinstance(one.outcome, str) else _levels(one.outcome)
        typer.echo(f"  {name:32} {outcome}")
        for banner in one.criteria_set.banners:
            typer.echo(f"      ! {banner.text} [{banner.basis}]")
    shown = say(result, library, changes)
    closed = ("met", "not_fired", "not_applicable")
    typer.echo("\nCriteria" if explained else "\nCriteria that do not simply match")
    triggers = {n for n, one in result.sets.items() if one.criteria_set.kind == "trigger"}
    shown = tuple(sorted(shown, key=lambda item: item.criteria_set not in triggers))
    judged = {c.id for one in result.sets.values() for c in one.criteria_set.criteria}
    for item in shown:
        at_best = result.criteria[item.criterion]
        plain = item.status in closed or (
            at_best.worst == 0 and not at_best.is_unknown and item.role == "grading"
        )
        if item.criterion not in judged or (plain and not explained):
            continue
        why = f" ({'; '.join(item.why_unknown)})" if item.why_unknown else ""
        typer.echo(f"  {item.criterion:9} {item.status_words}{why}: {item.rule} [{item.basis}]")
        for evidence in item.evidence:
            quote = f' "{evidence.observation.quote}"' if evidence.observation.quote else ""
            typer.echo(f"            {evidence.role}: {evidence.words}{quote}")
    if result.missing:
        typer.echo("\nTo ask")
        for request in result.missing:
            typer.echo(f"  {request.field:36} {request.ask}")
    if changes is not None:
        _print_what_if(changes)
    if result.alternatives:
        typer.echo("\nAlternatives to IORT to speak about")
        for other in result.alternatives:
            typer.echo(f"  - {other['text']} [{other['basis']}]")
    typer.echo("\nA comparison with published profiles, not medical advice; a doctor will review.")


def _levels(outcome: tuple[str, str, str]) -> str:
    level, at_worst, certainty = outcome
    return f"{level} ({certainty}{'' if level == at_worst else f'; at worst {at_worst}'})"


def _print_what_if(changes: "WhatIf") -> None:
    typer.echo("\nWhat would settle it")
    if changes.fewest is None:
        typer.echo("  No fact that can be asked for settles it; a clinician decides.")
    elif not changes.fewest:
        typer.echo(f"  The category no longer waits for a fact: {changes.category}.")
    else:
        typer.echo(f"  {', '.join(changes.fewest)} (can lead to {changes.leads_to})")
    for answer in changes.answers:
        typer.echo(f"  {answer.words}")


@criteria_app.command("list")
def list_sets(as_json: JsonOption = False, playbooks: PlaybooksOption = _PLAYBOOKS) -> None:
    """List the criteria sets with version, content hash and status."""
    sets = _library(playbooks).sets.values()
    rows = [
        {"id": one.id, "version": one.version, "sha256": one.sha256, "site": one.site,
         "kind": one.kind, "phase": one.phase, "effective": one.effective.isoformat(),
         "status": one.status, "criteria": len(one.criteria), "title": one.title}
        for one in sets
    ]  # fmt: skip
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        typer.echo(
            f"{row['id']:32} {row['version']:7} {str(row['sha256'])[:12]}  "
            f"{row['site']:20} {row['kind']:9} {row['status']}"
        )


@criteria_app.command("show")
def show_set(
    identifier: Annotated[str, typer.Argument(metavar="SET|CRITERION")],
    as_json: JsonOption = False,
    playbooks: PlaybooksOption = _PLAYBOOKS,
) -> None:
    """Show a set, or one criterion, in words with its sources."""
    library = _library(playbooks)
    one = library.sets.get(identifier)
    found = library.criterion(identifier)
    if one is None and found is None:
        _fail(f"No set or criterion is called {identifier}; `iort criteria list` names the sets")
    chosen = list(one.criteria) if one is not None else [found[1]] if found else []
    owner = one if one is not None else found[0] if found else None
    assert owner is not None
    from suitability.words import criterion_in_words

    rows: list[dict[str, Any]] = [
        {
            "id": c.id,
            "role": c.role,
            "rule": criterion_in_words(c, library.vocabulary),
            "basis": c.basis,
            "sources": [str(library.sources[s]["title"]) for s in c.src],
            "ask": c.ask,
            "plain": c.plain,
            "note": c.note,
            "line": c.line,
        }
        for c in chosen
    ]
    if as_json:
        head = {
            "id": owner.id,
            "version": owner.version,
            "sha256": owner.sha256,
            "title": owner.title,
            "status": owner.status,
            "criteria": rows,
        }
        typer.echo(json.dumps(head, ensure_ascii=False, indent=2))
        return
    typer.echo(f"{owner.title}\n{owner.file}, version {owner.version}, {owner.status}")
    if owner.caution:
        typer.echo(f"! {owner.caution.strip()}")
    for banner in owner.banners:
        typer.echo(f"! {banner.text} [{banner.basis}]")
    for row in rows:
        typer.echo(f"\n{row['id']} ({row['role']}, {row['basis']}): {row['rule']}")
        typer.echo(f"  sources: {'; '.join(row['sources'])}")
        if row["note"]:
            typer.echo(f"  note: {row['note']}")


@criteria_app.command("check")
def check_sets(
    folder: Annotated[Path, typer.Argument(help="The playbooks folder.")] = _PLAYBOOKS,
) -> None:
    """Check every playbook that a screening reads; names file, line and mend of the first fault."""
    from suitability.versions import INDEX_FILE, approved_ahead, load_index, unversioned_changes

    library = _library(folder)
    index = folder / INDEX_FILE
    problems = approved_ahead(library, date.today())  # noqa: DTZ011 - the user's own day
    problems += unversioned_changes(library, load_index(_text(index))) if index.exists() else []
    if problems:
        _fail("\n".join(problems))
    sets = library.sets.values()
    drafts = sum(one.status.startswith("draft") for one in sets)
    typer.echo(
        f"{len(library.sets)} sets, {sum(len(one.criteria) for one in sets)} criteria, "
        f"{len(library.vocabulary.fields)} fields, {len(library.sources)} sources: no fault found; "
        f"{drafts} sets still need a clinician's signature"
    )


@criteria_app.command("diff")
def diff_sets(
    before: Annotated[str, typer.Argument(metavar="OLD", help="A set id or a file.")],
    after: Annotated[str, typer.Argument(metavar="NEW", help="A set id or a file.")],
    as_json: JsonOption = False,
    playbooks: PlaybooksOption = _PLAYBOOKS,
) -> None:
    """Compare two versions of a set, criterion by criterion."""
    from suitability.versions import compare

    library = _library(playbooks)
    difference = compare(_one(before, library), _one(after, library), library)
    if as_json:
        out = {
            "added": list(difference.added),
            "removed": list(difference.removed),
            "head": [list(row) for row in difference.head],
            "changed": {k: [list(r) for r in rows] for k, rows in difference.changed.items()},
        }
        typer.echo(json.dumps(out, ensure_ascii=False, indent=2))
        return
    if difference.same:
        typer.echo("No difference that matters.")
    for key, old, new in difference.head:
        typer.echo(f"{key}: {old} -> {new}")
    for name in difference.removed:
        typer.echo(f"- {name}")
    for name in difference.added:
        typer.echo(f"+ {name}")
    for name, rows in difference.changed.items():
        for key, old, new in rows:
            typer.echo(f"~ {name} {key}\n    - {old}\n    + {new}")


def _one(name: str, library: "Library") -> "CriteriaSet":
    from suitability import PlaybookError
    from suitability.loader import load_set

    if name in library.sets:
        return library.sets[name]
    path = Path(name)
    if not path.exists():
        _fail(f"{name} is neither a set nor a file")
    try:
        return load_set(
            _text(path), file=name, vocabulary=library.vocabulary, sources=library.sources
        )
    except PlaybookError as problem:
        _fail(str(problem))
