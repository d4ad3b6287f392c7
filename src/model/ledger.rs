//! The ledger (取りまとめ): everything that was brought together, ready to be written. Writing computes nothing new.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::earlier::Told;
use super::finding::Finding;
use super::predicate::Truth;
use super::reconcile::BookCheck;
use super::reported::Reported;
use super::round::{Item, Round};
use super::submission::{Record, Submission};
use super::value::Answer;

/// The last round's answers about items, as its long sheet gives them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Previous {
    /// Path of the file below this round.
    pub file: String,
    /// Name of the round.
    pub round: String,
    /// The day that its answers describe, by form; where it says so.
    pub as_of: BTreeMap<String, NaiveDate>,
    /// Every answer about items, as it was typed and as it was understood: by form, item and answer key.
    pub answers: BTreeMap<(String, String, String), Told>,
    /// What its items were called, by form and item.
    pub items: BTreeMap<(String, String), String>,
    /// What its fields were called, by form and answer key.
    pub fields: BTreeMap<(String, String), String>,
    /// Code and name of the division of each item of a form, whether it answered or not.
    pub divisions: BTreeMap<(String, String), (String, String)>,
}

/// An item with the record that answers for it, if one was accepted.
#[derive(Clone, Debug)]
pub struct LedgerItem {
    /// Form id.
    pub form: String,
    /// The item.
    pub item: Item,
    /// The accepted record.
    pub record: Option<Arc<Record>>,
    /// Whether its answers are the last word, and why not.
    pub standing: Standing,
}

/// Whether the answers about an item are the last word, and why not. Of several reasons the first counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The settings say that the municipality does not have it: nothing is asked.
    Absent,
    /// Nobody is asked, because its division is not settled.
    NoOwner,
    /// Nothing came, or nothing was answered in what came.
    Silent,
    /// A finding of severity E stands against it.
    Faulty,
    /// An answer could not be read.
    Unread,
    /// An answer that is owed is missing.
    Owing,
    /// An answer leaves a rate open: 未定, or a period over a deadline.
    Open,
    /// Nothing is missing.
    Settled,
}

impl LedgerItem {
    /// Whether its answers are provisional.
    #[must_use]
    pub const fn is_provisional(&self) -> bool {
        !matches!(self.standing, Standing::Absent | Standing::Settled)
    }
}

/// A rate, as numbers. While answers are missing `from < to` and it is not final.
#[derive(Clone, Debug, PartialEq)]
pub struct Rate {
    /// Id of its definition.
    pub id: String,
    /// Lowest value, 0 to 1; `None` when it is not computed.
    pub from: Option<f64>,
    /// Highest value.
    pub to: Option<f64>,
    /// Whether no answer is missing.
    pub complete: bool,
    /// How many units stand in the numerator for certain.
    pub numerator: u32,
    /// How many stand in it if every unknown were to count.
    pub numerator_max: u32,
    /// Units in the denominator.
    pub denominator: u32,
    /// Items that are unanswered in whole or in part.
    pub unanswered: u32,
    /// Per item: its own rate (mean of items) or whether it counts (share of items).
    pub rows: Vec<RateRow>,
    /// Why it is not computed.
    pub not_computed: Option<String>,
}

/// One item's part in a rate.
#[derive(Clone, Debug, PartialEq)]
pub struct RateRow {
    /// Item key.
    pub item: String,
    /// Whether it is in the denominator.
    pub counted: bool,
    /// Whether it is in the numerator (share of items).
    pub holds: Truth,
    /// Whether nothing is asked of it, so that it counts by the definition alone: no system, every step 対象外.
    pub not_applicable: bool,
    /// Lowest value of its own rate.
    pub from: f64,
    /// Highest value of its own rate.
    pub to: f64,
}

/// The named rates of a round, as they stand beside those of others.
#[derive(Clone, Debug, PartialEq)]
pub struct TrendRound {
    /// Name of the round.
    pub round: String,
    /// Its 基準日, the latest of its forms.
    pub as_of: NaiveDate,
    /// Its rates.
    pub rates: Vec<RatePoint>,
}

/// One rate of a round.
#[derive(Clone, Debug, PartialEq)]
pub struct RatePoint {
    /// Id of its definition.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Lowest and highest value, 0 to 1; `None` when it was not computed.
    pub from: Option<f64>,
    /// See `from`.
    pub to: Option<f64>,
    /// Units in the numerator for certain.
    pub numerator: u32,
    /// Units in it if every unknown were to count.
    pub numerator_max: u32,
    /// Units in the denominator.
    pub denominator: u32,
    /// Whether no answer was missing.
    pub complete: bool,
}

impl RatePoint {
    /// The mark of a rate that is final.
    pub const FINAL: &str = "確定";

    /// 確定, 暫定 or 算出せず.
    #[must_use]
    pub const fn mark(&self) -> &'static str {
        match (self.from, self.complete) {
            (None, _) => "算出せず",
            (_, true) => Self::FINAL,
            (_, false) => "暫定",
        }
    }
}

/// Everything that was brought together.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// The round.
    pub round: Round,
    /// The day the run is for; judges replies only.
    pub today: NaiveDate,
    /// Replies and files, in order: by form, division, file.
    pub submissions: Vec<Submission>,
    /// Items of every form, in the order of the roster.
    pub items: Vec<LedgerItem>,
    /// Findings, sorted.
    pub findings: Vec<Finding>,
    /// Named rates.
    pub rates: Vec<Rate>,
    /// 照合 of the ministry's workbooks that were filled; filled in last.
    pub reconciliation: Vec<BookCheck>,
    /// What was sent before, compared with what the answers give now; filled in last.
    pub reported: Vec<Reported>,
    /// What the last round answered, where its master is at hand.
    pub previous: Option<Previous>,
    /// Answers that a later file of the same reply took the place of.
    pub revisions: Vec<Revision>,
    /// Rates of earlier rounds, oldest first, and of this one; filled in last.
    pub trend: Vec<TrendRound>,
}

/// An answer that a later file of the same reply gives otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// Form id.
    pub form: String,
    /// Division code.
    pub division: String,
    /// Key of the item.
    pub item: String,
    /// Answer key.
    pub key: String,
    /// As it was answered first.
    pub before: Answer,
    /// As it counts now.
    pub after: Answer,
}

impl Ledger {
    /// Whether the last round is of a later day than this one, so that forward and back are the wrong way round.
    #[must_use]
    pub fn is_before(&self, previous: &Previous, form: &str) -> bool {
        let days = self.round.forms.get(form).zip(previous.as_of.get(form));
        days.is_some_and(|(now, then)| *then > now.as_of)
    }

    /// One of a round and a day, with nothing in it yet.
    #[must_use]
    pub const fn new(round: Round, today: NaiveDate) -> Self {
        Self {
            round,
            today,
            submissions: Vec::new(),
            items: Vec::new(),
            findings: Vec::new(),
            rates: Vec::new(),
            reconciliation: Vec::new(),
            reported: Vec::new(),
            previous: None,
            revisions: Vec::new(),
            trend: Vec::new(),
        }
    }

    /// The items of one form.
    pub fn items_of<'a>(&'a self, form: &'a str) -> impl Iterator<Item = &'a LedgerItem> {
        self.items.iter().filter(move |i| i.form == form)
    }

    /// The rates of the round before this one, where they are known.
    #[must_use]
    pub fn last_rates(&self) -> Option<&TrendRound> {
        self.trend.len().checked_sub(2).and_then(|n| self.trend.get(n))
    }

    /// A rate by id.
    #[must_use]
    pub fn rate(&self, id: &str) -> Option<&Rate> {
        self.rates.iter().find(|r| r.id == id)
    }
}
