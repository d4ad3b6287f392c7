//! Approvals (了承): findings that somebody accepted as they are, until a day.

use chrono::NaiveDate;

use super::slip;
use crate::model::round::WaiverRow;
use crate::model::{Finding, Place, Round, Waiver};

/// Marks the findings that an approval covers. An approval holds on its last day; one that has expired covers nothing, and the
/// finding says that it did. Of several that cover a finding, the one that holds longest is named.
pub fn waive(findings: &mut [Finding], round: &Round, today: NaiveDate) {
    for finding in findings {
        let covering = round.waivers.iter().filter(|w| covers(w, finding));
        let longest = covering.max_by_key(|w| w.until.unwrap_or(NaiveDate::MAX));
        let approval = longest.map(|w| Waiver { reason: w.reason.clone(), until: w.until });
        let holds = approval.as_ref().is_some_and(|a| a.until.is_none_or(|last| today <= last));
        (finding.waived, finding.lapsed) = if holds { (approval, None) } else { (None, approval) };
    }
}

/// Approvals that hold and speak of no finding (X192I). A slip since the last round is found only later.
#[must_use]
pub fn idle(findings: &[Finding], round: &Round, today: NaiveDate) -> Vec<Finding> {
    let told = |w: &WaiverRow| {
        let place = w.place.as_ref();
        place.is_some_and(|p| round.remarks.iter().any(|f| f.place.as_ref().is_some_and(|q| same_row(p, q))))
    };
    let holding = round
        .waivers
        .iter()
        .filter(|w| w.until.is_none_or(|last| today <= last) && !["", slip::CODE].contains(&&*w.code));
    let asked = holding.filter(|w| w.form.is_empty() || round.forms.contains_key(&w.form));
    let idle = asked.filter(|w| !told(w) && !findings.iter().any(|f| covers(w, f)));
    idle.map(|w| {
        let given = format!("{} {}", w.code, round.division_name(&w.division));
        Finding { place: w.place.clone(), ..Finding::new("X192I").given(given.trim()) }
    })
    .collect()
}

/// Whether two places are on one row of a sheet.
fn same_row(a: &Place, b: &Place) -> bool {
    let row = |p: &Place| p.area.map(|x| x.first.row);
    a.sheet == b.sheet && row(a) == row(b)
}

/// Whether an approval speaks of this finding: the same code, and every part that it names.
fn covers(w: &WaiverRow, f: &Finding) -> bool {
    let part = |wanted: &str, has: &Option<String>| wanted.is_empty() || has.as_deref() == Some(wanted);
    !w.code.is_empty()
        && w.code == f.code
        && part(&w.division, &f.division)
        && part(&w.form, &f.form)
        && part(&w.item, &f.item)
        && (part(&w.field, &f.field) || f.field.as_ref().is_some_and(|key| w.rows.contains(key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2022, 11, d).expect("a day")
    }

    fn approved(code: &str, until: Option<u32>) -> WaiverRow {
        WaiverRow { code: code.into(), reason: "確認済み".into(), until: until.map(day), ..WaiverRow::default() }
    }

    fn after(waivers: Vec<WaiverRow>, today: u32) -> Finding {
        let round = Round { waivers, ..Round::default() };
        let mut findings = vec![Finding::new("D003W")];
        waive(&mut findings, &round, day(today));
        findings.remove(0)
    }

    #[test]
    fn an_approval_holds_on_its_last_day_and_is_told_the_day_after() {
        let last = after(vec![approved("D003W", Some(10))], 10);
        assert!(last.waived.is_some() && last.lapsed.is_none());
        let next = after(vec![approved("D003W", Some(10))], 11);
        assert_eq!((next.waived, next.lapsed.and_then(|w| w.until)), (None, Some(day(10))));
        // Another approval still holds; one of another finding is none of its business.
        let renewed = after(vec![approved("D003W", Some(10)), approved("D003W", Some(20))], 11);
        assert!(renewed.waived.is_some() && renewed.lapsed.is_none());
        let open = after(vec![approved("D003W", None), approved("D003W", Some(10))], 11);
        assert!(open.waived.is_some() && open.lapsed.is_none());
        let other = after(vec![approved("D004W", Some(10))], 11);
        assert!(other.waived.is_none() && other.lapsed.is_none());
    }
}
