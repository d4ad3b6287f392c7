//! The bytes of an output. What is small is held; what is long is kept in a passing file of the system, which goes with the
//! program, so that a table of a million rows takes no memory.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};
use tempfile::{SpooledData, SpooledTempFile};

use crate::intake::{hexadecimal, sha256};

/// So many bytes are held.
const HELD: usize = 4 << 20;

/// The bytes of an output.
#[derive(Clone, Debug)]
pub enum Body {
    /// In memory.
    Held(Vec<u8>),
    /// In a file without a name, with its SHA-256 in hexadecimal.
    Filed(Arc<Mutex<File>>, String),
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Held(bytes)
    }
}

impl Body {
    /// SHA-256 in hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> String {
        match self {
            Self::Held(bytes) => sha256(bytes),
            Self::Filed(_, hash) => hash.clone(),
        }
    }

    /// Writes them to `to`.
    ///
    /// # Errors
    /// Those of reading and writing.
    pub fn copy_to(&self, to: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Held(bytes) => to.write_all(bytes),
            Self::Filed(file, _) => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                file.seek(SeekFrom::Start(0))?;
                io::copy(&mut *file, to).map(|_| ())
            }
        }
    }

    /// All of them; read into memory where they are not there.
    ///
    /// # Errors
    /// Those of reading.
    pub fn all(&self) -> io::Result<Cow<'_, [u8]>> {
        if let Self::Held(bytes) = self {
            return Ok(Cow::Borrowed(bytes));
        }
        let mut all = Vec::new();
        self.copy_to(&mut all)?;
        Ok(Cow::Owned(all))
    }
}

impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Held(a), Self::Held(b)) => a == b,
            _ => self.sha256() == other.sha256(),
        }
    }
}

impl Eq for Body {}

/// Something to write to that keeps the hash of it alone.
#[derive(Default)]
pub struct Hashing(Sha256);

impl Hashing {
    /// SHA-256 of what was written, in hexadecimal.
    #[must_use]
    pub fn hash(self) -> String {
        hexadecimal(&self.0.finalize())
    }
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A body that is being written.
pub struct Spool {
    file: SpooledTempFile,
    hashing: Hashing,
}

impl Default for Spool {
    fn default() -> Self {
        Self { file: SpooledTempFile::new(HELD), hashing: Hashing::default() }
    }
}

impl Spool {
    /// What was written.
    #[must_use]
    pub fn body(self) -> Body {
        match self.file.into_inner() {
            SpooledData::InMemory(bytes) => Body::Held(bytes.into_inner()),
            SpooledData::OnDisk(file) => Body::Filed(Arc::new(Mutex::new(file)), self.hashing.hash()),
        }
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.file.write(bytes)?;
        self.hashing.write(bytes.get(..n).unwrap_or_default())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_is_filed_and_comes_back_whole_and_often() {
        for len in [0, 10, HELD, HELD + 1, 3 * HELD] {
            let bytes: Vec<u8> = (0..len).map(|n| u8::try_from(n % 251).expect("small")).collect();
            let mut spool = Spool::default();
            bytes.chunks(70_000).for_each(|part| spool.write_all(part).expect("written"));
            let body = spool.body();
            assert_eq!(matches!(body, Body::Filed(..)), len > HELD, "{len}");
            for _ in 0..2 {
                assert!(*body.all().expect("read") == *bytes);
            }
            assert_eq!(body.sha256(), sha256(&bytes));
            assert!(body == Body::Held(bytes));
        }
    }
}
