"""The filter of calls, run here as the kernel runs it: for both machines, whatever this one is."""

import errno

import pytest

from adapters.sandbox import allowed_calls
from adapters.sandbox.call_filter import ARCHITECTURES, Instruction, program
from tests.adapters.sandbox.escaping import SYSTEM_CALLS

ALLOWED, ENDED = 0x7FFF0000, 0x80000000
MACHINES = pytest.mark.parametrize("machine", ARCHITECTURES)
FOREIGN = 0x40000003


def refused(error: int) -> int:
    return 0x00050000 | error


def run(
    steps: list[Instruction], architecture: int, number: int, arguments: tuple[int, ...] = ()
) -> int:
    """Return what the program answers to a call."""
    data = {0: number, 4: architecture}
    data |= {16 + 8 * place: value for place, value in enumerate((*arguments, 0, 0, 0))}
    loaded, at = 0, 0
    while True:
        code, yes, no, value = steps[at]
        at += 1
        match code:
            case 0x20:
                loaded = data[value]
            case 0x06:
                return value
            case 0x15:
                at += yes if loaded == value else no
            case 0x35:
                at += yes if loaded >= value else no
            case 0x45:
                at += yes if loaded & value else no
            case _:
                raise AssertionError(code)


@MACHINES
def test_what_reading_needs_is_allowed_and_nothing_else(machine: str) -> None:
    steps, ours = program(machine, signals=True), ARCHITECTURES[machine]
    needed = allowed_calls.numbers(machine)
    assert {run(steps, ours, number) for number in needed} == {ALLOWED}
    others = {number[allowed_calls.MACHINES[machine] - 1] for number in SYSTEM_CALLS.values()}
    assert {run(steps, ours, number) for number in others} == {refused(errno.ENOSYS)}
    sockets = (41, 42) if machine == "x86_64" else (198, 203)
    assert {run(steps, ours, number) for number in sockets} == {refused(errno.ENOSYS)}
    assert len(steps) < 4096  # the kernel takes no longer one


@MACHINES
def test_a_call_of_another_architecture_ends_the_process(machine: str) -> None:
    steps = program(machine, signals=True)
    assert run(steps, FOREIGN, 0) == ENDED
    if machine == "x86_64":
        assert run(steps, ARCHITECTURES[machine], 0x40000000) == ENDED


@MACHINES
def test_processes_and_threads_are_made_but_no_namespaces(machine: str) -> None:
    steps, ours = program(machine, signals=True), ARCHITECTURES[machine]
    clone = allowed_calls.CLONE[machine]
    assert run(steps, ours, clone, (17,)) == ALLOWED
    assert run(steps, ours, clone, (0x3D0F00,)) == ALLOWED
    for bit in (0x80, 0x20000, *(1 << n for n in range(25, 31))):
        assert run(steps, ours, clone, (bit | 17,)) == refused(errno.EPERM)


@MACHINES
def test_calls_with_many_uses_are_allowed_for_few(machine: str) -> None:
    steps, ours = program(machine, signals=True), ARCHITECTURES[machine]
    prctl, fcntl = allowed_calls.PRCTL[machine], allowed_calls.FCNTL[machine]
    ioctl, limit = allowed_calls.IOCTL[machine], allowed_calls.PRLIMIT[machine]
    assert run(steps, ours, prctl, (15,)) == ALLOWED
    for option in (1, 4, 8, 22, 36, 38):
        assert run(steps, ours, prctl, (option,)) == refused(errno.EPERM)
    assert run(steps, ours, fcntl, (3, 1)) == ALLOWED
    assert run(steps, ours, fcntl, (3, 8)) == refused(errno.EPERM)
    assert run(steps, ours, ioctl, (3, 0x5401)) == ALLOWED
    assert run(steps, ours, ioctl, (3, 0x5412)) == refused(errno.ENOTTY)
    assert run(steps, ours, limit, (0,)) == ALLOWED
    assert run(steps, ours, limit, (1234,)) == refused(errno.EPERM)


@MACHINES
def test_signals_are_sent_only_where_they_reach_nobody_else(machine: str) -> None:
    ours = ARCHITECTURES[machine]
    for number in allowed_calls.SIGNALS[machine]:
        assert run(program(machine, signals=True), ours, number) == ALLOWED
        assert run(program(machine, signals=False), ours, number) == refused(errno.EPERM)
