"""Whether every personal column is sealed: the database refuses all else, or rows are counted."""

from sqlalchemy import func, or_, select, text
from sqlmodel import Session, SQLModel

from models.sealed import Sealed, sealed_check

_CHECKS = text(
    "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c'"
    " AND convalidated AND connamespace = 'public'::regnamespace"
)


def columns_stand(session: Session) -> tuple[str, str]:
    """Return what is wrong with the sealed columns, or "", and what there is to say of them."""
    held = {(table.strip('"'), name) for table, name in session.execute(_CHECKS)}
    columns = opened = 0
    for table in SQLModel.metadata.tables.values():
        unchecked = []
        for column in table.columns:
            if isinstance(column.type, Sealed):
                columns += 1
                if (table.name, f"ck_{table.name}_{column.name}_sealed") not in held:
                    unchecked.append(column.name)
        if unchecked:
            open_ones = or_(*(text(f"NOT ({sealed_check(name)})") for name in unchecked))
            query = select(func.count()).select_from(table).where(open_ones)
            opened += session.scalar(query) or 0
    if opened:
        return f"{opened} rows lie open", ""
    return "", f"{columns} columns, no row lies open"
