"""Lines of text as words with boxes, and a text with what was found in it blackened."""

from collections.abc import Sequence

from deidentify import Hit, Identity, Word, find

BLACK = "█"


def words_of(text: str, page: int = 1, *, high: float = 10.0) -> list[Word]:
    """Words as a page would have them; a tab is a wide gap."""
    words: list[Word] = []
    for row, line in enumerate(text.splitlines()):
        x, top = 40.0, 40.0 + row * 14
        for cell in line.split("\t"):
            for word in cell.split():
                wide = high * 0.6 * len(word)
                words.append(Word(word, (x, top, x + wide, top + high), page))
                x += wide + high * 0.4
            x += 5 * high
    return words


def left(words: Sequence[Word], hits: Sequence[Hit]) -> list[Word]:
    taken = {index for hit in hits for index in hit.words}
    return [word for index, word in enumerate(words) if index not in taken]


def blackened(identity: Identity, text: str) -> str:
    """The text's words, with a block for each that goes."""
    words = words_of(text)
    taken = {index for hit in find(identity, words) for index in hit.words}
    return " ".join(BLACK if index in taken else word.text for index, word in enumerate(words))
