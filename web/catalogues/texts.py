"""The texts that want a translation, and the catalogues they are kept in."""

import io
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from settings import PROJECT_ROOT
from web.languages import Language, catalogue_path
from workflows.engine.playbooks import Playbooks

WEB = Path(__file__).resolve().parents[1]
CONFIGURATION = PROJECT_ROOT / "pyproject.toml"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "N_": None,
    "translate": None,
    "translate_count": (1, 2),
}
WIDTH = 100
CREATED = datetime(2026, 11, 23, tzinfo=UTC)
HEADER = """\
Texts of the patients' pages: {name}.

DRAFT: not yet read by a native speaker. The English text counts.
`python -m web.catalogues` adds new texts and marks those whose English changed.
"""


def collected(playbooks: Playbooks) -> Catalog:
    """Return every text that a patients' page can show: from templates, pages and playbooks.

    Raises `jinja2.TemplateSyntaxError` for a template that cannot be read.
    """
    methods, options = _places()
    template = Catalog(project="portal", charset="utf-8")
    found = extract_from_dir(WEB, methods, options, KEYWORDS, comment_tags=("for translators:",))
    for name, line, message, comments, context in sorted(found, key=lambda one: one[:2]):
        template.add(
            message, None, [(f"web/{name}", line)], auto_comments=comments, context=context
        )
    for place, sentence in _sentences(playbooks):
        template.add(sentence, None, [(place, 1)])
    return template


def _places() -> tuple[list[tuple[str, str]], dict[str, dict[str, Any]]]:
    """Return (pattern, method) of the files to look through, and the options of each pattern."""
    configuration = tomllib.loads(CONFIGURATION.read_text(encoding="utf-8"))
    methods, options = [], {}
    for mapping in configuration["tool"]["babel"]["mappings"]:
        method, patterns = mapping.pop("method"), mapping.pop("pattern")
        for pattern in patterns:
            methods.append((pattern, method))
            options[pattern] = mapping
    return methods, options


def _sentences(playbooks: Playbooks) -> Iterator[tuple[str, str]]:
    """Yield the plain sentences of the playbooks that the patients' pages show."""
    for item in playbooks.completeness.items.values():
        for sentence in (item.plain, item.why, item.how):
            yield "playbooks/completeness.yaml", sentence
    for rules in playbooks.follow_up.sections.values():
        for rule in rules:
            if rule.plain:
                yield "playbooks/followup.yaml", rule.plain


def read(language: Language) -> Catalog:
    """Return a language's catalogue as it stands; an empty one when there is none yet."""
    path = catalogue_path(language)
    if path.exists():
        with path.open("rb") as file:
            return read_po(file, locale=language.locale, abort_invalid=True)
    return Catalog(
        locale=language.locale,
        project="portal",
        charset="utf-8",
        fuzzy=False,
        header_comment="\n".join(
            f"# {line}".rstrip() for line in HEADER.format(name=language.name).splitlines()
        ),
        last_translator="none yet (draft)",
        language_team=language.name,
        msgid_bugs_address="",
        creation_date=CREATED,
        revision_date=CREATED,
    )


def write(language: Language, catalogue: Catalog) -> None:
    """Write a language's catalogue."""
    path = catalogue_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.BytesIO()
    write_po(text, catalogue, width=WIDTH, include_lineno=False, ignore_obsolete=True)
    path.write_bytes(text.getvalue())
