//! The limits of the room, with their reasons.

/// Numbers of one set: the largest register is some four million people (core 19), and a quarter
/// more leaves room to grow. The serials of so many are 10 MB.
pub const NUMBERS_MAX: usize = 5_000_000;

/// Bytes of a file of numbers that is read: five million rows of at most 100 bytes.
pub const NUMBERS_FILE_BYTES_MAX: u64 = 512 << 20;

/// Bytes of one row of a file of numbers. A row has 12 digits, a word and a date.
pub const ROW_BYTES_MAX: usize = 512;

/// Bytes of a list in XML. The list of the United Nations has 2 MB, that of financial monitoring
/// less than one.
pub const XML_BYTES_MAX: u64 = 64 << 20;

/// Elements that stand within each other; the lists known use seven.
pub const XML_DEPTH_MAX: usize = 16;

/// Bytes of the text of one element: the longest remark of the list of the United Nations is 4 KB.
pub const XML_TEXT_BYTES_MAX: usize = 64 << 10;

/// Bytes of one piece between two marks. More is not a list but an attack on memory.
pub const XML_PIECE_BYTES_MAX: usize = 256 << 10;

/// Entries of one list: ten times the largest list of names that is known.
pub const ENTRIES_MAX: usize = 200_000;

/// Names of one entry, aliases among them: the richest entry known has some sixty.
pub const NAMES_PER_ENTRY_MAX: usize = 256;

/// Bytes of one name; a longer one is cut off for matching, never refused.
pub const NAME_BYTES_MAX: usize = 512;

/// Words of one name that are matched. A longer name is the description of an organisation.
pub const WORDS_PER_NAME_MAX: usize = 16;

/// Letters of one word that are matched.
pub const WORD_LETTERS_MAX: usize = 32;

/// Remarks about one list that are kept. A list with more is not read on: it is another form.
pub const REMARKS_MAX: usize = 10_000;

/// Names that a query compares exactly, the best by their shared letters.
pub const CANDIDATES_MAX: usize = 160;
