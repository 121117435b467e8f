"""Everything a step may use, wired once per process: database, adapters, clock and playbooks."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cached_property, lru_cache
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from adapters.clock import Clock
from adapters.mail_in import ImapMailIn, MailIn
from adapters.mail_out import MailOut, SmtpMailOut
from adapters.names import DnsNames, NameLookup
from adapters.partner_store import PartnerStore
from adapters.pictures.asking import Pictures
from adapters.reader import DocumentReader, ReaderLimits, SandboxedReader
from adapters.reader.places import Places
from adapters.redaction.asking import Redactor
from adapters.sandbox.elsewhere import sandbox_at
from adapters.sandbox.hiding import hide
from adapters.sandbox.parser import Sandbox
from adapters.scan import VirusScan, scanner_at
from adapters.sealed_storage import SealedStorage
from adapters.signed_mail import SignedMailOut
from adapters.storage import ObjectStorage, S3Storage
from adapters.traces import Traces, traces_for
from correspondence.signatures.signing import KeyNotFit, Signer
from keys import Keychain, Ring
from keys.ring_file import RingSource
from models.database import make_engine, transaction
from models.house_key import marks_key
from models.key_store import KeyStore, attach, store_of
from models.object_keys import ObjectKeys
from models.role_checks import not_as_owner
from settings import Settings
from workflows.engine.business_clock import ShiftedClock
from workflows.engine.cache import PartsCache, RowsCache, StateCache
from workflows.engine.calendars import OfficeCalendar
from workflows.engine.criteria_archive import CriteriaArchive
from workflows.engine.doorbell import Doorbell, SilentDoorbell
from workflows.engine.playbooks import Playbooks, playbooks_of
from workflows.process import Process

_ONE_CLIENT = threading.Lock()
"""Clients of the store may be used by several threads, but not made by several at once."""


@lru_cache(maxsize=4)
def process_of(folder: Path, time_zone: str) -> Process:
    """Return vocabulary, state machine and THE table of a folder, one object per process."""
    return Process.load(folder, OfficeCalendar(time_zone))


def signer_of(settings: Settings) -> Signer | None:
    """Return who signs our letters; None where no selector is set.

    Raises `KeyNotFit`: a letter does not leave unsigned because its key cannot be read.
    """
    if not settings.dkim_selector:
        return None
    pem = settings.dkim_key.get_secret_value().encode()
    try:
        pem = pem or (Path(settings.dkim_key_file).read_bytes() if settings.dkim_key_file else b"")
    except OSError as error:
        raise KeyNotFit(f"IORT_DKIM_KEY_FILE cannot be read ({type(error).__name__})") from None
    domain = settings.dkim_domain or settings.mail_from.rpartition("@")[2]
    return Signer.of(domain, settings.dkim_selector, pem)


class World:
    """One process's view of the outside. Parts are made on first use and may be replaced in tests.

    `doorbell` is silent until a process that may publish sets its own.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        engine: Engine | None = None,
        clock: Clock | None = None,
        doorbell: Doorbell | None = None,
    ) -> None:
        hide()  # whoever works in a world holds its secrets
        self.settings = settings
        self.engine = engine or make_engine(settings)
        if engine is not None:
            attach(engine, KeyStore(RingSource(settings), lambda: transaction(engine)))
        # Where a clock is moved, every process must see it soon.
        self.time = ShiftedClock(self.engine, refresh=0.2 if settings.embedded else 2.0)
        self.clock: Clock = clock or self.time
        self.doorbell: Doorbell = doorbell or SilentDoorbell()
        self._places = Places(settings.pages_at_once)

    @cached_property
    def traces(self) -> Traces:
        """The spans of this process; none where no collector is named."""
        return traces_for(self.settings.traces_url, self.settings.traces_share)

    def not_as_owner(self) -> None:
        """End the process where it could rewrite history, and nobody allowed it."""
        not_as_owner(self.engine, self.settings)

    @cached_property
    def analyst_engine(self) -> Engine:
        """The database as analysts see it: the views of the schema `analytics`, and no table."""
        url = self.settings.database_analyst_url
        if not url:
            return self.engine
        return make_engine(self.settings.model_copy(update={"database_url": url}))

    @cached_property
    def playbooks(self) -> Playbooks:
        """The knowledge as data, loaded and checked on first use."""
        return playbooks_of(self.settings.playbooks_dir)

    @cached_property
    def process(self) -> Process:
        """Vocabulary, state machine and THE table, with working-time deadlines."""
        return process_of(self.settings.playbooks_dir, self.settings.coordinator_time_zone)

    def load_playbooks(self, letters: Iterable[str] = ()) -> None:
        """Read all rules and knowledge now: a process does not start with a file it must refuse.

        `letters` are codes that steps send beside those of the table. Raises what
        `workflows.engine.playbooks.Playbooks.load` and `Process.load` raise.
        """
        self.playbooks.load((*self.process.letters, *letters))

    @cached_property
    def parts_cache(self) -> PartsCache:
        """Counts and first rows of parts of the lists, kept while nothing in a part changes."""
        return PartsCache()

    @cached_property
    def rows_cache(self) -> RowsCache:
        """Rows that lists show, kept while nothing in their part changes."""
        return RowsCache()

    @cached_property
    def cache(self) -> StateCache:
        """Counts and chosen rows of the lists, for as long as nothing in the lists changes."""
        return StateCache()

    @cached_property
    def storage(self) -> ObjectStorage:
        """The store of originals, texts and raw mail, each sealed with its case's key."""
        return SealedStorage(self.bucket, self.object_keys)

    @contextmanager
    def working_in(self, session: Session) -> Iterator[None]:
        """Have keys be read and made in this session: what it did is not committed yet."""
        store = KeyStore(RingSource(self.settings), lambda: nullcontext(session))
        attach(session.get_bind().engine, store)
        before = self.object_keys, self.storage
        self.object_keys = ObjectKeys(store)
        self.storage = SealedStorage(self.bucket, self.object_keys)
        try:
            yield
        finally:
            self.object_keys, self.storage = before

    @cached_property
    def object_keys(self) -> ObjectKeys:
        """Whose key opens which object."""
        return ObjectKeys(store_of(self.engine.dialect))

    @cached_property
    def bucket(self) -> S3Storage:
        """The S3-compatible store, with what lies there as it lies there."""
        settings = self.settings
        with _ONE_CLIENT:
            bucket = S3Storage(
                bucket=settings.s3_bucket,
                endpoint_url=settings.s3_endpoint_url,
                region=settings.s3_region,
                access_key=settings.s3_access_key,
                secret_key=settings.s3_secret_key.get_secret_value(),
            )
        return self.traces.around("store", bucket)

    @cached_property
    def partner_store(self) -> PartnerStore:
        """The buckets of partners on our store, to read what they put there."""
        settings = self.settings
        store = PartnerStore(
            endpoint_url=settings.s3_endpoint_url,
            region=settings.s3_region,
            access_key=settings.s3_access_key,
            secret_key=settings.s3_secret_key.get_secret_value(),
        )
        return self.traces.around("partner store", store)

    @cached_property
    def criteria_archive(self) -> CriteriaArchive:
        """The texts of criteria sets that results were made with."""
        return CriteriaArchive(self.storage)

    @cached_property
    def reader(self) -> DocumentReader:
        """Reads document bytes in the sandbox."""
        reader = SandboxedReader(
            ReaderLimits.from_settings(self.settings),
            ocr_languages=self.settings.ocr_languages,
            sandbox=self.sandbox,
            places=self._places,
        )
        return self.traces.around("sandbox", reader)

    @cached_property
    def pictures(self) -> Pictures:
        """Draws pages and looks at photos in the sandbox."""
        return Pictures(self.sandbox)

    @cached_property
    def redactor(self) -> Redactor:
        """Finds what names somebody on pages, and draws them without it, in the sandbox."""
        return Redactor(
            self.sandbox, ocr_languages=self.settings.ocr_languages, places=self._places
        )

    @cached_property
    def sandbox(self) -> Sandbox:
        """Starts the processes that parse what strangers sent."""
        return sandbox_at(self.settings.reader_socket)

    @cached_property
    def scan(self) -> VirusScan:
        """The virus scan; off by default. Raises ValueError for an address that is none."""
        scanner = scanner_at(self.settings.clamd)
        return self.traces.around("clamd", scanner) if self.settings.clamd else scanner

    @cached_property
    def names(self) -> NameLookup | None:
        """Who answers what domains publish; None where nobody is asked."""
        known = self.settings.mail_dns == "system"
        return self.traces.around("dns", DnsNames()) if known else None

    @cached_property
    def mail_out(self) -> MailOut:
        """The site's mail relay; what leaves is signed where a key is set."""
        settings = self.settings
        relay = SmtpMailOut(
            host=settings.smtp_host,
            port=settings.smtp_port,
            user=settings.smtp_user,
            password=settings.smtp_password.get_secret_value(),
            security=settings.smtp_security,
        )
        signer = signer_of(settings)
        out: MailOut = SignedMailOut(relay, signer) if signer is not None else relay
        return self.traces.around("smtp", out)

    def open_mailbox(self) -> MailIn:
        """Open the mailbox; every poll has its own connection, closed with `close()`."""
        return self.open_mail_folder(self.settings.imap_folder)

    def open_mail_folder(self, name: str) -> MailIn:
        """Open a folder of the mail server, over a connection of its own, closed with `close()`."""
        settings = self.settings
        mailbox: MailIn = ImapMailIn(
            host=settings.imap_host,
            port=settings.imap_port,
            user=settings.imap_user,
            password=settings.imap_password.get_secret_value(),
            security=settings.imap_security,
            folder=name,
        )
        return self.traces.around("imap", mailbox)

    @cached_property
    def keys(self) -> Keychain:
        """What is signed, sealed and marked with; using it without a ring raises `RingRefused`."""
        return Keychain(RingSource(self.settings), self._marks_key)

    def _marks_key(self, ring: Ring) -> bytes:
        with transaction(self.engine) as session:
            return marks_key(session, ring)
