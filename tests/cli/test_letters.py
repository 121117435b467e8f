"""`iort letter read`: anybody sees how a mail is read, from the file alone."""

import json
from pathlib import Path

import pytest

from tests.cli.test_command_line import iort
from tests.correspondence import mails


def test_a_mail_is_read_without_any_server(tmp_path: Path) -> None:
    file = tmp_path / "answer.eml"
    said = "Our estimate is USD 6,500.\n\nWe ask whether your team agrees:\n{}\n(2) When is it?"
    asked = "(1) Is it possible for you?"
    file.write_bytes(mails.mail(said.format(f"{asked} Yes, it is.")))
    ours = tmp_path / "ours.txt"
    ours.write_text(said.format(asked).partition("\n\n")[2])
    done = iort("letter", "read", str(file), "--sent", str(ours), "--json")
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)
    assert set(read) >= {"machine", "class", "confidence", "facts", "new_text", "files", "trust"}
    assert (read["machine"], read["class"]) == (None, "offer")
    assert read["facts"]["amount_low"] == 6500
    assert read["new_text"].startswith("Our estimate is USD 6,500.\n")
    assert "We ask whether" not in read["new_text"]
    assert [(one["number"], one["answer"]) for one in read["answers"]] == [(1, "Yes, it is.")]
    assert read["trust"]["standing"] == "not_stated"


@pytest.mark.parametrize("content", [b"", b"\x00\xff", mails.mail("Hm."), mails.BOUNCE])
def test_no_class_is_given_where_a_person_must_look(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "odd.eml"
    file.write_bytes(content)
    done = iort("letter", "read", str(file), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["class"] is None


def test_a_file_that_is_not_there_is_said_so() -> None:
    done = iort("letter", "read", "nowhere.eml")
    assert done.returncode == 1
    assert "cannot be read" in done.stderr
