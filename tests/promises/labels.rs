//! What the form prints is never an answer, and what names a record is never changed in silence: of drawn forms one label of a
//! card, or one cell that names a record or the division, is broken at a time, with answers and without, in memory and in files.

use torimatome::fill::{self, CellWrite, FillValue};
use torimatome::forms::draw::{self, CellValue, Fill};
use torimatome::intake::{self, Intake};
use torimatome::model::{Answer, Cell, CellRef, Layout, Repeat, Role, Severity};

use crate::kit::{
    Drawn, PLANS, PROCEDURES, area, as_of, context, drawn_of, form_ids, forms, round, templates, text, the_cell,
};

/// A sheet, a cell and what stands in it.
type At = (usize, CellRef, String);

/// The labels of the cards of a drawn form, card by card; of repeated sheets those of the first.
fn labels(drawn: &Drawn) -> Vec<Vec<At>> {
    let mut cards = Vec::new();
    for (n, def) in drawn.form.sheets.iter().enumerate() {
        let grid = &drawn.book.sheets[n];
        for block in def.blocks.iter().filter(|b| b.layout == Layout::Card) {
            let at = |label: &str| (n, the_cell(grid, label, 0), label.to_string());
            // A label whose answer nobody reads may say what it likes.
            cards.push(block.fields.iter().filter(|f| f.is_answer()).map(|f| at(&f.label)).collect());
        }
    }
    cards
}

/// The cells that name a record or the division and are locked, with the field's role.
fn identities(drawn: &Drawn) -> Vec<(At, Role)> {
    let mut found = Vec::new();
    let naming = |role: Role| {
        matches!(role, Role::Item | Role::ItemName | Role::Row | Role::RowName | Role::Division | Role::DivisionName)
    };
    for (n, def) in drawn.form.sheets.iter().enumerate() {
        let grid = &drawn.book.sheets[n];
        for block in &def.blocks {
            for field in block.fields.iter().filter(|f| f.locked && f.role.is_some_and(naming)) {
                let heading = block.title.as_ref().map_or(0, |t| the_cell(grid, t, 0).row);
                let label = the_cell(grid, &field.label, heading);
                let role = field.role.expect("it has one");
                if block.layout == Layout::Card {
                    let at = CellRef::new(label.row, area(grid, label).last.col + 1);
                    found.push(((n, at, grid.text(at)), role));
                    continue;
                }
                let below = area(grid, label).last.row + 1;
                let rows = (below..below + 3).map(|row| CellRef::new(row, label.col));
                found.extend(rows.filter(|at| grid.get(*at).is_some()).map(|at| ((n, at, grid.text(at)), role)));
            }
        }
    }
    found
}

fn small(form: &str) -> Drawn {
    let mut all = drawn_of(form);
    all.sort_by_key(|d| (d.items.len(), d.division.clone()));
    let drawn = all.into_iter().find(|d| !d.items.is_empty()).expect("a form");
    let mut drawn = drawn.clone();
    // Of a form with a sheet for each item the sheets are numbered as the form's own: the first item's comes second.
    if drawn.form.sheets.iter().any(|s| s.repeat == Repeat::Item) {
        assert_eq!(drawn.form.sheets.len(), 2);
    }
    drawn.book.sheets.retain(|s| !s.hidden);
    drawn
}

/// Something in every cell that a person fills in.
fn filled(drawn: &Drawn) -> Drawn {
    let mut drawn = drawn.clone();
    let asked: Vec<(String, String)> = drawn.cells.keys().cloned().collect();
    for (n, (item, key)) in asked.iter().enumerate() {
        let (sheet, at) = drawn.at(item, key);
        if sheet < drawn.book.sheets.len() && drawn.book.sheets[sheet].get(at).is_none() {
            drawn.write(item, key, text(format!("記入{n}")));
        }
    }
    drawn
}

fn put(drawn: &mut Drawn, (sheet, at, _): &At, words: &str) {
    let cells = &mut drawn.book.sheets[*sheet].cells;
    if words.is_empty() {
        cells.remove(at);
    } else {
        cells.insert(*at, Cell::text(words));
    }
}

fn is_told(taken: &Intake, drawn: &Drawn, (sheet, at, _): &At) -> bool {
    let name = &drawn.book.sheets[*sheet].name;
    let here = |p: &torimatome::model::Place| *p.sheet == *name && p.area.is_some_and(|a| a.contains(*at));
    let told = taken.findings.iter().filter(|f| f.severity() != Severity::I);
    told.flat_map(|f| f.place.iter().chain(&f.related)).any(here)
}

fn answers(taken: &Intake) -> impl Iterator<Item = &Answer> {
    taken.submission.card.values().chain(taken.submission.records.iter().flat_map(|r| r.fields.values()))
}

/// Checks a form of which one or two labels were broken.
fn check(drawn: &Drawn, printed: &[String], broken: &[&At], what: &str) {
    let taken = drawn.take_in("提出/1.xlsx");
    let wrong = answers(&taken).find(|a| printed.iter().any(|p| *p == a.raw));
    assert!(wrong.is_none(), "{what}: {:?} was taken for an answer", wrong.map(|a| (&a.raw, a.place.to_string())));
    for at in broken {
        let said: Vec<_> =
            taken.findings.iter().map(|f| (&f.code, f.place.as_ref().map(ToString::to_string))).collect();
        assert!(is_told(&taken, drawn, at), "{what}: {at:?} is not named; said {said:?}");
    }
}

#[test]
fn a_broken_label_is_named_and_never_an_answer() {
    const OTHERS: [&str; 2] = ["別に定める見出し", "電話番号（代表）"];
    let mut tried = 0;
    for form in form_ids() {
        let blank = small(form);
        for start in [blank.clone(), filled(&blank)] {
            let cards = labels(&start);
            let mut printed: Vec<String> = cards.iter().flatten().map(|(_, _, t)| t.clone()).collect();
            printed.extend(OTHERS.map(ToString::to_string));
            for (card, at) in cards.iter().flat_map(|card| card.iter().map(move |at| (card, at))) {
                for words in ["", OTHERS[0], OTHERS[1]] {
                    let mut drawn = start.clone();
                    put(&mut drawn, at, words);
                    check(&drawn, &printed, &[at], &format!("{form} 「{}」→「{words}」", at.2));
                    tried += 1;
                }
                let other = card.iter().find(|o| o.1 > at.1);
                if let Some(other) = other {
                    let mut drawn = start.clone();
                    put(&mut drawn, at, &other.2);
                    put(&mut drawn, other, &at.2);
                    check(&drawn, &printed, &[at, other], &format!("{form} 「{}」⇄「{}」", at.2, other.2));
                    tried += 1;
                }
            }
        }
    }
    println!("{tried} broken labels");
    assert!(tried > 200, "{tried}");
}

#[test]
fn all_labels_of_a_column_renamed_are_no_answers() {
    let start = small(PLANS);
    for card in labels(&start) {
        let second: Vec<&At> = card.iter().filter(|(_, at, _)| at.col > card[0].1.col).collect();
        let mut drawn = start.clone();
        second.iter().for_each(|at| put(&mut drawn, at, &format!("新{}", at.2)));
        let printed: Vec<String> = second.iter().map(|at| format!("新{}", at.2)).collect();
        check(&drawn, &printed, &second, "a whole column");
    }
}

#[test]
fn a_changed_name_or_number_is_named() {
    let mut tried = 0;
    for form in form_ids() {
        let start = filled(&small(form));
        let clean = start.take_in("提出/1.xlsx");
        assert!(!clean.findings.iter().any(|f| matches!(f.code.as_str(), "S017W" | "S026W" | "S016E")));
        for (at, role) in identities(&start) {
            for words in ["", "99", "別の名前"] {
                let mut drawn = start.clone();
                put(&mut drawn, &at, words);
                let taken = drawn.take_in("提出/1.xlsx");
                let said: Vec<_> =
                    taken.findings.iter().map(|f| (&f.code, f.place.as_ref().map(ToString::to_string))).collect();
                assert!(is_told(&taken, &drawn, &at), "{form} {role:?} {at:?} → 「{words}」: said {said:?}");
                let own: Vec<_> = taken.findings.iter().filter(|f| f.code == "S017W").collect();
                for f in own {
                    assert_eq!(f.expected.as_deref(), Some(at.2.as_str()), "{at:?}");
                    assert_eq!(f.given.as_deref(), Some(if words.is_empty() { "（空欄）" } else { words }));
                }
                tried += 1;
            }
        }
    }
    println!("{tried} changed names and numbers");
    assert!(tried > 40, "{tried}");
}

#[test]
fn other_spellings_of_a_name_are_no_change() {
    let mut drawn = filled(&small(PROCEDURES));
    for (at, _) in identities(&drawn.clone()) {
        let wide: String = at.2.chars().flat_map(|c| [c, '\u{3000}']).collect();
        put(&mut drawn, &at, &format!(" {wide}"));
    }
    let taken = drawn.take_in("提出/1.xlsx");
    assert!(!taken.findings.iter().any(|f| matches!(f.code.as_str(), "S017W" | "S026W" | "S016E" | "S012E")));
}

/// The same in files: the blank form of a division is drawn, and one of its labels is overwritten in the file's own bytes.
#[test]
fn a_broken_label_of_a_file_is_named() {
    let start = small(PLANS);
    let fill = Fill {
        round_name: &round().name,
        mark: &round().mark,
        as_of: Some(as_of()),
        division: round().division(&start.division),
        items: start.items.clone(),
        answers: [((start.items[0].key.clone(), "issues".to_string()), CellValue::Text("なし。".into()))].into(),
        created: as_of(),
        ..Fill::default()
    };
    let bytes = draw::workbook(start.form, templates(), &fill).expect("it is drawn");
    let mut tried = 0;
    for at in labels(&start).into_iter().flatten().step_by(3) {
        let sheet = start.book.sheets[at.0].name.clone();
        let write = CellWrite::new(sheet, at.1, FillValue::Text("別に定める見出し".into()));
        let broken = fill::fill(&bytes, &[write]).expect("the cell is written").bytes;
        let taken = intake::file(&broken, "提出/1.xlsx", &forms(), &context());
        assert!(answers(&taken).all(|a| a.raw != "別に定める見出し"), "{at:?}");
        assert!(is_told(&taken, &start, &at), "{at:?}");
        tried += 1;
    }
    assert!(tried > 8, "{tried}");
}

#[test]
fn a_name_typed_over_in_a_joined_table_is_named() {
    let form = forms().into_iter().find(|f| f.sheets.iter().flat_map(|s| &s.blocks).any(|b| b.joins.is_some()));
    let form = form.expect("a form with joined tables");
    let block = form.sheets.iter().flat_map(|s| &s.blocks).find(|b| b.rows.free > 0 && b.joins.is_none()).expect("one");
    let of = |role: Role| block.field_with(role).expect("a field").id.clone();
    let row = |number: &str, name: &str| {
        let cells = [(of(Role::Item), number), (of(Role::ItemName), name)];
        cells.into_iter().map(|(k, v)| (k, CellValue::Text(v.into()))).collect()
    };
    let division = &round().divisions[0];
    let fill = Fill {
        as_of: Some(as_of()),
        division: Some(division),
        rows: [(block.id.clone(), vec![row("甲-01", "窓口の予約"), row("甲-02", "電子の掲示板")])].into(),
        created: as_of(),
        ..Fill::default()
    };
    let bytes = draw::workbook(form, templates(), &fill).expect("it is drawn");
    let book =
        torimatome::read::open(&bytes, "様式.xlsx", &torimatome::read::Limits::default()).expect("opens").workbook;
    let told = |sheet: usize, was: &str, typed: &str| {
        let mut book = book.clone();
        let at = the_cell(&book.sheets[sheet], was, 0);
        book.sheets[sheet].cells.insert(at, Cell::text(typed));
        let taken = crate::kit::take_in(&book, "提出/1.xlsx");
        let here =
            |f: &&torimatome::model::Finding| f.place.as_ref().is_some_and(|p| p.area.is_some_and(|a| a.contains(at)));
        let codes: Vec<String> = taken.findings.iter().filter(here).map(|f| f.code.clone()).collect();
        (codes, taken.findings.iter().filter(|f| f.code == "S017W").count())
    };
    for sheet in [1, 2] {
        assert_eq!(told(sheet, "窓口の予約", "窓口の予約と整理券").0, ["S017W"]);
        // The number of the other record beside this one's name.
        assert_eq!(told(sheet, "甲-02", "甲-01").1, 0, "of a doubled number the first counts");
        assert_eq!(told(sheet, "窓口の予約", "窓口の　予約").1, 0, "another way of writing is no change");
    }
}

/// What a blank form prints is no remark, whatever the round is called.
#[test]
fn a_form_of_a_round_with_any_name_has_no_remarks() {
    for name in ["R4.10", "令和4年度", "備考", "課", "令和4年度第2回DX推進状況調査（追加分）"] {
        let mut other = round().clone();
        other.name = name.into();
        other.mark = "見本".into();
        for form in form_ids() {
            let start = small(form);
            let fill = Fill {
                round_name: &other.name,
                mark: &other.mark,
                as_of: Some(as_of()),
                division: other.division(&start.division),
                items: start.items.clone(),
                created: as_of(),
                ..Fill::default()
            };
            let bytes = draw::workbook(start.form, templates(), &fill).expect("it is drawn");
            let taken =
                intake::file(&bytes, "提出/1.xlsx", &forms(), &intake::Context { round: Some(&other), ..context() });
            let remarks: Vec<_> = taken.findings.iter().filter(|f| f.code == "S035I").map(|f| &f.given).collect();
            assert!(remarks.is_empty(), "{form}, {name}: {remarks:?}");
        }
    }
}
