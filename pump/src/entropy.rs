//! Random bytes for facts that nobody may guess from their hash (core 9).

use std::fs::File;
use std::io::Read;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};

/// A source of random bytes.
pub trait Entropy: Send {
    /// The next eight.
    fn draw(&mut self) -> [u8; 8];
}

/// The key stream of ChaCha20.
pub struct Stream(ChaCha20Rng);

impl Stream {
    /// Seeded by the operating system: nobody can tell what comes.
    pub fn system() -> std::io::Result<Stream> {
        let mut seed = [0; 32];
        File::open("/dev/urandom")?.read_exact(&mut seed)?;
        Ok(Stream::seeded(seed))
    }

    /// Seeded by the caller: the same seed, the same bytes. For simulation (core 5).
    pub fn seeded(seed: [u8; 32]) -> Stream {
        Stream(ChaCha20Rng::from_seed(seed))
    }
}

impl Entropy for Stream {
    fn draw(&mut self) -> [u8; 8] {
        self.0.next_u64().to_be_bytes()
    }
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stream(..)")
    }
}
