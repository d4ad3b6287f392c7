//! Writes the small zip archive that is handed to the cell reader in place of the original file.
//!
//! Only what has been inspected goes in, under names of our own, so that nothing in the original package (odd part names,
//! doubled entries, lying headers) can reach a reader that trusts it.

use std::io::{Cursor, Write};

use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::guard::Refusal;

/// Above this many bytes a part is deflated, to bound memory; below, storing is faster.
const STORE_UP_TO: usize = 4 << 20;

/// An archive in memory.
pub struct StoredZip(ZipWriter<Cursor<Vec<u8>>>);

impl StoredZip {
    /// An empty archive.
    pub fn new() -> Self {
        Self(ZipWriter::new(Cursor::new(Vec::new())))
    }

    /// Adds a part.
    pub fn add(&mut self, name: &str, text: &str) -> Result<(), Refusal> {
        self.add_bytes(name, text.as_bytes())
    }

    /// Adds a part that is no text.
    pub fn add_bytes(&mut self, name: &str, bytes: &[u8]) -> Result<(), Refusal> {
        let options = SimpleFileOptions::default();
        let options = if bytes.len() > STORE_UP_TO {
            options.compression_method(CompressionMethod::Deflated).compression_level(Some(1))
        } else {
            options.compression_method(CompressionMethod::Stored)
        };
        self.0.start_file(name, options).map_err(|e| failed(&e))?;
        self.0.write_all(bytes).map_err(|e| failed(&e))
    }

    /// The finished bytes.
    pub fn finish(self) -> Result<Vec<u8>, Refusal> {
        Ok(self.0.finish().map_err(|e| failed(&e))?.into_inner())
    }
}

fn failed(error: &dyn std::fmt::Display) -> Refusal {
    Refusal::Damaged { detail: format!("rebuild: {error}") }
}
