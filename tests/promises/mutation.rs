//! The cell named is the cell wrong: of a valid form one cell is broken at a time, in every way on a list, and the finding
//! expected of it must stand at that cell, or name it among the cells that take part. No error may point elsewhere only.

use std::collections::{BTreeMap, BTreeSet};

use torimatome::model::{Cell, CellRef, Content, Field, FieldType, Finding, Place, Severity, Value};

use crate::fill::{MILESTONES, Written, field, fill};
use crate::kit::{Dice, Drawn, PLANS, PROCEDURES, drawn_of, number, text};

/// One way of breaking one cell: the code that must be given, and what is written.
struct Break {
    way: &'static str,
    code: &'static str,
    item: String,
    key: String,
    cell: Cell,
}

/// The least share of mutations that must be named exactly.
const NAMED: f64 = 0.995;

const STEPS_OF_OFFICE: [&str; 5] = ["step_01", "step_02", "step_03", "step_37", "step_38"];

/// All ways to break a filled form.
struct Breaks<'a> {
    drawn: &'a Drawn,
    written: &'a Written,
    all: Vec<Break>,
}

impl Breaks<'_> {
    fn add(&mut self, way: &'static str, code: &'static str, item: &str, key: &str, cell: Cell) {
        self.all.push(Break { way, code, item: item.into(), key: key.into(), cell });
    }

    fn value(&self, item: &str, key: &str) -> Option<&Value> {
        self.written.get(&(item.to_string(), key.to_string()))
    }

    fn is(&self, item: &str, key: &str, code: &str) -> bool {
        self.value(item, key).and_then(Value::choice) == Some(code)
    }

    fn number(&self, item: &str, key: &str) -> f64 {
        self.value(item, key).and_then(Value::number).expect("a number")
    }

    /// Every field that a person fills in, by its type.
    fn of_types(&mut self) {
        let office = |key: &str| STEPS_OF_OFFICE.contains(&key);
        let asked: Vec<(String, String)> = self.drawn.cells.keys().filter(|(_, k)| !office(k)).cloned().collect();
        for (item, key) in asked {
            let field = field(self.drawn, &key);
            if field.locked {
                continue;
            }
            self.of_type(&item, &key, field);
        }
    }

    fn of_type(&mut self, item: &str, key: &str, field: &Field) {
        let error = Cell { content: Content::Error("#REF!".into()), ..Cell::default() };
        let lost = Cell { formula: true, ..Cell::default() };
        match field.kind {
            FieldType::Date => {
                self.add("no such day", "F006E", item, key, text("令和5年2月30日"));
                self.add("no such day, western", "F006E", item, key, text("2023/4/31"));
                self.add("no date", "F002E", item, key, text("検収後すみやか"));
                self.add("era or not", "F007E", item, key, text("7.3.31"));
                self.add("a status", "F012E", item, key, text("済"));
                self.add("beyond its era", "F011W", item, key, text("平成37年3月31日"));
                self.add("another weekday", "F023W", item, key, text("令和4年9月21日（木）"));
                self.add("moved or not", "F024W", item, key, text("令和4年9月21日（延期）"));
                self.add("taken back", "F025E", item, key, text("令和4年9月21日 中止"));
                self.add("a number for a day", "F026W", item, key, number(44825.0));
                self.add("the one above", "F013E", item, key, text("同上"));
            }
            FieldType::Choice | FieldType::Flag => {
                self.add("no choice", "F004E", item, key, text("あいうえお"));
                self.add("no choice, a number", "F004E", item, key, number(987.0));
            }
            FieldType::Integer | FieldType::Number | FieldType::Money => {
                self.add("no number", "F003E", item, key, text("多数"));
                self.add("two numbers", "F016E", item, key, text("100～200"));
                self.add("below its bound", "F019E", item, key, number(-3.0));
                if field.max.is_some() {
                    self.add("above its bound", "F019E", item, key, number(1e9));
                }
                if field.kind == FieldType::Integer {
                    self.add("a fraction", "F022E", item, key, number(0.5));
                }
            }
            _ => {}
        }
        if field.kind != FieldType::Text {
            self.add("an error value", "F018E", item, key, error);
            self.add("a formula without result", "F017E", item, key, lost);
        }
    }

    /// Blanks where an answer is owed in any case.
    fn required(&mut self) {
        for key in ["officer", "extension", "submitted", "confirmed"] {
            self.add("required", "F001E", "", key, Cell::default());
        }
        let given: Vec<(String, String)> = self.written.keys().cloned().collect();
        for (item, key) in given.iter().filter(|(i, k)| !i.is_empty() && !STEPS_OF_OFFICE.contains(&k.as_str())) {
            if field(self.drawn, key).required {
                // Where nothing else is answered, the record is unanswered as a whole.
                if given.iter().filter(|(i, _)| i == item).count() > 8 {
                    self.add("required", "F001E", item, key, Cell::default());
                }
            }
        }
    }

    fn plan(&mut self, item: &str) {
        for key in ["current_system", "current_vendor", "contract_end", "method", "go_live", "feasible"] {
            self.add("required of a system", "R001E", item, key, Cell::default());
        }
        self.add("no system after all", "R002W", item, "system_exists", text("なし"));
        self.add("candidate or contract", "R012E", item, "vendor_kind", Cell::default());
        if self.is(item, "feasible", "no") {
            self.add("late without a reason", "D003E", item, "late_reason", Cell::default());
            self.add("feasible though late", "D008E", item, "feasible", text("期限内に移行できる"));
            self.add(
                "a reason of later years",
                "F021W",
                item,
                "late_reason",
                text("事由1（現行がメインフレームで運用）"),
            );
        } else {
            self.add("late though feasible", "D008E", item, "go_live", text("令和12年3月31日"));
            self.add("infeasible though in time", "D009W", item, "feasible", text("期限内に移行できない"));
            self.add("a needless reason", "D006W", item, "late_reason", text("その他"));
            self.add("a year early", "D005W", item, "go_live", text("令和7年3月31日"));
        }
        if self.is(item, "late_reason", "other") {
            self.add("another reason, untold", "R011E", item, "late_reason_text", Cell::default());
        }
        if !self.is(item, "extendable", "yes") {
            self.add("contract ends too early", "D007W", item, "contract_end", text("R6.3.31"));
        }
        self.milestones(item);
        self.costs(item);
        self.steps(item);
        for key in ["issues", "remarks", "current_vendor"] {
            self.add("a telephone number", "F020W", item, key, text("担当 090-1234-5678"));
        }
        self.add("an undecided start", "D004W", item, "go_live", text("未定"));
    }

    fn milestones(&mut self, item: &str) {
        let given: Vec<&str> =
            MILESTONES.into_iter().filter(|k| self.value(item, &format!("{k}_actual")).is_some()).collect();
        for key in MILESTONES.iter().filter(|k| **k != "go_live") {
            self.add("after all others", "R003E", item, key, text("令和20年1月10日"));
        }
        self.add("before all others", "R003E", item, "contract", text("令和2年1月10日"));
        self.add("before all others", "R003E", item, "go_live", text("令和2年1月10日"));
        for key in MILESTONES {
            self.add("will have happened", "D010E", item, &format!("{key}_actual"), text("令和5年3月1日"));
        }
        if given.len() > 1 {
            self.add("happened too late", "R004E", item, "rfi_actual", text("令和4年10月30日"));
            self.add("happened too early", "R004E", item, "rfp_actual", text("令和元年6月3日"));
        }
        if let Some(key) = given.first() {
            self.add("passed, and not said to have happened", "D011W", item, &format!("{key}_actual"), Cell::default());
        }
    }

    fn costs(&mut self, item: &str) {
        for year in ["2023", "2024", "2025"] {
            let (cost, part) = (format!("cost_{year}"), format!("cost_{year}_subsidised"));
            let n = self.number(item, &cost);
            self.add("more than its whole", "R006E", item, &part, number(n + 7.0));
            self.add("a part that does not add up", "R005E", item, &cost, number(n + 1.0));
        }
        for total in ["cost_total", "cost_total_subsidised"] {
            let n = self.number(item, total);
            self.add("a total that does not add up", "R005E", item, total, number(n + 1.0));
        }
    }

    fn steps(&mut self, item: &str) {
        let own: Vec<String> =
            (4..=40).map(|n| format!("step_{n:02}")).filter(|k| !STEPS_OF_OFFICE.contains(&k.as_str())).collect();
        for key in own.iter().filter(|k| self.is(item, k, "na")).cloned().collect::<Vec<_>>() {
            self.add("not applicable, no remark", "R009E", item, &format!("{key}_remark"), Cell::default());
        }
        for key in own.iter().filter(|k| !self.is(item, k, "na")).cloned().collect::<Vec<_>>() {
            self.add("not applicable, no remark", "R009E", item, &key, text("対象外"));
        }
        let open: Vec<&String> = own.iter().filter(|k| self.is(item, k, "todo")).collect();
        let (Some(last), true) = (open.last().map(|k| (*k).clone()), open.len() > 1) else { return };
        let done: Vec<String> = own.iter().filter(|k| self.is(item, k, "done")).cloned().collect();
        self.add("done before the one before", "R007W", item, &last, text("完了済み"));
        if done.len() > 1 {
            self.add("not begun, the next one done", "R007W", item, &done[0], text("未着手"));
        }
        self.add("running without a day", "R010E", item, "step_40", text("完了済み"));
        self.add("the office's own answer", "S017W", item, "step_01", text("対象外"));
    }

    fn procedure(&mut self, item: &str) {
        // A blank beside 全部 is なし by definition.
        let channels = ["channel_portal", "channel_generic", "channel_other"];
        let all = |key: &str| self.is(item, key, "all");
        let open = |key: &&str| !channels.contains(key) || !channels.iter().any(|c| c != key && all(c));
        let keys: Vec<&str> = ["status", "total", "online"].into_iter().chain(channels).filter(open).collect();
        for key in keys {
            self.add("required of a procedure", "R001E", item, key, Cell::default());
        }
        self.add("no procedure after all", "R002W", item, "exists", text("制度なし"));
        let (total, online) = (self.number(item, "total"), self.number(item, "online"));
        self.add("more than all", "R006E", item, "online", number(total + 1.0));
        if online > 0.0 {
            self.add("fewer than a part", "R006E", item, "total", number(online - 1.0));
        }
        self.add("a start to come", "D010E", item, "start", text("令和5年1月4日"));
        self.add("a telephone number", "F020W", item, "remarks", text("0225-95-1111 へ"));
        if self.is(item, "signature", "yes") {
            self.add("signed without the card", "R017W", item, "card", text("利用しない"));
        }
        if self.is(item, "connection", "planned") {
            self.add("planned, no day", "R019E", item, "connected_on", Cell::default());
        }
        if self.is(item, "unmet_reason", "other") {
            self.add("another reason, untold", "R011E", item, "unmet_reason_text", Cell::default());
        }
        self.by_status(item);
    }

    fn by_status(&mut self, item: &str) {
        match self.value(item, "status").and_then(Value::choice) {
            Some("done") => {
                for key in ["start", "card", "signature"] {
                    self.add("running, not said how", "R010E", item, key, Cell::default());
                }
                if self.is(item, "channel_generic", "none") && self.is(item, "channel_other", "none") {
                    self.add("running nowhere", "R014E", item, "channel_portal", text("なし"));
                }
            }
            Some("planned") => {
                self.add("planned, no day", "R013E", item, "start_planned", Cell::default());
                self.add("running, but planned", "R015W", item, "start", text("R4.4.1"));
                self.add("passed, not said to have started", "D011W", item, "start_planned", text("R4.4.1"));
                if self.value(item, "unmet_reason").is_some() {
                    self.add("late without a reason", "D003E", item, "unmet_reason", Cell::default());
                } else {
                    self.add("late without a reason", "D003E", item, "start_planned", text("令和6年4月1日"));
                    self.add("a needless reason", "D006W", item, "unmet_reason", text("件数が少ない"));
                }
            }
            _ => {
                self.add("open without a reason", "R018E", item, "unmet_reason", Cell::default());
                self.add("running, but open", "R015W", item, "start", text("R4.4.1"));
            }
        }
    }
}

fn breaks(drawn: &Drawn, written: &Written) -> Vec<Break> {
    let mut breaks = Breaks { drawn, written, all: Vec::new() };
    breaks.of_types();
    breaks.required();
    for item in &drawn.items {
        if breaks.is(&item.key, "system_exists", "yes") {
            breaks.plan(&item.key);
        }
        if breaks.is(&item.key, "exists", "yes") {
            breaks.procedure(&item.key);
        }
    }
    breaks.all
}

fn stands_at(place: &Place, sheet: &str, cell: CellRef) -> bool {
    &*place.sheet == sheet && place.area.is_some_and(|a| a.contains(cell))
}

fn names(f: &Finding, sheet: &str, cell: CellRef) -> bool {
    f.place.iter().chain(&f.related).any(|p| stands_at(p, sheet, cell))
}

type Told = BTreeSet<(String, Option<Place>)>;

fn told(findings: &[Finding]) -> Told {
    findings.iter().map(|f| (f.code.clone(), f.place.clone())).collect()
}

/// What is wrong with what was said about a broken cell; `None` when it is named.
fn missed(b: &Break, before: &Told, drawn: &Drawn, findings: &[Finding]) -> Option<String> {
    let (sheet, cell) = drawn.at(&b.item, &b.key);
    let sheet = &drawn.book.sheets[sheet].name;
    let new: Vec<&Finding> = findings.iter().filter(|f| !before.contains(&(f.code.clone(), f.place.clone()))).collect();
    let said =
        || new.iter().map(|f| format!("{}@{}", f.code, f.place.as_ref().map(Place::cell_text).unwrap_or_default()));
    if !new.iter().any(|f| f.code == b.code && names(f, sheet, cell)) {
        return Some(format!("not named; said {:?}", said().collect::<Vec<_>>()));
    }
    let strays: Vec<_> = new.iter().filter(|f| f.severity() == Severity::E && !names(f, sheet, cell)).collect();
    (!strays.is_empty()).then(|| format!("an error elsewhere; said {:?}", said().collect::<Vec<_>>()))
}

/// Breaks `wanted` cells of forms of one kind, every way on the list at least once.
fn run(form: &str, wanted: usize, seed: u64) {
    let mut dice = Dice::new(seed);
    let mut blanks = drawn_of(form);
    // Small forms tell as much as large ones, and sooner.
    blanks.sort_by_key(|d| (d.items.len(), d.division.clone()));
    blanks.truncate(3);
    let mut ways: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    let mut exceptions: BTreeMap<String, usize> = BTreeMap::new();
    let (mut all, mut named) = (0, 0);
    while all < wanted {
        let mut drawn = dice.pick(&blanks).clone();
        let written = fill(&mut drawn, &mut dice);
        let base = drawn.take_in("提出/1.xlsx");
        let before = told(&base.findings);
        let mut breaks = breaks(&drawn, &written);
        dice.shuffle(&mut breaks);
        // Each way once before any comes again.
        breaks.sort_by_key(|b| ways.get(&(b.way, b.code)).map_or(0, |n| n.0));
        for b in breaks.into_iter().take(45) {
            let (sheet, cell) = drawn.at(&b.item, &b.key);
            let grid = &mut drawn.book.sheets[sheet];
            let kept = grid.cells.remove(&cell);
            if b.cell != Cell::default() {
                grid.cells.insert(cell, b.cell.clone());
            }
            let findings = drawn.take_in("提出/1.xlsx").findings;
            let missed = missed(&b, &before, &drawn, &findings);
            let count = ways.entry((b.way, b.code)).or_default();
            count.0 += 1;
            all += 1;
            match missed {
                None => {
                    named += 1;
                    count.1 += 1;
                }
                Some(why) => *exceptions.entry(format!("{} {} in {}: {why}", b.code, b.way, b.key)).or_default() += 1,
            }
            let grid = &mut drawn.book.sheets[sheet];
            grid.cells.remove(&cell);
            grid.cells.extend(kept.map(|c| (cell, c)));
        }
    }
    for (why, n) in &exceptions {
        println!("{n} × {why}");
    }
    println!("{form}: {named} of {all} named, {} ways", ways.len());
    let never: Vec<_> = ways.iter().filter(|(_, (_, named))| *named == 0).collect();
    assert!(never.is_empty(), "never named: {never:?}");
    let share = f64::from(u32::try_from(named).expect("small")) / f64::from(u32::try_from(all).expect("small"));
    assert!(share >= NAMED, "{form}: only {share:.4} named");
}

#[test]
fn a_broken_cell_of_a_plan_is_named() {
    run(PLANS, 1_000, 61);
}

#[test]
fn a_broken_cell_of_a_list_of_procedures_is_named() {
    run(PROCEDURES, 1_000, 62);
}
