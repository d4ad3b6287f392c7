//! Several files of one reply: the unit is the record, and in it the answer. A later file replaces what it answers, never
//! what it leaves blank; which file came first, and in which order they are read, loses nothing.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDateTime};
use torimatome::intake::sha256;
use torimatome::model::ledger::Ledger;
use torimatome::model::round::Receipt;
use torimatome::model::{Finding, ReceivedBasis, Round, State, Submission, Value};

use crate::conservation::{Sent, settled};
use crate::fill::{field, fill};
use crate::kit::{Dice, Drawn, PLANS, PROCEDURES, day, drawn, drawn_of, round, templates, text};

/// The blank form as it was drawn.
fn blank_of(filled: &Drawn) -> &'static Drawn {
    drawn().iter().find(|d| d.form.id == filled.form.id && d.division == filled.division).expect("it was drawn")
}

/// A copy in which some answers are blank.
fn without(filled: &Drawn, blank: impl Fn(&str, &str) -> bool) -> Drawn {
    let mut copy = filled.clone();
    let form = blank_of(filled);
    for ((item, key), (sheet, at)) in form.cells.iter().filter(|((item, key), _)| blank(item, key)) {
        let cell = form.book.sheets[*sheet].cells.get(at).cloned().unwrap_or_default();
        copy.write(item, key, cell);
    }
    copy
}

fn on(days: u64) -> NaiveDateTime {
    (day(2022, 11, 1) + Days::new(days)).and_hms_opt(12, 0, 0).expect("noon")
}

/// A file of a division, handed in and saved on a day of November.
fn sent(drawn: &Drawn, name: &str, on_day: u64) -> Sent {
    let mut drawn = drawn.clone();
    drawn.write("", "submitted", text(format!("令和4年11月{on_day}日")));
    drawn.book.saved = Some(on(on_day - 1));
    let mut intake = drawn.take_in(&format!("提出/{name}.xlsx"));
    intake.submission.sha256 = sha256(name.as_bytes());
    Sent::new(intake)
}

fn filled(form: &str, nth: usize, seed: u64) -> Drawn {
    let mut dice = Dice::new(seed);
    let of = drawn_of(form);
    // Those with most records have most to lose.
    let mut by_size: Vec<&&Drawn> = of.iter().collect();
    by_size.sort_by_key(|d| std::cmp::Reverse(d.items.len()));
    let mut drawn = (**by_size[nth]).clone();
    fill(&mut drawn, &mut dice);
    drawn
}

fn values(ledger: &Ledger, of: &Drawn) -> BTreeMap<(String, String), Value> {
    let items = ledger.items.iter().filter(|i| i.form == of.form.id && of.items.iter().any(|x| x.key == i.item.key));
    let records = items.filter_map(|i| i.record.as_ref());
    let all = records.flat_map(|r| r.fields.iter().map(|(k, a)| ((r.item.clone(), k.to_string()), a.value.clone())));
    all.collect()
}

/// The findings about answers, without their places.
fn about_answers(ledger: &Ledger) -> BTreeSet<(String, Option<String>, Option<String>)> {
    let of_answers = |f: &&Finding| !f.code.starts_with("S02") && !matches!(&*f.code, "S031I" | "S032I");
    ledger.findings.iter().filter(of_answers).map(|f| (f.code.clone(), f.item.clone(), f.field.clone())).collect()
}

fn coded<'l>(ledger: &'l Ledger, code: &str) -> Vec<&'l Finding> {
    ledger.findings.iter().filter(|f| f.code == code).collect()
}

fn of<'l>(ledger: &'l Ledger, name: &str) -> &'l Submission {
    let file = format!("提出/{name}.xlsx");
    ledger.submissions.iter().find(|s| s.file == file).expect("it came")
}

fn related_files(f: &Finding) -> BTreeSet<&str> {
    f.related.iter().map(|p| &*p.file).collect()
}

#[test]
fn a_blank_form_takes_nothing_away_before_or_after() {
    for (form, nth) in [(PROCEDURES, 0), (PROCEDURES, 1), (PLANS, 0), (PLANS, 1)] {
        let full = filled(form, nth, 7 + nth as u64);
        let blank = without(&full, |_, _| true);
        let alone = settled(&[&sent(&full, "回答", 8)], round().clone());
        for (first, second) in [(8, 9), (9, 8)] {
            let (a, b) = (sent(&full, "回答", first), sent(&blank, "様式", second));
            let both = settled(&[&a, &b], round().clone());
            assert_eq!(values(&both, &full), values(&alone, &full), "{form} {nth}");
            assert_eq!(both.rates, alone.rates, "{form} {nth}");
            assert_eq!(about_answers(&both), about_answers(&alone), "{form} {nth}");
            assert_eq!((of(&both, "回答").state, of(&both, "様式").state), (State::Accepted, State::Superseded));
            let told = coded(&both, "S029W");
            assert_eq!(told.len(), usize::from(second > first), "{form} {nth}");
            assert_eq!(of(&both, "様式").empty, second > first);
            assert!(told.iter().all(|f| related_files(f).contains("提出/回答.xlsx")));
        }
    }
}

#[test]
fn answers_in_pieces_are_the_answers_as_a_whole() {
    let mut dice = Dice::new(11);
    let common: BTreeSet<&String> = round().common_answers.keys().map(|(_, key)| key).collect();
    for turn in 0..40 {
        let form = if turn % 2 == 0 { PROCEDURES } else { PLANS };
        let full = filled(form, turn % 3, 100 + turn as u64);
        let whole = settled(&[&sent(&full, "回答", 8)], round().clone());
        let mut piece: BTreeMap<(String, String), usize> = BTreeMap::new();
        for asked in full.cells.keys().filter(|(item, _)| !item.is_empty()) {
            piece.insert(asked.clone(), dice.below(3));
        }
        let part = |n: usize| {
            let here = |item: &str, key: &str| piece.get(&(item.to_string(), key.to_string())).is_none_or(|p| *p == n);
            sent(&without(&full, |item, key| !here(item, key)), &format!("係{n}"), 4 + n as u64)
        };
        let parts = [part(0), part(1), part(2)];
        let mut files: Vec<&Sent> = parts.iter().collect();
        dice.shuffle(&mut files);
        let merged = settled(&files, round().clone());
        assert_eq!(values(&merged, &full), values(&whole, &full), "turn {turn}");
        assert_eq!(merged.rates, whole.rates, "turn {turn}");
        assert_eq!(about_answers(&merged), about_answers(&whole), "turn {turn}");
        for record in merged.items.iter().filter_map(|i| i.record.as_ref()) {
            for ((item, key), n) in piece.iter().filter(|((item, _), _)| *item == record.item) {
                let printed = field(&full, key).locked || common.contains(key);
                if let Some(a) = record.fields.get(key).filter(|a| a.says() && !printed) {
                    assert_eq!(&*a.place.file, format!("提出/係{n}.xlsx"), "turn {turn}: {item} {key}");
                }
            }
        }
    }
}

#[test]
fn two_sections_fill_rows_of_their_own() {
    let full = filled(PROCEDURES, 0, 3);
    let half: BTreeSet<&str> = full.items.iter().take(full.items.len() / 2).map(|i| i.key.as_str()).collect();
    let first = sent(&without(&full, |item, _| !item.is_empty() && !half.contains(item)), "給付", 9);
    let second = sent(&without(&full, |item, _| half.contains(item)), "認定", 10);
    let ledger = settled(&[&second, &first], round().clone());
    let alone = settled(&[&sent(&full, "全部", 10)], round().clone());
    assert_eq!(values(&ledger, &full), values(&alone, &full));
    assert_eq!((of(&ledger, "給付").state, of(&ledger, "認定").state), (State::Accepted, State::Accepted));
    assert_eq!(coded(&ledger, "X004W").len(), 0);
    let told = coded(&ledger, "S029W");
    assert_eq!(told.len(), 1, "once for all rows of a file");
    assert_eq!(told[0].place.as_ref().map(|p| &*p.file), Some("提出/認定.xlsx"));
    assert_eq!(told[0].related.len(), half.len());
}

#[test]
fn one_corrected_sheet_leaves_the_others_and_makes_nobody_late() {
    let mut full = filled(PLANS, 0, 5);
    assert!(full.items.len() > 1, "several sheets");
    let item = &full.items[0].key.clone();
    full.write(item, "remarks", text("はじめの備考"));
    let mut corrected = full.clone();
    corrected.write(item, "remarks", text("直したところ"));
    let sheets: BTreeSet<usize> =
        corrected.cells.iter().filter(|((i, _), _)| !i.is_empty() && i != item).map(|(_, (s, _))| *s).collect();
    let keep = |(n, _): &(usize, _)| !sheets.contains(n);
    let mut one = corrected.clone();
    one.write("", "submitted", text("令和4年11月14日"));
    one.book.saved = Some(on(13));
    one.book.sheets = one.book.sheets.into_iter().enumerate().filter(keep).map(|(_, s)| s).collect();
    let late = Sent::new(one.take_in("提出/修正.xlsx"));
    let ledger = settled(&[&sent(&full, "計画", 10), &late], round().clone());
    let expected = settled(&[&sent(&corrected, "計画", 10)], round().clone());
    assert_eq!(values(&ledger, &full), values(&expected, &full));
    assert_eq!(about_answers(&ledger), about_answers(&expected));
    assert_eq!((of(&ledger, "計画").late_days, of(&ledger, "修正").late_days), (0, 0));
    assert!(coded(&ledger, "S024E").is_empty(), "no sheet is missed that came before");
    let told = coded(&ledger, "S028I");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].item.as_ref(), Some(item));
    // Alone it is late, and the other sheets are missed.
    let alone = settled(&[&late], round().clone());
    assert_eq!(of(&alone, "修正").late_days, 3);
    assert_eq!(coded(&alone, "S024E").len(), full.items.len() - 1);
}

#[test]
fn one_blank_cell_is_asked_about_and_a_withdrawn_system_is_not() {
    let full = filled(PLANS, 0, 21);
    let item = full.items[0].key.clone();
    let first = sent(&full, "先", 8);
    let kept = |key: &str| {
        let answer = first.intake.submission.records.iter().find(|r| r.item == item).and_then(|r| r.fields.get(key));
        answer.expect("it was answered").value.clone()
    };
    let later = sent(&without(&full, |i, key| i == item && key == "current_vendor"), "後", 9);
    let ledger = settled(&[&first, &later], round().clone());
    assert_eq!(values(&ledger, &full)[&(item.clone(), "current_vendor".into())], kept("current_vendor"));
    let told = coded(&ledger, "S028W");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].place.as_ref().map(|p| &*p.file), Some("提出/後.xlsx"));
    assert_eq!(related_files(told[0]), BTreeSet::from(["提出/先.xlsx"]));
    // A system that is no longer there has no vendor to answer for: those blanks are the answer.
    let mut gone = without(&full, |i, _| i == item);
    gone.write(&item, "system_exists", text("なし"));
    let ledger = settled(&[&first, &sent(&gone, "後", 9)], round().clone());
    let all = values(&ledger, &full);
    assert_eq!(all[&(item.clone(), "system_exists".into())], Value::Choice("no".into()));
    assert_eq!(all[&(item.clone(), "go_live".into())], Value::Blank);
    assert!(!ledger.findings.iter().any(|f| f.code == "R002W" && f.item.as_ref() == Some(&item)));
}

#[test]
fn what_differs_on_one_day_is_withheld_record_by_record() {
    let full = filled(PROCEDURES, 0, 9);
    let (first, last) = (full.items[0].key.clone(), full.items[1].key.clone());
    let mut other = full.clone();
    other.write(&first, "remarks", text("別の備考"));
    let ledger = settled(&[&sent(&full, "甲", 9), &sent(&other, "乙", 9)], round().clone());
    let record = |key: &str| ledger.items.iter().find(|i| i.form == PROCEDURES && i.item.key == key).expect("asked");
    assert!(record(&first).record.is_none(), "neither is taken");
    assert!(record(&first).is_provisional());
    assert!(record(&last).record.is_some(), "what they agree on counts");
    assert_eq!(coded(&ledger, "S030E").len(), 2);
    // A later file settles it.
    let settled_by = settled(&[&sent(&full, "甲", 9), &sent(&other, "乙", 9), &sent(&full, "丙", 10)], round().clone());
    assert!(coded(&settled_by, "S030E").is_empty());
    assert_eq!(of(&settled_by, "丙").state, State::Accepted);
}

#[test]
fn days_that_cannot_be_decide_nothing() {
    let full = filled(PROCEDURES, 1, 13);
    let with = |submitted: &str, saved: u64, round: &Round| {
        let mut drawn = full.clone();
        drawn.write("", "submitted", text(submitted));
        drawn.book.saved = Some(on(saved));
        settled(&[&Sent::new(drawn.take_in("提出/回答.xlsx"))], round.clone())
    };
    let mut issued = round().clone();
    issued.issued_on = Some(day(2022, 11, 7));
    for (submitted, round, told) in [
        ("令和4年11月9日", &issued, false),
        ("令和4年11月7日", &issued, false),
        ("令和4年11月14日", &issued, false),
        ("令和5年11月9日", &issued, true),
        ("令和4年11月15日", &issued, true),
        ("令和4年11月6日", &issued, true),
        ("令和3年11月9日", round(), true),
        ("令和4年4月1日", round(), false),
    ] {
        let ledger = with(submitted, 9, round);
        let found = coded(&ledger, "X008W");
        assert_eq!(found.len(), usize::from(told), "{submitted}");
        let received = of(&ledger, "回答").received.expect("a day");
        if told {
            assert_eq!((received.day, received.basis), (day(2022, 11, 10), ReceivedBasis::保存日時), "{submitted}");
            assert_eq!(of(&ledger, "回答").late_days, 0, "{submitted}");
            assert_eq!(found[0].field.as_deref(), Some("submitted"));
            assert!(found[0].place.as_ref().is_some_and(|p| p.area.is_some()), "at its cell");
        } else {
            assert_eq!(received.basis, ReceivedBasis::提出日, "{submitted}");
        }
    }
    // The clerk knows better than any cell.
    let mut by_clerk = issued.clone();
    by_clerk.receipts.push(Receipt {
        file: "回答.xlsx".into(),
        received: Some(day(2022, 11, 8)),
        ..Receipt::default()
    });
    let ledger = with("令和5年11月9日", 9, &by_clerk);
    assert!(coded(&ledger, "X008W").is_empty());
    assert_eq!(of(&ledger, "回答").received.expect("a day").basis, ReceivedBasis::受付);
}

#[test]
fn a_day_that_cannot_be_leaves_the_order_in_doubt() {
    let full = filled(PROCEDURES, 1, 13);
    let mut changed = full.clone();
    changed.write(&full.items[0].key, "remarks", text("直したところ"));
    // The later one says the last year: what was meant for the newer may be the older.
    let slip = |drawn: &Drawn, name: &str, saved: u64| {
        let mut drawn = drawn.clone();
        drawn.write("", "submitted", text("令和3年11月10日"));
        drawn.book.saved = Some(on(saved));
        Sent::new(drawn.take_in(&format!("提出/{name}.xlsx")))
    };
    let first = sent(&full, "先", 8);
    let ledger = settled(&[&first, &slip(&changed, "後", 9)], round().clone());
    assert_eq!(coded(&ledger, "X008W").len(), 1);
    let told = coded(&ledger, "S056E");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].place.as_ref().map(|p| &*p.file), Some("提出/後.xlsx"));
    assert!(coded(&ledger, "S031I").is_empty() && coded(&ledger, "S028I").is_empty(), "nothing says that all is well");
    // Where both say the same, or the clerk has settled it, nobody need be asked.
    let same = settled(&[&first, &slip(&full, "後", 9)], round().clone());
    assert!(coded(&same, "S056E").is_empty());
    let mut by_clerk = round().clone();
    let (file, received) = ("後.xlsx".to_string(), Some(day(2022, 11, 9)));
    by_clerk.receipts.push(Receipt { file, received, ..Receipt::default() });
    let ledger = settled(&[&first, &slip(&changed, "後", 9)], by_clerk);
    assert!(coded(&ledger, "S056E").is_empty() && coded(&ledger, "X008W").is_empty());
}

#[test]
fn a_file_saved_in_the_future_is_told_and_orders_nothing() {
    let full = filled(PROCEDURES, 1, 13);
    let mut changed = full.clone();
    changed.write(&full.items[0].key, "remarks", text("直したところ"));
    let saved = |drawn: &Drawn, name: &str, days: u64, submitted: &str| {
        let mut drawn = drawn.clone();
        drawn.write("", "submitted", text(submitted));
        drawn.book.saved = Some(on(days));
        Sent::new(drawn.take_in(&format!("提出/{name}.xlsx")))
    };
    // Today is the 14th; the clock of one computer is a year ahead.
    let alone = settled(&[&saved(&changed, "乙", 365, "")], round().clone());
    assert_eq!(coded(&alone, "X008W").len(), 1);
    assert_eq!(coded(&alone, "X008W")[0].args["what"], "ファイルの保存日時");
    let (first, ahead) = (saved(&full, "甲", 8, "令和4年11月9日"), saved(&changed, "乙", 365, "令和4年11月9日"));
    let ledger = settled(&[&first, &ahead], round().clone());
    assert!(coded(&ledger, "X008W").is_empty(), "the day is known");
    // The future does not win, nor does the one that is beside it: nothing says which of them is newer.
    assert_eq!(coded(&ledger, "S030E").len(), 2);
    let item = &full.items[0].key;
    assert!(!values(&ledger, &full).contains_key(&(item.clone(), "remarks".into())));
}

#[test]
fn a_file_without_a_day_it_was_saved_on_is_no_older_one() {
    let full = filled(PROCEDURES, 1, 13);
    let item = full.items[0].key.clone();
    let mut changed = full.clone();
    changed.write(&item, "remarks", text("直したところ"));
    let saved = |drawn: &Drawn, name: &str, saved: Option<NaiveDateTime>| {
        let mut drawn = drawn.clone();
        drawn.write("", "submitted", text("令和4年11月10日"));
        drawn.book.saved = saved;
        Sent::new(drawn.take_in(&format!("提出/{name}.xlsx")))
    };
    let first = saved(&full, "先", Some(on(9)));
    let long_ago = day(2006, 9, 16).and_hms_opt(0, 0, 0);
    for none in [None, long_ago] {
        let ledger = settled(&[&first, &saved(&changed, "後", none)], round().clone());
        assert_eq!(coded(&ledger, "S030E").len(), 2, "{none:?}");
        assert!(coded(&ledger, "S031I").is_empty() && coded(&ledger, "S028I").is_empty());
        // A copy is one, and a file that says something else only is no contradiction.
        let copy = settled(&[&first, &saved(&full, "後", none)], round().clone());
        assert_eq!((coded(&copy, "S030E").len(), coded(&copy, "S032I").len()), (0, 1));
        let mut by_clerk = round().clone();
        let row = |file: &str, on: u32| Receipt {
            file: file.into(),
            received: Some(day(2022, 11, on)),
            ..Receipt::default()
        };
        by_clerk.receipts.extend([row("先.xlsx", 9), row("後.xlsx", 10)]);
        let ledger = settled(&[&first, &saved(&changed, "後", none)], by_clerk);
        assert!(coded(&ledger, "S030E").is_empty());
        assert_eq!(values(&ledger, &full)[&(item.clone(), "remarks".into())], Value::Text("直したところ".into()));
    }
    // Both days known: the later one counts, as ever.
    let ledger = settled(&[&first, &saved(&changed, "後", Some(on(10)))], round().clone());
    assert_eq!(values(&ledger, &full)[&(item.clone(), "remarks".into())], Value::Text("直したところ".into()));
}

#[test]
fn days_that_say_otherwise_than_the_saving_are_asked_about() {
    let full = filled(PROCEDURES, 1, 13);
    let item = full.items[0].key.clone();
    let mut changed = full.clone();
    changed.write(&item, "remarks", text("直したところ"));
    let sent = |drawn: &Drawn, name: &str, submitted: &str, saved: u64| {
        let mut drawn = drawn.clone();
        drawn.write("", "submitted", text(submitted));
        drawn.book.saved = Some(on(saved));
        Sent::new(drawn.take_in(&format!("提出/{name}.xlsx")))
    };
    // The first was dated ahead; the second, saved later, bears the day on which it was made.
    let ahead = sent(&full, "先", "令和4年11月11日", 7);
    let ledger = settled(&[&ahead, &sent(&changed, "後", "令和4年11月10日", 9)], round().clone());
    assert_eq!(coded(&ledger, "S059W").len(), 1);
    assert!(coded(&ledger, "S031I").is_empty() && coded(&ledger, "S028I").is_empty(), "nothing says that all is well");
    for (submitted, saved) in [("令和4年11月12日", 9), ("令和4年11月10日", 6)] {
        let ledger = settled(&[&ahead, &sent(&changed, "後", submitted, saved)], round().clone());
        assert!(coded(&ledger, "S059W").is_empty(), "{submitted} saved {saved}");
    }
    let same = settled(&[&ahead, &sent(&full, "後", "令和4年11月10日", 9)], round().clone());
    assert!(coded(&same, "S059W").is_empty(), "both say the same");
}

#[test]
fn a_row_of_the_receipts_counts_for_the_file_it_names_most_exactly() {
    let (one, two) = (filled(PROCEDURES, 0, 5), filled(PROCEDURES, 1, 6));
    let row = |file: &str, division: &str, on: u32| Receipt {
        file: file.into(),
        division: division.into(),
        received: Some(day(2022, 11, on)),
        ..Receipt::default()
    };
    let days = |rows: Vec<Receipt>| {
        let mut with = round().clone();
        with.receipts.extend(rows);
        let ledger = settled(&[&sent(&one, "甲/修正", 9), &sent(&two, "乙/修正", 10)], with);
        let day = |name: &str| of(&ledger, name).received.map(|r| r.day.to_string()).unwrap_or_default();
        (day("甲/修正")[8..].to_string(), day("乙/修正")[8..].to_string(), coded(&ledger, "X009W").len())
    };
    let of = |a: &str, b: &str, told: usize| (a.to_string(), b.to_string(), told);
    assert_eq!(days(vec![row("修正.xlsx", "", 13)]), of("09", "10", 1), "two divisions have a file of this name");
    assert_eq!(days(vec![row("乙/修正.xlsx", "", 12)]), of("09", "12", 0));
    assert_eq!(days(vec![row("修正.xlsx", &two.division, 12)]), of("09", "12", 0), "the division says which");
    assert_eq!(days(vec![row("修正.xlsx", "", 13), row("提出/乙/修正.xlsx", "", 12)]), of("09", "12", 1));
    assert_eq!(days(vec![row("甲/修正.xlsx", &two.division, 12)]), of("09", "10", 1), "not that division's");
}

#[test]
fn a_note_on_a_copy_is_told() {
    let full = filled(PROCEDURES, 1, 13);
    let first = sent(&full, "先", 8);
    let mut noted = full.clone();
    noted.write("", "submitted", text("令和4年11月8日"));
    noted.book.saved = Some(on(7));
    let (sheet, at) = noted.at(&full.items[0].key, "total");
    noted.book.sheets[sheet].marks.notes.insert(at, "4,300件が正しい件数です".into());
    let copy = Sent::new(noted.take_in("提出/写し.xlsx"));
    let ledger = settled(&[&first, &copy], round().clone());
    assert_eq!(coded(&ledger, "S032I").len(), 1, "the same answers");
    let told = coded(&ledger, "S045I");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].place.as_ref().map(|p| &*p.file), Some("提出/写し.xlsx"));
    // On both it is told once.
    let mut both = Sent::new(noted.take_in("提出/もう一つ.xlsx"));
    both.intake.submission.sha256 = sha256(b"another");
    let ledger = settled(&[&copy, &both], round().clone());
    assert_eq!(coded(&ledger, "S045I").len(), 1);
}

#[test]
fn rows_of_the_receipts_that_say_nothing_are_told() {
    let full = filled(PROCEDURES, 1, 13);
    let other = drawn_of(PLANS).into_iter().find(|d| d.division != full.division).expect("another");
    let row = |file: &str, division: &str, form: &str| Receipt {
        file: file.into(),
        division: division.into(),
        form: form.into(),
        received: Some(day(2022, 11, 8)),
        ..Receipt::default()
    };
    let nobody = "199".to_string();
    for (receipt, told) in [
        (row("進捗調査票_甲課.xlsx", "", ""), None),
        (row("提出/進捗調査票_甲課.xlsx", "", ""), None),
        (row("進捗調査票_甲科.xlsx", "", ""), Some("進捗調査票_甲課.xlsx")),
        (row("まったく別の名前.xlsx", "", ""), Some("")),
        (row("", &full.division, PROCEDURES), None),
        (row("", &other.division, PLANS), Some("")),
        (row("", &nobody, PROCEDURES), Some("")),
        (row("", &full.division, ""), Some("")),
        (row("", &full.division, "dx-initiatives"), Some("")),
    ] {
        let mut with = round().clone();
        with.receipts.push(receipt.clone());
        let ledger = settled(&[&sent(&full, "進捗調査票_甲課", 9)], with);
        let found = coded(&ledger, "X009W");
        assert_eq!(found.len(), usize::from(told.is_some()), "{receipt:?}");
        if let Some(nearest) = told {
            assert!(found[0].args["nearest"].contains(nearest), "{:?}", found[0].args);
            // Forms are told by what is printed on them.
            let said = format!("{:?} {}", found[0].given, found[0].args["why"]);
            assert!(![PROCEDURES, PLANS, "dx-initiatives"].iter().any(|id| said.contains(id)), "{said}");
            assert_eq!(found[0].args["nearest"].is_empty(), nearest.is_empty());
        }
    }
}

#[test]
fn versions_are_compared() {
    let full = filled(PROCEDURES, 1, 13);
    let item = full.items[0].key.clone();
    let mut first = full.clone();
    first.write(&item, "remarks", text("はじめの備考"));
    let mut later = without(&full, |i, _| i != item);
    later.write(&item, "remarks", text("直した備考"));
    let ledger = settled(&[&sent(&first, "先", 8), &sent(&later, "後", 9)], round().clone());
    let [one] = ledger.revisions.as_slice() else { panic!("one answer: {:?}", ledger.revisions) };
    assert_eq!((one.item.as_str(), one.key.as_str()), (item.as_str(), "remarks"));
    assert_eq!((one.before.raw.as_str(), one.after.raw.as_str()), ("はじめの備考", "直した備考"));
    assert_eq!((&*one.before.place.file, &*one.after.place.file), ("提出/先.xlsx", "提出/後.xlsx"));
    let json = torimatome::report::json::round(&ledger, templates(), &[]);
    assert_eq!(json["revisions"][0]["after"]["value"], "直した備考");
    let outputs = torimatome::write::write(&ledger, templates()).expect("written");
    let master = outputs.iter().find(|o| o.path == torimatome::write::MASTER).expect("the master");
    let mut book = calamine::open_workbook_from_rs::<calamine::Xlsx<_>, _>(std::io::Cursor::new(
        master.body.all().unwrap().into_owned(),
    ))
    .expect("a workbook");
    let range = calamine::Reader::worksheet_range(&mut book, "再提出の差").expect("the sheet");
    assert!(range.rows().any(|r| r[5] == *"はじめの備考" && r[6] == *"直した備考"));
    // One file: no sheet.
    let alone = settled(&[&sent(&first, "先", 8)], round().clone());
    assert!(alone.revisions.is_empty());
}

#[test]
fn two_days_for_one_file_are_told() {
    let full = filled(PROCEDURES, 1, 13);
    let row = |on: u32| Receipt { file: "回答.xlsx".into(), received: Some(day(2022, 11, on)), ..Receipt::default() };
    for (rows, told) in [(vec![row(8), row(10)], 1), (vec![row(8), row(8)], 0), (vec![row(8)], 0)] {
        let mut with = round().clone();
        with.receipts.extend(rows);
        let ledger = settled(&[&sent(&full, "回答", 9)], with);
        let found = coded(&ledger, "X009W");
        assert_eq!(found.len(), told);
        assert!(found.iter().all(|f| f.args["why"].contains("令和4年11月10日")));
    }
}

#[test]
fn a_return_has_a_deadline_of_its_own() {
    let full = filled(PROCEDURES, 1, 17);
    let mut with = round().clone();
    let file = "回答.xlsx".to_string();
    let (received, sent_back) = (Some(day(2022, 11, 2)), Some(day(2022, 11, 4)));
    with.receipts.push(Receipt { file, received, sent_back, ..Receipt::default() });
    let first = sent(&full, "回答", 2);
    // Ten days later nothing has come.
    let ledger = settled(&[&first], with.clone());
    assert_eq!(coded(&ledger, "X010W").len(), 1);
    let mut mended = full.clone();
    mended.write(&full.items[0].key, "remarks", text("直したところ"));
    let ledger = settled(&[&first, &sent(&mended, "直し", 14)], with);
    assert!(coded(&ledger, "X010W").is_empty());
    // The correction came after the reply deadline, the reply did not.
    let late: Vec<i64> = ledger.submissions.iter().filter(|s| !s.file.is_empty()).map(|s| s.late_days).collect();
    assert!(late.iter().all(|d| *d == 0), "{late:?}");
}

#[test]
fn nobody_is_asked_for_what_may_have_been_sent() {
    let asked = |name: &str| {
        let broken = torimatome::intake::file(b"PK\x05\x06", name, &crate::kit::forms(), &crate::kit::context());
        let ledger = settled(&[&Sent::new(broken)], round().clone());
        let told = coded(&ledger, "D001W").into_iter();
        let again = told.filter(|f| f.args.contains_key("again")).map(|f| f.division.clone().expect("a division"));
        again.collect::<BTreeSet<_>>()
    };
    let (one, all) = (&round().divisions[0], round().divisions.len());
    assert_eq!(asked(&format!("提出/{}の回答.xlsx", one.name)), BTreeSet::from([one.code.clone()]));
    assert_eq!(asked("提出/回答.xlsx").len(), all, "it may be anybody's");
}

/// Puts the sheets of one workbook behind those of another, as they are copied in Excel.
fn copied_in(into: &Drawn, from: &Drawn, hidden: bool) -> torimatome::model::Workbook {
    let mut book = into.book.clone();
    for sheet in from.book.sheets.iter().filter(|s| !s.name.starts_with('_')) {
        let mut sheet = sheet.clone();
        while book.sheets.iter().any(|s| s.name == sheet.name) {
            sheet.name.push_str(" (2)");
        }
        sheet.hidden |= hidden;
        book.sheets.push(sheet);
    }
    book
}

/// Both replies of a workbook, settled.
fn together(book: &torimatome::model::Workbook) -> (Ledger, usize) {
    let mut first = crate::kit::take_in(book, "提出/一冊.xlsx");
    let further = std::mem::take(&mut first.further);
    let all: Vec<Sent> = std::iter::once(first).chain(further).map(Sent::new).collect();
    (settled(&all.iter().collect::<Vec<_>>(), round().clone()), all.len())
}

#[test]
fn sheets_of_another_division_or_form_are_replies_of_their_own() {
    for (a, b) in [
        (filled(PROCEDURES, 0, 31), filled(PROCEDURES, 1, 32)),
        (filled(PLANS, 0, 33), filled(PLANS, 1, 34)),
        (filled(PLANS, 0, 35), filled(PROCEDURES, 0, 36)),
        (filled(PROCEDURES, 1, 37), filled(PLANS, 2, 38)),
    ] {
        let (ledger, replies) = together(&copied_in(&a, &b, false));
        assert_eq!(replies, 2);
        for one in [&a, &b] {
            let alone = settled(&[&Sent::new(one.take_in("提出/一冊.xlsx"))], round().clone());
            assert_eq!(values(&ledger, one), values(&alone, one), "{} of {}", one.form.id, one.division);
        }
        let accepted: Vec<&Submission> = ledger.submissions.iter().filter(|s| s.state == State::Accepted).collect();
        assert_eq!(accepted.len(), 2);
        assert!(accepted.iter().all(|s| s.file == "提出/一冊.xlsx" && !s.sheets.is_empty()));
        let shared = accepted[0].sheets.iter().any(|s| accepted[1].sheets.contains(s));
        assert!(!shared, "each sheet is one reply's");
        assert!(coded(&ledger, "S025E").is_empty() && coded(&ledger, "S034W").is_empty());
        assert!(
            !ledger.findings.iter().any(|f| f.code.starts_with('S') && f.code.ends_with('E')),
            "{:?}",
            ledger.findings
        );
    }
}

#[test]
fn one_sheet_of_another_divisions_system_is_its_own() {
    let (a, b) = (filled(PLANS, 0, 41), filled(PLANS, 1, 42));
    let item = &b.items[0].key;
    let sheet = b.cells.iter().find(|((i, _), _)| i == item).map(|(_, (s, _))| *s).expect("a sheet");
    let mut book = a.book.clone();
    let mut copy = b.book.sheets[sheet].clone();
    copy.name.push_str(" (2)");
    book.sheets.push(copy);
    let (ledger, replies) = together(&book);
    assert_eq!(replies, 2);
    let record = ledger.items.iter().find(|i| i.form == PLANS && i.item.key == *item).and_then(|i| i.record.as_ref());
    assert_eq!(record.map(|r| r.division.as_str()), Some(b.division.as_str()));
    assert!(coded(&ledger, "X003W").is_empty());
}

#[test]
fn a_hidden_sheet_of_another_division_takes_nobodys_place() {
    let (a, b) = (filled(PROCEDURES, 0, 61), filled(PROCEDURES, 1, 62));
    let (ledger, replies) = together(&copied_in(&a, &b, true));
    assert_eq!(replies, 1);
    let item = &b.items[0].key;
    assert!(ledger.items.iter().any(|i| i.form == PROCEDURES && i.item.key == *item && i.record.is_none()));
    let told = coded(&ledger, "X011W");
    assert_eq!(told.len(), 1);
    assert!(told[0].args["whose"].contains(round().division_name(&b.division)));
}

#[test]
fn of_two_sheets_of_one_division_the_visible_one_counts() {
    let full = filled(PROCEDURES, 1, 51);
    let mut old = full.clone();
    let item = full.items[0].key.clone();
    old.write(&item, "remarks", text("古い写し"));
    let mut book = copied_in(&full, &old, true);
    book.sheets.rotate_right(1);
    assert!(book.sheets[0].hidden, "the old one stands first");
    let (ledger, replies) = together(&book);
    assert_eq!(replies, 1);
    let alone = settled(&[&Sent::new(full.take_in("提出/一冊.xlsx"))], round().clone());
    assert_eq!(values(&ledger, &full), values(&alone, &full));
    assert_eq!(coded(&ledger, "S025E").len(), 1);
}
