"""The lines between the reader and its child: one JSON object a line, decided by its `kind`.

child -> parent: `type` (media type found, walls around the child), `start` (a page is begun),
`ocr` (it takes the time of OCR), `page`, `attachment`, `person` (whom imaging names), `done`
(status, message, details). The last `start` without its `page` names the page that a killed child
was working on.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any, get_args

from adapters.reader.types import Attachment, ReadStatus
from extractors.types import Box, Identity, Page, Word


def page_to_json(page: Page) -> dict[str, object]:
    """Return a page as a JSON object, words as short lists."""
    return {
        "kind": "page",
        "number": page.number,
        "width": round(page.width, 3),
        "height": round(page.height, 3),
        "method": page.method,
        "reason": page.reason,
        "text": page.text,
        "confidence": round(page.confidence, 3),
        "words": [
            [word.text, *(round(edge, 3) for edge in word.box), word.start, word.end]
            for word in page.words
        ],
        "doubtful": [[round(edge, 3) for edge in box] for box in page.doubtful],
    }


def page_from_json(raw: Mapping[str, Any]) -> Page:
    """Return the page of a `page` line. Raises KeyError, TypeError or ValueError when malformed."""
    width, height = float(raw["width"]), float(raw["height"])
    words = tuple(
        Word(
            str(text),
            (float(x0), float(top), min(float(x1), width), min(float(bottom), height)),
            int(start),
            int(end),
        )
        for text, x0, top, x1, bottom, start, end in raw["words"]
    )
    return Page(
        int(raw["number"]),
        width,
        height,
        raw["method"],
        str(raw["reason"]),
        str(raw["text"]),
        words,
        float(raw["confidence"]),
        tuple(_box(edges) for edges in raw.get("doubtful", ())),
    )


def _box(edges: Sequence[float]) -> Box:
    x0, top, x1, bottom = map(float, edges)
    return (x0, top, x1, bottom)


def attachment_to_json(attachment: Attachment) -> dict[str, object]:
    """Return an attachment as a JSON object, its content in base 64."""
    content = base64.b64encode(attachment.content).decode("ascii")
    return {
        "kind": "attachment",
        "name": attachment.name,
        "content": content,
        "problem": attachment.problem,
        "unsure": attachment.unsure,
    }


def attachment_from_json(raw: Mapping[str, Any]) -> Attachment:
    """Return the attachment of an `attachment` line. Raises ValueError for an unknown problem."""
    problem = raw["problem"]
    if problem is not None and problem not in get_args(ReadStatus):
        raise ValueError(problem)
    content = base64.b64decode(raw["content"])
    return Attachment(str(raw["name"]), content, problem, bool(raw.get("unsure")))


def person_to_json(person: Identity) -> dict[str, object]:
    """Return whom a header names as a JSON object."""
    return {"kind": "person", **asdict(person)}


def person_from_json(raw: Mapping[str, Any]) -> Identity:
    """Return the person of a `person` line."""
    return Identity(*(tuple(map(str, raw[name.name])) for name in fields(Identity)))


def encode(message: Mapping[str, object]) -> bytes:
    """Return one line. Lone surrogates (broken fonts make them) are replaced."""
    line = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    return line.encode("utf-8", "replace") + b"\n"
