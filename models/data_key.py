"""Keys that stand in the database, each wrapped with a key of the ring."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Text, text
from sqlmodel import Field, SQLModel

from models.base import identity, one_of, utc, utc_now_column

KEY_OWNERS = ("house", "case", "object", "row")


class DataKey(SQLModel, table=True):
    """A key and whose it is: `subject` is its owner's number or name among those of its kind.

    `wrapped` is the key sealed with the ring: None for the house's key of marks that still has to
    be made of the first secret key, and for one that was destroyed. `case_id` is the case that it
    belongs to by now, also where the owner was there before the case: an `object` or a `row`.
    """

    __tablename__ = "data_key"
    __table_args__ = (
        one_of("owner", KEY_OWNERS),
        Index(
            "ux_data_key_owner_subject",
            "owner",
            "subject",
            unique=True,
            postgresql_where=text("destroyed_at IS NULL"),
        ),
    )

    id: int | None = identity()
    owner: str = Field(max_length=10)
    subject: str = Field(max_length=200)
    case_id: int | None = Field(default=None, sa_type=BigInteger, index=True)
    wrapped: str | None = Field(default=None, sa_type=Text)
    destroyed_at: datetime | None = utc()
    created_at: datetime = utc_now_column()
