"""A pdfminer device that keeps characters and nothing else.

Stock pdfplumber spends 57 % of its time building a dictionary of thirty entries per character
and drawing objects that text extraction never looks at. This device keeps one tuple per
character, in the coordinates of the page as it is shown (origin top left, points), and the
places of the images, which the page decision needs.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, cast

from pdfminer.pdfdevice import PDFTextDevice
from pdfminer.pdffont import PDFFont, PDFUnicodeNotDefined
from pdfminer.pdfinterp import PDFResourceManager, PDFTextState
from pdfminer.pdfpage import PDFPage
from pdfminer.utils import Matrix, apply_matrix_rect, mult_matrix

from extractors.pages.dingbats import sign
from extractors.pages.layers import Layers
from extractors.pages.shapes import Paint, Path, Shape
from extractors.types import Box

if TYPE_CHECKING:
    from extractors.pages.words import PlacedWord

MAX_CHARACTERS = 250_000
MAX_IMAGES = 2_000
MAX_SHAPES = 2_000
THIN = 2.5
"""Points: a painted shape of less height is a line."""
_CLIPPING_ONLY = 7
_INVISIBLE = 3


class PageTooComplexError(Exception):
    """A page asks for more work than any real page needs."""


class Character(NamedTuple):
    """One glyph: its text, its box on the shown page, and what tells it from its neighbours."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    font: str
    size: float


Direction = int
"""How the text runs: 0 left to right, 90 downwards, 180 upside down, 270 upwards, -1 slanted."""


def direction_of(matrix: Matrix) -> Direction:
    """Return the direction of text that is drawn with `matrix`; upright within six degrees."""
    a, b = matrix[0], matrix[1]
    if abs(b) <= 0.1 * abs(a):
        return 0 if a >= 0 else 180
    if abs(a) <= 0.1 * abs(b):
        return 90 if b < 0 else 270
    return -1


class CharacterDevice(PDFTextDevice):
    """Collects the characters of one page at a time, by direction.

    After a page was processed, `characters` maps a direction to its glyphs in drawing order,
    `unseen` those that are not painted at all (text under a scan), `pale` those in white or
    without opacity; `images` lists the boxes of painted images, `lines` those of thin level
    shapes, `shapes` small pieces that may be a box, a tick, a ring or a stroke, `covers` those of
    shapes and images painted when there was text already, with how many upright glyphs there
    were; `filled` are words of form fields and `doubtful` the places of fields that show something
    else than they hold; `paths` counts painted paths, and `undefined` counts glyphs that the font
    gives no Unicode for. What belongs to a layer that is off is left out.
    """

    def __init__(self, resources: PDFResourceManager, layers: Layers | None = None) -> None:
        super().__init__(resources)
        self.layers = layers or Layers({})
        self._glyphs: dict[PDFFont, dict[int, tuple[str, float]]] = {}
        self._reset(0.0, 0.0)

    def _reset(self, width: float, height: float) -> None:
        self.width = width
        self.height = height
        self.characters: dict[Direction, list[Character]] = {}
        self.unseen: dict[Direction, list[Character]] = {}
        self.pale_characters: dict[Direction, list[Character]] = {}
        self._into = self.characters
        self.pale = self.clear = False
        self.shade = 0.0
        self.off = 0
        self.images: list[Box] = []
        self.lines: list[Box] = []
        self.shapes: list[Shape] = []
        self.covers: list[tuple[Box, int]] = []
        self.filled: list[PlacedWord] = []
        self.doubtful: list[Box] = []
        self.fields = 0
        self.paths = 0
        self.undefined = 0
        self.invisible = 0
        self.count = 0
        self.forms = 0

    def begin_page(self, page: PDFPage, ctm: Matrix) -> None:
        """Start a page; its box is the part that is shown, turned as it is shown."""
        x0, y0, x1, y1 = apply_matrix_rect(ctm, page.mediabox)
        self._reset(abs(x1 - x0), abs(y1 - y0))

    def forget(self) -> None:
        """Drop the glyphs of the page that was read."""
        self.characters, self.unseen, self.pale_characters = {}, {}, {}
        self._into = self.characters

    def add_image(self, ctm: Matrix) -> None:
        """Note the place of an image: the unit square under `ctm`."""
        if len(self.images) < MAX_IMAGES and not self.off:
            box = self._shown(apply_matrix_rect(ctm, (0, 0, 1, 1)))
            self.images.append(box)
            self._cover(box)

    def add_shape(self, box: Box) -> None:
        """Note a painted shape, given by its box in the coordinates of the page's content."""
        if box[3] - box[1] > THIN:
            if box[2] - box[0] > THIN:
                self._cover(self._shown(box))
        elif len(self.lines) < MAX_SHAPES and box[2] - box[0] > THIN:
            self.lines.append(self._shown(box))

    def add_paths(self, pieces: Sequence[Path], ctm: Matrix, how: Paint) -> None:
        """Note the pieces of one painted path that are no larger than a ringed answer."""
        if len(self.shapes) >= MAX_SHAPES or self.clear:
            return
        for piece in pieces:
            shape = piece.shape(ctm, self.height, how, self.shade)
            if shape is not None:
                self.shapes.append(shape)

    def _cover(self, box: Box) -> None:
        before = len(self.characters.get(0, ()))
        if before and len(self.covers) < MAX_SHAPES:
            self.covers.append((box, before))

    def _shown(self, box: Box) -> Box:
        return (box[0], self.height - box[3], box[2], self.height - box[1])

    def _glyphs_of(self, font: PDFFont) -> dict[int, tuple[str, float]]:
        glyphs = self._glyphs.get(font)
        if glyphs is None:
            if len(self._glyphs) > 200:
                self._glyphs.clear()
            glyphs = self._glyphs[font] = {}
        return glyphs

    def _glyph(self, font: PDFFont, cid: int) -> tuple[str, float]:
        try:
            text = font.to_unichr(cid)
        except PDFUnicodeNotDefined:
            text = f"(cid:{cid})"
        return sign(str(font.fontname), text), font.char_width(cid)

    def render_string(
        self, textstate: PDFTextState, seq: Iterable[object], *_colours: object
    ) -> None:
        """Place the characters of one Tj or TJ operator and advance the text position."""
        font = textstate.font
        if font is None or self.ctm is None:
            return
        if self.count > MAX_CHARACTERS:
            raise PageTooComplexError
        matrix = mult_matrix(textstate.matrix, self.ctm)
        before = self.count
        unpainted = textstate.render in (_INVISIBLE, _CLIPPING_ONLY)
        if self.off:
            self._into = {}
        elif unpainted:
            self._into = self.unseen
        elif self.clear or (self.pale and textstate.render in (0, 4)):
            self._into = self.pale_characters
        else:
            self._into = self.characters
        if font.is_vertical():
            self._vertical(textstate, font, matrix, seq)
        else:
            self._horizontal(textstate, font, matrix, seq)
        if self.off:
            self.count = before
        elif unpainted:
            self.invisible += self.count - before

    def _horizontal(
        self, state: PDFTextState, font: PDFFont, matrix: Matrix, seq: Iterable[object]
    ) -> None:
        x, y = state.linematrix
        a, b, c, d, e, f = matrix
        fontsize, scaling = state.fontsize, state.scaling * 0.01
        charspace = state.charspace * scaling
        wordspace = 0.0 if font.is_multibyte() else state.wordspace * scaling
        kerning = 0.001 * fontsize * scaling
        low = font.get_descent() * fontsize + state.rise
        high = low + fontsize
        # The corners of a glyph box under the matrix, split into what its advance changes
        # and what it does not (pdfminer's LTChar transforms all four corners each time).
        left, right = sorted((c * low, c * high))
        down, up = sorted((d * low, d * high))
        origin_x, origin_y = y * c + e, y * d + f
        per_width = fontsize * scaling
        glyphs = self._glyphs_of(font)
        fontname = str(font.fontname)
        straight = b == 0 and a > 0
        top = self.height - (origin_y + up)
        bottom = self.height - (origin_y + down)
        line = self._into.setdefault(direction_of(matrix), [])
        append = line.append
        decode = cast(Callable[[bytes], Iterable[int]], font.decode)
        new = Character
        before = len(line)
        spaced = False
        for item in seq:
            if isinstance(item, bytes):
                if len(item) > MAX_CHARACTERS:
                    raise PageTooComplexError
                for cid in decode(item):
                    if spaced:
                        x += charspace
                    try:
                        text, width = glyphs[cid]
                    except KeyError:
                        text, width = glyphs[cid] = self._glyph(font, cid)
                    if text.startswith("(cid:"):
                        self.undefined += 1
                    advance = width * per_width
                    x0 = x * a + origin_x
                    if straight:
                        append(
                            new(
                                text,
                                x0 + left,
                                top,
                                x0 + a * advance + right,
                                bottom,
                                fontname,
                                bottom - top,
                            )
                        )
                    else:
                        across, along = a * advance, b * advance
                        y0 = x * b + origin_y
                        box_top = self.height - (y0 + max(0.0, along) + up)
                        box_bottom = self.height - (y0 + min(0.0, along) + down)
                        append(
                            new(
                                text,
                                x0 + min(0.0, across) + left,
                                box_top,
                                x0 + max(0.0, across) + right,
                                box_bottom,
                                fontname,
                                box_bottom - box_top,
                            )
                        )
                    x += advance
                    if wordspace and cid == 32:
                        x += wordspace
                    spaced = True
            elif isinstance(item, int | float):
                x -= item * kerning
                spaced = True
        self.count += len(line) - before
        state.linematrix = (x, y)

    def _vertical(
        self, state: PDFTextState, font: PDFFont, matrix: Matrix, seq: Iterable[object]
    ) -> None:
        """Vertical writing (Chinese, Japanese): rare, so plainly as pdfminer does it."""
        x, y = state.linematrix
        fontsize, scaling = state.fontsize, state.scaling * 0.01
        charspace = state.charspace * scaling
        kerning = 0.001 * fontsize * scaling
        a, b, c, d, e, f = matrix
        column = self._into.setdefault(90, [])
        spaced = False
        for item in seq:
            if isinstance(item, bytes):
                for cid in font.decode(item):
                    if spaced:
                        y += charspace
                    text, width = self._glyph(font, cid)
                    advance = width * fontsize * scaling
                    displacement = font.char_disp(cid)
                    vx, vy = displacement if isinstance(displacement, tuple) else (None, 880.0)
                    vx = fontsize * 0.5 if vx is None else vx * fontsize * 0.001
                    vy = (1000 - vy) * fontsize * 0.001
                    placed = (a, b, c, d, x * a + y * c + e, x * b + y * d + f)
                    box = (-vx, vy + state.rise + advance, -vx + fontsize, vy + state.rise)
                    x0, y0, x1, y1 = apply_matrix_rect(placed, box)
                    column.append(
                        Character(
                            text,
                            x0,
                            self.height - y1,
                            x1,
                            self.height - y0,
                            str(font.fontname),
                            x1 - x0,
                        )
                    )
                    self.count += 1
                    y += advance
                    spaced = True
            elif isinstance(item, int | float):
                y -= item * kerning
                spaced = True
        state.linematrix = (x, y)
