-- The two functions of the ledger that ask the database's clock, without it: a simulation brings the
-- time with its rows. For a scratch database alone; in any other `trialwright verify` tells of them.
CREATE OR REPLACE FUNCTION ledger_open(book text, correcting boolean)
RETURNS TABLE (
    chain text, seq bigint, hash bytea, recorded_at timestamptz, moment timestamptz, line bytea
)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM ledger_head h WHERE h.study = book ORDER BY h.chain FOR UPDATE;
    RETURN QUERY
        SELECT h.chain::text, h.seq, h.hash, h.recorded_at, clock_timestamp(),
               (SELECT s.line FROM ledger_signed s ORDER BY s.number DESC LIMIT 1)
        FROM ledger_head h WHERE h.study = book ORDER BY h.chain;
END
$$;


CREATE OR REPLACE FUNCTION ledger_advance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    batch record;
    head ledger_head;
BEGIN
    FOR batch IN
        SELECT study, chain, count(*) AS rows, min(seq) AS first, max(seq) AS last,
               min(recorded_at) AS earliest
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
        IF batch.earliest <= head.recorded_at THEN
            RAISE EXCEPTION 'recorded_at goes back';
        END IF;
        UPDATE ledger_head h SET seq = a.seq, hash = a.hash, recorded_at = a.recorded_at
        FROM added a
        WHERE h.study = batch.study AND h.chain = batch.chain
          AND a.study = batch.study AND a.chain = batch.chain AND a.seq = batch.last;
    END LOOP;
    RETURN NULL;
END
$$;
