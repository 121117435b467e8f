"""Pictures bound into a PDF that holds nothing else; runs in the sandbox only."""

import io
import re
from collections.abc import Sequence
from typing import Any

_MOMENT = re.compile(rb"(/CreationDate\(D:)\d{14}")
_NO_MOMENT = b"19700101000000"


def bound(pictures: Sequence[bytes], sizes: Sequence[tuple[float, ...]]) -> bytes:
    """Return a PDF of JPEGs as they are, one a page of its size in points.

    It has no text, metadata, outline, form, annotation or attachment.
    """
    import pypdfium2

    library: Any = pypdfium2
    document = library.PdfDocument.new()
    for picture, (width, height) in zip(pictures, sizes, strict=True):
        image = library.PdfImage.new(document)
        image.load_jpeg(io.BytesIO(picture), inline=True)
        image.set_matrix(library.PdfMatrix().scale(width, height))
        page = document.new_page(width, height)
        page.insert_obj(image)
        page.gen_content()
    target = io.BytesIO()
    document.save(target)
    # PDFium writes the moment into it, which is nobody's business; as long as before.
    return _MOMENT.sub(lambda found: found[1] + _NO_MOMENT, target.getvalue(), count=1)
