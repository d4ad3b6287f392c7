//! What is worked out once from a value and kept beside it.

use std::sync::OnceLock;

/// Something made from the value that it stands in. A clone knows nothing, for it may be changed before it is asked.
#[derive(Debug)]
pub struct Once<T>(OnceLock<T>);

impl<T> Once<T> {
    /// What was made, or is made now.
    pub fn get(&self, make: impl FnOnce() -> T) -> &T {
        self.0.get_or_init(make)
    }
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<T> Clone for Once<T> {
    fn clone(&self) -> Self {
        Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::Once;

    #[test]
    fn a_clone_is_asked_anew() {
        let once: Once<u8> = Once::default();
        assert_eq!((*once.get(|| 1), *once.get(|| 2)), (1, 1));
        assert_eq!((*once.clone().get(|| 3), *once.get(|| 4)), (3, 1));
    }
}
