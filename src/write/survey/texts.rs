//! 自由記述 and 課題一覧: what people wrote, and the problems in it, with room for what the project team says of them. What is written
//! into the tinted columns is read back by the next run.

use rust_xlsxwriter::Workbook;

use super::super::WriteError;
use super::super::canvas::{Canvas, Head, Table};
use super::super::cell::{Cell, Tone};
use super::{Drawn, add_sheet, head};
use crate::survey::earlier::{PROBLEM_HEADS, PROBLEMS, REMARK_HEADS, REMARKS};
use crate::survey::{Problem, Remark};

/// A cell that people write into.
fn open(text: &str) -> Cell {
    Cell::text(text).tone(Tone::Missing)
}

/// Draws 自由記述.
pub fn remarks(drawn: &Drawn<'_>, book: &mut Workbook) -> Result<(), WriteError> {
    let sheet = add_sheet(drawn, book, REMARKS, true)?;
    let [id, question, text, class, hide, note] = REMARK_HEADS;
    let heads = vec![
        Head::new(id, 20.0),
        Head::new(question, 14.0),
        Head::new(text, 58.0),
        Head::new("人数", 7.0),
        Head::new(class, 20.0),
        Head::new(hide, 14.0),
        Head::new(note, 20.0),
    ];
    let widths: Vec<f64> = heads.iter().map(|h| h.width).collect();
    let mut page = Canvas::new(sheet, &widths)?;
    let notes = [
        "色の付いた列は、書き込むところです。書き込んで保存すると、次に集計したときに引き継がれます（新しい回答が加わっても消えません）。".to_string(),
        "分類は「、」で区切って、いくつでも書けます。書いた分類は「課題一覧」に集まります。同じ文は1行にまとめ、人数を示しています。".to_string(),
        "電話番号・内線番号・メールアドレスは、機械で伏せています。人の名前などは機械では分かりません。伏せるときは「伏せる語」に書くと、次の集計からすべての記述で伏せます。".to_string(),
    ];
    let row = head(drawn, &mut page, "自由記述", &notes)?;
    let line = |r: &Remark| {
        vec![
            Cell::text(r.id.as_str()),
            Cell::text(r.question.as_str()),
            Cell::text(r.text.as_str()),
            Cell::count(r.people),
            open(&r.told.class),
            open(&r.told.hide),
            open(&r.told.note),
        ]
    };
    let rows = drawn.remarks.iter().map(line).collect();
    let placed = page.table(row, &Table { heads, rows })?;
    page.filtered(placed, page.columns(), 0)
}

/// Draws 課題一覧.
pub fn problems(drawn: &Drawn<'_>, book: &mut Workbook) -> Result<(), WriteError> {
    let sheet = add_sheet(drawn, book, PROBLEMS, true)?;
    let [from, name, cause, remedy] = PROBLEM_HEADS;
    let bureaus = drawn.survey.questions.iter().find(|q| q.asked_by).map(|q| q.choices.as_slice()).unwrap_or_default();
    let mut heads = vec![Head::new(from, 10.0), Head::new(name, 30.0), Head::new("人数", 7.0)];
    heads.extend(bureaus.iter().map(|b| Head::new(b.clone(), 8.0)));
    heads.extend([Head::new(cause, 28.0), Head::new(remedy, 28.0)]);
    let widths: Vec<f64> = heads.iter().map(|h| h.width).collect();
    let mut page = Canvas::new(sheet, &widths)?;
    let notes = [
        "課題とする問いの選択肢と、「自由記述」で書いた分類を、人数の多い順に並べています。人数は、選んだ人・書いた人の数（同じ課題は1人に1回）です。".to_string(),
        "「原因」（課題の分析）と「解決の方向」（解決手法の検討）に書き込んで保存すると、次に集計したときに引き継がれます。".to_string(),
    ];
    let row = head(drawn, &mut page, "課題一覧", &notes)?;
    let line = |p: &Problem| {
        let mut line = vec![Cell::text(p.from.as_str()), Cell::text(p.name.as_str()), Cell::count(p.people)];
        line.extend((0..bureaus.len()).map(|b| Cell::count(p.by.get(b).copied().unwrap_or(0))));
        line.extend([open(&p.thought.cause), open(&p.thought.remedy)]);
        line
    };
    let rows = drawn.problems.iter().map(line).collect();
    let placed = page.table(row, &Table { heads, rows })?;
    page.filtered(placed, page.columns(), 0)
}
