//! What the files of one reply say together. The unit is the record, and in it the answer: a later file replaces what it
//! answers, never what it leaves blank.
//!
//! Every answer keeps its own place. Of two answers that differ in files of one rank neither is taken, nor anything else of
//! their record; a file's name never decides.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arcstr::ArcStr;

use super::rules::Rules;
use super::untouched::Touched;
use crate::check::moved::same;
use crate::model::{Answer, Answers, Record, Submission};

/// Block and item of a record.
type Id = (String, String);

/// An answer of one file, and of another that takes its place.
#[derive(Clone, Debug)]
pub(super) struct Replaced<'a> {
    /// The record.
    pub(super) record: (&'a str, &'a str),
    /// Key of the answer.
    pub(super) key: &'a str,
    /// The file that gave it, by its position, and what it said.
    pub(super) old: (usize, &'a Answer),
    /// The file that counts, and what it says.
    pub(super) new: (usize, &'a Answer),
}

/// What the files of a reply say together, and what became of each answer.
#[derive(Debug, Default)]
pub(super) struct Merged<'a> {
    /// The records that count, each answer with its own place.
    pub(super) records: Vec<Arc<Record>>,
    /// Answers that another file's answer replaced.
    pub(super) replaced: Vec<Replaced<'a>>,
    /// Answers that are the same as the one of another file that counts, with their files.
    pub(super) repeated: Vec<(usize, &'a Answer)>,
    /// Answers that count although a later file leaves their cell blank; `new` is the blank.
    pub(super) blanks: Vec<Replaced<'a>>,
    /// Answers that count although a later file has the last known one in their cell, as the form came with it; `new` is that.
    pub(super) left: Vec<Replaced<'a>>,
    /// Answers that do not count any more because a later file that changed nothing at all has the last known one; `new` is that.
    pub(super) taken_back: Vec<Replaced<'a>>,
    /// Answers that differ in files of one rank: every pair, both ways.
    pub(super) disputed: Vec<Replaced<'a>>,
    /// Rows of one number that name different things in different files; the name that is left out, and the one that stands in its
    /// place. In files of one rank both are left out.
    pub(super) apart: Vec<Replaced<'a>>,
    /// For each file, how many of its answers count.
    pub(super) counts: Vec<usize>,
    /// For each file, how many answers it gives.
    pub(super) says: Vec<usize>,
    /// For each file, those that stand in its place for records that nobody can decide.
    pub(super) under: Vec<BTreeSet<usize>>,
}

/// One file's answer to a key.
#[derive(Clone, Copy)]
struct Said<'a> {
    file: usize,
    record: &'a Record,
    key: &'a str,
    answer: &'a Answer,
}

/// Brings the files of one reply together; they come in the order of their paths.
pub(super) fn merge<'a>(files: &[&'a Submission], rules: &Rules<'_>) -> Merged<'a> {
    let n = files.len();
    let mut merged =
        Merged { counts: vec![0; n], says: vec![0; n], under: vec![BTreeSet::new(); n], ..Merged::default() };
    for (file, says) in files.iter().zip(&mut merged.says) {
        let answers = file.records.iter().flat_map(|r| &r.fields);
        *says = answers.filter(|(k, a)| rules.is_open(k) && a.says()).count();
    }
    let all = || files.iter().copied();
    let numbers: Vec<Vec<Option<&str>>> =
        files.iter().map(|f| f.records.iter().map(|r| rules.number(r, f, all())).collect()).collect();
    merged.apart = apart(files, &numbers, rules);
    let touched = Touched::of(files, rules);
    for id in order(files) {
        let others: Vec<&Replaced<'_>> = merged.apart.iter().filter(|p| p.record.1 == id.1).collect();
        if others.iter().any(|p| files[p.old.0].rank() == files[p.new.0].rank()) {
            continue;
        }
        let others: BTreeSet<usize> = others.into_iter().map(|p| p.old.0).collect();
        let mut of: Vec<(usize, &Arc<Record>)> = Vec::new();
        for (at, file) in files.iter().enumerate() {
            let own = file.records.iter().zip(&numbers[at]);
            let own = own.filter(|(r, number)| r.block == id.0 && **number == Some(id.1.as_str())).map(|(r, _)| r);
            of.extend(own.filter(|_| !others.contains(&at)).map(|r| (at, r)));
        }
        if of.is_empty() {
            continue;
        }
        whole_rows(&mut of, files, rules);
        record(&id.1, &of, files, (rules, &touched), &mut merged);
    }
    merged
}

/// Rows of one number in which another file names another thing than the newest that has the row.
fn apart<'a>(files: &[&'a Submission], numbers: &[Vec<Option<&str>>], rules: &Rules<'_>) -> Vec<Replaced<'a>> {
    let Some(key) = rules.name() else { return Vec::new() };
    let mut by_item: BTreeMap<&'a str, Vec<Said<'a>>> = BTreeMap::new();
    for (file, submission) in files.iter().enumerate() {
        let rows = submission.records.iter().zip(&numbers[file]);
        let rows = rows.filter(|(r, number)| **number == Some(r.item.as_str())).map(|(r, _)| r);
        for record in rows {
            let named = record.fields.get_key_value(key).filter(|(_, a)| a.says());
            let said = named.map(|(key, answer)| Said { file, record, key, answer });
            by_item.entry(&record.item).or_default().extend(said);
        }
    }
    let mut pairs = Vec::new();
    for rows in by_item.values() {
        let newest = rows.iter().map(|s| files[s.file].rank()).max();
        for new in rows.iter().filter(|s| Some(files[s.file].rank()) == newest) {
            let is_other =
                |old: &&Said<'_>| old.answer.raw != new.answer.raw && !rules.is_same_thing(old.record, new.record);
            let others = rows.iter().filter(|old| old.file != new.file).filter(is_other);
            pairs.extend(others.map(|old| pair(old, new)));
        }
    }
    pairs
}

/// The records in the order of the newest file that has them.
fn order(files: &[&Submission]) -> Vec<Id> {
    let mut newest: Vec<&&Submission> = files.iter().collect();
    newest.sort_by_key(|f| std::cmp::Reverse(f.rank()));
    let mut seen = BTreeSet::new();
    let ids = newest.into_iter().flat_map(|f| &f.records).map(|r| (r.block.clone(), r.item.clone()));
    ids.filter(|id| seen.insert(id.clone())).collect()
}

/// Where a row is about different things in different files, the newest file's stands alone, so that nothing is mixed.
fn whole_rows(of: &mut Vec<(usize, &Arc<Record>)>, files: &[&Submission], rules: &Rules<'_>) {
    let newest = of.iter().map(|(f, _)| files[*f].rank()).max();
    let Some((_, last)) = of.iter().find(|(f, _)| Some(files[*f].rank()) == newest).copied() else { return };
    if !of.iter().all(|(_, r)| rules.is_same_thing(r, last)) {
        of.retain(|(f, _)| Some(files[*f].rank()) == newest);
    }
}

/// One record of all the files that have it.
fn record<'a>(
    item: &str,
    of: &[(usize, &'a Arc<Record>)],
    files: &[&Submission],
    (rules, touched): (&Rules<'_>, &Touched<'_>),
    merged: &mut Merged<'a>,
) {
    // There is nothing to bring together: the file's own record stands.
    if let [(file, only)] = of
        && only.item == item
    {
        merged.counts[*file] += only.fields.iter().filter(|(k, a)| rules.is_open(k) && a.says()).count();
        merged.records.push((*only).clone());
        return;
    }
    let rank = |s: &Said<'_>| files[s.file].rank();
    let mut by_key: BTreeMap<&'a ArcStr, Vec<Said<'a>>> = BTreeMap::new();
    for (file, record) in of {
        for (key, answer) in &record.fields {
            by_key.entry(key).or_default().push(Said { file: *file, record, key, answer });
        }
    }
    let left = |s: &Said<'a>| rules.is_left(s.record, s.key, s.answer);
    // What stands as the form came with it says nothing beside what somebody changed.
    let untouched = |s: &Said<'a>, changed: &Said<'a>| {
        touched.is_left_beside(s.file, changed.file) && rank(changed) <= rank(s) && left(s) && !left(changed)
    };
    let tops = |all: &[Said<'a>]| -> Vec<Said<'a>> {
        let mut said: Vec<Said<'a>> = all.iter().copied().filter(|s| s.answer.says()).collect();
        // A thousand files of a first month are not held each against each.
        if touched.is_known() {
            let (as_it_came, changed): (Vec<Said<'a>>, Vec<Said<'a>>) = said.into_iter().partition(|s| left(s));
            let counts = |s: &Said<'a>| !changed.iter().any(|c| untouched(s, c));
            said = as_it_came.into_iter().filter(counts).chain(changed.iter().copied()).collect();
            said.sort_by_key(|s| s.file);
        }
        let top = said.iter().map(rank).max();
        said.into_iter().filter(|s| Some(rank(s)) == top).collect()
    };
    let mut pairs: Vec<Replaced<'a>> = Vec::new();
    for (_, all) in by_key.iter().filter(|(k, _)| rules.is_open(k)) {
        let tops = tops(all);
        // A thousand copies say the same; only where some do not is each held against each.
        if tops.windows(2).all(|two| two[0].answer.value == two[1].answer.value) {
            continue;
        }
        for (a, b) in tops.iter().flat_map(|a| tops.iter().map(move |b| (a, b))) {
            if !same(&a.answer.value, &b.answer.value) {
                pairs.push(pair(a, b));
            }
        }
    }
    if !pairs.is_empty() {
        let tied: BTreeSet<usize> = pairs.iter().map(|p| p.old.0).collect();
        for (file, _) in of {
            merged.under[*file].extend(tied.iter().filter(|t| *t != file));
        }
        merged.disputed.extend(pairs);
        return;
    }
    let speaks = |s: &Said<'_>| (rules.says(s.record), merged.says[s.file] > 0, rank(s));
    let mut out = Record { item: item.to_string(), fields: Answers::new(), ..(**of[0].1).clone() };
    let mut counted: Vec<usize> = Vec::new();
    for (key, all) in &by_key {
        let open = rules.is_open(key);
        let first = tops(all).first().copied().filter(|_| open);
        // What the form prints, and a cell that nobody answers, are taken from a file that counts.
        let printed = || all.iter().rev().max_by_key(|s| (s.answer.says(), speaks(s))).copied();
        let Some(mut winner) = first.or_else(printed) else { continue };
        if open && winner.answer.says() {
            let later = all.iter().filter(|s| !s.answer.says() && rank(s) > rank(&winner));
            let needless = later.clone().filter(|s| rules.is_needless(s.record, key)).max_by_key(|s| rank(s));
            if let Some(later) = needless {
                winner = *later;
            } else {
                merged.blanks.extend(later.max_by_key(|s| rank(s)).map(|later| pair(&winner, later)));
                counted.push(winner.file);
            }
            let says = || all.iter().filter(|s| s.answer.says() && s.file != winner.file);
            let otherwise = |s: &&Said<'a>| !same(&s.answer.value, &winner.answer.value);
            let later = says().filter(|s| rank(s) > rank(&winner) && untouched(s, &winner)).filter(otherwise);
            merged.left.extend(later.max_by_key(|s| rank(s)).map(|later| pair(&winner, later)));
            let back = |s: &&Said<'a>| touched.takes_all_back(winner.file, s.file) && left(&winner) && !left(s);
            merged.taken_back.extend(says().filter(otherwise).filter(back).map(|old| pair(old, &winner)));
            for old in says().filter(|s| !(untouched(s, &winner) && otherwise(s))) {
                if same(&old.answer.value, &winner.answer.value) {
                    merged.repeated.push((old.file, old.answer));
                } else {
                    merged.replaced.push(pair(old, &winner));
                }
            }
        }
        out.fields.insert((*key).clone(), winner.answer.clone());
    }
    counted.into_iter().for_each(|f| merged.counts[f] += 1);
    merged.records.push(Arc::new(out));
}

fn pair<'a>(old: &Said<'a>, new: &Said<'a>) -> Replaced<'a> {
    let record = (new.record.block.as_str(), new.record.item.as_str());
    Replaced { record, key: old.key, old: (old.file, old.answer), new: (new.file, new.answer) }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::forms::Templates;
    use crate::model::form::AskedOf;
    use crate::model::submission::{Received, ReceivedBasis, State};
    use crate::model::{Place, Round, Told, Value};

    /// Block, number and answers of a row.
    type Row<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

    /// A file handed in on a day of November, with rows of one number each: block, number, answers.
    fn file(name: &str, day: u32, rows: &[Row<'_>]) -> Submission {
        let mut out = Submission::new(name, State::Accepted);
        let day = NaiveDate::from_ymd_opt(2022, 11, day).expect("a day");
        out.received = Some(Received { day, basis: ReceivedBasis::提出日 });
        let place = Place::file(&name.into());
        for (block, item, answers) in rows {
            let answer = |v: &str| Answer {
                value: Value::Text(v.into()),
                raw: v.into(),
                place: place.clone(),
                notes: thin_vec::ThinVec::new(),
                doubts: thin_vec::ThinVec::new(),
            };
            let fields = answers.iter().map(|(k, v)| (ArcStr::from(*k), answer(v))).collect();
            let (block, item) = ((*block).to_string(), (*item).to_string());
            out.records.push(Arc::new(Record { block, item, fields, ..Record::default() }));
        }
        out
    }

    fn merged<T>(files: &[&Submission], look: impl Fn(&Merged<'_>) -> T) -> T {
        merged_after(&[], files, look)
    }

    /// As [`merged`], where a round before told of these answers: number, key, answer.
    fn merged_after<T>(known: &[(&str, &str, &str)], files: &[&Submission], look: impl Fn(&Merged<'_>) -> T) -> T {
        let templates = Templates::embedded().expect("the shipped definitions");
        let form = templates.asked().find(|f| f.asked_of == AskedOf::Divisions).expect("a form of free rows");
        let mut round = Round::default();
        for (item, key, said) in known {
            let told = Told { raw: (*said).into(), kind: "text".into(), value: (*said).into(), ..Told::default() };
            round.known.insert((form.id.clone(), (*item).into(), (*key).into()), told);
        }
        look(&merge(files, &Rules::new(form, &templates.lists, &round)))
    }

    const WINDOW: &[(&str, &str)] = &[("name", "窓口の予約"), ("class", "A"), ("summary", "予約を受ける")];
    const CHAT: &[(&str, &str)] = &[("name", "自動応答"), ("class", "A"), ("summary", "質問に答える")];

    #[test]
    fn what_a_file_leaves_as_the_form_came_with_it_takes_nothing_back() {
        const LAST: &[(&str, &str, &str)] =
            &[("1", "name", "甲"), ("1", "summary", "前"), ("2", "name", "乙"), ("2", "summary", "前")];
        let row = |number: &'static str, name: &'static str, summary: &'static str| (number, name, summary);
        let sent = |file_name: &str, day: u32, rows: &[(&'static str, &'static str, &'static str)]| {
            let answers: Vec<[(&str, &str); 2]> = rows.iter().map(|r| [("name", r.1), ("summary", r.2)]).collect();
            let rows: Vec<Row<'_>> = rows.iter().zip(&answers).map(|(r, a)| ("initiatives", r.0, &a[..])).collect();
            file(file_name, day, &rows)
        };
        let said = |m: &Merged<'_>, item: &str| {
            let record = m.records.iter().find(|r| r.item == item).expect("the row");
            record.fields["summary"].raw.to_string()
        };
        let first = sent("一係", 8, &[row("1", "甲", "今"), row("2", "乙", "前")]);
        // A section that mended its own row alone.
        for day in [9, 8, 7] {
            let other = sent("二係", day, &[row("1", "甲", "前"), row("2", "乙", "新")]);
            merged_after(LAST, &[&first, &other], |m| {
                assert_eq!((said(m, "1"), said(m, "2")), ("今".into(), "新".into()), "{day}");
                assert_eq!((m.left.len(), m.disputed.len()), (usize::from(day != 8), 0), "{day}");
            });
        }
        // A correction of the file: it changed the row as well.
        let mended = sent("直し", 9, &[row("1", "甲", "前"), row("2", "乙", "新")]);
        let both = sent("一係", 8, &[row("1", "甲", "今"), row("2", "乙", "今")]);
        merged_after(LAST, &[&both, &mended], |m| {
            assert_eq!((said(m, "1"), said(m, "2")), ("前".into(), "新".into()));
            assert_eq!((m.left.len(), m.taken_back.len()), (0, 0));
        });
        // One that changed nothing: the later counts, and it is asked about.
        let as_it_came = sent("再送", 9, &[row("1", "甲", "前"), row("2", "乙", "前")]);
        merged_after(LAST, &[&first, &as_it_came], |m| {
            assert_eq!((said(m, "1"), m.taken_back.len()), ("前".into(), 1));
        });
    }

    #[test]
    fn another_spelling_is_no_contradiction_and_what_is_repeated_is_told_once() {
        let named = |t: &'static str| file(t, 8, &[("initiatives", "1", WINDOW)]);
        let wide = [("name", "窓口の予約"), ("class", "Ａ"), ("summary", "予約を受ける")];
        let again = file("同じ日", 8, &[("initiatives", "1", &wide)]);
        merged(&[&named("先"), &again], |m| {
            assert!(m.disputed.is_empty(), "Ａ is A");
            assert_eq!((m.records.len(), m.counts.clone()), (1, vec![3, 0]));
        });
        let other = [("name", "窓口の予約"), ("class", "B"), ("summary", "予約を受ける")];
        let other = file("同じ日", 8, &[("initiatives", "1", &other)]);
        merged(&[&named("先"), &other], |m| assert_eq!((m.disputed.len(), m.records.len()), (2, 0)));
        // A later file that says two of three once more.
        let later = [("name", "窓口の予約"), ("class", "B"), ("summary", "予約を受ける")];
        let later = file("後", 9, &[("initiatives", "1", &later)]);
        merged(&[&named("先"), &later], |m| {
            let repeated: Vec<&str> = m.repeated.iter().map(|(_, a)| a.raw.as_str()).collect();
            assert_eq!((repeated, m.replaced.len()), (vec!["窓口の予約", "予約を受ける"], 1));
        });
    }

    #[test]
    fn two_things_under_one_number_are_not_mixed() {
        let window = file("窓口係", 8, &[("initiatives", "1", WINDOW), ("plan", "1", &[("kpi_name", "予約率")])]);
        let chat = file("給付係", 9, &[("initiatives", "1", CHAT), ("plan", "1", &[("issues", "要員")])]);
        merged(&[&window, &chat], |m| {
            assert_eq!(m.apart.len(), 1);
            assert_eq!((m.apart[0].old.0, m.apart[0].new.0), (0, 1));
            assert!(m.records.iter().all(|r| !r.fields.contains_key("kpi_name")), "nothing of the other row");
            assert_eq!(m.counts, [0, 4]);
        });
        // Of one day: neither is taken.
        let same_day = file("給付係", 8, &[("initiatives", "1", CHAT), ("plan", "1", &[("issues", "要員")])]);
        merged(&[&window, &same_day], |m| {
            assert_eq!(m.apart.len(), 2);
            assert!(m.records.is_empty());
        });
    }

    #[test]
    fn a_corrected_name_is_the_same_thing() {
        let first = file("先", 8, &[("initiatives", "1", WINDOW)]);
        for name in ["窓口の予約の仕組み", "来庁者の受付"] {
            let answers = [("name", name), ("class", "A"), ("summary", "予約を受ける")];
            let later = file("後", 9, &[("initiatives", "1", &answers)]);
            merged(&[&first, &later], |m| {
                assert!(m.apart.is_empty(), "{name}");
                assert_eq!(m.records[0].fields["name"].raw, name);
            });
        }
        // Its own number: two rows, nothing to ask.
        let other = file("後", 9, &[("initiatives", "2", CHAT)]);
        merged(&[&first, &other], |m| assert_eq!((m.apart.len(), m.records.len()), (0, 2)));
        // Under another number in the later file it has only moved.
        let moved = file("後", 9, &[("initiatives", "1", CHAT), ("initiatives", "2", WINDOW)]);
        merged(&[&first, &moved], |m| assert_eq!((m.apart.len(), m.records.len()), (0, 2)));
        // What the moved row leaves blank is not lost with its old number.
        let moved = file("後", 9, &[("initiatives", "1", CHAT), ("initiatives", "2", &WINDOW[..2])]);
        merged(&[&first, &moved], |m| {
            let two = m.records.iter().find(|r| r.item == "2").expect("the moved row");
            assert_eq!((two.fields["summary"].raw.as_str(), m.records.len(), m.counts[0]), ("予約を受ける", 2, 1));
        });
        // A file that has the row under both numbers answers for the new one.
        let twice = file("先", 8, &[("initiatives", "1", WINDOW), ("initiatives", "2", WINDOW)]);
        merged(&[&twice, &moved], |m| assert_eq!((m.disputed.len(), m.records.len()), (0, 2)));
    }
}
