//! What a predicate is asked about: an item of the round with its record, if any.

use chrono::NaiveDate;

use crate::model::predicate::Facts;
use crate::model::{Item, Record, Round, Value};

/// An item, its record and the round's deadlines.
pub struct ItemFacts<'a> {
    /// The item.
    pub item: &'a Item,
    /// The accepted record.
    pub record: Option<&'a Record>,
    /// The round.
    pub round: &'a Round,
}

impl Facts for ItemFacts<'_> {
    fn value(&self, field: &str) -> Option<&Value> {
        self.record.and_then(|r| r.value(field))
    }

    fn attr(&self, name: &str) -> &str {
        self.item.attrs.get(name).map_or("", String::as_str)
    }

    fn deadline(&self, id: &str) -> Option<NaiveDate> {
        self.round.deadline(id).map(|d| d.date)
    }

    fn is_absent(&self) -> bool {
        self.item.absent
    }
}
