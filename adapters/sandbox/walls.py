"""Which walls stand around this process, and which are asked for."""

NAMESPACES, FILTER, LIMITS = "namespaces", "filter", "limits"
"""Others are hidden; others cannot be opened, called or ended; limits of the kernel, no walls."""

_raised: list[str] = []


def stand(name: str) -> None:
    """Note which walls were raised."""
    _raised[:] = [name]


def raised() -> str:
    """Return which walls stand around this process."""
    return _raised[0] if _raised else LIMITS
