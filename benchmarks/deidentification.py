"""Planted identifiers in reports of six scripts: what was removed, caught by the block, leaked.

    python benchmarks/deidentification.py --seed 7 --words 200        # words alone, quick
    python benchmarks/deidentification.py --seed 7 --pages 3          # text layers and pictures

*removed*: every sign of it is black. *caught*: it is not, and the file is kept back: the block
found it, or a person has to look at its place. *leaked*: neither.
"""

import argparse
import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.deidentification_people import SCRIPTS
from benchmarks.deidentification_sheets import Sheet, drawn_sheet
from deidentify import Word, find, survivors


@dataclass
class Told:
    """How many of what was planted went, were caught, leaked; how many clinical words went."""

    removed: int = 0
    caught: int = 0
    leaked: int = 0
    clinical: int = 0
    over: int = 0
    neutral_over: int = 0
    neutral: int = 0
    seconds: float = 0.0
    pages: int = 0
    leaks: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Told") -> None:
        """Take up what another run came to."""
        for name in (
            "removed",
            "caught",
            "leaked",
            "clinical",
            "over",
            "neutral",
            "neutral_over",
            "seconds",
            "pages",
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.leaks += other.leaks
        self.kinds.update(other.kinds)

    def row(self, name: str) -> str:
        """A line of the table."""
        planted = self.removed + self.caught + self.leaked
        cells = [name, self.pages, planted, self.removed, self.caught, self.leaked]
        cells += [f"{self.over} of {self.clinical}", f"{self.neutral_over} of {self.neutral}"]
        cells.append(f"{self.seconds / max(self.pages, 1):.2f}")
        return f"| {' | '.join(map(str, cells))} |"


HEAD = (
    "| | pages | planted | removed | caught | leaked | clinical words lost | other words lost "
    "| s a page |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)


def placed(sheet: Sheet) -> tuple[list[Word], list[tuple[str, str, list[int]]]]:
    """Return the words of a sheet as a page has them, and its pieces with their words."""
    words: list[Word] = []
    pieces: list[tuple[str, str, list[int]]] = []
    for row, line in enumerate(sheet.lines):
        x, top = 40.0, 40.0 + row * 16
        glued = False
        first = len(words)
        for piece in line:
            if piece.text == "\t":
                x += 50
                glued = False
                continue
            held: list[int] = []
            parts = piece.text.split()
            for at, part in enumerate(parts):
                if at == 0 and glued and not piece.text[0].isspace() and words:
                    last = words[-1]
                    wide = 6 * len(part)
                    words[-1] = Word(
                        last.text + part, (*last.box[:2], last.box[2] + wide, last.box[3])
                    )
                    x += wide
                    held.append(len(words) - 1)
                    continue
                wide = sum(12 if ord(sign) > 0x2E7F else 6 for sign in part)
                words.append(Word(part, (x, top, x + wide, top + 10)))
                held.append(len(words) - 1)
                x += wide + 4
            if parts:
                pieces.append((piece.kind, piece.text, held))
            glued = bool(parts) and not piece.text[-1].isspace()
            if glued and parts:
                x -= 4
        letters = "".join(word.text for word in words[first:])
        if 2 * sum("\u0590" < sign < "\u0700" for sign in letters) > sum(map(str.isalpha, letters)):
            words[first:] = [_mirrored(word) for word in words[first:]]
    return words, pieces


def _mirrored(word: Word) -> Word:
    """Return a word of a line that runs from right to left."""
    x0, top, x1, bottom = word.box
    return Word(word.text, (800 - x1, top, 800 - x0, bottom))


def by_words(sheet: Sheet) -> Told:
    """Return what came of a sheet whose words are known, as of a text layer."""
    import time

    words, pieces = placed(sheet)
    began = time.monotonic()
    gone = {index for hit in find(sheet.identity, words) for index in hit.words}
    kept = [word for index, word in enumerate(words) if index not in gone]
    boxes = {box for one in survivors(sheet.identity, kept) for box in one.boxes}
    told = Told(pages=1, seconds=time.monotonic() - began)
    planted = {index for kind, _, held in pieces if kind not in ("", "clinical") for index in held}
    for kind, text, held in pieces:
        if kind == "clinical":
            told.clinical += len(held)
            told.over += sum(index in gone for index in held)
        elif not kind:
            own = [index for index in held if index not in planted]
            told.neutral += len(own)
            told.neutral_over += sum(index in gone for index in own)
        else:
            told.kinds[kind] += 1
            left = [
                index
                for index in held
                if index not in gone and any(map(str.isalnum, words[index].text))
            ]
            if not left or all(_says_nothing(words[index].text) for index in left):
                told.removed += 1
            elif any(words[index].box in boxes for index in left):
                told.caught += 1
            else:
                told.leaked += 1
                shown, known = [words[index].text for index in left], sheet.identity.names
                told.leaks.append(f"{sheet.script} {kind}: {text!r} left {shown} known {known}")
    return told


def _says_nothing(text: str) -> bool:
    """Say whether a word left of something planted is a title or a word around it."""
    return text.strip(".,:;'").lower() in {
        "mrs",
        "her",
        "sister",
        "10:35",
        "dr",
        "prof",
        "д-р",
        "د",
        "डॉ",
        "श्रीमती",
        "y",
    }


def main() -> None:
    """Draw sheets, take out what was planted, and print what came of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--words", type=int, default=0, help="sheets of words a script")
    parser.add_argument("--pages", type=int, default=0, help="drawn pages a script and layer")
    parser.add_argument("--languages", default="eng", choices=["eng", "own"])
    parser.add_argument("--layers", nargs="*", help="of the drawn pages, all when left out")
    parser.add_argument("--scripts", nargs="*", default=SCRIPTS)
    parser.add_argument("-v", action="store_true", help="say what leaked")
    given = parser.parse_args()
    print(HEAD)
    whole, leaks = Told(), []
    for script in given.scripts:
        chance = random.Random(f"{given.seed} {script}")
        told = Told()
        for _ in range(given.words):
            told.add(by_words(drawn_sheet(script, chance)))
        if given.words:
            print(told.row(f"{script}, words"))
            whole.add(told)
            leaks += told.leaks
        if given.pages:
            from benchmarks.deidentification_drawn import LAYERS, by_pages

            for layer in given.layers or LAYERS:
                told = by_pages(script, layer, given.pages, chance, given.languages)
                print(told.row(f"{script}, {layer}"), flush=True)
                whole.add(told)
                leaks += told.leaks
                if given.v and told.leaks:
                    print(*told.leaks, sep="\n", flush=True)
    print(whole.row("all"))
    if given.v:
        print(*leaks, sep="\n")


if __name__ == "__main__":
    main()
