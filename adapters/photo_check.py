"""A first look at a photo that just arrived, in a child process: the parent never decodes it.

The child has an empty environment, limits on memory and time, and says nothing but codes. At most
two run at once in a process; a photo that finds them busy waits.
"""

import contextlib
import io
import os
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from adapters.reader.media import IMAGES, media_type_of
from extractors.photo_quality import HINTS, LONG_SIDE, hints

_ROOT = Path(__file__).resolve().parents[1]
SECONDS = 10
MEMORY_BYTES = 1024 * 1024 * 1024
MAX_PIXELS = 120_000_000
_CONTAINERS = (b"PK", b"\xd0\xcf")
_at_once = threading.BoundedSemaphore(2)


def could_be_photo(content: bytes) -> bool:
    """Return whether the first bytes are those of a picture; nothing is decoded."""
    head = content[:4096]
    return not head.startswith(_CONTAINERS) and media_type_of(head) in IMAGES


def look_at_photo(content: bytes) -> tuple[str, ...]:
    """Return the hints about a photo (codes of `extractors.photo_quality`), or "damaged".

    Empty also when the photo could not be looked at in time: a hint is never worth a wait.
    """
    with _at_once:
        child = subprocess.Popen(
            [sys.executable, "-E", "-s", "-m", "adapters.photo_check"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"LANG": "C.UTF-8"},
            cwd=_ROOT,
            start_new_session=True,
        )
        try:
            said, _ = child.communicate(content, timeout=SECONDS + 5)
        except (subprocess.TimeoutExpired, BrokenPipeError):
            return ()
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
    words = said.decode("ascii", "ignore").split()
    return tuple(word for word in words if word in (*HINTS, "damaged"))


def _main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        found = _look(sys.stdin.buffer.read())
    except MemoryError:
        return 1
    except Exception:  # what Pillow's decoders raise for a broken file
        found = ("damaged",)
    sys.stdout.write(" ".join(found))
    return 0


def _look(content: bytes) -> tuple[str, ...]:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    if media_type_of(content[:4096]) == "image/heic":
        import pi_heif

        heif: Any = pi_heif
        heif.register_heif_opener()
    picture: Image.Image = Image.open(io.BytesIO(content))
    long_side = max(picture.size)
    picture.draft("L", (LONG_SIDE, LONG_SIDE))
    picture = ImageOps.exif_transpose(picture)
    if picture.mode in ("RGBA", "LA", "PA"):
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture.convert("RGBA"))
    grey = picture.convert("L")
    grey.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.BOX)
    return hints(grey.tobytes(), grey.width, grey.height, long_side)


if __name__ == "__main__":
    sys.exit(_main())
