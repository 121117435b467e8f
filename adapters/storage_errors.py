"""What the object store did not do, and whether it serves anybody."""

NOT_SERVING = frozenset(
    {
        # The client has no answer.
        "ConnectTimeoutError", "ConnectionClosedError", "EndpointConnectionError",
        "HTTPClientError", "IncompleteReadError", "ProxyConnectionError", "ReadTimeoutError",
        "ResponseStreamingError", "SSLError",
        # The server has no answer for anybody.
        "InternalError", "RequestTimeout", "ServiceUnavailable", "SlowDown",
        "500", "502", "503", "504",
    }
)  # fmt: skip
"""Codes of a store that is away or overloaded: the same goes well when it is back."""


class StorageError(Exception):
    """The store did not do what was asked. `code` is its error code; no key, no content."""

    def __init__(self, code: str) -> None:
        super().__init__(f"object storage: {code}")
        self.code = code

    @property
    def serves_nobody(self) -> bool:
        """Whether the store itself is away or overloaded, whatever is asked of it."""
        return self.code in NOT_SERVING


class ObjectMissing(StorageError):
    """There is no object under that key."""

    def __init__(self) -> None:
        super().__init__("missing")


class ObjectConflict(StorageError):
    """Another content already lies under that key; nothing was overwritten."""

    def __init__(self) -> None:
        super().__init__("conflict")


class ObjectDamaged(StorageError):
    """The bytes read do not have the checksum they were stored with."""

    def __init__(self) -> None:
        super().__init__("checksum mismatch")
