"""A sealed content is whole and in order, or it does not open."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import OpeningFailed
from keys.stream import HEAD, PIECE, TAG, in_pieces, open_stream, seal_stream

KEY, NAME = b"k" * 32, "originals/a"
WHOLE = bytes(range(256)) * (3 * PIECE // 256)
SIZES = [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE - 7]


def sealed(content: bytes, key: bytes = KEY, name: str = NAME) -> bytes:
    return b"".join(seal_stream(key, name, [content]))


def opened(content: bytes, key: bytes = KEY, name: str = NAME, at_once: int = 1000) -> bytes:
    chunks = (content[at : at + at_once] for at in range(0, len(content), at_once))
    return b"".join(open_stream(key, name, chunks))


@pytest.mark.parametrize("size", SIZES)
def test_what_is_sealed_opens(size: int) -> None:
    content = WHOLE[:size]
    shut = sealed(content)
    assert len(shut) == HEAD + size + TAG * max(1, -(-size // PIECE))
    for at_once in (1 << 20, PIECE + TAG, 8191):
        assert opened(shut, at_once=at_once) == content
    assert shut != sealed(content), "another salt each time"


@given(st.lists(st.binary(max_size=40), max_size=20), st.integers(1, 30))
def test_pieces_hold_the_same_bytes(chunks: Sequence[bytes], size: int) -> None:
    pieces = list(in_pieces(chunks, size))
    assert b"".join(pieces) == b"".join(chunks)
    assert all(len(one) == size for one in pieces[:-1]) and all(pieces)


def pieces_of(shut: bytes) -> tuple[bytes, list[bytes]]:
    rest = shut[HEAD:]
    return shut[:HEAD], [rest[at : at + PIECE + TAG] for at in range(0, len(rest), PIECE + TAG)]


@pytest.mark.parametrize("size", SIZES)
def test_what_is_not_whole_does_not_open(size: int) -> None:
    shut = sealed(WHOLE[:size])
    head, pieces = pieces_of(shut)
    other = pieces_of(sealed(WHOLE[:size]))[1]
    broken = {
        "nothing": b"",
        "cut in its head": shut[: HEAD - 1],
        "cut behind its head": head,
        "cut by a byte": shut[:-1],
        "longer": shut + b"\0",
        "a bit": shut[:-1] + bytes([shut[-1] ^ 1]),
        "a bit of the head": shut[: HEAD - 1] + bytes([shut[HEAD - 1] ^ 1]) + shut[HEAD:],
        "a piece of the same content sealed again": head + b"".join([other[0], *pieces[1:]]),
    }
    if len(pieces) > 1:
        broken |= {
            "the last piece left out": head + b"".join(pieces[:-1]),
            "the first piece left out": head + b"".join(pieces[1:]),
            "two pieces changed about": head + b"".join([pieces[1], pieces[0], *pieces[2:]]),
            "a piece twice": head + b"".join([pieces[0], *pieces]),
        }
    for what, content in broken.items():
        with pytest.raises(OpeningFailed):
            opened(content)
            pytest.fail(what)
    for key, name in ((b"x" * 32, NAME), (KEY, "originals/b")):
        with pytest.raises(OpeningFailed):
            opened(shut, key, name)


@given(st.binary(max_size=200))
def test_no_other_bytes_open(content: bytes) -> None:
    with pytest.raises(OpeningFailed):
        opened(content)


def test_one_piece_at_a_time_is_in_memory() -> None:
    """What comes out is asked for piece by piece: nothing runs ahead by more than two."""
    read, written = 0, 0

    def chunks() -> object:
        nonlocal read
        for at in range(0, 40 * PIECE, PIECE):
            read = at + PIECE
            yield b"x" * PIECE

    lead = []
    for piece in open_stream(KEY, NAME, seal_stream(KEY, NAME, chunks())):  # type: ignore[arg-type]
        written += len(piece)
        lead.append(read - written)
    assert written == 40 * PIECE and max(lead) <= 3 * PIECE
    assert all(one <= two + PIECE for one, two in pairwise(lead))
