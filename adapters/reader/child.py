"""The child process, which `adapters.sandbox.enter` starts: its argument is a descriptor.

Its task is on standard input. Reads the file behind the descriptor and writes JSON lines to
standard output (see `protocol`). Says the type of an exception at most, never its text: it can hold
patient data.
"""

import io
import logging
import sys
from typing import BinaryIO

from adapters.reader import media, messages
from adapters.reader.context import Child, PageTimeoutError
from adapters.reader.copies import ApartFile


def main() -> int:
    """Read one file and say how it ended; the exit code is 0 whatever the file was."""
    logging.disable(logging.CRITICAL)  # parsers log fragments of what they parse
    child = Child.from_stdin()
    child.watch_time()
    sys.setrecursionlimit(800)
    try:
        with io.BufferedReader(ApartFile(int(sys.argv[1]))) as stream:
            read_stream(stream, child)
    except BrokenPipeError:
        return 0
    except (PageTimeoutError, MemoryError) as error:
        child.done("too_large", messages.OUT_OF_LIMITS, {"error": type(error).__name__})
    except Exception as error:
        child.done("corrupt", messages.CORRUPT, {"error": type(error).__name__})
    return 0


def read_stream(stream: BinaryIO, child: Child) -> None:
    """Find out what the file is and hand it to the reader for it."""
    head = stream.read(1024 * 1024)
    # Containers and JSON are recognised by what is inside, a PDF by its head: do not load 300 MB.
    if not head.lstrip().startswith((b"PK", b"\xd0\xcf", b"{", b"[")):
        media_type = media.media_type_of(head)
    else:
        media_type = media.media_type_of(head + stream.read())
    stream.seek(0)
    child.media_type(media_type)
    if media_type == media.PDF:
        from adapters.reader.pdf import read_pdf
        from adapters.reader.pdf_attachments import send_attachments

        send_attachments(stream, child)
        read_pdf(stream, child)
    elif media_type in media.IMAGES:
        from adapters.reader.images import read_image

        read_image(stream, media_type, child)
    else:
        from adapters.reader.formats import read_other

        read_other(stream.read(), media_type, child)
