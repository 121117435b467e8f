"""What a migration does with columns of evidence: they are sealed, and the chains over them hold.

A link of before hashes what stood in clear, with a salt of its own, and stays as it is. What it was
made of is checked as long as the case's key is there: the value is sealed as the database wrote it,
and the salt is sealed beside it (in clear it would tell everybody whether a guess is right). What
comes later is hashed as it stands, sealed; the link's form says which it is.

The triggers that let nobody change evidence are off meanwhile, which only the owner can do; the
chain itself says that it was done, and with how many rows.

After a way back, links over sealed values would say what stands there no more: these values are
kept beside, sealed (`evidence_sealed.held`), and put back when the way goes up again.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from alembic import op

from keys.ring_file import RingSource
from keys.values import open_value, seal_value
from migrations.sealing import (
    AT_ONCE,
    Columns,
    KeyGone,
    Keys,
    let_keys_follow,
    open_columns,
    opened,
    seal_columns,
)
from models.evidence import salt_place
from settings import Settings

_HELD = sa.text("SELECT to_regclass('evidence_sealed.held') IS NOT NULL")
_HOLD = """
CREATE SCHEMA IF NOT EXISTS evidence_sealed;
CREATE TABLE IF NOT EXISTS evidence_sealed.held (
    what text NOT NULL, id bigint NOT NULL, salt bytea NOT NULL, kept jsonb NOT NULL,
    key_no bigint, wrapped text, PRIMARY KEY (what, id))
"""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Columns of evidence, and the lists that links hash: what stays, what goes, what is closed.

    `lone`: rows of it may have no case.
    """

    of: Columns
    lists: tuple[str, str, str]
    lone: bool = False

    @property
    def table(self) -> str:
        """The table's name."""
        return self.of.table

    def hashed(self, salt: str) -> str:
        """Return the SQL of the salted hash of what an erasure takes from a row `t`."""
        listed = ", ".join(f"to_jsonb(t.{name})" for name in self.lists[1].split())
        return f"sha256({salt} || convert_to(jsonb_build_array({listed})::text, 'UTF8'))"

    @property
    def any_full(self) -> str:
        """The SQL that says whether a sealed column of a row `t` holds something."""
        return " OR ".join(f"coalesce(t.{name}, '') <> ''" for name in self.of.kinds)

    def linked(self, form: int) -> str:
        """Return the SQL of what joins rows `t` with the links `l` of a form."""
        return f"l.what = '{self.table}' AND l.act = 'add' AND l.form = {form} AND t.id = l.row_id"


def seal_evidence(what: Evidence, why: str) -> None:
    """Seal the columns of one table of evidence; who calls holds the locks (`alone`)."""
    table = what.table
    op.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    op.execute(
        f"UPDATE evidence_link l SET hidden_hash = {what.hashed('l.salt')} FROM {table} t"  # noqa: S608
        f" WHERE {what.linked(1)} AND l.salt IS NOT NULL"
    )
    held = bool(op.get_bind().scalar(_HELD))
    if held:
        _bring_back_keys(what)
    seal_columns(what.of)
    _seal_salts(what)
    if held:
        _bring_back_values(what)
    if what.lone:
        let_keys_follow(what.of)
    _write_down(what, f"{why}: sealed")
    _linked_as(what, 2)
    op.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def open_evidence(what: Evidence, why: str) -> None:
    """Lay the columns open again; links of before say of them what they said then."""
    table = what.table
    op.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    _write_down(what, f"{why}: laid open")
    _keep_sealed(what)
    _open_salts(what)
    if what.lone:
        op.execute(f"DROP TRIGGER own_key_follows ON {table}")
        op.execute(f"DROP TRIGGER own_key_goes ON {table}")
    open_columns(what.of)
    if what.lone:
        own = f"owner = 'row' AND destroyed_at IS NULL AND starts_with(subject, '{table} ')"
        op.execute(f"DELETE FROM data_key WHERE {own}")  # noqa: S608
    _linked_as(what, 1)
    op.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def alone(tables: Sequence[str]) -> None:
    """Let nobody else at these tables and at the chain until the migration ends."""
    op.execute(f"LOCK TABLE {', '.join(tables)}, evidence_link IN ACCESS EXCLUSIVE MODE")
    op.execute("SELECT pg_advisory_xact_lock(7227430921)")
    op.execute("ALTER TABLE evidence_link DISABLE TRIGGER USER")


def forget_kept() -> None:
    """Let go of what a way back kept; write links anew, so that their file holds no old salt."""
    op.execute("DROP SCHEMA IF EXISTS evidence_sealed CASCADE")
    sealed = "SELECT EXISTS (SELECT FROM evidence_link WHERE sealed_salt IS NOT NULL)"
    if op.get_bind().scalar(sa.text(sealed)):
        anew = "ALTER COLUMN salt TYPE bytea USING salt || ''::bytea"
        op.execute(f"ALTER TABLE evidence_link {anew}")


def _linked_as(what: Evidence, form: int) -> None:
    kept, hidden, closing = what.lists
    acts = f"INSERT OR UPDATE OF {', '.join(closing.split())}" if closing else "INSERT"
    op.execute(f"DROP TRIGGER linked ON {what.table}")
    op.execute(
        f"CREATE CONSTRAINT TRIGGER linked AFTER {acts} ON {what.table}"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
        f" EXECUTE FUNCTION evidence_linked('{form}', '{kept}', '{hidden}', '{closing}')"
    )


def _write_down(what: Evidence, why: str) -> None:
    """Have the chain say that rows were written anew; nothing where none was."""
    full = f"SELECT count(*) FROM {what.table} t WHERE {what.any_full}"  # noqa: S608
    if count := op.get_bind().scalar(sa.text(full)):
        note = f"{why}, {count} rows"
        op.execute(
            f"SELECT evidence_append('evidence', '{what.table}', NULL, 'rewrite', '{note}', NULL,"
            " sha256(''))"
        )


def _batches(query: str) -> Iterator[tuple[Keys, Sequence[sa.RowMapping]]]:
    """Yield rows some at a time, in the order of `id`; the ring is asked for only with a row."""
    keys: Keys | None = None
    after, ordered = 0, sa.text(f"{query} LIMIT {AT_ONCE}")
    while rows := op.get_bind().execute(ordered, {"after": after}).mappings().all():
        keys = keys or Keys(op.get_bind(), RingSource(Settings())())
        yield keys, rows
        after = rows[-1]["id"]


def _seal_salts(what: Evidence) -> None:
    """Seal the salts of what is sealed, with the same key."""
    query = (
        f"SELECT t.id, t.case_id, l.strand, l.n, l.salt FROM evidence_link l, {what.table} t"  # noqa: S608
        f" WHERE {what.linked(1)} AND l.salt IS NOT NULL AND ({what.any_full}) AND t.id > :after"
        " ORDER BY t.id"
    )
    for keys, rows in _batches(query):
        keys.make([row["case_id"] for row in rows if row["case_id"] is not None])
        sealed = []
        for row in rows:
            number, key = keys.of(what.of, row)
            place = salt_place(what.table, row["id"])
            salt = seal_value(number, key, place, bytes(row["salt"]).hex())
            sealed.append({"strand": row["strand"], "n": row["n"], "salt": salt})
        statement = sa.text(
            "UPDATE evidence_link SET sealed_salt = :salt, salt = NULL"
            " WHERE strand = :strand AND n = :n"
        )
        op.get_bind().execute(statement, sealed)


def _open_salts(what: Evidence) -> None:
    query = (
        "SELECT row_id AS id, strand, n, sealed_salt FROM evidence_link"  # noqa: S608
        f" WHERE what = '{what.table}' AND sealed_salt IS NOT NULL AND row_id > :after"
        " ORDER BY row_id"
    )
    for keys, rows in _batches(query):
        salts = []
        for row in rows:
            place = salt_place(what.table, row["id"])
            try:
                salt = bytes.fromhex(open_value(keys.find, place, row["sealed_salt"]))
            except KeyGone:
                salt = None
            salts.append({"strand": row["strand"], "n": row["n"], "salt": salt})
        statement = sa.text(
            "UPDATE evidence_link SET salt = :salt, sealed_salt = NULL"
            " WHERE strand = :strand AND n = :n"
        )
        op.get_bind().execute(statement, salts)
    op.execute(
        "UPDATE evidence_link SET hidden_hash = NULL"  # noqa: S608
        f" WHERE what = '{what.table}' AND form = 1 AND salt IS NOT NULL"
    )


def _keep_sealed(what: Evidence) -> None:
    """Keep what links hash sealed, and leave in the links what an erasure would leave."""
    found = f"FROM {what.table} t WHERE {what.linked(2)} AND l.salt IS NOT NULL"
    there = f"SELECT EXISTS (SELECT FROM evidence_link l WHERE EXISTS (SELECT {found}))"  # noqa: S608
    if not op.get_bind().scalar(sa.text(there)):
        return
    op.execute(_HOLD)
    pairs = ", ".join(f"'{name}', t.{name}" for name in what.of.kinds)
    op.execute(
        "INSERT INTO evidence_sealed.held"  # noqa: S608
        f" SELECT '{what.table}', t.id, l.salt, jsonb_build_object({pairs}), k.id, k.wrapped"
        f" FROM evidence_link l, {what.table} t LEFT JOIN data_key k ON k.owner = 'row'"
        f" AND k.subject = '{what.table} ' || t.id AND k.destroyed_at IS NULL"
        f" WHERE {what.linked(2)} AND l.salt IS NOT NULL"
    )
    op.execute(
        f"UPDATE evidence_link l SET hidden_hash = {what.hashed('l.salt')}, salt = NULL {found}"  # noqa: S608
    )


def _bring_back_keys(what: Evidence) -> None:
    """Bring back the keys of rows without a case that still hold something."""
    op.execute(
        "INSERT INTO data_key (id, owner, subject, wrapped)"  # noqa: S608
        f" SELECT h.key_no, 'row', h.what || ' ' || h.id, h.wrapped FROM evidence_sealed.held h"
        f" JOIN {what.table} t ON t.id = h.id WHERE h.what = '{what.table}'"
        " AND h.key_no IS NOT NULL AND ("
        + " OR ".join(f"coalesce(t.{name}::text, '') <> ''" for name in what.of.kinds)
        + ") ON CONFLICT DO NOTHING"
    )


def _bring_back_values(what: Evidence) -> None:
    """Put back what was sealed, where the same is said; links that fit again get their salt."""
    names = ", ".join(f"t.{name}" for name in what.of.kinds)
    query = (
        f"SELECT t.id, t.case_id, h.kept, {names} FROM evidence_sealed.held h"  # noqa: S608
        f" JOIN {what.table} t ON t.id = h.id WHERE h.what = '{what.table}' AND h.id > :after"
        " ORDER BY h.id"
    )
    sets = ", ".join(f"{name} = :{name}" for name in what.of.kinds)
    for keys, rows in _batches(query):
        same = [
            {"id": row["id"], **row["kept"]}
            for row in rows
            if any(row[name] for name in what.of.kinds)
            and _said(what.of, keys, row) == _said(what.of, keys, {**row, **row["kept"]})
        ]
        if same:
            put = f"UPDATE {what.table} SET {sets} WHERE id = :id"  # noqa: S608
            op.get_bind().execute(sa.text(put), same)
    op.execute(
        "UPDATE evidence_link l SET salt = h.salt, hidden_hash = NULL"  # noqa: S608
        f" FROM evidence_sealed.held h, {what.table} t WHERE {what.linked(2)}"
        f" AND h.what = l.what AND h.id = t.id AND l.hidden_hash = {what.hashed('h.salt')}"
    )


def _said(of: Columns, keys: Keys, row: Any) -> list[Any]:
    """Return what a row says, as data: a text of JSON may be written in two ways."""
    found = []
    for name, (kind, _) in of.kinds.items():
        value = opened(of, keys, name, row)
        found.append(json.loads(value) if value and kind != "text" else value)
    return found
