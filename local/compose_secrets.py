"""Writes the secrets of `docker-compose.yml`: `python3 local/compose_secrets.py secrets`.

One file each; what is there stays as it is. Needs Python alone. The folder is for its owner only.
The files in it can be read by every user, because a container's user has another number than yours:
keep the folder shut.
"""

import secrets
import sys
from pathlib import Path

MADE = ("postgres", "application", "analyst", "valkey", "mail", "flower_password", "secret_key")
"""Random words: passwords of logins, and the key that signs."""
EMPTY = ("webhook_secrets", "metrics_token", "openid_client_secret", "database_listen_url")
"""What nobody needs at first: fill in when partners, Prometheus or your accounts come."""

JWT = (
    "WEED_JWT_SIGNING_KEY",
    "WEED_JWT_SIGNING_READ_KEY",
    "WEED_JWT_FILER_SIGNING_KEY",
    "WEED_JWT_FILER_SIGNING_READ_KEY",
)


def contents(folder: Path) -> dict[str, str]:
    """Return what each file is to hold; random parts that are there already stay."""

    def made(name: str) -> str:
        path = folder / name
        return path.read_text(encoding="ascii").strip() if path.exists() else secrets.token_hex(32)

    word = {name: made(name) for name in MADE}
    access, key = made("s3_access_key"), made("s3_secret_key")
    database = "postgresql+psycopg://{}:{}@postgres:5432/iort"
    store = {"AWS_ACCESS_KEY_ID": access, "AWS_SECRET_ACCESS_KEY": key}
    # Without these keys the filer takes anybody's PUT.
    for number, name in enumerate(JWT, 1):
        store[name] = f"{key}-{number}"
    return {
        **word,
        "s3_access_key": access,
        "s3_secret_key": key,
        "database_url": database.format("iort_app", word["application"]),
        "database_analyst_url": database.format("iort_analysis", word["analyst"]),
        "database_owner_url": database.format("iort", word["postgres"]),
        "broker_url": f"redis://:{word['valkey']}@valkey:6379/0",
        "store": "".join(f"export {name}={value}\n" for name, value in store.items()),
        **dict.fromkeys(EMPTY, ""),
    }


def write(folder: Path) -> list[str]:
    """Write what is missing; return the names of the files that were."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    written = []
    for name, text in contents(folder).items():
        path = folder / name
        if not path.exists():
            path.write_text(text, encoding="ascii")
            path.chmod(0o444)
            written.append(name)
    return written


if __name__ == "__main__":
    place = Path(sys.argv[1] if len(sys.argv) > 1 else "secrets")
    print(f"{place}: written {', '.join(write(place)) or 'nothing, all are there'}")
