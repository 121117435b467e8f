"""Encrypted archives that any common program opens: ZIP with AES-256 (WinZip AE-2)."""

import io
from collections.abc import Sequence

import pyzipper


def sealed_zip(files: Sequence[tuple[str, bytes]], password: str) -> bytes:
    """Return a ZIP of files (name, content) that opens with the password.

    Names stand in a ZIP unencrypted: they must hold nothing of a person.
    """
    target = io.BytesIO()
    with pyzipper.AESZipFile(
        target, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES
    ) as archive:
        archive.setpassword(password.encode())
        archive.setencryption(pyzipper.WZ_AES, nbits=256)
        for name, content in files:
            archive.writestr(name, content)
    return target.getvalue()
