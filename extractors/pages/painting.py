"""What a page paints beside its text, as far as it decides which text can be seen, or is chosen.

Colours (white on white is not seen), layers that are switched off, lines (they strike words out),
small shapes (boxes, and the ticks in them), and shapes painted over text that was there before.
"""

from collections.abc import Callable, Sequence
from typing import ClassVar

from pdfminer.pdfinterp import PDFPageInterpreter
from pdfminer.pdftypes import dict_value, resolve1
from pdfminer.psparser import PSLiteral
from pdfminer.utils import Matrix, apply_matrix_rect

from extractors.pages.device import CharacterDevice
from extractors.pages.shapes import Paint, Path

_MOST_PIECES = 3_000
"""Pieces of one path; a drawing with more is a figure and strikes nothing out."""
_NEARLY_ALL = 0.97
_GREY_SPACES = frozenset({"DeviceGray", "CalGray", "G"})

Operator = Callable[["PaintingInterpreter", list[object]], None]


class PaintingInterpreter(PDFPageInterpreter):
    """pdfminer's interpreter with the operators of colours, paths and marked content."""

    device: CharacterDevice

    def init_state(self, ctm: Matrix) -> None:
        """Begin a content stream: no path, no marked content, colours as they were."""
        super().init_state(ctm)
        self.pieces: list[Path] = []
        self.marked: list[bool] = []
        self.one_means_white = True

    # Colours

    def _grey(self, arguments: list[object]) -> None:
        self.one_means_white = True
        self._fill(numbers(arguments, 1), (1,))

    def _rgb(self, arguments: list[object]) -> None:
        self._fill(numbers(arguments, 3), (1, 1, 1))

    def _cmyk(self, arguments: list[object]) -> None:
        self._fill(numbers(arguments, 4), (0, 0, 0, 0))

    def _space(self, arguments: list[object]) -> None:
        name = getattr(arguments[-1], "name", "") if arguments else ""
        space = self.csmap.get(name)
        grey = name in _GREY_SPACES or (
            space is not None and space.name == "ICCBased" and space.ncomponents == 1
        )
        self.one_means_white = grey
        self.device.pale = False
        self.device.shade = 0.0

    def _colour(self, arguments: list[object]) -> None:
        white = {3: (1, 1, 1), 4: (0, 0, 0, 0)}.get(len(arguments))
        if len(arguments) == 1 and self.one_means_white:
            white = (1,)
        self._fill(numbers(arguments, len(arguments)), white or ())

    def _fill(self, given: Sequence[float] | None, white: Sequence[int]) -> None:
        pairs = [*zip(given or (), white, strict=False)]
        far = max((abs(value - wanted) for value, wanted in pairs), default=1.0)
        self.device.pale = bool(white and given) and far <= 1 - _NEARLY_ALL
        self.device.shade = 0.0 if not white else 1.0 - min(far, 1.0)

    def _graphics_state(self, arguments: list[object]) -> None:
        name = getattr(arguments[-1], "name", None) if arguments else None
        states = resolve1(self.resources.get("ExtGState")) if name and self.resources else None
        state = resolve1(states.get(name)) if isinstance(states, dict) else None
        if isinstance(state, dict):
            opacity = resolve1(state.get("ca"))
            if isinstance(opacity, int | float):
                self.device.clear = opacity < 1 - _NEARLY_ALL

    # Paths: pieces are in the coordinates of the path

    def _begin(self, arguments: list[object]) -> None:
        point = numbers(arguments, 2)
        if point is not None and len(self.pieces) < _MOST_PIECES:
            self.pieces.append(Path(point[0], point[1]))

    def _line(self, arguments: list[object]) -> None:
        point = numbers(arguments, 2)
        if point is not None and self.pieces:
            self.pieces[-1].line_to(point[0], point[1])

    def _curve(self, arguments: list[object]) -> None:
        point = numbers(arguments, 2)
        if point is not None and self.pieces:
            self.pieces[-1].curve_to(point[0], point[1])

    def _rectangle(self, arguments: list[object]) -> None:
        edges = numbers(arguments, 4)
        if edges is not None and len(self.pieces) < _MOST_PIECES:
            self.pieces.append(Path.rectangle(*edges))

    def _no_paint(self, _arguments: list[object]) -> None:
        self.pieces = []

    def _stroke(self, _arguments: list[object]) -> None:
        self._paint("stroke")

    def _fill_path(self, _arguments: list[object]) -> None:
        self._paint("fill")

    def _fill_and_stroke(self, _arguments: list[object]) -> None:
        self._paint("both")

    def _paint(self, how: Paint) -> None:
        """Note what a painted path covers; thin pieces are lines, small ones may be boxes."""
        device = self.device
        device.paths += 1
        pieces, self.pieces = self.pieces, []
        if device.off or len(pieces) >= _MOST_PIECES:
            return
        for piece in pieces:
            if piece.points <= 6:
                device.add_shape(apply_matrix_rect(self.ctm, piece.box))
        device.add_paths(pieces, self.ctm, how)

    # Marked content: only what belongs to a layer matters

    def _mark(self, arguments: list[object]) -> None:
        hidden = False
        if len(arguments) >= 2 and getattr(arguments[-2], "name", "") == "OC":
            name = arguments[-1]
            listed = self.resources.get("Properties") if self.resources else None
            if isinstance(name, PSLiteral) and listed is not None:
                hidden = self.device.layers.hide(dict_value(listed).get(name.name))
        self.marked.append(hidden)
        self.device.off += hidden

    def _unmark(self, _arguments: list[object]) -> None:
        if self.marked:
            self.device.off -= self.marked.pop()

    def close_marks(self) -> None:
        """End marked content that the stream left open."""
        while self.marked:
            self.device.off -= self.marked.pop()

    PAINTING: ClassVar[dict[bytes, Operator]] = {
        b"g": _grey,
        b"rg": _rgb,
        b"k": _cmyk,
        b"cs": _space,
        b"sc": _colour,
        b"scn": _colour,
        b"gs": _graphics_state,
        b"m": _begin,
        b"l": _line,
        b"c": _curve,
        b"v": _curve,
        b"y": _curve,
        b"re": _rectangle,
        b"n": _no_paint,
        b"BDC": _mark,
        b"BMC": _mark,
        b"EMC": _unmark,
        **dict.fromkeys((b"f", b"f*", b"F"), _fill_path),
        **dict.fromkeys((b"B", b"B*", b"b", b"b*"), _fill_and_stroke),
        **dict.fromkeys((b"S", b"s"), _stroke),
    }


def numbers(arguments: Sequence[object], count: int) -> Sequence[float] | None:
    """Return the last `count` arguments if they are all numbers."""
    values = arguments[-count:]
    if count and len(values) == count and all(isinstance(value, int | float) for value in values):
        return values  # type: ignore[return-value]
    return None
