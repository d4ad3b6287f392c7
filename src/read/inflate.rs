//! Inflates the parts of a package, one after the other, with one state for all of them.
//!
//! The zip crate finds the parts; to read one through it costs a new window, a probe and a growing buffer each time, which
//! for the dozens of small parts of a workbook is most of the time.

use flate2::{Decompress, FlushDecompress, Status};

/// How many bytes one packed byte can become at most; an announced size beyond that is not believed.
const MOST: usize = 1_032;

/// A state to inflate with.
pub(super) struct Inflater(Decompress);

impl Default for Inflater {
    fn default() -> Self {
        Self(Decompress::new(false))
    }
}

impl Inflater {
    /// The content of a deflated part, or one byte more than `limit` of it. `announced` only says how much room is taken
    /// at first.
    ///
    /// # Errors
    /// A technical word or two when the stream is broken, or breaks off.
    pub fn inflate(&mut self, packed: &[u8], announced: u64, limit: u64) -> Result<Vec<u8>, String> {
        let most = usize::try_from(limit.saturating_add(1)).map_err(|e| e.to_string())?;
        let announced = usize::try_from(announced).unwrap_or(usize::MAX);
        let mut out = Vec::with_capacity(announced.min(packed.len().saturating_mul(MOST)).min(most));
        self.0.reset(false);
        loop {
            let (read, written) = (self.0.total_in(), out.len());
            let rest = usize::try_from(read).ok().and_then(|n| packed.get(n..)).unwrap_or_default();
            let status = self.0.decompress_vec(rest, &mut out, FlushDecompress::Finish).map_err(|e| e.to_string())?;
            if status == Status::StreamEnd || out.len() >= most {
                out.truncate(most);
                return Ok(out);
            }
            if out.len() < out.capacity() && self.0.total_in() == read && out.len() == written {
                return Err("deflate stream breaks off".into());
            }
            if out.len() == out.capacity() {
                out.reserve(out.len().max(4_096).min(most - out.len()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::DeflateEncoder;

    use super::*;

    fn packed(content: &[u8]) -> Vec<u8> {
        let mut deflate = DeflateEncoder::new(Vec::new(), Compression::default());
        deflate.write_all(content).expect("deflated");
        deflate.finish().expect("deflated")
    }

    #[test]
    fn whatever_size_was_announced() {
        let mut inflater = Inflater::default();
        let texts = [Vec::new(), b"a".to_vec(), vec![b'x'; 300_000], (0..=255u8).cycle().take(70_000).collect()];
        for text in &texts {
            for announced in [0, 1, text.len() as u64 - u64::from(!text.is_empty()), text.len() as u64, 99, u64::MAX] {
                assert_eq!(inflater.inflate(&packed(text), announced, 1 << 20).as_ref(), Ok(text), "{announced}");
            }
        }
    }

    #[test]
    fn no_more_than_the_limit_and_one() {
        let mut inflater = Inflater::default();
        let bomb = packed(&vec![0; 5_000_000]);
        for announced in [0, 5_000_000, u64::MAX] {
            let out = inflater.inflate(&bomb, announced, 1_000).expect("so far");
            assert_eq!((out.len(), out.capacity() < 10_000), (1_001, true));
        }
    }

    #[test]
    fn broken_streams_are_told_and_the_next_is_read() {
        let mut inflater = Inflater::default();
        let sound = packed(&[7; 1_000]);
        for cut in 0..sound.len() {
            assert!(inflater.inflate(sound.get(..cut).expect("a piece"), 1_000, 1 << 20).is_err(), "{cut}");
        }
        assert!(inflater.inflate(&[0xff; 50], 10, 1 << 20).is_err());
        assert_eq!(inflater.inflate(&sound, 1_000, 1 << 20).map(|v| v.len()), Ok(1_000));
        // What stands behind the end of the stream is none of it.
        assert_eq!(inflater.inflate(&[&sound[..], b"more"].concat(), 9, 1 << 20).map(|v| v.len()), Ok(1_000));
    }
}
