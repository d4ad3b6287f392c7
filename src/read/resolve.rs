//! Who and what a text names: divisions by code, name or former name; items by key, name or alias. Exact after
//! normalisation; likeness only ever makes a suggestion.

use crate::model::{CodeLists, Division, Item, Round};
use crate::normalise::text;

/// Whose rosters are used.
#[derive(Clone, Copy)]
pub enum Who<'a> {
    /// A round's.
    Round(&'a Round),
    /// No round: divisions are taken as typed, items from the national lists.
    Anybody,
}

/// What the reading knows of the world.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// Whose rosters.
    pub who: Who<'a>,
    /// Code lists.
    pub lists: &'a CodeLists,
}

/// What keys that mean the same have in common: their matching key, with the leading zeros lost as Excel loses them.
#[must_use]
pub fn plain_key(key: &str) -> String {
    let key = text::key(key);
    let digits = !key.is_empty() && key.bytes().all(|c| c.is_ascii_digit());
    // With a sign before it, so that zero is not nothing.
    if digits { format!("#{}", key.trim_start_matches('0')) } else { key }
}

/// Whether two keys mean the same, with leading zeros lost as Excel loses them.
#[must_use]
pub fn same_key(a: &str, b: &str) -> bool {
    plain_key(a) == plain_key(b)
}

impl Known<'_> {
    /// The code of the division that a text names; as a code first when `is_code`.
    #[must_use]
    pub fn division(&self, typed: &str, is_code: bool) -> Option<String> {
        let Who::Round(round) = self.who else { return Some(text::tidy(typed).to_string()).filter(|_| is_code) };
        // Most are as they were printed; among a thousand divisions nothing else is looked for then.
        let as_typed = text::tidy(typed);
        let is_exact = |d: &&Division| {
            d.name == as_typed || d.former_names.iter().any(|f| f == as_typed) || is_code && d.code == as_typed
        };
        let mut exact = round.divisions.iter().filter(is_exact);
        if let (Some(one), None) = (exact.next(), exact.next()) {
            return Some(one.code.clone());
        }
        let plain = plain_key(typed);
        if is_code && let Some(d) = round.divisions.iter().find(|d| plain_key(&d.code) == plain) {
            return Some(d.code.clone());
        }
        let key = text::key(typed);
        let named: Vec<_> = round
            .divisions
            .iter()
            .filter(|d| text::key(&d.name) == key || d.former_names.iter().any(|f| text::key(f) == key))
            .collect();
        match named.as_slice() {
            [one] => Some(one.code.clone()),
            _ => None,
        }
    }

    /// The key of the item of a roster that a key or a name names.
    #[must_use]
    pub fn item(&self, roster: &str, key: &str, name: &str) -> ItemMatch {
        let plain = Some(plain_key(key)).filter(|_| !key.trim().is_empty());
        let by_key = self.find(roster, |item_key, _, _| plain.as_ref().is_some_and(|p| *p == plain_key(item_key)));
        let name_key = text::key(name);
        let by_name = self.find(roster, |_, item_name, aliases| {
            !name_key.is_empty()
                && (text::key(item_name) == name_key || aliases.iter().any(|a| text::key(a) == name_key))
        });
        match (by_key, by_name) {
            (Some(a), Some(b)) => ItemMatch::Found(a.clone(), if a == b { Agree::Yes } else { Agree::No }),
            (Some(a), None) => ItemMatch::Found(a, Agree::KeyOnly),
            (None, Some(b)) => ItemMatch::Found(b, Agree::NameOnly),
            (None, None) => ItemMatch::Unknown,
        }
    }

    /// The name of an item of a roster, as a form prints it.
    #[must_use]
    pub fn name_of(&self, roster: &str, key: &str) -> Option<&str> {
        match self.who {
            Who::Round(round) => round.item(Some(roster), key).map(|i| i.name.as_str()),
            Who::Anybody => self.lists.get(roster)?.get(key).map(|c| c.name.as_str()),
        }
    }

    fn find(&self, roster: &str, is: impl Fn(&str, &str, &[String]) -> bool) -> Option<String> {
        match self.who {
            Who::Round(round) => {
                let mut items: Vec<&Item> =
                    round.rosters.get(roster)?.iter().filter(|i| is(&i.key, &i.name, &i.aliases)).collect();
                items.dedup_by(|a, b| a.key == b.key);
                (items.len() == 1).then(|| items[0].key.clone())
            }
            Who::Anybody => {
                self.lists.get(roster)?.codes.iter().find(|c| is(&c.code, &c.name, &c.aliases)).map(|c| c.code.clone())
            }
        }
    }
}

/// How a key and a name go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agree {
    /// Both name the same.
    Yes,
    /// Each names something else; the key counts.
    No,
    /// The key alone names something: the name is blank or nobody's.
    KeyOnly,
    /// The name alone names something: the key is blank or nobody's.
    NameOnly,
}

/// What a key and a name together name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemMatch {
    /// One item, and how key and name go together.
    Found(String, Agree),
    /// None.
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_was_anothers_names_nobody() {
        let division = |code: &str, name: &str, former: &[&str]| Division {
            code: code.into(),
            name: name.into(),
            former_names: former.iter().map(ToString::to_string).collect(),
            ..Division::default()
        };
        let divisions = vec![division("1", "甲課", &[]), division("2", "乙課", &["甲課", "丙課"])];
        let (round, lists) = (Round { divisions, ..Round::default() }, CodeLists::default());
        let known = Known { who: Who::Round(&round), lists: &lists };
        for (typed, code) in [("乙課", Some("2")), ("丙課", Some("2")), ("甲課", None), (" 乙 課", Some("2"))] {
            assert_eq!(known.division(typed, false).as_deref(), code, "{typed}");
        }
        assert_eq!(known.division("１", true).as_deref(), Some("1"));
    }

    #[test]
    fn leading_zeros_may_be_lost() {
        assert!(same_key("001", "1"));
        assert!(same_key("００１", "1"));
        assert!(!same_key("32-1", "321"));
        assert!(!same_key("001", "010"));
        assert!(!same_key("", "0"));
    }
}
