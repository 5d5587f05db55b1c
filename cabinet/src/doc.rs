//! What a page shows, apart from how it looks: blocks that the template lays out, one under the
//! other.

use serde::Serialize;

/// A page.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Doc {
    /// The heading.
    pub title: String,
    /// What stands before the heading in the window's title: an error, a step.
    pub mark: String,
    /// One sentence under the heading.
    pub lead: Option<String>,
    /// The entry up to which its figures speak, ready to print.
    pub as_of: Option<String>,
    /// Whether the page asks for itself every so many seconds: it waits for somebody else.
    pub refresh: Option<u32>,
    /// What follows.
    pub blocks: Vec<Block>,
}

/// A part of a page.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Block {
    /// A sentence that is to be seen.
    Notice {
        /// `info`, `warn`, `bad` or `good`.
        level: &'static str,
        /// The sentence.
        text: String,
        /// Where to go from here.
        links: Vec<Link>,
    },
    /// The one large figure of a page.
    Figure {
        /// What it counts.
        label: String,
        /// The figure.
        figure: String,
        /// What is behind it.
        href: Option<String>,
        /// What belongs to it.
        note: String,
    },
    /// Things one under the other, each a link to its page.
    Rows {
        /// The name of the list.
        title: String,
        /// The things.
        rows: Vec<Row>,
        /// Where there is more.
        more: Option<Link>,
        /// What is said where there is none.
        empty: String,
    },
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
    /// A form.
    Form(Box<Form>),
    /// Running text.
    Text {
        /// The heading; none if it is empty.
        title: String,
        /// The paragraphs.
        paragraphs: Vec<String>,
    },
    /// What to do, in order.
    Steps {
        /// The heading.
        title: String,
        /// The steps.
        items: Vec<String>,
    },
    /// Where to go: large links.
    Links {
        /// The heading; none if it is empty.
        title: String,
        /// The links.
        links: Vec<Link>,
    },
    /// Text that is unfolded on demand.
    Fold {
        /// What it is about.
        title: String,
        /// The paragraphs.
        paragraphs: Vec<String>,
    },
    /// A QR code with the same link beside it.
    Code {
        /// The drawing.
        svg: String,
        /// What it leads to.
        href: String,
        /// What it says.
        caption: String,
    },
}

/// A link.
#[derive(Clone, Debug, Default, Serialize, PartialEq, Eq)]
pub struct Link {
    /// Its words.
    pub text: String,
    /// Where it leads.
    pub href: String,
    /// What is said beside it.
    pub note: String,
    /// Whether it leads away from here: to a page of a state body.
    pub away: bool,
}

impl Link {
    /// A link of words alone.
    pub fn new(text: impl Into<String>, href: impl Into<String>) -> Link {
        Link { text: text.into(), href: href.into(), ..Link::default() }
    }

    /// The same with a note.
    pub fn noted(self, note: impl Into<String>) -> Link {
        Link { note: note.into(), ..self }
    }
}

/// A thing in a list.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Row {
    /// What it is.
    pub head: String,
    /// Where it leads.
    pub href: String,
    /// What is said under it.
    pub notes: Vec<String>,
    /// The figure at its right.
    pub figure: String,
    /// What stands under the figure: often a state.
    pub state: Option<Cell>,
}

/// A value.
#[derive(Clone, Debug, Default, Serialize, PartialEq, Eq)]
pub struct Cell {
    /// Its text.
    pub text: String,
    /// Where it leads.
    pub href: Option<String>,
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

/// A fact in a story.
#[derive(Clone, Debug, Default, Serialize)]
pub struct StoryLine {
    /// When, exactly.
    pub at: String,
    /// What happened.
    pub what: String,
    /// What it moved.
    pub sum: String,
    /// Lines under it.
    pub notes: Vec<String>,
    /// The entry, and where its proof is.
    pub entry: Cell,
}

/// A form that changes something.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Form {
    /// What it is for; none if the page's heading says so.
    pub title: String,
    /// Where it is sent.
    pub action: String,
    /// What is said before its fields.
    pub intro: Vec<String>,
    /// Whether it brings a file.
    pub upload: bool,
    /// What it says by itself, beside its token and its own id.
    pub hidden: Vec<(&'static str, String)>,
    /// Its fields.
    pub fields: Vec<Input>,
    /// What is wrong with it as a whole.
    pub problem: Option<String>,
    /// Its buttons; of the same size.
    pub buttons: Vec<Button>,
    /// What follows of it.
    pub note: String,
    /// The id of this form, so that sending it twice is doing it once.
    pub id: String,
    /// What tells its fields from those of another form of the page.
    pub key: String,
}

/// A button of a form.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Button {
    /// What it says.
    pub text: String,
    /// What it means, where a form has several.
    pub value: &'static str,
    /// `primary`, `danger` or nothing.
    pub look: &'static str,
}

/// A field of a form.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Input {
    /// Its name.
    pub name: &'static str,
    /// Its label.
    pub label: String,
    /// What helps to fill it.
    pub hint: String,
    /// `text`, `tel`, `password`, `date`, `select`, `radio`, `check` or `file`.
    pub input: &'static str,
    /// What it holds; never a password, a code or a file.
    pub value: String,
    /// Of a choice, values and words.
    pub options: Vec<(String, String)>,
    /// What is wrong with it.
    pub error: Option<String>,
    /// How a browser may fill it.
    pub autocomplete: &'static str,
    /// Which keys a phone shows.
    pub keys: &'static str,
    /// Characters; of a file, the kinds that are taken.
    pub max: usize,
    /// Of a file, what is taken.
    pub accept: &'static str,
    /// Of a file, which camera of a phone is opened.
    pub capture: &'static str,
    /// Whether it may stay empty.
    pub optional: bool,
    /// Whether it is short: a code, a number.
    pub short: bool,
}
