//! Every file to exactly one state, every reply that is owed to received, late or missing.
//!
//! The latest received version counts, 保存日時 breaks a tie, equal values are a duplicate, and what is still tied and
//! differs is an error naming both. A file's name never decides.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};

use crate::model::form::AskedOf;
use crate::model::submission::{Received, ReceivedBasis, State};
use crate::model::{Finding, Form, Place, Role, Round, Submission};
use crate::normalise::text;

/// Modification time of each file in +09:00, by path.
pub type FileTimes = BTreeMap<String, NaiveDateTime>;

/// Business days between two days; given by the check stage's calendar.
pub type BusinessDays<'a> = &'a dyn Fn(NaiveDate, NaiveDate) -> i64;

/// Settles the state of every file and adds a row for every reply that is missing or not owed. `files` come in with
/// `Accepted` where they were read as a form of a known division. Returns the findings of this stage.
pub fn settle(
    files: &mut Vec<Submission>,
    round: &Round,
    forms: &[&Form],
    times: &FileTimes,
    today: NaiveDate,
    business_days: BusinessDays<'_>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    files.sort_by(|a, b| a.file.cmp(&b.file));
    for f in files.iter_mut() {
        receive(f, round, forms, times);
    }
    let owed = owed(round, forms);
    for f in files.iter_mut().filter(|f| f.state == State::Accepted) {
        if let (Some(form), Some(division)) = (f.form.clone(), f.division.clone())
            && !owed.contains(&(form.clone(), division.clone()))
        {
            f.state = State::NotExpected;
            f.reason = "この課には、この様式の提出を求めていません。".into();
            let finding = Finding::new("S033W").at(file_place(f)).of(&form, &division, "");
            findings.push(finding.arg("division", round.division_name(&division)));
        }
    }
    let mut groups: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    for (i, f) in files.iter().enumerate().filter(|(_, f)| f.state == State::Accepted) {
        if let (Some(form), Some(division)) = (&f.form, &f.division) {
            groups.entry((form.clone(), division.clone())).or_default().push(i);
        }
    }
    for members in groups.values().filter(|m| m.len() > 1) {
        versions(files, members, &mut findings);
    }
    for ((form, division), members) in &groups {
        let due = due(round, form, division, today);
        for i in members {
            let f = &mut files[*i];
            f.extended = due.is_some_and(|d| d.extended);
            let (Some(due), Some(received)) = (due, f.received) else { continue };
            f.late_days = (received.day - due.day).num_days().max(0);
            if f.late_days > 0 && f.state == State::Accepted {
                let finding = Finding::new("D020I").at(file_place(f)).of(form, division, "");
                let business = business_days(due.day, received.day).to_string();
                let expected = crate::model::date::wareki(due.day);
                findings.push(finding.given(f.late_days.to_string()).expected(expected).arg("business", business));
            }
        }
    }
    absent(files, &groups, &owed, round, forms, today, &mut findings);
    files.sort_by(|a, b| (&a.form, &a.division, &a.file).cmp(&(&b.form, &b.division, &b.file)));
    findings
}

/// The replies that are owed: divisions that own at least one item of a form of the round.
#[must_use]
pub fn owed(round: &Round, forms: &[&Form]) -> BTreeSet<(String, String)> {
    let mut owed = BTreeSet::new();
    for form in forms {
        let Some(of_round) = round.forms.get(&form.id) else { continue };
        if form.asked_of == AskedOf::Divisions {
            let asked =
                round.divisions.iter().filter(|d| of_round.asked.is_empty() || of_round.asked.contains(&d.code));
            owed.extend(asked.map(|d| (form.id.clone(), d.code.clone())));
            continue;
        }
        let items = form.roster.iter().flat_map(|r| round.items(r)).filter(|i| !i.absent);
        owed.extend(items.filter_map(|i| i.owner.clone()).map(|o| (form.id.clone(), o)));
    }
    owed
}

/// A reply deadline, and whether an extension moved it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The day.
    pub day: NaiveDate,
    /// Whether an approved extension moved it.
    pub extended: bool,
}

/// When a division's reply is due. An extension counts from the day of its approval on.
#[must_use]
pub fn due(round: &Round, form: &str, division: &str, today: NaiveDate) -> Option<Due> {
    let day = round.forms.get(form)?.reply_deadline;
    let approved = round.extensions.iter().filter(|e| e.division == division && e.form == form);
    let until = approved.filter(|e| e.approved_on.is_some_and(|a| a <= today)).map(|e| e.until).max();
    Some(until.filter(|u| *u > day).map_or(Due { day, extended: false }, |day| Due { day, extended: true }))
}

fn file_place(f: &Submission) -> Place {
    Place::file(&Arc::from(f.file.as_str()))
}

/// Received date: 受付, else the form's own 提出日, else 保存日時, else the modification time.
fn receive(f: &mut Submission, round: &Round, forms: &[&Form], times: &FileTimes) {
    let receipts: Vec<_> = round.receipts.iter().filter(|r| names(&r.file, &f.file)).collect();
    let by_division: Vec<_> = round
        .receipts
        .iter()
        .filter(|r| r.file.is_empty() && Some(&r.form) == f.form.as_ref() && Some(&r.division) == f.division.as_ref())
        .collect();
    let receipts = if receipts.is_empty() { by_division } else { receipts };
    f.sent_back = receipts.iter().filter_map(|r| r.sent_back).max();
    let on = |day: NaiveDate, basis: ReceivedBasis| Received { day, basis };
    let form = forms.iter().find(|x| Some(&x.id) == f.form.as_ref());
    let submitted =
        form.and_then(|x| x.field_with(Role::Submitted)).and_then(|field| f.card.get(&field.answer_key("")));
    let submitted = submitted.and_then(|a| a.value.date()).and_then(|i| i.to.filter(|to| i.from == Some(*to)));
    f.received = receipts.iter().filter_map(|r| r.received).max().map(|d| on(d, ReceivedBasis::受付));
    if f.state == State::NotOurs {
        return; // When a file arrived that nobody asked for is of no account, unless the clerk says so.
    }
    f.received = f
        .received
        .or_else(|| submitted.map(|d| on(d, ReceivedBasis::提出日)))
        .or_else(|| f.saved.map(|t| on(t.date(), ReceivedBasis::保存日時)))
        .or_else(|| times.get(&f.file).map(|t| on(t.date(), ReceivedBasis::更新日時)));
}

/// Whether a file cell of 受付 names a path: the whole path, its last part, or the archive or mail that it came in.
fn names(typed: &str, path: &str) -> bool {
    let typed = text::key(&typed.replace('\\', "/"));
    let path = text::key(path);
    let holds = [".zip", ".eml", ".msg"].iter().any(|end| typed.ends_with(end));
    let inside = || path.starts_with(&format!("{typed}/")) || path.contains(&format!("/{typed}/"));
    !typed.is_empty() && (path == typed || path.ends_with(&format!("/{typed}")) || holds && inside())
}

/// Of several versions of one reply, which counts.
fn versions(files: &mut [Submission], members: &[usize], findings: &mut Vec<Finding>) {
    let rank = |f: &Submission| (f.received.map(|r| r.day), f.saved);
    let Some(best) = members.iter().map(|i| rank(&files[*i])).max() else { return };
    let latest: Vec<usize> = members.iter().copied().filter(|i| rank(&files[*i]) == best).collect();
    let (keep, rest) = (latest[0], &latest[1..]);
    let tied: Vec<usize> = rest.iter().copied().filter(|i| !same_values(&files[keep], &files[*i])).collect();
    if tied.is_empty() {
        let kept = files[keep].file.clone();
        for i in members.iter().copied().filter(|i| *i != keep) {
            let same = same_values(&files[keep], &files[i]);
            let f = &mut files[i];
            let code = if same { "S032I" } else { "S031I" };
            f.state = if same { State::Duplicate } else { State::Superseded };
            f.reason = if same {
                format!("{kept} と同じ内容です。")
            } else {
                format!("{kept} に差し替わりました。")
            };
            findings.push(about(f, code).expected(&kept));
        }
        return;
    }
    let names: Vec<String> = latest.iter().map(|i| files[*i].file.clone()).collect();
    for i in members.iter().copied() {
        let tie = latest.contains(&i);
        let f = &mut files[i];
        f.state = State::Superseded;
        f.reason = if tie {
            "新旧を決められないため、どちらも集計していません。".into()
        } else {
            "この後の版があります。".into()
        };
        if tie {
            let others = names.iter().filter(|n| **n != f.file).cloned().collect::<Vec<_>>();
            let mut finding = about(f, "S030E").expected(others.join("、"));
            finding.related = others.iter().map(|o| Place::file(&Arc::from(o.as_str()))).collect();
            findings.push(finding);
        } else {
            findings.push(about(f, "S031I").expected(names.join("、")));
        }
    }
}

fn about(f: &Submission, code: &str) -> Finding {
    let (form, division) = (f.form.clone().unwrap_or_default(), f.division.clone().unwrap_or_default());
    Finding::new(code).at(file_place(f)).of(&form, &division, "")
}

/// Whether two versions say the same: every record with equal values.
fn same_values(a: &Submission, b: &Submission) -> bool {
    let values = |s: &Submission| -> BTreeMap<(String, String, String), String> {
        let records = s.records.iter().flat_map(|r| {
            r.fields.iter().map(move |(k, v)| ((r.block.clone(), r.item.clone(), k.clone()), format!("{:?}", v.value)))
        });
        records.collect()
    };
    values(a) == values(b)
}

/// Rows for replies that did not come, and for those that are not owed.
fn absent(
    files: &mut Vec<Submission>,
    groups: &BTreeMap<(String, String), Vec<usize>>,
    owed: &BTreeSet<(String, String)>,
    round: &Round,
    forms: &[&Form],
    today: NaiveDate,
    findings: &mut Vec<Finding>,
) {
    for form in forms.iter().filter(|f| round.forms.contains_key(&f.id)) {
        for division in &round.divisions {
            let pair = (form.id.clone(), division.code.clone());
            if groups.contains_key(&pair) {
                continue;
            }
            let mut row = Submission {
                form: Some(form.id.clone()),
                division: Some(division.code.clone()),
                reason: "この様式で答える対象がありません。".into(),
                ..Submission::new("", State::NotExpected)
            };
            if owed.contains(&pair) {
                row.state = State::Missing;
                let due = due(round, &form.id, &division.code, today);
                row.extended = due.is_some_and(|d| d.extended);
                row.late_days = due.map_or(0, |d| (today - d.day).num_days().max(0));
                let left = due.map_or(0, |d| (d.day - today).num_days());
                row.reason = if left >= 0 {
                    format!("期限まであと{left}日です。")
                } else {
                    format!("期限を{}日過ぎています。", -left)
                };
                let given = if left >= 0 {
                    format!("あと{left}日です")
                } else {
                    format!("{}日過ぎています", -left)
                };
                let expected = due.map(|d| crate::model::date::wareki(d.day)).unwrap_or_default();
                let finding = Finding::new("D001W").of(&form.id, &division.code, "").given(given);
                findings.push(finding.expected(expected).arg("form", &form.title));
            }
            files.push(row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn what_a_receipt_names() {
        for typed in ["提出/甲/回答.eml", "回答.eml", "回答.eml/表.xlsx", "表.xlsx", "提出/甲/回答.eml/表.xlsx"]
        {
            assert!(names(typed, "提出/甲/回答.eml/表.xlsx"), "{typed}");
        }
        for typed in ["", "甲", "答.eml", "回答", "提出"] {
            assert!(!names(typed, "提出/甲/回答.eml/表.xlsx"), "{typed}");
        }
    }
}
