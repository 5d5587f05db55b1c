//! XML as messages use it: no document type, no entities but the five, a bounded tree.
//!
//! Owns the door through which every XML answer comes in ([`Message::parse`]) and the writing of
//! text into messages ([`escape`]). What is refused at the door: document types (and so every
//! entity bomb and every file from outside), more nodes, levels or namespaces than
//! [`crate::limits`] name, anything that is not UTF-8.

use std::borrow::Cow;

use roxmltree::{Document, Node, ParsingOptions};

use crate::error::Error;
use crate::limits::{XML_DEPTH_MAX, XML_NAMESPACES_MAX, XML_NODES_MAX};

/// A message that came through the door.
pub(crate) struct Message<'t>(Document<'t>);

impl<'t> Message<'t> {
    pub fn parse(text: &'t str) -> Result<Message<'t>, Error> {
        if XML_NAMESPACES_MAX < text.matches("xmlns").count() {
            return Err(Error::Malformed("too many namespaces"));
        }
        let options =
            ParsingOptions { allow_dtd: false, nodes_limit: XML_NODES_MAX, entity_resolver: None };
        let document = Document::parse_with_options(text, options)
            .map_err(|_| Error::Malformed("no well-formed XML without a document type"))?;
        if XML_DEPTH_MAX < depth(document.root()) {
            return Err(Error::Malformed("too many levels"));
        }
        Ok(Message(document))
    }

    pub fn root(&self) -> Node<'_, 't> {
        self.0.root_element()
    }

    pub fn document(&self) -> &Document<'t> {
        &self.0
    }
}

/// The levels of a tree, without going down one frame a level.
fn depth(root: Node<'_, '_>) -> usize {
    let (mut node, mut level, mut deepest) = (root, 0, 0);
    loop {
        if let Some(child) = node.first_child() {
            (node, level) = (child, level + 1);
            deepest = deepest.max(level);
            continue;
        }
        loop {
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            match node.parent() {
                Some(parent) => (node, level) = (parent, level - 1),
                None => return deepest,
            }
        }
    }
}

/// The child elements with this local name, in whatever namespace: senders differ in it.
pub(crate) fn children<'a, 'i: 'a>(
    node: Node<'a, 'i>,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |child| child.is_element() && child.tag_name().name() == name)
}

/// The only child element with this name, if there is one; two are refused.
pub(crate) fn maybe<'a, 'i>(
    node: Node<'a, 'i>,
    name: &'static str,
) -> Result<Option<Node<'a, 'i>>, Error> {
    let mut found = children(node, name);
    let first = found.next();
    if found.next().is_some() { Err(Error::Malformed(name)) } else { Ok(first) }
}

/// The only child element with this name.
pub(crate) fn one<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> Result<Node<'a, 'i>, Error> {
    maybe(node, name)?.ok_or(Error::Malformed(name))
}

/// The text of the only child with this name, trimmed; `None` if it is absent or empty.
pub(crate) fn text<'a>(node: Node<'a, '_>, name: &'static str) -> Result<Option<String>, Error> {
    let Some(child) = maybe(node, name)? else { return Ok(None) };
    let text = own_text(child);
    let text = text.trim();
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// The text of the only child with this name, which must not be empty.
pub(crate) fn need(node: Node<'_, '_>, name: &'static str) -> Result<String, Error> {
    text(node, name)?.ok_or(Error::Malformed(name))
}

/// All text directly within an element. A comment may cut it in two; both halves are read, so that
/// what is read is what was signed.
pub(crate) fn own_text(node: Node<'_, '_>) -> String {
    node.children().filter(|child| child.is_text()).filter_map(|child| child.text()).collect()
}

/// `<name>text</name>`, escaped.
pub(crate) fn field(out: &mut String, name: &str, text: &str) {
    out.push('<');
    out.push_str(name);
    out.push('>');
    out.push_str(&escape(text));
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

/// Text as it may stand within an element or an attribute. Characters that XML has no form for
/// become the replacement character.
pub fn escape(text: &str) -> Cow<'_, str> {
    let allowed = |c: char| matches!(c, '\t' | '\n' | ' '..='\u{fffd}' | '\u{10000}'..);
    let plain = |c: char| allowed(c) && !matches!(c, '<' | '>' | '&' | '"' | '\'');
    if text.chars().all(plain) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\r' => out.push_str("&#xD;"),
            c if allowed(c) => out.push(c),
            _ => out.push('\u{fffd}'),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) {
        assert!(matches!(Message::parse(text), Err(Error::Malformed(_))));
    }

    #[test]
    fn the_door_refuses_what_grows() {
        refused("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>");
        refused("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>");
        refused("<a>&x;</a>");
        refused(&format!("{}{}", "<a>".repeat(70), "</a>".repeat(70)));
        refused(&format!("<a>{}</a>", "<b/>".repeat(40_000)));
        let spaces: String = (0..300).map(|n| format!(" xmlns:p{n}='u:{n}'")).collect();
        refused(&format!("<a{spaces}/>"));
        refused("");
        refused("<a>");
        refused("<a></b>");
        let deep = format!("{}{}", "<a>".repeat(60), "</a>".repeat(60));
        assert!(Message::parse(&deep).is_ok());
    }

    #[test]
    fn two_elements_where_one_must_be_are_refused() {
        let message = Message::parse("<a><b>1</b><b>2</b><c> x<!-- y -->z </c></a>").unwrap();
        assert!(one(message.root(), "b").is_err());
        assert_eq!(text(message.root(), "c"), Ok(Some("xz".to_owned())));
        assert_eq!(text(message.root(), "d"), Ok(None));
        assert!(need(message.root(), "d").is_err());
    }

    #[test]
    fn what_is_escaped_is_read_back() {
        for text in ["a", "<&>\"'", "Қ-ұлы", "a\tb\nc", "a\rb", "]]>"] {
            let escaped = escape(text);
            let document = format!("<a b=\"{escaped}\">{escaped}</a>");
            let message = Message::parse(&document).unwrap();
            assert_eq!(own_text(message.root()), text);
        }
        assert_eq!(escape("a\u{0}b\u{ffff}"), "a\u{fffd}b\u{fffd}");
    }
}
