INSERT INTO bets (seq, account, organiser, desk, standing, amount_tiyn, legs, day, at_ns, bet,
    desk_kind, form, shape, price, sport, championship, live, late, made_at_ns, made_day,
    commission_tiyn, hold, paid_tiyn, repaid_tiyn, waiting, breaches, last, settled,
    settled_at_ns, settled_day, computed_at_ns, basis, result, gross_tiyn, of_which_stake_tiyn,
    refund_tiyn, tax_tiyn, net_due_tiyn, spare)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,
    ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37,
    ?38, zeroblob(?39));
