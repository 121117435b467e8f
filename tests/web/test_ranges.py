"""One range of bytes of a file, as RFC 9110 (14) has it."""

import pytest

from web.ranges import ranged

CONTENT = bytes(range(100))


@pytest.mark.parametrize(
    ("asked", "status", "content", "told"),
    [
        (None, 200, CONTENT, None),
        ("bytes=0-9", 206, CONTENT[:10], "bytes 0-9/100"),
        ("bytes=90-", 206, CONTENT[90:], "bytes 90-99/100"),
        ("bytes=-5", 206, CONTENT[-5:], "bytes 95-99/100"),
        ("bytes=-500", 206, CONTENT, "bytes 0-99/100"),
        ("bytes=50-5000", 206, CONTENT[50:], "bytes 50-99/100"),
        ("bytes=100-", 416, b"", "bytes */100"),
        ("bytes=9-3", 416, b"", "bytes */100"),
        ("bytes=0-1,5-6", 200, CONTENT, None),
        ("bytes=-", 200, CONTENT, None),
        ("lines=1-2", 200, CONTENT, None),
    ],
)
def test_a_part_is_what_was_asked_for(
    asked: str | None, status: int, content: bytes, told: str | None
) -> None:
    answer = ranged(CONTENT, asked, "application/pdf", "x.pdf")
    assert (answer.status_code, bytes(answer.body)) == (status, content)
    assert answer.headers.get("content-range") == told
    assert answer.headers["accept-ranges"] == "bytes"
