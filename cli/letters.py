"""`iort letter`: see how a mail is read, from its file alone; no server is asked."""

import json
from pathlib import Path
from typing import Annotated

import typer

from cli.acting import Json
from cli.errors import CommandError

letter_app = typer.Typer(no_args_is_help=True)


@letter_app.callback()
def root() -> None:
    """See how a mail is read."""


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


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"the file cannot be read ({type(error).__name__}): {path}") from None
