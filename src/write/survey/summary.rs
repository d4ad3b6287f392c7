//! 調査概要: what was asked and what came, with the sum proved, and the rules by which answers do not count.

use rust_xlsxwriter::Workbook;

use super::super::WriteError;
use super::super::canvas::{Canvas, Head, Table};
use super::super::cell::{Cell, Tone};
use super::{Drawn, add_sheet, head, moment, percent};
use crate::model::Severity;
use crate::survey::figures;

const WIDTHS: [f64; 4] = [24.0, 14.0, 12.0, 46.0];

/// Draws the sheet.
pub fn draw(drawn: &Drawn<'_>, book: &mut Workbook) -> Result<(), WriteError> {
    let (survey, tally) = (drawn.survey, drawn.tally);
    let sheet = add_sheet(drawn, book, "調査概要", false)?;
    let mut page = Canvas::new(sheet, &WIDTHS)?;
    let row = head(drawn, &mut page, &format!("{}　集計結果", survey.title), &[])?;
    let mut row = page.heading(row, "1　調査の概要")?;
    let period = match (survey.opens, survey.closes) {
        (Some(from), Some(to)) => format!("{}から{}まで", moment(from), moment(to)),
        (None, Some(to)) => format!("{}まで", moment(to)),
        (Some(from), None) => format!("{}から", moment(from)),
        (None, None) => "定義に開始・締切がありません".into(),
    };
    let people = |n: usize| Cell::text(format!("{}人", grouped(n)));
    let asked = tally.asked();
    let rate = asked.map_or_else(
        || Cell::text("配布数がそろっていないため、計算していません").tone(Tone::Warn),
        |n| figures::tenths(tally.valid, n).map_or_else(Cell::dash, |t| Cell::text(format!("{}.{}%", t / 10, t % 10))),
    );
    let lines = [
        ("調査期間", Cell::text(period)),
        ("調査対象", asked.map_or_else(|| Cell::text("配布数がそろっていません").tone(Tone::Warn), people)),
        ("有効回答", people(tally.valid)),
        ("回答率", rate),
        ("設問の数", Cell::text(format!("{}問", survey.questions.len()))),
    ];
    for (label, cell) in lines {
        row = page.row(row, &[(0, 0, Cell::text(label).tone(Tone::Label)), (1, 3, cell)])?;
    }
    row = received(drawn, &mut page, row + 1)?;
    row = files(drawn, &mut page, row + 1)?;
    reading(&mut page, row + 1)
}

/// 1,384.
fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let from_end = digits.len();
    let comma = |(at, c): (usize, char)| {
        let left = from_end - at;
        [(at > 0 && left.is_multiple_of(3)).then_some(','), Some(c)].into_iter().flatten().collect::<Vec<_>>()
    };
    digits.chars().enumerate().flat_map(comma).collect()
}

/// Received is what counts and each reason.
fn received(drawn: &Drawn<'_>, page: &mut Canvas<'_>, row: u32) -> Result<u32, WriteError> {
    let tally = drawn.tally;
    let row = page.heading(row, "2　受け取った回答と、集計に入れた回答")?;
    let line = |label: &str, n: usize, rule: &str, tone: Tone| {
        vec![
            Cell::text(label).tone(tone),
            Cell::count(n).tone(tone),
            percent(n, tally.received).tone(tone),
            Cell::text(rule).tone(tone),
        ]
    };
    let mut rows =
        vec![line("受け取った回答", tally.received, "書出しの見出しより下で、何か書かれている行の数。", Tone::Strong)];
    rows.extend(tally.fates.iter().map(|(fate, n)| line(fate.words(), *n, fate.rule(), Tone::Plain)));
    rows.push(line("有効回答", tally.valid, "上のどれにも当たらない回答。すべての集計のもと。", Tone::Strong));
    let heads = ["区分", "件数", "割合", "決まり（上から順に、はじめに当てはまるもの）"];
    let heads = heads.iter().zip(WIDTHS).map(|(label, width)| Head::new(*label, width)).collect();
    let placed = page.table(row, &Table { heads, rows })?;
    let out: usize = tally.fates.iter().map(|(_, n)| n).sum();
    let left = drawn.tally.received - out;
    let sum = format!(
        "検算：受け取った {} 件 ＝ 有効 {} 件 ＋ 除いた {} 件{}。除いた回答は「除外した回答」に1件ずつあります。",
        grouped(tally.received),
        grouped(tally.valid),
        grouped(out),
        if left == tally.valid { "（一致）" } else { "（一致しません）" }
    );
    page.notes(placed.below, &[sum])
}

fn files(drawn: &Drawn<'_>, page: &mut Canvas<'_>, row: u32) -> Result<u32, WriteError> {
    let row = page.heading(row, "3　読んだファイル")?;
    let mut next = page.row(row, &[(0, 2, header("ファイル")), (3, 3, header("回答の行"))])?;
    for file in &drawn.answers.files {
        next = page.row(next, &[(0, 2, Cell::text(file.name.as_str())), (3, 3, Cell::count(file.rows))])?;
    }
    let counted = |s: Severity| drawn.findings.iter().filter(|f| f.severity() == s).count();
    let told = format!(
        "読み取れなかった答え・定義と違うところ：要修正 {} 件、要確認 {} 件、参考 {} 件（「確認事項」に、ファイル・セルと直し方があります）。",
        counted(Severity::E),
        counted(Severity::W),
        counted(Severity::I)
    );
    page.notes(next, &[told])
}

fn header(text: &str) -> Cell {
    Cell::text(text).tone(Tone::Label).center()
}

/// How the tables are to be read.
fn reading(page: &mut Canvas<'_>, row: u32) -> Result<(), WriteError> {
    let row = page.heading(row, "4　表の見方")?;
    let notes = [
        "割合は、その問いを聞いた人数（n）に対するものです。n ＝ 回答した人 ＋ 無回答 ＋ 無効。",
        "無回答は、聞いたのに答えのないもの。非該当は、分岐によって聞かなかったもので、n に入りません。無効は、選択肢にない答え、選べる数を超えた答え、読めない答えです。",
        "割合は小数第2位を四捨五入しています（整数で計算し、0.05は切り上げます）。合計が100.0%にならない表には、その旨を書いています。",
        "複数選択の割合は、選んだ人の割合です。合計は100%を超えることがあります。",
        "クロス集計の χ² 検定は、回答した人だけを数えた表によります。期待度数が1未満の欄がなく、5未満の欄が2割以下のときだけ、条件を満たすとしています。",
    ]
    .map(ToString::to_string);
    page.notes(row, &notes)?;
    Ok(())
}
