"""Optional content: which layers of a document are switched off as it is opened.

ISO 32000-1, 8.11: the default configuration names the groups that are off; a membership
dictionary shows its content by a rule over several groups. What a viewer does not show, the page
does not say.
"""

import contextlib
from collections.abc import Mapping

from pdfminer.pdftypes import PDFObjRef, list_value, resolve1
from pdfminer.psparser import LIT

_MEMBERSHIP = LIT("OCMD")


class Layers:
    """The layers of one document. A broken description switches nothing off."""

    def __init__(self, catalog: Mapping[str, object]) -> None:
        self._off: frozenset[int] = frozenset()
        with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError):
            described = resolve1(catalog.get("OCProperties"))
            if isinstance(described, dict):
                self._off = _switched_off(described)

    def hide(self, content: object) -> bool:
        """Say whether content that belongs to `content` (a group or membership) is not shown."""
        if not self._off or content is None:
            return False
        if isinstance(content, PDFObjRef) and content.objid in self._off:
            return True
        membership = resolve1(content)
        if not isinstance(membership, dict) or resolve1(membership.get("Type")) is not _MEMBERSHIP:
            return False
        groups = membership.get("OCGs")
        members = groups if isinstance(groups, list) else [groups]
        resolved = resolve1(groups)
        if isinstance(resolved, list):
            members = resolved
        off = [member.objid in self._off for member in members if isinstance(member, PDFObjRef)]
        if not off:
            return False
        policy = getattr(resolve1(membership.get("P")), "name", "AnyOn")
        shown = {"AllOn": not any(off), "AnyOff": any(off), "AllOff": all(off)}
        return not shown.get(str(policy), not all(off))


def _switched_off(described: Mapping[str, object]) -> frozenset[int]:
    default = resolve1(described["D"])
    off = _numbers(default.get("OFF"))
    base = resolve1(default.get("BaseState"))
    if getattr(base, "name", "ON") == "OFF":
        off |= _numbers(described.get("OCGs")) - _numbers(default.get("ON"))
    return frozenset(off)


def _numbers(groups: object) -> set[int]:
    if resolve1(groups) is None:
        return set()
    return {group.objid for group in list_value(groups) if isinstance(group, PDFObjRef)}
