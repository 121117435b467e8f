"""Old mail as it lies: mbox files of several programs, folders, a folder of the mail server."""

import random
from pathlib import Path

import pytest

from adapters import archives
from adapters.archives import ArchivedMail, ArchiveRefused, MailFolder, MboxFile, archive_at

ONE = b"From: a@x.example\nSubject: one\n\nhello\n"
TWO = b"From: b@x.example\nSubject: two\n\nFrom here on it is better.\n\nFrom me, at 10:30.\n"
LINES = (
    b"From a@x.example Mon Jan  5 10:30:00 2026",
    b"From - Tue Feb 03 2026 10:30:00 GMT+0100",
    b"From 1712345678901234567@xxx Wed Mar 04 10:30:00 +0000 2026",
    b"From ",
    b"From MAILER-DAEMON Fri Jul  8 12:08:34 2022",
    b'From "a b"@x.example Sat Jan  3 01:05:34 1996',
)


def box(path: Path, *mails: bytes, line: bytes = LINES[0], end: bytes = b"\n") -> Path:
    whole = b"".join(line + b"\n" + mail.replace(b"\nFrom ", b"\n>From ") + b"\n" for mail in mails)
    path.write_bytes(whole.replace(b"\n", end))
    return path


def read(path: Path) -> list[bytes | None]:
    return [mail.raw for mail in archive_at(path).mails()]


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_an_mbox_gives_each_mail_as_it_was(tmp_path: Path, line: bytes, end: bytes) -> None:
    path = box(tmp_path / "old", ONE, TWO, ONE, line=line, end=end)
    assert isinstance(archive_at(path), MboxFile)
    assert read(path) == [mail.replace(b"\n", end) for mail in (ONE, TWO, ONE)]


def test_a_line_that_nobody_escaped_cuts_no_mail(tmp_path: Path) -> None:
    letter = b"From: a@x.example\n\nDear all\n\nFrom Monday, Tue at 10:30 we meet\nas said\n"
    path = tmp_path / "old"
    path.write_bytes(LINES[0] + b"\n" + letter + b"\n" + LINES[1] + b"\n" + ONE)
    assert read(path) == [letter, ONE]


def test_any_mails_come_out_as_they_went_in(tmp_path: Path) -> None:
    chance = random.Random(20261130)
    words = [b"From ", b">From ", b"a", b" ", b"\n", b"\n\n", b"x: y", b"\xff\x00", b"10:30 2026"]
    for number in range(200):
        mails = [
            b"Subject: x\n\n" + b"".join(chance.choices(words, k=chance.randint(0, 40))) + b".\n"
            for _ in range(chance.randint(1, 5))
        ]
        path = tmp_path / str(number)
        lines = [
            b"\n".join(
                b">" + line if line.lstrip(b">").startswith(b"From ") else line
                for line in mail.split(b"\n")
            )
            for mail in mails
        ]
        path.write_bytes(b"".join(LINES[0] + b"\n" + mail + b"\n" for mail in lines))
        assert read(path) == mails


def test_a_mail_beyond_the_limit_is_cut_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "LARGEST_MESSAGE", 1000)
    monkeypatch.setattr(archives, "LONGEST_LINE", 64)
    long = b"From: a@x.example\n\n" + b"y" * 3000 + b"\n"
    path = box(tmp_path / "old", long, ONE)
    first, second = archive_at(path).mails()
    assert (first.cut, len(first.raw or b""), second) == (True, 1000, ArchivedMail("2", ONE))
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.eml").write_bytes(long)
    (mail,) = archive_at(tmp_path / "folder").mails()
    assert (mail.cut, len(mail.raw or b"")) == (True, 1000)


def test_a_folder_gives_mails_of_every_depth_and_names_what_is_none(tmp_path: Path) -> None:
    for place, content in (
        ("b.eml", ONE), ("a/deep/c.EML", TWO), ("box/cur/123.host:2,S", ONE), ("empty.eml", b""),
        ("notes.txt", b"no mail"), ("box/dovecot.index", b"x"), ("box/cur/.hidden", b"x"),
    ):  # fmt: skip
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    archive = archive_at(tmp_path)
    assert isinstance(archive, MailFolder)
    found = {mail.place: (mail.raw, mail.problem) for mail in archive.mails()}
    assert found == {
        "a/deep/c.EML": (TWO, ""), "b.eml": (ONE, ""), "box/cur/123.host:2,S": (ONE, ""),
        "empty.eml": (None, "empty"),
    }  # fmt: skip


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", b"From: a@x.example\n\nan eml\n", None])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ArchiveRefused):
        archive_at(path)
