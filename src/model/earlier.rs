//! Earlier rounds: what each said, as its master's long sheet gives it.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::ledger::{Previous, TrendRound};

/// A round that was consolidated before this one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EarlierRound {
    /// Name of the round.
    pub name: String,
    /// Its latest 基準日; `None` where its master does not say.
    pub as_of: Option<NaiveDate>,
    /// The master it was read from, relative to the round with `/`.
    pub file: String,
    /// What it answered about items.
    pub previous: Previous,
    /// The answers on the divisions' cards: by form, division and answer key.
    pub cards: BTreeMap<(String, String, String), Told>,
    /// The rates that its master knows: of the rounds before it, oldest first, then its own.
    pub trend: Vec<TrendRound>,
}

/// An answer as it was typed, and as it was understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Code of the division that said it.
    pub division: String,
    /// As it was typed.
    pub raw: String,
    /// Its type (値の型): what it is, or which kind of no answer.
    pub kind: String,
    /// Its value as a code or a number.
    pub value: String,
    /// Its value in words.
    pub word: String,
    /// First day, of a date.
    pub from: Option<NaiveDate>,
    /// Last day, of a date.
    pub to: Option<NaiveDate>,
    /// How exactly it was given, of a date.
    pub precision: String,
    /// Whether its date is 頃.
    pub approx: bool,
    /// Whether a part of its date was not written.
    pub inferred: bool,
    /// The 基準日 it was said at.
    pub as_of: Option<NaiveDate>,
}

impl Told {
    /// Whether anything was written.
    #[must_use]
    pub fn says(&self) -> bool {
        !self.raw.trim().is_empty() && self.kind != "blank"
    }
}
