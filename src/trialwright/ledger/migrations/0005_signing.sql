-- What signing needs of the database, and a clock that can be put right (docs/adr/0003 and 0006).

-- As in 0002, and besides: which line of the heads file stood last when the entry began, and a
-- clock that was ahead may be corrected, by an entry whose action says so.
DROP FUNCTION ledger_open(text);
CREATE FUNCTION ledger_open(book text, correcting boolean)
RETURNS TABLE (
    chain text, seq bigint, hash bytea, recorded_at timestamptz, moment timestamptz, line bytea
)
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    latest timestamptz;
    clock timestamptz;
BEGIN
    PERFORM 1 FROM ledger_head h WHERE h.study = book ORDER BY h.chain FOR UPDATE;
    SELECT max(h.recorded_at) INTO latest FROM ledger_head h WHERE h.study = book;
    clock := clock_timestamp();
    IF clock <= latest AND NOT correcting THEN
        IF latest - clock > interval '5 seconds' THEN
            RAISE EXCEPTION
                'the clock of the database stands at %, before the last entry of % at %', clock, book, latest
                USING ERRCODE = 'TWCLK';
        END IF;
        PERFORM pg_sleep(extract(epoch FROM latest - clock) + 0.001);
        clock := clock_timestamp();
    END IF;
    RETURN QUERY
        SELECT h.chain::text, h.seq, h.hash, h.recorded_at, clock,
               (SELECT s.line FROM ledger_signed s ORDER BY s.number DESC LIMIT 1)
        FROM ledger_head h WHERE h.study = book ORDER BY h.chain;
END
$$;
REVOKE ALL ON FUNCTION ledger_open(text, boolean) FROM PUBLIC;


-- As in 0002; only an entry that corrects the clock may be recorded before the one above it.
CREATE OR REPLACE FUNCTION ledger_advance() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    batch record;
    head ledger_head;
BEGIN
    FOR batch IN
        SELECT study, chain, count(*) AS rows, min(seq) AS first, max(seq) AS last,
               min(recorded_at) AS earliest, max(recorded_at) AS latest,
               bool_and(action = 'correct_clock') AS corrects
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
           OR (batch.earliest <= head.recorded_at AND NOT batch.corrects) THEN
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


-- Takes the lock of the heads file, for the session; tells which chains have moved since they were
-- signed, and the line that was written last. `stands`: the row that its last line names is there.
-- `acknowledges`: a person has acknowledged something there, which nobody signs in passing.
CREATE FUNCTION ledger_signing()
RETURNS TABLE (
    study text, chain text, seq bigint, hash bytea, recorded_at timestamptz,
    signed_seq bigint, signed_hash bytea, line bytea, number bigint, signer text,
    stands boolean, acknowledges boolean
)
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    PERFORM pg_advisory_lock(hashtext('trialwright heads'));
    RETURN QUERY
        SELECT coalesce(h.study, s.study)::text, coalesce(h.chain, s.chain)::text,
               coalesce(h.seq, 0), h.hash, h.recorded_at,
               s.seq, s.hash, s.line, s.number, s.signer::text,
               EXISTS (
                   SELECT 1 FROM ledger_row r
                   WHERE (r.study, r.chain, r.seq, r.hash) = (s.study, s.chain, s.seq, s.hash)
               ),
               EXISTS (
                   SELECT 1 FROM ledger_row r
                   WHERE r.study = h.study AND r.chain = h.chain AND r.seq > coalesce(s.seq, 0)
                     AND r.action IN ('acknowledge_restore', 'acknowledge_gap')
               )
        FROM ledger_head h FULL JOIN ledger_signed s ON s.study = h.study AND s.chain = h.chain
        WHERE (h.seq > 0 AND h.hash IS DISTINCT FROM s.hash)
           OR s.number = (SELECT max(last.number) FROM ledger_signed last)
        ORDER BY 1, 2;
END
$$;
REVOKE ALL ON FUNCTION ledger_signing() FROM PUBLIC;


-- Keeps which lines now stand in the heads file, in their order, and gives the lock back. It needs
-- no flush of its own: lines that it forgets in a crash are found again at the end of the file.
CREATE FUNCTION ledger_signed_now(
    studies text[], chains text[], seqs bigint[], hashes bytea[], lines bytea[], signed_by text
)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    INSERT INTO ledger_signed AS s (study, chain, seq, hash, line, number, signer)
        SELECT n.study, n.chain, n.seq, n.hash, n.line,
               (SELECT coalesce(max(last.number), 0) FROM ledger_signed last) + n.at, signed_by
        FROM unnest(studies, chains, seqs, hashes, lines)
            WITH ORDINALITY AS n (study, chain, seq, hash, line, at)
        ON CONFLICT (study, chain) DO UPDATE
        SET (seq, hash, line, number, signer) =
            (EXCLUDED.seq, EXCLUDED.hash, EXCLUDED.line, EXCLUDED.number, EXCLUDED.signer);
    PERFORM pg_advisory_unlock(hashtext('trialwright heads'));
END
$$;
REVOKE ALL ON FUNCTION ledger_signed_now(text[], text[], bigint[], bytea[], bytea[], text)
    FROM PUBLIC;


DO $$
DECLARE
    function text;
BEGIN
    FOREACH function IN ARRAY ARRAY[
        'ledger_open(text, boolean)', 'ledger_advance()', 'ledger_signing()',
        'ledger_signed_now(text[], text[], bigint[], bytea[], bytea[], text)'
    ] LOOP
        EXECUTE format(
            'ALTER FUNCTION %s SET search_path = %I, pg_temp', function, current_schema()
        );
    END LOOP;
END
$$;
