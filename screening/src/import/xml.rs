//! A strict reader of XML lists: a root, sections in it, records in a section.
//!
//! It understands elements and text and nothing else. A document type, and with it every defined or
//! external entity, is refused where it stands; so no bomb can grow and nothing can be fetched.
//! Comments and instructions are passed over. Memory is that of one record.

use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::source::Source;
use super::{ImportError, ImportReason};
use crate::limits::{XML_DEPTH_MAX, XML_PIECE_BYTES_MAX, XML_TEXT_BYTES_MAX};

/// Elements of one record; the richest known has some six hundred.
const ELEMENTS_PER_RECORD_MAX: usize = 8_192;

/// Depth at which records stand: root, section, record.
const RECORD_DEPTH: usize = 3;

/// An element with its own text and the elements in it.
#[derive(Debug, Default)]
pub struct Element {
    pub name: String,
    /// The line of its opening.
    pub line: u64,
    pub text: String,
    pub children: Vec<Element>,
}

impl Element {
    /// The elements of this name in it.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the first element of this name, without blanks around it, or nothing.
    pub fn text_of(&self, name: &str) -> &str {
        self.children.iter().find(|child| child.name == name).map_or("", |child| child.text.trim())
    }
}

/// What the reader hands over.
#[derive(Debug)]
pub enum Step {
    /// The root was opened: its name and its attributes.
    Root(String, Vec<(String, String)>),
    /// A section was opened.
    Section(String),
    /// A record is complete.
    Record(Element),
    /// The root was closed and nothing follows.
    End,
}

/// Reads step by step.
pub struct Records<R: BufRead> {
    reader: Reader<Source<R>>,
    buffer: Vec<u8>,
    /// Elements that are open, the root first.
    open: Vec<Element>,
    elements: usize,
    closed: bool,
}

impl<R: BufRead> Records<R> {
    pub fn new(source: Source<R>) -> Records<R> {
        let reader = Reader::from_reader(source);
        Records { reader, buffer: Vec::new(), open: Vec::new(), elements: 0, closed: false }
    }

    /// The line that was read last.
    pub fn line(&self) -> u64 {
        self.reader.get_ref().line()
    }

    /// SHA-256 of the file, once it was read to its end.
    pub fn digest(self) -> [u8; 32] {
        self.reader.into_inner().digest()
    }

    fn error(&self, reason: ImportReason) -> ImportError {
        ImportError::new(self.line(), reason)
    }

    /// The next step.
    pub fn next(&mut self) -> Result<Step, ImportError> {
        loop {
            self.buffer.clear();
            let mut buffer = std::mem::take(&mut self.buffer);
            let event = self.reader.read_event_into(&mut buffer);
            let step = match event {
                Ok(event) => self.step(event),
                Err(error) => Err(self.failure(error)),
            };
            self.buffer = buffer;
            if XML_PIECE_BYTES_MAX < self.buffer.capacity() {
                return Err(self.error(ImportReason::Text));
            }
            if let Some(step) = step? {
                return Ok(step);
            }
        }
    }

    fn step(&mut self, event: Event<'_>) -> Result<Option<Step>, ImportError> {
        match event {
            Event::Start(start) => self.enter(&start),
            Event::Empty(start) => {
                let step = self.enter(&start)?;
                Ok(step.or(self.leave()?))
            }
            Event::End(_) => self.leave(),
            Event::Text(text) => self.put(&text.xml10_content()),
            Event::CData(text) => self.put(&text.xml10_content()),
            Event::GeneralRef(reference) => {
                let letter = match reference.resolve_char_ref() {
                    Ok(Some(letter)) => letter,
                    Ok(None) => match reference.xml10_content().as_ref() {
                        "amp" => '&',
                        "lt" => '<',
                        "gt" => '>',
                        "quot" => '"',
                        "apos" => '\'',
                        _ => return Err(self.error(ImportReason::Entity)),
                    },
                    Err(_) => return Err(self.error(ImportReason::Entity)),
                };
                self.put(letter.encode_utf8(&mut [0; 4]))
            }
            Event::DocType(_) => Err(self.error(ImportReason::DocumentType)),
            Event::Decl(declaration) => match declaration.encoding() {
                None => Ok(None),
                Some(Ok(name)) if name.eq_ignore_ascii_case("utf-8") => Ok(None),
                Some(_) => Err(self.error(ImportReason::Encoding)),
            },
            Event::Comment(_) | Event::PI(_) => Ok(None),
            Event::Eof if self.closed => Ok(Some(Step::End)),
            Event::Eof => Err(self.error(ImportReason::Truncated)),
        }
    }

    fn enter(&mut self, start: &BytesStart<'_>) -> Result<Option<Step>, ImportError> {
        if self.closed {
            return Err(self.error(ImportReason::NotWellFormed));
        }
        if self.open.len() == XML_DEPTH_MAX || self.elements == ELEMENTS_PER_RECORD_MAX {
            return Err(self.error(ImportReason::Depth));
        }
        let name = start.local_name().into_inner().to_owned();
        let element = Element { name: name.clone(), line: self.line(), ..Element::default() };
        self.open.push(element);
        self.elements += 1;
        match self.open.len() {
            1 => {
                let mut attributes = Vec::new();
                for attribute in start.attributes() {
                    let attribute =
                        attribute.map_err(|_| self.error(ImportReason::NotWellFormed))?;
                    let key = attribute.key.local_name().into_inner().to_owned();
                    attributes.push((key, attribute.value.into_owned()));
                }
                Ok(Some(Step::Root(name, attributes)))
            }
            2 => Ok(Some(Step::Section(name))),
            _ => Ok(None),
        }
    }

    fn leave(&mut self) -> Result<Option<Step>, ImportError> {
        let Some(element) = self.open.pop() else {
            return Err(self.error(ImportReason::NotWellFormed));
        };
        match self.open.len() + 1 {
            1 => {
                self.closed = true;
                Ok(None)
            }
            RECORD_DEPTH => {
                self.elements = self.open.len();
                Ok(Some(Step::Record(element)))
            }
            depth => {
                // Sections keep nothing of what was in them.
                if RECORD_DEPTH < depth
                    && let Some(parent) = self.open.last_mut()
                {
                    parent.children.push(element);
                }
                Ok(None)
            }
        }
    }

    fn put(&mut self, text: &str) -> Result<Option<Step>, ImportError> {
        let blank = text.chars().all(char::is_whitespace);
        if self.open.len() < RECORD_DEPTH {
            return if blank { Ok(None) } else { Err(self.error(ImportReason::NotWellFormed)) };
        }
        let Some(element) = self.open.last_mut() else { return Ok(None) };
        element.text.push_str(text);
        if XML_TEXT_BYTES_MAX < element.text.len() {
            return Err(self.error(ImportReason::Text));
        }
        Ok(None)
    }

    fn failure(&self, error: quick_xml::Error) -> ImportError {
        use quick_xml::Error as Xml;
        let source = self.reader.get_ref();
        match error {
            Xml::Io(_) if source.is_over() => self.error(ImportReason::TooLong),
            Xml::Io(error) => source.failure(std::io::Error::new(error.kind(), error)),
            Xml::Encoding(_) => self.error(ImportReason::Encoding),
            Xml::Syntax(_) if self.ended() => self.error(ImportReason::Truncated),
            Xml::Escape(_) => self.error(ImportReason::Entity),
            Xml::Syntax(_) | Xml::IllFormed(_) | Xml::InvalidAttr(_) | Xml::Namespace(_) => {
                self.error(ImportReason::NotWellFormed)
            }
        }
    }

    /// The grammar's complaints are about pieces without an end, which is how a cut file looks.
    fn ended(&self) -> bool {
        !self.closed && !self.open.is_empty()
    }
}
