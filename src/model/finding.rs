//! A finding: what is wrong, where, what was given, what was expected. Its sentence stands in the catalogue.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::place::Place;

/// Word of a finding that names its field by the header or label that is printed, where the key alone does not.
pub const FIELD_NAME: &str = "field_name";

/// Word of a finding that names its item, or several, where the key alone does not.
pub const ITEM_NAME: &str = "item_name";

/// Word of a finding whose approval is over: its last day.
pub const LAPSED: &str = "lapsed";

/// How much a finding weighs; the last letter of its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Severity {
    /// 要修正: unreadable, contradictory, or required and missing.
    E,
    /// 要確認: somebody must look or decide.
    W,
    /// 参考: for information.
    I,
}

impl Severity {
    /// The severity that a code's last letter says; `I` for anything else.
    #[must_use]
    pub fn of(code: &str) -> Self {
        match code.as_bytes().last() {
            Some(b'E') => Self::E,
            Some(b'W') => Self::W,
            _ => Self::I,
        }
    }

    /// In the office's words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::E => "要修正",
            Self::W => "要確認",
            Self::I => "参考",
        }
    }
}

/// 了承: who accepted a finding as it is, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// Why it was accepted.
    pub reason: String,
    /// Until when it holds; `None` is without end.
    pub until: Option<NaiveDate>,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Finding {
    /// Code of the catalogue, such as `D003W`.
    pub code: String,
    /// Division code, when known.
    pub division: Option<String>,
    /// Form id, when known.
    pub form: Option<String>,
    /// Key of the item (a system, a procedure), when it is about one.
    pub item: Option<String>,
    /// Key of the field, when it is about one.
    pub field: Option<String>,
    /// Where.
    pub place: Option<Place>,
    /// What was given, as typed.
    pub given: Option<String>,
    /// What was expected, in words.
    pub expected: Option<String>,
    /// Other words that the sentence needs, by placeholder.
    pub args: BTreeMap<String, String>,
    /// Other cells that take part.
    pub related: Vec<Place>,
    /// The approval that covers it, if any.
    pub waived: Option<Waiver>,
}

impl Finding {
    /// A finding with a code and nothing else yet.
    #[must_use]
    pub fn new(code: impl Into<String>) -> Self {
        Self { code: code.into(), ..Self::default() }
    }

    /// Sets the place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// Sets what was given.
    #[must_use]
    pub fn given(mut self, given: impl Into<String>) -> Self {
        self.given = Some(given.into());
        self
    }

    /// Sets what was expected.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// Adds a word for the sentence.
    #[must_use]
    pub fn arg(mut self, name: &str, value: impl Into<String>) -> Self {
        self.args.insert(name.to_string(), value.into());
        self
    }

    /// Adds another cell that takes part.
    #[must_use]
    pub fn related(mut self, place: Place) -> Self {
        self.related.push(place);
        self
    }

    /// Sets form, division and item in one go.
    #[must_use]
    pub fn of(mut self, form: &str, division: &str, item: &str) -> Self {
        let some = |s: &str| (!s.is_empty()).then(|| s.to_string());
        self.form = some(form);
        self.division = some(division);
        self.item = some(item);
        self
    }

    /// Sets the field.
    #[must_use]
    pub fn field(mut self, field: &str) -> Self {
        self.field = Some(field.to_string());
        self
    }

    /// Its severity, from the code's last letter.
    #[must_use]
    pub fn severity(&self) -> Severity {
        Severity::of(&self.code)
    }
}
