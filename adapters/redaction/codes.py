"""Bar and QR codes on a page's picture; runs in the sandbox only."""

from PIL import Image

from adapters.redaction.drawing import in_points
from extractors.types import Box

_MARGIN = 6


def codes_on(picture: Image.Image, size: tuple[float, float]) -> list[Box]:
    """Return where codes stand, in points, also those that cannot be decoded whole."""
    import zxingcpp

    boxes = []
    for found in zxingcpp.read_barcodes(picture.convert("L"), return_errors=True):
        place = found.position
        corners = (place.top_left, place.top_right, place.bottom_left, place.bottom_right)
        across, down = [one.x for one in corners], [one.y for one in corners]
        box = (min(across), min(down), max(across), max(down))
        if box[2] - box[0] < 4 and box[3] - box[1] < 4:
            continue
        # A row of bars is found along one line of it: its height is made out from its ink.
        boxes.append(in_points(_whole(picture, box), picture, size))
    return boxes


def _whole(picture: Image.Image, box: Box) -> Box:
    """Return the box grown upwards and downwards as far as its bars go."""
    grey = picture.convert("L")
    left, right = max(0, int(box[0])), min(grey.width, int(box[2]) + 1)
    top, bottom = int(box[1]), int(box[3])
    strip = grey.crop((left, 0, max(right, left + 1), grey.height))
    dark = strip.point(lambda level: 255 if level < 128 else 0)
    shares = dark.resize((1, dark.height), Image.Resampling.BOX).tobytes()
    while top > 0 and shares[top - 1] > 50:
        top -= 1
    while bottom < len(shares) and shares[bottom] > 50:
        bottom += 1
    return (left - _MARGIN, top - _MARGIN, right + _MARGIN, bottom + _MARGIN)
