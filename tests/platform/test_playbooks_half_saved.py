"""Files of the playbooks as editors, syncing folders and half-finished saves leave them behind."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from correspondence import Letters
from playbook_reader import PlaybookError, read
from settings import Settings
from suitability import PlaybookError as CriteriaError
from workflows.engine.playbooks import Playbooks
from workflows.engine.world import World
from workflows.steps import SENT_BY_STEPS

PLAYBOOKS = Path(__file__).parents[2] / "playbooks"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    shutil.copytree(PLAYBOOKS, tmp_path / "playbooks")
    yield tmp_path / "playbooks"


def starting(folder: Path) -> World:
    return World(Settings(playbooks_dir=folder))


@pytest.mark.parametrize("code", ["M01", "M10", "M28b", "M34"])
def test_a_process_does_not_start_without_a_letter_that_it_sends(folder: Path, code: str) -> None:
    starting(PLAYBOOKS).load_playbooks(SENT_BY_STEPS)
    shutil.rmtree(folder / "letters" / code)
    with pytest.raises(PlaybookError, match=rf"^letters/{code}: .* missing\. Put it back"):
        starting(folder).load_playbooks(SENT_BY_STEPS)


@pytest.mark.parametrize(
    "code", ["common_contraindications", "breast_postop_recheck", "abdominopelvic_postop_recheck"]
)
def test_no_screening_without_the_set_that_stops_or_looks_again(folder: Path, code: str) -> None:
    (folder / "criteria" / f"{code}.yaml").unlink()
    with pytest.raises(CriteriaError, match=rf"^criteria/{code}.yaml: .* missing\. Put it back"):
        Playbooks(folder).load()


@pytest.mark.parametrize("part", ["subject.txt", "body.txt"])
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty. Write"),
        (b" \n\n", "is empty. Write"),
        (b"Dear all,\nyou\x00 see\n", ":2: a character that is no text. Remove"),
        (b"Dear all,\nGr\xfc\xdfe\n", ":2: is not UTF-8. Save it as"),
    ],
)
def test_a_letter_without_text_is_refused(
    folder: Path, part: str, content: bytes, reason: str
) -> None:
    (folder / "letters" / "M10" / "en" / part).write_bytes(content)
    with pytest.raises(PlaybookError, match=rf"^letters/M10/en/{part}.*{reason}"):
        Playbooks(folder).load()


def test_the_mark_of_an_editor_is_no_part_of_a_letter(folder: Path) -> None:
    for part in ("subject.txt", "body.txt"):
        path = folder / "letters" / "M10" / "en" / part
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    marked, plain = (Playbooks(one).letters for one in (folder, PLAYBOOKS))
    assert isinstance(marked, Letters)
    samples = plain.samples("M10")
    assert marked.render("M10", samples) == plain.render("M10", samples)


def test_bytes_that_are_no_text_are_named_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "travel.yaml"
    path.write_bytes(b"a: 1\nb: Gr\xfc\xdfe\n")
    with pytest.raises(PlaybookError, match=r"^travel.yaml:2: is not UTF-8\. Save it as UTF-8"):
        read(path)
    path.write_bytes(b"a: 1\n\nb: \x00\n")
    with pytest.raises(PlaybookError, match=r"^travel.yaml:3: .*control character.*\. Remove it"):
        read(path)


def test_a_folder_in_place_of_a_file_or_no_file_says_what_to_do(folder: Path) -> None:
    path = folder / "letters" / "M10" / "en" / "body.txt"
    path.unlink()
    for _ in range(2):
        with pytest.raises(PlaybookError, match=r"body\.txt: cannot be read\. Put the file"):
            Playbooks(folder).load()
        path.mkdir(exist_ok=True)
