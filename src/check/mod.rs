//! From normalised submissions to findings: what each file says on its own, what they say together, what is accepted.
//!
//! Nothing here knows a form: fields, rules and code lists come from the definitions, sentences from the catalogue.
//! What answers say is judged by the form's as-of date; today only ends approvals.

mod across;
mod back;
mod blank;
pub mod calendar;
mod case;
mod deadline;
mod field;
mod group;
mod how;
pub mod moved;
mod none;
mod order;
pub mod personal;
mod relation;
mod slip;
mod unchanged;
mod waiver;
pub mod words;
mod yearly;

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::forms::load::Templates;
use crate::model::{Finding, Form, Place, Round, Submission};

pub use across::{across, within};
pub use back::{out_of_order, since as back_since};
pub use calendar::{business_days, is_business_day};
pub use slip::since as slips_since;
pub use unchanged::unchanged;
pub use waiver::{idle as idle_waivers, waive};

use case::Scopes;

/// What checks need to know. A file that is checked without a round brings a [`Round`] made for it.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The definitions.
    pub templates: &'a Templates,
    /// The round's settings: as-of dates, deadlines, rosters, approvals, decisions.
    pub round: &'a Round,
    /// The day the run is for.
    pub today: NaiveDate,
}

/// Takes words for "no value" and blanks for what they say in the record that they stand in.
pub fn settle(form: &Form, s: &mut Submission, ctx: &Context<'_>) {
    none::settle(form, s, ctx);
    blank::settle(form, s, ctx);
}

/// The findings within one submission, in the order of its card and records: fields, relations, deadlines.
///
/// An answer that is not there at all (its label was not found) is no business of this stage; a blank one is.
#[must_use]
pub fn submission(form: &Form, s: &Submission, ctx: &Context) -> Vec<Finding> {
    let scopes = Scopes::new(form, s, ctx);
    let mut findings = Vec::new();
    for case in scopes.cases(s) {
        if case.is_unanswered() {
            findings.push(case.unanswered());
            continue;
        }
        findings.extend(group::columns(&case, field::check(&case)));
        findings.extend(relation::check(&case));
        findings.extend(slip::check(&case));
    }
    group::unanswered(unique(findings), form, &s.records, ctx)
}

/// One finding for one cause: of two with the same code at the same field of the same item and place, the first stays
/// and takes the other's cells.
fn unique(findings: Vec<Finding>) -> Vec<Finding> {
    type Key = (String, Option<String>, Option<String>, Option<Place>);
    let mut seen: BTreeMap<Key, usize> = BTreeMap::new();
    let mut kept: Vec<Finding> = Vec::new();
    for finding in findings {
        let key = (finding.code.clone(), finding.item.clone(), finding.field.clone(), finding.place.clone());
        if let Some(first) = seen.get(&key).and_then(|at| kept.get_mut(*at)) {
            let new: Vec<Place> = finding.related.into_iter().filter(|p| !first.related.contains(p)).collect();
            first.related.extend(new);
        } else {
            seen.insert(key, kept.len());
            kept.push(finding);
        }
    }
    kept
}
