//! When a file was received, and which rows of 受付 say nothing about any file.
//!
//! A day that cannot be (still to come, before the form was issued, a year off the file's own 保存日時) decides nothing.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};

use super::rules::Rules;
use super::states::FileTimes;
use super::versions::{about, contradict, same_values};
use crate::check::words;
use crate::forms::Templates;
use crate::model::date::wareki;
use crate::model::round::{Extension, Receipt};
use crate::model::submission::{Received, ReceivedBasis, State};
use crate::model::{Answer, Finding, Form, Role, Round, Submission};
use crate::normalise::text;
use crate::settings::unused;

/// So many days between 提出日 and 保存日時 are a slip of the year, not a file that lay about.
const A_YEAR_OFF: i64 = 300;

/// A file of a round was not saved so many days before its 基準日.
const A_YEAR: u64 = 365;

/// Likeness of a file's name from which it is suggested for one that nobody has.
const ALIKE: f64 = 0.6;

/// Received date: 受付, else the form's own 提出日, else 保存日時, else the modification time. A day that cannot be is told,
/// unless 受付 decides.
pub(super) fn receive(
    f: &mut Submission,
    clerk: &Clerk<'_>,
    forms: &[&Form],
    times: &FileTimes,
    today: NaiveDate,
) -> Vec<Finding> {
    let round = clerk.round;
    let receipts = clerk.of_file(f);
    let by_division: Vec<_> = round
        .receipts
        .iter()
        .filter(|r| r.file.is_empty() && Some(&r.form) == f.form.as_ref() && Some(&r.division) == f.division.as_ref())
        .collect();
    let receipts = if receipts.is_empty() { by_division } else { receipts };
    // A day of grace, for clocks and for those who look at a round as of the day before. A day long before the round is what a
    // program writes that knows no clock.
    let since = round.forms.values().map(|f| f.as_of).min().map(|day| day - Days::new(A_YEAR));
    f.stamp = f.saved.filter(|t| t.date() <= today + Days::new(1) && since.is_none_or(|s| s <= t.date()));
    f.sent_back = receipts.iter().filter_map(|r| r.sent_back).max();
    let on = |day: NaiveDate, basis: ReceivedBasis| Received { day, basis };
    let possible = |day: &NaiveDate| *day <= today && round.issued_on.is_none_or(|issued| *day >= issued);
    let by_clerk = receipts.iter().filter_map(|r| r.received).filter(&possible).max();
    f.received = by_clerk.map(|d| on(d, ReceivedBasis::受付));
    if f.state == State::NotOurs || f.received.is_some() {
        return Vec::new(); // When a file arrived that nobody asked for is of no account, unless the clerk says so.
    }
    let saved = f.stamp.map(|t| t.date()).filter(possible);
    let mut findings = Vec::new();
    let mut submitted = None;
    if let Some((key, answer)) = submitted_on(f, forms)
        && let Some(day) = answer.value.date().and_then(|i| i.to.filter(|to| i.from == Some(*to)))
    {
        let why = if day > today {
            Some(format!("今日（{}）より後の日です", wareki(today)))
        } else if let Some(issued) = round.issued_on.filter(|issued| day < *issued) {
            Some(format!("様式を配った日（{}）より前の日です", wareki(issued)))
        } else {
            let off = saved.filter(|s| (*s - day).num_days().abs() >= A_YEAR_OFF);
            off.map(|s| format!("ファイルの保存日時（{}）と1年ほど離れています", wareki(s)))
        };
        if let Some(why) = why {
            let finding = about(f, "X008W").at(answer.place.clone()).field(&key).given(words::given(answer));
            findings.push(finding.arg("what", "提出日").arg("why", why));
            f.doubtful_day = true;
        } else {
            submitted = Some(day);
        }
    }
    // A clock that goes wrong is of account only where no other day is known.
    if let Some(to_come) = f.saved.map(|t| t.date()).filter(|d| *d > today && submitted.is_none()) {
        let finding = about(f, "X008W").given(wareki(to_come)).arg("what", "ファイルの保存日時");
        findings.push(finding.arg("why", format!("今日（{}）より後の日です", wareki(today))));
    }
    f.received = submitted
        .map(|d| on(d, ReceivedBasis::提出日))
        .or_else(|| saved.map(|d| on(d, ReceivedBasis::保存日時)))
        .or_else(|| times.get(&f.file).map(|t| on(t.date(), ReceivedBasis::更新日時)).filter(|r| possible(&r.day)));
    let taken = f.received.map_or("受領日は決めていません".to_string(), |r| {
        format!("受領日には{}（{}）を使いました", r.basis.words(), wareki(r.day))
    });
    findings.into_iter().map(|finding| finding.arg("taken", &*taken)).collect()
}

/// Of files of one reply and one day 保存日時 decides. Where one that answers otherwise has none that can be believed, nothing does:
/// a file without one (from a browser, a telephone) is as likely to be the newer as the older.
pub(super) fn level(members: &mut [&mut Submission], rules: &Rules<'_>) {
    let day = |f: &Submission| f.received.map(|r| r.day);
    let days: BTreeSet<Option<NaiveDate>> = members.iter().map(|f| day(f)).collect();
    for of in days {
        let own: Vec<&Submission> = members.iter().map(|f| &**f).filter(|f| day(f) == of).collect();
        let stamped: Vec<&Submission> = own.iter().copied().filter(|f| f.stamp.is_some()).collect();
        let unlike = |f: &Submission| {
            stamped.iter().any(|other| contradict(other, f, rules))
                && !stamped.iter().any(|other| same_values(other, f))
        };
        if own.iter().any(|f| f.stamp.is_none() && unlike(f)) {
            members.iter_mut().filter(|f| day(f) == of).for_each(|f| f.stamp = None);
        }
    }
}

/// 提出日 on the form, with its key.
fn submitted_on<'f>(f: &'f Submission, forms: &[&Form]) -> Option<(String, &'f Answer)> {
    let form = forms.iter().find(|x| Some(&x.id) == f.form.as_ref())?;
    let key = form.field_with(Role::Submitted)?.answer_key("");
    let answer = f.card.get(&key)?;
    Some((key, answer))
}

/// Whether a file cell of 受付 names a path: the whole path, its last part, or the archive or mail that it came in.
fn names(typed: &str, path: &str) -> bool {
    let typed = text::key(&typed.replace('\\', "/"));
    let path = text::key(path);
    let holds = holds_files(&typed);
    let inside = || path.starts_with(&format!("{typed}/")) || path.contains(&format!("/{typed}/"));
    !typed.is_empty() && (path == typed || path.ends_with(&format!("/{typed}")) || holds && inside())
}

/// The rows of 受付 beside the files that came.
pub(super) struct Clerk<'r> {
    round: &'r Round,
    /// Path and division of every file.
    files: Vec<(String, Option<String>)>,
}

impl<'r> Clerk<'r> {
    pub(super) fn new(round: &'r Round, files: &[Submission]) -> Self {
        Self { round, files: files.iter().map(|f| (f.file.clone(), f.division.clone())).collect() }
    }

    /// The rows about a file: of those that name it the ones that say most exactly where it lies.
    fn of_file(&self, f: &Submission) -> Vec<&'r Receipt> {
        let own = |r: &&Receipt| names(&r.file, &f.file) && fits(r, f) && self.shared(r).is_empty();
        let rows: Vec<&Receipt> = self.round.receipts.iter().filter(own).collect();
        let exact = rows.iter().map(|r| folders(&r.file)).max();
        rows.into_iter().filter(|r| Some(folders(&r.file)) == exact).collect()
    }

    /// The divisions whose different files have the name that a row gives without a folder or a division: it says nothing.
    fn shared(&self, r: &Receipt) -> Vec<&str> {
        if !r.division.is_empty() || folders(&r.file) > 0 || holds_files(&r.file) {
            return Vec::new();
        }
        let named = self.files.iter().filter(|(path, _)| names(&r.file, path));
        let of: BTreeSet<(&str, &str)> = named.filter_map(|(path, d)| Some((d.as_deref()?, path.as_str()))).collect();
        let paths: BTreeSet<&str> = of.iter().map(|(_, path)| *path).collect();
        let divisions: BTreeSet<&str> = of.iter().map(|(d, _)| *d).collect();
        if paths.len() > 1 && divisions.len() > 1 { divisions.into_iter().collect() } else { Vec::new() }
    }
}

/// How many folders a name has before it.
fn folders(typed: &str) -> usize {
    typed.replace('\\', "/").trim_matches('/').matches('/').count()
}

/// Whether a name is that of an archive or a mail, in which several divisions' files may lie.
fn holds_files(typed: &str) -> bool {
    let typed = text::key(typed);
    [".zip", ".eml", ".msg"].iter().any(|end| typed.ends_with(end))
}

/// Whether division and form of a row, where it gives them, are those of a file.
fn fits(r: &Receipt, f: &Submission) -> bool {
    let same = |typed: &str, own: &Option<String>| typed.is_empty() || own.as_deref().is_none_or(|own| own == typed);
    same(&r.division, &f.division) && same(&r.form, &f.form)
}

/// Rows of 受付 that say nothing about any file, or a day that is still to come.
pub(super) fn idle_receipts(
    files: &[Submission],
    (clerk, round): (&Clerk<'_>, &Round),
    owed: &BTreeSet<(String, String)>,
    templates: &Templates,
    today: NaiveDate,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for r in &round.receipts {
        let mut nearest = String::new();
        let why = if r.file.is_empty() {
            idle(r, files, round, owed, templates)
        } else if files.iter().any(|f| names(&r.file, &f.file) && fits(r, f)) {
            let shared: Vec<&str> = clerk.shared(r).into_iter().map(|d| round.division_name(d)).collect();
            let several = || {
                format!(
                    "この名前のファイルが複数の課（{}）にあるため、使っていません。「提出」からの場所（フォルダ/ファイル名）か、課コードも書いてください",
                    shared.join("、")
                )
            };
            (!shared.is_empty()).then(several)
        } else if files.iter().any(|f| names(&r.file, &f.file)) {
            Some("この名前のファイルは、この行の課や様式のものではありません".into())
        } else {
            nearest = alike(&r.file, files);
            Some(format!("「{}」という名前のファイルが「提出」にありません", r.file))
        };
        let late = r.received.filter(|d| *d > today).map(|d| format!("受付日（{}）が今日より後です", wareki(d)));
        let issued = round.issued_on;
        let early = issued
            .zip(r.received)
            .filter(|(issued, d)| d < issued)
            .map(|(issued, d)| format!("受付日（{}）が様式を配った日（{}）より前です", wareki(d), wareki(issued)));
        let twice = || {
            let later = round.receipts.iter().filter(|o| same_rows(o, r) && o.received > r.received);
            let used = later.filter_map(|o| o.received).max().filter(|_| r.received.is_some())?;
            Some(format!("同じファイルの行がもう一つあり、遅いほうの受付日（{}）を使いました", wareki(used)))
        };
        let Some(why) = why.or(late).or(early).or_else(twice) else { continue };
        let named = || format!("{} {}", round.division_name(&r.division), title(&r.form, templates));
        let given = if r.file.is_empty() { named() } else { r.file.clone() };
        let mut finding = Finding::new("X009W").given(given.trim()).arg("why", why).arg("nearest", nearest);
        finding.place.clone_from(&r.place);
        findings.push(finding);
    }
    findings
}

/// Whether two rows are about the same file, or the same division's form.
fn same_rows(a: &Receipt, b: &Receipt) -> bool {
    let file = |r: &Receipt| text::key(&r.file.replace('\\', "/"));
    file(a) == file(b) && (!a.file.is_empty() || (&a.division, &a.form) == (&b.division, &b.form))
}

/// Why a row that names a division and a form says nothing.
fn idle(
    r: &Receipt,
    files: &[Submission],
    round: &Round,
    owed: &BTreeSet<(String, String)>,
    templates: &Templates,
) -> Option<String> {
    if r.division.is_empty() && r.form.is_empty() && r.received.is_none() && r.sent_back.is_none() {
        return None;
    }
    if r.division.is_empty() || r.form.is_empty() {
        return Some("ファイルの名前も、課コードと様式IDの組も書かれていません".into());
    }
    if !round.forms.contains_key(&r.form) {
        return Some(format!("様式「{}」は、この調査回で聞いていません", title(&r.form, templates)));
    }
    let division = round.division_name(&r.division);
    if !owed.contains(&(r.form.clone(), r.division.clone())) {
        return Some(format!("{division}には、この様式の提出を求めていません"));
    }
    let came = files.iter().any(|f| f.form.as_ref() == Some(&r.form) && f.division.as_ref() == Some(&r.division));
    (!came).then(|| format!("{division}のこの様式のファイルが「提出」にありません"))
}

/// What a form is called; an id that is nowhere stays as it was typed.
fn title<'a>(id: &'a str, templates: &'a Templates) -> &'a str {
    templates.forms.get(id).map_or(id, |f| f.title.as_str())
}

/// Rows of 延長 that move no deadline: nothing is asked of the division, or the day is none later.
pub(super) fn idle_extensions(round: &Round, owed: &BTreeSet<(String, String)>) -> Vec<Finding> {
    let idle = |e: &Extension| {
        let division = round.division_name(&e.division);
        let unused = |why: String| unused(e.place.clone(), "課コード", division, why);
        // A form that is not asked in this round may be asked in the next one.
        let due = round.forms.get(&e.form)?.reply_deadline;
        if !owed.contains(&(e.form.clone(), e.division.clone())) {
            return Some(unused("には、この様式の提出を求めていません".into()));
        }
        let (until, due) = (Some(e.until).filter(|u| *u <= due)?, wareki(due));
        Some(unused(format!("の延長後の期限（{}）は、回答期限（{due}）より後の日ではありません", wareki(until))))
    };
    round.extensions.iter().filter_map(idle).collect()
}

/// The file with the most similar name, as a suggestion.
fn alike(typed: &str, files: &[Submission]) -> String {
    let last = |path: &str| text::key(path.replace('\\', "/").rsplit('/').next().unwrap_or_default());
    let typed = last(typed);
    let by_likeness = files
        .iter()
        .filter(|f| !f.file.is_empty())
        .map(|f| (strsim::normalized_levenshtein(&typed, &last(&f.file)), &f.file));
    let best = by_likeness.filter(|(l, _)| *l >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)));
    best.map(|(_, file)| format!("「{file}」のことではありませんか。")).unwrap_or_default()
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
