"""Parts of a file, as a browser asks for them: one range of bytes (RFC 9110, section 14)."""

import re

from starlette.responses import Response

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


def ranged(content: bytes, asked: str | None, media_type: str, name: str) -> Response:
    """Return the whole file, or the part that `Range` asks for.

    206 with `Content-Range` for one range, 416 for one that lies outside; anything that is not one
    plain range gets the whole, as the RFC allows. `name` holds no word of a person.
    """
    headers = {
        "accept-ranges": "bytes",
        "content-disposition": f'attachment; filename="{name}"',
        "content-security-policy": "sandbox; default-src 'none'",
    }
    found = _RANGE.fullmatch(asked.strip()) if asked else None
    if found is None or not (found[1] or found[2]):
        return Response(content, media_type=media_type, headers=headers)
    size = len(content)
    if found[1]:
        first, last = int(found[1]), min(int(found[2] or size - 1), size - 1)
    else:
        first, last = max(size - int(found[2]), 0), size - 1
    if first > last or first >= size:
        headers["content-range"] = f"bytes */{size}"
        return Response(status_code=416, headers=headers)
    headers["content-range"] = f"bytes {first}-{last}/{size}"
    return Response(content[first : last + 1], 206, media_type=media_type, headers=headers)
