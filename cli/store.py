"""`iort store`: what the object store keeps of what was deleted, and bringing a file back."""

from typing import Annotated

import typer

from cli.acting import As, actor_of, make_world, refusals
from cli.errors import CommandError

store_app = typer.Typer(no_args_is_help=False, help="What the store keeps; bring a file back.")


@store_app.callback(invoke_without_command=True)
def show(context: typer.Context) -> None:
    """Show for how long what is deleted or replaced can be brought back."""
    if context.invoked_subcommand is not None:
        return
    from adapters.health import Unwell, storage_versions
    from settings import get_settings

    try:
        typer.echo(storage_versions(get_settings()))
    except Unwell as unwell:
        raise CommandError(f"{unwell}. docs/deployment.md says what the bucket needs.") from None


@store_app.command("bring-back")
def bring_back(
    document: Annotated[int, typer.Argument(help="The document's number.")],
    role: As = "administrator",
) -> None:
    """Bring a document's original back that was deleted or overwritten in the store."""
    from adapters.storage_errors import StorageError
    from workflows.retention import versions

    with refusals():
        world = make_world()
        try:
            back = versions.bring_back(world, document, str(actor_of(role).ref))
        except versions.NotKept as gone:
            raise CommandError(str(gone)) from None
        except StorageError as error:
            raise CommandError(f"The store does not give it ({error.code}).") from None
    said = "is back" if back else "is there and whole; nothing was done"
    typer.echo(f"the original of document {document} {said}")
