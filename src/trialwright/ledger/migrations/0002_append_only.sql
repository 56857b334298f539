-- What the database itself holds the ledger to, whoever writes. Only a superuser gets past this,
-- and then `trialwright verify` tells.

ALTER TABLE ledger_value
    ADD CONSTRAINT ledger_value_has_row
    FOREIGN KEY (study, chain, seq) REFERENCES ledger_row (study, chain, seq);


-- Takes the lock of a study and tells where its chains stand and what time it is: the first
-- statement of every action. The clock is read after the lock, so it rises from entry to entry;
-- one that was set back is waited for, up to five seconds, or refused.
CREATE FUNCTION ledger_open(book text)
RETURNS TABLE (chain text, seq bigint, hash bytea, recorded_at timestamptz, moment timestamptz)
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    latest timestamptz;
    clock timestamptz;
BEGIN
    PERFORM 1 FROM ledger_head h WHERE h.study = book ORDER BY h.chain FOR UPDATE;
    SELECT max(h.recorded_at) INTO latest FROM ledger_head h WHERE h.study = book;
    clock := clock_timestamp();
    IF clock <= latest THEN
        IF latest - clock > interval '5 seconds' THEN
            RAISE EXCEPTION
                'the clock of the database stands at %, before the last entry of % at %', clock, book, latest
                USING HINT = 'Set the clock of the database server right; the ledger never goes back in time.';
        END IF;
        PERFORM pg_sleep(extract(epoch FROM latest - clock) + 0.001);
        clock := clock_timestamp();
    END IF;
    RETURN QUERY
        SELECT h.chain::text, h.seq, h.hash, h.recorded_at, clock
        FROM ledger_head h WHERE h.study = book ORDER BY h.chain;
END
$$;
REVOKE ALL ON FUNCTION ledger_open(text) FROM PUBLIC;


-- New rows continue their chain, without a gap, at a time between the transaction's start and now;
-- then the head moves. So the web's role needs no right to move it.
CREATE FUNCTION ledger_advance() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    batch record;
    head ledger_head;
BEGIN
    FOR batch IN
        SELECT study, chain, count(*) AS rows, min(seq) AS first, max(seq) AS last,
               min(recorded_at) AS earliest, max(recorded_at) AS latest
        FROM added GROUP BY study, chain
    LOOP
        SELECT * INTO head FROM ledger_head h
        WHERE h.study = batch.study AND h.chain = batch.chain FOR UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'there is no chain % of %', batch.chain, batch.study;
        END IF;
        IF batch.first <> head.seq + 1 OR batch.last <> head.seq + batch.rows OR EXISTS (
            SELECT 1 FROM (
                SELECT previous, lag(hash, 1, head.hash) OVER (ORDER BY seq) AS expected FROM added
                WHERE study = batch.study AND chain = batch.chain
            ) link WHERE previous <> expected
        ) THEN
            RAISE EXCEPTION 'rows % to % do not continue chain % of %, which ends at %',
                batch.first, batch.last, batch.chain, batch.study, head.seq;
        END IF;
        IF batch.earliest < transaction_timestamp() OR batch.latest > clock_timestamp()
           OR batch.earliest <= head.recorded_at THEN
            RAISE EXCEPTION 'recorded_at is the clock of the database and can not be set';
        END IF;
        UPDATE ledger_head h SET seq = a.seq, hash = a.hash, recorded_at = a.recorded_at
        FROM added a
        WHERE h.study = batch.study AND h.chain = batch.chain
          AND a.study = batch.study AND a.chain = batch.chain AND a.seq = batch.last;
    END LOOP;
    RETURN NULL;
END
$$;
CREATE TRIGGER ledger_row_advance AFTER INSERT ON ledger_row
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_advance();


CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % on % is refused', TG_OP, TG_TABLE_NAME;
END
$$;
CREATE TRIGGER ledger_row_append_only BEFORE UPDATE OR DELETE ON ledger_row
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_value_no_update BEFORE UPDATE ON ledger_value
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_head_no_delete BEFORE DELETE ON ledger_head
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_row_no_truncate BEFORE TRUNCATE ON ledger_row
    EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_value_no_truncate BEFORE TRUNCATE ON ledger_value
    EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_head_no_truncate BEFORE TRUNCATE ON ledger_head
    EXECUTE FUNCTION ledger_refuse();


-- A head begins at 0 and moves only forward, onto a row that is there.
CREATE FUNCTION ledger_head_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.seq = 0 AND NEW.recorded_at IS NULL THEN
            RETURN NEW;
        END IF;
    ELSIF NEW.study = OLD.study AND NEW.chain = OLD.chain AND NEW.seq > OLD.seq AND EXISTS (
        SELECT 1 FROM ledger_row r
        WHERE r.study = NEW.study AND r.chain = NEW.chain AND r.seq = NEW.seq AND r.hash = NEW.hash
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a head of the ledger begins at 0 and moves forward with its rows';
END
$$;
CREATE TRIGGER ledger_head_moves BEFORE INSERT OR UPDATE ON ledger_head
    FOR EACH ROW EXECUTE FUNCTION ledger_head_moves();


-- Lawful erasure: a value goes only after a later row of its field says that it was erased.
CREATE FUNCTION ledger_erase() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM ledger_row past JOIN ledger_row erasure
            ON erasure.study = past.study AND erasure.chain = past.chain
            AND erasure.entity = past.entity AND erasure.id = past.id
            AND erasure.field = past.field AND erasure.seq > past.seq AND erasure.action = 'erase'
        WHERE past.study = OLD.study AND past.chain = OLD.chain AND past.seq = OLD.seq
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a value of the ledger is deleted only after its erasure was entered';
END
$$;
CREATE TRIGGER ledger_value_erase BEFORE DELETE ON ledger_value
    FOR EACH ROW EXECUTE FUNCTION ledger_erase();


-- Functions that run as their owner look for tables here and nowhere else.
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION ledger_open(text) SET search_path = %I, pg_temp', current_schema());
    EXECUTE format('ALTER FUNCTION ledger_advance() SET search_path = %I, pg_temp', current_schema());
END
$$;
