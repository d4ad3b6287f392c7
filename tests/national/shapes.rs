//! Forms that cannot be filled as they stand, or only in part: too few rows, two figures for one cell, headers of three
//! rows, a header that only the map's address leads to, a form before or after its time, and a ledger at odds with what
//! was handed in.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use rust_xlsxwriter::Workbook;
use torimatome::fill::CellWrite;
use torimatome::model::reconcile::CellCheck;
use torimatome::model::{Finding, Value};

use super::*;

pub fn blank(id: &str) -> Vec<u8> {
    blanks().into_iter().find(|(map, _)| map == id).expect("a blank form").1
}

pub fn answered() -> Ledger {
    in_force(synthetic::ledger_where_all_answered())
}

pub fn fill_in(ledger: &Ledger, templates: &Templates, book: &[u8]) -> Done {
    let filling = Filling::new(ledger, templates);
    filling.file(book, book.len() as u64, "国様式/x.xlsx", &|p| p.fill()).unwrap_or_else(|e| panic!("{e}"))
}

pub fn of<'d>(done: &'d Done, code: &str) -> Vec<&'d Finding> {
    done.findings.iter().filter(|f| f.code == code).collect()
}

/// The text of a part of a package.
pub fn part(book: &[u8], name: &str) -> String {
    let mut zip = ZipArchive::new(Cursor::new(book)).expect("a package");
    let mut text = String::new();
    zip.by_name(name).expect("the part").read_to_string(&mut text).expect("text");
    text
}

/// The shipped map with something replaced.
pub fn changed_map(id: &str, from: &str, to: &str) -> Templates {
    let path = root().join("templates/national").join(id).join("map.toml");
    let text = fs::read_to_string(path).expect("the map");
    assert!(text.contains(from), "{from}");
    let overlay = BTreeMap::from([(format!("national/{id}/map.toml"), text.replacen(from, to, 1).into_bytes())]);
    Templates::load(&overlay).unwrap_or_else(|e| panic!("{e:?}"))
}

#[test]
fn more_items_than_rows_are_a_finding_and_no_row_is_inserted() {
    let templates = Templates::embedded().expect("sound templates");
    let ledger = answered();
    let whole = blank("online-use");
    let all = figures(&fill_in(&ledger, &templates, &whole)).len();
    // The form ends three rows early, its totals included.
    let short = reshape(&whole, &|n, t| {
        let gone = |row: &str| [31, 32, 33].iter().any(|r| row.starts_with(&format!("<row r=\"{r}\"")));
        if n == SHEET { without(&t, "<row ", "</row>", &gone) } else { t }
    });
    let done = fill_in(&ledger, &templates, &short);
    let said = of(&done, "S064W");
    assert_eq!(said.len(), 1, "{:?}", done.findings);
    assert_eq!(said[0].given.as_deref(), Some("2"));
    let told = format!("{:?}", said[0].args);
    assert!(told.contains("転出届") && told.contains("来庁予定の連絡"), "{told}");
    assert_eq!(figures(&done).len(), all - 2 * 3, "three figures of each of two items are not written");
    let filled = done.output.expect("the others are written").body.all().unwrap().into_owned();
    let rows = |book: &[u8]| part(book, SHEET).matches("<row ").count();
    assert_eq!(rows(&filled), rows(&short), "no row is inserted");
}

#[test]
fn two_figures_for_one_merged_cell_are_not_written() {
    let templates = Templates::embedded().expect("sound templates");
    let ledger = answered();
    let whole = blank("online-use");
    let all = figures(&fill_in(&ledger, &templates, &whole));
    let merged = reshape(&whole, &|n, t| {
        let end = "</mergeCells>";
        if n == SHEET { t.replace(end, &format!("<mergeCell ref=\"B5:C5\"/>{end}")) } else { t }
    });
    let done = fill_in(&ledger, &templates, &merged);
    let said = of(&done, "S065W");
    assert!(said.len() == 1 && format!("{:?}", said[0].args).contains("2つの値"), "{:?}", done.findings);
    let left = figures(&done);
    let gone: Vec<_> = all.iter().filter(|(k, _)| !left.contains_key(*k)).collect();
    assert!(!gone.is_empty() && gone.iter().all(|((item, _), _)| item == "2"), "{gone:?}");
    assert_eq!(left.len() + gone.len(), all.len(), "all others are written");
}

#[test]
fn a_figure_goes_to_the_anchor_of_its_merge() {
    let templates = Templates::embedded().expect("sound templates");
    let ledger = answered();
    let whole = blank("online-use");
    // One row of the form is two rows of the sheet high: name, counts and share are merged over both.
    let merged = reshape(&whole, &|n, t| {
        if n != SHEET {
            return t;
        }
        let areas = ["A", "B", "C", "D"].map(|c| format!("<mergeCell ref=\"{c}4:{c}5\"/>")).concat();
        t.replace("</mergeCells>", &format!("{areas}</mergeCells>"))
    });
    let done = fill_in(&ledger, &templates, &merged);
    let check = done.check.as_ref().expect("filled");
    let first: Vec<String> =
        check.cells.iter().filter(|c| c.item == "1" && c.written).map(|c| c.cell.to_string()).collect();
    assert_eq!(first, ["B4", "C4", "D4"]);
    assert!(of(&done, "S063W").is_empty(), "{:?}", done.findings);
    // The second item's name stands within the merge, where nobody sees it.
    assert!(check.cells.iter().all(|c| c.item != "2"));
    assert_eq!(of(&done, "S064W").len(), 1, "{:?}", done.findings);
    // Two rows for one name, and each with cells of its own: nobody knows which is meant.
    let doubled = reshape(&whole, &|n, t| {
        if n == SHEET { t.replace("</mergeCells>", "<mergeCell ref=\"A4:A5\"/></mergeCells>") } else { t }
    });
    let done = fill_in(&ledger, &templates, &doubled);
    assert_eq!(of(&done, "S063W").len(), 1, "{:?}", done.findings);
    assert!(done.check.expect("the others are filled").cells.iter().all(|c| c.item != "1"));
}

#[test]
fn headers_of_three_rows_lead_to_the_columns() {
    let templates = Templates::embedded().expect("sound templates");
    let ledger = answered();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let plain = rust_xlsxwriter::Format::new();
    sheet.set_name("オンライン利用状況").expect("named");
    sheet.write_string(0, 0, "手続のオンライン利用状況").expect("written");
    sheet.merge_range(1, 0, 3, 0, "手続の名称", &plain).expect("merged");
    sheet.merge_range(1, 1, 1, 3, "令和3年度の利用状況", &plain).expect("merged");
    sheet.merge_range(2, 1, 2, 2, "件数", &plain).expect("merged");
    sheet.write_string(3, 1, "手続総件数(件)").expect("written");
    sheet.write_string(3, 2, "うちオンライン数(件)").expect("written");
    sheet.merge_range(2, 3, 3, 3, "総件数に占めるオンライン数の割合(%)", &plain).expect("merged");
    let names: Vec<String> = ledger.round.items("procedures").map(|i| i.name.clone()).collect();
    for (row, name) in (4..).zip(&names) {
        sheet.write_string(row, 0, name.as_str()).expect("written");
    }
    let done = fill_in(&ledger, &templates, &book.save_to_buffer().expect("saved"));
    let check = done.check.as_ref().unwrap_or_else(|| panic!("{:?}", done.findings));
    assert_eq!(check.map, "online-use");
    let as_drawn = figures(&fill_in(&ledger, &templates, &blank("online-use")));
    assert_eq!(figures(&done), as_drawn);
    let first = check.cells.iter().find(|c| c.item == "1").expect("the first item");
    assert_eq!(first.cell.to_string(), "B5");
}

#[test]
fn an_address_leads_where_no_label_does_and_that_is_told() {
    let label = "label = \"うちオンライン数(件)\"";
    let aliases =
        "aliases = [\"うちオンライン数\", \"うちオンライン件数\", \"オンライン件数\", \"うちオンライン件数(件)\"]";
    let templates =
        changed_map("online-use", &format!("{label}\n{aliases}"), "label = \"電子申請の数\"\nfallback = \"C\"");
    let ledger = answered();
    let done = fill_in(&ledger, &templates, &blank("online-use"));
    let check = done.check.as_ref().unwrap_or_else(|| panic!("{:?}", done.findings));
    let written = check.cells.iter().filter(|c| c.label == "電子申請の数" && c.written);
    let columns: Vec<u32> = written.map(|c| c.cell.col).collect();
    assert!(columns.len() > 20 && columns.iter().all(|c| *c == 2), "{columns:?}");
    let said = of(&done, "S062W");
    assert!(said.len() == 1 && format!("{:?}", said[0].args).contains("番地（C列）"), "{:?}", done.findings);
    // The label rules where it is there: with its own header moved, the address is not asked.
    let plain = changed_map("online-use", label, &format!("{label}\nfallback = \"A\""));
    let done = fill_in(&ledger, &plain, &blank("online-use"));
    assert!(of(&done, "S062W").is_empty(), "{:?}", done.findings);
    assert_eq!(
        figures(&done),
        figures(&fill_in(&ledger, &Templates::embedded().expect("sound"), &blank("online-use")))
    );
}

#[test]
fn rows_are_named_by_the_column_of_an_address_where_no_header_names_it() {
    let known = "label = \"手続の名称\"\naliases = [\"手続名\", \"手続名称\", \"手続き名\"]";
    let at = |column: &str| {
        let map = changed_map("online-use", known, &format!("label = \"申請等の呼び名\"\nfallback = \"{column}\""));
        fill_in(&answered(), &map, &blank("online-use"))
    };
    let done = at("A");
    let as_drawn = fill_in(&answered(), &Templates::embedded().expect("sound"), &blank("online-use"));
    assert_eq!(figures(&done), figures(&as_drawn));
    let said = of(&done, "S062W");
    assert!(said.len() == 1, "{:?}", done.findings);
    assert!(format!("{:?}", said[0].args).contains("番地（A列）で行を探しました"), "{:?}", said[0]);
    // A column that names nothing leads nowhere.
    let done = at("D");
    assert!(done.check.is_none_or(|c| c.cells.iter().all(|c| !c.written)));
}

#[test]
fn an_address_of_a_card_is_a_cell() {
    let from = "label = \"基準日\"";
    let path = root().join("templates/national/plans/map.toml");
    let map = fs::read_to_string(path).expect("the map");
    let line = map.lines().skip_while(|l| *l != from).nth(1).expect("its aliases");
    let from = format!("{from}\n{line}");
    let templates = changed_map("plans", &from, "label = \"いつの数値か\"\nfallback = \"L3\"");
    let done = fill_in(&answered(), &templates, &blank("plans"));
    let check = done.check.as_ref().unwrap_or_else(|| panic!("{:?}", done.findings));
    let cell = check.cells.iter().find(|c| c.label == "いつの数値か").expect("the day");
    assert!(cell.written && cell.cell.to_string() == "L3", "{cell:?}");
    let said = of(&done, "S062W");
    assert!(said.len() == 1 && format!("{:?}", said[0].args).contains("番地（L3）"), "{:?}", done.findings);
}

fn on(mut ledger: Ledger, (y, m, d): (i32, u32, u32)) -> Ledger {
    for form in ledger.round.forms.values_mut() {
        form.as_of = NaiveDate::from_ymd_opt(y, m, d).expect("a day");
    }
    ledger
}

#[test]
fn a_form_is_filled_from_its_first_to_its_last_day() {
    let shipped = Templates::embedded().expect("sound templates");
    let to = changed_map("special-support", "from = \"2024-12-24\"", "from = \"2024-12-24\"\nto = \"2026-03-31\"");
    let book = blank("special-support");
    for (templates, day, filled) in [
        (&shipped, (2022, 10, 31), false),
        (&shipped, (2024, 12, 23), false),
        (&shipped, (2024, 12, 24), true),
        (&shipped, (2026, 4, 1), true),
        (&to, (2024, 12, 23), false),
        (&to, (2026, 3, 31), true),
        (&to, (2026, 4, 1), false),
    ] {
        let done = fill_in(&on(answered(), day), templates, &book);
        let codes: Vec<&str> = done.findings.iter().map(|f| f.code.as_str()).collect();
        assert_eq!(done.output.is_some(), filled, "{day:?} {codes:?}");
        assert_eq!(codes == ["S067I"], !filled, "{day:?} {codes:?}");
    }
}

#[test]
fn a_mark_stands_where_its_condition_holds() {
    let templates = Templates::embedded().expect("sound templates");
    let mut ledger = answered();
    // Two systems with a reason that makes them special, one with such a reason that does not exist, the rest without.
    let answers = [("001", "yes", "tokutei-1"), ("002", "yes", "tokutei-4"), ("003", "no", "tokutei-2")];
    let set = |record: &mut torimatome::model::Record| {
        let (exists, why) =
            answers.iter().find(|a| a.0 == record.item).map_or(("yes", "vendor"), |(_, exists, why)| (exists, why));
        for (field, code) in [("system_exists", exists), ("late_reason", why)] {
            if let Some(answer) = record.fields.get_mut(field) {
                answer.value = Value::Choice(code.into());
            }
        }
    };
    ledger.items.iter_mut().filter_map(|i| i.record.as_mut().map(Arc::make_mut)).for_each(set);
    ledger.submissions.iter_mut().flat_map(|s| &mut s.records).map(Arc::make_mut).for_each(set);
    let done = fill_in(&ledger, &templates, &blank("special-support"));
    let check = done.check.as_ref().unwrap_or_else(|| panic!("{:?}", done.findings));
    let marked: Vec<&str> = check.cells.iter().filter(|c| c.read_back == "●").map(|c| c.item.as_str()).collect();
    assert_eq!(marked, ["001", "002"]);
    let book = read::open(&done.output.as_ref().expect("filled").body.all().unwrap(), "x.xlsx", &Limits::default())
        .expect("opens");
    let signs: usize = book.workbook.sheets[0].cells.values().filter(|c| c.raw() == "●").count();
    assert_eq!(signs, 2);
}

#[test]
fn a_ledger_at_odds_with_what_was_handed_in_stops_everything() {
    let templates = Templates::embedded().expect("sound templates");
    let mut ledger = answered();
    let item = ledger.items.iter_mut().find(|i| i.item.key == "1").expect("an item");
    let total = item.record.as_mut().map(Arc::make_mut).and_then(|r| r.fields.get_mut("total")).expect("its total");
    let Value::Number(n) = total.value else { panic!("a number") };
    total.value = Value::Number(n + 1.0);
    let book = blank("online-use");
    let filling = Filling::new(&ledger, &templates);
    let wrong = filling.file(&book, book.len() as u64, "国様式/x.xlsx", &|p| p.fill()).expect_err("a difference");
    let cell = wrong.differences.iter().find(|d| d.contains("提出物では"));
    assert!(cell.is_some_and(|d| d.contains("B4")), "{wrong}");
    assert!(wrong.differences.iter().any(|d| d.contains("提出物の合計")), "{wrong}");
}

#[test]
fn what_stands_where_nothing_is_asked_stays_and_is_told() {
    let templates = Templates::embedded().expect("sound templates");
    let (_temp, dir) = round();
    let ledger = run::consolidate(&dir, &templates, &options()).map_err(|_| "stopped").expect("published").ledger;
    let book = fs::read(dir.join("国様式/移行計画一覧.xlsx")).expect("the form");
    let done = fill_in(&ledger, &templates, &book);
    assert!(of(&done, "X112W").is_empty(), "{:?}", done.findings);
    let check = done.check.expect("filled");
    let idle: Vec<_> = check.cells.iter().filter(|c| !c.left.is_empty() && !c.owed).collect();
    let [old, sign, number] = [0, 1, 2].map(|i| *idle.get(i).expect("a cell for which nothing is asked"));
    let write = |c: &CellCheck, value| CellWrite::new(c.sheet.clone(), c.cell, value);
    let writes = [
        write(old, FillValue::Text("前回の理由".into())),
        write(sign, FillValue::Text("－".into())),
        write(number, FillValue::Number(7.0)),
    ];
    let used = fill::fill(&book, &writes).expect("the cells are written").bytes;
    let done = fill_in(&ledger, &templates, &used);
    let said = of(&done, "X112W");
    let told: Vec<_> = said.iter().map(|f| format!("{:?}{:?}", f.given, f.args)).collect();
    let named = |c: &CellCheck, what: &str| told.concat().contains(&format!("{} {what}", c.cell));
    assert!(named(old, "前回の理由") && named(number, "7") && !named(sign, "－"), "{told:?}");
    assert_eq!(said.iter().filter_map(|f| f.given.as_deref()?.parse::<u32>().ok()).sum::<u32>(), 2, "{told:?}");
    let after = done.check.expect("filled");
    let stays = after.cells.iter().find(|c| (&c.sheet, c.cell) == (&old.sheet, old.cell)).expect("the cell");
    assert_eq!((stays.read_back.as_str(), stays.written), ("前回の理由", false));
}
