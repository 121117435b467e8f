"""What this project is made of: a bill of materials, and a check against known holes.

The bill is CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/), made of the pinned requirements
with their hashes. Advisories are read from a copy of a database in the OSV format
(https://ossf.github.io/osv-schema/), such as the file `all.zip` of the ecosystem PyPI, that
somebody brought here: nothing is asked of the network, and the answer says of which day the copy
is.
"""

import json
import re
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

import typer
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from cli.errors import CommandError
from settings import PROJECT_ROOT

REQUIREMENTS = PROJECT_ROOT / "requirements"
packages_app = typer.Typer(no_args_is_help=True, help="What this project is made of.")

SETS = ("base", "parquet", "traces", "embedded", "dev")
ADDED = {"parquet": "170 MB", "traces": "10 MB"}
"""What is not part of an installation and can be added to it, and how large it is."""
OLD_DAYS = 14
"""A copy of the advisories with nothing newer than so many days is called old."""
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")

Set = Annotated[
    str, typer.Option("--set", help="base, parquet, traces, embedded or dev: which requirements.")
]


@dataclass(frozen=True, slots=True)
class Package:
    """A package as it is pinned; `hashes` are the SHA-256 of the files that may be installed."""

    name: str
    version: str
    hashes: tuple[str, ...]

    @property
    def licence(self) -> str:
        """What its own data say of its licence; blank where it is not installed here."""
        try:
            about = metadata.metadata(self.name)
        except metadata.PackageNotFoundError:
            return ""
        named = "".join(about.get_all("License-Expression") or ())
        classes = [c.rpartition(" :: ")[2] for c in about.get_all("Classifier") or ()
                   if c.startswith("License ::")]  # fmt: skip
        return (
            named
            or ", ".join(classes)
            or "".join(about.get_all("License") or ()).partition("\n")[0][:80]
        )


@dataclass(frozen=True, slots=True)
class Advisory:
    """A known hole that a pinned package has. `fixed` is the first version without it, or blank."""

    id: str
    package: Package
    summary: str
    fixed: str


@packages_app.command("bill")
def bill(which: Set = "embedded", out: Path | None = None) -> None:
    """Print the bill of materials (CycloneDX 1.6, JSON), or write it to --out FILE."""
    text = json.dumps(bill_of(pinned(which), datetime.now(UTC)), indent=1) + "\n"
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
        typer.echo(f"{out}: {len(pinned(which))} packages")


@packages_app.command("advisories")
def advisories(database: Path, which: Set = "embedded") -> None:
    """Look for known holes in a copy of an OSV database: a ZIP, or a folder of JSON files.

    Exit code 1 when a pinned package has one.
    """
    found, of, newest = holes(pinned(which), database)
    if newest is None:
        raise CommandError(f"{database} holds no advisory in the OSV format (JSON).")
    age = (datetime.now(UTC) - newest).days
    old = f", {age} days old: bring a newer copy" if age > OLD_DAYS else ""
    typer.echo(f"{of} advisories, the newest of {newest:%Y-%m-%d}{old}")
    for one in found:
        mend = f"mended in {one.fixed}" if one.fixed else "no version is mended"
        typer.echo(f"{one.package.name} {one.package.version}: {one.id} {one.summary} ({mend})")
    if found:
        raise CommandError(f"{len(found)} known holes in {which}")
    typer.echo(f"none for the {len(pinned(which))} packages of requirements/{which}.txt")


@packages_app.command("add")
def add(extra: Annotated[str, typer.Argument(help="parquet or traces.")]) -> None:
    """Install what few need: `parquet` for exports in that format, `traces` for a collector.

    Packages are those of requirements/EXTRA.txt with their hashes; nothing else is changed.
    """
    if extra not in ADDED:
        raise CommandError(f"{' and '.join(ADDED)} can be added, not {extra}.")
    typer.echo(f"installing {extra} ({ADDED[extra]}) from requirements/{extra}.txt")
    done = subprocess.run(
        [
            sys.executable, "-m", "pip", "install", "--require-hashes", "--no-deps",
            "--only-binary", ":all:", "--no-input", "--no-compile", "--quiet",
            "--disable-pip-version-check", "-r", str(REQUIREMENTS / f"{extra}.txt"),
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        last = "\n".join(done.stderr.strip().splitlines()[-4:])
        raise CommandError(f"{extra} could not be installed:\n{last}")
    typer.echo(f"{extra} is installed")


def pinned(which: str) -> list[Package]:
    """Return the packages of a requirements file; raise `CommandError` for an unknown set."""
    if which not in SETS:
        raise CommandError(f"--set is one of {', '.join(SETS)}, not {which}.")
    found: list[Package] = []
    text = (REQUIREMENTS / f"{which}.txt").read_text(encoding="utf-8")
    for block in re.split(r"\n(?=\S)", text):
        pin = _PIN.match(block)
        if pin:
            name = canonicalize_name(pin[1])
            found.append(Package(name, pin[2], tuple(_HASH.findall(block))))
    return found


def bill_of(packages: list[Package], made: datetime) -> dict[str, Any]:
    """Return the bill of these packages as CycloneDX has it; `made` is aware."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid4()}",
        "version": 1,
        "metadata": {
            "timestamp": made.isoformat(timespec="seconds"),
            "component": {"type": "application", "name": "iort-coordinator"},
        },
        "components": [
            {
                "type": "library",
                "bom-ref": f"pkg:pypi/{one.name}@{one.version}",
                "name": one.name,
                "version": one.version,
                "purl": f"pkg:pypi/{one.name}@{one.version}",
                "properties": [{"name": "file:sha256", "value": value} for value in one.hashes],
                **({"licenses": [{"license": {"name": one.licence}}]} if one.licence else {}),
            }
            for one in packages
        ],
    }


def holes(packages: list[Package], database: Path) -> tuple[list[Advisory], int, datetime | None]:
    """Return the holes of `packages`, how many advisories were read, and when the newest changed.

    Raises `CommandError` where the database cannot be read.
    """
    by_name: dict[str, list[Package]] = {}  # another version of it for another Python
    for one in packages:
        by_name.setdefault(one.name, []).append(one)
    found: dict[tuple[str, Package], Advisory] = {}
    count, newest = 0, None
    for said in _read(database):
        count += 1
        changed = _moment(said.get("modified"))
        newest = max(filter(None, (newest, changed)), default=None)
        if said.get("withdrawn"):
            continue
        for affected in said.get("affected") or ():
            of = affected.get("package") or {}
            if of.get("ecosystem") != "PyPI":
                continue
            for package in by_name.get(canonicalize_name(str(of.get("name", ""))), ()):
                is_hit, fixed = _hits(affected, package.version)
                if is_hit:
                    words = str(said.get("summary") or said.get("details") or "")
                    told = Advisory(str(said["id"]), package, words.partition("\n")[0][:160], fixed)
                    found[told.id, package] = told
    return sorted(found.values(), key=lambda one: (one.package.name, one.id)), count, newest


def _read(database: Path) -> Iterator[dict[str, Any]]:
    try:
        if database.is_dir():
            for path in sorted(database.rglob("*.json")):
                yield from _advisory(path.read_bytes())
            return
        with zipfile.ZipFile(database) as archive:
            for name in archive.namelist():
                if name.endswith(".json"):
                    yield from _advisory(archive.read(name))
    except (OSError, zipfile.BadZipFile) as error:
        raise CommandError(f"{database} cannot be read: {type(error).__name__}") from None


def _advisory(content: bytes) -> Iterator[dict[str, Any]]:
    try:
        said = json.loads(content)
    except ValueError:
        return
    if isinstance(said, dict) and "id" in said and "modified" in said:
        yield said


def _moment(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value)).astimezone(UTC)
    except ValueError:
        return None


def _hits(affected: dict[str, Any], version: str) -> tuple[bool, str]:
    """Return whether a version is among the affected ones, and the first mended one after it."""
    ours = Version(version)
    hit, mended = version in (affected.get("versions") or ()), ""
    for one in affected.get("ranges") or ():
        if one.get("type") != "ECOSYSTEM":
            continue
        inside = False
        for kind, at in _in_order(one.get("events") or []):
            if kind == "introduced":
                inside = inside or at <= ours
            elif kind == "fixed":
                mended = str(at) if inside and at > ours and not mended else mended
                inside = inside and at > ours
            elif kind == "last_affected":
                inside = inside and at >= ours
        hit = hit or inside
    return hit, mended


def _in_order(events: list[dict[str, str]]) -> list[tuple[str, Version]]:
    """Return the events by version; one whose version cannot be read is left out."""
    found = []
    for event in events:
        for kind, value in event.items():
            try:
                found.append((kind, Version("0.dev0" if value == "0" else value)))
            except InvalidVersion:
                continue
    return sorted(found, key=lambda one: (one[1], one[0] != "introduced"))
