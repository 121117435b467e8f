"""The object store serves S3 to who has its keys; on every other port, nobody without proof."""

import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import boto3
import psutil
import pytest
import yaml
from botocore.exceptions import BotoCoreError, ClientError

from cli.doctor import Check, examine
from local.compose_secrets import contents, write
from local.embedded.child import Child, base_environment, wait_until
from local.embedded.ports import answers
from local.embedded.seaweed import Seaweed, binary
from local.embedded.servers import EmbeddedServers
from local.embedded.store_security import (
    CERTIFICATE,
    KEY,
    RENEW_BEFORE,
    VALID,
    answers_strangers,
    ensure_certificate,
)
from settings import PROJECT_ROOT, Settings
from tests.local.embedded.doors import (
    ATTACKS,
    BUCKET,
    Stranger,
    ask,
    connect,
    context_with,
    grpc_call,
)

ORIGINAL = b"%PDF-1.7 an original " * 400_000  # several chunks, so that volumes hold it


@pytest.fixture
def servers_of_own(tmp_path: Path) -> Iterator[EmbeddedServers]:
    """A folder with ports and secrets of its own, of which only the store is started."""
    own = EmbeddedServers(tmp_path / "var", durable=False)
    own.claim_ports()
    yield own
    own.s3.kill()  # asked in clear, its volume server would not end in an orderly way


@pytest.fixture
def store(servers_of_own: EmbeddedServers) -> Seaweed:
    """A store with one original in it."""
    servers_of_own.s3.start()
    put_original(servers_of_own.s3)
    # The last of them open after S3 does.
    for name, port in side_ports(servers_of_own.s3).items():
        assert wait_until(partial(answers, port), 60), name
    return servers_of_own.s3


def put_original(store: Seaweed) -> None:
    store.client().put_object(Bucket=BUCKET, Key="original.pdf", Body=ORIGINAL)


def original(store: Seaweed) -> bytes:
    return bytes(store.client().get_object(Bucket=BUCKET, Key="original.pdf")["Body"].read())


def side_ports(store: Seaweed) -> dict[str, int]:
    return {name: store.place.ports[name] for name in store.side_port_names}


def weed(store: Seaweed, folder: Path, command: str, typed: str = "") -> str:
    """Run a `weed` command with an empty environment in `folder`; return what it says.

    Where it tries for ever to get in, its second try is the end.
    """
    ports = store.place.ports
    master = f"127.0.0.1:{ports['s3_master']}.{ports['s3_master_grpc']}"
    filer = f"127.0.0.1:{ports['s3_filer']}.{ports['s3_filer_grpc']}"
    line = [part.format(master=master, filer=filer) for part in command.split()]
    process = subprocess.Popen(
        [binary(), *line],
        cwd=folder,
        env={},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdin and process.stdout
    said = []
    with process, process.stdin:
        process.stdin.write(typed)
        process.stdin.flush()
        if typed:
            process.stdin.close()
        for said_line in process.stdout:
            said.append(said_line)
            if "reconnection attempt #2" in said_line:
                process.kill()
    return "".join(said)


def test_no_port_serves_who_has_no_certificate(
    store: Seaweed, servers_of_own: EmbeddedServers, tmp_path: Path
) -> None:
    stranger = Stranger(servers_of_own, tmp_path / "strange")
    for name in ("s3", *store.side_port_names):
        assert answers(store.place.ports[name]), name
        assert list(ATTACKS[name](stranger, name)) == [], name
    assert not any(map(answers_strangers, side_ports(store).values()))
    own = store.place.data / "tls"
    ours = context_with(own / CERTIFICATE, own / KEY)
    assert ask(store.place.ports["s3_master"], "GET", "/dir/status", ours)[0] == 200

    assert original(store) == ORIGINAL
    store.kill()
    store.start()
    assert original(store) == ORIGINAL


def test_there_is_no_further_port_or_socket(store: Seaweed) -> None:
    assert store.child and store.child.pid
    process = psutil.Process(store.child.pid)
    listening = {
        (each.laddr.ip, each.laddr.port)
        for each in process.net_connections("tcp")
        if each.status == psutil.CONN_LISTEN
    }
    known = {store.port, *side_ports(store).values()}
    assert listening == {("127.0.0.1", port) for port in known}

    sockets = {Path(str(each.laddr)) for each in process.net_connections("unix") if each.laddr}
    private = {path for path in sockets if not path.is_absolute()}  # below the data folder
    assert stat.S_IMODE(store.place.data.stat().st_mode) == 0o700
    for path in sockets - private:
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(path))
        assert not grpc_call(connection, "/filer_pb.SeaweedFiler/ListEntries", b""), path


def test_the_stores_own_tools_get_in_with_the_certificate_only(
    store: Seaweed, tmp_path: Path
) -> None:
    """`weed` itself, as any local user or a process beside ours could start it."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "strange.txt").write_text("strange")
    delete = f"lock\ncollection.delete -collection={BUCKET} -apply\nunlock\nfs.rm -rf /buckets\n"

    assert "reconnection attempt" in weed(
        store, outside, "shell -debug -master={master} -filer={filer}", delete
    )
    for command in (
        f"backup -server={{master}} -volumeId=1 -collection={BUCKET} -dir=.",
        "upload -master={master} strange.txt",
        "download -server={master} 1,01637037d6",
        f"filer.copy strange.txt http://{{filer}}/buckets/{BUCKET}/",
        "filer.meta.tail -filer={filer}",
    ):
        assert "Unavailable" in weed(store, outside, command), command
    assert {path.name for path in outside.iterdir()} == {"strange.txt"}

    inside = weed(store, store.place.data, "shell -master={master}", "collection.list\n")
    assert f'collection:"{BUCKET}"' in inside
    assert original(store) == ORIGINAL


def without_certificate(keys: dict[str, str], files: str = "") -> str:
    """The security.toml of earlier versions: keys, no certificate."""
    return "".join(f'[{name}]\nkey = "{key}"\n\n' for name, key in keys.items())


def doors(settings: Settings) -> Check:
    return next(check for check in examine(settings) if check.name == "storage doors")


def test_a_store_of_before_keeps_its_documents_and_the_doctor_sees_the_change(
    servers_of_own: EmbeddedServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IORT_VAR_DIR", str(servers_of_own.var))
    settings = Settings(_env_file=None, embedded=True)
    store = servers_of_own.s3
    with monkeypatch.context() as before:
        before.setattr("local.embedded.seaweed.security_settings", without_certificate)
        store.start()
    put_original(store)
    opened = doors(settings)
    assert not opened.ok
    # What is refused elsewhere is let do here: the attacks of `doors` bite.
    master = store.place.ports["s3_master"], store.place.ports["s3_master_grpc"]
    assert ask(master[0], "GET", "/dir/assign")[0] == 200
    opened_line = connect(master[1], None)
    assert opened_line and grpc_call(opened_line, "/master_pb.Seaweed/VolumeList", b"")
    assert all(name in opened.detail for name in ("s3_master,", "s3_master_grpc", "s3_volume,"))
    assert "iort down" in opened.advice

    store.stop()
    store.start()
    assert original(store) == ORIGINAL
    assert (doors(settings).ok, doors(settings).detail) == (
        True,
        "9 inner ports answer no stranger",
    )


def test_the_doctor_claims_nothing_of_a_store_that_others_run() -> None:
    found = doors(Settings(_env_file=None, embedded=False))
    assert found.ok
    assert found.detail.startswith("not known")


def read_pair(folder: Path) -> tuple[bytes, bytes]:
    return (folder / CERTIFICATE).read_bytes(), (folder / KEY).read_bytes()


def spoil_key(folder: Path) -> None:
    other = folder / "other"
    ensure_certificate(other)
    (folder / KEY).write_bytes((other / KEY).read_bytes())


def cut_certificate(folder: Path) -> None:
    (folder / CERTIFICATE).write_bytes(read_pair(folder)[0][:100])


def lose_key(folder: Path) -> None:
    (folder / KEY).unlink()


def test_the_certificate_is_made_once_and_again_before_it_runs_out(tmp_path: Path) -> None:
    made = datetime(2026, 11, 23, tzinfo=UTC)
    ensure_certificate(tmp_path, made)
    first = read_pair(tmp_path)
    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in (CERTIFICATE, KEY)] == [
        0o600,
        0o600,
    ]
    last_good = made + VALID - RENEW_BEFORE - timedelta(seconds=1)
    ensure_certificate(tmp_path, last_good)
    assert read_pair(tmp_path) == first
    ensure_certificate(tmp_path, last_good + timedelta(seconds=1))
    assert not set(read_pair(tmp_path)) & set(first)


@pytest.mark.parametrize("damage", [spoil_key, cut_certificate, lose_key])
def test_a_damaged_pair_is_made_anew(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    ensure_certificate(tmp_path)
    first = read_pair(tmp_path)
    damage(tmp_path)
    ensure_certificate(tmp_path)
    certificate, _ = read_pair(tmp_path)
    assert certificate != first[0]
    context_with(tmp_path / CERTIFICATE, tmp_path / KEY)  # refuses what does not belong together


def test_the_store_of_docker_compose_is_closed_too(
    servers_of_own: EmbeddedServers, tmp_path: Path
) -> None:
    """Its commands, run here: first the one that makes the certificate, then the store's."""
    services = yaml.safe_load((PROJECT_ROOT / "docker-compose.yml").read_text())["services"]
    maker, seaweed = services["store-certificate"], services["seaweedfs"]
    assert seaweed["depends_on"] == {
        "store-certificate": {"condition": "service_completed_successfully"}
    }
    assert f"store-certificate:{seaweed['working_dir']}:ro" in seaweed["volumes"]
    folder = tmp_path / "certificate"
    folder.mkdir()
    places = {"python": sys.executable, "/certificate": str(folder), "1000": str(os.getuid())}
    subprocess.run(
        [places.get(word, word) for word in maker["command"]], cwd=PROJECT_ROOT, check=True
    )

    data = tmp_path / "data"
    data.mkdir()
    ports, stranger = servers_of_own.ports, Stranger(servers_of_own, tmp_path / "strange")
    flags = {
        "s3": "s3.port",
        "s3_grpc": "s3.port.grpc",
        "s3_master": "master.port",
        "s3_master_grpc": "master.port.grpc",
        "s3_volume": "volume.port",
        "s3_volume_grpc": "volume.port.grpc",
        "s3_filer": "filer.port",
        "s3_filer_grpc": "filer.port.grpc",
        "s3_admin": "admin.port",
        "s3_admin_grpc": "admin.port.grpc",
    }
    write(tmp_path / "secrets")
    places = {"/run/secrets": str(tmp_path / "secrets"), "/entrypoint.sh": str(binary()), "$$": "$"}
    begun = seaweed["entrypoint"]
    for place, here in places.items():
        begun = [word.replace(place, here) for word in begun]
    child = Child(
        "seaweedfs",
        [
            *begun,
            *(word.replace("/data", str(data)) for word in seaweed["command"]),
            "-ip.bind=127.0.0.1",
            *(f"-{flag}={ports[name]}" for name, flag in flags.items()),
        ],
        environment={**base_environment(servers_of_own.instance), "HOME": str(data)},
        folder=folder,
        log=tmp_path / "seaweedfs.log",
    )
    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{ports['s3']}",
        region_name="us-east-1",
        aws_access_key_id=contents(tmp_path / "secrets")["s3_access_key"],
        aws_secret_access_key=contents(tmp_path / "secrets")["s3_secret_key"],
    )

    def takes_documents() -> bool:
        try:
            client.put_object(Bucket=BUCKET, Key="original.pdf", Body=ORIGINAL)
        except (BotoCoreError, ClientError):
            return False
        return True

    child.start()
    try:
        assert wait_until(takes_documents, 60), child.last_lines()
        for name in Seaweed.side_port_names:
            # The last of them open after S3 does.
            assert wait_until(partial(answers, ports[name]), 60), name
            assert list(ATTACKS[name](stranger, name)) == [], name
        assert list(ATTACKS["s3"](stranger, "s3")) == []
        assert client.get_object(Bucket=BUCKET, Key="original.pdf")["Body"].read() == ORIGINAL
    finally:
        child.stop()
