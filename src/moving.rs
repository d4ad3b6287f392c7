//! Renames that wait a moment where somebody looks into a file: virus scanners and programs that copy a folder to a cloud open
//! what was just written, and Windows moves nothing that is open.

use std::cell::Cell;
use std::io;
use std::path::Path;
use std::time::Duration;

/// The pauses between the attempts at one file, in milliseconds.
const PAUSES: [u64; 6] = [10, 25, 50, 100, 200, 400];

/// How long is waited in all, however many files are held: a folder that takes nothing is to be told, not waited for.
#[derive(Debug)]
pub(crate) struct Patience(Cell<Duration>);

impl Default for Patience {
    fn default() -> Self {
        Self(Cell::new(Duration::from_secs(5)))
    }
}

impl Patience {
    /// Tries until it is done, what is wrong is no passing thing, or the patience is at its end.
    pub(crate) fn with<T>(
        &self,
        passes: fn(&io::Error) -> bool,
        mut attempt: impl FnMut() -> io::Result<T>,
    ) -> io::Result<T> {
        for pause in PAUSES.map(Duration::from_millis) {
            match attempt() {
                Err(e) if passes(&e) => match self.0.get().checked_sub(pause) {
                    Some(left) => self.0.set(left),
                    None => return Err(e),
                },
                ended => return ended,
            }
            std::thread::sleep(pause);
        }
        attempt()
    }

    /// Renames a file or a folder.
    pub(crate) fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.with(is_held, || std::fs::rename(from, to))
    }
}

/// As [`Patience::rename`], of one thing alone.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    Patience::default().rename(from, to)
}

/// Whether somebody has the file open, as far as the system tells: Windows says 「access denied」 of it in many cases.
pub(crate) fn is_held(e: &io::Error) -> bool {
    cfg!(windows) && matches!(e.raw_os_error(), Some(5 | 32 | 33))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(e: &io::Error) -> bool {
        e.raw_os_error() == Some(32)
    }

    #[test]
    fn what_is_held_for_a_moment_is_moved_and_what_stays_held_is_told() {
        let tries = Cell::new(0);
        let attempt = |free_at: u32, code: i32| {
            tries.set(tries.get() + 1);
            if tries.get() >= free_at { Ok(()) } else { Err(io::Error::from_raw_os_error(code)) }
        };
        let patience = Patience::default();
        assert!(patience.with(held, || attempt(3, 32)).is_ok());
        assert_eq!((tries.replace(0), patience.0.get()), (3, Duration::from_millis(5000 - 10 - 25)));
        // Another error is none that passes.
        assert_eq!(patience.with(held, || attempt(3, 2)).expect_err("told").raw_os_error(), Some(2));
        assert_eq!(tries.replace(0), 1);
        // One file is not waited for for ever, and many are not waited for one by one.
        let short = Patience(Cell::new(Duration::from_millis(20)));
        assert_eq!(short.with(held, || attempt(99, 32)).expect_err("told").raw_os_error(), Some(32));
        assert_eq!(tries.replace(0), 2);
        assert!(short.with(held, || attempt(99, 32)).is_err());
        assert_eq!((tries.get(), short.0.get()), (2, Duration::ZERO));
    }
}
