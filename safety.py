"""What production must not do: every process and command asks it at its start, and the doctor.

A setting that is unsafe is refused, all of them at once, each with what to do. Who must do without
one for a while names it in `IORT_UNSAFE`. Embedded servers on loopback are asked nothing.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from itertools import pairwise
from typing import get_args
from urllib.parse import SplitResult, parse_qsl, urlsplit

from pydantic import SecretStr

from adapters.broker_address import SCHEME as SENTINELS
from keys import RingRefused
from keys.ring import LEGACY
from keys.ring_file import RingSource
from settings import Role, Settings

SHORTEST_KEY, SHORTEST_PASSWORD = 32, 16
"""Characters of the key that signs, and of Flower's password."""
_FEWEST_LETTERS = 8
_WIDEST = {4: 8, 6: 16}
"""Shortest prefix of a network of proxies: a wider one is half the world."""
_GUESSED = re.compile(r"change.?me|secret|password|example|default", re.IGNORECASE)
_CHECKED = {"verify-full", "verify-ca"}


class Unsafe(SystemExit):
    """The process does not start; the text says why and what to do, without a secret."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that must not be: its name for `IORT_UNSAFE`, how it is found, what to do."""

    name: str
    find: Callable[[Settings], str]
    """Returns what is wrong, without a secret; an empty text when nothing is."""
    mend: str


def _http(settings: Settings) -> str:
    urls = {
        "IORT_WEB_PUBLIC_URL": settings.web_public_url,
        "IORT_FLOWER_PUBLIC_URL": settings.flower_public_url or "https://",
    }
    clear = [name for name, url in urls.items() if not url.lower().startswith("https://")]
    return f"{' and '.join(clear)} without https" if clear else ""


def _secret_key(settings: Settings) -> str:
    if not _has_keys(settings):
        return "IORT_SECRET_KEY is missing, and so is IORT_SECRET_KEYS_FILE"
    try:
        keys = RingSource(settings)().keys
    except RingRefused as refused:
        return str(refused)
    names = {key.id: f"the key {key.id} of the ring" for key in keys} | {LEGACY: "IORT_SECRET_KEY"}
    weak = (_weak(names[key.id], SecretStr(key.secret), SHORTEST_KEY) for key in keys)
    return next(filter(None, weak), "")


def _has_keys(settings: Settings) -> bool:
    given = (settings.secret_key, settings.secret_keys)
    return bool(settings.secret_keys_file) or any(one.get_secret_value() for one in given)


def _second_factor(settings: Settings) -> str:
    missing = [role for role in get_args(Role) if role not in settings.require_second_factor]
    return f"IORT_REQUIRE_SECOND_FACTOR leaves out {', '.join(missing)}" if missing else ""


def _proxies(settings: Settings) -> str:
    if not settings.trusted_proxies.split():
        return "IORT_TRUSTED_PROXIES names nobody: all visitors share one address, and its limits"
    wide = [str(one) for one in settings.proxies if one.prefixlen < _WIDEST[one.version]]
    return f"IORT_TRUSTED_PROXIES believes {', '.join(wide)}" if wide else ""


def _database_clear(settings: Settings) -> str:
    urls = {
        "IORT_DATABASE_URL": settings.database_url,
        "IORT_DATABASE_OWNER_URL": settings.database_owner_url,
        "IORT_DATABASE_LISTEN_URL": settings.database_listen_url,
        "IORT_DATABASE_ANALYST_URL": settings.database_analyst_url,
    }
    clear = [name for name, url in urls.items() if url and not _is_proven(urlsplit(url))]
    named = " and ".join(clear)
    return f"PostgreSQL is on another machine and {named} asks it for no proof" if clear else ""


def _is_proven(url: SplitResult) -> bool:
    """Say whether a connection proves whom it reached: TLS, or this very machine."""
    modes = {value for key, value in parse_qsl(url.query) if key == "sslmode"}
    return _is_here(url) or bool(modes and modes <= _CHECKED)


def _database_owner(settings: Settings) -> str:
    """Compare the names; who owns the tables is asked of the database (`models.role_checks`)."""
    owner = urlsplit(settings.database_owner_url).username
    same = owner is not None and owner == urlsplit(settings.database_url).username
    return "the product signs in as the owner of the tables" if same else ""


def _broker_places(settings: Settings) -> list[SplitResult]:
    """Return the address of the broker, or of each sentinel that knows it."""
    return [urlsplit(part) for part in settings.broker_url.split(";")]


def _broker_clear(settings: Settings) -> str:
    url, *others = _broker_places(settings)
    if all(map(_is_here, (url, *others))):
        return ""
    if url.scheme == SENTINELS:
        named = "ssl_ca_certs" in dict(parse_qsl((others or [url])[-1].query))
        return "" if named else "IORT_BROKER_URL leads to other machines in clear"
    if url.scheme != "rediss":
        return "IORT_BROKER_URL is redis:// and leads to another machine"
    checks = {value.lower() for key, value in parse_qsl(url.query) if key == "ssl_cert_reqs"}
    return (
        "" if checks <= {"required", "cert_required"} else "IORT_BROKER_URL checks no certificate"
    )


def _broker_password(settings: Settings) -> str:
    return "" if _broker_places(settings)[0].password else "IORT_BROKER_URL has no password"


def _store_clear(settings: Settings) -> str:
    url = urlsplit(settings.s3_endpoint_url or "https://")
    if url.scheme == "https" or _is_here(url):
        return ""
    return "IORT_S3_ENDPOINT_URL is not https and leads to another machine"


def _smtp_clear(settings: Settings) -> str:
    clear = settings.smtp_security == "none" and not _is_loopback(settings.smtp_host)
    return "letters and their password go to IORT_SMTP_HOST in clear" if clear else ""


def _imap_clear(settings: Settings) -> str:
    clear = settings.imap_security == "none" and not _is_loopback(settings.imap_host)
    return "mail and its password come from IORT_IMAP_HOST in clear" if clear else ""


def _flower_password(settings: Settings) -> str:
    return _weak("IORT_FLOWER_PASSWORD", settings.flower_password, SHORTEST_PASSWORD)


def _flower_writes(settings: Settings) -> str:
    return "" if settings.flower_read_only else "Flower may stop workers and start tasks"


def _embedded(settings: Settings) -> str:
    if not settings.embedded:
        return ""
    return "IORT_EMBEDDED is for ./iort up alone, and servers or visitors are on other machines"


RULES = (
    Rule("http", _http, "put a proxy with TLS before it and set the https address"),
    Rule(
        "secret_key",
        _secret_key,
        'make one: python3 -c "import secrets; print(secrets.token_hex(32))"',
    ),
    Rule("second_factor", _second_factor, f"name all: {list(get_args(Role))}".replace("'", '"')),
    Rule("proxies", _proxies, "name your proxy as the web server sees it, and nothing wider"),
    Rule(
        "database_clear",
        _database_clear,
        "add ?sslmode=verify-full&sslrootcert=/path/to/ca.crt to it",
    ),
    Rule("database_owner", _database_owner, "./iort database roles --sql prints what to run"),
    Rule(
        "broker_clear",
        _broker_clear,
        "use rediss://...?ssl_cert_reqs=required&ssl_ca_certs=/path/to/ca.crt",
    ),
    Rule("broker_password", _broker_password, "set one: redis://user:password@host:6379/0"),
    Rule(
        "store_clear", _store_clear, "use https; AWS_CA_BUNDLE names the file of a CA of your own"
    ),
    Rule("smtp_clear", _smtp_clear, "set IORT_SMTP_SECURITY to starttls or tls"),
    Rule("imap_clear", _imap_clear, "set IORT_IMAP_SECURITY to starttls or tls"),
    Rule("flower_password", _flower_password, "make a long random word"),
    Rule("flower_writes", _flower_writes, "set IORT_FLOWER_READ_ONLY=true"),
    Rule("embedded", _embedded, "leave IORT_EMBEDDED unset where you give servers by URL"),
)
NAMES = frozenset(rule.name for rule in RULES)


def is_asked(settings: Settings) -> bool:
    """Say whether this must be safe: not where all is embedded, on loopback."""
    places = [
        urlsplit(settings.database_url),
        *_broker_places(settings),
        urlsplit(settings.s3_endpoint_url or "https://s3.example"),
        urlsplit(settings.web_public_url),
        SplitResult("http", settings.web_host, "", "", ""),
    ]
    return not (settings.embedded and all(map(_is_here, places)))


def allowed(settings: Settings) -> frozenset[str]:
    """Return what `IORT_UNSAFE` names."""
    return frozenset(settings.unsafe.replace(",", " ").split())


def dangers(
    settings: Settings, *, needs: Collection[str] = NAMES, only: Collection[str] = NAMES
) -> Iterator[tuple[Rule, str]]:
    """Yield every rule that is broken, with what is wrong; also what `IORT_UNSAFE` allows.

    `needs`: secrets (by their rules' names) that must be there; one that this process is not given
    cannot be weak. `only`: the rules that are asked.
    """
    if not is_asked(settings):
        return
    absent = {
        name
        for name, value in (
            ("secret_key", _has_keys(settings)),
            ("flower_password", settings.flower_password.get_secret_value()),
        )
        if not value and name not in needs
    }
    for rule in RULES:
        if rule.name in only and rule.name not in absent and (found := rule.find(settings)):
            yield rule, found


def safe(
    settings: Settings, *, needs: Collection[str] = (), only: Collection[str] = NAMES
) -> Settings:
    """Return the settings, or end the process with `Unsafe` and a list of what is wrong.

    A name in `IORT_UNSAFE` that means nothing is refused too: it would allow nothing.
    """
    unknown = allowed(settings) - NAMES
    lines = [
        f"  {rule.name}: {found}\n    {rule.mend}"
        for rule, found in dangers(settings, needs=needs, only=only)
        if rule.name not in allowed(settings)
    ]
    if unknown:
        known = ", ".join(rule.name for rule in RULES)
        lines.append(f"  IORT_UNSAFE knows no {', '.join(sorted(unknown))}; there are {known}")
    if lines:
        raise Unsafe(
            "this does not start, it would be unsafe:\n"
            + "\n".join(lines)
            + "\nWhat you must do without for a while goes by name into IORT_UNSAFE, with commas."
        )
    return settings


def _weak(name: str, secret: SecretStr, shortest: int) -> str:
    """Say what is weak about a secret, never a part of it."""
    text = secret.get_secret_value()
    if len(text) < shortest:
        return f"{name} is " + (f"shorter than {shortest} characters" if text else "missing")
    steps = [ord(b) - ord(a) for a, b in pairwise(text)]
    in_a_row = sum(step in (-1, 0, 1) for step in steps) > len(steps) / 2
    repeats = (text + text).find(text, 1) < len(text)
    if repeats or in_a_row or len(set(text)) < _FEWEST_LETTERS:
        return f"{name} repeats itself, so it can be guessed"
    return f"{name} looks like a word of an example" if _GUESSED.search(text) else ""


def _is_here(url: SplitResult) -> bool:
    """Say whether an address leads to this machine, all of its hosts."""
    named = [value for key, value in parse_qsl(url.query) if key in ("host", "hostaddr")]
    hosts = [host for part in (url.netloc, *named) for host in _hosts(part)]
    return all(map(_is_loopback, hosts))


def _hosts(part: str) -> list[str]:
    return [one for one in part.rpartition("@")[2].split(",") if one]


def _is_loopback(host: str) -> bool:
    """Say whether a host, with or without a port, is this machine or a socket of it."""
    if host.startswith("/"):
        return True
    bare = host.partition("]")[0].lstrip("[") if "[" in host else host
    bare = bare if bare.count(":") != 1 else bare.partition(":")[0]
    try:
        return bare.lower() == "localhost" or ip_address(bare).is_loopback
    except ValueError:
        return False
