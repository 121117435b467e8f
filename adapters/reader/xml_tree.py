"""XML from outside as a tree: without entities of its own, without depth that breaks a reader."""

from xml.etree.ElementTree import Element, ParseError, TreeBuilder
from xml.parsers import expat

MAX_DEPTH = 100
_BETWEEN = "}"


def xml_tree(content: bytes) -> Element:
    """Return the root of an XML document; names are `{namespace}local`.

    Raises ParseError for what is not well formed, declares entities (they multiply, and reach
    files), or lies deeper than `MAX_DEPTH`.
    """
    builder = TreeBuilder()
    parser = expat.ParserCreate(namespace_separator=_BETWEEN)
    parser.buffer_text = True
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise ParseError("too deep")
        builder.start(_named(tag), {_named(key): value for key, value in attributes.items()})

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_named(tag))

    def refuse(*_declared: object) -> int:
        raise ParseError("declares entities")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    try:
        parser.Parse(content, True)
        return builder.close()
    except (expat.ExpatError, AssertionError, LookupError) as error:
        raise ParseError("not well formed") from error


def local(element: Element) -> str:
    """Return an element's name without its namespace."""
    return element.tag.rpartition(_BETWEEN)[2]


def _named(name: str) -> str:
    return "{" + name if _BETWEEN in name else name
