//! Rows of the settings as people write them: names for keys mean the keys, what means nothing is told at its cell, and the
//! DX office is told of what it answers for everybody.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use torimatome::fill::{CellWrite, FillValue, fill};
use torimatome::forms::Templates;
use torimatome::model::ledger::Ledger;
use torimatome::model::{CellRef, Finding, Severity};
use torimatome::read::{self, Limits};
use torimatome::run::{self, Options, Stop};
use torimatome::{init, issue};

const SETTINGS: &str = "調査設定.xlsx";

fn templates() -> &'static Templates {
    static TEMPLATES: OnceLock<Templates> = OnceLock::new();
    TEMPLATES.get_or_init(|| Templates::embedded().expect("the shipped definitions load"))
}

fn options() -> Options {
    Options { today: "2022-11-14".parse().unwrap(), templates: None, quiet: true, settings: None }
}

/// The settings of the sample round with one division's plan and one of the ministry's workbooks.
fn sample() -> (tempfile::TempDir, PathBuf) {
    let temp = tempfile::tempdir().unwrap();
    let round = temp.path().join("round");
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/ishinomaki-r4-10");
    for file in [SETTINGS, "提出/保護課/移行計画書_保護課.xlsx", "国様式/標準化進捗状況（宮城県）.xlsx"]
    {
        fs::create_dir_all(round.join(file).parent().unwrap()).unwrap();
        fs::copy(from.join(file), round.join(file)).unwrap();
    }
    // Days on which files that are left out came in.
    let path = round.join(SETTINGS);
    let bytes = fs::read(&path).unwrap();
    let book = read::open(&bytes, SETTINGS, &Limits::default()).unwrap().workbook;
    let grid = book.sheets.iter().find(|s| s.name == "受付").unwrap();
    let head = grid.cells.iter().find(|(_, c)| c.raw() == "ファイル").map(|(at, _)| *at).unwrap();
    let rows = grid.cells.keys().filter(|at| at.row > head.row && at.col >= head.col && !grid.text(**at).is_empty());
    let writes: Vec<CellWrite> = rows.map(|at| CellWrite::new("受付", *at, FillValue::Blank)).collect();
    fs::write(path, fill(&bytes, &writes).unwrap().bytes).unwrap();
    (temp, round)
}

/// Writes rows below the last one of a table of the settings; labels to values.
fn write(round: &Path, rows: &[(&str, &[(&str, &str)])]) {
    let path = round.join(SETTINGS);
    let bytes = fs::read(&path).unwrap();
    let book = read::open(&bytes, SETTINGS, &Limits::default()).unwrap().workbook;
    let mut writes: Vec<CellWrite> = Vec::new();
    for (sheet, cells) in rows {
        let grid = book.sheets.iter().find(|s| s.name == *sheet).unwrap();
        let at = |label: &str| grid.cells.iter().find(|(_, c)| c.raw() == label).map(|(at, _)| *at);
        let heads: Vec<CellRef> = cells.iter().map(|(l, _)| at(l).unwrap_or_else(|| panic!("{sheet} {l}"))).collect();
        let stands = |row: u32| {
            let mut cells = grid.cells.range(CellRef::new(row, 1)..CellRef::new(row, 40));
            cells.any(|(_, c)| !c.raw().is_empty()) || writes.iter().any(|w| w.sheet == *sheet && w.cell.row == row)
        };
        let row = (heads[0].row + 1..heads[0].row + 200).find(|r| !stands(*r)).unwrap();
        let values = heads.iter().zip(*cells).map(|(head, (_, v))| (CellRef::new(row, head.col), *v));
        let new: Vec<CellWrite> = values.map(|(at, v)| CellWrite::new(*sheet, at, FillValue::Text(v.into()))).collect();
        writes.extend(new);
    }
    fs::write(path, fill(&bytes, &writes).unwrap().bytes).unwrap();
}

/// Takes the answers of the office out.
fn without_common_answers(round: &Path) {
    let path = round.join(SETTINGS);
    let bytes = fs::read(&path).unwrap();
    let book = read::open(&bytes, SETTINGS, &Limits::default()).unwrap().workbook;
    let grid = book.sheets.iter().find(|s| s.name == "共通回答").unwrap();
    let head = grid.cells.iter().find(|(_, c)| c.raw() == "回答").map(|(at, _)| *at).unwrap();
    let filled = grid.cells.iter().filter(|(at, c)| at.col == head.col && at.row > head.row && !c.raw().is_empty());
    let writes: Vec<CellWrite> = filled.map(|(at, _)| CellWrite::new("共通回答", *at, FillValue::Blank)).collect();
    assert_eq!(writes.len(), 5);
    fs::write(path, fill(&bytes, &writes).unwrap().bytes).unwrap();
}

fn ledger(round: &Path) -> Ledger {
    run::bring_together(round, templates(), &options()).unwrap_or_else(|e| panic!("{e:?}"))
}

fn told(findings: &[Finding], code: &str) -> Vec<String> {
    let of = findings.iter().filter(|f| f.code == code);
    of.map(|f| {
        let place = f.place.as_ref().expect("a place");
        format!("{} {} {}", place.sheet, f.args.get("field_name").map_or("", |n| n), f.given.as_deref().unwrap_or(""))
    })
    .collect()
}

#[test]
fn names_in_the_place_of_keys_mean_the_keys() {
    let (_temp, round) = sample();
    write(
        &round,
        &[
            (
                "決定事項",
                &[
                    ("様式ID", "基幹業務システム 移行計画書"),
                    ("対象", "住民基本台帳"),
                    ("項目", "移行完了（運用開始）の予定時期"),
                    ("決定した日付", "令和7年10月1日"),
                ],
            ),
            (
                "決定事項",
                &[("様式ID", "移行計画書"), ("対象", "10"), ("項目", "契約満了日"), ("決定した日付", "令和7年10月1日")],
            ),
            (
                "了承",
                &[
                    ("指摘コード", "d003w"),
                    ("課コード", "保護課"),
                    ("様式ID", "移行計画書"),
                    ("対象", "生活保護"),
                    ("項目", "移行完了（運用開始）の予定時期"),
                    ("理由", "本部会議で了承"),
                ],
            ),
            (
                "延長",
                &[
                    ("課コード", "市民課"),
                    ("様式ID", "進捗調査票"),
                    ("延長後の期限", "令和4年11月30日"),
                    ("承認日", "令和4年11月7日"),
                ],
            ),
        ],
    );
    let ledger = ledger(&round);
    let decided: Vec<_> = ledger.round.decisions.iter().map(|d| (&*d.form, &*d.item, &*d.field)).collect();
    assert_eq!(decided, [("migration-plan", "001", "go_live"), ("migration-plan", "010", "contract_end")]);
    let waived = ledger.findings.iter().find(|f| f.waived.is_some()).expect("the approval covers a finding");
    assert_eq!(
        (&*waived.code, waived.item.as_deref(), waived.division.as_deref()),
        ("D003W", Some("021"), Some("110"))
    );
    assert_eq!(ledger.round.extensions.last().map(|e| (&*e.division, &*e.form)), Some(("103", "online-procedures")));
    for code in ["X190W", "X191W", "X192I"] {
        assert_eq!(told(&ledger.findings, code), Vec::<String>::new(), "{code}");
    }
}

#[test]
fn rows_that_mean_nothing_are_told_at_their_cell() {
    let (_temp, round) = sample();
    write(
        &round,
        &[
            (
                "決定事項",
                &[
                    ("様式ID", "移行計画書"),
                    ("対象", "ない業務"),
                    ("項目", "契約満了日"),
                    ("決定した日付", "令和7年10月1日"),
                ],
            ),
            (
                "決定事項",
                &[
                    ("様式ID", "移行計画書"),
                    ("対象", "001"),
                    ("項目", "現行ベンダ"),
                    ("決定した日付", "令和7年10月1日"),
                ],
            ),
            (
                "決定事項",
                &[
                    ("様式ID", "DX取組 進捗管理表"),
                    ("対象", "999-01"),
                    ("項目", "本部決定日"),
                    ("決定した日付", "令和7年10月1日"),
                ],
            ),
            ("了承", &[("指摘コード", "D999W"), ("理由", "了承")]),
            (
                "了承",
                &[("指摘コード", "D003W"), ("様式ID", "移行計画書"), ("項目", "どこにもない欄"), ("理由", "了承")],
            ),
            ("了承", &[("指摘コード", "F001E"), ("課コード", "市民課"), ("理由", "了承")]),
            ("共通回答", &[("様式ID", "移行計画書"), ("項目", "②-1"), ("回答", "未着手")]),
            (
                "延長",
                &[
                    ("課コード", "市民税課"),
                    ("様式ID", "進捗調査票"),
                    ("延長後の期限", "令和4年11月30日"),
                    ("承認日", "令和4年11月7日"),
                ],
            ),
            (
                "延長",
                &[
                    ("課コード", "市民課"),
                    ("様式ID", "進捗調査票"),
                    ("延長後の期限", "令和4年11月1日"),
                    ("承認日", "令和4年11月7日"),
                ],
            ),
            ("受付", &[("ファイル", "だれのものでもない.xlsx"), ("受付日", "令和4年11月9日")]),
        ],
    );
    let ledger = ledger(&round);
    let mut unused = told(&ledger.findings, "X190W");
    unused.sort();
    assert_eq!(
        unused,
        [
            "了承 指摘コード D999W",
            "了承 項目 どこにもない欄",
            "共通回答 項目 ②-1",
            "延長 課コード 市民税課",
            "延長 課コード 市民課",
            "決定事項 対象 999-01",
            "決定事項 対象 ない業務",
            "決定事項 項目 現行ベンダ",
        ]
    );
    assert_eq!(told(&ledger.findings, "X192I"), ["了承  F001E 市民課"], "an approval of what is not there");
    assert_eq!(told(&ledger.findings, "X009W").len(), 1);
    let said = torimatome::report::text::settings(&ledger.findings, templates(), &ledger.round);
    assert!(said.contains("調査設定で確かめること（9 件）") && said.contains("だれのものでもない"), "{said}");
}

#[test]
fn who_had_an_item_before_may_be_no_division_any_more() {
    let (_temp, round) = sample();
    write(
        &round,
        &[(
            "対象業務",
            &[("業務ID", "901"), ("業務名", "新しい業務"), ("所管課コード", "101"), ("前所管課コード", "旧・税務課")],
        )],
    );
    assert!(run::round(&round, templates(), &options()).is_ok());
    write(&round, &[("対象業務", &[("業務ID", "902"), ("業務名", "別の業務"), ("所管課コード", "ない課")])]);
    let Err(Stop::Settings(_, wrong)) = run::round(&round, templates(), &options()) else {
        panic!("an owner must be there")
    };
    assert_eq!(told(&wrong, "X102E"), ["対象業務 所管課コード ない課"]);
}

#[test]
fn what_the_office_answers_for_everybody_is_told_to_the_office() {
    let (_temp, round) = sample();
    let before = ledger(&round);
    without_common_answers(&round);
    let after = ledger(&round);
    assert_eq!(told(&after.findings, "X191W"), ["共通回答  5"]);
    let of = |l: &Ledger, code: &str| -> BTreeMap<String, String> {
        let all = l.findings.iter().filter(|f| f.code == code);
        all.map(|f| (format!("{:?} {:?}", f.place, f.item), f.args.get("labels").cloned().unwrap_or_default()))
            .collect()
    };
    // No cell is told to a division that it cannot type in, and no error is.
    assert_eq!(of(&before, "X110W").keys().collect::<Vec<_>>(), of(&after, "X110W").keys().collect::<Vec<_>>());
    let errors = |l: &Ledger| l.findings.iter().filter(|f| f.severity() == Severity::E).count();
    assert_eq!(errors(&before), errors(&after));
    let said = issue::issue(&round, templates(), &options()).unwrap_or_else(|e| panic!("{e:?}")).text;
    assert!(said.contains("調査設定で確かめること") && said.contains("①-1 推進体制案の作成"), "{said}");
}

#[test]
fn a_new_round_lists_what_the_office_answers() {
    let temp = tempfile::tempdir().unwrap();
    let (first, second) = (temp.path().join("一回"), temp.path().join("二回"));
    init::init(&first, None, None, templates(), &options()).unwrap();
    let listed = |dir: &Path| -> Vec<String> {
        let bytes = fs::read(dir.join(SETTINGS)).unwrap();
        let book = read::open(&bytes, SETTINGS, &Limits::default()).unwrap().workbook;
        let grid = book.sheets.into_iter().find(|s| s.name == "共通回答").unwrap();
        let head = grid.cells.iter().find(|(_, c)| c.raw() == "項目名").map(|(at, _)| *at).unwrap();
        let below = grid.cells.iter().filter(|(at, c)| at.col == head.col && at.row > head.row && !c.raw().is_empty());
        below.map(|(_, c)| c.raw()).collect()
    };
    let steps = listed(&first);
    assert_eq!(steps.len(), 5);
    assert!(steps[0].starts_with("①-1 ") && steps[4].starts_with("⑯-2 "), "{steps:?}");
    // Taken over from the last round, each stands once.
    init::init(&second, None, Some(&first), templates(), &options()).unwrap();
    assert_eq!(listed(&second), steps);
}

/// Changes what stands in a column of a settings table, in the row that begins with a key.
fn set(round: &Path, sheet: &str, key: &str, label: &str, value: &str) {
    let path = round.join(SETTINGS);
    let bytes = fs::read(&path).unwrap();
    let book = read::open(&bytes, SETTINGS, &Limits::default()).unwrap().workbook;
    let grid = book.sheets.iter().find(|s| s.name == sheet).unwrap();
    let at = |text: &str| grid.cells.iter().find(|(_, c)| c.raw() == text).map(|(at, _)| *at).unwrap();
    let cell = CellRef::new(at(key).row, at(label).col);
    let value = if value.is_empty() { FillValue::Blank } else { FillValue::Text(value.into()) };
    fs::write(path, fill(&bytes, &[CellWrite::new(sheet, cell, value)]).unwrap().bytes).unwrap();
}

/// The years that a new round's plan asks the costs of, and what is told of the settings.
fn cost_years(changes: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    let temp = tempfile::tempdir().unwrap();
    let round = temp.path().join("調査");
    init::init(&round, Some("042021"), None, templates(), &options()).unwrap();
    changes.iter().for_each(|(label, value)| set(&round, "対象年度", "cost-years", label, value));
    let (round, _, _) = run::read_settings(&round, templates(), &options()).unwrap();
    let own = templates().with_round(&round).unwrap();
    let form = &own.forms["migration-plan"];
    let block = form.sheets.iter().flat_map(|s| &s.blocks).find(|b| b.id == "costs").unwrap();
    let rows = own.lists[block.rows.codes.as_ref().unwrap()].codes.iter().map(|c| c.code.clone()).collect();
    (rows, told(&round.remarks, "X190W"))
}

#[test]
fn the_years_of_costs_are_those_of_the_settings() {
    let shipped = ["2023", "2024", "2025", "total"].map(String::from).to_vec();
    assert_eq!(cost_years(&[]), (shipped.clone(), Vec::new()));
    assert_eq!(
        cost_years(&[("始めの年度", ""), ("終わりの年度", "")]),
        (shipped.clone(), Vec::new()),
        "a blank is the default"
    );
    let later = ["2024", "2025", "2026", "2027", "2028", "total"].map(String::from).to_vec();
    for (from, to) in [("令和6年度", "令和10年度"), ("R6", "2028"), ("2024年度", "令和10年")] {
        assert_eq!(cost_years(&[("始めの年度", from), ("終わりの年度", to)]), (later.clone(), Vec::new()), "{from}");
    }
    let one = ["2025", "total"].map(String::from).to_vec();
    assert_eq!(cost_years(&[("始めの年度", "令和7年度")]), (one, Vec::new()));
    let (rows, told) = cost_years(&[("始めの年度", "令和8年度")]);
    assert_eq!((rows, told.len()), (shipped, 1), "a range that ends before it begins is told and not used: {told:?}");
}

#[test]
fn a_new_round_takes_the_years_over() {
    let temp = tempfile::tempdir().unwrap();
    let (first, second) = (temp.path().join("一回"), temp.path().join("二回"));
    init::init(&first, Some("042021"), None, templates(), &options()).unwrap();
    set(&first, "対象年度", "cost-years", "終わりの年度", "令和9年度");
    set(&first, "対象年度", "2025", "名称", "令和7年度（予定）");
    init::init(&second, None, Some(&first), templates(), &options()).unwrap();
    let bytes = fs::read(second.join(SETTINGS)).unwrap();
    let book = read::open(&bytes, SETTINGS, &Limits::default()).unwrap().workbook;
    let grid = book.sheets.iter().find(|s| s.name == "対象年度").unwrap();
    let texts: Vec<String> = grid.cells.values().map(torimatome::model::Cell::raw).collect();
    for text in ["令和5年度", "令和9年度", "令和7年度（予定）"] {
        assert_eq!(texts.iter().filter(|t| *t == text).count(), if text == "令和5年度" { 2 } else { 1 }, "{text}");
    }
}

#[test]
fn an_approval_names_a_column_by_its_heading() {
    let (_temp, round) = sample();
    let row = [("指摘コード", "F001E"), ("様式ID", "移行計画書"), ("項目", "進捗状況"), ("理由", "会議で了承")];
    write(&round, &[("了承", &row)]);
    let ledger = ledger(&round);
    let waiver = ledger.round.waivers.iter().find(|w| w.code == "F001E").unwrap();
    assert_eq!(waiver.field, "step_status");
    assert_eq!(waiver.rows.len(), 40);
    assert!(waiver.rows.contains("step_05") && !waiver.rows.contains("step_05_remark"));
}

#[test]
fn what_the_office_owes_everybody_is_counted_on_its_sheet() {
    let counted = |round: &Path| -> String {
        let bytes = fs::read(round.join(SETTINGS)).unwrap();
        let book = read::open(&bytes, SETTINGS, &Limits::default()).unwrap().workbook;
        let grid = book.sheets.into_iter().find(|s| s.name == "共通回答").unwrap();
        grid.text(CellRef::new(1, 1))
    };
    let temp = tempfile::tempdir().unwrap();
    let (first, second) = (temp.path().join("一回"), temp.path().join("二回"));
    init::init(&first, Some("042021"), None, templates(), &options()).unwrap();
    assert_eq!(counted(&first), "未入力 5 件・要確認 0 件");
    // Blank rows below owe nothing, and what is answered is no longer counted.
    set(&first, "共通回答", "step_01", "回答", "完了済み");
    init::init(&second, None, Some(&first), templates(), &options()).unwrap();
    assert_eq!(counted(&second), "未入力 4 件・要確認 0 件");
    // It stops no round: what is blank is told to the office.
    let (_, _, found) = run::read_settings(&second, templates(), &options()).unwrap();
    assert!(
        !found.iter().any(|f| f.place.as_ref().is_some_and(|p| &*p.sheet == "共通回答") && f.severity() == Severity::E)
    );
}

#[test]
fn a_deadline_that_is_moved_is_not_named_by_its_old_day() {
    let temp = tempfile::tempdir().unwrap();
    let round = temp.path().join("調査");
    init::init(&round, Some("042021"), None, templates(), &options()).unwrap();
    let named = |round: &Path| -> Vec<String> {
        let (round, ..) = run::read_settings(round, templates(), &options()).unwrap();
        round.deadlines.iter().map(|d| d.name.clone()).collect()
    };
    let shipped = named(&round);
    let [migration, online] = &shipped[..] else { panic!("two deadlines") };
    assert!(migration.starts_with("令和7年度末（") && online.starts_with("令和4年度末（"));
    set(&round, "期限", "migration", "期日", "令和9年9月30日");
    set(&round, "期限", "online", "名称", "令和4年度末の目標");
    set(&round, "期限", "online", "期日", "令和6年3月31日");
    let moved = named(&round);
    assert_eq!(moved[0], migration.replace("令和7年度末", "令和9年9月末"));
    assert_eq!(moved[1], "令和4年度末の目標", "what the office has written itself stays");
}
