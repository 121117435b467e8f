"""Landlock: the kernel's rules about files, sockets and signals that need no right of any kind.

Used where no namespaces may be made (most containers). Linux 5.13 has it for files, 6.7 for TCP,
6.12 for signals and sockets without a file.
"""

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

from adapters.sandbox import kernel

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_ASK_VERSION, _BENEATH = 1, 1
_FILES = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF, 5: 0xFFFF}
_READ, _LIST, _READ_FILE, _WRITE_FILE = 0b1101, 0b1000, 0b100, 0b10
_TCP, _SCOPES = 0b11, 0b11
SIGNALS_SINCE = 6


def version() -> int:
    """Return which version the kernel has; 0 for none."""
    try:
        return kernel.call(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(_ASK_VERSION))
    except OSError:
        return 0


def restrict(readable: Iterable[str], writable_files: Iterable[str]) -> int:
    """Let this process, for good, read only what is named; return the version, 0 for no Landlock.

    Raises `OSError` when the kernel has it and refuses.
    """
    known = version()
    if not known:
        return 0
    every = _FILES[min(known, 5)]
    parts = [every, _TCP, _SCOPES][: 1 if known < 4 else 2 if known < SIGNALS_SINCE else 3]
    attributes = ctypes.create_string_buffer(struct.pack(f"{len(parts)}Q", *parts))
    size = ctypes.c_size_t(8 * len(parts))
    ruleset = kernel.call(_CREATE, attributes, size, ctypes.c_uint(0))
    try:
        for path in readable:
            _allow(ruleset, path, _READ if Path(path).is_dir() else _READ & ~_LIST)
        for path in writable_files:
            _allow(ruleset, path, _READ_FILE | _WRITE_FILE)
        kernel.call(_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint(0))
    finally:
        os.close(ruleset)
    return known


def _allow(ruleset: int, path: str, what: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        rule = ctypes.create_string_buffer(struct.pack("=Qi", what, place))
        kernel.call(_ADD, ctypes.c_int(ruleset), ctypes.c_int(_BENEATH), rule, ctypes.c_uint(0))
    finally:
        os.close(place)
