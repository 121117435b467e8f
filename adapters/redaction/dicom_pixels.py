"""Frames of a DICOM file as pictures, to see whether words are burned into them; sandbox only."""

import io
from typing import Any

from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames

MOST_FRAMES = 3
_MOST_PIXELS = 40_000_000


def frames_of(dataset: Dataset) -> list[Image.Image] | None:
    """Return the first, middle and last frame in grey; None when we cannot decode them.

    Bare pixels and JPEG as Pillow reads it can be decoded (also JPEG 2000), RLE and JPEG-LS not.
    """
    try:
        return _frames(dataset)
    except MemoryError:
        raise
    except Exception:  # what decoders raise for pixels that they do not know
        return None


def _frames(dataset: Dataset) -> list[Image.Image] | None:
    count = int(dataset.get("NumberOfFrames") or 1)
    wanted = sorted({0, count // 2, count - 1})[:MOST_FRAMES]
    if dataset.file_meta.TransferSyntaxUID.is_encapsulated:
        frames = []
        for number, held in enumerate(generate_frames(dataset.PixelData, number_of_frames=count)):
            if number in wanted:
                frames.append(_grey(Image.open(io.BytesIO(held))))
        return frames
    rows, columns = int(dataset.Rows), int(dataset.Columns)
    samples, bits = int(dataset.get("SamplesPerPixel") or 1), int(dataset.BitsAllocated)
    size = rows * columns * samples * (bits // 8)
    if rows * columns > _MOST_PIXELS or bits not in (8, 16):
        return None
    found = []
    for number in wanted:
        data = dataset.PixelData[number * size : (number + 1) * size]
        found.append(_bare(dataset, data, (columns, rows), samples, bits))
    return found


def _bare(
    dataset: Dataset, data: bytes, size: tuple[int, int], samples: int, bits: int
) -> Image.Image:
    if samples == 3:
        if int(dataset.get("PlanarConfiguration") or 0):
            third = len(data) // 3
            bands = [
                Image.frombytes("L", size, data[at * third : (at + 1) * third]) for at in range(3)
            ]
            return Image.merge("RGB", bands).convert("L")
        return Image.frombytes("RGB", size, data).convert("L")
    if bits == 8:
        return _grey(Image.frombytes("L", size, data))
    order = "I;16" if dataset.file_meta.TransferSyntaxUID.is_little_endian else "I;16B"
    return _grey(Image.frombytes("I;16", size, data, "raw", order))


def _grey(picture: Image.Image) -> Image.Image:
    """Return a picture in grey whose levels reach from black to white."""
    if not picture.mode.startswith(("I", "F")):
        return picture.convert("L")
    wide: Any = picture.convert("I")
    low, high = wide.getextrema()
    span = (high - low) or 1
    return picture.convert("F").point(lambda level: (level - low) * (255 / span)).convert("L")
