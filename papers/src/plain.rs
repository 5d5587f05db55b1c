//! Rows for programs, line by line: CSV (RFC 4180) and NDJSON.
//!
//! A line is made of nothing but its cells, so that the same rows give the same bytes on every
//! machine.

use reports::{Cell, Column};
use terms::BetId;

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A header, then a line a row; an empty cell is empty, a text is quoted where it must be.
    Csv,
    /// One object a line, its fields in the order of the columns.
    Ndjson,
}

impl Form {
    /// Both.
    pub const ALL: [Form; 2] = [Form::Csv, Form::Ndjson];

    /// What the name of a file ends in.
    pub const fn ending(self) -> &'static str {
        match self {
            Form::Csv => "csv",
            Form::Ndjson => "ndjson",
        }
    }

    /// The media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Form::Csv => "text/csv; charset=utf-8; header=present",
            Form::Ndjson => "application/x-ndjson",
        }
    }
}

/// Makes lines of one table.
#[derive(Clone, Debug)]
pub struct Lines {
    form: Form,
    /// Of NDJSON, each name as JSON with its colon.
    names: Vec<String>,
}

impl Lines {
    /// For these columns.
    pub fn of(columns: &[Column], form: Form) -> Lines {
        let name = |column: &Column| match form {
            Form::Csv => column.name.to_owned(),
            Form::Ndjson => format!("{}:", text_in_json(column.name)),
        };
        Lines { form, names: columns.iter().map(name).collect() }
    }

    /// Appends what stands before the rows.
    pub fn head(&self, out: &mut String) {
        if self.form == Form::Csv {
            out.push_str(&self.names.join(","));
            out.push_str("\r\n");
        }
    }

    /// Appends the line of a row.
    pub fn row(&self, cells: &[Cell], out: &mut String) {
        match self.form {
            Form::Csv => {
                for (index, cell) in cells.iter().enumerate() {
                    if 0 < index {
                        out.push(',');
                    }
                    put(cell, out);
                }
                out.push_str("\r\n");
            }
            Form::Ndjson => {
                for (index, (name, cell)) in self.names.iter().zip(cells).enumerate() {
                    out.push(if index == 0 { '{' } else { ',' });
                    out.push_str(name);
                    put_json(cell, out);
                }
                out.push_str("}\n");
            }
        }
    }
}

fn put(cell: &Cell, line: &mut String) {
    match cell {
        Cell::Null => {}
        Cell::Int(number) => line.push_str(&number.to_string()),
        Cell::Time(at) => line.push_str(&at.to_string()),
        Cell::Bytes(id) => line.push_str(&BetId(*id).to_string()),
        Cell::Text(text) => put_text(text, line),
    }
}

/// A text of CSV, quoted where it must be.
pub(crate) fn put_text(text: &str, line: &mut String) {
    if text.contains([',', '"', '\r', '\n']) {
        line.push('"');
        line.push_str(&text.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(text);
    }
}

fn put_json(cell: &Cell, line: &mut String) {
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
        Cell::Text(text) => line.push_str(&text_in_json(text)),
    }
}

fn text_in_json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use reports::ColumnKind;
    use terms::Instant;

    use super::*;

    #[test]
    fn lines_are_those_of_the_standards() {
        let column = |name, kind| Column { name, kind, optional: true };
        let columns = [
            column("seq", ColumnKind::Int),
            column("note", ColumnKind::Text),
            column("at", ColumnKind::Time),
            column("bet", ColumnKind::Bytes),
        ];
        let rows = [
            [
                Cell::Int(-7),
                Cell::Text("a \"b\", c\n".into()),
                Cell::Time(Instant(1_250_000_000)),
                Cell::Bytes([1; 16]),
            ],
            [Cell::Null, Cell::Text("Қазақ".into()), Cell::Null, Cell::Null],
        ];
        let made = |form| {
            let (lines, mut text) = (Lines::of(&columns, form), String::new());
            lines.head(&mut text);
            rows.iter().for_each(|row| lines.row(row, &mut text));
            text
        };
        assert_eq!(
            made(Form::Csv),
            "seq,note,at,bet\r\n\
             -7,\"a \"\"b\"\", c\n\",1970-01-01T00:00:01.25Z,\
             01010101-0101-0101-0101-010101010101\r\n\
             ,Қазақ,,\r\n"
        );
        assert_eq!(
            made(Form::Ndjson),
            "{\"seq\":-7,\"note\":\"a \\\"b\\\", c\\n\",\"at\":\"1970-01-01T00:00:01.25Z\",\
             \"bet\":\"01010101-0101-0101-0101-010101010101\"}\n\
             {\"seq\":null,\"note\":\"Қазақ\",\"at\":null,\"bet\":null}\n"
        );
    }
}
