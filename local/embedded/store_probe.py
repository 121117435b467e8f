"""Asks the object store whether it can be written to, with the standard library alone.

The supervisor asks this at each start and lives as long as the product: boto3 would stay in its
memory (26 MB) for three requests.
"""

import hashlib
import hmac
import http.client
from dataclasses import dataclass
from datetime import UTC, datetime

_NOTHING = hashlib.sha256(b"").hexdigest()
_THERE_ALREADY = 409


@dataclass(frozen=True, slots=True)
class Probe:
    """An S3 server on 127.0.0.1 and who asks it. Requests are signed as S3 wants it (version 4)."""

    port: int
    region: str
    access_key: str
    secret_key: str
    timeout: float = 5.0
    """Seconds."""

    def can_write(self, bucket: str, key: str = ".ready") -> bool:
        """Say whether an object can be written into a bucket, which is made where it is missing."""
        try:
            made = self._ask("PUT", f"/{bucket}")
            if made >= 300 and made != _THERE_ALREADY:
                return False
            written = self._ask("PUT", f"/{bucket}/{key}")
            return written < 300 and self._ask("DELETE", f"/{bucket}/{key}") < 300
        except (OSError, http.client.HTTPException):
            return False

    def _ask(self, method: str, path: str) -> int:
        """Return the status of the answer to a request without a body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            connection.request(method, path, headers=self._signed(method, path))
            return connection.getresponse().status
        finally:
            connection.close()

    def _signed(self, method: str, path: str) -> dict[str, str]:
        at = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{at[:8]}/{self.region}/s3/aws4_request"
        told = {
            "host": f"127.0.0.1:{self.port}",
            "x-amz-content-sha256": _NOTHING,
            "x-amz-date": at,
        }
        names = ";".join(told)
        lines = "".join(f"{name}:{value}\n" for name, value in told.items())
        asked = f"{method}\n{path}\n\n{lines}\n{names}\n{_NOTHING}"
        digest = hashlib.sha256(asked.encode()).hexdigest()
        key = b"AWS4" + self.secret_key.encode()
        for word in scope.split("/"):
            key = hmac.new(key, word.encode(), hashlib.sha256).digest()
        text = f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{digest}"
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        who = f"AWS4-HMAC-SHA256 Credential={self.access_key}/{scope}"
        return told | {"Authorization": f"{who}, SignedHeaders={names}, Signature={signature}"}
