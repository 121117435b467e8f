"""`iort letter`: see how a mail is read, from its file alone; import old mail; place a letter."""

import json
from pathlib import Path
from typing import Annotated

import typer

from cli.acting import As, Json
from cli.errors import CommandError

letter_app = typer.Typer(no_args_is_help=True)


@letter_app.callback()
def root() -> None:
    """See how a mail is read; import old mail; give a letter to its place."""


@letter_app.command()
def read(
    file: Annotated[Path, typer.Argument(help="A mail as a file (.eml).")],
    sent: Annotated[
        list[Path] | None,
        typer.Option("--sent", help="A letter of ours that it may quote (.eml or text)."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show who wrote a mail, what is new in it, what it seems to say and whether to believe it.

    A class is a proposal; none is given where a person must look.
    """
    from correspondence.incoming.letter import parse_inbound
    from correspondence.reading import as_json as values_of
    from correspondence.reading import read_letter

    ours = [
        parse_inbound(content).text if path.suffix == ".eml" else content.decode("utf-8", "replace")
        for path in sent or []
        for content in [_bytes_of(path)]
    ]
    shown = values_of(read_letter(_bytes_of(file), ours))
    if as_json:
        typer.echo(json.dumps(shown, ensure_ascii=False))
        return
    for name, value in shown.items():
        words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        typer.echo(f"{name + ':':<12}{words}")


@letter_app.command(name="import")
def import_mail(
    path: Annotated[
        Path | None, typer.Argument(help="An mbox file, or a folder of .eml files or Maildirs.")
    ] = None,
    imap_folder: Annotated[
        str | None, typer.Option(help="A folder of the mail server beside the inbox, by its name.")
    ] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Say what would happen, and stop.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Import without asking.")] = False,
    ours: Annotated[
        list[str] | None,
        typer.Option("--ours", help="Another address of ours: its letters are left out."),
    ] = None,
    role: As = "coordinator",
    as_json: Json = False,
) -> None:
    """Import old mail: looked at first; then each letter is taken once, and nothing moves.

    What is surely somebody's goes into its case with its files; the rest waits on the console's
    page "Letters". An import that was stopped goes on when it is started again.
    """
    from cli.importing import run_import

    run_import(
        path, imap_folder, preview=preview, yes=yes, ours=ours or (), role=role, as_json=as_json
    )


@letter_app.command()
def place(
    message: Annotated[int, typer.Argument(help="The letter's number.")], as_json: Json = False
) -> None:
    """Ask anew where a letter belongs that lies in a wrong place, or was set aside."""
    from cli.acting import make_world, refusals
    from workflows.letters.placing import ask_again

    with refusals():
        task = ask_again(make_world(), message)
    told = json.dumps({"message": message, "task": task})
    typer.echo(told if as_json else f"letter {message}: task {task} asks where it belongs")


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"the file cannot be read ({type(error).__name__}): {path}") from None
