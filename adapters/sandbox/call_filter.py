"""The filter of system calls: a small program that the kernel runs before each of them (seccomp).

What is not allowed is answered as a call that does not exist (ENOSYS): C libraries then try an
older one, and a parser gets an error instead of an end.
"""

import ctypes
import errno
import struct

from adapters.sandbox import allowed_calls, kernel
from adapters.sandbox.allowed_calls import CLONE, FCNTL, IOCTL, PRCTL, PRLIMIT, SIGNALS

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_OF_ANOTHER_TABLE = 0x40000000
_NEW_NAMESPACES = 0x7E020080
_PRCTL_ALLOWED = (15, 16, 21, 39, 0x53564D41)
"""Names of threads and of memory, and asking whether there is a filter."""
_IOCTL_ALLOWED = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""Whether it is a terminal, how much can be read, and what a program that is started inherits."""
_FCNTL_REFUSED = (8, 10, 15, 1024, 1026)
"""What lets the kernel send signals to others."""
_FILTER_MODE = 2

Instruction = tuple[int, int, int, int]
"""Code, how many to skip when true, when false, and a number."""


def program(machine: str, *, signals: bool) -> list[Instruction]:
    """Return the program for a machine; without `signals` none may be sent, to nobody."""
    made: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, ARCHITECTURES[machine]),
        _answer(_KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine == "x86_64":
        made += [(_AT_LEAST, 0, 1, _OF_ANOTHER_TABLE), _answer(_KILL)]
    for number in allowed_calls.numbers(machine):
        made += _on(number, [_answer(_ALLOW)])
    made += _on(
        CLONE[machine],
        [(_LOAD, 0, 0, _ARGUMENTS), (_ANY_BIT, 0, 1, _NEW_NAMESPACES), _no(), _answer(_ALLOW)],
    )
    made += _on(PRCTL[machine], _only(0, _PRCTL_ALLOWED, errno.EPERM))
    made += _on(IOCTL[machine], _only(1, _IOCTL_ALLOWED, errno.ENOTTY))
    made += _on(PRLIMIT[machine], _only(0, (0,), errno.EPERM))
    made += _on(FCNTL[machine], _but(1, _FCNTL_REFUSED))
    for number in SIGNALS[machine]:
        made += _on(number, [_answer(_ALLOW) if signals else _no()])
    return [*made, _answer(_ERROR | errno.ENOSYS)]


def install(*, signals: bool) -> None:
    """Put the filter on this process and all that it starts, for good. Raises `OSError`."""
    if kernel.MACHINE not in ARCHITECTURES:
        raise OSError(errno.ENOSYS, "no filter is written for this machine")
    code = b"".join(struct.pack("HBBI", *one) for one in program(kernel.MACHINE, signals=signals))
    memory = ctypes.create_string_buffer(code, len(code))
    head = struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(memory))
    pointer = ctypes.create_string_buffer(head, len(head))
    kernel.control(kernel.PR_SET_SECCOMP, _FILTER_MODE, pointer)


def _on(number: int, then: list[Instruction]) -> list[Instruction]:
    return [(_EQUAL, 0, len(then), number), *then]


def _only(argument: int, allowed: tuple[int, ...], error: int) -> list[Instruction]:
    tests = [_on(value, [_answer(_ALLOW)]) for value in allowed]
    return [_load(argument), *(step for test in tests for step in test), _answer(_ERROR | error)]


def _but(argument: int, refused: tuple[int, ...]) -> list[Instruction]:
    tests = [_on(value, [_no()]) for value in refused]
    return [_load(argument), *(step for test in tests for step in test), _answer(_ALLOW)]


def _load(argument: int) -> Instruction:
    return (_LOAD, 0, 0, _ARGUMENTS + 8 * argument)


def _no() -> Instruction:
    return _answer(_ERROR | errno.EPERM)


def _answer(what: int) -> Instruction:
    return (_RETURN, 0, 0, what)
