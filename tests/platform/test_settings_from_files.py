"""A setting may stand in a file: a secret then stands in no process's environment."""

from pathlib import Path

import pytest

from settings import Settings


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IORT_SECRETS_FOLDER", str(tmp_path))
    return tmp_path


def settings() -> Settings:
    return Settings(_env_file=None)


def test_a_file_that_a_variable_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key"
    path.write_text("a secret, with = and $\n")
    monkeypatch.setenv("IORT_S3_SECRET_KEY_FILE", str(path))
    assert settings().s3_secret_key.get_secret_value() == "a secret, with = and $"


def test_a_folder_of_files(folder: Path) -> None:
    (folder / "smtp_password").write_text("of the mail")
    (folder / "webhook_secrets").write_text('{"partner": "whsec_x"}')
    (folder / "imap_password").write_text("\n")
    (folder / "of_somebody_else").write_text("x")
    found = settings()
    assert found.smtp_password.get_secret_value() == "of the mail"
    assert found.webhook_secrets["partner"].get_secret_value() == "whsec_x"
    assert found.imap_password.get_secret_value() == ""


def test_the_setting_for_a_ring_is_still_the_name_of_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = tmp_path / "ring"
    ring.write_text("k1:x\n")
    monkeypatch.setenv("IORT_SECRET_KEYS_FILE", str(ring))
    found = settings()
    assert found.secret_keys_file == str(ring) and not found.secret_keys.get_secret_value()


def test_given_twice_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "smtp_password").write_text("one")
    monkeypatch.setenv("IORT_SMTP_PASSWORD", "two")
    with pytest.raises(ValueError, match="IORT_SMTP_PASSWORD is set, and given by a file too"):
        settings()


def test_a_file_that_cannot_be_read_is_named_without_its_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IORT_SMTP_PASSWORD_FILE", str(tmp_path / "none"))
    with pytest.raises(ValueError, match="file of IORT_SMTP_PASSWORD cannot be read"):
        settings()
