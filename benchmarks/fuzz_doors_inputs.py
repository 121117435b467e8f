"""What `fuzz_doors.py` sends: requests, deliveries and mails that no good program would send."""

import json
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage

WORDS: Sequence[str] = (
    "", " ", "\0", "a\0b", "-1", "0", "1", "9" * 25, "9" * 5000, "1e309", "NaN", "Infinity", "0x10",
    "\uff11\uff12", "\u0661", "true", "null", "None", "undefined", "[]", "{}", "[object Object]",
    "../../etc/passwd", "..%2f..%2f", "%00", "%ff%fe", "%ed%b3%bf", "%E2%80%AE", "\u202e\u200b",
    "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "' OR 1=1 --", "'; DROP TABLE x;",
    "<script>alert(1)</script>", "{{7*7}}", "{% raw %}", "${jndi:ldap://x}", "=1+1", "@SUM(A1)",
    "\r\nSet-Cookie: a=b", "a@b.c\r\nBcc: d@e.f", "http://evil.example/", "//evil.example",
    "javascript:alert(1)", "2026-02-30", "0000-00-00", "9999-12-31", "10000-01-01", "-0001-01-01",
    "2026-13-45T99:99:99Z", "CFX-26-00001", "CFX-99-99999", "CFX-26-" + "9" * 40, "A" * 70_000,
    "\u0130\u0131\u00df\ufb01", "e\u0301" * 300, "\U0001f469\u200d\U0001f52c", "%n%s%x",
)  # fmt: skip
FIELDS = (
    "answer", "reason", "set:currency", "set:amount_low", "set:stay_days", "set:date", "name",
    "user_name", "password", "code", "role", "email", "language", "site", "q", "state", "page",
    "body", "consent", "scope", "hospital", "offer", "file", "csrf", "seq", "why", "papers", "zone",
)  # fmt: skip
TYPES = (
    "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=",
    "multipart/form-data; boundary=x", "application/json", "text/plain", "", "a/b; charset=\xff",
    "application/x-www-form-urlencoded; charset=utf-7", "application/offset+octet-stream",
)  # fmt: skip
NOT_SENT = ("/logout", "/account/sessions/end", "/account/password", "/users")
"""They end the sessions that the fuzzer works with: asked only without the form's token."""
_ODD_BYTES = (b"\0", b"\xff", b"\r\n", b"\r\n\r\n", b"--", b"=?", b"\t")
_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `token`: whether it brings the form's token."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    token: bool = False


def request(rng: random.Random, routes: Sequence[tuple[str, str]], known: Sequence[str]) -> Request:
    """Return a request to one of `routes` (method, path template); `known` are right parameters."""
    method, template = rng.choice(routes)
    if rng.random() < 0.05:
        method = rng.choice(("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "BREW"))
    path = _PARAMETER.sub(lambda _: _quoted(rng, _word(rng, known, 0.6)), template)
    if rng.random() < 0.5:
        path += "?" + "&".join(
            f"{rng.choice(FIELDS)}={_quoted(rng, _word(rng, known, 0.2))}"
            for _ in range(rng.randrange(1, 6))
        )
    headers = _headers(rng)
    if method in ("GET", "HEAD", "OPTIONS"):
        return Request(method, path[:60_000], headers)
    token = rng.random() < 0.7 and not any(template.startswith(one) for one in NOT_SENT)
    kind, body = _form(rng, known)
    return Request(method, path[:60_000], {**headers, **kind}, body, token)


def _word(rng: random.Random, known: Sequence[str], share: float) -> str:
    return rng.choice(known) if rng.random() < share else rng.choice(WORDS)


def _quoted(rng: random.Random, word: str) -> str:
    """Return a word for a target; what HTTP itself refuses is escaped."""
    raw = word.encode("utf-8", "surrogatepass")[:8000]
    bare = b"%/:.-_~'()*!" if rng.random() < 0.5 else b""
    return "".join(
        chr(one) if (chr(one).isalnum() and one < 128) or one in bare else f"%{one:02X}"
        for one in raw
    )


def _headers(rng: random.Random) -> dict[str, str]:
    headers = {}
    for name in ("x-forwarded-for", "x-forwarded-host", "referer", "accept-language", "range",
                 "if-none-match", "upload-offset", "upload-length", "tus-resumable", "hx-request",
                 "upload-metadata", "authorization", "background"):  # fmt: skip
        if rng.random() < 0.08:
            word = rng.choice(WORDS).encode("utf-8", "replace")[:4000]
            headers[name] = re.sub(rb"[\r\n\0]", b" ", word).decode("latin-1").strip()
    return headers


def _form(rng: random.Random, known: Sequence[str]) -> tuple[dict[str, str], bytes]:
    kind = rng.choice(TYPES)
    draw = rng.random()
    if draw < 0.55:
        kind = TYPES[0]
        pairs = [
            f"{_quoted(rng, rng.choice(FIELDS))}={_quoted(rng, _word(rng, known, 0.3))}"
            for _ in range(rng.choice((0, 1, 3, 8, 1200)) if rng.random() < 0.1 else 3)
        ]
        body = "&".join(pairs).encode()
    elif draw < 0.8:
        body = _multipart(rng)
        kind = "multipart/form-data; boundary=x"
    else:
        body = rng.randbytes(rng.randrange(2000)) if rng.random() < 0.5 else bad_json(rng)
    return ({"content-type": kind} if kind else {}), body


def _multipart(rng: random.Random) -> bytes:
    parts = []
    for _ in range(rng.randrange(4)):
        name = rng.choice(FIELDS).encode()
        file = rng.choice(WORDS)[:300].encode("utf-8", "replace")
        parts.append(
            b'--x\r\nContent-Disposition: form-data; name="' + name + b'"; filename="' + file
            + b'"\r\nContent-Type: ' + rng.choice((b"application/pdf", b"x", b"")) + b"\r\n\r\n"
            + rng.randbytes(rng.randrange(300)) + b"\r\n"
        )  # fmt: skip
    whole = b"".join(parts) + rng.choice((b"--x--\r\n", b"--x", b"", b"--y--"))
    return whole if rng.random() < 0.6 else broken(rng, whole)


def broken(rng: random.Random, content: bytes) -> bytes:
    """Return bytes with some changed, cut or doubled."""
    out = bytearray(content)
    for _ in range(rng.randrange(1, 8)):
        if not out:
            break
        place = rng.randrange(len(out))
        what = rng.randrange(4)
        if what == 0:
            out[place] = rng.randrange(256)
        elif what == 1:
            del out[place : place + rng.randrange(1, 40)]
        elif what == 2:
            out[place:place] = out[place : place + rng.randrange(1, 60)]
        else:
            out[place:place] = rng.choice(
                (b"\0", b"\xff", b"\r\n", b"\r\n\r\n", b"--", b"=?", b"\t")
            )
    return bytes(out)


def bad_json(rng: random.Random) -> bytes:
    """Return a delivery's body: a good one with one thing wrong, or nothing like it."""
    odd: Sequence[Callable[[], bytes]] = (
        lambda: b"[" * rng.choice((50, 5000, 100_000)),
        lambda: b'{"a":' * rng.choice((50, 5000)) + b"1" + b"}" * 10,
        lambda: b"",
        lambda: b"null",
        lambda: b"1" * rng.choice((10, 5000)),
        lambda: b"\xef\xbb\xbf{}",
        lambda: rng.randbytes(200),
        lambda: b'{"type":"case.note","type":"case.opened","data":{}}',
    )
    if rng.random() < 0.3:
        return rng.choice(odd)()
    said = _delivery(rng)
    text = json.dumps(said, allow_nan=True)
    if rng.random() < 0.2:
        text = text.replace('"', "'", 1)
    raw = text.encode("utf-8", "surrogatepass")
    return broken(rng, raw) if rng.random() < 0.2 else raw


def _delivery(rng: random.Random) -> dict[str, object]:
    word: Callable[[], object] = lambda: rng.choice(  # noqa: E731 - drawn anew in every place
        (rng.choice(WORDS), rng.choice(WORDS), 10**400, -1, 1.5, float("nan"), None, True, [], {},
         {"name": rng.choice(WORDS)}, [rng.choice(WORDS)] * 3)
    )  # fmt: skip
    patient: dict[str, object] = {
        "name": "Grace W.", "email": f"g{rng.randrange(10**6)}@family.example",
        "birth_date": "1970-01-01", "phone": "+254 700 000000", "sex": "female",
    }  # fmt: skip
    data: dict[str, object] = {"patient": patient, "site": "breast", "residence_country": "KE",
                               "language": "en", "urgency": "routine"}  # fmt: skip
    kind = rng.choice(("case.opened", "case.note", "document.received", rng.choice(WORDS)))
    if kind == "case.note":
        data = {"case_ref": "CFX-26-00001", "text": "A note."}
    if kind == "document.received":
        data = {"case_ref": "CFX-26-00001", "file_name": "a.pdf", "content_base64": "JVBERi0="}
    said: dict[str, object] = {"type": kind, "data": data}
    place = rng.choice((said, data, patient if "patient" in data else data))
    key = rng.choice([*place, rng.choice(FIELDS)])
    place[key] = word()
    return said


def mail(rng: random.Random, number: int) -> bytes:
    """Return a letter with something wrong in its head, its parts or its bytes."""
    letter = EmailMessage()
    letter["From"] = f"Sender {number} <s{number}@family.example>"
    letter["To"] = "cases@coordination.example"
    letter["Subject"] = (
        re.sub(r"[\r\n\0]", " ", rng.choice(WORDS))[:300].encode("utf-8", "replace").decode("utf-8")
    )
    letter["Message-ID"] = f"<fuzz-{number}@family.example>"
    letter.set_content(f"Letter {number}.\n" + rng.choice(WORDS).replace("\0", "")[:2000])
    if rng.random() < 0.5:
        letter.add_attachment(
            rng.randbytes(rng.randrange(2000)),
            maintype="application",
            subtype=rng.choice(("pdf", "zip", "octet-stream", "ms-tnef")),
            filename=re.sub(r"[\r\n\0]", "_", rng.choice(WORDS))[:200],
        )
    raw = letter.as_bytes()
    head = rng.choice(
        (b"", b"Date: x\r\n", b"Content-Transfer-Encoding: base64\r\n", b"Received: " + b"a" * 9000
         + b"\r\n", b"Subject: =?utf-8?b?////?=\r\n", b"From: \r\n",
         b"References: " + b"<a@b> " * 500 + b"\r\n",
         b"Content-Type: multipart/mixed; boundary=\r\n",
         b"Content-Type: text/plain; charset=x-none\r\n")
    )  # fmt: skip
    raw = head + raw
    return raw if rng.random() < 0.3 else broken(rng, raw)
