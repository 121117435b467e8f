"""How a backup says no."""

import errno


class BackupError(Exception):
    """It was refused or failed. The text says what to do; it names no patient and no secret."""


def disk_error(error: OSError) -> BackupError:
    """Return what an error of the disk means to whoever takes the backup."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return BackupError(
            "the disk of the backups is full: make room (older backups go with --keep), then run "
            "it again; objects that are copied already are not copied again"
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return BackupError("the folder of the backups cannot be written or read by this user")
    name = errno.errorcode.get(error.errno or 0, type(error).__name__)
    return BackupError(f"the disk of the backups does not work ({name})")
