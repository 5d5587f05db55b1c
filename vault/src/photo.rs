//! Photographs (R0-10.10b): each an item of its own, sealed like all others.

use std::fmt;

use terms::codec::{Broken, Field, Reader, Value, put_leb};
use terms::{Instant, choice};

use crate::limits::PHOTO_BYTES_MAX;
use crate::private::hidden;

choice! {
    /// What a photograph shows.
    pub enum PhotoKind {
        /// The face.
        Face = 1 "face",
        /// The front of a document.
        DocumentFront = 2 "document_front",
        /// The back of a document.
        DocumentBack = 3 "document_back",
        /// The person with his document.
        WithDocument = 4 "with_document",
    }
}

choice! {
    /// The form of an image.
    pub enum MediaType {
        /// `image/jpeg`
        Jpeg = 1 "image/jpeg",
        /// `image/png`
        Png = 2 "image/png",
        /// `image/webp`
        Webp = 3 "image/webp",
    }
}

impl MediaType {
    /// What bytes begin as; none if they are no image that is taken.
    pub fn of(bytes: &[u8]) -> Option<MediaType> {
        if bytes.starts_with(b"\xff\xd8\xff") {
            Some(MediaType::Jpeg)
        } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(MediaType::Png)
        } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
            Some(MediaType::Webp)
        } else {
            None
        }
    }
}

/// A photograph.
#[derive(Clone, PartialEq, Eq)]
pub struct Photo {
    kind: PhotoKind,
    media: MediaType,
    taken_at: Instant,
    bytes: Vec<u8>,
}

/// Why bytes are no photograph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhotoError {
    /// Larger than [`PHOTO_BYTES_MAX`].
    #[error("the photograph is too large")]
    Large,
    /// Not an image of a known form.
    #[error("this is no photograph that is taken: JPEG, PNG or WebP are")]
    NoImage,
}

impl Photo {
    /// Looks at the beginning and the size of an image; whoever shows it must not trust the rest.
    pub fn new(kind: PhotoKind, taken_at: Instant, bytes: Vec<u8>) -> Result<Photo, PhotoError> {
        if PHOTO_BYTES_MAX < bytes.len() {
            return Err(PhotoError::Large);
        }
        let media = MediaType::of(&bytes).ok_or(PhotoError::NoImage)?;
        Ok(Photo { kind, media, taken_at, bytes })
    }

    /// What it shows.
    pub fn kind(&self) -> PhotoKind {
        self.kind
    }

    /// Its form.
    pub fn media(&self) -> MediaType {
        self.media
    }

    /// When it was taken down.
    pub fn taken_at(&self) -> Instant {
        self.taken_at
    }

    /// The image; for the screens and connectors that are entitled to it.
    pub fn reveal(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Photo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Photo({} bytes)", self.bytes.len())
    }
}

impl Field for Photo {
    fn shape() -> String {
        "photo".into()
    }
    fn put(&self, out: &mut Vec<u8>) {
        self.kind.put(out);
        self.taken_at.0.put(out);
        put_leb(out, self.bytes.len() as u64);
        out.extend_from_slice(&self.bytes);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let (kind, taken_at) = (PhotoKind::read(from)?, Instant(i64::read(from)?));
        let length = usize::try_from(from.leb()?).map_err(|_| Broken::Range)?;
        let bytes = from.take(length)?.to_vec();
        Photo::new(kind, taken_at, bytes).map_err(|_| Broken::Invalid)
    }
    fn value(&self) -> Value {
        hidden()
    }
}
