//! What a page shows, apart from how it looks: blocks that the templates lay out.

use serde::Serialize;

/// A page.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Doc {
    /// The heading.
    pub title: String,
    /// The main finding, one sentence.
    pub finding: Option<String>,
    /// The entry up to which it speaks, ready to print.
    pub as_of: String,
    /// Whether the views lag behind the journal.
    pub lag: Option<String>,
    /// Planned works that are on or near.
    pub works: Vec<String>,
    /// Whether it is made for paper.
    pub print: bool,
    /// Whether it is kept as fresh as the journal while it is open.
    pub live: bool,
    /// What follows.
    pub blocks: Vec<Block>,
}

/// A part of a page.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Block {
    /// Figures with what they are compared with.
    Tiles {
        /// Three or four.
        tiles: Vec<Tile>,
    },
    /// A chart with the table of its figures.
    Chart(Box<Chart>),
    /// A table.
    Table(Box<Table>),
    /// Labels with values.
    Facts {
        /// The name of the list.
        title: String,
        /// Label and value.
        rows: Vec<(String, Cell)>,
    },
    /// What happened, in order.
    Story {
        /// The name of the list.
        title: String,
        /// One line for each fact.
        lines: Vec<StoryLine>,
    },
    /// The form that narrows a register.
    Filter(Box<Filter>),
    /// A sentence that is to be seen.
    Notice {
        /// `info`, `warn`, `bad` or `good`.
        level: &'static str,
        /// The sentence.
        text: String,
        /// Where to go from here: words and addresses.
        links: Vec<(String, String)>,
    },
    /// The form that takes a register's rows out.
    Export {
        /// Where it is sent.
        action: String,
        /// Where it is sent for a page to print.
        print: String,
        /// The question, as hidden fields.
        fields: Vec<(String, String)>,
    },
    /// A form that changes something, or asks for a reason.
    Form(Box<Form>),
    /// A form of one button.
    Button {
        /// Where it is sent.
        action: String,
        /// What it says.
        button: String,
    },
    /// A day to look at.
    OnDay {
        /// The day, as a form has it.
        value: String,
        /// The label.
        label: String,
    },
}

/// A figure.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Tile {
    /// What it counts.
    pub name: String,
    /// The records behind it.
    pub href: String,
    /// The figure, short.
    pub figure: String,
    /// The figure, exact.
    pub exact: String,
    /// What it is compared with, and what follows.
    pub note: String,
    /// `good`, `warn`, `bad` or nothing.
    pub state: &'static str,
    /// A small chart.
    pub spark: Option<String>,
}

/// A chart.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Chart {
    /// The finding or the question.
    pub title: String,
    /// Measure, period, unit.
    pub subtitle: String,
    /// The drawing: made here, with every text escaped.
    pub svg: String,
    /// The same figures.
    pub table: Table,
    /// Whether it takes the width of the page.
    pub wide: bool,
}

/// A table.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Table {
    /// A number that tells tables of a page apart.
    pub id: String,
    /// What it lists.
    pub caption: String,
    /// The heads.
    pub heads: Vec<Head>,
    /// The sums, under the heads.
    pub total: Option<Vec<Cell>>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
    /// What is said where there is none.
    pub empty: String,
    /// The next page.
    pub next: Option<String>,
    /// The first page, where this is a later one.
    pub first: Option<String>,
}

/// A head of a column.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Head {
    /// Its words.
    pub text: String,
    /// Whether numbers stand under it.
    pub number: bool,
    /// Where a click sorts.
    pub sort: Option<String>,
    /// `ascending` or `descending` where it is sorted.
    pub sorted: Option<&'static str>,
}

/// A cell, or a value in a list.
#[derive(Clone, Debug, Default, Serialize, PartialEq, Eq)]
pub struct Cell {
    /// Its text.
    pub text: String,
    /// Where it leads.
    pub href: Option<String>,
    /// Whether it is a number.
    pub number: bool,
    /// `good`, `warn`, `bad`, `info`, `wait` or `none`, where it is a state.
    pub state: Option<&'static str>,
    /// Whether it is an id or a hash.
    pub code: bool,
}

impl Cell {
    /// Plain text.
    pub fn text(text: impl Into<String>) -> Cell {
        Cell { text: text.into(), ..Cell::default() }
    }

    /// A number.
    pub fn number(text: impl Into<String>) -> Cell {
        Cell { text: text.into(), number: true, ..Cell::default() }
    }

    /// A state: shape, word and colour.
    pub fn state(state: &'static str, text: impl Into<String>) -> Cell {
        Cell { text: text.into(), state: Some(state), ..Cell::default() }
    }

    /// An id or a hash.
    pub fn code(text: impl Into<String>) -> Cell {
        Cell { text: text.into(), code: true, ..Cell::default() }
    }

    /// The same, leading somewhere.
    pub fn to(self, href: impl Into<String>) -> Cell {
        Cell { href: Some(href.into()), ..self }
    }
}

impl Head {
    /// A head of text.
    pub fn text(text: impl Into<String>) -> Head {
        Head { text: text.into(), ..Head::default() }
    }

    /// A head of numbers.
    pub fn number(text: impl Into<String>) -> Head {
        Head { text: text.into(), number: true, ..Head::default() }
    }
}

/// A fact in a story.
#[derive(Clone, Debug, Default, Serialize)]
pub struct StoryLine {
    /// When, exactly.
    pub at: String,
    /// What happened.
    pub what: String,
    /// What it moved.
    pub sum: Option<String>,
    /// Lines under it.
    pub notes: Vec<String>,
    /// The entry, and where it leads.
    pub entry: Cell,
    /// How long nothing happened before it.
    pub gap: Option<String>,
    /// `late`, `bad` or nothing.
    pub mark: &'static str,
}

/// A form that changes something, or asks for a reason.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Form {
    /// What it is for.
    pub title: String,
    /// Where it is sent.
    pub action: String,
    /// What it says by itself.
    pub hidden: Vec<(&'static str, String)>,
    /// Its fields.
    pub fields: Vec<Field>,
    /// What its button says.
    pub button: String,
    /// What follows of it.
    pub note: String,
    /// What is wrong with what was sent.
    pub problem: Option<String>,
    /// Whether it is shown only when it is asked for.
    pub folded: bool,
    /// What tells its fields from those of another such form on the page.
    pub id: String,
}

/// A field of such a form: one of its options, or a text of so many characters.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its label.
    pub label: String,
    /// Values and words.
    pub options: Vec<(String, String)>,
    /// Characters of a text.
    pub max: usize,
    /// What kind of text it is, where a browser helps to enter it.
    pub input: &'static str,
    /// What it holds at first.
    pub value: String,
    /// Whether it may stay empty.
    pub optional: bool,
}

/// The form that narrows a register.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Filter {
    /// The path.
    pub action: String,
    /// Its fields.
    pub fields: Vec<FilterField>,
    /// What is narrowed by now: words, and the address without it.
    pub chips: Vec<(String, String)>,
    /// The address without any.
    pub clear: String,
    /// What is wrong with a field.
    pub errors: Vec<(String, String)>,
}

/// A field of the form.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FilterField {
    /// Its name.
    pub name: String,
    /// Its label.
    pub label: String,
    /// `date`, `text`, `number` or `select`.
    pub input: &'static str,
    /// What it holds.
    pub value: String,
    /// Of a select, values and words.
    pub options: Vec<(String, String)>,
}
