//! Tables as CSV and NDJSON.

use std::io::Write;

use reports::{Cell, Table};
use terms::BetId;

use super::rows::Rows;

/// A header, then a line a row (RFC 4180). Empty cells are empty; a text is quoted where it must.
pub fn csv(table: Table, rows: &mut Rows, out: &mut dyn Write) -> anyhow::Result<()> {
    let names: Vec<&str> = table.columns().iter().map(|column| column.name).collect();
    out.write_all(names.join(",").as_bytes())?;
    out.write_all(b"\r\n")?;
    let mut line = String::new();
    rows.each(&mut |cells| {
        line.clear();
        for (index, cell) in cells.iter().enumerate() {
            if 0 < index {
                line.push(',');
            }
            put(cell, &mut line);
        }
        line.push_str("\r\n");
        Ok(out.write_all(line.as_bytes())?)
    })
}

fn put(cell: &Cell, line: &mut String) {
    match cell {
        Cell::Null => {}
        Cell::Int(number) => line.push_str(&number.to_string()),
        Cell::Time(at) => line.push_str(&at.to_string()),
        Cell::Bytes(id) => line.push_str(&BetId(*id).to_string()),
        Cell::Text(text) => {
            if text.contains([',', '"', '\r', '\n']) {
                line.push('"');
                line.push_str(&text.replace('"', "\"\""));
                line.push('"');
            } else {
                line.push_str(text);
            }
        }
    }
}

/// One object a row, its fields in the order of the columns.
pub fn ndjson(table: Table, rows: &mut Rows, out: &mut dyn Write) -> anyhow::Result<()> {
    let names: Vec<String> = table
        .columns()
        .iter()
        .map(|column| Ok(format!("{}:", serde_json::to_string(column.name)?)))
        .collect::<Result<_, serde_json::Error>>()?;
    let mut line = String::new();
    rows.each(&mut |cells| {
        line.clear();
        for (index, (name, cell)) in names.iter().zip(cells).enumerate() {
            line.push(if index == 0 { '{' } else { ',' });
            line.push_str(name);
            match cell {
                Cell::Null => line.push_str("null"),
                Cell::Int(number) => line.push_str(&number.to_string()),
                Cell::Time(at) => {
                    line.push('"');
                    line.push_str(&at.to_string());
                    line.push('"');
                }
                Cell::Bytes(id) => {
                    line.push('"');
                    line.push_str(&BetId(*id).to_string());
                    line.push('"');
                }
                Cell::Text(text) => line.push_str(&serde_json::to_string(text.as_ref())?),
            }
        }
        line.push_str("}\n");
        Ok(out.write_all(line.as_bytes())?)
    })
}
