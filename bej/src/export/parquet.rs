//! Tables as Parquet, with a manifest beside the file (core 25).
//!
//! Numbers and sums are INT64, times INT64 nanoseconds of UTC, ids 16 bytes, texts UTF-8. The
//! manifest names the columns' version, the entries that the rows speak of, the root and size of
//! the journal that they come from, and the file's SHA-256.

use std::fs::File;
use std::io::{BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, FixedLenByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};
use reports::{Cell, Column, ColumnKind, Table};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use store::Head;

use super::rows::Rows;

/// Rows of one row group: some ten megabytes in memory.
const GROUP_ROWS: usize = 65_536;

/// Writes a table and its manifest.
pub fn write(mut rows: Rows, path: &Path) -> anyhow::Result<()> {
    let (table, head) = (rows.table(), rows.head());
    let mut writer = Writer::new(table, path)?;
    rows.each(&mut |cells| writer.take(cells))?;
    let made =
        Made { table, rows: writer.finish()?, first: 0, last: head.next_seq.checked_sub(1), head };
    put_manifest(&manifest(&made, path, path)?, &manifest_path(path))
}

/// A file that grows row by row.
pub struct Writer<'a> {
    table: Table,
    path: &'a Path,
    file: SerializedFileWriter<BufWriter<File>>,
    columns: Vec<Vec<Cell>>,
    written: u64,
}

impl<'a> Writer<'a> {
    /// Makes the file, which must not be there.
    pub fn new(table: Table, path: &'a Path) -> anyhow::Result<Writer<'a>> {
        let file = BufWriter::new(super::create(path)?);
        let properties = Arc::new(WriterProperties::builder().build());
        let file = SerializedFileWriter::new(file, schema(table)?, properties)?;
        let columns = table.columns().iter().map(|_| Vec::new()).collect();
        Ok(Writer { table, path, file, columns, written: 0 })
    }

    /// Adds a row.
    pub fn take(&mut self, cells: &[Cell]) -> anyhow::Result<()> {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.push(cell.clone());
        }
        self.written += 1;
        if self.columns.first().is_some_and(|column| GROUP_ROWS <= column.len()) {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        let mut group = self.file.next_row_group()?;
        put_group(self.table, &mut self.columns, &mut group)?;
        group.close()?;
        Ok(())
    }

    /// Ends the file and makes it durable; returns how many rows it has.
    pub fn finish(mut self) -> anyhow::Result<u64> {
        if self.columns.first().is_some_and(|column| !column.is_empty()) {
            self.flush()?;
        }
        let file = self.file.into_inner()?.into_inner().map_err(|error| error.into_error())?;
        file.sync_all().with_context(|| format!("{} could not be written", self.path.display()))?;
        Ok(self.written)
    }
}

fn schema(table: Table) -> anyhow::Result<TypePtr> {
    let fields = table.columns().iter().map(field).collect::<Result<Vec<_>, _>>()?;
    Ok(Arc::new(Type::group_type_builder(table.name()).with_fields(fields).build()?))
}

fn field(column: &Column) -> Result<TypePtr, parquet::errors::ParquetError> {
    let (physical, logical, length) = match column.kind {
        ColumnKind::Int => (Physical::INT64, None, -1),
        ColumnKind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String), -1),
        ColumnKind::Time => {
            let unit = TimeUnit::NANOS;
            (Physical::INT64, Some(LogicalType::timestamp(true, unit)), -1)
        }
        ColumnKind::Bytes => (Physical::FIXED_LEN_BYTE_ARRAY, Some(LogicalType::Uuid), 16),
    };
    let repetition = if column.optional { Repetition::OPTIONAL } else { Repetition::REQUIRED };
    Type::primitive_type_builder(column.name, physical)
        .with_repetition(repetition)
        .with_logical_type(logical)
        .with_length(length)
        .build()
        .map(Arc::new)
}

/// Writes the gathered rows as one row group and forgets them.
fn put_group<W: std::io::Write + Send>(
    table: Table,
    columns: &mut [Vec<Cell>],
    group: &mut SerializedRowGroupWriter<'_, W>,
) -> anyhow::Result<()> {
    for (column, cells) in table.columns().iter().zip(columns) {
        let Some(mut writer) = group.next_column()? else {
            anyhow::bail!("the file has fewer columns than the table")
        };
        // A present value has level 1 where the column is optional.
        let levels: Vec<i16> =
            cells.iter().map(|cell| i16::from(!matches!(cell, Cell::Null))).collect();
        let levels = column.optional.then_some(&levels[..]);
        match column.kind {
            ColumnKind::Int | ColumnKind::Time => {
                let values: Vec<i64> = cells.iter().filter_map(number).collect();
                writer.typed::<Int64Type>().write_batch(&values, levels, None)?;
            }
            ColumnKind::Text => {
                let values: Vec<ByteArray> = cells.iter().filter_map(text).collect();
                writer.typed::<ByteArrayType>().write_batch(&values, levels, None)?;
            }
            ColumnKind::Bytes => {
                let values: Vec<_> = cells.iter().filter_map(bytes).map(Into::into).collect();
                writer.typed::<FixedLenByteArrayType>().write_batch(&values, levels, None)?;
            }
        }
        writer.close()?;
        cells.clear();
    }
    Ok(())
}

fn number(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Int(number) => Some(*number),
        Cell::Time(at) => Some(at.0),
        Cell::Null | Cell::Text(_) | Cell::Bytes(_) => None,
    }
}

fn text(cell: &Cell) -> Option<ByteArray> {
    match cell {
        Cell::Text(text) => Some(ByteArray::from(text.as_ref())),
        Cell::Null | Cell::Int(_) | Cell::Time(_) | Cell::Bytes(_) => None,
    }
}

fn bytes(cell: &Cell) -> Option<ByteArray> {
    match cell {
        Cell::Bytes(id) => Some(ByteArray::from(id.to_vec())),
        Cell::Null | Cell::Int(_) | Cell::Time(_) | Cell::Text(_) => None,
    }
}

/// The name of a file's manifest.
pub fn manifest_path(path: &Path) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(".manifest.json");
    name.into()
}

/// What a file was made of.
pub struct Made {
    /// The table.
    pub table: Table,
    /// How many rows it has.
    pub rows: u64,
    /// The first entry that it speaks of.
    pub first: u64,
    /// The last one; none if the journal is empty.
    pub last: Option<u64>,
    /// The journal's head at that time.
    pub head: Head,
}

/// The manifest of the file at `path`, which is or will be called like `named`.
pub fn manifest(made: &Made, path: &Path, named: &Path) -> anyhow::Result<serde_json::Value> {
    Ok(json!({
        "table": made.table.name(),
        "schema_version": Table::VERSION,
        "columns": made.table.columns().iter().map(|column| column.name).collect::<Vec<_>>(),
        "rows": made.rows,
        "first_seq": made.first,
        "last_seq": made.last,
        "root": made.head.root.to_string(),
        "size": made.head.next_seq,
        "file": named.file_name().map(|name| name.to_string_lossy()),
        "sha256": sha256(path)?,
    }))
}

/// Writes a manifest to a file that must not be there, and makes it durable.
pub fn put_manifest(manifest: &serde_json::Value, path: &Path) -> anyhow::Result<()> {
    let mut file = super::create(path)?;
    serde_json::to_writer_pretty(&mut file, manifest)?;
    file.write_all(b"\n")?;
    file.sync_all().with_context(|| format!("{} could not be written", path.display()))
}

/// The SHA-256 of a file, in hex.
pub fn sha256(path: &Path) -> anyhow::Result<String> {
    let reading = || format!("{} could not be read", path.display());
    let mut file = File::open(path).with_context(reading)?;
    let (mut hasher, mut buffer) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        let read = file.read(&mut buffer).with_context(reading)?;
        if read == 0 {
            return Ok(terms::codec::hex(&hasher.finalize()));
        }
        hasher.update(&buffer[..read]);
    }
}
