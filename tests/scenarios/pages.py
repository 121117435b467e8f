"""Forms of a page as a browser has them: what may be filled in, and what is sent."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

Given = Mapping[str, str | Sequence[str]]
_LISTED = ("checkbox", "radio")


@dataclass
class Control:
    """One input, choice or button; `on` when it is sent as the page stands."""

    name: str
    kind: str
    value: str = ""
    on: bool = True
    options: list[str] = field(default_factory=list)


@dataclass
class PageForm:
    """One form of a page."""

    action: str
    controls: list[Control] = field(default_factory=list)

    def offers(self, name: str, value: str) -> bool:
        """Say whether the form has a control of this name with this value."""
        return any(one.name == name and one.value == value for one in self.controls)

    def sent(self, given: Given, press: tuple[str, str] | None = None) -> dict[str, list[str]]:
        """Return what a browser sends once `given` is filled in and the button is pressed.

        AssertionError for a name or a choice that the form does not have.
        """
        found: dict[str, list[str]] = {}
        for name, values in given.items():
            chosen = [values] if isinstance(values, str) else list(values)
            for value in chosen:
                assert self._takes(name, value), f"{self.action} has no {name}={value!r}"
            found[name] = chosen
        for one in self.controls:
            if one.name and one.name not in given and one.on:
                found.setdefault(one.name, []).append(one.value)
        if press is not None:
            assert self.offers(*press), f"{self.action} has no button {press}"
            found[press[0]] = [press[1]]
        return found

    def _takes(self, name: str, value: str) -> bool:
        for one in self.controls:
            if one.name != name:
                continue
            if one.kind in (*_LISTED, "hidden", "submit"):
                if one.value == value:
                    return True
            elif not one.options or value in one.options:
                return True
        return False


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self._open: PageForm | None = None
        self._text: Control | None = None
        self._select: Control | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        had = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = PageForm(had.get("action", ""))
            self.forms.append(self._open)
        elif self._open is None:
            return
        elif tag == "input":
            self._input(self._open, had)
        elif tag == "button":
            kind = had.get("type") or "submit"
            self._open.controls.append(
                Control(had.get("name", ""), kind, had.get("value", ""), on=False)
            )
        elif tag == "textarea":
            self._text = Control(had.get("name", ""), "textarea")
            self._open.controls.append(self._text)
        elif tag == "select":
            self._select = Control(had.get("name", ""), "select")
            self._open.controls.append(self._select)
        elif tag == "option" and self._select is not None:
            value = had.get("value", "")
            if not self._select.options or "selected" in had:
                self._select.value = value
            self._select.options.append(value)

    def _input(self, form: PageForm, had: dict[str, str]) -> None:
        kind = had.get("type") or "text"
        value = had.get("value") or ("on" if kind in _LISTED and "value" not in had else "")
        on = "checked" in had if kind in _LISTED else kind != "file"
        form.controls.append(Control(had.get("name", ""), kind, value, on))

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.value += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._text is not None:
            self._text.value = self._text.value.removeprefix("\n")
            self._text = None
        elif tag == "select":
            self._select = None
        elif tag == "form":
            self._open = None


def forms_of(page: str) -> list[PageForm]:
    """Return the forms of a page in their order."""
    parser = _Forms()
    parser.feed(page)
    return parser.forms


def form_that(page: str, name: str, value: str, *, action: str = "") -> PageForm:
    """Return the form in which a control has this name and value; AssertionError for none."""
    for form in forms_of(page):
        if (not action or form.action == action) and form.offers(name, value):
            return form
    raise AssertionError(f"no form with {name}={value}; there are {list(_offered(page, name))}")


def _offered(page: str, name: str) -> Iterator[str]:
    for form in forms_of(page):
        yield from (f"{form.action}: {one.value}" for one in form.controls if one.name == name)
