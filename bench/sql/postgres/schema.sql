CREATE TABLE account (
    id      bigint PRIMARY KEY,
    opening bigint NOT NULL,
    balance bigint NOT NULL
) WITH (fillfactor = 50);
CREATE TABLE transfer (
    id     uuid     PRIMARY KEY,
    debit  bigint   NOT NULL,
    credit bigint   NOT NULL,
    amount bigint   NOT NULL,
    at_ms  bigint   NOT NULL,
    code   smallint NOT NULL
);
CREATE FUNCTION single(payer bigint, payee bigint, sum bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO transfer VALUES (gen_random_uuid(), payer, payee, sum, 0, 1)
    ON CONFLICT DO NOTHING;
    UPDATE account SET balance = balance - sum WHERE id = payer AND sum <= balance;
    UPDATE account SET balance = balance + sum WHERE id = payee;
END $$;
