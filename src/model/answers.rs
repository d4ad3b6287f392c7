//! The answers of a record by their key, as light as they can be: a round of a prefecture holds a million of them.

use arcstr::ArcStr;

use super::value::Answer;

/// Answers in the order of their keys. Keys are shared by all records of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers(Vec<(ArcStr, Answer)>);

/// See [`Answers::iter`].
pub type Pairs<'a> =
    std::iter::Map<std::slice::Iter<'a, (ArcStr, Answer)>, fn(&'a (ArcStr, Answer)) -> (&'a ArcStr, &'a Answer)>;

impl Answers {
    /// None.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    fn find(&self, key: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(k, _)| k.as_str().cmp(key))
    }

    /// The answer of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Answer> {
        self.get_key_value(key).map(|(_, answer)| answer)
    }

    /// The answer of a key, with the key that others share.
    #[must_use]
    pub fn get_key_value(&self, key: &str) -> Option<(&ArcStr, &Answer)> {
        let (key, answer) = self.0.get(self.find(key).ok()?)?;
        Some((key, answer))
    }

    /// The answer of a key, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Answer> {
        let at = self.find(key).ok()?;
        self.0.get_mut(at).map(|(_, answer)| answer)
    }

    /// Whether there is an answer of a key.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.find(key).is_ok()
    }

    /// Puts an answer in; gives the one that stood there.
    pub fn insert(&mut self, key: ArcStr, answer: Answer) -> Option<Answer> {
        match self.find(&key) {
            Ok(at) => self.0.get_mut(at).map(|(_, old)| std::mem::replace(old, answer)),
            Err(at) => {
                self.0.insert(at, (key, answer));
                None
            }
        }
    }

    /// Keeps those for which `keep` holds.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &mut Answer) -> bool) {
        self.0.retain_mut(|(key, answer)| keep(key, answer));
    }

    /// Gives back room that is not used; to be called once all are in.
    pub fn shrink_to_fit(&mut self) {
        self.0.shrink_to_fit();
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All, in the order of their keys.
    pub fn iter(&self) -> Pairs<'_> {
        self.into_iter()
    }

    /// The answers.
    pub fn values(&self) -> impl Iterator<Item = &Answer> + Clone {
        self.0.iter().map(|(_, answer)| answer)
    }

    /// The answers, to be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Answer> {
        self.0.iter_mut().map(|(_, answer)| answer)
    }
}

impl Extend<(ArcStr, Answer)> for Answers {
    fn extend<T: IntoIterator<Item = (ArcStr, Answer)>>(&mut self, all: T) {
        for (key, answer) in all {
            self.insert(key, answer);
        }
    }
}

impl FromIterator<(ArcStr, Answer)> for Answers {
    fn from_iter<T: IntoIterator<Item = (ArcStr, Answer)>>(all: T) -> Self {
        let mut answers = Self::new();
        answers.extend(all);
        answers
    }
}

impl IntoIterator for Answers {
    type Item = (ArcStr, Answer);
    type IntoIter = std::vec::IntoIter<(ArcStr, Answer)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Answers {
    type Item = (&'a ArcStr, &'a Answer);
    type IntoIter = Pairs<'a>;

    fn into_iter(self) -> Self::IntoIter {
        let pair: fn(&'a (ArcStr, Answer)) -> (&'a ArcStr, &'a Answer) = |(key, answer)| (key, answer);
        self.0.iter().map(pair)
    }
}

impl std::ops::Index<&str> for Answers {
    type Output = Answer;

    /// # Panics
    /// When there is no such answer.
    fn index(&self, key: &str) -> &Answer {
        self.get(key).expect("an answer of this key")
    }
}
