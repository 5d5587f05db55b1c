//! Canonical bytes, version 1: the only byte form that is hashed or kept.
//!
//! Unsigned integers are minimal LEB128, signed ones zigzag first; ids and hashes are raw bytes;
//! a string is its length as two big-endian bytes and NFC UTF-8; a list is its length and its
//! items. A record writes its fields in declared order; if it has optional fields, a bitmap of
//! them comes first (bit 0 = the first optional field, little-endian, unused bits zero) and absent
//! ones are left out. There is exactly one byte form of a value: longer forms, trailing bytes and
//! unknown codes are errors, so `decode ∘ encode` and `encode ∘ decode` are both the identity.

use core::fmt;

use unicode_normalization::is_nfc;

/// Why bytes are not a canonical value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The bytes end before the value does.
    Short,
    /// Bytes are left over after the value.
    Trailing,
    /// A longer form than necessary was used.
    NotMinimal,
    /// A number does not fit its type.
    Range,
    /// A code that this version does not know.
    Unknown,
    /// A string that is not NFC UTF-8 or that its type refuses.
    Text,
    /// A value that its type refuses.
    Invalid,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Broken::Short => "the bytes end too early",
            Broken::Trailing => "bytes are left over",
            Broken::NotMinimal => "a number is not in its shortest form",
            Broken::Range => "a number is out of range",
            Broken::Unknown => "an unknown code",
            Broken::Text => "a string is not acceptable",
            Broken::Invalid => "a value is not acceptable",
        })
    }
}

impl core::error::Error for Broken {}

/// A value for display: what `export`, `explain` and golden files print of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// An absent optional field.
    Null,
    /// Yes or no.
    Flag(bool),
    /// A number in the unit that the field's name states.
    Int(i64),
    /// A name from a closed list, or free text.
    Text(String),
    /// Items in order.
    List(Vec<Value>),
    /// Fields in declared order.
    Record(Vec<(&'static str, Value)>),
}

/// Reads canonical bytes from the front.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { rest: bytes }
    }

    /// How many bytes are left.
    pub fn left(&self) -> usize {
        self.rest.len()
    }

    /// The next `n` bytes.
    pub fn take(&mut self, n: usize) -> Result<&'a [u8], Broken> {
        let (head, rest) = self.rest.split_at_checked(n).ok_or(Broken::Short)?;
        self.rest = rest;
        Ok(head)
    }

    /// One byte.
    pub fn byte(&mut self) -> Result<u8, Broken> {
        let (first, rest) = self.rest.split_first().ok_or(Broken::Short)?;
        self.rest = rest;
        Ok(*first)
    }

    /// A minimal LEB128 number.
    pub fn leb(&mut self) -> Result<u64, Broken> {
        let mut value: u64 = 0;
        let mut shift = 0;
        loop {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if 63 < shift || (shift == 63 && 1 < bits) {
                return Err(Broken::Range);
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                if byte == 0 && 0 < shift {
                    return Err(Broken::NotMinimal);
                }
                return Ok(value);
            }
            shift += 7;
        }
    }

    /// Refuses anything that is left.
    pub fn end(&self) -> Result<(), Broken> {
        if self.rest.is_empty() { Ok(()) } else { Err(Broken::Trailing) }
    }
}

/// Appends a minimal LEB128 number.
pub fn put_leb(out: &mut Vec<u8>, mut value: u64) {
    while 0x80 <= value {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Which optional fields of a record are present: the bitmap before its fields. At most 64.
#[derive(Clone, Copy, Debug, Default)]
pub struct Marks {
    bits: u64,
    at: u32,
}

impl Marks {
    /// Notes whether the next optional field is present.
    pub fn push(&mut self, present: bool) {
        self.bits |= u64::from(present) << self.at;
        self.at += 1;
    }

    /// Whether the next optional field is present.
    pub fn take(&mut self) -> bool {
        let present = self.bits >> self.at & 1 == 1;
        self.at += 1;
        present
    }

    /// Appends the bitmap of `optional` fields; nothing if there are none.
    pub fn put(self, out: &mut Vec<u8>, optional: u32) {
        for index in 0..optional.div_ceil(8) {
            out.push((self.bits >> (8 * index)) as u8);
        }
    }

    /// Reads the bitmap of `optional` fields.
    pub fn read(from: &mut Reader<'_>, optional: u32) -> Result<Self, Broken> {
        let mut bits = 0;
        for index in 0..optional.div_ceil(8) {
            bits |= u64::from(from.byte()?) << (8 * index);
        }
        if optional < 64 && bits >> optional != 0 {
            return Err(Broken::Invalid);
        }
        Ok(Marks { bits, at: 0 })
    }
}

/// A value with one canonical byte form.
pub trait Field: Sized {
    /// Whether a record marks the field's presence in its bitmap.
    const OPTIONAL: bool = false;

    /// The name of the form in `docs/journal-format.md`.
    fn shape() -> String;

    /// The fields of a record in order, name and form; nothing for other values.
    fn fields() -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Appends the bytes.
    fn put(&self, out: &mut Vec<u8>);

    /// Reads the bytes that [`Field::put`] wrote, and nothing else.
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken>;

    /// The value for display.
    fn value(&self) -> Value;

    /// Whether the field is absent; only options ever are.
    fn absent(&self) -> bool {
        false
    }

    /// The absent value; only options have one.
    fn none() -> Result<Self, Broken> {
        Err(Broken::Invalid)
    }

    /// The bytes alone.
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.put(&mut out);
        out
    }

    /// Reads bytes that hold this value and nothing after it.
    fn from_bytes(bytes: &[u8]) -> Result<Self, Broken> {
        let mut from = Reader::new(bytes);
        let value = Self::read(&mut from)?;
        from.end()?;
        Ok(value)
    }
}

macro_rules! unsigned {
    ($($t:ty),*) => { $(
        impl Field for $t {
            fn shape() -> String {
                stringify!($t).into()
            }
            fn put(&self, out: &mut Vec<u8>) {
                put_leb(out, u64::from(*self));
            }
            fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
                <$t>::try_from(from.leb()?).map_err(|_| Broken::Range)
            }
            fn value(&self) -> Value {
                i64::try_from(*self).map_or_else(|_| Value::Text(self.to_string()), Value::Int)
            }
        }
    )* };
}
unsigned!(u8, u16, u32, u64);

impl Field for i64 {
    fn shape() -> String {
        "i64".into()
    }
    fn put(&self, out: &mut Vec<u8>) {
        put_leb(out, ((*self << 1) ^ (*self >> 63)) as u64);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let raw = from.leb()?;
        Ok((raw >> 1) as i64 ^ -((raw & 1) as i64))
    }
    fn value(&self) -> Value {
        Value::Int(*self)
    }
}

impl Field for bool {
    fn shape() -> String {
        "bool".into()
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        match from.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Broken::Invalid),
        }
    }
    fn value(&self) -> Value {
        Value::Flag(*self)
    }
}

impl<const N: usize> Field for [u8; N] {
    fn shape() -> String {
        format!("bytes{N}")
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(from.take(N)?);
        Ok(bytes)
    }
    fn value(&self) -> Value {
        Value::Text(hex(self))
    }
}

impl<T: Field> Field for Option<T> {
    const OPTIONAL: bool = true;
    fn shape() -> String {
        format!("{}?", T::shape())
    }
    fn put(&self, out: &mut Vec<u8>) {
        if let Some(value) = self {
            value.put(out);
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        T::read(from).map(Some)
    }
    fn value(&self) -> Value {
        self.as_ref().map_or(Value::Null, Field::value)
    }
    fn absent(&self) -> bool {
        self.is_none()
    }
    fn none() -> Result<Self, Broken> {
        Ok(None)
    }
}

impl<T: Field> Field for Vec<T> {
    fn shape() -> String {
        format!("list of {}", T::shape())
    }
    fn put(&self, out: &mut Vec<u8>) {
        // The bitmap of a record says which options are there; a list has none.
        const { assert!(!T::OPTIONAL, "an absent item of a list would leave no trace") };
        put_leb(out, self.len() as u64);
        for item in self {
            item.put(out);
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let count = usize::try_from(from.leb()?).map_err(|_| Broken::Range)?;
        // Every item takes at least one byte, so a lying count cannot reserve memory.
        if from.left() < count {
            return Err(Broken::Short);
        }
        let mut items = Vec::with_capacity(count);
        for _ in 0..count {
            items.push(T::read(from)?);
        }
        Ok(items)
    }
    fn value(&self) -> Value {
        Value::List(self.iter().map(Field::value).collect())
    }
}

impl<T: Field> Field for std::collections::VecDeque<T> {
    fn shape() -> String {
        Vec::<T>::shape()
    }
    fn put(&self, out: &mut Vec<u8>) {
        put_leb(out, self.len() as u64);
        for item in self {
            item.put(out);
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        Vec::read(from).map(Self::from)
    }
    fn value(&self) -> Value {
        Value::List(self.iter().map(Field::value).collect())
    }
}

impl<T: Field> Field for Box<T> {
    const OPTIONAL: bool = T::OPTIONAL;
    fn shape() -> String {
        T::shape()
    }
    fn put(&self, out: &mut Vec<u8>) {
        (**self).put(out);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        T::read(from).map(Box::new)
    }
    fn value(&self) -> Value {
        (**self).value()
    }
    fn absent(&self) -> bool {
        (**self).absent()
    }
    fn none() -> Result<Self, Broken> {
        T::none().map(Box::new)
    }
}

/// Takes bytes off the front of a growing buffer, so that a large state is never whole in memory.
pub type Spill<'a> = &'a mut dyn FnMut(&mut Vec<u8>);

/// Appends a list as `Vec` does, and lets `spill` work after each item.
pub fn put_list<'a, T: Field + 'a>(
    out: &mut Vec<u8>,
    spill: Spill<'_>,
    count: usize,
    items: impl Iterator<Item = &'a T>,
) {
    put_leb(out, count as u64);
    for item in items {
        item.put(out);
        spill(out);
    }
}

/// Appends a text: its length in bytes as u16, most significant first, then its bytes. Whoever
/// calls holds it to at most `u16::MAX` bytes.
pub fn put_text(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(&(text.len() as u16).to_be_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// Reads what [`put_text`] wrote: in NFC, without white space around it.
pub fn read_text<'a>(from: &mut Reader<'a>) -> Result<&'a str, Broken> {
    let length = from.take(2)?;
    let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
    let text = core::str::from_utf8(from.take(length)?).map_err(|_| Broken::Text)?;
    if is_nfc(text) && text.trim() == text { Ok(text) } else { Err(Broken::Text) }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(DIGITS[usize::from(byte >> 4)] as char);
        text.push(DIGITS[usize::from(byte & 15)] as char);
    }
    text
}

/// Bytes from hexadecimal of either case.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.bytes().map(|b| (b as char).to_digit(16).map(|d| d as u8)).collect();
    let digits = digits?;
    if digits.len() % 2 != 0 {
        return None;
    }
    Some(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// Declares a record: the struct, its one byte form, and its display, from one list of fields,
/// so that the three cannot drift apart (`docs/decisions/0002-record-macro.md`).
#[macro_export]
macro_rules! record {
    ($(#[$meta:meta])* pub struct $name:ident {
        $( $(#[$fmeta:meta])* pub $field:ident : $type:ty ),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name { $( $(#[$fmeta])* pub $field: $type ),* }

        impl $crate::codec::Field for $name {
            fn shape() -> String {
                stringify!($name).into()
            }
            fn fields() -> Vec<(&'static str, String)> {
                vec![ $( (stringify!($field), <$type as $crate::codec::Field>::shape()) ),* ]
            }
            fn put(&self, out: &mut Vec<u8>) {
                const OPTIONAL: u32 =
                    0 $( + <$type as $crate::codec::Field>::OPTIONAL as u32 )*;
                let mut marks = $crate::codec::Marks::default();
                $( if <$type as $crate::codec::Field>::OPTIONAL {
                    marks.push(!$crate::codec::Field::absent(&self.$field));
                } )*
                marks.put(out, OPTIONAL);
                $( $crate::codec::Field::put(&self.$field, out); )*
            }
            fn read(from: &mut $crate::codec::Reader<'_>) -> Result<Self, $crate::codec::Broken> {
                const OPTIONAL: u32 =
                    0 $( + <$type as $crate::codec::Field>::OPTIONAL as u32 )*;
                let mut marks = $crate::codec::Marks::read(from, OPTIONAL)?;
                Ok($name { $( $field:
                    if <$type as $crate::codec::Field>::OPTIONAL && !marks.take() {
                        <$type as $crate::codec::Field>::none()?
                    } else {
                        <$type as $crate::codec::Field>::read(from)?
                    }
                ),* })
            }
            fn value(&self) -> $crate::codec::Value {
                $crate::codec::Value::Record(vec![
                    $( (stringify!($field), $crate::codec::Field::value(&self.$field)) ),*
                ])
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    record! {
        /// A record with every kind of field.
        pub struct Sample {
            /// A number.
            pub a: u64,
            /// Absent or not.
            pub b: Option<i64>,
            /// A list.
            pub c: Vec<u32>,
            /// Absent or not.
            pub d: Option<bool>,
        }
    }

    fn check(sample: Sample, bytes: &[u8]) {
        assert_eq!(sample.to_bytes(), bytes, "{sample:?}");
        assert_eq!(Sample::from_bytes(bytes), Ok(sample));
    }

    #[test]
    fn one_form_both_ways() {
        check(Sample { a: 0, b: None, c: vec![], d: None }, &[0, 0, 0]);
        check(
            Sample { a: 300, b: Some(-1), c: vec![1, 128], d: Some(true) },
            &[3, 0xac, 2, 1, 2, 1, 0x80, 1, 1],
        );
    }

    #[test]
    fn other_forms_are_refused() {
        let bad: [(&[u8], Broken); 7] = [
            (&[0, 0x80, 0, 0], Broken::NotMinimal),
            (&[4, 0, 0], Broken::Invalid),
            (&[0, 0, 0, 0], Broken::Trailing),
            (&[0, 0], Broken::Short),
            (&[0, 0, 9], Broken::Short),
            (&[2, 0, 0, 2], Broken::Invalid),
            (&[0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0], Broken::Range),
        ];
        for (bytes, why) in bad {
            assert_eq!(Sample::from_bytes(bytes), Err(why), "{bytes:?}");
        }
    }

    #[test]
    fn extremes_of_signed_numbers() {
        for n in [0, -1, 1, i64::MIN, i64::MAX, -64, 63, 64] {
            assert_eq!(i64::from_bytes(&n.to_bytes()), Ok(n));
        }
        assert_eq!(unhex(&hex(&[0, 255, 16])), Some(vec![0, 255, 16]));
        assert_eq!(unhex("0"), None);
    }
}
