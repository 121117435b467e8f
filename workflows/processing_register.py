"""The register of processing and the laws behind it (`playbooks/processing.yaml`). Pure."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from playbook_reader import Strict, read

FILE = "processing.yaml"


class Activity(Strict):
    """What is done with data for one purpose; `tables` are those in which they lie."""

    code: str
    purpose: str
    ground: str
    people: tuple[str, ...]
    data: tuple[str, ...]
    tables: tuple[str, ...]
    recipients: tuple[str, ...]
    abroad: str


class BreachAuthority(Strict):
    """Who is told when something happened; `hours` after it is known, 0 for at once."""

    hours: int = Field(ge=0)
    to: str
    basis: str


class Law(Strict):
    """What the law of where a patient lives asks for; every sentence names its section."""

    name: str
    countries: tuple[str, ...]
    sensitive: str
    transfer: str
    rights: str
    breach_authority: BreachAuthority
    breach_people: str
    source: str


class Register(Strict):
    """The whole file."""

    version: str
    status: str
    activities: tuple[Activity, ...]
    laws: dict[str, Law]

    def law_of(self, country: str | None) -> str | None:
        """Return the code of the law of a country (ISO 3166-1), None where none is written down."""
        return next((code for code, law in self.laws.items() if country in law.countries), None)


def load_register(folder: Path) -> Register:
    """Read the register; raises `playbook_reader.PlaybookError`."""
    return read(folder / FILE).validate(Register)


def as_page(register: Register) -> str:
    """Return the register as Markdown."""
    return "\n".join(_lines(register)) + "\n"


def _lines(register: Register) -> Iterator[str]:
    yield "# Register of processing"
    yield ""
    yield f"Version {register.version}, {register.status}. Made from `playbooks/{FILE}` by"
    yield "`python -m workflows.rendering`; how long data are kept: [retention.md](retention.md);"
    yield "what to do when something happened in [breach.md](breach.md)."
    for one in register.activities:
        yield from ("", f"## {one.code.replace('_', ' ')}", "", one.purpose, "")
        yield f"- **Ground**: {one.ground}"
        yield f"- **Of whom**: {', '.join(one.people)}"
        yield f"- **What**: {', '.join(one.data)}"
        yield f"- **Where it lies**: {', '.join(f'`{table}`' for table in one.tables)}"
        yield f"- **Who gets it**: {', '.join(one.recipients)}"
        yield f"- **Abroad**: {one.abroad}"
    yield from ("", "## Laws", "")
    yield "By where the patient lives. A permission to show papers to a hospital names the law."
    for law in register.laws.values():
        told = law.breach_authority
        when = f"within {told.hours} hours" if told.hours else "at once"
        yield from ("", f"### {law.name}", "")
        yield f"- **Lives in**: {', '.join(law.countries)}"
        yield f"- **Health data**: {law.sensitive}"
        yield f"- **To another country**: {law.transfer}"
        yield f"- **Rights**: {law.rights}"
        yield f"- **Something happened**: {told.to}, {when} ({told.basis}); {law.breach_people}"
        yield f"- **Text**: <{law.source}>"
