"""A picture as SVG, put together from lines, boxes and words; attributes only, no style, no script.

All lengths are pixels. How wide words are, the reader's font says: `width_of` is a little more.
"""

from collections.abc import Iterable, Sequence
from html import escape

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"
SIZE = 12
_LETTER = 0.58
Point = tuple[float, float]


def width_of(text: str, *, bold: bool = False) -> float:
    """Return about how wide a text of the usual size is."""
    return len(text) * SIZE * _LETTER * (1.06 if bold else 1.0)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


class Picture:
    """A picture of some width that grows downwards by what is drawn into it."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self._parts: list[str] = []

    def _add(self, name: str, text: str | None = None, **attributes: str | float | None) -> None:
        told = "".join(
            f' {key.rstrip("_").replace("_", "-")}="'
            f'{_number(value) if isinstance(value, float | int) else escape(value)}"'
            for key, value in attributes.items()
            if value is not None
        )
        end = "/>" if text is None else f">{escape(text, quote=False)}</{name}>"
        self._parts.append(f"<{name}{told}{end}")

    def line(
        self, start: Point, end: Point, colour: str, width: float = 1, dash: str | None = None
    ) -> None:
        """Draw a straight line; `dash` as SVG has it: "3 2"."""
        self._add(
            "line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], stroke=colour,
            stroke_width=width, stroke_dasharray=dash,
        )  # fmt: skip

    def path(
        self, points: Sequence[Point], colour: str, width: float = 1.6, dash: str | None = None
    ) -> None:
        """Draw a line through points."""
        told = " ".join(f"{_number(x)},{_number(y)}" for x, y in points)
        self._add(
            "polyline", points=told, fill="none", stroke=colour, stroke_width=width,
            stroke_dasharray=dash,
        )  # fmt: skip

    def area(self, points: Iterable[Point], fill: str, edge: str | None = None) -> None:
        """Fill what lies between points."""
        told = " ".join(f"{_number(x)},{_number(y)}" for x, y in points)
        self._add("polygon", points=told, fill=fill, stroke=edge)

    def box(
        self, corner: Point, width: float, height: float, fill: str, edge: str | None = None
    ) -> None:
        """Draw a box from its upper left corner."""
        self._add(
            "rect", x=corner[0], y=corner[1], width=max(0.0, width), height=height, fill=fill,
            stroke=edge, stroke_width=None if edge is None else 0.8,
        )  # fmt: skip

    def hatch(self, corner: Point, width: float, height: float, colour: str) -> None:
        """Draw slanting lines over a box, so that it is told apart without colour."""
        x, y = corner
        step = -height
        while step < width:
            start = max(0.0, step)
            end = min(width, step + height)
            if end > start:
                low, high = y + height - (start - step), y + height - (end - step)
                self.line((x + start, low), (x + end, high), colour, 0.8)
            step += 7.0

    def ring(self, at: Point, radius: float, fill: str, edge: str | None = None) -> None:
        """Draw a circle around a point."""
        self._add("circle", cx=at[0], cy=at[1], r=radius, fill=fill, stroke=edge)

    def words(
        self, at: Point, text: str, colour: str, anchor: str = "start", *, bold: bool = False
    ) -> None:
        """Write a text on the line through `at`; `anchor` is start, middle or end."""
        self._add(
            "text", text, x=at[0], y=at[1] + SIZE * 0.35, fill=colour, text_anchor=anchor,
            font_weight="bold" if bold else None,
        )  # fmt: skip

    def whole(self, title: str, told: str) -> str:
        """Return the picture as a document with a name and a sentence that says what it shows."""
        size = f"{_number(self.width)} {_number(self.height)}"
        width, height = size.split()
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="t d"'
            f' viewBox="0 0 {size}" width="{width}" height="{height}"'
            f' font-family="{FONT}" font-size="{SIZE}" stroke-linejoin="round">'
            f'<title id="t">{escape(title, quote=False)}</title>'
            f'<desc id="d">{escape(told, quote=False)}</desc>' + "".join(self._parts) + "</svg>\n"
        )
