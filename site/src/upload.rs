//! Files that a form brings: `multipart/form-data` (RFC 7578), read strictly and whole.
//!
//! Limits: a form has `PARTS_MAX` parts, a part's head `HEAD_BYTES_MAX` bytes; the body's own
//! limit is its reader's.

/// Parts of one form: a file, its token, its form's id, and room.
const PARTS_MAX: usize = 16;
/// Bytes of the head of a part: a name and the name of a file.
const HEAD_BYTES_MAX: usize = 2_048;
/// Characters of a boundary (RFC 2046).
const BOUNDARY_MAX: usize = 70;

/// A part of a form.
#[derive(Clone, PartialEq, Eq)]
pub struct Part {
    /// The name of its field.
    pub name: String,
    /// Whether it is a file: what a file is called is of no interest and is not kept.
    pub file: bool,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Part({}, {} bytes)", self.name, self.bytes.len())
    }
}

/// The boundary that a content type names, if it is that of such a form.
pub fn boundary(content_type: &str) -> Option<&str> {
    let (kind, rest) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let found = rest.split(';').find_map(|piece| piece.trim().strip_prefix("boundary="))?;
    let found = found.strip_prefix('"').and_then(|found| found.strip_suffix('"')).unwrap_or(found);
    let good = |b: u8| b.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(&b);
    let fits = !found.is_empty() && found.len() <= BOUNDARY_MAX && found.bytes().all(good);
    fits.then_some(found)
}

/// The parts of a body; nothing if it is broken in any way.
pub fn parts(body: &[u8], boundary: &str) -> Option<Vec<Part>> {
    let mark = format!("--{boundary}");
    let between = format!("\r\n{mark}");
    let mut rest = body.strip_prefix(mark.as_bytes())?;
    let mut parts = Vec::new();
    loop {
        if rest.strip_prefix(b"--").is_some_and(|after| after.is_empty() || after == b"\r\n") {
            return Some(parts);
        }
        rest = rest.strip_prefix(b"\r\n")?;
        let end = find(rest, between.as_bytes())?;
        let (part, after) = rest.split_at(end);
        parts.push(part_of(part)?);
        if PARTS_MAX < parts.len() {
            return None;
        }
        rest = after.get(between.len()..)?;
    }
}

fn part_of(part: &[u8]) -> Option<Part> {
    let head_end = find(part, b"\r\n\r\n").filter(|end| *end <= HEAD_BYTES_MAX)?;
    let head = std::str::from_utf8(part.get(..head_end)?).ok()?;
    let bytes = part.get(head_end + 4..)?.to_vec();
    let disposition = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-disposition").then_some(value.trim())
    })?;
    let mut pieces = disposition.split(';').map(str::trim);
    if pieces.next()? != "form-data" {
        return None;
    }
    let quoted = |piece: &str, key: &str| {
        let value = piece.strip_prefix(key)?.strip_prefix("=\"")?;
        Some(value.strip_suffix('"').unwrap_or(value).to_owned())
    };
    let (mut name, mut file) = (None, false);
    for piece in pieces {
        name = name.or_else(|| quoted(piece, "name"));
        file |= piece.starts_with("filename");
    }
    Some(Part { name: name?, file, bytes })
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "--xx\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nabc\r\n\
        --xx\r\ncontent-disposition: form-data; name=\"photo\"; filename=\"a;b.jpg\"\r\n\
        Content-Type: image/jpeg\r\n\r\n\r\n\r\n--x\r\n--xx--\r\n";

    #[test]
    fn a_form_with_a_file_is_read_whole() {
        assert_eq!(boundary("multipart/form-data; boundary=xx"), Some("xx"));
        assert_eq!(boundary("Multipart/Form-Data; charset=utf-8; boundary=\"x-x\""), Some("x-x"));
        let parts = parts(FORM.as_bytes(), "xx").unwrap();
        assert_eq!(parts.len(), 2);
        assert_eq!(
            (&*parts[0].name, parts[0].file, &*parts[0].bytes),
            ("token", false, &b"abc"[..])
        );
        // What looks like an edge and is none belongs to the file.
        assert_eq!((&*parts[1].name, parts[1].file), ("photo", true));
        assert_eq!(parts[1].bytes, b"\r\n\r\n--x");
        assert_eq!(format!("{:?}", parts[0]), "Part(token, 3 bytes)");
    }

    #[test]
    fn what_is_broken_is_nothing() {
        for content_type in [
            "text/plain; boundary=xx",
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=a b",
            "multipart/form-data; boundary=\u{431}",
        ] {
            assert_eq!(boundary(content_type), None, "{content_type}");
        }
        let long = format!("multipart/form-data; boundary={}", "x".repeat(71));
        assert_eq!(boundary(&long), None);
        for (at, _) in FORM.char_indices().filter(|(at, _)| *at < FORM.len() - 2) {
            assert_eq!(parts(&FORM.as_bytes()[..at], "xx"), None, "cut at {at}");
        }
        for broken in [
            "--xx\r\n\r\nabc\r\n--xx--",
            "--xx\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nabc\r\n--xx--",
            "--xx\r\nContent-Disposition: form-data\r\n\r\nabc\r\n--xx--",
            "x--xx--",
        ] {
            assert_eq!(parts(broken.as_bytes(), "xx"), None, "{broken}");
        }
        let one = "--xx\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n";
        let many = format!("{}--xx--", one.repeat(17));
        assert_eq!(parts(many.as_bytes(), "xx"), None);
    }
}
