"""A filter of the work list or of the cases that somebody keeps under a name."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from models.base import identity, json_column, one_of, reference, utc_now_column

PLACES = ("work", "cases")


class SavedView(SQLModel, table=True):
    """One person's view of one list; nobody else sees it. No personal data of patients.

    `chosen` holds codes by filter name, such as {"stage": "travel", "late": "true"}.
    """

    __tablename__ = "saved_view"
    __table_args__ = (
        one_of("place", PLACES),
        Index("ux_saved_view_name", "user_id", "place", "name", unique=True),
        Index(
            "ux_saved_view_default",
            "user_id",
            "place",
            unique=True,
            postgresql_where=text("is_default"),
        ),
    )

    id: int | None = identity()
    user_id: int = reference("user_account.id", index=False)
    place: str = Field(max_length=10)
    name: str = Field(max_length=40)
    chosen: dict[str, str] = json_column()
    is_default: bool = Field(default=False)
    """Shown when its owner opens the list without a filter; one for each list."""
    created_at: datetime = utc_now_column()
