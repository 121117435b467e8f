"""The one place that reads the environment. Every value is explained in `.env.example`."""

import json
import os
from collections.abc import Collection, Mapping
from datetime import timedelta
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

Role = Literal["coordinator", "clinician", "lead", "analyst", "administrator"]
Network = IPv4Network | IPv6Network

PROJECT_ROOT = Path(__file__).resolve().parent


_PREFIX = "IORT_"


def from_files(names: Collection[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings whose values stand in files that the environment names.

    `IORT_<NAME>_FILE` names one; `IORT_SECRETS_FOLDER` a folder of files that are called as the
    settings are. A secret given so stands in no environment. A value of several is JSON, as in a
    variable. Raises ValueError for a file that cannot be read, and for a setting given twice.
    """
    found: dict[str, Any] = {}
    folder = environment.get(f"{_PREFIX}SECRETS_FOLDER")
    for name in names:
        variable = f"{_PREFIX}{name.upper()}"
        own = "" if f"{name}_file" in names else environment.get(f"{variable}_FILE", "")
        lying = Path(folder, name) if folder else None
        path = own or (lying if lying is not None and lying.exists() else "")
        if not path:
            continue
        if variable in environment:
            raise ValueError(f"{variable} is set, and given by a file too: keep one")
        try:
            text = Path(path).read_text(encoding="utf-8").strip("\r\n")
        except (OSError, UnicodeError) as error:
            raise ValueError(
                f"the file of {variable} cannot be read ({type(error).__name__}): name one that "
                "this user may read"
            ) from None
        if text:
            found[name] = json.loads(text) if text[0] in "{[" else text
    return found


class Settings(BaseSettings):
    """Configuration of every role (web, worker, relay, command line).

    Read from environment variables `IORT_<NAME>` and from `.env`; embedded mode writes the
    same names to `var/embedded.env`, so what runs embedded is configured like production.
    """

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_file=PROJECT_ROOT / ".env", extra="ignore", frozen=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take `IORT_<NAME>_FILE` for the file that holds a setting: before `.env`, after given."""
        named = InitSettingsSource(settings_cls, from_files(cls.model_fields, os.environ))
        return init_settings, env_settings, named, dotenv_settings

    embedded: bool = False
    """True when `./iort up` started the servers: allows rehearsal and moving the clock."""
    unsafe: str = ""
    """What production may do although it is unsafe, by the names of `safety.py`, with commas."""

    database_url: str = "postgresql+psycopg://iort@127.0.0.1:5432/iort"
    database_owner_url: str = ""
    """Who owns the tables, for migrations alone; empty: `database_url`."""
    database_listen_url: str = ""
    """Where the relay hears calls (LISTEN), if `database_url` leads through a pooler that would
    give its connection to others; empty: the same."""
    database_analyst_url: str = ""
    """Who answers analysts' questions, and reads no table; empty: `database_url`."""
    database_prepares: bool = True
    """False behind a pooler that knows no prepared statements (PgBouncer before 1.22)."""
    broker_url: str = "redis://127.0.0.1:6379/0"

    s3_endpoint_url: str | None = None
    s3_region: str = "us-east-1"
    s3_bucket: str = "iort-case-files"
    s3_access_key: str = ""
    s3_secret_key: SecretStr = SecretStr("")
    s3_versions_days: int = Field(default=14, ge=0, le=365)
    """How many days what was deleted or replaced in the bucket can be brought back; 0: as it is."""

    smtp_host: str = "127.0.0.1"
    smtp_port: int = 25
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_security: Literal["none", "starttls", "tls"] = "starttls"
    imap_host: str = "127.0.0.1"
    imap_port: int = 993
    imap_user: str = ""
    imap_password: SecretStr = SecretStr("")
    imap_security: Literal["none", "starttls", "tls"] = "tls"
    imap_folder: str = "INBOX"
    mail_poll: timedelta = timedelta(seconds=30)
    mail_from: str = "cases@coordination.example"
    """Our mailbox; the reply token goes into its local part: cases+<token>@domain."""
    mail_sender_name: str = "IORT case coordination"
    mail_authserv_id: str = ""
    """Names of our mail servers in Authentication-Results, with spaces between them."""
    mail_dns: Literal["none", "system"] = "none"
    """Who is asked for the keys of signatures: nobody, or the resolvers of this machine."""
    mail_arc_sealers: str = ""
    """Domains of forwarders whose word on a letter's origin counts, with spaces between them."""
    dkim_selector: str = ""
    """Under which name the key of our signatures is published; empty: letters are not signed."""
    dkim_domain: str = ""
    """The domain that signs; empty: that of `mail_from`."""
    dkim_key: SecretStr = SecretStr("")
    """The private key (PEM: RSA from 2048 bits, or Ed25519), or `dkim_key_file` where it stands."""
    dkim_key_file: str = ""
    mail_return_paths: bool = True
    """Each letter leaves with a return path of its own: cases+b<letter>.<proof>@domain."""

    secret_keys_file: str = ""
    """A file with the ring of secret keys, one `id:secret` a line, the signing one first."""
    secret_keys: SecretStr = SecretStr("")
    """The same as a setting, with commas between the keys; read once."""
    secret_key: SecretStr = SecretStr("")
    """A single key of at least 32 random characters; beside a ring it opens what it made before."""
    webhook_secrets: dict[str, SecretStr] = Field(default_factory=dict)
    """Inbound webhook secrets by source name: {"partner": "whsec_..."}."""

    backup_passphrase: SecretStr = SecretStr("")
    """Seals backups; at least 16 characters. Or `backup_key_file`, a file that holds it."""
    backup_key_file: str = ""

    metrics_token: SecretStr = SecretStr("")
    """Whoever brings it as a bearer token reads `/metrics`; empty: nobody does."""

    web_host: str = "127.0.0.1"
    web_port: int = 8000
    web_public_url: str = "http://127.0.0.1:8000"
    trusted_proxies: str = ""
    """Addresses and networks whose X-Forwarded-For is believed, with spaces; nobody else's is."""
    flower_port: int = 5555
    flower_user: str = "flower"
    flower_password: SecretStr = SecretStr("")
    flower_read_only: bool = True
    flower_public_url: str = ""
    """Where coordinators open Flower; empty: the port above on this machine."""

    require_second_factor: list[Role] = Field(default_factory=list)
    """Roles that reach nothing before they have a second factor."""
    step_up_minutes: int = Field(default=10, ge=0, le=720)
    """Signatures and letters that may harm ask for a factor shown in so many minutes; 0: never."""
    openid_issuer: str = ""
    """The organisation's OpenID Connect provider; empty: passwords only."""
    openid_client_id: str = ""
    openid_client_secret: SecretStr = SecretStr("")
    openid_name: str = "your organisation"
    """What stands on the button: Sign in with ..."""
    openid_role_claim: str = ""
    """The claim that decides the role at every sign-in; empty: roles are kept here."""
    openid_roles: dict[str, Role] = Field(default_factory=dict)
    """What the claim's values mean: {"iort-coordinators": "coordinator"}."""
    hook_calls_per_minute: int = 120
    """Webhooks of one source, or of one address that names no known source."""
    hook_silent_days: float = 3
    """A partner that took nothing for so many days is switched off, and a person is told."""
    hospital_letters_per_hour: int = Field(default=30, ge=0)
    """Letters to one hospital; the rest waits. 0: any number, as where a rehearsal sets none."""
    hospital_letters_per_day: int = Field(default=150, ge=0)
    ecb_rates: bool = False
    """Whether the European Central Bank's daily rates are fetched; people write others down."""
    ecb_rates_url: str = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml"
    hospital_hours: bool = True
    """Whether letters that are not urgent leave in their hospital's working hours only."""
    partner_inquiries_per_hour: int = Field(default=60, ge=0)
    """Inquiries of one partner that are opened; the rest waits. 0: any number, as above."""
    partner_inquiries_per_day: int = Field(default=400, ge=0)
    portal_inquiries_per_hour: int = 60
    """New inquiries from one address."""

    playbooks_dir: Path = PROJECT_ROOT / "playbooks"

    coordinator_time_zone: str = "Asia/Kolkata"
    contact_name: str = "The coordination team"
    """How our letters are signed, with the telephone and hours below."""
    contact_phone: str = "+00 000 000 0000"
    contact_hours: str = "Mon-Sat 09:00-18:00 IST"
    on_call_address: str = ""
    """Who hears of an alarm that nobody took within fifteen minutes, beside the whole team."""
    late_roles: list[Role] = ["coordinator", "clinician", "lead", "administrator"]
    """Who is written to about what is late, each about their own; empty: nobody is."""
    late_gather: timedelta = Field(default=timedelta(hours=1), ge=timedelta(minutes=1))
    """So far apart two letters to one person are at least, whatever becomes late meanwhile."""
    late_again: timedelta = Field(default=timedelta(days=1), ge=timedelta(hours=1))
    """How often what stays late is told again."""
    late_escalate: timedelta = Field(default=timedelta(hours=4), ge=timedelta(0))
    """Leads hear of other people's things that nobody has seen to for so long."""
    late_limited: timedelta = Field(default=timedelta(days=1), ge=timedelta(minutes=1))
    """What was ready so long ago and waits for the limit of a hospital or partner is late."""
    letters_gather: timedelta = timedelta(minutes=2)
    """How long a letter to a family that can wait is kept for others that follow it; 0 for none."""
    portal_link_days: int = Field(default=14, ge=1, le=90)
    """How many days a link to a patient's page opens it, unless it is revoked before."""
    desk_link_days: int = Field(default=30, ge=1, le=90)
    """How many days a hospital's link to its desk works after the last letter that brought it."""
    desk_country_header: str = ""
    """The header in which a trusted proxy says from which country a visitor comes (two letters)."""
    portal_acts_minutes: int = Field(default=30, ge=5, le=240)
    """How many minutes a browser may act on a patient's page after its last step there."""

    step_lease: timedelta = timedelta(seconds=60)
    """How long a worker may be silent before another takes its row over."""
    step_max_attempts: int = 5
    hung_after: timedelta = timedelta(minutes=15)
    """A worker that does not get on with a step for so long ends itself; its row is taken over."""
    peer_patience: timedelta = timedelta(days=2)
    """How long a step waits for a server that is away, before a person is asked to do it."""
    ring_batch: int = 100
    """Rows of one step that a ring may drain."""
    ring_slice: timedelta = timedelta(seconds=2)
    relay_interval: timedelta = timedelta(seconds=2.5)
    """So long the relay sleeps at most: it wakes when a row is due, or when it is called. What is
    longer counts as `workflows.engine.leading.ASLEEP_AT_MOST`."""
    relay_ring_again: timedelta = timedelta(seconds=5)

    document_max_bytes: int = 300 * 1024 * 1024
    document_max_pages: int = 500
    sending_max_files: int = 200
    reader_memory_bytes: int = 1024 * 1024 * 1024
    reader_page_seconds: float = 20.0
    reader_total_seconds: float = 240.0
    reader_more_seconds: float = 15.0
    """For each page that was read, beside the total: a long file may take as long as it is."""
    reader_pages_at_once: int = Field(default=0, ge=0, le=64)
    """Pages that one worker reads at the same time; 0: as many as it may use processors."""
    reader_socket: str = ""
    """Where another process reads files (`adapters/sandbox/house.py`); empty: children of ours."""
    ocr_languages: str = "eng"
    clamd: str = ""
    """The virus scanner: "host:port" or the path of its socket; empty: nothing is scanned."""

    traces_url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    """The collector that spans are sent to, by OTLP over HTTP; empty: none are made."""
    traces_share: float = Field(default=1.0, ge=0.0, le=1.0)
    """How many of the traces are made."""

    @field_validator("trusted_proxies")
    @classmethod
    def _names_proxies(cls, value: str) -> str:
        for word in value.split():
            try:
                ip_network(word)
            except ValueError:
                raise ValueError(
                    f"{word[:60]} is neither an address nor a network such as 10.1.2.0/24; put "
                    "spaces between several, and name the proxies alone: everybody is no proxy"
                ) from None
        return value

    @property
    def proxies(self) -> tuple[Network, ...]:
        """Whose word on a visitor's address counts; in embedded mode nobody's."""
        if self.embedded:
            return ()
        return tuple(ip_network(word) for word in self.trusted_proxies.split())

    @property
    def pages_at_once(self) -> int:
        """How many pages one worker reads at the same time."""
        allowed = getattr(os, "sched_getaffinity", None)
        processors = len(allowed(0)) if allowed else os.cpu_count() or 1
        return self.reader_pages_at_once or processors

    @property
    def own_mail_servers(self) -> tuple[str, ...]:
        """The servers whose word on a letter's origin counts; none where nobody said which."""
        return tuple(self.mail_authserv_id.lower().split())

    @property
    def origins_are_checked(self) -> bool:
        """Whether anything can be known of where a letter is from."""
        return bool(self.own_mail_servers) or self.mail_dns != "none"


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Return the process's settings, read once."""
    return Settings()
