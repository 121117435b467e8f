"""The hospital directory. The product ships fictitious hospitals only."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from models.base import Json, identity, json_column, utc_now_column


class Hospital(SQLModel, table=True):
    """One hospital with its IORT units, as last confirmed."""

    __tablename__ = "hospital"

    id: int | None = identity()
    code: str = Field(unique=True, max_length=12)
    name: str = Field(max_length=200)
    city: str = Field(max_length=100)
    country: str = Field(max_length=2, index=True)
    email: str = Field(max_length=254)
    languages: list[str] = json_column(list)
    units: list[Json] = json_column(list)
    """IORT units: [{technique, device, sites, in_service, last_confirmed_on}]."""
    fictitious: bool = Field(default=True)
    active: bool = Field(default=True)
    last_confirmed_on: date | None = None
    details: Json = json_column()
    created_at: datetime = utc_now_column()
