"""`iort letter import`: what old mail there is, in numbers; then, after a yes, taken."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cli.acting import actor_of, make_world, refusals
from cli.errors import CommandError

if TYPE_CHECKING:
    from adapters.archives import Archive
    from workflows.engine.world import World
    from workflows.letters.importing import Tally

BY = {
    "token": "by our reply address",
    "references": "by the letter of ours that it answers",
    "subject_ref": "by the case's reference, from the hospital itself",
    "sender": "by the sender's address, of one case only",
}
"""How it is sure whose a letter is."""


def run_import(
    path: Path | None,
    imap_folder: str | None,
    *,
    preview: bool,
    yes: bool,
    ours: Sequence[str],
    role: str,
    as_json: bool,
) -> None:
    """Look an archive through; import it after `--yes`, or after a yes at the terminal."""
    from adapters.mail_in import MailInError
    from workflows.letters.importing import Importing

    if preview and yes:
        raise CommandError("--preview and --yes: choose one of them")
    actor = actor_of(role)
    if actor.type not in ("coordinator", "lead"):
        raise CommandError("old mail is imported by a coordinator or a lead: --as coordinator")
    with refusals():
        world = make_world()
        try:
            if not yes:
                found = Importing(world, _archive(world, path, imap_folder), ours).preview(_shown)
                _tell(found, "would be imported", as_json)
                if preview or not _agreed(as_json):
                    return
            taken = Importing(world, _archive(world, path, imap_folder), ours).take(actor, _shown)
        except MailInError as error:
            raise CommandError(
                f"the mail server does not give the folder ({error.stage}, {error.code}); what was "
                "imported until now stays, and the same command goes on from there"
            ) from None
        except OSError as error:
            raise CommandError(f"it cannot be read on ({type(error).__name__})") from None
    _tell(taken, "imported", as_json)


def _archive(world: "World", path: Path | None, imap_folder: str | None) -> "Archive":
    from adapters.archives import ArchiveRefused, ImapFolder, archive_at

    if (path is None) == (imap_folder is None):
        raise CommandError("give a file or folder, or --imap-folder NAME: one of them")
    if path is not None:
        try:
            return archive_at(path)
        except ArchiveRefused as refused:
            raise CommandError(str(refused)) from None
    own = world.settings.imap_folder
    if imap_folder is None or imap_folder.upper() == "INBOX" or imap_folder == own:
        raise CommandError(f"{own} is read by itself, letter by letter; name another folder")
    return ImapFolder(world.open_mail_folder(imap_folder))


def _agreed(as_json: bool) -> bool:
    if as_json or not sys.stdin.isatty():
        typer.echo("Nothing was written. Add --yes to import.", err=True)
        return False
    return typer.confirm("Import them?")


def _shown(tally: "Tally") -> None:
    if sys.stderr.isatty():
        typer.echo(f"\r{tally.total} mails", err=True, nl=False)


def as_values(tally: "Tally") -> dict[str, Any]:
    """Return the counts as JSON has them."""
    return {
        "mails": tally.total,
        "bytes": tally.size,
        "first": tally.first.isoformat() if tally.first else None,
        "last": tally.last.isoformat() if tally.last else None,
        "undated": tally.undated,
        "attached": dict(tally.attached),
        "files": tally.files,
        "to_place": tally.to_place,
        "machine": tally.machine,
        "double": tally.double,
        "before": tally.before,
        "ours": tally.ours,
        "unreadable": tally.unread,
        "unreadable_at": [f"{place} ({code})" for place, code in tally.unreadable],
        "alarms": tally.alarms,
    }


def _tell(tally: "Tally", done: str, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(as_values(tally), ensure_ascii=False))
        return
    new = sum(tally.attached.values()) + tally.to_place + tally.machine
    days = f", of {tally.first} to {tally.last}" if tally.first else ""
    lines = [f"{tally.total} mails ({tally.size / 1e6:.1f} MB); {new} {done}{days}"]
    lines += [f"  {count} in their cases {BY.get(why, why)}" for why, count in
              sorted(tally.attached.items())]  # fmt: skip
    lines += [
        f"  {count} {words}"
        for count, words in (
            (tally.files, "files of these, kept and not read by themselves"),
            (tally.to_place, "for a person to place, on the page Letters"),
            (tally.machine, "written by machines: kept, nobody is asked"),
            (tally.undated, "without a date that can be"),
            (tally.alarms, "of these days with words of danger: the team is called"),
        )
        if count
    ]
    lines += [
        f"{count} {words}"
        for count, words in (
            (tally.before, "are here already"),
            (tally.double, "lie in it twice"),
            (tally.ours, "were written by us"),
            (tally.unread, "cannot be read:"),
        )
        if count
    ]
    lines += [f"  {place}: {code}" for place, code in tally.unreadable]
    typer.echo("\n".join(lines))
