"""`./iort bench`: all benchmarks in one go, with a table and a picture of each.

Every benchmark is a script of its own in `benchmarks/`, with its comparator in the same run; here
they are only called, one after the other, and what they found is put together. Figures are of this
machine and this hour: the load stands beside them.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.clock import real_now
from cli.errors import CommandError
from settings import PROJECT_ROOT
from web.svg import Picture, width_of

INK, ACCENT, PALE = "#1c2427", "#1d4f5c", "#bfd8dd"
BAR, LEFT, WIDE = 22, 300, 900


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A script with its arguments: for a quick look, and for figures that are to be kept."""

    name: str
    asks: str
    quick: tuple[str, ...]
    whole: tuple[str, ...]
    pictures: tuple[str, ...]
    """What is drawn: a path into its answer with one `*`, by whose values the bars are named."""


BENCHMARKS = (
    Benchmark(
        "orchestration", "six steps a case, beside plain Celery chains",
        ("--cases", "200", "--rounds", "1", "--idle", "3"),
        ("--cases", "1000", "--rounds", "5"),
        ("sides.*.cases_per_second", "sides.*.idle_p50_ms", "sides.*.wal_bytes_per_case"),
    ),
    Benchmark(
        "relay", "the relay's look, and how late due rows are, after years",
        ("--pending", "50000", "--done", "200000", "--due", "100"), (),
        ("look.*.later p50 ms", "lateness ms.*"),
    ),
    Benchmark(
        "upload", "from an upload to its proposed findings, beside OCRmyPDF",
        ("--rounds", "1", "--alone"), ("--rounds", "3"), (),
    ),
    Benchmark(
        "idle", "what everything costs while nothing happens",
        ("--seconds", "20", "--settle", "20"), ("--start",), (),
    ),
    Benchmark(
        "console", "pages over many cases, beside their statements alone",
        ("--cases", "5000", "--events", "100000", "--rounds", "1"), (), (),
    ),
    Benchmark("hooks_in", "webhooks taken in", ("--hooks", "1000"), (), ()),
    Benchmark("sign_in", "signing in while pages are drawn", ("--rounds", "1"), (), ()),
    Benchmark("backup", "backup and restore under load", ("--cases", "30"), (), ()),
)  # fmt: skip


def bench(
    names: Annotated[list[str] | None, typer.Argument(help="Which; all if none is named.")] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Small ones: whether all runs, not how fast.")
    ] = False,
    folder: Annotated[Path | None, typer.Option("--folder", help="Where the answers go.")] = None,
) -> None:
    """Run the benchmarks, then show a table; pictures and answers go to a folder.

    All of them whole take about an hour, quick ones some minutes. Servers of their own are started.
    """
    known = {one.name: one for one in BENCHMARKS}
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise CommandError(f"there is no benchmark {unknown[0]}; there are {', '.join(known)}")
    chosen = [known[name] for name in names] if names else list(BENCHMARKS)
    into = folder or PROJECT_ROOT / "var" / "bench" / f"{real_now():%Y-%m-%d-%H%M}"
    into.mkdir(parents=True, exist_ok=True)
    failed = [one.name for one in chosen if not _run(one, quick, into)]
    answers = {one.name: _answer(into / f"{one.name}.json") for one in chosen}
    table = "\n".join(_table(answers))
    (into / "table.md").write_text(table + "\n", encoding="utf-8")
    for one in chosen:
        for number, path in enumerate(one.pictures, 1):
            drawn = drawing(answers[one.name], one.asks, path)
            if drawn:
                (into / f"{one.name}-{number}.svg").write_text(drawn, encoding="utf-8")
    typer.echo(table)
    typer.echo(f"\nin {into}: an answer of each as JSON, what they said, table.md, pictures as SVG")
    if failed:
        raise CommandError(f"not run to its end: {', '.join(failed)}; see the .log files there")


def _run(one: Benchmark, quick: bool, into: Path) -> bool:
    """Run a benchmark; what it says goes to a file. Return whether it came to its end."""
    script = PROJECT_ROOT / "benchmarks" / f"{one.name}.py"
    answer = into / f"{one.name}.json"
    answer.unlink(missing_ok=True)
    command = [sys.executable, str(script), *(one.quick if quick else one.whole)]
    typer.echo(f"{one.name}: {one.asks} ...")
    began = time.monotonic()
    with (into / f"{one.name}.log").open("w", encoding="utf-8") as log:
        code = subprocess.run(
            [*command, "--json", str(answer)],
            stdout=log, stderr=subprocess.STDOUT, cwd=PROJECT_ROOT, check=False,
        ).returncode  # fmt: skip
    load = os.getloadavg()[0]
    typer.echo(f"  {time.monotonic() - began:.0f} s, exit code {code}, load {load:.1f}")
    return code == 0 and answer.exists()


def _answer(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _table(answers: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of one table: every number of every answer by its path."""
    yield "| benchmark | what | figure |"
    yield "| --- | --- | --- |"
    for name, answer in answers.items():
        for path, value in leaves(answer):
            yield f"| {name} | {path} | {_told(value)} |"


def _told(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, int) else str(value)


def leaves(answer: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what an answer holds by its path; of a list only how long it is, if it is long."""
    if isinstance(answer, Mapping):
        for key, value in answer.items():
            yield from leaves(value, f"{before}.{key}" if before else str(key))
    elif isinstance(answer, list) and (len(answer) > 5 or not _are_plain(answer)):
        yield before, f"{len(answer)} values"
    elif isinstance(answer, list):
        yield before, ", ".join(_told(one) for one in answer)
    else:
        yield before, answer


def _are_plain(values: Sequence[Any]) -> bool:
    return not any(isinstance(one, Mapping | list) for one in values)


def at(answer: Any, path: str) -> list[tuple[str, float]]:
    """Return the numbers that a path with one `*` leads to, each by the key at the `*`."""
    first, _, rest = path.partition("*")
    for key in filter(None, first.split(".")):
        answer = answer.get(key, {}) if isinstance(answer, Mapping) else {}
    found = []
    for name, value in answer.items() if isinstance(answer, Mapping) else ():
        for key in filter(None, rest.split(".")):
            value = value.get(key) if isinstance(value, Mapping) else None
        if isinstance(value, int | float):
            found.append((name, float(value)))
    return found


def drawing(answer: Any, asks: str, path: str) -> str:
    """Return bars as an SVG document; "" where there is nothing to draw."""
    rows = at(answer, path)
    most = max((value for _, value in rows), default=0.0)
    if most <= 0:
        return ""
    picture = Picture(WIDE, 40 + BAR * len(rows) + 10)
    picture.words((10, 18), f"{asks}: {path}", INK, bold=True)
    _bars(picture, rows, most)
    told = "; ".join(f"{name} {_told(value)}" for name, value in rows)
    return picture.whole(asks, told)


def _bars(picture: Picture, rows: Sequence[tuple[str, float]], most: float) -> None:
    room = WIDE - LEFT - 120
    for number, (name, value) in enumerate(rows):
        top = 40.0 + BAR * number
        wide = room * value / most
        cut = name if width_of(name) < LEFT - 20 else name[:38] + "…"
        picture.words((LEFT - 10, top + BAR / 2), cut, INK, "end")
        picture.box((LEFT, top + 3), wide, BAR - 6, ACCENT if number == 0 else PALE, INK)
        picture.words((LEFT + wide + 8, top + BAR / 2), _told(value), INK)
