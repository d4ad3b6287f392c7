//! What people really write, and what it must be read as: tables of written forms, and properties over arbitrary text.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use proptest::prelude::*;
use torimatome::model::code_list::{Code, CodeList, CodeLists};
use torimatome::model::date::Precision;
use torimatome::model::form::{Field, FieldType, Handling, Takes, Tense, Years};
use torimatome::model::grid::{Cell, Content};
use torimatome::model::value::{Doubt, NoneKind, Value};
use torimatome::normalise::date::iso;
use torimatome::normalise::{Context, Parsed, canonical, normalise, normalise_joined, sight};

fn as_of() -> NaiveDate {
    NaiveDate::from_ymd_opt(2022, 10, 31).expect("a real day")
}

fn field(kind: FieldType) -> Field {
    Field {
        id: "a".into(),
        label: "項目".into(),
        kind,
        codes: matches!(kind, FieldType::Choice | FieldType::Flag).then(|| "list".into()),
        handling: Handling::Internal,
        ..Field::default()
    }
}

/// A code list from rows such as `1=実施=○/済`.
fn list(rows: &str) -> CodeLists {
    let codes = rows
        .split_whitespace()
        .map(|row| {
            let mut parts = row.split('=');
            let mut next = || parts.next().unwrap_or_default().to_string();
            let (code, name, aliases) = (next(), next(), next());
            let aliases = aliases.split('/').filter(|a| !a.is_empty()).map(ToString::to_string).collect();
            Code { code, name, aliases, attrs: BTreeMap::new() }
        })
        .collect();
    BTreeMap::from([("list".to_string(), CodeList { id: "list".into(), columns: vec![], codes })])
}

fn value_text(value: &Value) -> String {
    match value {
        Value::Blank => "blank".into(),
        Value::None { kind, reason } => {
            let kind = match kind {
                NoneKind::Undecided => "undecided",
                NoneKind::NotApplicable => "not_applicable",
                NoneKind::SeeOther => "see_other",
            };
            reason.as_ref().map_or(kind.to_string(), |r| format!("{kind}:{r}"))
        }
        Value::Number(n) => n.to_string(),
        Value::Text(t) => format!("「{t}」"),
        Value::Choice(c) => c.to_string(),
        Value::Date(i) => iso(i),
        Value::Unreadable => "unreadable".into(),
    }
}

fn precision_text(value: &Value) -> String {
    let Some(i) = value.date() else { return String::new() };
    let word = match i.precision {
        Precision::Day => "day",
        Precision::TenDays => "ten_days",
        Precision::Month => "month",
        Precision::Quarter => "quarter",
        Precision::Half => "half",
        Precision::FiscalYear => "fiscal_year",
        Precision::Year => "year",
    };
    format!("{word}{}{}", if i.approx { "~" } else { "" }, if i.inferred { "?" } else { "" })
}

fn variant(text: &str) -> String {
    text.chars().take_while(char::is_ascii_alphanumeric).collect()
}

fn doubts_text(doubts: &[Doubt]) -> String {
    doubts.iter().map(|d| variant(&format!("{d:?}"))).collect::<Vec<_>>().join(",")
}

fn notes_text(p: &Parsed) -> String {
    let mut kinds: Vec<_> = p.notes.iter().map(|n| n.kind).collect();
    kinds.sort();
    kinds.dedup();
    kinds.iter().map(|k| format!("{k:?}")).collect::<Vec<_>>().join(",")
}

/// A cell as a table writes it: text, `=46112 yyyy/m/d` a number with its format, `#n` a plain number.
fn cell(written: &str) -> Cell {
    let written = written.replace("\\n", "\n");
    if let Some(rest) = written.strip_prefix('=') {
        let (n, format) = rest.split_once(' ').unwrap_or((rest, ""));
        let format = (!format.is_empty()).then(|| format.to_string());
        return Cell { content: Content::Number(n.parse().expect("a number")), format, formula: false };
    }
    Cell::text(written)
}

/// The columns of a table: written, value, precision, notes, doubts; `#` begins a comment line, a further column is the source.
fn rows(table: &str) -> Vec<Vec<&str>> {
    table.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).map(|l| l.split('\t').collect()).collect()
}

/// Compares a table with what is read, all differences at once.
fn hold(table: &str, options: fn(&str) -> (Field, CodeLists)) {
    let mut wrong = Vec::new();
    for row in rows(table) {
        let at = |k: usize| row.get(k).copied().unwrap_or_default();
        let (field, codes) = options(at(0));
        let ctx = Context { as_of: as_of(), date1904: false, codes: &codes };
        let got = normalise(&cell(at(1)), &field, &ctx);
        let line = [value_text(&got.value), precision_text(&got.value), notes_text(&got), doubts_text(&got.doubts)];
        let notes = if at(4) == "*" { line[2].as_str() } else { at(4) };
        if line.iter().map(String::as_str).ne([at(2), at(3), notes, at(5)]) {
            wrong.push(format!(
                "{}\t{}\t{}\n   wanted {:?}\n   {:?}\n",
                at(0),
                at(1),
                line.join("\t"),
                &row[2..],
                got.doubts
            ));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.concat());
}

#[test]
fn dates() {
    hold(include_str!("normalise/dates.tsv"), |options| {
        let mut f = field(FieldType::Date);
        f.tense = match options {
            "planned" | "since planned" => Tense::Planned,
            "past" => Tense::Past,
            _ => Tense::Open,
        };
        f.takes = match options {
            "end" => Takes::End,
            "start" => Takes::Start,
            "since" | "since planned" => Takes::Since,
            _ => Takes::Whole,
        };
        (f, BTreeMap::new())
    });
}

#[test]
fn numbers() {
    hold(include_str!("normalise/numbers.tsv"), |options| (numeric(options), BTreeMap::new()));
}

/// `money 千円`, `integer 件 年=令和3年度`: the field of a number's options, and the heading above it.
fn numeric(options: &str) -> Field {
    let (options, heading) = options.split_once(" 年=").unwrap_or((options, ""));
    let (kind, unit) = options.split_once(' ').unwrap_or((options, ""));
    let mut f = field(match kind {
        "integer" => FieldType::Integer,
        "money" => FieldType::Money,
        "percent" => FieldType::Percent,
        _ => FieldType::Number,
    });
    f.unit = (!unit.is_empty()).then(|| unit.to_string());
    f.group = (!heading.is_empty()).then(|| format!("{heading}の件数"));
    f
}

#[test]
fn what_is_seen() {
    hold(include_str!("normalise/seen.tsv"), |options| {
        let kind = match options {
            "date" => FieldType::Date,
            "choice" => FieldType::Choice,
            "division" => FieldType::Division,
            _ => FieldType::Text,
        };
        (field(kind), list("1=実施=○/有 2=未実施=×/無"))
    });
}

/// One sight has one meaning: a stored day whose format adds words is read like the same text typed.
#[test]
fn a_day_with_words_in_its_format_is_what_the_text_would_be() {
    let codes = BTreeMap::new();
    let ctx = Context { as_of: as_of(), date1904: false, codes: &codes };
    let field = field(FieldType::Date);
    for format in [
        "\"約\"yyyy/m/d",
        "yyyy/m/d\"頃\"",
        "yyyy\"年\"m\"月末\"",
        "yyyy\"年\"m\"月上旬\"",
        "[$-411]ggge\"年\"m\"月下旬（予定）\"",
        "\"遅くとも\"yyyy/m/d",
        "yyyy/m/d\"まで\"",
        "yyyy/m/d\"以降\"",
        "yyyy/m/d\"(延期)\"",
        "yyyy/m/d\"中止\"",
        "[>46000]yyyy/m/d\"（見込み）\";yyyy/m/d\"済\"",
    ] {
        for n in [45_700.0, 45_900.0, 46_112.0, 46_479.0] {
            let code = sight::Section::of(format, n).code;
            let shown = sight::day(code, n, false).expect("a day");
            for content in [Content::Number(n), Content::DateTime(n)] {
                let stored = Cell { content, format: Some(format.to_string()), formula: false };
                let (stored, typed) = (normalise(&stored, &field, &ctx), normalise(&Cell::text(&shown), &field, &ctx));
                assert_eq!(stored.value, typed.value, "{format} of {n}: {shown}");
                assert_eq!(stored.doubts, typed.doubts, "{format} of {n}: {shown}");
            }
        }
    }
}

#[test]
fn choices() {
    hold(include_str!("normalise/choices.tsv"), |options| {
        let rows = match options {
            "S" | "N" => "1=完了済み=完了/済/○ 2=作業中=着手/△ 3=未着手=未/× 4=対象外",
            "O" => "1=実施=有 2=未実施=無 3=予定あり 4=検討中 5=予定なし",
            "F" => "1=あり=有 2=なし=無",
            _ => "1=該当=● 2=非該当=－",
        };
        let mut f = field(if options == "F" { FieldType::Flag } else { FieldType::Choice });
        if options == "N" {
            f.none.insert("該当なし".into(), NoneKind::NotApplicable);
        }
        (f, list(rows))
    });
}

/// What was put down for the shipped lists; nothing is taken for an answer that it is not.
#[test]
fn choices_of_the_shipped_lists() {
    let templates = torimatome::forms::Templates::embedded().expect("sound templates");
    let (mut wrong, mut asked, mut all) = (Vec::new(), 0, 0);
    for row in rows(include_str!("normalise/lists.tsv")) {
        let flag = row[0].strip_prefix("flag ");
        let mut f = field(if flag.is_some() { FieldType::Flag } else { FieldType::Choice });
        f.codes = Some(flag.unwrap_or(row[0]).to_string());
        let ctx = Context { as_of: as_of(), date1904: false, codes: &templates.lists };
        // A box in a cell is stored as a truth, its text is what a table in another format has.
        let cells = match row[1] {
            "TRUE" => vec![Cell::text("TRUE"), Cell { content: Content::Bool(true), ..Cell::default() }],
            "FALSE" => vec![Cell::text("FALSE"), Cell { content: Content::Bool(false), ..Cell::default() }],
            text => vec![Cell::text(text)],
        };
        for cell in cells {
            let got = normalise(&cell, &f, &ctx);
            let said = match &got.value {
                Value::Blank => "blank",
                Value::Choice(code) => code,
                Value::Unreadable | Value::None { kind: NoneKind::SeeOther, .. } if !got.doubts.is_empty() => "ask",
                _ => "taken in silence",
            };
            all += 1;
            asked += usize::from(said == "ask");
            if !row[2].split('|').any(|want| want == said) {
                wrong.push(format!("{}\t{}\t{}: {said}\n", row[0], row[1], row[2]));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {all} differ:\n{}", wrong.len(), wrong.concat());
    println!("{all} written choices, {asked} of them asked about");
}

fn read(cell: &Cell, field: &Field) -> Parsed {
    let codes = list("1=完了済み=完了/済/○ 2=作業中=着手/△ 3=未着手=未/×");
    normalise(cell, field, &Context { as_of: as_of(), date1904: false, codes: &codes })
}

fn day(y: i32, m: u32, d: u32) -> Value {
    Value::Date(torimatome::model::date::Interval::day(NaiveDate::from_ymd_opt(y, m, d).expect("a real day")))
}

#[test]
fn the_tables_hold_enough() {
    let tables = [
        include_str!("normalise/dates.tsv"),
        include_str!("normalise/numbers.tsv"),
        include_str!("normalise/choices.tsv"),
    ];
    assert!(tables.iter().map(|t| rows(t).len()).sum::<usize>() >= 600);
}

#[test]
fn doubts_name_the_readings() {
    let doubt = |text: &str| read(&Cell::text(text), &field(FieldType::Date)).doubts;
    assert_eq!(doubt("7.3.31"), [Doubt::AmbiguousEra("令和7年3月31日 / 2007年3月31日".into())]);
    assert_eq!(doubt("8.3"), [Doubt::AmbiguousEra("令和8年3月 / 8月3日（令和4年8月3日） / 2008年3月".into())]);
    assert_eq!(doubt("25年度"), [Doubt::AmbiguousEra("令和25年度 / 2025年度 / 平成25年度".into())]);
    assert_eq!(doubt("R7末"), [Doubt::AmbiguousYearEnd("2025年12月31日 / 令和7年度末（2026年3月31日）".into())]);
    assert_eq!(doubt("平成35年3月31日"), [Doubt::EraOverrun("令和5年3月31日".into())]);
    assert_eq!(doubt("3/31"), [Doubt::Inferred("令和5年3月31日".into())]);
    assert_eq!(doubt("令和4年9月21日（木）"), [Doubt::WrongWeekday("令和4年9月21日（水）".into())]);
    let serial = Cell { content: Content::Number(39172.0), format: Some("yyyy/m/d".into()), formula: false };
    assert_eq!(read(&serial, &field(FieldType::Date)).doubts, [Doubt::SpreadsheetDate("令和7年3月31日".into())]);
}

#[test]
fn a_suggestion_never_crosses_a_negation() {
    let doubt = |text: &str| read(&Cell::text(text), &field(FieldType::Choice)).doubts;
    assert_eq!(doubt("完了ずみか"), [Doubt::NotAChoice(Some("1".into()))]);
    assert_eq!(doubt("未完了済"), [Doubt::NotAChoice(None)]);
    for text in ["完了（予定）", "完了予定", "着手済み", "一部完了"] {
        assert_eq!(doubt(text), [Doubt::NotAChoice(None)], "{text}");
    }
    // What a bracket says of the future, or of another choice.
    assert_eq!(doubt("完了（R5.4から）"), [Doubt::NotAChoice(None)]);
    assert_eq!(doubt("完了（R4.4から）"), []);
    assert_eq!(doubt("完了（未着手）"), [Doubt::SeveralChoices]);
}

#[test]
fn cells_that_hold_no_answer() {
    for kind in [FieldType::Date, FieldType::Integer, FieldType::Choice, FieldType::Text] {
        let f = field(kind);
        let formula = Cell { content: Content::Empty, format: None, formula: true };
        assert_eq!(read(&formula, &f).doubts, [Doubt::NoStoredResult], "{kind:?}");
        let error = Cell { content: Content::Error("#REF!".into()), format: None, formula: true };
        assert_eq!(read(&error, &f).doubts, [Doubt::ErrorCell("#REF!".into())], "{kind:?}");
        assert_eq!(read(&Cell::default(), &f).value, Value::Blank);
        for n in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let cell = Cell { content: Content::Number(n), format: None, formula: false };
            assert_eq!(read(&cell, &f).value, Value::Unreadable, "{kind:?}");
        }
    }
}

#[test]
fn text_is_kept_as_typed() {
    let read = |text: &str| read(&Cell::text(text), &field(FieldType::Text));
    assert_eq!(read("　髙橋﨑①㈱　").value, Value::Text("髙橋﨑①㈱".into()));
    assert_eq!(notes_text(&read("　髙橋﨑①㈱　")), "Spaces");
    assert_eq!(
        read("一行目\n二行目"),
        Parsed { value: Value::Text("一行目\n二行目".into()), notes: vec![], doubts: vec![] }
    );
    // A reason in a free text is an answer, a bare 未定 or 〃 is none.
    assert_eq!(read("ベンダ回答待ちのため").value, Value::Text("ベンダ回答待ちのため".into()));
    assert_eq!(value_text(&read("未定").value), "undecided:未定");
    assert_eq!(value_text(&read("特になし").value), "not_applicable");
    assert_eq!(read("〃").doubts, [Doubt::SeeOther]);
}

#[test]
fn numbers_and_dates_in_text_fields_are_text() {
    let number = |n: f64, format: Option<&str>| {
        let cell = Cell { content: Content::Number(n), format: format.map(Into::into), formula: false };
        read(&cell, &field(FieldType::Text)).value
    };
    assert_eq!(number(103.0, None), Value::Text("103".into()));
    assert_eq!(number(46112.0, Some("yyyy/m/d")), Value::Text("2026/3/31".into()));
    assert_eq!(number(46112.0, Some("[$-411]ggge\"年\"m\"月\"d\"日\"")), Value::Text("令和8年3月31日".into()));
    assert_eq!(number(46112.0, Some("[$-411]ggge\"年\"m\"月\"")), Value::Text("令和8年3月".into()));
    assert_eq!(number(0.5, Some("h:mm")), Value::Text("12:00".into()));
}

#[test]
fn a_fiscal_year_is_what_is_seen() {
    let mut f = field(FieldType::Date);
    f.years = Years::Fiscal;
    // 15 January 2022 under formats that show the year alone.
    let shown = |format: &str| Cell { content: Content::Number(44576.0), format: Some(format.into()), formula: false };
    for cell in [shown("yyyy"), shown("yyyy\"年\""), shown("[$-411]ge"), Cell::text("2022"), Cell::text("R4")] {
        let got = read(&cell, &f);
        assert_eq!(got.value.date().map(iso), Some("2022-04-01～2023-03-31".into()), "{cell:?}: {got:?}");
    }
    let day = read(&shown("yyyy/m/d"), &f);
    assert_eq!(day.value.date().map(iso), Some("2022-01-15".into()));
}

#[test]
fn serials_of_the_1904_system_are_1462_days_on() {
    let codes = BTreeMap::new();
    let ctx = Context { as_of: as_of(), date1904: true, codes: &codes };
    for format in [None, Some("yyyy/m/d".to_string())] {
        let cell = Cell { content: Content::Number(44650.0), format, formula: false };
        assert_eq!(normalise(&cell, &field(FieldType::Date), &ctx).value, day(2026, 3, 31));
    }
}

#[test]
fn boxes_of_one_answer_are_joined() {
    let codes = BTreeMap::new();
    let ctx = Context { as_of: as_of(), date1904: false, codes: &codes };
    let join = |texts: &[&str], kind| {
        let cells: Vec<Cell> = texts.iter().map(|t| cell(t)).collect();
        normalise_joined(&cells.iter().collect::<Vec<_>>(), &field(kind), &ctx)
    };
    let whole = join(&["令和", "8", "年", "3", "月", "31", "日"], FieldType::Date);
    assert_eq!((whole.value.clone(), notes_text(&whole)), (day(2026, 3, 31), "Spaces,Era".into()));
    assert_eq!(join(&["令和", "=8", "年", "=3", "月", "=31", "日"], FieldType::Date).value, day(2026, 3, 31));
    assert_eq!(join(&["2026", "3", "31"], FieldType::Date).value, day(2026, 3, 31));
    assert_eq!(variant(&format!("{:?}", join(&["8", "3", "31"], FieldType::Date).doubts[0])), "AmbiguousEra");
    assert_eq!(join(&["令和", "", "年", "", "月", "", "日"], FieldType::Date).value, Value::Blank);
    assert_eq!(join(&["", "　", ""], FieldType::Date).value, Value::Blank);
    assert_eq!(join(&["1", "2", "0"], FieldType::Integer).value, Value::Number(120.0));
    assert_eq!(
        join(&["未定", "", ""], FieldType::Date).value,
        read(&Cell::text("未定"), &field(FieldType::Date)).value
    );
}

#[test]
fn words_of_the_field_itself_mean_no_value() {
    let mut f = field(FieldType::Date);
    f.none.insert("リース満了".into(), NoneKind::Undecided);
    f.none.insert("廃止".into(), NoneKind::NotApplicable);
    assert_eq!(value_text(&read(&Cell::text("リース 満了"), &f).value), "undecided:リース満了");
    assert_eq!(value_text(&read(&Cell::text("廃止"), &f).value), "not_applicable");
}

#[test]
fn a_long_text_takes_no_long_time() {
    // 32,767 characters are the most that a cell can hold; quadratic reading would take minutes.
    for piece in ["(", "令和", "1", "1.", "3月 ", "～", "R8.3、", "未定ではない", "１", " ", "ー", "（1）", "□済"]
    {
        let text: String = piece.chars().cycle().take(32_767).collect();
        for kind in KINDS {
            let _ = read(&Cell::text(text.clone()), &field(kind));
        }
    }
}

const KINDS: [FieldType; 10] = [
    FieldType::Text,
    FieldType::Integer,
    FieldType::Number,
    FieldType::Money,
    FieldType::Percent,
    FieldType::Date,
    FieldType::Choice,
    FieldType::Flag,
    FieldType::Item,
    FieldType::Division,
];

/// P9: whatever was typed, a value that differs from it has a note or a doubt; what was not read has a doubt.
fn nothing_is_silent(cell: &Cell, kind: FieldType) {
    let codes = list("1=完了済み=完了/済/○ 2=作業中=着手/△ 3=未着手=未/×");
    let ctx = Context { as_of: as_of(), date1904: false, codes: &codes };
    let f = field(kind);
    let got = normalise(cell, &f, &ctx);
    if got.notes.is_empty() && got.doubts.is_empty() {
        assert_eq!(canonical(&got.value, &f, &ctx), Some(cell.raw()), "{kind:?}");
    }
    assert!(got.value != Value::Unreadable || !got.doubts.is_empty(), "{kind:?} {cell:?}");
    assert!(got.value.number().is_none_or(f64::is_finite));
    if let Some(i) = got.value.date() {
        assert!(i.from.zip(i.to).is_none_or(|(a, b)| a <= b), "{cell:?}");
        assert!(!i.inferred || got.doubts.iter().any(|d| matches!(d, Doubt::Inferred(_))), "{cell:?}");
    }
}

/// Texts put together from what stands in real answers.
fn pieces() -> impl Strategy<Value = String> {
    let words = [
        "令和",
        "R",
        "H",
        "平成",
        "8",
        "3",
        "31",
        "元",
        "２０２６",
        "2026",
        "年",
        "月",
        "日",
        "年度",
        "末",
        "頃",
        ".",
        "/",
        "-",
        "～",
        "から",
        "まで",
        "以降",
        " ",
        "　",
        "\n",
        "（",
        "）",
        "未定",
        "済",
        "予定",
        "第",
        "四半期",
        "Q",
        "上旬",
        "春",
        "来年度",
        "、",
        "※",
        "▲",
        "1,200",
        "千円",
        "万",
        "約",
        "%",
        "○",
        "□",
        "■",
        "完了",
        "未",
        "対象外",
        "〃",
        "火",
        "翌",
        "㋿",
        "十二",
        "T",
        ":",
        "00",
        "遅くとも",
        "→",
        "・",
        "なし",
        "FY",
    ];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..9).prop_map(|w| w.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_text_is_read_or_doubted(text in any::<String>()) {
        for kind in KINDS {
            nothing_is_silent(&Cell::text(text.clone()), kind);
        }
    }

    #[test]
    fn pieces_of_answers_are_read_or_doubted(text in pieces()) {
        for kind in KINDS {
            nothing_is_silent(&Cell::text(text.clone()), kind);
        }
    }

    #[test]
    fn any_number_is_read_or_doubted(n in any::<f64>(), format in prop::option::of("[ymdgeah/.\"年度;%0#,]{0,8}")) {
        for kind in KINDS {
            nothing_is_silent(&Cell { content: Content::Number(n), format: format.clone(), formula: false }, kind);
            nothing_is_silent(&Cell { content: Content::DateTime(n), format: format.clone(), formula: false }, kind);
        }
    }

    /// A day of 令和 is the same day however it is written.
    #[test]
    fn spellings_of_a_day_agree(y in 2_i32..=40, m in 1_u32..=12, d in 1_u32..=28) {
        let want = day(2018 + y, m, d);
        let wide = |t: String| t.chars().map(|c| match c {
            '!'..='~' => char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c),
            c => c,
        }).collect::<String>();
        for text in [
            format!("R{y}.{m}.{d}"), format!("R{y:02}.{m:02}.{d:02}"), format!("令和{y}年{m}月{d}日"),
            format!("㋿{y}年{m}月{d}日"), format!("令和 {y} 年 {m} 月 {d} 日"), format!("{}/{m}/{d}", 2018 + y),
            format!("{}-{m:02}-{d:02}", 2018 + y), format!("{}{m:02}{d:02}", 2018 + y), wide(format!("R{y}.{m}.{d}")),
            format!("平成{}年{m}月{d}日", 30 + y), format!("令和{y}年{m}月{d}日（予定）"),
        ] {
            prop_assert_eq!(&read(&Cell::text(text.clone()), &field(FieldType::Date)).value, &want, "{}", text);
        }
    }

    /// A number is the same however its digits are set.
    #[test]
    fn spellings_of_a_number_agree(n in 0_u32..=999_999_999) {
        let plain = n.to_string();
        let mut grouped = String::new();
        for (k, c) in plain.chars().enumerate() {
            if k > 0 && (plain.len() - k) % 3 == 0 {
                grouped.push(',');
            }
            grouped.push(c);
        }
        let wide: String = grouped.chars().map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c)).collect();
        let mut f = field(FieldType::Money);
        f.unit = Some("千円".into());
        for text in [plain.clone(), grouped.clone(), wide, format!("{grouped}千円"), format!("{n}000円")] {
            let got = read(&Cell::text(text.clone()), &f).value;
            prop_assert_eq!(got, Value::Number(f64::from(n)), "{}", text);
        }
    }
}

/// Whether an answer stands as it is: read, and with nothing to be asked.
fn stands(got: &Parsed) -> bool {
    got.value != Value::Unreadable && got.doubts.iter().all(|d| *d == Doubt::StatusInDate)
}

#[test]
fn a_second_date_is_never_dropped() {
    let firsts = ["R9.2.26", "令和9年2月", "2027/2/26", "R8年度末", "令和9年2月中旬", "R9.2頃"];
    let seconds = ["R10.3.31", "令和10年4月", "2028/7/1", "令和10年度末"];
    let forms = [
        "A→B",
        "A⇒B",
        "A、B",
        "A\nB",
        "A B",
        "A／B",
        "A・B",
        "A又はB",
        "AまたはB",
        "A or B",
        "AもしくはB",
        "AかB",
        "A（B）",
        "A【B】",
        "A※B",
        "A（→B）",
        "A（変更後：B）",
        "A（Bに変更）",
        "A（Bへ延期）",
        "A（一部B）",
        "A（税はB）",
        "A（実際はB）",
        "A（2次B）",
        "A（遅くともB）",
        "A（予算次第でB）",
        "A（見直しB）",
        "A（本番B）",
        "A -> B",
        "A => B",
        "A＞B",
        "AからBに変更",
        "AからBへ",
        "AからBへ延期",
        "AをBに変更",
        "Aの予定がBになった",
        "AのところB",
        "AだったがB",
        "AでなくB",
        "当初A→B",
        "旧A 新B",
        "旧：A\n新：B",
        "誤A 正B",
        "A（誤）B（正）",
        "①A②B",
        "市民税A、資産税B",
        "A（第1期）B（第2期）",
        "（A）（B）",
        "A\n↓\nB",
        "A～B（中止）",
        "A～B延期",
        "AのちB",
        "A 変更 B",
        "A[B]",
        "A（リース満了に合わせB）",
        "A（訂正B）",
    ];
    let date = field(FieldType::Date);
    let mut dropped = Vec::new();
    for first in firsts {
        let alone = read(&cell(first), &date).value;
        for (second, form) in seconds.iter().flat_map(|b| forms.iter().map(move |f| (b, f))) {
            let text = form.replace('A', first).replace('B', second);
            let got = read(&cell(&text), &date);
            if stands(&got) && got.value == alone {
                dropped.push(text);
            }
        }
    }
    assert!(dropped.is_empty(), "{dropped:#?}");
}

#[test]
fn a_change_or_withdrawal_is_never_dropped() {
    let words = [
        "中止",
        "取りやめ",
        "取止め",
        "とりやめ",
        "取消",
        "取り消し",
        "見送り",
        "白紙",
        "白紙撤回",
        "撤回",
        "凍結",
        "保留",
        "廃止",
        "休止",
        "中断",
        "断念",
        "延期",
        "再延期",
        "延伸",
        "遅延",
        "遅れ",
        "遅れる見込み",
        "前倒し",
        "後ろ倒し",
        "繰り延べ",
        "先送り",
        "ずれ込み",
        "リスケ",
        "変更",
        "変更予定",
        "変更中",
        "見直し",
        "見直し中",
        "見直し予定",
        "再検討",
        "再調整",
        "再入札",
        "訂正",
        "修正",
        "未定",
        "時期未定",
        "不明",
        "？",
        "×",
        "✕",
        "△",
        "キャンセル",
        "ペンディング",
        "ストップ",
        "入札不調",
        "不可",
        "困難",
        "無理",
        "間に合わない",
        "間に合わず",
        "できない",
        "実施せず",
        "対象外",
        "該当なし",
        "予定なし",
        "一部",
        "一部のみ",
        "戸籍のみ",
        "税を除く",
        "残りは未定",
        "旧",
        "ダミー",
        "NG",
        "TBD",
    ];
    let forms = [
        "D（W）",
        "DW",
        "D W",
        "D\nW",
        "D【W】",
        "D※W",
        "D→W",
        "D、W",
        "D：W",
        "W（D）",
        "W D",
        "（W）D",
        "D（Wのため）",
        "D末W",
        "D頃（W）",
    ];
    let date = field(FieldType::Date);
    let mut dropped = Vec::new();
    for (word, form) in words.iter().flat_map(|w| forms.iter().map(move |f| (w, f))) {
        for day in ["R9.2", "令和9年2月"] {
            let text = form.replace('D', day).replace('W', word);
            let got = read(&cell(&text), &date);
            // 「未定（R9.2）」 is no date at all, and says so.
            if stands(&got) && matches!(got.value, Value::Date(_)) {
                dropped.push(text);
            }
        }
    }
    assert!(dropped.is_empty(), "{dropped:#?}");
}

#[test]
fn harmless_remarks_stay_harmless() {
    let words = [
        "予定",
        "稼働予定",
        "完了予定",
        "見込み",
        "契約締結",
        "システム更改",
        "ベンダと調整済",
        "変更なし",
        "前回から変更なし",
        "変更の可能性あり",
        "再リース可",
        "延長可",
        "当初予算",
        "当初計画どおり",
        "法改正対応",
        "旧システムから移行",
        "今後詳細を協議",
        "大安",
        "友引",
        "仏滅",
        "祝日",
        "現行ベンダ",
        "ガバメントクラウド",
        "SaaS",
        "国の期限は令和12年度末",
        "R8.6契約予定",
        "契約はR8.6",
        "R8.4.1現在",
        "当初R8.2",
        "変更前：R8.2",
        "R8.2から変更",
        "全課共通",
        "県内共同利用",
        "後期高齢者医療",
        "不動産登記を含む",
        "事前協議済",
        "問題なし",
        "遅延なし",
        "支障はありません",
    ];
    let date = field(FieldType::Date);
    for (word, form) in words.iter().flat_map(|w| ["D（W）", "D\n（W）", "D【W】"].iter().map(move |f| (w, f))) {
        let text = form.replace('D', "R9.2.26").replace('W', word);
        let got = read(&cell(&text), &date);
        assert!(stands(&got) && got.value.date().is_some_and(|i| iso(i) == "2027-02-26"), "{text}: {got:?}");
    }
}

/// What stands in a list of answers: right, asked about, or silently another (`LIST=FILE cargo test --test normalise --
/// --ignored --nocapture`); a doubt that stays as the mark 頃 is counted apart. A line holds the text, which end counts (w, e, s), a number format, and the readings that are
/// right, separated by ` | `: `D:day`, `I:from..to`, `ASK`, `N`. With a format the text is a stored number.
#[test]
#[ignore = "measures a list that LIST names"]
fn a_list_of_dates_is_measured() {
    let list = std::fs::read_to_string(std::env::var("LIST").expect("LIST names a file")).expect("a readable list");
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for line in list.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let at = |k: usize| line.split('\t').nth(k).unwrap_or_default();
        let mut f = field(FieldType::Date);
        f.takes = match at(1) {
            "e" => Takes::End,
            "s" => Takes::Start,
            _ => Takes::Whole,
        };
        let format = (!at(2).is_empty()).then(|| at(2).trim_start_matches('-').to_string());
        let content = format.as_ref().and_then(|_| at(0).parse().ok()).map(Content::Number);
        let cell = match content {
            Some(content) => Cell { content, format: format.filter(|f| !f.is_empty()), formula: false },
            None => Cell::text(at(0).replace("\\n", "\n")),
        };
        let got = read(&cell, &f);
        let told = |d: &Doubt| !matches!(d, Doubt::Unreadable | Doubt::StatusInDate);
        let asked = got.value == Value::Unreadable || got.doubts.iter().any(told);
        let value = match &got.value {
            Value::Date(i) if i.from == i.to => format!("D:{}", iso(i)),
            Value::Date(i) => format!("I:{}", iso(i).replace('～', "..")),
            Value::None { .. } | Value::Blank => "N".to_string(),
            other => value_text(other),
        };
        let approx = got.value.date().is_some_and(|i| i.approx);
        let wanted: Vec<&str> = at(3).split(" | ").collect();
        let verdict = match (asked, wanted.contains(&value.as_str()), wanted.contains(&"ASK")) {
            (false, true, _) => "right",
            (false, false, true) if got.value == Value::Blank => "right",
            (false, false, true) if approx => "kept as 頃",
            (false, false, _) => "SILENT",
            (true, _, true) => "asked",
            (true, true, false) => "right, asked",
            (true, false, false) => "CLEAR, asked",
        };
        *counts.entry(verdict.to_string()).or_default() += 1;
        println!("{verdict}\t{}\t{}\t{}\t{value}\t{:?}", at(0), at(2), at(3), got.doubts);
    }
    println!("{counts:?}");
}

/// The same of numbers: options as in `numbers.tsv`, the cell, and the readings that are right: numbers, `N`, `ASK`.
#[test]
#[ignore = "measures a list that LIST names"]
fn a_list_of_numbers_is_measured() {
    let list = std::fs::read_to_string(std::env::var("LIST").expect("LIST names a file")).expect("a readable list");
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows(&list) {
        let got = read(&cell(row[1]), &numeric(row[0]));
        let value = match &got.value {
            Value::Number(n) => n.to_string(),
            Value::None { .. } | Value::Blank => "N".to_string(),
            other => value_text(other),
        };
        let asked = got.value == Value::Unreadable || !got.doubts.is_empty();
        let wanted: Vec<&str> = row[2].split(" | ").collect();
        let verdict = match (asked, wanted.contains(&value.as_str()), wanted.contains(&"ASK")) {
            (false, true, _) => "right",
            (false, false, _) => "SILENT",
            (true, _, true) => "asked",
            (true, true, false) => "right, asked",
            (true, false, false) => "CLEAR, asked",
        };
        *counts.entry(verdict).or_default() += 1;
        println!("{verdict}\t{}\t{value}\t{:?}", row.join("\t"), got.doubts);
    }
    println!("{counts:?}");
}

/// What a form counts as to be looked at while somebody types, the check calls an error.
#[test]
fn words_that_a_form_counts_are_no_answers() {
    use torimatome::model::sign::{ELSEWHERE, NOT_CHOSEN, OVER};
    let lists = list("yes=あり no=無い");
    let context = Context { as_of: as_of(), date1904: false, codes: &lists };
    let read = |word: &str, kind| normalise(&Cell::text(word), &field(kind), &context);
    for kind in
        [FieldType::Text, FieldType::Date, FieldType::Integer, FieldType::Number, FieldType::Money, FieldType::Choice]
    {
        for word in ELSEWHERE {
            let doubts = read(word, kind).doubts;
            assert_eq!(doubts, [Doubt::SeeOther], "{word} as {kind:?}");
        }
    }
    for word in OVER {
        assert_eq!(read(word, FieldType::Date).doubts, [Doubt::StatusInDate], "{word}");
    }
    for word in NOT_CHOSEN {
        assert!(matches!(read(word, FieldType::Choice).doubts[..], [Doubt::NotAChoice(_)]), "{word}");
    }
}
