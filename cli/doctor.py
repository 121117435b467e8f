"""The checks of `iort doctor`: each component, its version, and what to do if it is unwell.

The same checks serve embedded servers and servers given by URL.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from adapters import health
from adapters.health import Unwell
from cli.doctor_database import database_checks
from safety import NAMES, RULES, allowed, dangers, is_asked
from settings import PROJECT_ROOT, Settings


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor's answer."""

    name: str
    ok: bool
    detail: str
    advice: str


def examine(settings: Settings) -> list[Check]:
    """Run every check at once; the order of the answers is that of the table below."""
    table: list[tuple[str, Callable[[Settings], str], str]] = [
        ("settings", _settings, "see .env.example"),
        ("postgresql", health.postgresql, _advice(settings, "IORT_DATABASE_URL")),
        ("migrations", _migrations, "run: python -m alembic upgrade head (./iort up does it)"),
        *database_checks(),
        ("restored", _restored, "look at the page Restored (docs/backup.md), then release"),
        ("keys", _keys, "docs/keys.md says how the ring is kept"),
        ("broker", health.broker, _advice(settings, "IORT_BROKER_URL")),
        ("storage", health.object_storage, _advice(settings, "IORT_S3_ENDPOINT_URL and keys")),
        ("storage versions", health.storage_versions, "docs/deployment.md, The object store"),
        ("storage doors", _storage_doors, "./iort down, then ./iort up closes them"),
        ("smtp", health.smtp, _advice(settings, "IORT_SMTP_HOST, _USER and _SECURITY")),
        ("imap", health.imap, _advice(settings, "IORT_IMAP_HOST, _USER and _SECURITY")),
        ("our domain", _our_domain, "docs/mail.md says how; then ask again"),
        ("letters in", _letters_in, "docs/mail.md says what the name is and where it stands"),
        ("playbooks", _playbooks, "mend the file and line it names"),
        ("red flags", _red_flags, "./iort user email NAME ADDRESS, or set IORT_ON_CALL_ADDRESS"),
        ("late letters", _late_letters, "./iort user email NAME ADDRESS (IORT_LATE_ROLES)"),
        ("ocr", health.ocr, "install tesseract with the languages of IORT_OCR_LANGUAGES"),
        ("virus scan", _virus_scan, "start clamd, or mend IORT_CLAMD; files wait for it"),
        ("sandbox", _sandbox, "docs/sandbox.md says what this machine must allow"),
        ("web", _web, _advice(settings, "IORT_WEB_PUBLIC_URL")),
        ("proxies", proxies, ""),
        (
            "traces",
            health.traces,
            "start the collector or mend IORT_TRACES_URL; nothing waits for it",
        ),
        ("flower", _flower, _advice(settings, "IORT_FLOWER_PORT")),
    ]
    with ThreadPoolExecutor(max_workers=len(table)) as pool:
        return [*pool.map(lambda row: _run(settings, *row), table), *safety(settings)]


def safety(settings: Settings) -> list[Check]:
    """Return a line for each thing that production must not do, broken or not."""
    if not is_asked(settings):
        return [Check("safe", True, "embedded servers on loopback: nothing is asked", "")]
    wrong = {rule.name: found for rule, found in dangers(settings)}
    lines = []
    for rule in RULES:
        name, found = f"safe: {rule.name}", wrong.get(rule.name)
        if found is None:
            lines.append(Check(name, True, "as it should be", ""))
        elif rule.name in allowed(settings):
            lines.append(Check(name, True, f"UNSAFE, as IORT_UNSAFE says: {found}", rule.mend))
        else:
            lines.append(Check(name, False, found, rule.mend))
    if unknown := allowed(settings) - NAMES:
        said = f"IORT_UNSAFE knows no {', '.join(sorted(unknown))}"
        lines.append(Check("safe: names", False, said, f"there are {', '.join(sorted(NAMES))}"))
    return lines


def proxies(settings: Settings) -> str:
    """Say whose word on a visitor's address counts."""
    if settings.embedded:
        return "nobody's word on a visitor's address is believed"
    named = settings.trusted_proxies.split()
    return f"the word of {', '.join(named)} is believed" if named else "nobody's word is believed"


def _advice(settings: Settings, names: str) -> str:
    if settings.embedded:
        return "./iort up starts it; ./iort logs shows why it ended"
    return f"no embedded servers are known: ./iort up starts them, or set {names}"


def _run(settings: Settings, name: str, ask: Callable[[Settings], str], advice: str) -> Check:
    try:
        return Check(name, True, ask(settings), "")
    except Unwell as finding:
        return Check(name, False, str(finding), advice)
    except Exception as error:  # a broken check must not hide the others
        return Check(name, False, f"the check failed with {type(error).__name__}", advice)


def _settings(settings: Settings) -> str:
    if not settings.flower_password.get_secret_value():
        raise Unwell("IORT_FLOWER_PASSWORD is empty: Flower would be open to everybody")
    if "+" in settings.mail_from.partition("@")[0]:
        raise Unwell("IORT_MAIL_FROM must be a plain address: a token goes behind a plus sign")
    return "embedded servers" if settings.embedded else "servers given by URL"


def _migrations(settings: Settings) -> str:
    from alembic.script import ScriptDirectory
    from sqlalchemy import text
    from sqlalchemy.exc import SQLAlchemyError

    from models.database import make_engine

    heads = set(ScriptDirectory(str(PROJECT_ROOT / "migrations")).get_heads())
    engine = make_engine(settings)
    try:
        with engine.connect() as connection:
            found = set(connection.scalars(text("SELECT version_num FROM alembic_version")))
    except SQLAlchemyError:
        raise Unwell("no schema, or no database") from None
    finally:
        engine.dispose()
    if found != heads:
        raise Unwell(f"the schema is at {_names(found)}, the code needs {_names(heads)}")
    return f"at {_names(heads)}"


def _restored(settings: Settings) -> str:
    """Say whether a backup was put back that nobody has released: then nothing leaves."""
    from sqlalchemy.exc import SQLAlchemyError

    from models.database import make_engine
    from workflows.engine.restored import is_held

    engine = make_engine(settings)
    try:
        held = is_held(engine)
    except SQLAlchemyError:
        raise Unwell("the database does not say") from None
    finally:
        engine.dispose()
    if held:
        raise Unwell("a backup was put back: nothing leaves until it is released")
    return "no restore waits for somebody to look"


def _keys(settings: Settings) -> str:
    """Read the ring, and look whether every key that something is sealed with is on it."""
    from keys import RingRefused
    from keys.ring_file import RingSource
    from models.database import make_engine, transaction
    from workflows.keyring.hanging import left_over, sealed_by_key

    try:
        ring = RingSource(settings)()
    except RingRefused as refused:
        raise Unwell(str(refused)) from None
    engine = make_engine(settings)
    try:
        with transaction(engine) as session:
            sealed = sealed_by_key(session)
    finally:
        engine.dispose()
    missing = sorted({key_id for key_id, _ in sealed if key_id not in ring})
    if missing:
        raise Unwell(f"not on the ring, and something is sealed with them: {', '.join(missing)}")
    old = left_over(ring, sealed)
    left = f"; {old} values to seal anew: ./iort keys reseal" if old else ""
    where = (
        "the file, seen by every process at its next use"
        if settings.secret_keys_file
        else ("settings, read when a process starts")
    )
    return f"{ring.signing.id} signs, {len(ring.keys)} on the ring ({where}){left}"


def _our_domain(settings: Settings) -> str:
    from adapters.names import DnsNames
    from cli.mail_domain import our_domain

    return our_domain(settings, DnsNames() if settings.mail_dns == "system" else None)


def _letters_in(settings: Settings) -> str:
    from cli.mail_domain import letters_in

    return letters_in(settings)


def _red_flags(settings: Settings) -> str:
    """Count who hears of a red flag by e-mail; nobody is unwell outside a rehearsal."""
    from sqlalchemy import select
    from sqlmodel import col

    from accounts.users import is_writable
    from models import User
    from models.database import make_engine, transaction
    from views.alarms import TEAM

    engine = make_engine(settings)
    query = select(col(User.user_name), col(User.email)).where(
        col(User.active), col(User.role).in_(TEAM), col(User.email).is_not(None)
    )
    try:
        with transaction(engine) as session:
            found = session.execute(query).all()
    finally:
        engine.dispose()
    odd = [name for name, address in found if not is_writable(address or "")]
    if odd:
        raise Unwell(f"no letter can be written to the address of {', '.join(odd)}")
    people = len(found) + bool(settings.on_call_address)
    if not people and not settings.embedded:
        raise Unwell("nobody hears of a red flag by e-mail")
    return f"{people} addresses hear of them by e-mail"


def _late_letters(settings: Settings) -> str:
    """Name who is to hear of what is late and has no address; in a rehearsal nobody is unwell."""
    from models.database import make_engine, transaction
    from workflows.watch.late import on_duty, reachable

    engine = make_engine(settings)
    try:
        with transaction(engine) as session:
            people = on_duty(session, settings)
            without = [one.user_name for one in people if not reachable(one)]
    finally:
        engine.dispose()
    if not settings.late_roles:
        return "off: nobody is written to about what is late"
    if not settings.embedded and (without or not people):
        raise Unwell(f"no letter reaches {', '.join(without) or 'anybody'}")
    left = f"; not {', '.join(without)}" if without else ""
    return f"{len(people) - len(without)} people hear of what is late by e-mail{left}"


def _names(revisions: set[str]) -> str:
    return ", ".join(sorted(revisions)) or "nothing"


def _playbooks(settings: Settings) -> str:
    from correspondence.directory import load_hospitals
    from views.repair_words import RepairWords
    from workflows.engine.playbooks import Playbooks
    from workflows.engine.words import EventWords
    from workflows.process import Process

    def words(folder: Path) -> None:
        EventWords.load(folder)
        RepairWords.load(folder)

    books = Playbooks(settings.playbooks_dir)
    parts: dict[str, Callable[[], object]] = {
        "criteria": lambda: books.criteria,
        "letters": lambda: books.letters,
        "travel": lambda: books.travel,
        "follow-up": lambda: books.follow_up,
        "completeness": lambda: books.completeness,
        "danger": lambda: books.danger,
        "events and states": lambda: Process.load(settings.playbooks_dir),
        "words": lambda: words(settings.playbooks_dir),
        "hospitals": lambda: load_hospitals(settings.playbooks_dir / "hospitals.yaml"),
    }
    for name, read in parts.items():
        try:
            read()
        except Exception as error:  # each room has its own; all name file and line, no patient
            raise Unwell(f"{name}: {error}") from None
    return f"{', '.join(parts)} load from {settings.playbooks_dir.name}/"


def _storage_doors(settings: Settings) -> str:
    """Ask the object store's inner ports as a stranger would; whoever is let in can delete all."""
    from local.embedded.paths import ports_file, var_folder
    from local.embedded.ports import PortBook
    from local.embedded.seaweed import Seaweed
    from local.embedded.store_security import answers_strangers

    known = PortBook(ports_file(var_folder())).as_dict()
    doors = {name: known[name] for name in Seaweed.side_port_names if name in known}
    if not settings.embedded or not doors:
        return "not known: let nobody but this software reach any port of your S3 server"
    opened = [name for name, port in doors.items() if answers_strangers(port)]
    if opened:
        raise Unwell(f"answer without proof: {', '.join(opened)}")
    return f"{len(doors)} inner ports answer no stranger"


def _virus_scan(settings: Settings) -> str:
    from adapters.scan import scanner_at

    try:
        said = scanner_at(settings.clamd).scan(b"")
    except ValueError as error:
        raise Unwell(str(error)) from None
    if said.verdict == "error":
        raise Unwell(f"clamd does not answer ({said.detail})")
    return "clamd answers" if said.verdict == "clean" else "off: every file is kept as not scanned"


def _sandbox(settings: Settings) -> str:
    from adapters.sandbox.elsewhere import ReaderAway, sandbox_at

    try:
        return health.sandbox(sandbox_at(settings.reader_socket), settings.ocr_languages)
    except ReaderAway:
        raise Unwell("nobody reads files at IORT_READER_SOCKET; they wait") from None


def _web(settings: Settings) -> str:
    return health.http_server(f"http://{settings.web_host}:{settings.web_port}/health")


def _flower(settings: Settings) -> str:
    return health.http_server(
        f"http://127.0.0.1:{settings.flower_port}/healthcheck",
        settings.flower_user,
        settings.flower_password.get_secret_value(),
    )
