"""THE table of the application's processes; the supervisor and `docker-compose.yml` use it.

A command is what follows `python`. Secrets are never on it: processes read their settings.
"""

from dataclasses import dataclass

from settings import Settings
from tasks.queues import QUEUES, THREADS, WORKER_GROUPS

RUNS = ("broker_url", "database_url", "secret_key")
"""What works on cases needs: rings, rows, and the key that signs and seals."""
STORE = ("s3_access_key", "s3_secret_key")
OF_PEER = {"store": STORE, "smtp": ("smtp_password",), "imap": ("imap_password",)}
"""What is needed to reach a peer that steps name (`needs` of `workflows.engine.work.Step`)."""
KEEPS_CRITERIA = "suitability"
"""The queue whose cheap steps keep criteria in the store."""
WEB = ("database_analyst_url", "metrics_token", "openid_client_secret", "webhook_secrets")
_OWNER = ("database_analyst_url", "database_owner_url", "database_url", "secret_key")
"""Who migrates also gives the others' logins their passwords, and seals what is there."""

HEART_BEATS_EVERY = 10
"""Seconds between two events by which Flower knows that a worker lives (Celery's own: 2)."""
ANY_ADDRESS = "0.0.0.0"  # noqa: S104 - inside a container, whose ports compose publishes


@dataclass(frozen=True, slots=True)
class Process:
    """One process of the application: its name, its command and what it needs besides."""

    name: str
    command: tuple[str, ...]
    http_port: int | None = None
    """Ready when this port answers; else when the process writes its ready file."""
    health_path: str = "/"
    stop_seconds: float = 20.0
    """How long it may finish what it is doing before it is ended by force."""
    needs: tuple[str, ...] = ()
    """The settings with a secret that it reads, besides those that its steps need."""
    queues: tuple[str, ...] = ()
    """The queues that a worker serves."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """The settings with a secret that it reads: in `docker-compose.yml` it is given no other.

        The steps are loaded here alone: they bring nearly everything along.
        """
        from workflows.steps import STEPS

        peers = {
            peer for step in STEPS.values() if step.queue in self.queues for peer in step.needs
        }
        peers |= {"store"} if KEEPS_CRITERIA in self.queues else set()
        return tuple(sorted({*self.needs, *(name for peer in peers for name in OF_PEER[peer])}))


def worker(name: str, queues: tuple[str, ...]) -> Process:
    """Return a Celery worker for some queues.

    One row at a time in the worker's own process (`solo`): parallel work is more workers, and a
    row that kills its worker takes no neighbour with it. Where steps wait for other processes or
    computers (`THREADS`), they wait side by side, and after a death one by one
    (`workflows/engine/side_by_side.py`). Gossip and mingle carry nothing we use.
    """
    threads = max(THREADS.get(queue, 0) for queue in queues)
    pool = ("threads", "--concurrency", str(threads)) if threads else ("solo",)
    command = (
        "-m", "celery", "-A", "tasks.app", "worker", "-Q", ",".join(queues), "-n", f"{name}@%h",
        "--pool", *pool, "--without-gossip", "--without-mingle",
        "--heartbeat-interval", str(HEART_BEATS_EVERY), "-l", "warning",
    )  # fmt: skip
    return Process(f"worker-{name}", command, needs=RUNS, queues=queues)


def relay() -> Process:
    """Return the relay, which rings for due rows and keeps the clock."""
    # It listens to the mailbox, and to the database.
    needs = (*RUNS, *OF_PEER["imap"], "database_listen_url")
    return Process("relay", ("-m", "tasks.relay"), needs=needs)


def web(host: str, port: int) -> Process:
    """Return the web server."""
    command = ("-m", "web.server", "--host", host, "--port", str(port))
    needs = (*RUNS, *STORE, *WEB)
    return Process("web", command, http_port=port, health_path="/health", needs=needs)


def flower(host: str, port: int, folder: str, *, read_only: bool = True) -> Process:
    """Return Flower, with bounded memory; user and password come from the settings."""
    command = (
        "-m", "tasks.flower_server", f"--address={host}", f"--port={port}",
        "--persistent=True", f"--db={folder}/flower.db", "--state_save_interval=60000",
        "--max_tasks=10000", "--max_workers=200", "--purge_offline_workers=60",
        f"--read_only={read_only}", "--logging=warning",
    )  # fmt: skip
    needs = ("broker_url", "flower_password")
    return Process("flower", command, http_port=port, health_path="/healthcheck", needs=needs)


def reader(socket: str) -> Process:
    """Return the process that reads strangers' files for the others; it knows no secret."""
    return Process("reader", ("-m", "adapters.sandbox.house", socket))


def migrate() -> Process:
    """Return the job that brings the database to the newest schema and ends."""
    return Process("migrate", ("-m", "alembic", "upgrade", "head"), needs=_OWNER)


def on_one_machine(settings: Settings, folder: str) -> list[Process]:
    """Return every process that `./iort up` starts, in the order of starting."""
    watch = flower("127.0.0.1", settings.flower_port, folder, read_only=settings.flower_read_only)
    return [
        *(worker(name, queues) for name, queues in WORKER_GROUPS.items()),
        relay(),
        web(settings.web_host, settings.web_port),
        watch,
    ]


def in_containers(
    host: str = ANY_ADDRESS,
    web_port: int = 8000,
    flower_port: int = 5555,
    folder: str = "/data",
    socket: str = "/reader/socket",
) -> list[Process]:
    """Return every process of `docker-compose.yml`: one worker for each queue."""
    return [
        *(worker(queue, (queue,)) for queue in QUEUES),
        relay(),
        reader(socket),
        web(host, web_port),
        flower(host, flower_port, folder),
        migrate(),
    ]
