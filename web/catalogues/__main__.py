"""Bring the catalogues up to date with the texts: `python -m web.catalogues`.

Texts come from what `[tool.babel]` in pyproject.toml names and from the playbooks' plain sentences
that the portal shows. A translation whose English changed is kept as fuzzy and not shown until
somebody looked.
"""

import sys

from babel.messages.catalog import Catalog

from settings import get_settings
from web.catalogues.texts import collected, read, write
from web.languages import ENGLISH, LANGUAGES
from workflows.engine.playbooks import Playbooks


def untranslated(catalogue: Catalog) -> list[str]:
    """Return the English of what has no translation that may be shown."""
    waiting: list[str] = []
    for message in catalogue:
        strings = message.string if isinstance(message.string, (list, tuple)) else [message.string]
        if message.id and (message.fuzzy or not all(strings)):
            waiting.append(message.id if isinstance(message.id, str) else message.id[0])
    return waiting


def main() -> int:
    """Update every catalogue and say how many texts wait for a translation."""
    template = collected(Playbooks(get_settings().playbooks_dir))
    for language in LANGUAGES.values():
        if language == ENGLISH:
            continue
        catalogue = read(language)
        catalogue.update(template, update_header_comment=False, update_creation_date=False)
        write(language, catalogue)
        print(f"{language.code}: {len(catalogue)} texts, {len(untranslated(catalogue))} open")
    return 0


if __name__ == "__main__":
    sys.exit(main())
