//! Nothing disappears: whatever mixture of files comes back, each ends in one state with a reason, and each record that
//! counts is in the ledger or in a finding. The order in which files come does not matter.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use arcstr::ArcStr;
use chrono::{Days, NaiveDateTime};
use torimatome::check::moved::same;
use torimatome::consolidate::FileTimes;
use torimatome::intake::{self, Intake, sha256};
use torimatome::model::ledger::Ledger;
use torimatome::model::{Answer, Finding, Place, Record, Round, State, Submission};
use torimatome::report::json;
use torimatome::run;

use crate::fill::fill;
use crate::kit::{Dice, Drawn, context, day, drawn, form_ids, forms, round, templates, text, today};

/// A file of the pool: taken in once, used in many rounds.
pub struct Sent {
    pub intake: Intake,
    saved: NaiveDateTime,
}

/// What may lie in the folder: answers of every division in several versions, and everything else people send.
pub fn pool() -> &'static [Sent] {
    static POOL: OnceLock<Vec<Sent>> = OnceLock::new();
    POOL.get_or_init(|| {
        let mut dice = Dice::new(71);
        let mut all = Vec::new();
        for blank in drawn() {
            of_division(blank, &mut dice, &mut all);
        }
        for (name, bytes) in [
            ("提出/議事録.docx", &b"PK\x03\x04 nothing"[..]),
            ("提出/壊れた回答.xlsx", b"PK\x05\x06"),
            ("提出/空.xlsx", b""),
            ("提出/~$回答.xlsx", b"\x04user"),
            ("提出/.DS_Store", b"\0\0\0\x01Bud1"),
            ("提出/メモ.txt", "様式は別途送ります".as_bytes()),
            ("提出/一覧.csv", "課,件数\n甲課,3\n".as_bytes()),
        ] {
            all.push(Sent { intake: intake::file(bytes, name, &forms(), &context()), saved: noon(1) });
        }
        all
    })
}

fn noon(days: u64) -> NaiveDateTime {
    (day(2022, 11, 1) + Days::new(days)).and_hms_opt(12, 0, 0).expect("noon")
}

/// A division's files: a first version, a later one, the later one again, and sometimes a wrong one.
fn of_division(blank: &Drawn, dice: &mut Dice, all: &mut Vec<Sent>) {
    let name = |what: &str| format!("提出/{}/{what} {}.xlsx", blank.division, blank.form.id);
    let mut send = |drawn: &Drawn, what: &str, days: u64| {
        let mut drawn = drawn.clone();
        drawn.book.saved = Some(noon(days));
        let mut intake = drawn.take_in(&name(what));
        intake.submission.sha256 = sha256(what.as_bytes());
        all.push(Sent { intake, saved: noon(days) });
    };
    let mut first = blank.clone();
    fill(&mut first, dice);
    send(&first, "回答", 3);
    let mut later = blank.clone();
    fill(&mut later, dice);
    send(&later, "差替え", 8);
    send(&later, "差替え（写し）", 8);
    match dice.below(5) {
        0 => {
            // Filled in with errors.
            let item = later.items[0].key.clone();
            let key = if blank.form.id == crate::kit::PLANS { "system_exists" } else { "exists" };
            later.write(&item, key, text("不明な語"));
            send(&later, "誤り", 9);
        }
        1 => {
            later.write("", "division", text("9999"));
            later.write("", "division_name", text("ない課"));
            for sheet in &mut later.book.sheets {
                for cell in sheet.cells.values_mut() {
                    let name = round().division_name(&blank.division);
                    if cell.raw() == name {
                        *cell = text("ない課");
                    }
                }
            }
            send(&later, "知らない課", 9);
        }
        2 => {
            // Another division's form, sent by this one.
            let other = drawn().iter().find(|d| d.division != blank.division && d.form.id == blank.form.id);
            let mut other = other.expect("another").clone();
            fill(&mut other, dice);
            send(&other, "他課の様式", 2);
        }
        3 => {
            let mut same_time = blank.clone();
            fill(&mut same_time, dice);
            send(&same_time, "同時", 8);
        }
        _ => {
            let mut other = blank.clone();
            for sheet in &mut other.book.sheets {
                sheet.cells.values_mut().for_each(|c| *c = text("別の表"));
            }
            send(&other, "別の表", 4);
        }
    }
}

pub fn settled(files: &[&Sent], round: Round) -> Ledger {
    let submissions = files.iter().map(|f| f.intake.submission.clone()).collect();
    let findings = files.iter().flat_map(|f| f.intake.findings.clone()).collect();
    let times: FileTimes = files.iter().map(|f| (f.intake.submission.file.clone(), f.saved)).collect();
    run::settle((submissions, findings), &times, round, templates(), today())
}

fn mentions(f: &Finding, file: &str) -> bool {
    let at = |p: &Place| &*p.file == file;
    f.place.as_ref().is_some_and(at) || f.related.iter().any(at)
}

fn places(record: &Record) -> impl Iterator<Item = &str> {
    record.fields.values().map(|a| &*a.place.file)
}

/// Every answer of a file that counts stands in the ledger, or a finding names it or its record with the cell that does.
fn every_answer_is_somewhere(s: &Submission, ledger: &Ledger) {
    for r in &s.records {
        let item = ledger.items.iter().find(|i| i.form == r.form && i.item.key == r.item);
        let counts = item.and_then(|i| i.record.as_ref());
        for (key, a) in r.fields.iter().filter(|(_, a)| a.says()) {
            let kept = counts.and_then(|c| c.fields.get(key));
            // Another spelling of one meaning is nothing that could be lost.
            if kept.is_some_and(|k| same(&k.value, &a.value)) {
                continue;
            }
            let about = |f: &&Finding| f.item.as_ref() == Some(&r.item) || f.related.contains(&a.place);
            let named: Vec<&Finding> = ledger.findings.iter().filter(about).collect();
            let told = |f: &&&Finding| mentions(f, &s.file) && kept.is_none_or(|k| f.related.contains(&k.place));
            let codes = || named.iter().filter(|f| mentions(f, &s.file)).map(|f| f.code.as_str()).collect::<Vec<_>>();
            let said = (&a.value, kept.map(|k| (&k.value, &k.place.file)));
            assert!(
                named.iter().any(|f| told(&f)),
                "{}: {key} of {} is nowhere: {said:?}, {:?}",
                s.file,
                r.item,
                codes()
            );
        }
    }
}

fn nothing_is_lost(files: &[&Sent], ledger: &Ledger) {
    let mut states: BTreeMap<&str, Vec<&Submission>> = BTreeMap::new();
    for s in ledger.submissions.iter().filter(|s| !s.file.is_empty()) {
        states.entry(&s.file).or_default().push(s);
    }
    for sent in files {
        let file = sent.intake.submission.file.as_str();
        let rows = states.remove(file).unwrap_or_default();
        assert_eq!(rows.len(), 1, "{file} stands {} times", rows.len());
        let s = rows[0];
        assert!(s.state == State::Accepted || !s.reason.trim().is_empty(), "{file}: {:?} without a reason", s.state);
        assert!(!matches!(s.state, State::Missing), "{file} came");
        let told = s.state == State::Accepted || ledger.findings.iter().any(|f| mentions(f, file));
        assert!(told, "{file}: {:?} and no finding", s.state);
        if s.state == State::Accepted {
            every_answer_is_somewhere(s, ledger);
        }
    }
    assert!(states.is_empty(), "files that were not sent: {:?}", states.keys());
    // A file counts where an answer of it does, and every reply owed has a state.
    let mut accepted: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    for s in ledger.submissions.iter().filter(|s| s.state == State::Accepted) {
        accepted.entry((&s.form, &s.division)).or_default().push(&s.file);
    }
    let counting: BTreeSet<&str> =
        ledger.items.iter().filter_map(|i| i.record.as_ref()).flat_map(|r| places(r)).collect();
    for file in accepted.values().filter(|files| files.len() > 1).flatten() {
        assert!(counting.contains(file), "nothing of {file} counts");
    }
    for form in form_ids() {
        for division in &round().divisions {
            let any = |s: &&Submission| s.form.as_deref() == Some(form) && s.division.as_ref() == Some(&division.code);
            assert!(ledger.submissions.iter().any(|s| any(&s)), "{form} of {} has no state", division.code);
        }
    }
    for i in &ledger.items {
        assert!(i.record.is_none() || i.record.as_ref().is_some_and(|r| r.item == i.item.key));
    }
}

#[test]
fn every_file_has_one_state_and_no_record_is_lost() {
    let mut dice = Dice::new(72);
    let mut seen: BTreeMap<State, usize> = BTreeMap::new();
    for turn in 0..1_000 {
        let share = if dice.chance(5) { 100 } else { 2 + dice.below(40) };
        let mut files: Vec<&Sent> = pool().iter().filter(|_| dice.chance(share)).collect();
        let ledger = settled(&files, round().clone());
        nothing_is_lost(&files, &ledger);
        for s in &ledger.submissions {
            *seen.entry(s.state).or_default() += 1;
        }
        if turn % 4 != 0 {
            continue;
        }
        dice.shuffle(&mut files);
        let shuffled = settled(&files, round().clone());
        assert_eq!(ledger.submissions, shuffled.submissions, "round {turn}");
        assert_eq!(ledger.findings, shuffled.findings, "round {turn}");
        assert_eq!(ledger.rates, shuffled.rates, "round {turn}");
        // The ministry's figures are counted anew, by other code, and must come to the same.
        let anew = torimatome::national::recounted(&ledger, templates());
        for (ours, theirs) in ledger.items.iter().zip(&anew) {
            let said = |r: &Option<Arc<Record>>| -> Option<BTreeMap<ArcStr, String>> {
                let value = |(k, a): (&ArcStr, &Answer)| (k.clone(), format!("{:?}", a.value));
                r.as_ref().map(|r| r.fields.iter().map(value).collect())
            };
            assert_eq!(said(&ours.record), said(&theirs.record), "round {turn}: {}", ours.item.key);
        }
        if turn % 100 == 0 {
            let object = |l: &Ledger| json::round(l, templates(), &[]).to_string();
            assert_eq!(object(&ledger), object(&shuffled), "round {turn}");
        }
    }
    println!("{seen:?}");
    assert_eq!(seen.len(), 7, "not every state came up: {seen:?}");
}

impl Sent {
    /// A file with a time of its own.
    pub fn new(intake: Intake) -> Self {
        Self { intake, saved: noon(1) }
    }
}
