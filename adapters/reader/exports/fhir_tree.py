"""FHIR in JSON and in XML as one form: dictionaries whose values may be single or in lists."""

import json
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, tostring

from adapters.reader.xml_tree import local, xml_tree

Resource = dict[str, Any]

_MAX_RESOURCES = 20_000
_MAX_DEPTH = 8
_XHTML = "{http://www.w3.org/1999/xhtml}div"


def resources_of(content: bytes, text: str, *, xml: bool) -> list[Resource]:
    """Return the resources of a file, those of bundles one by one, each in its newest version.

    `text` is the decoded content: one resource, a list of them, or one a line (bulk export).
    Raises ParseError or ValueError for what is not well formed.
    """
    roots = [_from_xml(xml_tree(content))] if xml else _from_json(text)
    found: dict[object, Resource] = {}
    for number, resource in enumerate(_flat(roots, 0)):
        key = (primitive(resource, "resourceType"), primitive(resource, "id") or str(number))
        if key not in found or _version(resource) >= _version(found[key]):
            found[key] = resource
        if len(found) >= _MAX_RESOURCES:
            break
    return list(found.values())


def many(value: object) -> list[Any]:
    """Return a value as a list: FHIR in XML does not say whether it may be repeated."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def text_of(value: object) -> str:
    """Return a primitive value as text; nothing for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else ""


def children(resource: object, name: str) -> list[Resource]:
    """Return the parts of a resource with that name that are no primitive values."""
    inside = resource.get(name) if isinstance(resource, dict) else None
    return [one for one in many(inside) if isinstance(one, dict)]


def child(resource: object, name: str) -> Resource:
    """Return the first part with that name; empty when there is none."""
    return next(iter(children(resource, name)), {})


def primitive(resource: object, name: str) -> str:
    """Return a primitive value by its name as text; the first of several."""
    found = many(resource.get(name)) if isinstance(resource, dict) else []
    return text_of(found[0]).strip() if found else ""


def _from_json(text: str) -> list[Any]:
    text = text.lstrip("\ufeff \t\r\n")
    try:
        return many(json.loads(text, parse_float=str))
    except ValueError:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            raise
        return [json.loads(line, parse_float=str) for line in lines]


def _flat(found: list[Any], depth: int) -> Iterator[Resource]:
    """Yield resources, those in bundles and those contained in others too."""
    if depth > _MAX_DEPTH:
        return
    for resource in found:
        if not isinstance(resource, dict):
            continue
        if resource.get("resourceType") != "Bundle":
            yield resource
            inner = children(resource, "contained")
            owner = text_of(resource.get("id"))
            yield from _flat([{**one, "_owner": owner, "_contained": True} for one in inner], depth)
            continue
        for entry in children(resource, "entry"):
            if primitive(child(entry, "request"), "method").upper() != "DELETE":
                held = child(entry, "resource")
                yield from _flat([{**held, "_url": primitive(entry, "fullUrl")}], depth + 1)


def _version(resource: Resource) -> tuple[str, int]:
    meta = child(resource, "meta")
    number = primitive(meta, "versionId")
    return primitive(meta, "lastUpdated"), int(number) if number.isdecimal() else 0


def _from_xml(element: Element) -> Resource:
    """Return a resource that an element stands for."""
    resource = _parts(element, 0)
    return {**resource, "resourceType": local(element)} if isinstance(resource, dict) else {}


def _parts(element: Element, depth: int) -> object:
    if element.tag == _XHTML:
        for one in element.iter():
            one.tag = local(one)
        return tostring(element, encoding="unicode")
    inner = list(element)
    if not inner:
        return element.get("value")
    if depth > 4 * _MAX_DEPTH:
        return None
    if len(inner) == 1 and local(element) in ("resource", "contained"):
        return _from_xml(inner[0])
    parts: dict[str, Any] = {}
    for one in inner:
        parts.setdefault(local(one), []).append(_parts(one, depth + 1))
    if "id" in element.attrib:
        parts.setdefault("id", [element.get("id")])
    return {name: values[0] if len(values) == 1 else values for name, values in parts.items()}
