"""Header fields of a letter, decoded; a field that cannot be read is empty and a defect."""

import email.utils
import re
from datetime import UTC, datetime
from email.message import Message

from correspondence.incoming.charsets import clean, header_text

LARGEST_HEADERS = 64 * 1024

_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")
_ADDRESSED_TO = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-forwarded-to")


class Headers:
    """Header fields, decoded; a field that cannot be read is empty and a defect."""

    def __init__(self, message: Message, defects: list[str]) -> None:
        self._message = message
        self._defects = defects
        sets = (str(part.get_param("charset") or "") for part in message.walk())
        self._charset = next((name for name in sets if name), "")

    def text(self, name: str) -> str:
        values = self._all(name)
        return " ".join(header_text(values[0]).split()) if values else ""

    def ids(self, name: str) -> tuple[str, ...]:
        found = _MESSAGE_ID.findall(" ".join(self._all(name))[:LARGEST_HEADERS])
        return tuple(dict.fromkeys(clean(one) for one in found))

    def sender(self) -> tuple[str, str]:
        """Return name and address of From. Two fields, or two addresses: none is believed."""
        values = self._all("from")
        if len(values) != 1:
            self._defects.append("from_missing" if not values else "from_ambiguous")
        if not values:
            return "", ""
        found = self._addresses(values[:1])
        if len(found) != 1:
            self._defects.append("from_ambiguous")
        name, address = found[0] if found else ("", "")
        return clean(header_text(name)), address if len(values) == len(found) == 1 else ""

    def recipients(self) -> tuple[str, ...]:
        values = [value for name in _ADDRESSED_TO for value in self._all(name)]
        return tuple(dict.fromkeys(address for _, address in self._addresses(values)))

    def date(self) -> datetime | None:
        values = self._all("date")
        if not values:
            return None
        try:
            date = email.utils.parsedate_to_datetime(values[0])
            return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
        except (TypeError, ValueError, IndexError, OverflowError):
            self._defects.append("date")
            return None

    def _all(self, name: str) -> list[str]:
        # Raw bytes reach us only here: `get_all` puts a replacement sign for each.
        return [
            clean(str(value), self._charset)
            for key, value in self._message.raw_items()
            if key.lower() == name
        ]

    def _addresses(self, values: list[str]) -> list[tuple[str, str]]:
        try:
            pairs = email.utils.getaddresses([value[:LARGEST_HEADERS] for value in values])
        except Exception:  # malformed address lists
            self._defects.append("address")
            return []
        return [(name, clean(address).strip().lower()) for name, address in pairs if "@" in address]
