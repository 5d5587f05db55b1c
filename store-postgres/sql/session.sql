-- What every session is. A commit waits for the medium and for the standbys that the server names.
-- No statement is ever cancelled: one that is cancelled while it waits for a standby counts as
-- confirmed. The planner has nothing to guess: each statement has its index, in the order in which
-- it reads.
SET synchronous_commit = on;
SET search_path = '';
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET jit = off;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
