"""The child that draws and looks; `asking.Pictures` says what it can be asked."""

from collections.abc import Callable, Sequence
from typing import Any

from adapters.pictures import drawn, looked
from adapters.reader.protocol import page_from_json, page_to_json
from adapters.sandbox.answering import Answer, answer_once


def main() -> int:
    """Do the one task that is asked; what cannot be done is answered by nothing."""
    return answer_once(lambda task, contents: _WAYS[task["what"]](task, contents))


def _page(task: dict[str, Any], contents: Sequence[bytes]) -> Answer:
    return {}, [drawn.page(contents[0], int(task["number"]), int(task["width"]))]


def _small(_: dict[str, Any], contents: Sequence[bytes]) -> Answer:
    return {}, [drawn.small(contents[0])]


def _lines(task: dict[str, Any], contents: Sequence[bytes]) -> Answer:
    page, width, kind = contents[0], float(task["page_width"]), task["kind"]
    return {}, [drawn.line(page, width, box, kind) for box in task["boxes"]]


def _look(_: dict[str, Any], contents: Sequence[bytes]) -> Answer:
    return {"hints": looked.look(contents[0])}, []


def _joined(task: dict[str, Any], contents: Sequence[bytes]) -> Answer:
    from adapters.pictures.joined import as_one

    pages = [page_from_json(page) for page in task["pages"]]
    content, made = as_one(list(zip(contents, pages, task["turns"], strict=True)))
    return {"pages": [page_to_json(page) for page in made]}, [content]


_WAYS: dict[str, Callable[[dict[str, Any], Sequence[bytes]], Answer]] = {
    "page": _page,
    "small": _small,
    "lines": _lines,
    "look": _look,
    "joined": _joined,
}
