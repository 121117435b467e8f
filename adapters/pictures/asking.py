"""Asking for pictures of strangers' files, which are drawn, cut and looked at in the sandbox alone.

Whoever asks gets bytes to hand on, and decodes none: a process that holds secrets parses neither
what was sent nor what came out of the sandbox.
"""

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adapters.reader.media import IMAGES, media_type_of
from adapters.reader.protocol import page_from_json, page_to_json
from adapters.sandbox.asking import ask
from adapters.sandbox.parser import LocalSandbox, Sandbox
from extractors.photo_quality import HINTS
from extractors.types import Page

SECONDS = 20
SECONDS_OF_A_LOOK = 10
LARGEST_PICTURE = 8 * 1024 * 1024
LARGEST_DOCUMENT = 256 * 1024 * 1024
_CHILD = "adapters.pictures.child"
_CONTAINERS = (b"PK", b"\xd0\xcf")
_RAW = re.compile(rb"P6 (\d{1,5}) (\d{1,5}) 255\n")
_looks_at_once = threading.BoundedSemaphore(2)
_room_for_looks = threading.BoundedSemaphore(6)
"""Looks that run or wait in one process: more would keep it from everything else that it does."""


class NoPicture(Exception):
    """The page cannot be drawn: not a kind with pages, damaged, locked, or too large."""


@dataclass(frozen=True, slots=True)
class TakenPhoto:
    """A photo as it lies: its picture (PNG), its page as it was read, how it must be turned."""

    picture: bytes
    page: Page
    turn: int


def could_be_photo(content: bytes) -> bool:
    """Return whether the first bytes are those of a picture; nothing is decoded."""
    head = content[:4096]
    return not head.startswith(_CONTAINERS) and media_type_of(head) in IMAGES


class Pictures:
    """Asks parsers for pictures. Each call is a process of its own; raises `NoPicture`."""

    def __init__(self, sandbox: Sandbox | None = None) -> None:
        """Let them run in `sandbox`."""
        self._sandbox = sandbox or LocalSandbox()

    def page(self, content: bytes, number: int, width: int) -> bytes:
        """Return page `number` (1-based) of a file as PNG, `width` pixels wide."""
        return self._one({"what": "page", "number": number, "width": width}, content)

    def small(self, picture: bytes) -> bytes:
        """Return a PNG as WebP, a quarter of its size on scans."""
        return self._one({"what": "small"}, picture)

    def line(self, page: bytes, page_width: float, box: Sequence[float]) -> bytes:
        """Cut the strip with `box` [x0, top, x1, bottom] out of a page's PNG and frame the box.

        `page_width` and the box are in points. White margins left and right are cut away.
        """
        (strip,) = self._lines(page, page_width, [box], "PNG")
        if not strip:
            raise NoPicture
        return strip

    def raw_lines(
        self, page: bytes, page_width: float, boxes: Sequence[Sequence[float]]
    ) -> list[bytes | None]:
        """Return strips as `line` cuts them, as bare points (PPM): nobody need decode them.

        None for a box outside the page.
        """
        strips = self._lines(page, page_width, boxes, "PPM")
        return [strip if _is_raw(strip) else None for strip in strips]

    def _lines(
        self, page: bytes, page_width: float, boxes: Sequence[Sequence[float]], kind: str
    ) -> list[bytes]:
        task = {"what": "lines", "page_width": page_width, "kind": kind}
        task["boxes"] = [list(box) for box in boxes]
        _, strips = self._asked(task, [page], SECONDS, LARGEST_DOCUMENT)
        if len(strips) != len(boxes):
            raise NoPicture
        return strips

    def joined(self, photos: Sequence[TakenPhoto]) -> tuple[bytes, tuple[Page, ...]]:
        """Return the PDF of photos of one paper in their order, and its pages with their words."""
        task = {
            "what": "joined",
            "pages": [page_to_json(photo.page) for photo in photos],
            "turns": [photo.turn for photo in photos],
        }
        seconds = SECONDS + 2 * len(photos)
        pictures = [photo.picture for photo in photos]
        said, parts = self._asked(task, pictures, seconds, LARGEST_DOCUMENT)
        try:
            (content,) = parts
            pages = tuple(page_from_json(page) for page in said["pages"])
        except (KeyError, TypeError, ValueError):
            raise NoPicture from None
        if len(pages) != len(photos) or not content.startswith(b"%PDF"):
            raise NoPicture
        return content, pages

    def look(self, photo: bytes) -> tuple[str, ...]:
        """Return the hints about a photo (codes of `extractors.photo_quality`), or "damaged".

        Empty also when it could not be looked at in time, or when many are looked at: a hint is
        never worth a wait.
        """
        if not _room_for_looks.acquire(blocking=False):
            return ()
        try:
            with _looks_at_once:
                said, _ = self._asked({"what": "look"}, [photo], SECONDS_OF_A_LOOK, 1024)
        except NoPicture:
            return ()
        finally:
            _room_for_looks.release()
        found = said.get("hints")
        known = (*HINTS, "damaged")
        return tuple(code for code in known if isinstance(found, list) and code in found)

    def _one(self, task: dict[str, Any], content: bytes) -> bytes:
        _, parts = self._asked(task, [content], SECONDS, LARGEST_PICTURE)
        if len(parts) != 1 or not parts[0]:
            raise NoPicture
        return parts[0]

    def _asked(
        self, task: dict[str, Any], contents: Sequence[bytes], seconds: int, most: int
    ) -> tuple[dict[str, Any], list[bytes]]:
        found = ask(self._sandbox, _CHILD, task, contents, seconds=seconds, most=most)
        if found is None:
            raise NoPicture
        return found


def _is_raw(strip: bytes) -> bool:
    head = _RAW.match(strip)
    return head is not None and len(strip) == head.end() + 3 * int(head[1]) * int(head[2])
