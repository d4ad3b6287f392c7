//! Approvals (了承): findings that somebody accepted as they are, until a day.

use chrono::NaiveDate;

use crate::model::round::WaiverRow;
use crate::model::{Finding, Round, Waiver};

/// Marks the findings that an approval covers. An approval holds on its last day; one that has expired covers nothing.
/// Of several that cover a finding, the one that holds longest is named.
pub fn waive(findings: &mut [Finding], round: &Round, today: NaiveDate) {
    for finding in findings {
        let holding = round.waivers.iter().filter(|w| w.until.is_none_or(|last| today <= last));
        let covering = holding.filter(|w| covers(w, finding));
        let longest = covering.max_by_key(|w| w.until.unwrap_or(NaiveDate::MAX));
        finding.waived = longest.map(|w| Waiver { reason: w.reason.clone(), until: w.until });
    }
}

/// Whether an approval speaks of this finding: the same code, and every part that it names.
fn covers(w: &WaiverRow, f: &Finding) -> bool {
    let part = |wanted: &str, has: &Option<String>| wanted.is_empty() || has.as_deref() == Some(wanted);
    !w.code.is_empty()
        && w.code == f.code
        && part(&w.division, &f.division)
        && part(&w.form, &f.form)
        && part(&w.item, &f.item)
        && part(&w.field, &f.field)
}
