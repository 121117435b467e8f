"""What a stranger on this machine tries at every port: all of it must be refused.

`ATTACKS` has the ports of `ports.json` by name; each attack yields what it was let do, in words.
The stranger has no password and no certificate, or wrong ones.
"""

import base64
import contextlib
import http.client
import imaplib
import smtplib
import socket
import ssl
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import boto3
import psycopg
import redis
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.embedded.servers import EmbeddedServers
from local.embedded.store_security import CERTIFICATE, KEY, ensure_certificate

BUCKET = "iort-case-files"
INNER_ASKED = [
    ("GET", f"/col/delete?collection={BUCKET}"),
    ("POST", f"/col/delete?collection={BUCKET}"),
    ("GET", "/vol/grow?count=1&collection=strange"),
    ("GET", "/vol/vacuum?garbageThreshold=0.0001"),
    ("GET", "/vol/status"),
    ("POST", "/submit"),
    ("GET", "/dir/assign"),
    ("GET", "/dir/lookup?volumeId=1"),
    ("GET", "/dir/status"),
    ("DELETE", "/1,01637037d6"),
    ("GET", "/1,01637037d6"),
    ("DELETE", f"/buckets/{BUCKET}?recursive=true"),
    ("PUT", f"/buckets/{BUCKET}/strange"),
    ("GET", f"/buckets/{BUCKET}/original.pdf"),
    ("GET", "/metrics"),
    ("GET", "/cluster/status"),
    ("GET", "/ui/index.html"),
]
"""What the store's own ports do over HTTP: destroy, write, read, tell."""
S3_ASKED = [
    ("GET", "/", b""),
    ("GET", f"/{BUCKET}?list-type=2", b""),
    ("GET", f"/{BUCKET}?versions", b""),
    ("GET", f"/{BUCKET}/original.pdf", b""),
    ("PUT", f"/{BUCKET}/strange", b"strange"),
    ("PUT", "/strange-bucket", b""),
    ("DELETE", f"/{BUCKET}/original.pdf", b""),
    ("DELETE", f"/{BUCKET}", b""),
    ("POST", f"/{BUCKET}?delete", b"<Delete><Object><Key>original.pdf</Key></Object></Delete>"),
    ("PUT", f"/{BUCKET}?versioning", b"<VersioningConfiguration><Status>Suspended</Status>"),
    ("PUT", f"/{BUCKET}?policy", b'{"Statement":[{"Effect":"Allow","Principal":"*"}]}'),
    ("PUT", f"/{BUCKET}?acl", b""),
    ("DELETE", f"/{BUCKET}?lifecycle", b""),
    ("POST", "/", b"Action=ListUsers&Version=2010-05-08"),
    ("POST", "/", b"Action=CreateAccessKey&UserName=strange&Version=2010-05-08"),
    ("POST", "/", b"Action=AssumeRoleWithWebIdentity&RoleArn=x&WebIdentityToken=x"),
    ("GET", "/metrics", b""),
]
CALLS = {
    "/master_pb.Seaweed/CollectionDelete": b"\x0a" + bytes([len(BUCKET)]) + BUCKET.encode(),
    "/master_pb.Seaweed/VacuumVolume": b"",
    "/master_pb.Seaweed/VolumeList": b"",
    "/volume_server_pb.VolumeServer/VacuumVolumeCheck": b"\x08\x01",
    "/volume_server_pb.VolumeServer/DeleteCollection": b"\x0a\x04some",
    "/volume_server_pb.VolumeServer/VolumeDelete": b"\x08\x01",
    "/filer_pb.SeaweedFiler/DeleteEntry": b"\x0a\x08/buckets\x12\x01x\x20\x01\x28\x01",
    "/filer_pb.SeaweedFiler/ListEntries": b"\x0a\x08/buckets",
    "/iam_pb.SeaweedIdentityAccessManagement/ListUsers": b"",
    "/iam_pb.SeaweedIdentityAccessManagement/DeleteUser": b"\x0a\x04iort",
    "/s3_pb.SeaweedS3/Configure": b"",
}
"""gRPC methods with a request (protobuf); over the port of another part they do nothing."""
_GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _SETTINGS = 0, 1, 4
_END_STREAM, _END_HEADERS = 1, 4


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody at the ports of one `var` folder; `folder` has a certificate of their own."""

    servers: EmbeddedServers
    folder: Path

    def port(self, name: str) -> int:
        return self.servers.ports[name]

    def contexts(self) -> Iterator[ssl.SSLContext | None]:
        """In clear, without a certificate, and with one that nobody here has signed."""
        ensure_certificate(self.folder)
        yield None
        yield context_with()
        yield context_with(self.folder / CERTIFICATE, self.folder / KEY)


Attack = Callable[[Stranger, str], Iterator[str]]


def context_with(certificate: Path | None = None, key: Path | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if certificate and key:
        context.load_cert_chain(certificate, key)
    return context


def ask(
    port: int,
    method: str,
    path: str,
    tls: ssl.SSLContext | None = None,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> tuple[int, bytes]:
    """Return status and answer; status 0 when the connection was refused."""
    connection: http.client.HTTPConnection
    if tls is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    else:
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=20, context=tls)
    try:
        sent = body or (b"strange" if method in ("PUT", "POST") else None)
        connection.request(method, path, body=sent, headers=dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    head = struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream)
    return head + payload


def _literal(name: str, value: str) -> bytes:
    """Return one header of HTTP/2 without table and without compression (RFC 7541, 6.2.2)."""
    return b"\0" + b"".join(
        bytes([len(text)]) + text.encode() for text in (name, value)
    )  # all shorter than 127


def grpc_call(
    connection: socket.socket, method: str, message: bytes, *, secured: bool = False
) -> bool:
    """Call a gRPC method; say whether the server took it up, whatever it answers."""
    headers = {
        ":method": "POST",
        ":scheme": "https" if secured else "http",
        ":path": method,
        ":authority": "localhost",
        "content-type": "application/grpc",
        "te": "trailers",
    }
    block = b"".join(_literal(name, value) for name, value in headers.items())
    request = b"\0" + struct.pack(">I", len(message)) + message
    with contextlib.closing(connection):
        connection.settimeout(20)
        try:
            connection.sendall(
                _GREETING
                + _frame(_SETTINGS, 0, 0, b"")
                + _frame(_HEADERS, _END_HEADERS, 1, block)
                + _frame(_DATA, _END_STREAM, 1, request)
            )
            return _HEADERS in _kinds_of_frames(connection)
        except OSError:
            return False


def _kinds_of_frames(connection: socket.socket) -> Iterator[int]:
    held = b""
    while True:
        got = connection.recv(65536)
        if not got:
            return
        held += got
        while len(held) >= 9:
            length = int.from_bytes(held[:3], "big")
            if len(held) < 9 + length:
                break
            yield held[3]
            held = held[9 + length :]


def connect(port: int, tls: ssl.SSLContext | None) -> socket.socket | None:
    """Open a connection as a gRPC client does; None when the handshake is refused."""
    plain = socket.create_connection(("127.0.0.1", port), 20)
    if tls is None:
        return plain
    tls.set_alpn_protocols(["h2"])
    try:
        return tls.wrap_socket(plain)
    except OSError:
        plain.close()
        return None


def store_inside(stranger: Stranger, name: str) -> Iterator[str]:
    port = stranger.port(name)
    for tls in stranger.contexts():
        for method, path in INNER_ASKED:
            status, said = ask(port, method, path, tls)
            asked_for_tls = tls is None and status == 400 and b"HTTPS server" in said
            if status and not asked_for_tls:
                yield f"{method} {path}: {status}"
        for call, message in CALLS.items():
            connection = connect(port, tls)
            if connection and grpc_call(connection, call, message, secured=tls is not None):
                yield call


def s3(stranger: Stranger, name: str) -> Iterator[str]:
    port = stranger.port(name)
    for method, path, body in S3_ASKED:
        for headers in ({}, {"authorization": "AWS4-HMAC-SHA256 x"}, {"authorization": "Bearer x"}):
            status, _ = ask(port, method, path, None, body, headers)
            if status < 400:
                yield f"{method} {path}: {status} with {headers}"
    for call, message in CALLS.items():
        connection = connect(port, None)
        if connection and grpc_call(connection, call, message):
            yield call
    own = stranger.servers.secrets["s3_access_key"]
    for access, secret in (("admin", "admin"), ("any", "any"), (own, "wrong")):
        client = boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{port}",
            region_name="us-east-1",
            aws_access_key_id=access,
            aws_secret_access_key=secret,
            config=Config(retries={"max_attempts": 0}),
        )
        with contextlib.suppress(ClientError, BotoCoreError):
            client.list_objects_v2(Bucket=BUCKET)
            yield f"lists with the keys {access}"
        with contextlib.suppress(ClientError, BotoCoreError):
            client.delete_object(Bucket=BUCKET, Key="original.pdf")
            yield f"deletes with the keys {access}"


def postgres(stranger: Stranger, name: str) -> Iterator[str]:
    for user, password in (
        ("iort", ""),
        ("postgres", ""),
        ("postgres", "postgres"),
        ("postgres", stranger.servers.secrets["postgres"]),
        ("iort", "iort"),
    ):
        for database in ("iort", "postgres", "template1"):
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(
                    host="127.0.0.1",
                    port=stranger.port(name),
                    user=user,
                    password=password,
                    dbname=database,
                    connect_timeout=10,
                ).close()
                yield f"lets {user} into {database}"


VALKEY_ASKED = [
    "FLUSHALL", "FLUSHDB", "CONFIG SET maxmemory 1", "CONFIG GET requirepass", "KEYS *", "SHUTDOWN",
    "DEBUG SLEEP 0", "SCRIPT FLUSH", "EVAL return(1) 0", "ACL LIST", "ACL SETUSER iort allcommands",
    "MONITOR", "CLIENT KILL ID 1", "SAVE", "REPLICAOF 127.0.0.1 1", "MODULE LIST", "SWAPDB 0 1",
    "FUNCTION FLUSH", "CLUSTER RESET", "MIGRATE 127.0.0.1 1 x 0 1", "SORT x", "SCAN 0", "DBSIZE",
    "RENAME unacked x", "FAILOVER",
]  # fmt: skip
"""What no part of ours needs: with the application's own password it is refused too."""


def valkey(stranger: Stranger, name: str) -> Iterator[str]:
    own = stranger.servers.secrets["valkey_user"]
    for user, password in ((None, None), ("default", own), ("iort", "iort"), ("iort", own)):
        asked = VALKEY_ASKED if (user, password) == ("iort", own) else [*VALKEY_ASKED, "PING"]
        for command in asked:
            client = redis.Redis(
                port=stranger.port(name), username=user, password=password, socket_timeout=10
            )
            with contextlib.suppress(redis.RedisError), contextlib.closing(client):
                client.execute_command(*command.split())  # type: ignore[no-untyped-call]
                yield f"{command} as {user}"


def smtp(stranger: Stranger, name: str) -> Iterator[str]:
    for account in (None, ("mailbox@localhost", ""), ("mailbox@localhost", "wrong")):
        with (
            contextlib.suppress(smtplib.SMTPException),
            smtplib.SMTP("127.0.0.1", stranger.port(name), timeout=20) as client,
        ):
            if account:
                client.login(*account)
                yield f"lets {account} in"
            client.sendmail("a@b.example", ["c@d.example"], b"Subject: x\r\n\r\nx")
            yield "takes a letter without a password"


def imap(stranger: Stranger, name: str) -> Iterator[str]:
    for do in (
        lambda box: box.login("cases@coordination.example", "wrong"),
        lambda box: box.authenticate("PLAIN", lambda _: b"\0mailbox@localhost\0"),
        lambda box: box.select("INBOX"),
        lambda box: box.delete("INBOX"),
    ):
        box = imaplib.IMAP4("127.0.0.1", stranger.port(name), timeout=20)
        with contextlib.suppress(imaplib.IMAP4.error, OSError), contextlib.closing(box.socket()):
            if do(box)[0] == "OK":  # type: ignore[no-untyped-call]
                yield "does something without a password"


FLOWER_OPEN = {"/healthcheck", "/static/css/flower.css"}
FLOWER_ASKED = [
    ("GET", "/"), ("GET", "/metrics"), ("GET", "/metrics?x"), ("GET", "/tasks"), ("GET", "/broker"),
    ("GET", "/api/workers"), ("GET", "/api/tasks"), ("GET", "/api/task/types"),
    ("GET", "/api/queues/length"), ("POST", "/api/worker/shutdown/x"),
    ("POST", "/api/task/send-task/x"), ("POST", "/api/task/revoke/x"), ("POST", "/tasks/datatable"),
    ("GET", "/login"), ("GET", "/healthcheck"), ("GET", "/static/css/flower.css"),
]  # fmt: skip


def flower(stranger: Stranger, name: str) -> Iterator[str]:
    for word in ("", "flower:", "flower:flower", ":"):
        token = base64.b64encode(word.encode()).decode()
        headers = {"authorization": f"Basic {token}"} if word else {}
        for method, path in FLOWER_ASKED:
            status, said = ask(stranger.port(name), method, path, None, b"", headers)
            harmless = path in FLOWER_OPEN and (said == b"OK" or path.startswith("/static/"))
            if status < 400 and not harmless:
                yield f"{method} {path}: {status} with {word!r}"


WEB_ASKED = [
    ("GET", "/metrics"), ("GET", "/cases"), ("GET", "/repair"), ("GET", "/docs"),
    ("GET", "/openapi.json"), ("DELETE", "/"), ("DELETE", "/cases/CFX-26-00001"), ("PUT", "/x"),
    ("POST", "/cases"), ("POST", "/login"), ("POST", "/hooks/rehearsal"),
    ("PATCH", "/portal/uploads/x"), ("DELETE", "/portal/uploads/x"),
    ("GET", "/static/" + quote("../app.py", safe="")),
]  # fmt: skip


def web(stranger: Stranger, name: str) -> Iterator[str]:
    for method, path in WEB_ASKED:
        for headers in ({}, {"cookie": "iort_session=x", "x-forwarded-for": "127.0.0.1"}):
            status, _ = ask(stranger.port(name), method, path, None, b"", headers)
            to_the_door = status == 303  # the way to the sign-in
            if status < 400 and not to_the_door:
                yield f"{method} {path}: {status}"


ATTACKS: dict[str, Attack] = {
    "postgres": postgres,
    "valkey": valkey,
    "s3": s3,
    **dict.fromkeys(
        (
            "s3_grpc", "s3_master", "s3_master_grpc", "s3_volume", "s3_volume_grpc", "s3_filer",
            "s3_filer_grpc", "s3_admin", "s3_admin_grpc",
        ),
        store_inside,
    ),
    "smtp": smtp,
    "imap": imap,
    "web": web,
    "flower": flower,
}  # fmt: skip
"""THE table: every name of `ports.json`, and what a stranger tries there."""


def let_in(stranger: Stranger) -> dict[str, list[str]]:
    """Attack every port of `ports.json`; return what was let do, by port.

    A port that nobody classified is a fault of its own: nothing is known of it.
    """
    ports = stranger.servers.ports.as_dict()
    unknown = {
        name: ["nobody has said what a stranger may do here"] for name in ports.keys() - ATTACKS
    }
    got = {name: list(ATTACKS[name](stranger, name)) for name in ports if name in ATTACKS}
    return unknown | {name: done for name, done in got.items() if done}
