//! Sheets of an earlier round, left in the book beside those of this one: what stands on them was said before, and is no answer now.

use arcstr::ArcStr;

use super::extract::Taken;
use super::resolve::{Known, Who};
use crate::model::date::wareki;
use crate::model::form::{Form, Repeat};
use crate::model::marker::Marker;
use crate::model::{Finding, Place};

/// Whether a locked line says that its sheet was issued for another round, or is of another version.
pub(super) fn is_old(marker: &Marker, form: &Form, known: &Known<'_>) -> bool {
    let Who::Round(round) = known.who else { return marker.version != form.version };
    let asked = round.forms.get(&form.id).map(|f| f.as_of);
    let other_day = asked.zip(marker.as_of).is_some_and(|(asked, issued)| asked != issued);
    marker.version != form.version || other_day
}

/// Whether it says so of a sheet that is taken.
pub(super) fn is_old_sheet(t: &Taken<'_, '_>, form: &Form, known: &Known<'_>) -> bool {
    t.marker.as_ref().is_some_and(|m| is_old(m, form, known))
}

/// Takes out the old sheets beside which stands one of this round of the same kind. Of sheets that are about one item each, which
/// that is has to be read first.
pub(super) fn left_out(taken: &mut Vec<Taken<'_, '_>>, form: &Form, file: &ArcStr, known: &Known<'_>) -> Vec<Finding> {
    let of_now = |t: &&Taken<'_, '_>| t.marker.is_some() && !is_old_sheet(t, form, known);
    let now: Vec<String> = taken.iter().filter(of_now).map(|t| t.def.id.clone()).collect();
    let mut findings = Vec::new();
    taken.retain(|t| {
        let keep = t.def.repeat == Repeat::Item || !is_old_sheet(t, form, known) || !now.contains(&t.def.id);
        if !keep {
            findings.push(not_counted(t, file));
        }
        keep
    });
    findings
}

/// What is said of such a sheet.
pub(super) fn not_counted(t: &Taken<'_, '_>, file: &ArcStr) -> Finding {
    let issued = t.marker.as_ref().and_then(|m| m.as_of).map(|day| format!("基準日 {} の", wareki(day)));
    let finding = Finding::new("S072W").at(Place::sheet(file, &t.name));
    finding.given(&*t.name).arg("issued", issued.unwrap_or_else(|| "別の版の".into()))
}
