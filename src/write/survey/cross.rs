//! クロス集計: each pair in a block: shares of each group, how far they are from the whole, and whether that is more than chance.
//! Signs say it, not colours.

use rust_xlsxwriter::Workbook;

use super::super::WriteError;
use super::super::canvas::Canvas;
use super::super::cell::{Cell, Tone};
use super::{Drawn, Parts, add_sheet, head, percent};
use crate::model::survey::{Kind, Question, Slot};
use crate::survey::{Count, Cross, Test, figures};

const NAME: &str = "クロス集計";
/// So many choices stand side by side; more are told in further blocks.
const ACROSS: usize = 6;
/// Standardised residuals beyond these differ at 5 % and at 1 %.
const FIVE: f64 = 1.96;
const ONE: f64 = 2.576;

/// Draws the sheet, where anything is crossed.
pub fn draw(drawn: &Drawn<'_>, book: &mut Workbook) -> Result<(), WriteError> {
    if drawn.tally.crosses.is_empty() {
        return Ok(());
    }
    let sheet = add_sheet(drawn, book, NAME, true)?;
    let mut widths = vec![22.0, 7.0];
    (0..ACROSS).for_each(|_| widths.extend([7.5, 11.0]));
    widths.push(8.0);
    let mut page = Canvas::new(sheet, &widths)?;
    let notes = [
        "％ は各群の n（聞いた人数）に対する割合、差は全体の割合との差（ポイント）です。".to_string(),
        "印は調整済み標準化残差によります。▲▲ 1%水準で多い、▲ 5%水準で多い、▽ 5%水準で少ない、▽▽ 1%水準で少ない（回答した人だけの表で計算。属性の答えのない人は除く）。".to_string(),
    ];
    let mut row = head(drawn, &mut page, "クロス集計", &notes)?;
    let slots = drawn.survey.slots();
    let mut parts = Parts::default();
    for cross in &drawn.tally.crosses {
        let (Some(slot), Some(by)) = (slots.get(cross.slot), slots.get(cross.by)) else { continue };
        let order = super::simple::order(slot.question, &cross.whole);
        // As many side by side in each block.
        let blocks = order.len().div_ceil(ACROSS).max(1);
        let across = order.len().div_ceil(blocks).max(1);
        for (n, choices) in order.chunks(across).enumerate() {
            parts.begin(&page, row);
            let block = Block { cross, slot, by, choices, last: n + 1 == blocks, more: n > 0 };
            row = block.draw(&mut page, row)?;
            page.set_height(row, 12.0)?;
            row += 1;
        }
    }
    parts.end(&mut page, true)
}

struct Block<'a> {
    cross: &'a Cross,
    slot: &'a Slot<'a>,
    by: &'a Slot<'a>,
    /// Places of the choices that it shows.
    choices: &'a [usize],
    /// Whether no further choices follow, and whether others stand before.
    last: bool,
    more: bool,
}

/// The first column of the choice that stands so far on the right.
fn column(n: usize) -> u16 {
    u16::try_from(2 + 2 * n).unwrap_or(u16::MAX - 1)
}

impl Block<'_> {
    fn question(&self) -> &Question {
        self.slot.question
    }

    fn draw(&self, page: &mut Canvas<'_>, row: u32) -> Result<u32, WriteError> {
        let more = if self.more { "（続き）" } else { "" };
        let title = format!("{} × {}{more}", self.slot.name(), self.by.name());
        let row = page.heading(row, &title)?;
        let row = page.notes(row, &[format!("{}　×　{}", self.question().text, self.by.question.text)])?;
        let row = self.heads(page, row)?;
        let mut next = page.row(row, &self.line("全体", &self.cross.whole, None))?;
        for (n, group) in self.cross.groups.iter().enumerate() {
            let residuals = self.cross.residuals.get(n).filter(|_| n < self.cross.named);
            next = page.row(next, &self.line(&group.name, &group.count, residuals.map(Vec::as_slice).or(Some(&[]))))?;
        }
        if self.question().kind == Kind::Multiple {
            next = page.row(next, &self.each())?;
            return Ok(next);
        }
        let said = self.cross.tests.first().and_then(Option::as_ref).map_or_else(
            || "χ² 検定：回答が一つの群か一つの選択肢に片寄っているため、計算できません。".to_string(),
            told,
        );
        if self.last { page.notes(next, &[said]) } else { Ok(next) }
    }

    fn heads(&self, page: &mut Canvas<'_>, row: u32) -> Result<u32, WriteError> {
        let head = |text: &str| Cell::text(text).tone(Tone::Label).center();
        let mut upper = vec![(0, 0, head("")), (1, 1, head(""))];
        let mut lower = vec![(0, 0, head(self.by.question.id.as_str())), (1, 1, head("n"))];
        for (n, choice) in self.choices.iter().enumerate() {
            let column = column(n);
            upper.push((column, column + 1, head(&self.question().choices[*choice])));
            lower.push((column, column, head("％")));
            lower.push((column + 1, column + 1, head("差")));
        }
        if self.last {
            let column = column(self.choices.len());
            upper.push((column, column, head("無回答・無効")));
            lower.push((column, column, head("％")));
        }
        let row = page.row(row, &upper)?;
        page.row(row, &lower)
    }

    /// A group; of the whole there are no differences.
    fn line(&self, name: &str, count: &Count, residuals: Option<&[Option<f64>]>) -> Vec<(u16, u16, Cell)> {
        let tone = if residuals.is_none() { Tone::Strong } else { Tone::Plain };
        let mut line = vec![(0, 0, Cell::text(name).tone(tone)), (1, 1, Cell::count(count.asked).tone(tone))];
        for (n, choice) in self.choices.iter().enumerate() {
            let (column, taken) = (column(n), count.choices[*choice]);
            line.push((column, column, percent(taken, count.asked).tone(tone)));
            let whole = (self.cross.whole.choices[*choice], self.cross.whole.asked);
            let differs = residuals
                .map(|r| (figures::difference((taken, count.asked), whole), r.get(*choice).copied().flatten()));
            let cell =
                differs.map_or_else(Cell::empty, |(points, z)| points.map_or_else(Cell::dash, |p| difference(p, z)));
            line.push((column + 1, column + 1, cell));
        }
        if self.last {
            let column = column(self.choices.len());
            line.push((column, column, percent(count.blank + count.invalid, count.asked).tone(tone)));
        }
        line
    }

    /// The probability of each choice, where several may be taken.
    fn each(&self) -> Vec<(u16, u16, Cell)> {
        let mut line = vec![(0, 1, Cell::text("選択肢ごとの χ² 検定の p 値").tone(Tone::Label))];
        for (n, choice) in self.choices.iter().enumerate() {
            let test = self.cross.tests.get(*choice).and_then(Option::as_ref);
            let text = test.map_or_else(
                || "－".to_string(),
                |t| format!("{}{}", probability(t.p), if t.holds() { "" } else { "（参考）" }),
            );
            line.push((column(n), column(n) + 1, Cell::text(text).center()));
        }
        line
    }
}

/// 「+5.3 ▲」.
fn difference(points: i64, z: Option<f64>) -> Cell {
    let sign = match z {
        Some(z) if z >= ONE => " ▲▲",
        Some(z) if z >= FIVE => " ▲",
        Some(z) if z <= -ONE => " ▽▽",
        Some(z) if z <= -FIVE => " ▽",
        _ => "",
    };
    let plus = if points > 0 { "+" } else { "" };
    let cell = Cell::text(format!("{plus}{}{sign}", figures::decimal(points, 1)));
    if sign.is_empty() { cell } else { cell.tone(Tone::Strong) }
}

/// p = 0.032, p < 0.001.
fn probability(p: f64) -> String {
    if p < 0.001 { "p＜0.001".into() } else { format!("p＝{p:.3}") }
}

/// A test in one sentence, with its condition.
fn told(test: &Test) -> String {
    let holds = test.holds();
    let judged = match (holds, test.p < 0.05) {
        (false, _) => "期待度数の条件を満たさないため、参考です",
        (true, true) => "5%水準で差があります",
        (true, false) => "差があるとはいえません",
    };
    format!(
        "χ² 検定：χ²＝{:.2}、自由度 {}、{}。{judged}（最小の期待度数 {:.1}、5未満の欄 {}/{}）。",
        test.chi2,
        test.df,
        probability(test.p),
        test.least,
        test.few.0,
        test.few.1
    )
}
