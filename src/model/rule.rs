//! The closed set of rules that a form definition may state between its fields.

use serde::Deserialize;

use super::predicate::Predicate;

/// A rule: the code of its finding, when it applies, what it checks.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Code of the finding it gives.
    pub code: String,
    /// In a definition: the code list for each of whose codes the rule stands once, see `forms/per.rs`.
    #[serde(default)]
    pub per: Option<String>,
    /// Applies only where this certainly holds.
    #[serde(default)]
    pub when: Option<Predicate>,
    /// What is checked.
    pub check: Check,
}

/// Where a division says whether a deadline can be met, and which codes say what. Other codes say neither.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feasible {
    /// Field key.
    pub field: String,
    /// Codes that say it can be met.
    pub yes: Vec<String>,
    /// Codes that say it cannot.
    pub no: Vec<String>,
}

/// What a rule checks. Field keys may end in `*`, which stands for the codes of a table's rows, in their order.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Check {
    /// Each of these fields must be answered.
    Required {
        /// Field keys.
        fields: Vec<String>,
    },
    /// None of these fields may be answered.
    Forbidden {
        /// Field keys.
        fields: Vec<String>,
    },
    /// This must not certainly be false; the finding stands at the field.
    Must {
        /// What must hold.
        that: Predicate,
        /// Where the finding stands.
        field: String,
        /// Other cells that take part.
        #[serde(default)]
        related: Vec<String>,
        /// What was expected, in words.
        expected: String,
    },
    /// The dates must not certainly be out of this order. Unanswered ones are skipped.
    Order {
        /// Field keys from first to last.
        fields: Vec<String>,
    },
    /// The dates must not lie after the as-of date.
    NotAfterAsOf {
        /// Field keys.
        fields: Vec<String>,
    },
    /// A planned date that lies before the as-of date, with no actual date: it has passed.
    Passed {
        /// Planned dates.
        planned: Vec<String>,
        /// Actual dates, in the same order.
        actual: Vec<String>,
    },
    /// The date is judged against a deadline of the round: late, straddling, absent, a year early, reason missing or needless.
    /// The codes of the outcomes are fixed by the engine (family D); the rule's own code is the late one with a reason.
    Deadline {
        /// The date.
        field: String,
        /// Deadline id.
        deadline: String,
        /// Where the reason for being late stands.
        #[serde(default)]
        reason: Option<String>,
        /// Where the division says whether it can be met.
        #[serde(default)]
        feasible: Option<Feasible>,
    },
    /// The first date must not certainly lie before the second with a day between them (a contract that ends before
    /// the successor starts; ending on the eve of the start leaves no gap).
    NotBefore {
        /// The date that is checked.
        field: String,
        /// The date it must reach.
        other: String,
    },
    /// The parts must add up to the total; judged when all are numbers.
    Sum {
        /// Parts.
        parts: Vec<String>,
        /// Total.
        total: String,
    },
    /// A number must not exceed another.
    AtMost {
        /// The number.
        field: String,
        /// Its bound.
        max: String,
    },
    /// A step that is done must not follow one that is not begun.
    Sequence {
        /// Field keys in order.
        fields: Vec<String>,
        /// Codes that mean done.
        done: Vec<String>,
        /// Codes that mean not begun.
        not_begun: Vec<String>,
    },
    /// Not all of these fields may have one of these codes.
    NotAll {
        /// Field keys.
        fields: Vec<String>,
        /// Codes.
        codes: Vec<String>,
    },
    /// Where the status has one of these codes, the remark in the same row must be answered.
    Remark {
        /// Status key with `*`.
        fields: String,
        /// Remark key with `*`.
        remark: String,
        /// Codes.
        codes: Vec<String>,
    },
    /// More steps left than whole months remain until a deadline.
    MonthsLeft {
        /// Field keys.
        fields: Vec<String>,
        /// Codes that mean left to do.
        left: Vec<String>,
        /// Deadline id.
        deadline: String,
        /// Where the finding stands.
        field: String,
    },
    /// Amounts of a group stand in one record only: no two records with the same group text may both have a non-zero amount.
    OncePerGroup {
        /// Where the group is named.
        group: String,
        /// The amounts.
        fields: Vec<String>,
    },
    /// Of a field that stands once a fiscal year: answered only in years from the one in `from` to the one in `to`.
    WithinYears {
        /// Field keys; the code that each stands for is the year in which the fiscal year begins.
        fields: Vec<String>,
        /// Date field of the first year.
        from: String,
        /// Date field of the last year.
        to: String,
    },
    /// Of a field that stands once a fiscal year: not answered for years that begin after the as-of date.
    BegunYears {
        /// Field keys, as above.
        fields: Vec<String>,
    },
    /// A unit typed behind these numbers must be the one that another field of the record names.
    SameUnit {
        /// Field keys.
        fields: Vec<String>,
        /// Where the unit is named.
        unit: String,
    },
    /// In the last year with both, the actual figure must reach the target, or the reason must be given. Whether more or
    /// less is better follows from the base; without one more is.
    Reached {
        /// Pattern of the targets, year by year.
        target: String,
        /// Pattern of the actual figures, in the same order.
        actual: String,
        /// The figure before.
        base: String,
        /// Where the reason stands.
        reason: String,
    },
    /// No two records of the form say the same here.
    Unique {
        /// Field key.
        field: String,
        /// Only records of different divisions are compared.
        #[serde(default)]
        between_divisions: bool,
    },
    /// Text that looks like personal data must not stand in these fields (a phone, an e-mail, an individual number).
    NoPersonalData {
        /// Field keys.
        fields: Vec<String>,
    },
}

impl Check {
    /// Calls `f` with every field key (or pattern) whose codes it names, and those codes.
    pub fn codes<'a>(&'a self, f: &mut impl FnMut(&'a str, &'a [String])) {
        let mut each = |fields: &'a [String], codes: &'a [String]| fields.iter().for_each(|k| f(k, codes));
        match self {
            Self::Sequence { fields, done, not_begun } => {
                each(fields, done);
                each(fields, not_begun);
            }
            Self::NotAll { fields, codes } => each(fields, codes),
            Self::MonthsLeft { fields, left, .. } => each(fields, left),
            Self::Remark { fields, codes, .. } => f(fields, codes),
            Self::Deadline { feasible: Some(said), .. } => {
                f(&said.field, &said.yes);
                f(&said.field, &said.no);
            }
            _ => {}
        }
    }

    /// Calls `f` with every field key it names (patterns with `*` as they are).
    pub fn fields<'a>(&'a self, f: &mut impl FnMut(&'a str)) {
        match self {
            Self::Required { fields }
            | Self::Forbidden { fields }
            | Self::Order { fields }
            | Self::NotAfterAsOf { fields }
            | Self::Sequence { fields, .. }
            | Self::NotAll { fields, .. }
            | Self::BegunYears { fields }
            | Self::NoPersonalData { fields } => fields.iter().for_each(|k| f(k)),
            Self::Must { that, field, related, .. } => {
                that.fields(f);
                f(field);
                related.iter().for_each(|k| f(k));
            }
            Self::Passed { planned, actual } => planned.iter().chain(actual).for_each(|k| f(k)),
            Self::Deadline { field, reason, feasible, .. } => {
                f(field);
                if let Some(r) = reason {
                    f(r);
                }
                if let Some(said) = feasible {
                    f(&said.field);
                }
            }
            Self::NotBefore { field, other } => {
                f(field);
                f(other);
            }
            Self::Sum { parts, total } => {
                parts.iter().for_each(|k| f(k));
                f(total);
            }
            Self::AtMost { field, max } => {
                f(field);
                f(max);
            }
            Self::Remark { fields, remark, .. } => {
                f(fields);
                f(remark);
            }
            Self::MonthsLeft { fields, field, .. } => {
                fields.iter().for_each(|k| f(k));
                f(field);
            }
            Self::WithinYears { fields, from, to } => {
                fields.iter().chain([from, to]).for_each(|k| f(k));
            }
            Self::SameUnit { fields, unit } => fields.iter().chain([unit]).for_each(|k| f(k)),
            Self::Reached { target, actual, base, reason } => {
                [target, actual, base, reason].into_iter().for_each(|k| f(k));
            }
            Self::Unique { field, .. } => f(field),
            Self::OncePerGroup { group, fields } => {
                f(group);
                fields.iter().for_each(|k| f(k));
            }
        }
    }
}
