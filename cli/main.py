"""The table of commands and what happens around each: settings, errors, exit codes.

Exit codes: 0 done, 1 refused or failed with a message on standard error, 2 wrong usage.
"""

import gc
import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import typer

from cli.errors import CommandError

DEBUG_VARIABLE = "IORT_DEBUG"


@dataclass(frozen=True, slots=True)
class Command:
    """One word after `iort`: where its function or Typer application lives."""

    name: str
    target: str
    help: str
    uses_servers: bool = False
    """Works on running servers: where the embedded ones are is looked up first."""


COMMANDS: tuple[Command, ...] = (
    Command("demo", "cli.demo:demo", "Play three cases from inquiry to follow-up."),
    Command("case", "cli.cases:case_app", "Open a case from files, show one, list all.", True),
    Command("timeline", "cli.timelines:timeline", "Show everything that happened in a case.", True),
    Command("tasks", "cli.decisions:tasks", "List what waits for a person.", True),
    Command("do", "cli.decisions:do", "Decide one task.", True),
    Command("export", "cli.analysis:export", "Export timelines as CSV, Parquet or XES.", True),
    Command("ask", "cli.analysis:ask", "Answer a named question about all cases.", True),
    Command("user", "cli.accounts:user_app", "Accounts of the console.", True),
    Command("webhook", "cli.webhooks:webhook_app", "What partners send, and what we tell.", True),
    Command("audit", "cli.audit:audit_app", "Whether history is as it was written.", True),
    Command("database", "cli.database:database_app", "The roles of the database.", True),
    Command("queue", "cli.queues:queue_app", "Hold a queue, or let it go on.", True),
    Command("keys", "cli.keys:keys_app", "The ring of secret keys.", True),
    Command(
        "store", "cli.store:store_app", "What the object store keeps; bring a file back.", True
    ),
    Command("directory", "cli.directory:directory_app", "Export and import the hospitals.", True),
    Command("clock", "cli.clock:clock", "Show the time; move it forward to rehearse.", True),
    Command("extract", "cli.extraction:extract", "Read findings from documents."),
    Command("letter", "cli.letters:letter_app", "See how a mail is read; import old mail.", True),
    Command("screen", "cli.screening:screen", "Weigh findings against the criteria."),
    Command("criteria", "cli.criteria:criteria_app", "The criteria sets and their approval.", True),
    Command("backup", "cli.backup:backup", "Copy everything away, or verify such a copy.", True),
    Command("restore", "cli.backup:restore", "Put a backup back where nothing is."),
    Command("restored", "cli.restored:restored_app", "After a restore: look, release.", True),
    Command("up", "cli.server:up", "Start the servers and the application."),
    Command("down", "cli.server:down", "Stop them; the data stays."),
    Command("restart", "cli.server:restart", "Restart one server or process."),
    Command("status", "cli.server:status", "Show what runs."),
    Command("doctor", "cli.server:doctor", "Check every component and say what to do.", True),
    Command("logs", "cli.server:logs", "Show or follow the logs."),
    Command("reset", "cli.server:reset", "Stop and delete all local data."),
    Command("packages", "cli.packages:packages_app", "Bill of materials; known holes."),
    Command("test", "cli.checks:test", "Run the checks and the tests."),
    Command("bench", "cli.bench:bench", "Run all benchmarks: a table and pictures."),
)


def build(word: str | None) -> typer.Typer:
    """Return the application in which only the command `word` is really loaded."""
    app = typer.Typer(
        name="iort",
        help="Coordinate cases for intraoperative radiation therapy. Decision support for "
        "clinicians and coordinators; not medical advice.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def root() -> None:
        """Nothing happens before a command."""

    for command in COMMANDS:
        target: Any = load(command) if command.name == word else _not_loaded
        if isinstance(target, typer.Typer):
            app.add_typer(target, name=command.name, help=command.help)
        else:
            about = command.help if target is _not_loaded else None
            app.command(command.name, help=about, short_help=command.help)(target)
    return app


def _not_loaded() -> None:
    raise AssertionError("only the command that was called is run")


def load(command: Command) -> Any:
    """Import the function or Typer application of a command."""
    module, _, name = command.target.partition(":")
    return getattr(importlib.import_module(module), name)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and exit."""
    gc.set_threshold(50_000, 20, 50)  # what is imported stays: it is seldom looked through
    words = list(sys.argv[1:] if arguments is None else arguments)
    word = next((each for each in words if not each.startswith("-")), None)
    sys.exit(run(words, word))


def run(words: Sequence[str], word: str | None) -> int:
    """Run one command; return the exit code. Errors become one line on standard error."""
    try:
        command = next((each for each in COMMANDS if each.name == word), None)
        if command is not None and command.uses_servers:
            _use_embedded_settings()
            if command.name != "doctor" and not set(words) & {"-h", "--help"}:
                _must_be_safe()
        build(word)(args=list(words), prog_name="iort")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BrokenPipeError:  # `iort ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return _fail("interrupted", 130)
    except Exception as error:
        if os.environ.get(DEBUG_VARIABLE):
            traceback.print_exc()
        return _fail(explain(error), 1)
    return 0


def _use_embedded_settings() -> None:
    from local.embedded.environment import use_embedded_environment
    from local.embedded.paths import var_folder

    use_embedded_environment(var_folder())


def _must_be_safe() -> None:
    """Refuse to work unsafely on servers that somebody named; the doctor says what is wrong."""
    from local.embedded.environment import names_own_servers
    from safety import Unsafe, safe
    from settings import get_settings

    if not names_own_servers() and not get_settings().embedded:
        return  # there are none: the command says so
    try:
        safe(get_settings(), needs=["secret_key"])
    except Unsafe as unsafe:
        raise CommandError(str(unsafe)) from None


def explain(error: Exception) -> str:
    """Return one line about an error. A foreign exception's text may name a patient: not shown."""
    if isinstance(error, CommandError) or type(error).__name__ == "EmbeddedError":
        return str(error)
    names = {kind.__name__ for kind in type(error).__mro__}
    if names & {"OperationalError", "ConnectionError", "StorageError", "EndpointConnectionError"}:
        return (
            f"a server does not answer ({type(error).__name__}): ./iort up starts them, "
            "./iort doctor says which"
        )
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{os.path.basename(place.filename)}:{place.lineno}"  # noqa: PTH119
    return (
        f"failed with {type(error).__name__} at {where}; "
        f"{DEBUG_VARIABLE}=1 shows the whole error (it may contain personal data)"
    )


def _fail(text: str, code: int) -> int:
    print(f"iort: {text}", file=sys.stderr)
    return code
