"""Fields of a form as a browser or a mail provider posts it: multipart or urlencoded."""

from collections.abc import Mapping
from email import policy
from email.parser import BytesParser
from urllib.parse import parse_qsl

from workflows.hooks.strict import media_type

MOST_FIELDS = 200


def fields_of(body: bytes, content_type: str) -> Mapping[str, str]:
    """Return the fields by name as text; those of a file are left as they stand in the body.

    A name that stands twice, or a body that is no form, gives nothing for it: whoever needs the
    field refuses the delivery.
    """
    kind, _, _ = media_type(content_type)
    if kind == "application/x-www-form-urlencoded":
        return _urlencoded(body)
    if kind != "multipart/form-data":
        return {}
    head = b"content-type: " + content_type.encode("latin-1", "replace") + b"\r\n\r\n"
    # HTTP does not fold or encode: the parts' bytes are taken as they are.
    letter = BytesParser(policy=policy.HTTP).parsebytes(head + body)
    found: dict[str, str] = {}
    twice: set[str] = set()
    for part in letter.iter_parts() if letter.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        if not isinstance(name, str) or len(found) >= MOST_FIELDS:
            continue
        content = part.get_payload(decode=True)
        if name in found:
            twice.add(name)
        found[name] = (content if isinstance(content, bytes) else b"").decode("latin-1")
    return {name: text for name, text in found.items() if name not in twice}


def _urlencoded(body: bytes) -> Mapping[str, str]:
    try:
        pairs = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, strict_parsing=True,
            max_num_fields=MOST_FIELDS, errors="strict",
        )  # fmt: skip
    except ValueError:
        return {}
    found = dict(pairs)
    return found if len(found) == len(pairs) else {}
