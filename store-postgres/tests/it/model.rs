//! `docs/data-model.md` says what is in the database: it is made from the database.

use std::path::Path;

use crate::OnServer;

const START: &str = "\
# Data model

What a PostgreSQL store holds, for whoever looks at it with SQL. This page is made from the schema
and compared with it by a test of `store-postgres`; `BLESS=1` writes it anew.

Everything in `bej_views` is derived from `bej.frames`, the journal, and can be made again from
it; `vault` and `edge` cannot, and have backups of their own. Sums are whole tiyn. Times are
nanoseconds since 1970 in UTC; `to_timestamp(at_ns / 1e9)` shows one. Days are days of Almaty.
Codes are those of [the journal](journal-format.md); the numbers of organisers, desks, accounts,
wallets and events are explained by `bej_views.cards`, whose `body`, like every other, is in the
journal's byte form. No table holds a name or a number of a person that could be read: what
`vault` has is sealed ([the vault](vault.md)).

`bej_views.state.cursor` says as of which position all views are; they change together. Tables by
month have one part for each month, as `bets_2026_01`, and a condition on their day reads only the
parts that it needs. A reader needs no more than the role `bej_reader`
(`store-postgres/sql/rights/roles.sql`).

```sql
-- Stakes and sums of each organiser on a day, from the roll-up and from the register.
SELECT organiser, sum(stakes), sum(staked_tiyn) FROM bej_views.overviews
WHERE partition = 1 AND day = '2026-01-05' GROUP BY organiser;
SELECT organiser, count(*), sum(amount_tiyn) FROM bej_views.bets
WHERE day = '2026-01-05' AND standing IN (2, 3) GROUP BY organiser;
```
";

fn page(bed: &OnServer) -> String {
    let mut page = START.to_owned();
    let tables = bed.database.sql(
        "SELECT c.oid, n.nspname, c.relname, obj_description(c.oid, 'pg_class')
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname IN ('bej', 'bej_views', 'edge', 'vault') AND c.relkind IN ('r', 'p')
           AND NOT c.relispartition ORDER BY n.nspname, c.relname",
    );
    for line in tables.lines() {
        let fields: Vec<&str> = line.splitn(4, '|').collect();
        let [oid, schema, name, comment] = fields[..] else { panic!("{line}") };
        assert!(!comment.is_empty(), "{name} is not explained");
        page.push_str(&format!("\n## {schema}.{name}\n\n{comment}\n\n"));
        page.push_str("| column | type | may be null | what it is |\n|---|---|---|---|\n");
        let columns = bed.database.sql(&format!(
            "SELECT attname, format_type(atttypid, atttypmod), attnotnull,
                    col_description({oid}, attnum)
             FROM pg_attribute WHERE attrelid = {oid} AND 0 < attnum AND NOT attisdropped
             ORDER BY attnum"
        ));
        for line in columns.lines() {
            let fields: Vec<&str> = line.splitn(4, '|').collect();
            let [column, kind, not_null, comment] = fields[..] else { panic!("{line}") };
            assert!(!comment.is_empty(), "{name}.{column} is not explained");
            let null = if not_null == "t" { "no" } else { "yes" };
            page.push_str(&format!("| `{column}` | {kind} | {null} | {comment} |\n"));
        }
        let keys = bed.database.sql(&format!(
            "SELECT CASE WHEN indisprimary THEN 'Key' ELSE 'Index' END,
                    (SELECT string_agg(pg_get_indexdef(indexrelid, at, true), ', ' ORDER BY at)
                     FROM generate_series(1, indnatts) AS at)
             FROM pg_index WHERE indrelid = {oid} ORDER BY indisprimary DESC, indexrelid"
        ));
        page.push('\n');
        for line in keys.lines() {
            let (what, columns) = line.split_once('|').expect("two fields");
            page.push_str(&format!("{what}: {columns}.\n"));
        }
    }
    page
}

#[test]
fn the_data_model_is_documented() {
    let Some(bed) = OnServer::fresh() else { return };
    drop(bed.store.views().unwrap());
    drop((bed.store.vault().unwrap(), bed.store.edge().unwrap()));
    let made = page(&bed);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/data-model.md");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, made, "BLESS=1 writes it anew");
}
