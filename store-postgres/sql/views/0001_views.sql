CREATE SCHEMA IF NOT EXISTS bej_views;
COMMENT ON SCHEMA bej_views IS
    'Read models, made from the journal. Dropped as a whole, they are made again.';

CREATE TABLE bej_views.schema_version (
    one     smallint PRIMARY KEY CHECK (one = 1),
    version integer  NOT NULL
);
INSERT INTO bej_views.schema_version (one, version) VALUES (1, 0);
COMMENT ON TABLE bej_views.schema_version IS 'One row: the version of this schema.';
COMMENT ON COLUMN bej_views.schema_version.one IS 'Always 1.';
COMMENT ON COLUMN bej_views.schema_version.version IS 'How many migrations were made.';

CREATE TABLE bej_views.state (
    one    smallint PRIMARY KEY CHECK (one = 1),
    cursor bigint   NOT NULL,
    totals bytea    NOT NULL
);
INSERT INTO bej_views.state (one, cursor, totals) VALUES (1, 0, '');
COMMENT ON TABLE bej_views.state IS 'One row: as of which position all other tables are.';
COMMENT ON COLUMN bej_views.state.one IS 'Always 1.';
COMMENT ON COLUMN bej_views.state.cursor IS 'The first position that is not in them.';
COMMENT ON COLUMN bej_views.state.totals IS 'The totals at that position, in their byte form.';

CREATE TABLE bej_views.days (
    kind      smallint NOT NULL,
    day       date     NOT NULL,
    first_seq bigint   NOT NULL,
    PRIMARY KEY (kind, day)
);
COMMENT ON TABLE bej_views.days IS
    'Where days begin: positions grow with days, so a range of days is a range of positions.';
COMMENT ON COLUMN bej_views.days.kind IS '1 bets, 2 payouts, 3 refusals, 4 breaches.';
COMMENT ON COLUMN bej_views.days.day IS 'The day in Almaty.';
COMMENT ON COLUMN bej_views.days.first_seq IS 'The first position of that kind on that day.';

CREATE TABLE bej_views.bets (
    seq             bigint   NOT NULL,
    day             date     NOT NULL,
    bet             uuid     NOT NULL,
    account         bigint   NOT NULL,
    organiser       bigint   NOT NULL,
    desk            bigint   NOT NULL,
    desk_kind       smallint NOT NULL,
    form            smallint NOT NULL,
    shape           smallint NOT NULL,
    standing        smallint NOT NULL,
    live            boolean  NOT NULL,
    late            boolean  NOT NULL,
    waiting         boolean  NOT NULL,
    at_ns           bigint   NOT NULL,
    made_at_ns      bigint   NOT NULL,
    amount_tiyn     bigint   NOT NULL,
    commission_tiyn bigint   NOT NULL,
    result          smallint,
    winnings_tiyn   bigint   NOT NULL,
    net_due_tiyn    bigint   NOT NULL,
    paid_tiyn       bigint   NOT NULL,
    events          bigint[] NOT NULL,
    body            bytea    NOT NULL,
    PRIMARY KEY (seq, day)
) PARTITION BY RANGE (day);
CREATE INDEX bets_account ON bej_views.bets (account, seq);
CREATE INDEX bets_organiser ON bej_views.bets (organiser, seq);
CREATE INDEX bets_desk ON bej_views.bets (desk, seq);
CREATE INDEX bets_amount ON bej_views.bets (amount_tiyn, seq);
COMMENT ON TABLE bej_views.bets IS
    'The register of bets: one row for each stake and each hold. By month of day. Distribution '
    'key: seq.';
COMMENT ON COLUMN bej_views.bets.seq IS 'The fact that accepted the stake or placed the hold.';
COMMENT ON COLUMN bej_views.bets.day IS 'The day in Almaty on which БЕЖ recorded it.';
COMMENT ON COLUMN bej_views.bets.bet IS 'The id that its sender gave.';
COMMENT ON COLUMN bej_views.bets.account IS 'The bettor''s account; see cards.';
COMMENT ON COLUMN bej_views.bets.organiser IS 'The organiser; see cards.';
COMMENT ON COLUMN bej_views.bets.desk IS 'The desk that took it; see cards.';
COMMENT ON COLUMN bej_views.bets.desk_kind IS 'Code: land or electronic.';
COMMENT ON COLUMN bej_views.bets.form IS 'Code: how the stake was given.';
COMMENT ON COLUMN bej_views.bets.shape IS '1 single, 2 accumulator, 3 system.';
COMMENT ON COLUMN bej_views.bets.standing IS
    '1 held, 2 open, 3 settled, 4 released, 5 expired, 6 confirmed (its stake has another row).';
COMMENT ON COLUMN bej_views.bets.live IS 'Whether an event was under way.';
COMMENT ON COLUMN bej_views.bets.late IS 'Whether it was reported late.';
COMMENT ON COLUMN bej_views.bets.waiting IS 'Whether its payout waits for funds.';
COMMENT ON COLUMN bej_views.bets.at_ns IS
    'When БЕЖ recorded it: nanoseconds since 1970, UTC; to_timestamp(at_ns / 1e9).';
COMMENT ON COLUMN bej_views.bets.made_at_ns IS 'When the organiser took it, in the same unit.';
COMMENT ON COLUMN bej_views.bets.amount_tiyn IS 'The stake, tiyn.';
COMMENT ON COLUMN bej_views.bets.commission_tiyn IS 'The commission on it, tiyn.';
COMMENT ON COLUMN bej_views.bets.result IS 'Code of the effective settlement: win, loss, refund.';
COMMENT ON COLUMN bej_views.bets.winnings_tiyn IS
    'Winnings without refunds, tiyn; 0 until settled.';
COMMENT ON COLUMN bej_views.bets.net_due_tiyn IS 'What is due to the bettor, tiyn.';
COMMENT ON COLUMN bej_views.bets.paid_tiyn IS 'What was paid over all settlements, tiyn.';
COMMENT ON COLUMN bej_views.bets.events IS 'The events of its legs, in order.';
COMMENT ON COLUMN bej_views.bets.body IS 'The whole row in its byte form.';

CREATE TABLE bej_views.bet_ids (
    bet       uuid   NOT NULL,
    seq       bigint NOT NULL,
    organiser bigint NOT NULL,
    day       date   NOT NULL,
    PRIMARY KEY (bet, seq)
);
COMMENT ON TABLE bej_views.bet_ids IS
    'Where a bet is, by its id; ids begin with their time, so new ones go to the end. '
    'Distribution key: bet.';
COMMENT ON COLUMN bej_views.bet_ids.bet IS 'The id.';
COMMENT ON COLUMN bej_views.bet_ids.seq IS 'Its row in bets; a confirmed hold has two.';
COMMENT ON COLUMN bej_views.bet_ids.organiser IS 'Whose id it is.';
COMMENT ON COLUMN bej_views.bet_ids.day IS 'The day of that row.';

CREATE TABLE bej_views.bet_events (
    event bigint  NOT NULL,
    seq   bigint  NOT NULL,
    day   date    NOT NULL,
    first boolean NOT NULL,
    PRIMARY KEY (event, seq, day)
) PARTITION BY RANGE (day);
COMMENT ON TABLE bej_views.bet_events IS
    'The events of bets, each once for a bet. By month of day. Distribution key: seq.';
COMMENT ON COLUMN bej_views.bet_events.event IS 'The event; see cards.';
COMMENT ON COLUMN bej_views.bet_events.seq IS 'The row in bets.';
COMMENT ON COLUMN bej_views.bet_events.day IS 'The day of that row.';
COMMENT ON COLUMN bej_views.bet_events.first IS 'Whether it is the event of the first leg.';

CREATE TABLE bej_views.unsettled (
    standing smallint NOT NULL,
    seq      bigint   NOT NULL,
    day      date     NOT NULL,
    PRIMARY KEY (standing, seq)
);
COMMENT ON TABLE bej_views.unsettled IS
    'Rows of bets that are not settled, by where they stand. Distribution key: seq.';
COMMENT ON COLUMN bej_views.unsettled.standing IS 'As in bets.';
COMMENT ON COLUMN bej_views.unsettled.seq IS 'The row in bets.';
COMMENT ON COLUMN bej_views.unsettled.day IS 'The day of that row.';

CREATE TABLE bej_views.settlements (
    seq              bigint   NOT NULL,
    day              date     NOT NULL,
    bet_seq          bigint   NOT NULL,
    organiser        bigint   NOT NULL,
    corrects         bigint,
    result           smallint NOT NULL,
    at_ns            bigint   NOT NULL,
    gross_tiyn       bigint   NOT NULL,
    gross_computed_tiyn bigint NOT NULL,
    refund_tiyn      bigint   NOT NULL,
    tax_tiyn         bigint   NOT NULL,
    net_due_tiyn     bigint   NOT NULL,
    body             bytea    NOT NULL,
    PRIMARY KEY (seq, day)
) PARTITION BY RANGE (day);
COMMENT ON TABLE bej_views.settlements IS
    'Settlements, the first of a bet and corrections. By month of day. Distribution key: seq.';
COMMENT ON COLUMN bej_views.settlements.seq IS 'The fact.';
COMMENT ON COLUMN bej_views.settlements.day IS 'The day in Almaty on which БЕЖ recorded it.';
COMMENT ON COLUMN bej_views.settlements.bet_seq IS 'The row in bets.';
COMMENT ON COLUMN bej_views.settlements.organiser IS 'The organiser.';
COMMENT ON COLUMN bej_views.settlements.corrects IS 'The settlement that it replaces.';
COMMENT ON COLUMN bej_views.settlements.result IS 'Code: win, loss, refund.';
COMMENT ON COLUMN bej_views.settlements.at_ns IS 'When, nanoseconds since 1970, UTC.';
COMMENT ON COLUMN bej_views.settlements.gross_tiyn IS 'Everything that comes back, tiyn.';
COMMENT ON COLUMN bej_views.settlements.gross_computed_tiyn IS 'The same by our reckoning, tiyn.';
COMMENT ON COLUMN bej_views.settlements.refund_tiyn IS 'Of it, stake that is returned, tiyn.';
COMMENT ON COLUMN bej_views.settlements.tax_tiyn IS 'Tax withheld, tiyn.';
COMMENT ON COLUMN bej_views.settlements.net_due_tiyn IS 'What is due to the bettor, tiyn.';
COMMENT ON COLUMN bej_views.settlements.body IS 'The whole row in its byte form.';

CREATE TABLE bej_views.payouts (
    seq         bigint   NOT NULL,
    day         date     NOT NULL,
    bet_seq     bigint   NOT NULL,
    bet         uuid     NOT NULL,
    organiser   bigint   NOT NULL,
    account     bigint   NOT NULL,
    desk        bigint   NOT NULL,
    form        smallint NOT NULL,
    at_ns       bigint   NOT NULL,
    paid_at_ns  bigint   NOT NULL,
    amount_tiyn bigint   NOT NULL,
    refund_tiyn bigint   NOT NULL,
    late        boolean  NOT NULL,
    body        bytea    NOT NULL,
    PRIMARY KEY (seq, day)
) PARTITION BY RANGE (day);
COMMENT ON TABLE bej_views.payouts IS 'Payouts. By month of day. Distribution key: seq.';
COMMENT ON COLUMN bej_views.payouts.seq IS 'The fact.';
COMMENT ON COLUMN bej_views.payouts.day IS 'The day in Almaty on which БЕЖ recorded it.';
COMMENT ON COLUMN bej_views.payouts.bet_seq IS 'The row in bets.';
COMMENT ON COLUMN bej_views.payouts.bet IS 'The bet''s id.';
COMMENT ON COLUMN bej_views.payouts.organiser IS 'The organiser.';
COMMENT ON COLUMN bej_views.payouts.account IS 'The bettor''s account.';
COMMENT ON COLUMN bej_views.payouts.desk IS 'The desk that paid.';
COMMENT ON COLUMN bej_views.payouts.form IS 'Code: how it was paid.';
COMMENT ON COLUMN bej_views.payouts.at_ns IS
    'When БЕЖ recorded it, nanoseconds since 1970, UTC.';
COMMENT ON COLUMN bej_views.payouts.paid_at_ns IS 'When it was paid, in the same unit.';
COMMENT ON COLUMN bej_views.payouts.amount_tiyn IS 'What was paid, tiyn.';
COMMENT ON COLUMN bej_views.payouts.refund_tiyn IS 'Of it, stake that is returned, tiyn.';
COMMENT ON COLUMN bej_views.payouts.late IS 'Whether it was reported late.';
COMMENT ON COLUMN bej_views.payouts.body IS 'The whole row in its byte form.';

CREATE TABLE bej_views.postings (
    key         bigint   NOT NULL,
    utc_day     date     NOT NULL,
    debit       bigint   NOT NULL,
    credit      bigint   NOT NULL,
    kind        smallint NOT NULL,
    at_ns       bigint   NOT NULL,
    amount_tiyn bigint   NOT NULL,
    debit_balance_tiyn  bigint NOT NULL,
    credit_balance_tiyn bigint NOT NULL,
    bet_seq     bigint,
    body        bytea    NOT NULL,
    PRIMARY KEY (key, utc_day)
) PARTITION BY RANGE (utc_day);
CREATE INDEX postings_debit ON bej_views.postings (debit, key);
CREATE INDEX postings_credit ON bej_views.postings (credit, key);
COMMENT ON TABLE bej_views.postings IS
    'Movements of e-money. By month of utc_day. Distribution key: key.';
COMMENT ON COLUMN bej_views.postings.key IS 'The fact''s position × 4 + which movement of it.';
COMMENT ON COLUMN bej_views.postings.utc_day IS 'The day in UTC.';
COMMENT ON COLUMN bej_views.postings.debit IS 'The wallet that pays; see cards.';
COMMENT ON COLUMN bej_views.postings.credit IS 'The wallet that gets it; see cards.';
COMMENT ON COLUMN bej_views.postings.kind IS 'Code: stake, payout, issue and so on.';
COMMENT ON COLUMN bej_views.postings.at_ns IS 'When, nanoseconds since 1970, UTC.';
COMMENT ON COLUMN bej_views.postings.amount_tiyn IS 'The sum, tiyn.';
COMMENT ON COLUMN bej_views.postings.debit_balance_tiyn IS 'What the payer holds after it, tiyn.';
COMMENT ON COLUMN bej_views.postings.credit_balance_tiyn IS 'What the other holds after it, tiyn.';
COMMENT ON COLUMN bej_views.postings.bet_seq IS 'The row in bets behind it.';
COMMENT ON COLUMN bej_views.postings.body IS 'The whole row in its byte form.';

CREATE TABLE bej_views.refusals (
    seq       bigint   NOT NULL,
    day       date     NOT NULL,
    sender    bigint   NOT NULL,
    reason    smallint NOT NULL,
    account   bigint,
    at_ns     bigint   NOT NULL,
    count     bigint   NOT NULL,
    body      bytea    NOT NULL,
    PRIMARY KEY (seq, day)
) PARTITION BY RANGE (day);
COMMENT ON TABLE bej_views.refusals IS 'Refusals. By month of day. Distribution key: seq.';
COMMENT ON COLUMN bej_views.refusals.seq IS 'The fact.';
COMMENT ON COLUMN bej_views.refusals.day IS 'The day in Almaty.';
COMMENT ON COLUMN bej_views.refusals.sender IS
    'Who was refused, by the number of senders in facts.';
COMMENT ON COLUMN bej_views.refusals.reason IS 'Code, as in docs/reasons.md.';
COMMENT ON COLUMN bej_views.refusals.account IS 'The account, if the message named one.';
COMMENT ON COLUMN bej_views.refusals.at_ns IS 'When, nanoseconds since 1970, UTC.';
COMMENT ON COLUMN bej_views.refusals.count IS 'How many; more than 1 where they were only counted.';
COMMENT ON COLUMN bej_views.refusals.body IS 'The whole row in its byte form.';

CREATE TABLE bej_views.breaches (
    seq       bigint   NOT NULL,
    part      smallint NOT NULL,
    day       date     NOT NULL,
    organiser bigint   NOT NULL,
    reason    smallint NOT NULL,
    at_ns     bigint   NOT NULL,
    body      bytea    NOT NULL,
    PRIMARY KEY (seq, part, day)
) PARTITION BY RANGE (day);
COMMENT ON TABLE bej_views.breaches IS
    'Rules that stored records break. By month of day. Distribution key: seq.';
COMMENT ON COLUMN bej_views.breaches.seq IS 'The fact that brought it to light.';
COMMENT ON COLUMN bej_views.breaches.part IS 'Which breach of the fact, from 0.';
COMMENT ON COLUMN bej_views.breaches.day IS 'The day in Almaty.';
COMMENT ON COLUMN bej_views.breaches.organiser IS 'The organiser.';
COMMENT ON COLUMN bej_views.breaches.reason IS 'Code, as in docs/reasons.md.';
COMMENT ON COLUMN bej_views.breaches.at_ns IS 'When, nanoseconds since 1970, UTC.';
COMMENT ON COLUMN bej_views.breaches.body IS 'The whole row in its byte form.';

CREATE TABLE bej_views.signals (
    kind      smallint NOT NULL,
    day       date     NOT NULL,
    seq       bigint   NOT NULL,
    organiser bigint,
    account   bigint,
    body      bytea    NOT NULL,
    PRIMARY KEY (kind, day, seq)
);
COMMENT ON TABLE bej_views.signals IS 'Rare facts that boards list.';
COMMENT ON COLUMN bej_views.signals.kind IS
    '1 correction, 2 results differ, 3 winning, 4 cash to e-money, 5 redemption, 6 late.';
COMMENT ON COLUMN bej_views.signals.day IS 'The day in Almaty.';
COMMENT ON COLUMN bej_views.signals.seq IS 'The fact.';
COMMENT ON COLUMN bej_views.signals.organiser IS 'The organiser, if it is about one.';
COMMENT ON COLUMN bej_views.signals.account IS 'The account, if it is about one.';
COMMENT ON COLUMN bej_views.signals.body IS 'The whole row in its byte form.';

CREATE TABLE bej_views.cards (
    kind    smallint NOT NULL,
    number  bigint   NOT NULL,
    version bigint   NOT NULL,
    body    bytea    NOT NULL,
    PRIMARY KEY (kind, number, version)
);
COMMENT ON TABLE bej_views.cards IS
    'What the dense numbers of other tables stand for: organisers, desks, accounts, events.';
COMMENT ON COLUMN bej_views.cards.kind IS 'Code: of what.';
COMMENT ON COLUMN bej_views.cards.number IS 'The number.';
COMMENT ON COLUMN bej_views.cards.version IS 'The fact that made this version.';
COMMENT ON COLUMN bej_views.cards.body IS 'The card in its byte form.';

CREATE TABLE bej_views.overviews (
    partition bigint NOT NULL,
    day date NOT NULL,
    organiser bigint NOT NULL,
    desk_kind bigint NOT NULL,
    form bigint NOT NULL,
    shape bigint NOT NULL,
    stakes bigint NOT NULL,
    staked_tiyn bigint NOT NULL,
    combined bigint NOT NULL,
    combined_tiyn bigint NOT NULL,
    live bigint NOT NULL,
    late bigint NOT NULL,
    commission_tiyn bigint NOT NULL,
    settled bigint NOT NULL,
    won bigint NOT NULL,
    winnings_tiyn bigint NOT NULL,
    refunded bigint NOT NULL,
    refund_tiyn bigint NOT NULL,
    tax_tiyn bigint NOT NULL,
    corrections bigint NOT NULL,
    payouts bigint NOT NULL,
    paid_tiyn bigint NOT NULL,
    PRIMARY KEY (partition, day, organiser, desk_kind, form, shape)
);
COMMENT ON TABLE bej_views.overviews IS 'Roll-ups without sport and championship.';
COMMENT ON COLUMN bej_views.overviews.partition IS
    '1: day is the day on which БЕЖ recorded it; 2: the day on which the stake was made.';
COMMENT ON COLUMN bej_views.overviews.day IS 'The day in Almaty.';
COMMENT ON COLUMN bej_views.overviews.organiser IS 'The organiser; -1 for none.';
COMMENT ON COLUMN bej_views.overviews.desk_kind IS 'Code; -1 for none.';
COMMENT ON COLUMN bej_views.overviews.form IS 'Code: how stakes were given; -1 for none.';
COMMENT ON COLUMN bej_views.overviews.shape IS '1 single, 2 accumulator, 3 system.';
COMMENT ON COLUMN bej_views.overviews.stakes IS 'Stakes accepted.';
COMMENT ON COLUMN bej_views.overviews.staked_tiyn IS 'Their sum, tiyn.';
COMMENT ON COLUMN bej_views.overviews.combined IS 'Of them, with more than one leg.';
COMMENT ON COLUMN bej_views.overviews.combined_tiyn IS 'The sum of those, tiyn.';
COMMENT ON COLUMN bej_views.overviews.live IS 'Of them, with a leg under way.';
COMMENT ON COLUMN bej_views.overviews.late IS 'Of them, reported late.';
COMMENT ON COLUMN bej_views.overviews.commission_tiyn IS 'Commission on them, tiyn.';
COMMENT ON COLUMN bej_views.overviews.settled IS 'Bets settled.';
COMMENT ON COLUMN bej_views.overviews.won IS 'Of them, won.';
COMMENT ON COLUMN bej_views.overviews.winnings_tiyn IS
    'Winnings determined, without refunds, tiyn.';
COMMENT ON COLUMN bej_views.overviews.refunded IS 'Bets of which stake was returned.';
COMMENT ON COLUMN bej_views.overviews.refund_tiyn IS 'Stake returned, tiyn.';
COMMENT ON COLUMN bej_views.overviews.tax_tiyn IS 'Tax withheld, tiyn.';
COMMENT ON COLUMN bej_views.overviews.corrections IS 'Settlements that correct another.';
COMMENT ON COLUMN bej_views.overviews.payouts IS 'Payouts.';
COMMENT ON COLUMN bej_views.overviews.paid_tiyn IS 'Their sum, tiyn.';

CREATE TABLE bej_views.rollups (
    partition bigint NOT NULL,
    day date NOT NULL,
    organiser bigint NOT NULL,
    desk_kind bigint NOT NULL,
    form bigint NOT NULL,
    sport bigint NOT NULL,
    championship bigint NOT NULL,
    shape bigint NOT NULL,
    stakes bigint NOT NULL,
    staked_tiyn bigint NOT NULL,
    combined bigint NOT NULL,
    combined_tiyn bigint NOT NULL,
    live bigint NOT NULL,
    late bigint NOT NULL,
    commission_tiyn bigint NOT NULL,
    settled bigint NOT NULL,
    won bigint NOT NULL,
    winnings_tiyn bigint NOT NULL,
    refunded bigint NOT NULL,
    refund_tiyn bigint NOT NULL,
    tax_tiyn bigint NOT NULL,
    corrections bigint NOT NULL,
    payouts bigint NOT NULL,
    paid_tiyn bigint NOT NULL,
    PRIMARY KEY (partition, day, organiser, desk_kind, form, sport, championship, shape)
);
COMMENT ON TABLE bej_views.rollups IS 'Roll-ups: stakes and what became of them.';
COMMENT ON COLUMN bej_views.rollups.partition IS
    '1: day is the day on which БЕЖ recorded it; 2: the day on which the stake was made.';
COMMENT ON COLUMN bej_views.rollups.day IS 'The day in Almaty.';
COMMENT ON COLUMN bej_views.rollups.organiser IS 'The organiser; -1 for none.';
COMMENT ON COLUMN bej_views.rollups.desk_kind IS 'Code; -1 for none.';
COMMENT ON COLUMN bej_views.rollups.form IS 'Code: how stakes were given; -1 for none.';
COMMENT ON COLUMN bej_views.rollups.sport IS 'The sport; -1 if the bet has several.';
COMMENT ON COLUMN bej_views.rollups.championship IS 'The championship; -1 if the bet has several.';
COMMENT ON COLUMN bej_views.rollups.shape IS '1 single, 2 accumulator, 3 system.';
COMMENT ON COLUMN bej_views.rollups.stakes IS 'Stakes accepted.';
COMMENT ON COLUMN bej_views.rollups.staked_tiyn IS 'Their sum, tiyn.';
COMMENT ON COLUMN bej_views.rollups.combined IS 'Of them, with more than one leg.';
COMMENT ON COLUMN bej_views.rollups.combined_tiyn IS 'The sum of those, tiyn.';
COMMENT ON COLUMN bej_views.rollups.live IS 'Of them, with a leg under way.';
COMMENT ON COLUMN bej_views.rollups.late IS 'Of them, reported late.';
COMMENT ON COLUMN bej_views.rollups.commission_tiyn IS 'Commission on them, tiyn.';
COMMENT ON COLUMN bej_views.rollups.settled IS 'Bets settled.';
COMMENT ON COLUMN bej_views.rollups.won IS 'Of them, won.';
COMMENT ON COLUMN bej_views.rollups.winnings_tiyn IS 'Winnings determined, without refunds, tiyn.';
COMMENT ON COLUMN bej_views.rollups.refunded IS 'Bets of which stake was returned.';
COMMENT ON COLUMN bej_views.rollups.refund_tiyn IS 'Stake returned, tiyn.';
COMMENT ON COLUMN bej_views.rollups.tax_tiyn IS 'Tax withheld, tiyn.';
COMMENT ON COLUMN bej_views.rollups.corrections IS 'Settlements that correct another.';
COMMENT ON COLUMN bej_views.rollups.payouts IS 'Payouts.';
COMMENT ON COLUMN bej_views.rollups.paid_tiyn IS 'Their sum, tiyn.';

CREATE TABLE bej_views.refusal_counts (
    day date NOT NULL,
    organiser bigint NOT NULL,
    reason bigint NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (day, organiser, reason)
);
COMMENT ON TABLE bej_views.refusal_counts IS 'Refusals by day, organiser and reason.';
COMMENT ON COLUMN bej_views.refusal_counts.day IS 'The day in Almaty.';
COMMENT ON COLUMN bej_views.refusal_counts.organiser IS 'The organiser; -1 for none.';
COMMENT ON COLUMN bej_views.refusal_counts.reason IS 'Code, as in docs/reasons.md.';
COMMENT ON COLUMN bej_views.refusal_counts.count IS 'How many.';

CREATE TABLE bej_views.breach_counts (
    day date NOT NULL,
    organiser bigint NOT NULL,
    reason bigint NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (day, organiser, reason)
);
COMMENT ON TABLE bej_views.breach_counts IS 'Breaches by day, organiser and reason.';
COMMENT ON COLUMN bej_views.breach_counts.day IS 'The day in Almaty.';
COMMENT ON COLUMN bej_views.breach_counts.organiser IS 'The organiser; -1 for none.';
COMMENT ON COLUMN bej_views.breach_counts.reason IS 'Code, as in docs/reasons.md.';
COMMENT ON COLUMN bej_views.breach_counts.count IS 'How many.';

CREATE TABLE bej_views.hours (
    day date NOT NULL,
    hour bigint NOT NULL,
    organiser bigint NOT NULL,
    desk_kind bigint NOT NULL,
    form bigint NOT NULL,
    stakes bigint NOT NULL,
    staked_tiyn bigint NOT NULL,
    winnings_tiyn bigint NOT NULL,
    paid_tiyn bigint NOT NULL,
    refused bigint NOT NULL,
    PRIMARY KEY (day, hour, organiser, desk_kind, form)
);
COMMENT ON TABLE bej_views.hours IS 'What hours brought.';
COMMENT ON COLUMN bej_views.hours.day IS 'The day in Almaty.';
COMMENT ON COLUMN bej_views.hours.hour IS 'The hour of that day, 0 to 23.';
COMMENT ON COLUMN bej_views.hours.organiser IS 'The organiser; -1 for none.';
COMMENT ON COLUMN bej_views.hours.desk_kind IS 'Code; -1 for none.';
COMMENT ON COLUMN bej_views.hours.form IS 'Code: how stakes were given; -1 for none.';
COMMENT ON COLUMN bej_views.hours.stakes IS 'Stakes accepted.';
COMMENT ON COLUMN bej_views.hours.staked_tiyn IS 'Their sum, tiyn.';
COMMENT ON COLUMN bej_views.hours.winnings_tiyn IS 'Winnings determined, without refunds, tiyn.';
COMMENT ON COLUMN bej_views.hours.paid_tiyn IS 'Their sum, tiyn.';
COMMENT ON COLUMN bej_views.hours.refused IS 'Messages refused.';

CREATE TABLE bej_views.desk_days (
    day date NOT NULL,
    organiser bigint NOT NULL,
    desk bigint NOT NULL,
    form bigint NOT NULL,
    stakes bigint NOT NULL,
    staked_tiyn bigint NOT NULL,
    payouts bigint NOT NULL,
    paid_tiyn bigint NOT NULL,
    PRIMARY KEY (day, organiser, desk, form)
);
COMMENT ON TABLE bej_views.desk_days IS 'What passed over desks.';
COMMENT ON COLUMN bej_views.desk_days.day IS 'The day in Almaty.';
COMMENT ON COLUMN bej_views.desk_days.organiser IS 'The organiser; -1 for none.';
COMMENT ON COLUMN bej_views.desk_days.desk IS 'The desk.';
COMMENT ON COLUMN bej_views.desk_days.form IS 'Code: how stakes were given; -1 for none.';
COMMENT ON COLUMN bej_views.desk_days.stakes IS 'Stakes accepted.';
COMMENT ON COLUMN bej_views.desk_days.staked_tiyn IS 'Their sum, tiyn.';
COMMENT ON COLUMN bej_views.desk_days.payouts IS 'Payouts.';
COMMENT ON COLUMN bej_views.desk_days.paid_tiyn IS 'Their sum, tiyn.';

CREATE TABLE bej_views.quarters (
    quarter bigint NOT NULL,
    difference bigint NOT NULL,
    organiser bigint NOT NULL,
    subject_kind bigint NOT NULL,
    subject_number bigint NOT NULL,
    stakes bigint NOT NULL,
    staked_tiyn bigint NOT NULL,
    combined bigint NOT NULL,
    combined_tiyn bigint NOT NULL,
    refunded bigint NOT NULL,
    refund_tiyn bigint NOT NULL,
    PRIMARY KEY (quarter, difference, organiser, subject_kind, subject_number)
);
COMMENT ON TABLE bej_views.quarters IS 'Quarterly statistics.';
COMMENT ON COLUMN bej_views.quarters.quarter IS 'Quarters since the year 0.';
COMMENT ON COLUMN bej_views.quarters.difference IS
    'The day of a difference to a final quarter, as days since 1970; -1000000 where it was '
    'provisional.';
COMMENT ON COLUMN bej_views.quarters.organiser IS 'The organiser; -1 for none.';
COMMENT ON COLUMN bej_views.quarters.subject_kind IS '0 total, 1 event, 2 championship, 3 sport.';
COMMENT ON COLUMN bej_views.quarters.subject_number IS 'The number of that subject.';
COMMENT ON COLUMN bej_views.quarters.stakes IS 'Stakes accepted.';
COMMENT ON COLUMN bej_views.quarters.staked_tiyn IS 'Their sum, tiyn.';
COMMENT ON COLUMN bej_views.quarters.combined IS 'Of them, with more than one leg.';
COMMENT ON COLUMN bej_views.quarters.combined_tiyn IS 'The sum of those, tiyn.';
COMMENT ON COLUMN bej_views.quarters.refunded IS 'Bets of which stake was returned.';
COMMENT ON COLUMN bej_views.quarters.refund_tiyn IS 'Stake returned, tiyn.';

CREATE TABLE bej_views.unpaid (
    organiser bigint NOT NULL,
    desk bigint NOT NULL,
    unpaid bigint NOT NULL,
    day date NOT NULL,
    bets bigint NOT NULL,
    sum_tiyn bigint NOT NULL,
    PRIMARY KEY (organiser, desk, unpaid, day)
);
COMMENT ON TABLE bej_views.unpaid IS 'What is due and not paid now.';
COMMENT ON COLUMN bej_views.unpaid.organiser IS 'The organiser; -1 for none.';
COMMENT ON COLUMN bej_views.unpaid.desk IS 'The desk.';
COMMENT ON COLUMN bej_views.unpaid.unpaid IS '1 waits for funds, 2 unclaimed.';
COMMENT ON COLUMN bej_views.unpaid.day IS 'The day in Almaty.';
COMMENT ON COLUMN bej_views.unpaid.bets IS 'Bets.';
COMMENT ON COLUMN bej_views.unpaid.sum_tiyn IS 'What is still to be paid on them, tiyn.';
