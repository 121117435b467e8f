"""JSON as strictly as it can be read: what two readers could understand differently is refused."""

import json
import re
from collections.abc import Iterable
from email.message import Message
from typing import Any, NoReturn

from workflows.hooks.problems import HookRefused

DEEPEST = 16
_SURROGATE = re.compile("[\ud800-\udfff]")
_JSON = re.compile(r"application/(?:[\w.-]+\+)?json", re.ASCII)
_OTHER_UTF = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_NUMBER_DIGITS = 40


def media_type(content_type: str) -> tuple[str, str, str]:
    """Return the type, its charset and its boundary; empty where they are not given."""
    header = Message()
    header["content-type"] = content_type
    charset = header.get_param("charset") or ""
    boundary = header.get_param("boundary") or ""
    return (
        header.get_content_type() if content_type.strip() else "",
        str(charset).lower() if isinstance(charset, str) else "?",
        boundary if isinstance(boundary, str) else "",
    )


def plain_bytes(content_encoding: str) -> None:
    """Raise `HookRefused` for a body that would have to be unpacked first."""
    if content_encoding.strip().lower() not in ("", "identity"):
        raise HookRefused("compressed")


def as_text(body: bytes, charset: str) -> str:
    """Return the body as text; raise `HookRefused` for any other charset than UTF-8."""
    if charset not in ("", "utf-8", "utf8", "us-ascii") or body.startswith(_OTHER_UTF):
        raise HookRefused("wrong_charset")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise HookRefused("wrong_charset") from None


def read_json(body: bytes, content_type: str) -> Any:
    """Return what a JSON body says; raise `HookRefused` for whatever is not plain JSON in UTF-8.

    Refused too: a name that stands twice, more than `DEEPEST` levels, NUL, halves of surrogate
    pairs, NaN and numbers without end.
    """
    kind, charset, _ = media_type(content_type)
    if not _JSON.fullmatch(kind):
        raise HookRefused("not_json_type")
    return parse_json(as_text(body, charset))


def parse_json(text: str) -> Any:
    """Return what a text says as JSON, as strictly as `read_json`."""
    try:
        read = json.loads(
            text, object_pairs_hook=_once, parse_constant=_no_number, parse_int=_int,
            parse_float=_float,
        )  # fmt: skip
    except HookRefused:
        raise
    except RecursionError:
        raise HookRefused("too_deep") from None
    except ValueError:
        raise HookRefused("not_json") from None
    _check(read)
    return read


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise HookRefused("twice_named")
    return found


def _no_number(_: str) -> NoReturn:
    raise HookRefused("not_a_number")


def _int(digits: str) -> int:
    if len(digits) > _NUMBER_DIGITS:
        raise HookRefused("not_a_number")
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if len(digits) > _NUMBER_DIGITS or value in (float("inf"), float("-inf")):
        raise HookRefused("not_a_number")
    return value


def _check(read: Any) -> None:
    """Walk level by level, without recursion."""
    level: list[Any] = [read]
    for _ in range(DEEPEST + 1):
        texts = [one for one in level if isinstance(one, str)]
        texts += [name for one in level if isinstance(one, dict) for name in one]
        if any("\0" in one or _SURROGATE.search(one) for one in texts):
            raise HookRefused("not_text")
        level = [part for one in level for part in _parts(one)]
        if not level:
            return
    raise HookRefused("too_deep")


def _parts(one: Any) -> Iterable[Any]:
    if isinstance(one, dict):
        return one.values()
    return one if isinstance(one, list) else ()
