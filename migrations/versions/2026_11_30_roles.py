"""evidence is only added to; what needs its owner is done through doors

Revision: 0020, after 0019.

The product signs in as somebody who owns no table. Rights are handed out after each upgrade
(`models/roles.py`); here stand the triggers that hold even the owner back, and the few functions that
do, with the owner's rights, what nobody else may do otherwise.
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ADDED = (
    "assessment", "audit_entry", "case_event", "criteria_act", "directory_change", "red_flag_call",
)
CLOSED = {"consent": ("withdrawn_at",), "review": ("void_at", "void_reason")}

# Only who owns the table, and says why (`SET LOCAL iort.rewrite = 'migration 0031'`).
REWRITING = """
CREATE FUNCTION evidence_is_rewritten(what oid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
SELECT coalesce(current_setting('iort.rewrite', true), '') <> ''
   AND pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = what), 'USAGE')
$$
"""

ONLY_ADDED = """
CREATE FUNCTION evidence_only_added() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF NOT evidence_is_rewritten(TG_RELID) THEN
        RAISE EXCEPTION 'rows of % are only added', TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END
$$
"""

# The columns that the trigger names are filled once; everything else stays as it was written.
ONLY_CLOSED = """
CREATE FUNCTION evidence_only_closed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    was jsonb := to_jsonb(OLD);
    now_is jsonb := to_jsonb(NEW);
    closing text;
BEGIN
    IF evidence_is_rewritten(TG_RELID) THEN
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

# A door of the erasure opens for a case whose erasure was decided, has begun, and is not held.
IS_ERASED = """
CREATE FUNCTION evidence_may_go(the_case bigint) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM FROM erasure e JOIN "case" c ON c.id = e.case_id
      WHERE e.case_id = the_case AND e.done_at IS NULL AND e.hold_reason IS NULL
        AND c.erased_at IS NOT NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no erasure of case % goes on', the_case
            USING ERRCODE = 'insufficient_privilege';
    END IF;
END
$$
"""

# Of an event stays what `kept` names for its type, and for all under "*"; nothing is put in its place.
ERASE_EVIDENCE = """
CREATE FUNCTION erase_evidence(the_case bigint, kept jsonb, unmatched bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM evidence_may_go(the_case);
    PERFORM set_config('iort.rewrite', 'erasure of case ' || the_case, true);
    UPDATE case_event e SET payload = rest.payload
      FROM (SELECT seq, coalesce((SELECT jsonb_object_agg(key, value) FROM jsonb_each(f.payload)
                     WHERE coalesce(kept -> f.type, '[]') ? key OR coalesce(kept -> '*', '[]') ? key),
                   '{}') AS payload
              FROM case_event f WHERE f.case_id = the_case) rest
     WHERE e.case_id = the_case AND e.seq = rest.seq AND e.payload IS DISTINCT FROM rest.payload;
    UPDATE review SET reason = NULL, input_hash = ''
     WHERE case_id = the_case AND (reason IS NOT NULL OR input_hash <> '');
    UPDATE assessment SET result = '{}', findings = '{}', input_hash = ''
     WHERE case_id = the_case AND (result <> '{}' OR findings <> '{}' OR input_hash <> '');
    UPDATE red_flag_call SET said = '' WHERE said <> '' AND (case_id = the_case OR task_id IN (
        SELECT id FROM human_task t WHERE t.case_id = the_case OR t.case_id IS NULL
           AND CAST(t.objects ->> 'message_id' AS bigint) = ANY(unmatched)));
    PERFORM set_config('iort.rewrite', '', true);
END
$$
"""

# `who` is a keyed hash of an address (32 digits); what was done under it stays, and no longer whose.
FORGET_ADDRESS = """
CREATE FUNCTION forget_address(the_case bigint, who text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM evidence_may_go(the_case);
    PERFORM set_config('iort.rewrite', 'erasure of case ' || the_case, true);
    UPDATE audit_entry SET object_ref = '' WHERE object_ref = who AND length(who) = 32;
    PERFORM set_config('iort.rewrite', '', true);
END
$$
"""

COUNT_ANEW = """
CREATE FUNCTION count_charts_anew() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    counted text;
BEGIN
    FOREACH counted IN ARRAY ARRAY['m_counted', 'm_stage_week', 'm_stage_time', 'm_correction_week']
    LOOP
        EXECUTE format('REFRESH MATERIALIZED VIEW CONCURRENTLY analytics.%I', counted);
    END LOOP;
END
$$
"""

# The planner's statistics hold values of the rows that it looked at, also of those that are gone.
ANALYSE = """
CREATE FUNCTION analyse_tables(names text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY names LOOP
        EXECUTE format('ANALYZE public.%I', name);
    END LOOP;
END
$$
"""

FUNCTIONS = (
    ("evidence_is_rewritten(oid)", REWRITING),
    ("evidence_only_added()", ONLY_ADDED),
    ("evidence_only_closed()", ONLY_CLOSED),
    ("evidence_may_go(bigint)", IS_ERASED),
    ("erase_evidence(bigint, jsonb, bigint[])", ERASE_EVIDENCE),
    ("forget_address(bigint, text)", FORGET_ADDRESS),
    ("count_charts_anew()", COUNT_ANEW),
    ("analyse_tables(text[])", ANALYSE),
)


def upgrade() -> None:
    for name, body in FUNCTIONS:
        op.execute(body)
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
    for table in ADDED:
        op.execute(
            f"CREATE TRIGGER only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION evidence_only_added()"
        )
    for table, columns in CLOSED.items():
        op.execute(
            f"CREATE TRIGGER only_added BEFORE DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION evidence_only_added()"
        )
        names = ", ".join(f"'{column}'" for column in columns)
        op.execute(
            f"CREATE TRIGGER only_closed BEFORE UPDATE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION evidence_only_closed({names})"
        )


def downgrade() -> None:
    for table in (*ADDED, *CLOSED):
        op.execute(f"DROP TRIGGER only_added ON {table}")
    for table in CLOSED:
        op.execute(f"DROP TRIGGER only_closed ON {table}")
    for name, _ in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION {name}")
