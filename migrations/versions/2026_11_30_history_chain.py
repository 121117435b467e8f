"""history in chains: each event after the one before, each act of evidence after the one before

Revision: 0028, after 0027.

An event keeps `hash`: SHA-256 over the hash before it, its head (numbers, codes, times) and its salted
payload. An erasure takes payload and salt and leaves the salted payload's hash, so that the chain holds
and nothing is guessed back. The other evidence has its links in `evidence_link`, written when a
transaction commits; nothing else waits for its lock then.

Rows of before get their chain case by case, each batch committed by itself, while the product of before
goes on writing; the last batch and the triggers come together under one short lock.
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

# As in migrations/patience.py: the batches end the transaction that had asked for both.
LOCK_TIMEOUT, ONE_AT_A_TIME = "4s", 1204812
CASES_AT_ONCE = 200
ROWS_AT_ONCE = 5000

# Columns of each table: those that stay, those that an erasure takes, those that are filled once.
LINKED = {
    "assessment": (
        "id case_id phase category set_versions engine_version assessed_at created_at",
        "result findings input_hash",
        "",
    ),
    "audit_entry": ("id actor_ref action case_id at created_at", "object_ref", ""),
    "consent": (
        "id case_id scope hospital_id recipient recipient_country law text_version signed_by method"
        " ground paper_id authority_id granted_at created_at",
        "",
        "withdrawn_at",
    ),
    "criteria_act": (
        "id set_id version sha256 meaning act actor_ref signer_name signer_qualification"
        " signer_registration confirmed look would_change reason at created_at",
        "",
        "",
    ),
    "directory_change": (
        "id hospital_id act unit technique fields confirmed_on evidence file_sha256 actor_ref at"
        " created_at",
        "",
        "",
    ),
    "red_flag_call": (
        "id case_id task_id by_ref reached next_try_at called_at created_at",
        "said",
        "",
    ),
    "review": (
        "id case_id assessment_id outcome agrees_with_screen technique clinician_ref signer_name"
        " signer_qualification signer_registration signed_at created_at",
        "reason input_hash",
        "void_at void_reason",
    ),
}

HEAD = """jsonb_build_array({row}.case_id, {row}.seq, {row}.event_id, {row}.type,
        {row}.schema_version, (extract(epoch FROM {row}.occurred_at) * 1000000)::bigint,
        (extract(epoch FROM {row}.recorded_at) * 1000000)::bigint, {row}.actor_type,
        {row}.actor_ref, {row}.objects, {row}.root_id, {row}.step_run_id, {row}.causation_id,
        {row}.rehearsal)::text"""

CHAINED = f"""
CREATE FUNCTION evidence_chained() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before bytea := '';
BEGIN
    IF NEW.seq <> 1 THEN
        SELECT e.hash INTO before FROM public.case_event e
         WHERE e.case_id = NEW.case_id AND e.seq = NEW.seq - 1;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'case % has no event %', NEW.case_id, NEW.seq - 1
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;
    NEW.salt := uuid_send(gen_random_uuid());
    NEW.payload_hash := NULL;
    NEW.hash := sha256(before || sha256(convert_to({HEAD.format(row="NEW")}, 'UTF8'))
        || sha256(NEW.salt || convert_to(NEW.payload::text, 'UTF8')));
    RETURN NEW;
END
$$
"""

# Chains what a case has without a chain, from where it ends; who calls it holds the case's lock.
CHAIN_CASES = f"""
CREATE OR REPLACE FUNCTION evidence_chain_cases(first bigint, last bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    row case_event%ROWTYPE;
    before bytea;
    of_case bigint;
    grain bytea;
BEGIN
    PERFORM set_config('iort.rewrite', 'migration 0028', true);
    PERFORM FROM "case" WHERE id BETWEEN first AND last ORDER BY id FOR UPDATE;
    FOR row IN SELECT * FROM case_event e WHERE e.case_id BETWEEN first AND last AND e.hash IS NULL
                ORDER BY e.case_id, e.seq LOOP
        IF row.case_id IS DISTINCT FROM of_case THEN
            of_case := row.case_id;
            SELECT hash INTO before FROM case_event e
             WHERE e.case_id = of_case AND e.seq < row.seq ORDER BY e.seq DESC LIMIT 1;
            before := coalesce(before, '');
        END IF;
        grain := uuid_send(gen_random_uuid());
        before := sha256(before || sha256(convert_to({HEAD.format(row="row")}, 'UTF8'))
            || sha256(grain || convert_to(row.payload::text, 'UTF8')));
        UPDATE case_event e SET salt = grain, hash = before
         WHERE e.case_id = row.case_id AND e.seq = row.seq;
    END LOOP;
    PERFORM set_config('iort.rewrite', '', true);
END
$$
"""

PICKED = """
CREATE OR REPLACE FUNCTION evidence_picked(what jsonb, names text) RETURNS bytea
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
SELECT convert_to(coalesce(jsonb_agg(what -> n ORDER BY i), '[]')::text, 'UTF8')
  FROM unnest(string_to_array(names, ' ')) WITH ORDINALITY AS t(n, i)
$$
"""

# One lock for all strands, taken when nothing else will be waited for: at the commit.
APPEND = """
CREATE OR REPLACE FUNCTION evidence_append(
    the_strand text, the_table text, the_row bigint, the_act text, the_note text, grain bytea,
    content bytea, the_form int DEFAULT 1) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    last_n bigint;
    before bytea;
    moment timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(7227430921);
    SELECT l.n, l.hash INTO last_n, before FROM evidence_link l
     WHERE l.strand = the_strand ORDER BY l.n DESC LIMIT 1;
    last_n := coalesce(last_n, 0) + 1;
    moment := clock_timestamp();
    INSERT INTO evidence_link (strand, n, what, form, row_id, act, note, at, salt, content, hash)
    VALUES (the_strand, last_n, the_table, the_form, the_row, the_act, the_note, moment, grain,
        content,
        sha256(coalesce(before, '') || sha256(convert_to(jsonb_build_array(the_strand, last_n,
            the_table, the_form, the_row, the_act, the_note,
            (extract(epoch FROM moment) * 1000000)::bigint)::text, 'UTF8')) || content));
END
$$
"""

# What people without a name or a case leave in the audit may be taken away after a while.
LINK_ROW = """
CREATE OR REPLACE FUNCTION evidence_link_row(
    the_table text, the_form int, was jsonb, now_is jsonb, kept text, hidden text, closing text)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    the_strand text := 'evidence';
    the_row bigint := (now_is ->> 'id')::bigint;
    grain bytea;
BEGIN
    IF the_table = 'audit_entry' THEN
        the_strand := CASE WHEN now_is ->> 'case_id' IS NULL
            AND (now_is ->> 'actor_ref' = 'unknown' OR now_is ->> 'actor_ref' ~ '^[0-9a-f]{32}$')
            THEN 'visitors' ELSE 'audit' END;
    END IF;
    IF was IS NULL THEN
        grain := uuid_send(gen_random_uuid());
        PERFORM evidence_append(the_strand, the_table, the_row, 'add', '', grain,
            sha256(sha256(evidence_picked(now_is, kept))
                || sha256(grain || evidence_picked(now_is, hidden))), the_form);
    END IF;
    IF closing <> '' AND evidence_picked(now_is, closing) <> coalesce(
        evidence_picked(was, closing), evidence_picked('{}', closing)) THEN
        PERFORM evidence_append(the_strand, the_table, the_row, 'close', '', NULL,
            sha256(evidence_picked(now_is, closing)), the_form);
    END IF;
END
$$
"""

LINKED_ROW = """
CREATE FUNCTION evidence_linked() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public SET timezone = 'UTC' AS $$
BEGIN
    PERFORM evidence_link_row(TG_TABLE_NAME::text, TG_ARGV[0]::int,
        CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) END, to_jsonb(NEW),
        TG_ARGV[1], TG_ARGV[2], TG_ARGV[3]);
    RETURN NULL;
END
$$
"""

LINK_ROWS = """
CREATE OR REPLACE FUNCTION evidence_link_rows(
    the_table text, first bigint, last bigint, kept text, hidden text, closing text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public SET timezone = 'UTC' AS $$
DECLARE
    row_is jsonb;
BEGIN
    FOR row_is IN EXECUTE format('SELECT to_jsonb(t) FROM public.%I t WHERE t.id BETWEEN $1 AND $2'
        ' AND NOT EXISTS (SELECT FROM public.evidence_link l WHERE l.what = $3 AND l.row_id = t.id)'
        ' ORDER BY t.id', the_table) USING first, last, the_table LOOP
        PERFORM evidence_link_row(the_table, 1, NULL, row_is, kept, hidden, closing);
    END LOOP;
END
$$
"""

# As in 0020, and what the owner rewrites is written down. The doors write down what they do themselves.
ONLY_ADDED = """
CREATE OR REPLACE FUNCTION evidence_only_added() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    why text := coalesce(current_setting('iort.rewrite', true), '');
BEGIN
    IF NOT evidence_is_rewritten(TG_RELID) THEN
        RAISE EXCEPTION 'rows of % are only added', TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF why !~ '^(erasure of case [0-9]+|visits)$' THEN
        PERFORM evidence_append('evidence', TG_TABLE_NAME::text, NULL, 'rewrite',
            left(lower(TG_OP) || ': ' || why, 120), NULL, sha256(''));
    END IF;
    RETURN NULL;
END
$$
"""

ONLY_CLOSED = """
CREATE OR REPLACE FUNCTION evidence_only_closed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    was jsonb := to_jsonb(OLD);
    now_is jsonb := to_jsonb(NEW);
    why text := coalesce(current_setting('iort.rewrite', true), '');
    closing text;
BEGIN
    IF evidence_is_rewritten(TG_RELID) THEN
        IF why !~ '^erasure of case [0-9]+$' THEN
            PERFORM evidence_append('evidence', TG_TABLE_NAME::text, (was ->> 'id')::bigint,
                'rewrite', left('update: ' || why, 120), NULL, sha256(''));
        END IF;
        RETURN NEW;
    END IF;
    FOREACH closing IN ARRAY TG_ARGV LOOP
        IF was -> closing = 'null' THEN
            was := was - closing;
            now_is := now_is - closing;
        END IF;
    END LOOP;
    IF was IS DISTINCT FROM now_is THEN
        RAISE EXCEPTION 'a row of % is closed once, and never changed', TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$
"""

# The salted hash of what goes stays in the link, the salt goes: nothing is guessed back from it.
HIDE = """
CREATE OR REPLACE FUNCTION evidence_hide(the_table text, the_row bigint, row_is jsonb, names text)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    UPDATE evidence_link l SET hidden_hash = sha256(l.salt || evidence_picked(row_is, names)),
           salt = NULL
     WHERE l.what = the_table AND l.row_id = the_row AND l.act = 'add' AND l.salt IS NOT NULL;
END
$$
"""

ERASE_EVIDENCE = """
CREATE OR REPLACE FUNCTION erase_evidence(the_case bigint, kept jsonb, unmatched bigint[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public SET timezone = 'UTC' AS $$
DECLARE
    gone bigint;
BEGIN
    PERFORM evidence_may_go(the_case);
    PERFORM set_config('iort.rewrite', 'erasure of case ' || the_case, true);
    UPDATE case_event e
       SET payload = rest.payload, salt = NULL,
           payload_hash = coalesce(e.payload_hash,
               sha256(e.salt || convert_to(e.payload::text, 'UTF8')))
      FROM (SELECT seq, coalesce((SELECT jsonb_object_agg(key, value) FROM jsonb_each(f.payload)
                     WHERE coalesce(kept -> f.type, '[]') ? key OR coalesce(kept -> '*', '[]') ? key),
                   '{}') AS payload
              FROM case_event f WHERE f.case_id = the_case) rest
     WHERE e.case_id = the_case AND e.seq = rest.seq AND e.payload IS DISTINCT FROM rest.payload;
    GET DIAGNOSTICS gone = ROW_COUNT;
    IF gone > 0 THEN
        PERFORM evidence_append('evidence', 'case_event', the_case, 'erase', gone || ' events', NULL,
            (SELECT sha256(convert_to(string_agg(e.seq || ' ' || encode(e.payload_hash, 'hex') || ' '
                        || e.payload::text, E'\\n' ORDER BY e.seq), 'UTF8'))
               FROM case_event e WHERE e.case_id = the_case AND e.payload_hash IS NOT NULL));
    END IF;
    PERFORM evidence_hide('review', r.id, to_jsonb(r), HIDDEN_review)
       FROM review r WHERE r.case_id = the_case AND (reason IS NOT NULL OR input_hash <> '');
    UPDATE review SET reason = NULL, input_hash = ''
     WHERE case_id = the_case AND (reason IS NOT NULL OR input_hash <> '');
    GET DIAGNOSTICS gone = ROW_COUNT;
    PERFORM evidence_erased('review', the_case, gone);
    PERFORM evidence_hide('assessment', a.id, to_jsonb(a), HIDDEN_assessment) FROM assessment a
      WHERE a.case_id = the_case AND (result <> '{}' OR findings <> '{}' OR input_hash <> '');
    UPDATE assessment SET result = '{}', findings = '{}', input_hash = ''
     WHERE case_id = the_case AND (result <> '{}' OR findings <> '{}' OR input_hash <> '');
    GET DIAGNOSTICS gone = ROW_COUNT;
    PERFORM evidence_erased('assessment', the_case, gone);
    PERFORM evidence_hide('red_flag_call', c.id, to_jsonb(c), HIDDEN_red_flag_call)
       FROM red_flag_call c WHERE c.said <> '' AND (c.case_id = the_case OR c.task_id IN (
        SELECT id FROM human_task t WHERE t.case_id = the_case OR t.case_id IS NULL
           AND CAST(t.objects ->> 'message_id' AS bigint) = ANY(unmatched)));
    UPDATE red_flag_call SET said = '' WHERE said <> '' AND (case_id = the_case OR task_id IN (
        SELECT id FROM human_task t WHERE t.case_id = the_case OR t.case_id IS NULL
           AND CAST(t.objects ->> 'message_id' AS bigint) = ANY(unmatched)));
    GET DIAGNOSTICS gone = ROW_COUNT;
    PERFORM evidence_erased('red_flag_call', the_case, gone);
    PERFORM set_config('iort.rewrite', '', true);
END
$$
"""
for _table, (_, _hidden, _) in LINKED.items():
    ERASE_EVIDENCE = ERASE_EVIDENCE.replace(f"HIDDEN_{_table})", f"'{_hidden}')")

ERASED = """
CREATE OR REPLACE FUNCTION evidence_erased(the_table text, the_case bigint, gone bigint)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF gone > 0 THEN
        PERFORM evidence_append(
            'evidence', the_table, the_case, 'erase', gone || ' rows', NULL, sha256(''));
    END IF;
END
$$
"""

FORGET_ADDRESS = """
CREATE OR REPLACE FUNCTION forget_address(the_case bigint, who text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public SET timezone = 'UTC' AS $$
DECLARE
    gone bigint;
BEGIN
    PERFORM evidence_may_go(the_case);
    PERFORM set_config('iort.rewrite', 'erasure of case ' || the_case, true);
    PERFORM evidence_hide('audit_entry', a.id, to_jsonb(a), 'object_ref') FROM audit_entry a
      WHERE a.object_ref = who AND length(who) = 32;
    UPDATE audit_entry SET object_ref = '' WHERE object_ref = who AND length(who) = 32;
    GET DIAGNOSTICS gone = ROW_COUNT;
    PERFORM evidence_erased('audit_entry', the_case, gone);
    PERFORM set_config('iort.rewrite', '', true);
END
$$
"""

# The oldest of what visitors left, and never of the last 30 days: the chain begins after it, and says so.
DROP_VISITS = """
CREATE FUNCTION drop_visits(before timestamptz, most bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    first_n bigint;
    upto bigint;
    mark bytea;
    gone bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(7227430921);
    SELECT min(n) INTO first_n FROM evidence_link WHERE strand = 'visitors';
    SELECT max(n) INTO upto FROM (SELECT n, at FROM evidence_link WHERE strand = 'visitors'
        ORDER BY n LIMIT most) oldest WHERE at < least(before, now() - interval '30 days');
    IF upto IS NULL THEN
        RETURN 0;
    END IF;
    SELECT hash INTO mark FROM evidence_link WHERE strand = 'visitors' AND n = upto;
    PERFORM set_config('iort.rewrite', 'visits', true);
    DELETE FROM audit_entry WHERE id IN (SELECT row_id FROM evidence_link
        WHERE strand = 'visitors' AND n BETWEEN first_n AND upto);
    GET DIAGNOSTICS gone = ROW_COUNT;
    DELETE FROM evidence_link WHERE strand = 'visitors' AND n BETWEEN first_n AND upto;
    PERFORM evidence_append(
        'evidence', 'audit_entry', upto, 'prune', encode(mark, 'hex'), NULL, sha256(''));
    PERFORM set_config('iort.rewrite', '', true);
    RETURN gone;
END
$$
"""

# Written down by nobody, and the hashes are gone: as in 0020.
BEFORE = ("ONLY_ADDED", "ONLY_CLOSED", "ERASE_EVIDENCE", "FORGET_ADDRESS")

FUNCTIONS = (
    ("evidence_picked(jsonb, text)", PICKED),
    ("evidence_append(text, text, bigint, text, text, bytea, bytea, integer)", APPEND),
    ("evidence_link_row(text, integer, jsonb, jsonb, text, text, text)", LINK_ROW),
    ("evidence_link_rows(text, bigint, bigint, text, text, text)", LINK_ROWS),
    ("evidence_chain_cases(bigint, bigint)", CHAIN_CASES),
)
LATER = (
    ("evidence_chained()", CHAINED),
    ("evidence_linked()", LINKED_ROW),
    ("evidence_hide(text, bigint, jsonb, text)", HIDE),
    ("evidence_erased(text, bigint, bigint)", ERASED),
    ("drop_visits(timestamp with time zone, bigint)", DROP_VISITS),
)
REPLACED = (ONLY_ADDED, ONLY_CLOSED, ERASE_EVIDENCE, FORGET_ADDRESS)


def upgrade() -> None:
    op.execute("ALTER TABLE case_event ADD COLUMN IF NOT EXISTS salt bytea")
    op.execute("ALTER TABLE case_event ADD COLUMN IF NOT EXISTS payload_hash bytea")
    op.execute("ALTER TABLE case_event ADD COLUMN IF NOT EXISTS hash bytea")
    op.execute("""
        CREATE TABLE IF NOT EXISTS evidence_link (
            strand varchar(10) NOT NULL, n bigint NOT NULL, what varchar(30) NOT NULL,
            form integer NOT NULL, row_id bigint, act varchar(10) NOT NULL, note varchar(120) NOT NULL,
            at timestamptz NOT NULL, salt bytea, hidden_hash bytea, content bytea NOT NULL,
            hash bytea NOT NULL,
            CONSTRAINT pk_evidence_link PRIMARY KEY (strand, n))
    """)
    op.execute("CREATE INDEX IF NOT EXISTS ix_evidence_link_row ON evidence_link (what, row_id)")
    op.execute("""
        CREATE TABLE IF NOT EXISTS signed_head (
            no bigint NOT NULL, at timestamptz NOT NULL, is_full boolean NOT NULL,
            body bytea NOT NULL, key_id varchar(16) NOT NULL, signature bytea NOT NULL,
            CONSTRAINT pk_signed_head PRIMARY KEY (no))
    """)
    op.execute("""
        CREATE TABLE IF NOT EXISTS history_check (
            id bigint GENERATED BY DEFAULT AS IDENTITY, at timestamptz NOT NULL,
            took_ms integer NOT NULL, cases integer NOT NULL, events bigint NOT NULL,
            links bigint NOT NULL, head_no bigint, findings jsonb NOT NULL,
            CONSTRAINT pk_history_check PRIMARY KEY (id))
    """)
    _define(FUNCTIONS)
    op.execute(f"SELECT pg_advisory_lock({ONE_AT_A_TIME})")
    if context.config.attributes.get("connection") is None:
        with op.get_context().autocommit_block():
            _chain_in_batches()
    else:  # a restore: one transaction that whoever gave the connection ends, and nobody waits
        _chain_in_batches()
    op.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
    op.execute(f"LOCK TABLE case_event, {', '.join(LINKED)} IN SHARE ROW EXCLUSIVE MODE")
    _chain_the_rest()
    op.execute("ALTER TABLE case_event ALTER COLUMN hash SET NOT NULL")
    _define(LATER)
    for body in REPLACED:
        op.execute(body)
    _triggers()
    for name, _ in FUNCTIONS[-2:]:
        op.execute(f"DROP FUNCTION {name}")
    op.execute(f"SELECT pg_advisory_unlock({ONE_AT_A_TIME})")


def _define(functions: tuple[tuple[str, str], ...]) -> None:
    for name, body in functions:
        op.execute(body)
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")


def _chain_in_batches() -> None:
    """Each statement is a transaction of its own; a second try goes on where the first ended."""
    connection = op.get_bind()
    last = connection.scalar(sa.text('SELECT coalesce(max(id), 0) FROM "case"'))
    for first in range(1, last + 1, CASES_AT_ONCE):
        chain = sa.text("SELECT evidence_chain_cases(:first, :last)")
        connection.execute(chain, {"first": first, "last": first + CASES_AT_ONCE - 1})
    for table in LINKED:
        last = connection.scalar(sa.text(f"SELECT coalesce(max(id), 0) FROM {table}"))
        for first in range(1, last + 1, ROWS_AT_ONCE):
            _link(table, first, first + ROWS_AT_ONCE - 1)


def _link(table: str, first: int, last: int) -> None:
    kept, hidden, closing = LINKED[table]
    op.get_bind().execute(
        sa.text("SELECT evidence_link_rows(:table, :first, :last, :kept, :hidden, :closing)"),
        {
            "table": table, "first": first, "last": last,
            "kept": kept, "hidden": hidden, "closing": closing,
        },
    )  # fmt: skip


def _chain_the_rest() -> None:
    """Chain what was written meanwhile, under the lock that lets nothing more in."""
    connection = op.get_bind()
    cases = connection.scalars(sa.text("SELECT DISTINCT case_id FROM case_event WHERE hash IS NULL"))
    for case in list(cases):
        connection.execute(sa.text("SELECT evidence_chain_cases(:c, :c)"), {"c": case})
    for table in LINKED:
        bounds = connection.execute(
            sa.text(
                f"SELECT min(id), max(id) FROM {table} t WHERE NOT EXISTS (SELECT FROM evidence_link l"
                " WHERE l.what = :table AND l.row_id = t.id)"
            ),
            {"table": table},
        ).one()
        if bounds[0] is not None:
            _link(table, bounds[0], bounds[1])


def _triggers() -> None:
    op.execute(
        "CREATE TRIGGER chained BEFORE INSERT ON case_event"
        " FOR EACH ROW EXECUTE FUNCTION evidence_chained()"
    )
    for table, (kept, hidden, closing) in LINKED.items():
        acts = f"INSERT OR UPDATE OF {', '.join(closing.split())}" if closing else "INSERT"
        op.execute(
            f"CREATE CONSTRAINT TRIGGER linked AFTER {acts} ON {table}"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
            f" EXECUTE FUNCTION evidence_linked('1', '{kept}', '{hidden}', '{closing}')"
        )
    for table in ("evidence_link", "signed_head", "history_check"):
        op.execute(
            f"CREATE TRIGGER only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION evidence_only_added()"
        )


def downgrade() -> None:
    op.execute("DROP TRIGGER chained ON case_event")
    for table in LINKED:
        op.execute(f"DROP TRIGGER linked ON {table}")
    before = op.get_context().script.get_revision("0020").module
    for name in BEFORE:
        op.execute(getattr(before, name).replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
    for table in ("history_check", "signed_head", "evidence_link"):
        op.execute(f"DROP TABLE {table}")
    for name, _ in (*FUNCTIONS[:3], *LATER):
        op.execute(f"DROP FUNCTION {name}")
    for column in ("hash", "payload_hash", "salt"):
        op.execute(f"ALTER TABLE case_event DROP COLUMN {column}")
