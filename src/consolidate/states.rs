//! Every reply in a file to exactly one state, every reply that is owed to received, late or missing.
//!
//! The latest received answer counts, 保存日時 breaks a tie, equal values are a duplicate, and what is still tied and
//! differs is an error naming both. A file's name never decides. A reply is late when its first acceptable file is.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate, NaiveDateTime};

use super::copies;
use super::received::{Clerk, idle_extensions, idle_receipts, level, receive};
use super::rules::Rules;
use super::versions::{about, file_place, versions};
use crate::forms::Templates;
use crate::model::form::AskedOf;
use crate::model::ledger::Revision;
use crate::model::submission::State;
use crate::model::{Division, Finding, Form, Place, Round, Submission};
use crate::normalise::text;

/// Modification time of each file in +09:00, by path.
pub type FileTimes = BTreeMap<String, NaiveDateTime>;

/// Business days between two days; given by the check stage's calendar.
pub type BusinessDays<'a> = &'a dyn Fn(NaiveDate, NaiveDate) -> i64;

/// What settling gives beside the states of the files.
#[derive(Debug, Default)]
pub struct Settled {
    /// What is to say about it.
    pub findings: Vec<Finding>,
    /// One for each division and form that came: what its files say together.
    pub replies: Vec<Submission>,
    /// Cells of files that count whose answers do not.
    pub replaced: BTreeSet<Place>,
    /// Answers that later files give otherwise.
    pub revisions: Vec<Revision>,
}

/// Settles the state of every file and adds a row for every reply that is missing or not owed. `files` come in with
/// `Accepted` where they were read as a form of a known division, `said` is what is to say about each for itself.
#[expect(clippy::too_many_arguments)]
pub fn settle(
    files: &mut Vec<Submission>,
    said: &mut [Finding],
    round: &Round,
    forms: &[&Form],
    templates: &Templates,
    times: &FileTimes,
    today: NaiveDate,
    business_days: BusinessDays<'_>,
) -> Settled {
    let mut settled = Settled::default();
    files.sort_by(|a, b| (&a.file, &a.form, &a.division).cmp(&(&b.file, &b.form, &b.division)));
    let clerk = Clerk::new(round, files);
    let asked: Vec<Vec<Finding>> = files.iter_mut().map(|f| receive(f, &clerk, forms, times, today)).collect();
    copies::carry(files, said);
    let owed = owed(round, forms);
    settled.findings.extend(idle_receipts(files, (&clerk, round), &owed, templates, today));
    settled.findings.extend(idle_extensions(round, &owed));
    for f in files.iter_mut().filter(|f| f.state == State::Accepted) {
        if let (Some(form), Some(division)) = (f.form.clone(), f.division.clone())
            && !owed.contains(&(form.clone(), division.clone()))
        {
            f.state = State::NotExpected;
            f.reason = "この課には、この様式の提出を求めていません。".into();
            let finding = Finding::new("S033W").at(file_place(f)).of(&form, &division, "");
            settled.findings.push(finding.arg("division", round.division_name(&division)));
        }
    }
    let mut groups: BTreeMap<(String, String), Vec<&mut Submission>> = BTreeMap::new();
    for f in files.iter_mut().filter(|f| f.state == State::Accepted) {
        if let (Some(form), Some(division)) = (&f.form, &f.division) {
            groups.entry((form.clone(), division.clone())).or_default().push(f);
        }
    }
    let came: BTreeSet<(String, String)> = groups.keys().cloned().collect();
    for form in forms {
        let rules = Rules::new(form, &templates.lists, round);
        for ((_, division), members) in groups.iter_mut().filter(|((f, _), _)| *f == form.id) {
            level(members, &rules);
            let first = first_acceptable(members, &rules);
            brought_together(members, form, (&rules, round), &mut settled);
            let due = due(round, &form.id, division, today);
            settled.findings.extend(lateness(members, first, due, business_days));
            let days = templates.returns.working_days.clamp(1, 60);
            settled.findings.extend(not_mended(members, due, (today, days), business_days));
        }
    }
    // Of a copy, and of what nobody asked for, the original's day or none is of account.
    let of_account = |f: &Submission| !matches!(f.state, State::Duplicate | State::NotExpected);
    let asked = files.iter().zip(asked).filter(|(f, _)| of_account(f));
    settled.findings.extend(asked.flat_map(|(_, asked)| asked));
    let unread =
        said.iter().filter(|f| f.code == UNREAD).filter_map(|f| Some(f.place.as_ref()?.file.to_string())).collect();
    absent(files, (&came, &owed, &unread), round, forms, today, &mut settled.findings);
    files.sort_by(|a, b| (&a.form, &a.division, &a.file).cmp(&(&b.form, &b.division, &b.file)));
    settled
}

/// Which files of one reply count, and what they say together. Copies follow the file that carries their answers.
fn brought_together(
    members: &mut Vec<&mut Submission>,
    form: &Form,
    (rules, round): (&Rules<'_>, &Round),
    settled: &mut Settled,
) {
    let (mut own, mut copies): (Vec<_>, Vec<_>) = members.drain(..).partition(|f| f.same_as.is_none());
    let mut told = vec![None; own.len()];
    if let [one] = own.as_slice() {
        settled.replies.push((**one).clone());
    } else {
        let versions = versions(&mut own, form, rules, round);
        settled.findings.extend(versions.findings);
        settled.replies.push(versions.reply);
        settled.replaced.extend(versions.replaced);
        settled.revisions.extend(versions.revisions);
        told = versions.of_files;
    }
    settled.findings.extend(told.iter().flatten().cloned());
    let of_files: Vec<_> = own.iter().map(|f| &**f).zip(told).collect();
    settled.findings.extend(copies::follow(&mut copies, &of_files));
    members.extend(own.into_iter().chain(copies));
    members.sort_by(|a, b| a.file.cmp(&b.file));
}

/// The first file of a reply in which anything is answered; of those in which nothing is, the first.
fn first_acceptable(members: &[&mut Submission], rules: &Rules<'_>) -> Option<usize> {
    let says = |f: &Submission| rules.free_rows() || f.records.iter().any(|r| rules.says(r));
    let acceptable = |at: &usize| members[*at].received.is_some() && says(members[*at]);
    let day = |at: &usize| members[*at].rank();
    let all = 0..members.len();
    all.clone().filter(acceptable).min_by_key(day).or_else(|| all.min_by_key(day))
}

/// How late a reply is: as late as its first acceptable file. What came after is a correction.
fn lateness(
    members: &mut [&mut Submission],
    first: Option<usize>,
    due: Option<Due>,
    business_days: BusinessDays<'_>,
) -> Option<Finding> {
    let days = |f: &Submission| due.zip(f.received).map_or(0, |(d, r)| (r.day - d.day).num_days().max(0));
    let own = first.map_or(0, |at| days(members[at]));
    for f in members.iter_mut() {
        f.extended = due.is_some_and(|d| d.extended);
        f.late_days = days(f).min(own);
    }
    let (first, due) = (first?, due?);
    let told = if members[first].state == State::Accepted {
        &members[first]
    } else {
        members.iter().filter(|f| f.state == State::Accepted).max_by_key(|f| f.rank())?
    };
    let received = members[first].received.filter(|_| own > 0)?;
    let finding = about(told, "D020I").given(own.to_string()).expected(crate::model::date::wareki(due.day));
    Some(finding.arg("business", business_days(due.day, received.day).to_string()))
}

/// What was sent back and has not come again within the days that a return leaves, nor by the reply deadline.
fn not_mended(
    members: &[&mut Submission],
    due: Option<Due>,
    (today, days): (NaiveDate, i64),
    business_days: BusinessDays<'_>,
) -> Option<Finding> {
    let sent_back = members.iter().filter_map(|f| f.sent_back).max()?;
    let again = members.iter().filter_map(|f| f.received).any(|r| r.day > sent_back);
    let over = business_days(sent_back, today) > days && due.is_none_or(|d| today > d.day);
    let told = members.iter().filter(|f| f.state == State::Accepted).max_by_key(|f| f.rank())?;
    let wareki = crate::model::date::wareki;
    let finding = about(told, "X010W").given(wareki(sent_back)).expected(days.to_string());
    (!again && over).then_some(finding)
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

/// Replies by form and division.
type Replies = BTreeSet<(String, String)>;

/// The code of a file that this machine could not read.
const UNREAD: &str = "S085W";

/// Rows for replies that did not come, and for those that are not owed.
fn absent(
    files: &mut Vec<Submission>,
    (came, owed, unread): (&Replies, &Replies, &BTreeSet<String>),
    round: &Round,
    forms: &[&Form],
    today: NaiveDate,
    findings: &mut Vec<Finding>,
) {
    let unusable: Vec<(String, Option<String>)> =
        files.iter().filter(|f| is_unusable(f)).map(|f| (f.file.clone(), f.form.clone())).collect();
    for form in forms.iter().filter(|f| round.forms.contains_key(&f.id)) {
        for division in &round.divisions {
            let pair = (form.id.clone(), division.code.clone());
            if came.contains(&pair) {
                continue;
            }
            let mut row = Submission {
                form: Some(form.id.clone()),
                division: Some(division.code.clone()),
                reason: "この様式で答える対象がありません。".into(),
                ..Submission::new("", State::NotExpected)
            };
            let unread_here = || {
                let files = may_be(&unusable, (form, forms), division, round);
                files.into_iter().find(|(file, own)| *own && unread.contains(*file))
            };
            if let Some((file, _)) = owed.contains(&pair).then(unread_here).flatten() {
                // The file has its own finding; nobody is asked for what has been sent.
                row.state = State::Unread;
                row.reason = format!("届いた「{file}」を、この端末でまだ読めていません。");
            } else if owed.contains(&pair) {
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
                let mut finding = finding.expected(expected).arg("form", &form.title);
                if let Some(came) = perhaps(&unusable, (form, forms), division, round) {
                    finding = finding.arg("again", "し直すこと").arg("came", came);
                }
                findings.push(finding);
            }
            files.push(row);
        }
    }
}

/// A file that came and cannot be counted, though it may well be a reply.
fn is_unusable(f: &Submission) -> bool {
    !f.file.is_empty() && (f.state == State::Unreadable || f.state == State::NotOurs && f.form.is_some())
}

/// So many files are named in one sentence.
const NAMED: usize = 3;

/// What is said to the office of such files.
fn perhaps(
    unusable: &[(String, Option<String>)],
    forms: (&Form, &[&Form]),
    division: &Division,
    round: &Round,
) -> Option<String> {
    let all = may_be(unusable, forms, division, round);
    let names: Vec<String> = all.iter().map(|(p, _)| format!("「{p}」")).take(NAMED).collect();
    (!names.is_empty()).then(|| {
        format!(
            "届いた{}は、読めないか、どの課のものか分からないため、数えていません。この回答であれば、使えるものをもう一度出してもらってください。",
            names.join("、")
        )
    })
}

/// Files that cannot be counted and may be the reply that is missing: their path names the division (`true`), or, where there are a
/// few only, none at all, and no other form. A name decides nothing, but nobody is asked for what may have been sent as if nothing had come.
fn may_be<'p>(
    unusable: &'p [(String, Option<String>)],
    (form, forms): (&Form, &[&Form]),
    division: &Division,
    round: &Round,
) -> Vec<(&'p str, bool)> {
    // The last word of a title is what a form is called: 調査票, 計画書.
    let titled = |path: &str, f: &Form| {
        f.title.split_whitespace().last().is_some_and(|word| text::key(path).contains(&text::key(word)))
    };
    let of_other = |path: &str| !titled(path, form) && forms.iter().any(|f| titled(path, f));
    let says = |path: &str, d: &Division| {
        let path = text::key(path);
        std::iter::once(&d.name).chain(&d.former_names).any(|n| !n.is_empty() && path.contains(&text::key(n)))
    };
    let of_form = unusable.iter().filter(|(p, f)| f.as_ref().map_or(!of_other(p), |f| *f == form.id));
    let of_form: Vec<&str> = of_form.map(|(p, _)| p.as_str()).collect();
    let nobodys = |path: &str| !round.divisions.iter().any(|d| says(path, d));
    let few = of_form.iter().filter(|p| nobodys(p)).count() <= NAMED;
    let fits = |path: &&str| says(path, division) || few && nobodys(path);
    of_form.into_iter().filter(fits).map(|path| (path, says(path, division))).collect()
}

/// As the files of a ledger stand: those that came, cannot be counted and may be this reply, each with whether its path names
/// the division.
#[must_use]
pub fn uncounted<'a>(
    files: &'a [Submission],
    forms: (&Form, &[&Form]),
    division: &Division,
    round: &Round,
) -> Vec<(&'a Submission, bool)> {
    let unusable: Vec<(String, Option<String>)> =
        files.iter().filter(|f| is_unusable(f)).map(|f| (f.file.clone(), f.form.clone())).collect();
    let mut all: Vec<(&Submission, bool)> = Vec::new();
    for (path, own) in may_be(&unusable, forms, division, round) {
        let file = files.iter().find(|f| f.file == path && is_unusable(f));
        all.extend(file.filter(|f| !all.iter().any(|(other, _)| other.file == f.file)).map(|f| (f, own)));
    }
    all
}

/// The day until which a mended file is asked for that was sent back on a day: so many working days later.
#[must_use]
pub fn mend_by(sent_back: NaiveDate, working_days: i64, business_days: BusinessDays<'_>) -> NaiveDate {
    // 60 working days are over within 200 days.
    let days = (1..=200u64).filter_map(|n| sent_back.checked_add_days(Days::new(n)));
    let wanted = working_days.clamp(1, 60);
    days.into_iter().find(|day| business_days(sent_back, *day) >= wanted).unwrap_or(sent_back)
}
