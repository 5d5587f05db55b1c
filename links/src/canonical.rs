//! Exclusive canonical XML without comments, as far as the agreed profile of signatures needs it:
//! one element with all that is in it, no list of inclusive prefixes.
//!
//! A prefix is written where it is used for the first time on the way down, in the order of
//! prefixes; attributes come in the order of namespace and name. Names are taken from the source
//! text, since the tree keeps what a prefix means but not the prefix.

use roxmltree::{Attribute, Node};

/// Namespaces written on the way down: prefix and address.
type Written<'a> = Vec<(&'a str, &'a str)>;

/// The canonical form of this element.
pub(crate) fn canonical(node: Node<'_, '_>) -> Vec<u8> {
    let mut out = String::new();
    element(node, &mut out, &mut Vec::new());
    out.into_bytes()
}

/// Goes down one frame a level, which [`crate::limits::XML_DEPTH_MAX`] bounds.
fn element<'a>(node: Node<'a, '_>, out: &mut String, written: &mut Written<'a>) {
    let name = name(node);
    let before = written.len();
    out.push('<');
    out.push_str(name);
    let mut used = vec![prefix(name)];
    let named = |attribute: &Attribute<'a, '_>| {
        let source: &'a str = node.document().input_text();
        &source[attribute.range_qname()]
    };
    for attribute in node.attributes() {
        let prefix = prefix(named(&attribute));
        if !prefix.is_empty() && prefix != "xml" {
            used.push(prefix);
        }
    }
    used.sort_unstable();
    used.dedup();
    for prefix in used {
        declare(node, prefix, out, written);
    }
    let mut attributes: Vec<Attribute<'a, '_>> = node.attributes().collect();
    attributes.sort_by_key(|one| (one.namespace().unwrap_or_default(), one.name()));
    for attribute in attributes {
        out.push(' ');
        out.push_str(named(&attribute));
        out.push_str("=\"");
        escape(attribute.value(), true, out);
        out.push('"');
    }
    out.push('>');
    for child in node.children() {
        if child.is_element() {
            element(child, out, written);
        } else if child.is_text() {
            escape(child.text().unwrap_or_default(), false, out);
        } else if let Some(instruction) = child.pi() {
            out.push_str("<?");
            out.push_str(instruction.target);
            if let Some(value) = instruction.value {
                out.push(' ');
                out.push_str(value);
            }
            out.push_str("?>");
        }
    }
    out.push_str("</");
    out.push_str(name);
    out.push('>');
    written.truncate(before);
}

fn declare<'a>(node: Node<'a, '_>, prefix: &'a str, out: &mut String, written: &mut Written<'a>) {
    let key = (!prefix.is_empty()).then_some(prefix);
    let address = node.lookup_namespace_uri(key).unwrap_or_default();
    let last = written.iter().rev().find(|(name, _)| *name == prefix);
    let last = last.map_or("", |(_, address)| *address);
    if last == address {
        return;
    }
    out.push_str(if prefix.is_empty() { " xmlns" } else { " xmlns:" });
    out.push_str(prefix);
    out.push_str("=\"");
    escape(address, true, out);
    out.push('"');
    written.push((prefix, address));
}

/// The name of an element as it stands in the source.
fn name<'a>(node: Node<'a, '_>) -> &'a str {
    let source: &'a str = node.document().input_text();
    let start = node.range().start + 1;
    let rest = &source[start..];
    let end = rest.find(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>');
    &rest[..end.unwrap_or(rest.len())]
}

fn prefix(name: &str) -> &str {
    name.split_once(':').map_or("", |(prefix, _)| prefix)
}

fn escape(text: &str, attribute: bool, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' if !attribute => out.push_str("&gt;"),
            '"' if attribute => out.push_str("&quot;"),
            '\t' if attribute => out.push_str("&#x9;"),
            '\n' if attribute => out.push_str("&#xA;"),
            '\r' => out.push_str("&#xD;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use roxmltree::Document;

    use super::*;

    fn check(text: &str, name: &str, want: &str) {
        let document = Document::parse(text).unwrap();
        let node = document.descendants().find(|node| node.tag_name().name() == name).unwrap();
        assert_eq!(String::from_utf8(canonical(node)).unwrap(), want, "{text}");
    }

    #[test]
    fn elements_are_written_as_the_standard_has_them() {
        check("<a/>", "a", "<a></a>");
        check("<a  c='1' b = \"2\" ></a>", "a", "<a b=\"2\" c=\"1\"></a>");
        check("<a><!-- x --><b/>t<?p  q ?></a>", "a", "<a><b></b>t<?p q ?></a>");
        check("<a>1 &lt; 2 &amp; 3 &gt; 2 \" '</a>", "a", "<a>1 &lt; 2 &amp; 3 &gt; 2 \" '</a>");
        check("<a><![CDATA[<&>]]></a>", "a", "<a>&lt;&amp;&gt;</a>");
        check("<a b='&#9;&#10;&#13;\"&lt;>'/>", "a", "<a b=\"&#x9;&#xA;&#xD;&quot;&lt;>\"></a>");
        check("<a b='x\ty'/>", "a", "<a b=\"x y\"></a>");
        check("<a>x\r\ny&#13;</a>", "a", "<a>x\ny&#xD;</a>");
    }

    #[test]
    fn namespaces_are_written_where_they_are_used() {
        // The example of the standard (exclusive canonicalization, 2.2).
        let inner = "<n1:elem2 xmlns:n1=\"http://b.example\" xml:lang=\"en\">\
                     <n3:stuff xmlns:n3=\"ftp://example.org\"></n3:stuff></n1:elem2>";
        let text = format!(
            "<n0:pdu xmlns:n0='http://a.example' xmlns:n3='ftp://example.org'>{inner}</n0:pdu>"
        );
        check(&text, "elem2", inner);
        check(
            "<a xmlns='u' xmlns:z='w'><b><z:c z:d='1' e='2'/></b></a>",
            "b",
            "<b xmlns=\"u\"><z:c xmlns:z=\"w\" e=\"2\" z:d=\"1\"></z:c></b>",
        );
        check(
            "<a xmlns='u'><b xmlns=''><c/></b></a>",
            "a",
            "<a xmlns=\"u\"><b xmlns=\"\"><c></c></b></a>",
        );
        check("<a xmlns='u'><b xmlns=''><c/></b></a>", "b", "<b><c></c></b>");
        check(
            "<p:a xmlns:p='u' xmlns:q='u'><q:b p:x='1' q:y='2'/></p:a>",
            "b",
            "<q:b xmlns:p=\"u\" xmlns:q=\"u\" p:x=\"1\" q:y=\"2\"></q:b>",
        );
        check(
            "<a xmlns:p='u'><p:b/><p:b/></a>",
            "a",
            "<a><p:b xmlns:p=\"u\"></p:b><p:b xmlns:p=\"u\"></p:b></a>",
        );
    }
}
