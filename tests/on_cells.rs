//! What stands on cells and is no plain value of one cell: marks in superscript, fonts of pictures, merges over several answers,
//! shapes and controls, and answers in the sheet that nobody reads.

use chrono::NaiveDate;
use torimatome::forms::Templates;
use torimatome::forms::draw::{Fill, workbook};
use torimatome::intake::{self, Context, Intake};
use torimatome::model::grid::{Cell, Float, FloatKind, Raised};
use torimatome::model::{Area, CellRef, Division, Finding, Item, NoteKind, Value};
use torimatome::read::{Limits, Opened, legacy, open};

fn day(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).expect("a day")
}

/// A form as it goes out, with two items, opened.
fn issued(templates: &Templates, id: &str) -> Opened {
    let form = &templates.forms[id];
    let division =
        Division { code: "103".into(), bureau: "甲部".into(), name: "甲課".into(), ..Division::default() };
    let codes = form.roster.as_ref().and_then(|r| templates.lists.get(r));
    let items: Vec<Item> = codes
        .into_iter()
        .flat_map(|l| l.codes.iter().take(2))
        .map(|c| Item { key: c.code.clone(), name: c.name.clone(), attrs: c.attrs.clone(), ..Item::default() })
        .collect();
    let fill = Fill {
        as_of: Some(day(2022, 10, 31)),
        division: Some(&division),
        items: items.iter().collect(),
        created: day(2022, 11, 1),
        ..Fill::default()
    };
    let bytes = workbook(form, templates, &fill).expect("a drawing");
    open(&bytes, "様式.xlsx", &Limits::default()).expect("a workbook")
}

fn take(templates: &Templates, opened: &Opened, id: &str) -> Intake {
    let limits = Limits::default();
    let ctx = Context {
        templates,
        round: None,
        today: day(2022, 11, 7),
        limits: &limits,
        legacy: &legacy::open,
        watch: None,
    };
    intake::workbook(opened, "様式.xlsx", &[&templates.forms[id]], &ctx)
}

const FORM: &str = "online-procedures";

struct Sheet {
    templates: Templates,
    opened: Opened,
}

impl Sheet {
    fn new() -> Self {
        let templates = Templates::embedded().expect("sound templates");
        let opened = issued(&templates, FORM);
        Self { templates, opened }
    }

    /// Where the answer of the nth item to a field stands.
    fn at(&self, item: usize, field: &str) -> CellRef {
        let taken = take(&self.templates, &self.opened, FORM);
        taken.submission.records[item].fields[field].place.area.expect("a cell").first
    }

    fn write(&mut self, item: usize, field: &str, text: &str) -> CellRef {
        let at = self.at(item, field);
        self.opened.workbook.sheets[0].cells.insert(at, Cell::text(text));
        at
    }

    fn merge(&mut self, first: CellRef, last: CellRef) {
        self.opened.workbook.sheets[0].merges.push(Area { first, last });
    }

    fn lay(&mut self, area: Area, kind: FloatKind, text: &str, linked: Option<CellRef>) {
        self.opened.workbook.sheets[0].floats.push(Float { area: Some(area), kind, text: text.into(), linked });
    }

    fn told(&self) -> Told {
        Told(take(&self.templates, &self.opened, FORM))
    }
}

struct Told(Intake);

impl Told {
    fn of(&self, code: &str) -> Vec<&Finding> {
        self.0.findings.iter().filter(|f| f.code == code).collect()
    }

    fn cells(&self, code: &str) -> Vec<String> {
        self.of(code).iter().map(|f| f.place.as_ref().expect("a place").cell_text()).collect()
    }

    fn value(&self, item: usize, field: &str) -> &Value {
        &self.0.submission.records[item].fields[field].value
    }
}

#[test]
fn a_mark_in_superscript_is_no_digit() {
    let mut sheet = Sheet::new();
    let typed = sheet.write(0, "total", "4300¹");
    let by_font = sheet.write(1, "total", "43001");
    let marked = Raised { kept: "4300".into(), mark: "1".into() };
    sheet.opened.workbook.sheets[0].marks.raised.insert(by_font, marked);
    sheet.write(0, "start_planned", "2025年3月²");
    sheet.write(0, "remarks", "別紙¹");
    let told = sheet.told();
    for item in [0, 1] {
        assert_eq!(told.value(item, "total"), &Value::Number(4300.0));
        let notes = &told.0.submission.records[item].fields["total"].notes;
        assert!(notes.iter().any(|n| n.kind == NoteKind::Raised));
    }
    let march = told.value(0, "start_planned").date().expect("a month");
    assert_eq!((march.from, march.to), (Some(day(2025, 3, 1)), Some(day(2025, 3, 31))));
    assert_eq!(told.value(0, "remarks"), &Value::Text("別紙¹".into()), "a text keeps it");
    let mut cells = told.cells("S048W");
    cells.sort();
    assert_eq!(cells.len(), 3, "{cells:?}");
    assert!(cells.contains(&typed.to_string()) && cells.contains(&by_font.to_string()));
}

#[test]
fn a_picture_that_nobody_can_name_is_no_answer() {
    let mut sheet = Sheet::new();
    let at = sheet.write(0, "channel_portal", "〓");
    sheet.opened.workbook.sheets[0].marks.symbols.insert(at, "Q".into());
    let other = sheet.write(1, "channel_portal", "○");
    sheet.opened.workbook.sheets[0].marks.symbols.insert(other, "¡".into());
    let told = sheet.told();
    assert_eq!((told.cells("S049E"), told.of("F004E").len()), (vec![at.to_string()], 0));
    assert_eq!(told.value(0, "channel_portal"), &Value::Unreadable);
    let notes = &told.0.submission.records[1].fields["channel_portal"].notes;
    assert!(notes.iter().any(|n| n.kind == NoteKind::Symbol && n.before == "¡"));
}

#[test]
fn a_number_over_two_items_is_asked_about_and_a_choice_is_told() {
    let mut sheet = Sheet::new();
    let (first, last) = (sheet.write(0, "total", "4318"), sheet.at(1, "total"));
    let (choice, below) = (sheet.write(0, "channel_portal", "全部"), sheet.at(1, "channel_portal"));
    let (blank, under) = (sheet.at(0, "remarks"), sheet.at(1, "remarks"));
    sheet.merge(first, last);
    sheet.merge(choice, below);
    sheet.merge(blank, under);
    let told = sheet.told();
    assert_eq!((told.cells("S050E"), told.cells("S050I")), (vec![first.to_string()], vec![choice.to_string()]));
    for item in [0, 1] {
        assert_eq!(told.value(item, "total"), &Value::Unreadable, "counted for neither");
        assert_eq!(told.value(item, "channel_portal"), &Value::Choice("all".into()));
    }
    assert_eq!(told.of("F003E").len(), 0, "one finding for one cause");
}

#[test]
fn one_number_for_two_questions_is_asked_about() {
    let mut sheet = Sheet::new();
    let (first, last) = (sheet.write(0, "total", "4318"), sheet.at(0, "online"));
    sheet.merge(first, last);
    let told = sheet.told();
    assert_eq!(told.cells("S050E"), [first.to_string()]);
    assert_eq!((told.value(0, "total"), told.value(0, "online")), (&Value::Unreadable, &Value::Unreadable));
    // The same merge where only one of them is a question.
    let mut alone = Sheet::new();
    let at = alone.write(1, "total", "4318");
    alone.merge(at, CellRef::new(at.row + 1, at.col));
    let told = alone.told();
    assert_eq!((told.of("S050E").len(), told.value(1, "total")), (0, &Value::Number(4318.0)));
}

#[test]
fn what_lies_on_an_answer_is_asked_about_and_elsewhere_mentioned() {
    let mut sheet = Sheet::new();
    let (at, beside) = (sheet.at(0, "start_planned"), sheet.at(1, "start_planned"));
    sheet.lay(Area { first: at, last: beside }, FloatKind::TextBox, "延期に\nなりました", None);
    sheet.lay(Area::cell(sheet.at(0, "channel_portal")), FloatKind::CheckBox(Some(true)), "全部", None);
    sheet.lay(Area::cell(sheet.at(0, "channel_portal")), FloatKind::CheckBox(Some(false)), "一部", None);
    sheet.lay(Area::cell(CellRef::new(900, 30)), FloatKind::Picture, "", None);
    let told = sheet.told();
    let given: Vec<&str> = told.of("S051W").iter().filter_map(|f| f.given.as_deref()).collect();
    assert_eq!(given, ["「延期に なりました」", "「全部」（チェックあり）、「一部」（チェックなし）"]);
    assert_eq!(told.cells("S051W")[0], format!("{at}:{beside}"));
    assert_eq!(told.cells("S051I"), [CellRef::new(900, 30).to_string()]);
    assert_eq!(Sheet::new().told().0.findings.iter().filter(|f| f.code.starts_with("S05")).count(), 0);
}

#[test]
fn a_thousand_shapes_are_not_a_thousand_lines() {
    let mut sheet = Sheet::new();
    let at = Area::cell(sheet.at(0, "total"));
    for row in 0..500 {
        sheet.lay(at, FloatKind::Picture, "印", None);
        sheet.lay(Area::cell(CellRef::new(900 + row, 30)), FloatKind::Shape, "", None);
    }
    let told = sheet.told();
    assert_eq!((told.of("S051W").len(), told.of("S051I").len()), (41, 41));
}

#[test]
fn an_example_that_was_filled_in_is_told_and_an_untouched_one_is_not() {
    let templates = Templates::embedded().expect("sound templates");
    for form in templates.asked() {
        let mut opened = issued(&templates, &form.id);
        let told = Told(take(&templates, &opened, &form.id));
        assert_eq!(told.of("S054W"), Vec::<&Finding>::new(), "{}", form.id);
        let example = opened.workbook.sheets.iter_mut().find(|s| s.name.starts_with("記入例")).expect("an example");
        let cell = |text: &str| {
            let found = example.cells.iter().find(|(_, c)| c.raw() == text);
            *found.map_or_else(|| panic!("{}: no {text}", form.id), |(at, _)| at)
        };
        let (code, officer) = (cell("000"), cell("主査"));
        // One of another year, with other examples.
        let mut old = opened.clone();
        let example = old.workbook.sheets.iter_mut().find(|s| s.name.starts_with("記入例")).expect("an example");
        for cell in example.cells.values_mut() {
            let line = cell.raw();
            if line.contains("様式ID:") {
                *cell = Cell::text(line.replace(&format!("版:{}", form.version), "版:0"));
            }
        }
        example.cells.insert(officer, Cell::text("副主幹"));
        assert_eq!(Told(take(&templates, &old, &form.id)).of("S054W").len(), 0, "{}: last year's", form.id);
        let example = opened.workbook.sheets.iter_mut().find(|s| s.name.starts_with("記入例")).expect("an example");
        example.cells.insert(code, Cell::text("103"));
        let told = Told(take(&templates, &opened, &form.id));
        assert_eq!(told.cells("S054W"), [code.to_string()], "{}", form.id);
    }
}

#[test]
fn every_container_tells_the_same() {
    for kind in ["xlsx", "ods", "xls"] {
        let name = format!("on-cells.{kind}");
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/read").join(&name);
        let opened = open(&std::fs::read(path).expect("a fixture"), &name, &Limits::default()).expect("a workbook");
        let grid = &opened.workbook.sheets[0];
        let raised: Vec<(String, &str, &str)> =
            grid.marks.raised.iter().map(|(at, r)| (at.to_string(), r.kept.as_str(), r.mark.as_str())).collect();
        assert_eq!(raised, [("A1".into(), "250", "2"), ("A2".into(), "30", "注")], "{kind}");
        let symbols: Vec<(String, &str)> =
            grid.marks.symbols.iter().map(|(at, s)| (at.to_string(), s.as_str())).collect();
        assert_eq!(symbols, [("A3".into(), "oþQ"), ("A4".into(), "ûno")], "{kind}");
        let text = |cell| grid.text(CellRef::parse(cell).expect("a cell"));
        assert_eq!((text("A3"), text("A4"), text("A5")), ("□☑〓".into(), "✗no".into(), "77".into()), "{kind}");
        let mut floats: Vec<(String, FloatKind, &str)> = grid
            .floats
            .iter()
            .map(|f| (f.area.map(|a| a.to_string()).unwrap_or_default(), f.kind, f.text.as_str()))
            .collect();
        floats.sort();
        let box_and_circle =
            [("B7".to_string(), FloatKind::Shape, ""), ("D3:E4".to_string(), FloatKind::TextBox, "後で書きます")];
        for (found, wanted) in floats.iter().zip(&box_and_circle) {
            assert_eq!((&found.0, found.1), (&wanted.0, wanted.1), "{kind}");
            assert!(wanted.2.is_empty() || found.2 == wanted.2, "{kind}");
        }
        assert_eq!(floats.len(), 2, "{kind}");
    }
}
