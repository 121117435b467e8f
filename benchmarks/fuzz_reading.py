"""Throw broken files at the reader: no crash, no hang, every answer in order.

    python benchmarks/fuzz_reading.py [COUNT] [--seed N] [--sandboxed EVERY]

Makes COUNT inputs (PDFs with bytes, numbers, tokens and whole stretches changed; noise; broken
mails, archives, office files and pictures) and reads each with the code of the reader's child,
in this process, without OCR. One in EVERY goes through the real sandbox (with OCR) as well. An
input that raises, takes longer than ten seconds, or gives a page whose words do not lie on it
and in its text is written to the folder named at the end.
"""

import argparse
import faulthandler
import io
import json
import logging
import random
import resource
import signal
import sys
import tempfile
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from adapters.reader import ReaderLimits, SandboxedReader
from adapters.reader.child import read_stream
from adapters.reader.context import Child, Config, PageTimeoutError
from adapters.reader.protocol import page_from_json
from benchmarks.extraction_pages import dense_report
from benchmarks.machine import ran_on

HANG_SECONDS = 10.0
LIMITS = ReaderLimits(page_seconds=5.0, total_seconds=20.0, archive_bytes=20 << 20)
TOKENS = (
    b"/Type", b"/Page", b"/Pages", b"/Kids", b"/Count", b"/Length", b"/Filter", b"/FlateDecode",
    b"/MediaBox", b"/Rotate", b"/Font", b"/ToUnicode", b"/XObject", b"/Contents", b"/Resources",
    b"/W", b"/Index", b"/Size", b"/Prev", b"/Root", b"obj", b"endobj", b"stream", b"endstream",
    b"xref", b"trailer", b"startxref", b"<<", b">>", b"[", b"]", b"(", b")", b"<", b">", b"null",
    b"0 R", b"1 0 R", b"Tj", b"TJ", b"Tf", b"Td", b"Tm", b"cm", b"q", b"Q", b"BT", b"ET", b"Do",
)  # fmt: skip
NUMBERS = (b"0", b"-1", b"1", b"255", b"65536", b"2147483648", b"-99999999999", b"1e9", b"0.00001")


def uncompressed_report() -> bytes:
    """Return a small PDF with readable streams, so that changes reach the operators."""
    lines = b"".join(b"0 -14 Td (line %d of the report, %d mm) Tj\n" % (n, n) for n in range(30))
    content = (
        b"BT /F1 10 Tf 60 760 Td\n" + lines + b"[(ker) -50 (ned)] TJ ET\nq 1 0 0 1 5 5 cm /X Do Q"
    )
    form = b"BT /F1 8 Tf 10 10 Td (inside a form) Tj ET"
    unicode_map = b"1 beginbfrange <20> <7E> <0020> endbfrange"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 /MediaBox [0 0 612 792] >>",
        b"<< /Type /Page /Parent 2 0 R /Contents 5 0 R /Rotate 90 /Resources 8 0 R >>",
        b"<< /Type /Page /Parent 2 0 R /Contents [5 0 R 6 0 R] /Resources 8 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 99 99] /Matrix [1 0 0 1 9 9]"
        b" /Resources 8 0 R /Length %d >>\nstream\n%s\nendstream" % (len(form), form),
        b"<< /Type /Font /Subtype /TrueType /BaseFont /Arial /FirstChar 32 /LastChar 126"
        b" /Widths [%s]"
        b" /ToUnicode 9 0 R"
        b" /FontDescriptor << /FontName /Arial /Descent -210 /FontBBox [0 0 9 9] >> >>"
        % (b"500 " * 95),
        b"<< /Font << /F1 7 0 R >> /XObject << /X 6 0 R >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(unicode_map), unicode_map),
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        len(out),
    )
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + end


def other_files() -> list[bytes]:
    """Return one small file of every other format."""
    from PIL import Image

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", "<d><p>text</p></d>")
        archive.writestr("a.txt", "14 mm")
    pictures = []
    for kind in ("PNG", "JPEG", "TIFF", "WEBP", "GIF"):
        target = io.BytesIO()
        Image.effect_noise((64, 64), 60).save(target, kind)
        pictures.append(target.getvalue())
    mail = b"\r\n".join(
        (
            b"From: a@a.example",
            b"To: b@b.example",
            b"Subject: x",
            b"Message-ID: <1@a>",
            b"MIME-Version: 1.0",
            b'Content-Type: multipart/mixed; boundary="b"',
            b"",
            b"--b",
            b"Content-Type: text/plain",
            b"",
            b"hi",
            b"--b",
            b'Content-Type: application/pdf; name="a.pdf"',
            b"Content-Transfer-Encoding: base64",
            b"",
            b"JVBERi0=",
            b"--b--",
            b"",
        )
    )
    rtf = rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}\f0 Gr\'f6\'dfe\par \u945? {\*\x y}\tab 14 mm}"
    dicom = (
        bytes(128)
        + b"DICM\x02\x00\x10\x00UI\x14\x001.2.840.10008.1.2.1\x00\x08\x00\x60\x00CS\x02\x00MR"
    )
    return [packed.getvalue(), *pictures, mail, rtf, dicom, b"plain text, 14 mm\n" * 9]


def mutate(content: bytes, draw: random.Random) -> bytes:
    """Return the file with a few changes."""
    data = bytearray(content)
    for _ in range(draw.choice((1, 1, 2, 4, 12, 40))):
        if not data:
            break
        at = draw.randrange(len(data))
        way = draw.randrange(9)
        if way <= 1:
            data[at] = draw.randrange(256)
        elif way == 2:
            del data[at : at + draw.choice((1, 4, 30, 400))]
        elif way == 3:
            data[at:at] = draw.randbytes(draw.choice((1, 4, 30)))
        elif way == 4:
            data[at : at + draw.choice((0, 4, 9))] = draw.choice(TOKENS)
        elif way == 5:
            data[at : at + draw.choice((1, 2, 5))] = draw.choice(NUMBERS)
        elif way == 6:
            start = draw.randrange(len(data))
            data[at:at] = data[start : start + draw.choice((5, 50, 500))]
        elif way == 7:
            data[at:at] = draw.choice((b"[", b"<<", b"(", b"q ", b"/X Do ")) * draw.choice((3, 300))
        else:
            del data[at:]
    return bytes(data)


def repacked(content: bytes, draw: random.Random) -> bytes:
    """Change the inside of a deflated stream and pack it again."""
    start = content.find(b"stream", draw.randrange(len(content)))
    end = content.find(b"endstream", start)
    if start < 0 or end < 0:
        return mutate(content, draw)
    try:
        inner = zlib.decompress(content[start + 6 : end].strip(b"\r\n"))
    except zlib.error:
        return mutate(content, draw)
    return content[: start + 7] + zlib.compress(mutate(inner, draw)) + b"\n" + content[end:]


def check(output: bytes) -> str:
    """Return the status that the reader gave; raises AssertionError when an answer is wrong."""
    status = ""
    for line in output.splitlines():
        message = json.loads(line)
        assert not status, "something was sent behind the end"
        if message["kind"] == "done":
            status = message["status"]
            assert message["message"] or status == "read"
        elif message["kind"] == "page":
            page = page_from_json(message)
            end = 0
            for word in page.words:
                assert end <= word.start <= word.end <= len(page.text)
                assert page.text[word.start : word.end] in (word.text, word.text[:-1])
                x0, top, x1, bottom = word.box
                assert -0.01 <= x0 <= x1 <= page.width + 0.01, "box beside the page"
                assert -0.01 <= top <= bottom <= page.height + 0.01, "box beside the page"
                end = word.end
    assert status, "no end was sent"
    return status


def read_here(content: bytes) -> str:
    """Read with the child's code in this process and return the status."""
    with tempfile.TemporaryFile() as answers:
        child = Child(Config(LIMITS, 1, "", None), answers.fileno())
        try:
            read_stream(io.BytesIO(content), child)
        except (MemoryError, PageTimeoutError):
            child.done("too_large", "limit")
        answers.seek(0)
        return check(answers.read())


def makers(draw: random.Random) -> list[Callable[[], bytes]]:
    """Return the ways to make an input."""
    plain, packed = uncompressed_report(), dense_report(2)
    others = other_files()
    return [
        lambda: mutate(plain, draw),
        lambda: mutate(plain, draw),
        lambda: mutate(packed, draw),
        lambda: repacked(packed, draw),
        lambda: b"%PDF-1.7\n" + draw.randbytes(draw.randrange(3000)),
        lambda: draw.randbytes(draw.randrange(3000)),
        lambda: mutate(draw.choice(others), draw),
    ]


def main() -> int:
    """Run and print what was found; the exit code is 1 when anything was."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("count", nargs="?", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sandboxed", type=int, default=200, metavar="EVERY")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    sys.setrecursionlimit(800)
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(PageTimeoutError()))
    draw = random.Random(options.seed)
    ways = makers(draw)
    found: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    slowest = 0.0
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    reader = SandboxedReader(LIMITS)
    begun = time.monotonic()
    for number in range(options.count):
        content = draw.choice(ways)()
        start = time.monotonic()
        faulthandler.dump_traceback_later(6 * HANG_SECONDS, exit=True)
        try:
            statuses[read_here(content)] += 1
            seconds = time.monotonic() - start
            if options.sandboxed and number % options.sandboxed == 0:
                reader.read(content)
                assert time.monotonic() - start < LIMITS.total_seconds + 10, "sandbox too slow"
        except Exception as error:
            found[f"{type(error).__name__}: {error}"[:70]] += 1
            (folder / f"{number}.bin").write_bytes(content)
            seconds = time.monotonic() - start
        slowest = max(slowest, seconds)
        if seconds > HANG_SECONDS:
            found["hang"] += 1
            (folder / f"{number}-hang.bin").write_bytes(content)
    faulthandler.cancel_dump_traceback_later()
    seconds = time.monotonic() - begun
    if options.json:
        told = ran_on() | {
            "count": options.count, "seed": options.seed, "seconds": round(seconds, 1),
            "sandboxed": -(-options.count // options.sandboxed) if options.sandboxed else 0,
            "slowest": round(slowest, 1), "statuses": statuses, "found": found,
        }  # fmt: skip
        options.json.write_text(json.dumps(told, indent=1) + "\n")
    print(f"{options.count} inputs, seed {options.seed}, {seconds:.0f} s")
    print(f"  slowest {slowest:.1f} s, statuses {dict(statuses.most_common())}")
    print(f"  crashes, hangs, wrong answers: {sum(found.values())} {dict(found) or ''}")
    if found:
        print(f"  inputs kept in {folder}")
        return 1
    folder.rmdir()
    return 0


if __name__ == "__main__":
    sys.exit(main())
