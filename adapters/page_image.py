"""One page of a document as a picture, drawn in a child process: the parent never parses files.

The child has an empty environment, limits on memory and time, and says nothing but the picture.
"""

import contextlib
import io
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[1]
SECONDS = 20
MEMORY_BYTES = 1024 * 1024 * 1024
LARGEST_PICTURE = 8 * 1024 * 1024
MAX_PIXELS = 120_000_000


class NoPicture(Exception):
    """The page cannot be drawn: not a kind with pages, damaged, locked, or too large."""


def page_image(content: bytes, number: int, width: int) -> bytes:
    """Return page `number` (1-based) as PNG, `width` pixels wide; raise `NoPicture`."""
    child = subprocess.Popen(
        [sys.executable, "-E", "-s", "-m", "adapters.page_image", str(number), str(width)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"LANG": "C.UTF-8"},
        cwd=_ROOT,
        start_new_session=True,
    )
    try:
        picture, _ = child.communicate(content, timeout=SECONDS + 5)
    except (subprocess.TimeoutExpired, BrokenPipeError):
        raise NoPicture from None
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    if child.returncode != 0 or not picture or len(picture) > LARGEST_PICTURE:
        raise NoPicture
    return picture


def _main() -> int:
    number, width = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_PICTURE, LARGEST_PICTURE))
    try:
        picture = _draw(sys.stdin.buffer.read(), number, width)
    except Exception:
        return 1
    sys.stdout.buffer.write(picture)
    return 0


def _draw(content: bytes, number: int, width: int) -> bytes:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    if content[:1024].lstrip().startswith(b"%PDF") or b"%PDF-" in content[:1024]:
        import pypdfium2

        library: Any = pypdfium2
        page = library.PdfDocument(content)[number - 1]
        picture = page.render(scale=width / page.get_width()).to_pil()
    else:
        if content[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftyphevc"):
            import pi_heif

            heif: Any = pi_heif
            heif.register_heif_opener()
        image = Image.open(io.BytesIO(content))
        image.seek(number - 1)
        picture = ImageOps.exif_transpose(image).convert("RGB")
        picture = picture.resize((width, max(1, round(picture.height * width / picture.width))))
    out = io.BytesIO()
    picture.convert("L" if _is_grey(picture) else "RGB").save(out, "PNG", optimize=True)
    return out.getvalue()


def _is_grey(picture: "object") -> bool:
    from PIL import Image, ImageChops

    assert isinstance(picture, Image.Image)
    red, green, blue = picture.convert("RGB").resize((64, 64)).split()
    differences = (ImageChops.difference(red, green), ImageChops.difference(green, blue))
    return all(each.getextrema()[1] < 8 for each in differences)  # type: ignore[operator]


if __name__ == "__main__":
    sys.exit(_main())
