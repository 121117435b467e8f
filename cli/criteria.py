"""`iort criteria` on a running system: what a set would change, who approved it, what is withdrawn.

`list`, `show`, `check` and `diff` read files alone and stand in `cli/screening.py`.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.acting import As, Json, actor_of, make_world, parse_values, refusals
from cli.errors import CommandError
from cli.screening import criteria_app

if TYPE_CHECKING:
    from suitability import CriteriaSet
    from workflows.engine.world import World
    from workflows.screening.impacts import Impacts, ResultImpact

__all__ = ["criteria_app"]

SetId = Annotated[str, typer.Argument(metavar="SET", help="The id of a set.")]
Version = Annotated[str, typer.Argument(metavar="VERSION", help="Its version, such as 0.2.0.")]
Values = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help="A value that it takes; repeatable."),
]


@criteria_app.command("status")
def status(as_json: Json = False) -> None:
    """List the sets with how their version stands: draft, approved by whom, withdrawn."""
    from views.criteria import criteria_list

    with refusals():
        lines = criteria_list(make_world())
    if as_json:
        rows = [
            {
                "id": line.standing.set_id,
                "version": line.standing.version,
                "sha256": line.standing.sha256,
                "state": line.standing.state,
                "by": line.standing.by or None,
                "on": line.standing.on.isoformat() if line.standing.on else None,
                "file_status": line.file_status,
                "results": line.results,
                "results_with_another_text": line.others,
            }
            for line in lines
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for line in lines:
        one = line.standing
        by = f" by {one.by} on {one.on:%Y-%m-%d}" if one.on else ""
        typer.echo(
            f"{one.set_id:32} {one.version:7} {one.sha256[:12]}  {one.state}{by}; "
            f"{line.results} results, {line.others} with another text"
        )


@criteria_app.command("impact")
def impact(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SET|SET@VERSION|FILE]...", help="Default: every set on disk."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show which stored results a set would change, and which criterion does it.

    Nothing is weighed again or written by looking. The mark it prints is what `approve` asks for.
    """
    from models.database import transaction
    from workflows.screening.impacts import impacts

    with refusals():
        world = make_world()
        problem = world.playbooks.look_again().problem
        if problem is not None:
            raise problem
        library = world.playbooks.criteria
        sets = [_named(world, name) for name in names or []] or list(library.sets.values())
        with transaction(world.engine) as session:
            found = impacts(session, world, sets)
    typer.echo(
        json.dumps(found.to_json(), ensure_ascii=False, indent=2) if as_json else _table(found)
    )


def _named(world: "World", name: str) -> "CriteriaSet":
    """Return a loaded set, a released version of one (`SET@VERSION`), or a file's."""
    from suitability.loader import load_set
    from suitability.versions import INDEX_FILE, find_version, load_index

    library, folder = world.playbooks.criteria, world.playbooks.folder
    if name in library.sets:
        return library.sets[name]
    set_id, at, version = name.partition("@")
    if at and set_id in library.sets:
        if library.sets[set_id].version == version:
            return library.sets[set_id]
        index = load_index((folder / INDEX_FILE).read_text(encoding="utf-8"))
        if version not in index.get(set_id, {}):
            known = ", ".join(index.get(set_id, {})) or "none"
            raise CommandError(f"{set_id} has no version {version[:20]}; released are: {known}")
        return find_version(folder, set_id, index[set_id][version])
    path = Path(name)
    if not path.is_file():
        raise CommandError(f"{name} is neither a set nor a file; `iort criteria list` names them")
    try:
        content = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise CommandError(f"{name}: is not UTF-8 text. Save it as UTF-8") from None
    return load_set(content, file=name, vocabulary=library.vocabulary, sources=library.sources)


def _table(found: "Impacts") -> str:
    counts = found.counts
    lines = [
        f"{counts['results']} newest results: {counts['same']} stay as they are, "
        f"{counts['changed']} would change ({counts['outcome']} in their outcome, "
        f"{counts['signed']} signed), {counts['not_compared']} cannot be compared"
    ]
    for row in found.changed:
        lines += _row(row)
    for other in found.not_compared:
        lines.append(
            f"{other.case_ref}  result {other.assessment_id}: not compared, {other.reason}"
        )
    for one in found.sets if len(found.sets) == 1 else ():
        lines.append(f"{one.id} {one.version} ({one.sha256[:12]}): --set look={found.look}")
    return "\n".join([*lines, "Nothing was weighed again."])


def _row(row: "ResultImpact") -> list[str]:
    found = row.impact
    change = (
        f"{found.before} -> {found.after}" if found.outcome_changes else f"{found.before}, the same"
    )
    signed = ", signed" if row.signed else ""
    lines = [f"{row.case_ref}  result {row.assessment_id} ({row.phase}{signed}): {change}"]
    lines += [f"    {name}: {old} -> {new}" for name, old, new in found.sets]
    for one in found.criteria:
        alone = "  (this one alone)" if one.alone else ""
        lines.append(f"    {one.criterion}: {one.before} -> {one.after}{alone}")
    lines += [f"    {key} changed" for key in found.heads]
    return lines + (["    the program has changed since, too"] if found.program else [])


@criteria_app.command("approve")
def approve_version(
    set_id: SetId, version: Version, values: Values = None, role: As = "clinician",
    as_json: Json = False,
) -> None:  # fmt: skip
    """Approve the exact text of a loaded version, as a clinician.

    Takes --set look=MARK (from `iort criteria impact SET`), seen=ID,... for what was written from
    memory, and who approves: signer_name, signer_qualification, signer_registration. A refusal says
    what to add.
    """
    from workflows.screening.approvals import approve

    given = parse_values(values or [])
    with refusals():
        done = approve(make_world(), set_id, version, actor=actor_of(role), values=given)
    if as_json:
        typer.echo(json.dumps(done.to_json(), indent=2))
    else:
        typer.echo(
            f"{done.set_id} {done.version} ({done.sha256[:12]}): approved on {done.on} by "
            f"{done.signer.name}; no stored result was changed"
        )


@criteria_app.command("withdraw")
def withdraw_version(
    set_id: SetId,
    version: Version,
    reason: Annotated[str, typer.Option(help="Why, in words; no patient's data.")] = "",
    values: Values = None,
    role: As = "clinician",
    as_json: Json = False,
) -> None:
    """Withdraw a version for good, as a clinician; no result is weighed again.

    Each open case whose newest result was made with it asks a clinician what happens next.
    """
    from workflows.screening.approvals import withdraw

    given = parse_values(values or [])
    with refusals():
        done = withdraw(
            make_world(), set_id, version, actor=actor_of(role), reason=reason, values=given
        )
    if as_json:
        typer.echo(json.dumps(done.to_json(), indent=2))
    else:
        typer.echo(
            f"{done.set_id} {done.version} ({done.sha256[:12]}): withdrawn on {done.on} by "
            f"{done.signer.name}; {done.cases} open cases ask a clinician"
        )
