"""Asks each outside component for an answer, as `iort doctor` shows it.

Every function returns what the component says of itself (its version, where it tells one) or
raises `Unwell` with a short reason. No function waits longer than a few seconds.
"""

import base64
import http.client
import imaplib
import os
import smtplib
import ssl
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import redis
from redis.sentinel import Sentinel
from sqlalchemy.engine import make_url

from adapters.broker_address import Sentinels
from adapters.reader import ReaderLimits, SandboxedReader, find_tesseract
from adapters.sandbox import landlock, walls
from adapters.sandbox.parser import ROOT, Sandbox
from adapters.storage import S3Storage, StorageError
from adapters.traces import MISSING, SPANS, can_be_made
from settings import Settings

_SECONDS = 5.0
_QUICK_SECONDS = 2.0


class Unwell(Exception):
    """The component does not answer as it should; the text says how, without secrets."""


def postgresql(settings: Settings) -> str:
    """Ask PostgreSQL; 16 or newer is needed."""
    url = make_url(settings.database_url).set(drivername="postgresql")
    address = url.render_as_string(hide_password=False)
    try:
        with psycopg.connect(address, connect_timeout=int(_SECONDS)) as connection:
            version = connection.info.server_version
            encrypted = bool(connection.pgconn.ssl_in_use)
    except psycopg.Error as error:
        raise Unwell(_first_line(error)) from None
    if version < 160_000:
        raise Unwell(f"PostgreSQL {version // 10_000} is older than 16")
    return _with_encryption(f"PostgreSQL {_postgres_version(version)}", encrypted)


def _postgres_version(number: int) -> str:
    return f"{number // 10_000}.{number % 10_000}"


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _with_encryption(text: str, encrypted: bool) -> str:
    return f"{text}, encrypted" if encrypted else text


def broker(settings: Settings) -> str:
    """Ask Valkey or Redis; it must refuse rather than throw away when its memory is full."""
    client, through = _broker_client(settings, _SECONDS), _sentinels(settings)
    try:
        info = cast(dict[str, str], client.info())
        rights = "" if _is_limited(client) else ", whose user may do everything"
    except redis.RedisError as error:
        raise Unwell(type(error).__name__) from None
    finally:
        client.close()
    policy = info.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        raise Unwell(f"maxmemory-policy is {policy}, it must be noeviction")
    name = "Valkey" if "valkey_version" in info else "Redis"
    version = info.get("valkey_version", info["redis_version"])
    encrypted = "rediss://" in settings.broker_url or "ssl_ca_certs" in settings.broker_url
    return _with_encryption(f"{name} {version}{rights}{through}", encrypted)


def _broker_client(settings: Settings, seconds: float) -> redis.Redis:
    limits: dict[str, Any] = {"socket_timeout": seconds, "socket_connect_timeout": seconds}
    sentinels = Sentinels.of(settings.broker_url)
    if sentinels is None:
        return redis.Redis.from_url(settings.broker_url, **limits)
    asked: Any = _asking(sentinels.places, sentinels.asking(seconds))
    who = {"username": sentinels.user, "password": sentinels.password, "db": sentinels.database}
    tls = {"ssl": True, **sentinels.tls} if sentinels.tls else {}
    client: redis.Redis = asked.master_for(sentinels.master, redis.Redis, **who, **limits, **tls)
    return client


def _asking(places: Sequence[tuple[str, int]], how: Mapping[str, Any]) -> Any:
    return Sentinel(places, sentinel_kwargs=how)  # type: ignore[no-untyped-call]


def _sentinels(settings: Settings) -> str:
    """Ask each sentinel which server leads; say how many know. Raises `Unwell` where too few do."""
    sentinels = Sentinels.of(settings.broker_url)
    if sentinels is None:
        return ""
    known = 0
    for place in sentinels.places:
        one = _asking([place], sentinels.asking(_QUICK_SECONDS))
        with suppress(redis.RedisError):
            known += bool(one.discover_master(sentinels.master))
    told = f"{known} of {len(sentinels.places)} sentinels know {sentinels.master}"
    if known <= len(sentinels.places) // 2:
        raise Unwell(f"{told}: too few to name another when it is lost")
    return f", {told}"


def _is_limited(client: redis.Redis) -> bool:
    """Say whether our user may not even ask what it would be let delete."""
    try:
        user = client.acl_whoami()
        client.execute_command("ACL", "DRYRUN", user, "FLUSHALL")  # type: ignore[no-untyped-call]
    except redis.ResponseError:
        return True
    return False


def broker_answers(settings: Settings) -> None:
    """Ask the broker for a sign of life and nothing more; raise `Unwell`."""
    client = _broker_client(settings, _QUICK_SECONDS)
    try:
        client.ping()
    except (redis.RedisError, ValueError):
        raise Unwell("does not answer") from None
    finally:
        client.close()


def _store(settings: Settings) -> S3Storage:
    return S3Storage(
        bucket=settings.s3_bucket,
        endpoint_url=settings.s3_endpoint_url,
        region=settings.s3_region,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key.get_secret_value(),
    )


def object_storage(settings: Settings) -> str:
    """Write, read and delete a small object."""
    storage = _store(settings)
    key = f"doctor/{uuid4().hex}"
    try:
        storage.put(key, key.encode(), "text/plain")
        if storage.get(key) != key.encode():
            raise Unwell("an object came back changed")
        storage.delete(key)
    except StorageError as error:
        raise Unwell(error.code) from None
    return f"bucket {settings.s3_bucket}: put, get and delete work"


def storage_versions(settings: Settings) -> str:
    """Say for how long what is deleted or replaced in the bucket can be brought back."""
    if not settings.s3_versions_days:
        return "left to the bucket's own rules (IORT_S3_VERSIONS_DAYS is 0)"
    try:
        with _store(settings).kept() as kept:
            standing = kept.standing()
    except StorageError as error:
        raise Unwell(error.code) from None
    if not standing.versions:
        raise Unwell(
            "the bucket keeps no older versions: what is deleted there is gone"
            " (a step asks the store for it within seconds of a first start)"
        )
    by = "its own rule" if standing.days else "our daily step alone, the bucket has no rule for it"
    return f"older versions stay {standing.days or settings.s3_versions_days} days, by {by}"


def smtp(settings: Settings) -> str:
    """Connect and log in, without sending anything."""
    context = ssl.create_default_context()
    try:
        client: smtplib.SMTP
        if settings.smtp_security == "tls":
            client = smtplib.SMTP_SSL(
                settings.smtp_host, settings.smtp_port, timeout=_SECONDS, context=context
            )
        else:
            client = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=_SECONDS)
        with client:
            client.ehlo()
            if settings.smtp_security == "starttls":
                client.starttls(context=context)
                client.ehlo()
            if settings.smtp_user:
                client.login(settings.smtp_user, settings.smtp_password.get_secret_value())
            client.noop()
    except smtplib.SMTPResponseException as error:
        raise Unwell(f"answers {error.smtp_code}") from None
    except (smtplib.SMTPException, OSError) as error:
        raise Unwell(type(error).__name__) from None
    return _with_encryption(
        f"{settings.smtp_host}:{settings.smtp_port} accepts us", settings.smtp_security != "none"
    )


def imap(settings: Settings) -> str:
    """Connect, log in and open the folder read-only."""
    context = ssl.create_default_context()
    try:
        box: imaplib.IMAP4
        if settings.imap_security == "tls":
            box = imaplib.IMAP4_SSL(
                settings.imap_host, settings.imap_port, ssl_context=context, timeout=_SECONDS
            )
        else:
            box = imaplib.IMAP4(settings.imap_host, settings.imap_port, timeout=_SECONDS)
        with box:
            if settings.imap_security == "starttls":
                box.starttls(context)
            box.login(settings.imap_user, settings.imap_password.get_secret_value())
            status, _ = box.select(settings.imap_folder, readonly=True)
    except imaplib.IMAP4.error:
        raise Unwell("refuses the login") from None
    except OSError as error:
        raise Unwell(type(error).__name__) from None
    if status != "OK":
        raise Unwell(f"has no folder {settings.imap_folder}")
    return _with_encryption(
        f"{settings.imap_host}:{settings.imap_port}, folder {settings.imap_folder}",
        settings.imap_security != "none",
    )


def http_server(url: str, user: str = "", password: str = "") -> str:
    """Ask a web server for `url`; any answer below 400 is good."""
    parts = urlsplit(url)
    make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = make(parts.hostname or "", parts.port, timeout=_SECONDS)
    headers = {}
    if user:
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        headers["Authorization"] = f"Basic {token}"
    try:
        connection.request("GET", parts.path or "/", headers=headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise Unwell(type(error).__name__) from None
    finally:
        connection.close()
    if status >= 400:
        raise Unwell(f"answers {status}")
    return f"{parts.scheme}://{parts.netloc}"


def traces(settings: Settings) -> str:
    """Say whether spans are sent, and hand the collector an empty batch where they are."""
    if not settings.traces_url:
        return "off: IORT_TRACES_URL is empty"
    if not can_be_made():
        raise Unwell(MISSING)
    parts = urlsplit(settings.traces_url)
    make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    try:
        connection = make(parts.hostname or "", parts.port, timeout=_SECONDS)
        with closing(connection):
            connection.request("POST", parts.path or "/", b"", {"Content-Type": SPANS})
            status = connection.getresponse().status
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise Unwell(f"on, and the collector does not answer: {type(error).__name__}") from None
    if status >= 400:
        raise Unwell(f"on, and the collector answers {status}")
    some = "all" if settings.traces_share >= 1 else f"{settings.traces_share:.2%}"
    return f"on: {some} of the traces go to {parts.hostname}"


def ocr(settings: Settings) -> str:
    """Run Tesseract's version command and compare its languages."""
    engine = find_tesseract(settings.ocr_languages)
    if engine is None:
        raise Unwell("no Tesseract was found")
    missing = set(settings.ocr_languages.split("+")) - set(engine.languages.split("+"))
    if missing:
        raise Unwell(f"no language data for {', '.join(sorted(missing))}")
    done = subprocess.run(
        [engine.command, "--version"],
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
        env={"PATH": os.environ.get("PATH", os.defpath)},
    )
    words = (done.stdout or done.stderr).split()
    if done.returncode != 0 or len(words) < 2:
        raise Unwell("Tesseract does not run")
    return f"Tesseract {words[1].removeprefix('v')} ({engine.languages})"


def sandbox(reader_sandbox: Sandbox, languages: str) -> str:
    """Read a scan of one line where strangers' files are read; say which walls stand there."""
    sample = (ROOT / "adapters" / "reader" / "sample.png").read_bytes()
    reader = SandboxedReader(ReaderLimits(), ocr_languages=languages, sandbox=reader_sandbox)
    document = reader.read(sample)
    if not any("read" in page.text for page in document.pages):
        raise Unwell(f"a scan of one line was not read in it ({document.status})")
    if document.walls == walls.NAMESPACES:
        return "no network, no other process, no file but our code; calls filtered"
    if document.walls == walls.FILTER and landlock.version() >= landlock.SIGNALS_SINCE:
        return (
            "no user namespaces here: sockets, files and signals are refused (seccomp, Landlock); "
            "memory and processes are limited one by one, not together"
        )
    raise Unwell(f"strangers' files are read behind {document.walls} alone")
