"""What closes the object store's inner doors: a certificate, and `security.toml` that asks for it.

SeaweedFS is several servers (master, volume, filer, S3, admin) that speak HTTP and gRPC with each
other. Its keys (JWT) guard volume and filer over HTTP alone: whoever reached the master could
delete a whole collection, and over gRPC copy it. With one certificate for all of them, asked for
on both sides, every port but the one for S3 refuses whoever does not hold its key.

`python -m local.embedded.store_security FOLDER [UID]` writes the files for a store that is started
by others, such as that of docker-compose.yml; UID owns them then.
"""

import json
import os
import socket
import ssl
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from local.embedded.secrets_file import write_private

CERTIFICATE, KEY, SETTINGS = "store.crt", "store.key", "security.toml"
_GRPC_SERVERS = (
    "master",
    "volume",
    "filer",
    "s3",
    "admin",
    "worker",
    "mq",
    "msg_broker",
    "msg_agent",
)
_HTTP_SERVERS = ("master", "volume", "filer", "admin")
VALID = timedelta(days=5 * 365)
RENEW_BEFORE = timedelta(days=365)
"""A certificate with less left is made anew at the next start; a running server keeps its own."""
_CLOCK_ERROR = timedelta(days=1)
_HTTP2_GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
_HTTP_GREETING = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
_REFUSALS = {"TLSV13_ALERT_CERTIFICATE_REQUIRED", "SSLV3_ALERT_BAD_CERTIFICATE"}
"""What a server says that asks for a certificate. Another error means that it speaks no TLS."""


def security_settings(keys: Mapping[str, str], files: str = "") -> str:
    """Return the text of `security.toml`.

    `keys` are those of the sections `jwt.*` by section name; a section that is not given may come
    from the environment. `files` is where the certificate lies, seen from the folder in which the
    store runs ("" for the same folder, else ending in "/").
    """
    certificate = f"{files}{CERTIFICATE}"
    pair: dict[str, str | bool] = {"cert": certificate, "key": f"{files}{KEY}"}
    asking = pair | {"ca": certificate}
    sections: dict[str, dict[str, str | bool]] = {
        **{name: {"key": key} for name, key in keys.items()},
        "grpc": {"ca": certificate},
        **{f"grpc.{name}": pair for name in (*_GRPC_SERVERS, "client")},
        **{f"https.{name}": asking for name in _HTTP_SERVERS},
        "https.client": {"enabled": True, **asking},
    }
    # A string of letters and a truth value are written in TOML as they are in JSON.
    return "\n".join(
        "".join([f"[{name}]\n", *(f"{key} = {json.dumps(v)}\n" for key, v in values.items())])
        for name, values in sections.items()
    )


def ensure_certificate(folder: Path, now: datetime | None = None) -> None:
    """Make `store.crt` and `store.key` in `folder` unless a good pair with time left is there.

    `now` is the time with its zone, the computer's own when not given. Both files are PEM, readable
    by their owner only. The certificate signs itself and is its own authority, for servers and for
    clients: whoever does not hold this very key is refused.
    """
    now = now or datetime.now(UTC)
    if _is_good(folder, now):
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    certificate = _self_signed(key, now)
    write_private(folder / KEY, pem.decode("ascii"))
    write_private(
        folder / CERTIFICATE, certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")
    )


def _is_good(folder: Path, now: datetime) -> bool:
    """Say whether the two files can be read, belong together and are valid for long enough."""
    try:
        certificate = x509.load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())
        key = serialization.load_pem_private_key((folder / KEY).read_bytes(), password=None)
    except (OSError, ValueError, TypeError):
        return False
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return key.public_key() == certificate.public_key() and begins <= now < ends - RENEW_BEFORE


def _self_signed(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "object store")])
    hosts = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_ERROR)
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )


def answers_strangers(port: int, host: str = "127.0.0.1", timeout: float = 2.0) -> bool:
    """Say whether a port of the store talks to somebody without the certificate.

    A port on which nobody listens does not. Nothing is asked in clear: see `Seaweed`.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    try:
        plain = socket.create_connection((host, port), timeout)
    except OSError:
        return False
    with plain:
        try:
            with context.wrap_socket(plain) as secured:
                # In TLS 1.3 the refusal comes only after the handshake, with the first answer.
                speaks_grpc = secured.selected_alpn_protocol() == "h2"
                secured.sendall(_HTTP2_GREETING if speaks_grpc else _HTTP_GREETING)
                return bool(secured.recv(1))
        except ssl.SSLError as error:
            return error.reason not in _REFUSALS
        except OSError:  # closed, or no answer in time
            return False


def _write_for_others(folder: Path, owner: int | None) -> None:
    ensure_certificate(folder)
    write_private(folder / SETTINGS, security_settings({}))
    if owner is not None:
        for name in (CERTIFICATE, KEY, SETTINGS):
            os.chown(folder / name, owner, -1)


if __name__ == "__main__":
    _write_for_others(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None)
