"""Archives and files within files: unpacked to a depth, a number and a size."""

from adapters.reader import ReaderLimits, read_tree
from tests.adapters.reader import files
from tests.adapters.reader.pages import READER, read
from tests.adapters.reader.test_formats import mail


def test_archives_are_unpacked() -> None:
    content = files.zipped(
        {
            "a/report.pdf": files.report(),
            "notes 📎.txt": b"14 mm",
            "__MACOSX/._x": b"junk",
            "a/": b"",
        }
    )
    document = read(content)
    assert (document.media_type, document.status) == ("application/zip", "read")
    assert {attachment.name for attachment in document.attachments} == {
        "a/report.pdf",
        "notes 📎.txt",
    }
    assert document.details == {"members": 2}


def test_an_archive_with_too_many_files_is_refused() -> None:
    document = read(files.zipped({f"{n}.txt": b"x" for n in range(201)}))
    assert (document.status, document.attachments) == ("too_large", ())
    assert "smaller parts" in document.message


def test_an_archive_that_unpacks_to_too_much_is_refused() -> None:
    document = read(files.zipped({f"{n}.bin": bytes(40 << 20) for n in range(3)}))
    assert (document.status, document.attachments) == ("too_large", ())


def test_an_archive_within_an_archive_is_handed_out_packed() -> None:
    inner = files.zipped({"report.txt": b"14 mm"})
    (member,) = read(files.zipped({"inner.zip": inner})).attachments
    assert member.content == inner


def test_files_within_files_are_read_to_a_depth() -> None:
    content = files.report()
    for _ in range(5):
        content = files.zipped({"inner": content})
    found = list(read_tree(READER, "outer.zip", content))
    assert [len(file.path) for file in found] == [1, 2, 3, 4, 5]
    assert [file.document.status for file in found] == ["read"] * 4 + ["too_large"]

    pair = files.zipped({"a.pdf": files.report(), "mail.eml": mail().as_bytes()})
    found = list(read_tree(READER, "x.zip", pair))
    kinds = [file.document.media_type.partition("/")[2] for file in found]
    assert kinds == ["zip", "pdf", "rfc822", "pdf"]
    assert found[-1].path == ("x.zip", "mail.eml", "Befund ü.pdf")
    assert "Befund" not in repr(found)


def test_files_within_files_are_limited_in_number() -> None:
    content = files.zipped({f"{n}.txt": b"14 mm" for n in range(6)})
    limits = ReaderLimits(archive_members=4)
    found = list(read_tree(READER, "x.zip", content, limits=limits))
    assert [file.document.status for file in found] == ["read"] * 4 + ["too_large"] * 3


def test_a_locked_archive_asks_for_its_files() -> None:
    content = bytearray(files.zipped({"a.txt": b"14 mm"}))
    for at in (6, content.index(b"PK\x01\x02") + 8):
        content[at] |= 1  # the flag of an encrypted member
    document = read(bytes(content))
    assert document.status == "encrypted"
    assert "password" in document.message
