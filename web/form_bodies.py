"""Forms are counted while they come: what is too much for one is refused before it is read.

Fields are held in memory, and so are all together limited; files go to disk after their first
64 kB. The whole body has a limit of its own (`web/security_headers.py`).
"""

from contextlib import aclosing

from fastapi import Request
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser

from web.languages import N_
from web.security_headers import FORM_BYTES, BodyTooLarge

MAX_FILES = 30
"""Files that a form takes at a time."""
TOO_MUCH = N_(
    "This is too much for one form. Please go back and send less at a time, at most 30 files."
)
NOT_WHOLE = N_("The form did not arrive whole. Please go back and send it again.")


class _TooMuch(MultiPartException):
    pass


class _Parser(MultiPartParser):
    spool_max_size = 64 * 1024
    _in_fields = 0
    _parts = 0

    def on_part_begin(self) -> None:
        self._parts += 1
        if self._parts > self.max_fields + self.max_files:
            raise _TooMuch("parts")
        super().on_part_begin()

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        super().on_header_value(data, start, end)

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._current_part.file is None:
            self._count(end - start)
        super().on_part_data(data, start, end)

    def on_headers_finished(self) -> None:
        try:
            super().on_headers_finished()
        except MultiPartException:
            if self._current_files > self.max_files or self._current_fields > self.max_fields:
                raise _TooMuch("parts") from None
            raise

    def _count(self, size: int) -> None:
        self._in_fields += size
        if self._in_fields > FORM_BYTES:
            raise _TooMuch("fields")


class FormRequest(Request):
    """A request whose form is refused with 413 while it comes, once it is too much for one."""

    async def _get_form(
        self,
        *,
        max_files: int | float = 1000,
        max_fields: int | float = 1000,
        max_part_size: int = FORM_BYTES,
    ) -> FormData:
        if self._form is not None:
            return self._form
        kind, _ = parse_options_header(self.headers.get("content-type"))
        try:
            if kind == b"multipart/form-data":
                async with aclosing(self.stream()) as stream:
                    parser = _Parser(
                        self.headers,
                        stream,
                        max_files=min(max_files, MAX_FILES),
                        max_fields=max_fields,
                        max_part_size=max_part_size,
                    )
                    self._form = await parser.parse()
                    return self._form
            return await super()._get_form(
                max_files=max_files, max_fields=max_fields, max_part_size=max_part_size
            )
        except (_TooMuch, BodyTooLarge, HTTPException):  # the last: too many or too long fields
            raise HTTPException(413, TOO_MUCH) from None
        except MultiPartException:
            raise HTTPException(400, NOT_WHOLE) from None
