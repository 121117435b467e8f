"""What an erasure takes away of records for hospitals and of their desks."""

from collections.abc import Mapping

from workflows.retention.table_rows import OF_CASE, Rows, columns

RECORDS: Mapping[str, Rows] = {
    "desk_link": Rows(
        OF_CASE,
        erased=("address", "name", "code_seed"),
        kept=columns(
            "id case_id thread_id language code_by generation code_ends_at code_tries codes_made"
            " expires_at first_opened_at ended_at end_reason made_by created_at"
        ),
    ),
    "desk_visit": Rows(
        OF_CASE,
        erased=("place",),
        kept=columns("id case_id link_id at what part_id page country created_at"),
    ),
    "records_package": Rows(
        OF_CASE,
        erased=("sheet", "archive_seed", "archive_key"),
        kept=columns(
            "id case_id thread_id hospital_id level state link_ids opened_by confirmed_on made_by"
            " made_at approved_by released_at ended_at end_reason created_at"
        ),
    ),
    "records_part": Rows(
        OF_CASE,
        erased=("sha256", "object_key"),
        kept=columns(
            "id case_id package_id document_id position pages state problem media_type size"
            " created_at"
        ),
    ),
    "records_page": Rows(
        OF_CASE,
        erased=("boxes", "looks", "left_over", "after_key"),
        kept=columns(
            "id case_id part_id number width height approved_by approved_at created_at"
        ),
    ),
}  # fmt: skip
