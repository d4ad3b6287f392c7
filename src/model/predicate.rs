//! Closed predicates over one record, three-valued: while an answer is missing, the truth is unknown and a rate is a range.

use chrono::NaiveDate;
use serde::Deserialize;

use super::date::Interval;
use super::value::{NoneKind, Value};

/// Yes, no, or not known while answers are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// Certainly not.
    No,
    /// An answer that decides is missing.
    Unknown,
    /// Certainly.
    Yes,
}

impl From<bool> for Truth {
    fn from(b: bool) -> Self {
        if b { Self::Yes } else { Self::No }
    }
}

impl std::ops::Not for Truth {
    type Output = Self;
    fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
        }
    }
}

/// What may be asked of a record. Definitions write it as a table, such as `{ field = "status", in = ["done"] }`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Predicate {
    /// All of them.
    All {
        /// The parts.
        all: Vec<Predicate>,
    },
    /// At least one of them.
    Any {
        /// The parts.
        any: Vec<Predicate>,
    },
    /// Not so.
    Not {
        /// The part.
        not: Box<Predicate>,
    },
    /// The choice is one of these codes. Unknown without a code of the list: whatever else stands there does not decide,
    /// unless the definition asks for it by [`Predicate::None`].
    In {
        /// Field key.
        field: String,
        /// Codes.
        r#in: Vec<String>,
    },
    /// Whether anything was answered. Never unknown.
    Answered {
        /// Field key.
        field: String,
        /// What is asked for.
        answered: bool,
    },
    /// Whether it is "no value" of this kind. Unknown while it could not be read or stands somewhere else.
    None {
        /// Field key.
        field: String,
        /// The kind.
        none: NoneKind,
    },
    /// Whether the date lies by this deadline. Unknown while there is none, or it straddles.
    Meets {
        /// Field key.
        field: String,
        /// Deadline id.
        meets: String,
    },
    /// Whether the number is at least this. Unknown while there is none.
    AtLeast {
        /// Field key.
        field: String,
        /// The bound.
        at_least: f64,
    },
    /// Whether an attribute of the item has one of these values. Never unknown.
    Attr {
        /// Column of the item's code list.
        attr: String,
        /// Values.
        is: Vec<String>,
    },
}

/// What a predicate is asked about.
pub trait Facts {
    /// The value of a field; `None` when the record has no such field or there is no record.
    fn value(&self, field: &str) -> Option<&Value>;
    /// An attribute of the item; empty when there is none.
    fn attr(&self, name: &str) -> &str;
    /// The date of a deadline.
    fn deadline(&self, id: &str) -> Option<NaiveDate>;
    /// Whether the settings say that the municipality does not have the item.
    fn is_absent(&self) -> bool {
        false
    }
}

impl Predicate {
    /// Whether it holds.
    pub fn holds(&self, facts: &impl Facts) -> Truth {
        match self {
            Self::All { all } => all.iter().map(|p| p.holds(facts)).min().unwrap_or(Truth::Yes),
            Self::Any { any } => any.iter().map(|p| p.holds(facts)).max().unwrap_or(Truth::No),
            Self::Not { not } => !not.holds(facts),
            Self::In { field, r#in } => match facts.value(field) {
                Some(Value::Choice(c)) => r#in.iter().any(|own| c == own).into(),
                _ => Truth::Unknown,
            },
            Self::Answered { field, answered } => {
                (facts.value(field).is_some_and(|v| !v.is_blank()) == *answered).into()
            }
            Self::None { field, none } => match facts.value(field) {
                Some(Value::None { kind, .. }) if kind == none => Truth::Yes,
                Some(Value::Unreadable | Value::None { kind: NoneKind::SeeOther, .. }) => Truth::Unknown,
                _ => Truth::No,
            },
            Self::Meets { field, meets } => match (facts.value(field), facts.deadline(meets)) {
                (Some(Value::Date(i)), Some(d)) => match Outcome::of(i, d) {
                    Outcome::Within => Truth::Yes,
                    Outcome::After => Truth::No,
                    Outcome::Straddles | Outcome::NoDate => Truth::Unknown,
                },
                _ => Truth::Unknown,
            },
            Self::AtLeast { field, at_least } => match facts.value(field) {
                Some(Value::Number(n)) => (n >= at_least).into(),
                _ => Truth::Unknown,
            },
            Self::Attr { attr, is } => is.iter().any(|v| v == facts.attr(attr)).into(),
        }
    }

    /// Calls `f` with every field key that it asks about.
    pub fn fields<'a>(&'a self, f: &mut impl FnMut(&'a str)) {
        match self {
            Self::All { all: parts } | Self::Any { any: parts } => parts.iter().for_each(|p| p.fields(f)),
            Self::Not { not } => not.fields(f),
            Self::In { field, .. }
            | Self::Answered { field, .. }
            | Self::None { field, .. }
            | Self::Meets { field, .. }
            | Self::AtLeast { field, .. } => f(field),
            Self::Attr { .. } => {}
        }
    }
}

/// How a date stands to a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// 期限内.
    Within,
    /// 期限超過.
    After,
    /// 期限をまたぐ（要確認）.
    Straddles,
    /// 日付なし.
    NoDate,
}

impl Outcome {
    /// Judges an interval. An open end straddles unless the known end settles it; an approximate date whose last
    /// day is the deadline itself or the days about it straddles too.
    #[must_use]
    pub fn of(i: &Interval, deadline: NaiveDate) -> Self {
        match (i.from, i.to) {
            (Some(from), _) if from > deadline => Self::After,
            (_, Some(to)) if to <= deadline => {
                if i.approx && (deadline - to).num_days() < 31 {
                    Self::Straddles
                } else {
                    Self::Within
                }
            }
            (None, None) => Self::NoDate,
            _ => Self::Straddles,
        }
    }

    /// Judges a value.
    #[must_use]
    pub fn of_value(value: &Value, deadline: NaiveDate) -> Self {
        value.date().map_or(Self::NoDate, |i| Self::of(i, deadline))
    }

    /// In the office's words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Within => "期限内",
            Self::After => "期限超過",
            Self::Straddles => "期限をまたぐ（要確認）",
            Self::NoDate => "日付なし",
        }
    }
}
