//! 単純集計: a block for each question, with its counts, shares and a chart. No block is torn over a page.

use rust_xlsxwriter::Workbook;

use super::super::WriteError;
use super::super::canvas::{Canvas, Head, Placed, Table};
use super::super::cell::{Cell, Tone};
use super::bars::{self, Bars};
use super::{Drawn, Parts, add_sheet, head, percent};
use crate::model::survey::{Kind, Question, Slot};
use crate::survey::{Count, figures};

const NAME: &str = "単純集計";
const LABEL: f64 = 38.0;
const FIGURE: f64 = 9.0;
/// Columns of figures beside the labels.
const FIGURES: usize = 8;
/// As many choices has a matrix that is one table.
const ACROSS: usize = 5;
/// As many different numbers are told one by one; more are told in as many ranges.
const EACH: usize = 15;
const RANGES: i64 = 10;

/// Draws the sheet.
pub fn draw(drawn: &Drawn<'_>, book: &mut Workbook) -> Result<(), WriteError> {
    let sheet = add_sheet(drawn, book, NAME, false)?;
    let mut widths = vec![LABEL];
    widths.extend([FIGURE; FIGURES]);
    let mut page = Canvas::new(sheet, &widths)?;
    let note = format!("有効回答 {} 人。割合は、その問いを聞いた人数（n）に対するものです。", drawn.tally.valid);
    let mut row = head(drawn, &mut page, "単純集計", &[note])?;
    let slots = drawn.survey.slots();
    let counts = &drawn.tally.counts;
    let mut parts = Parts::default();
    let mut at = 0;
    while let Some(slot) = slots.get(at) {
        let whole = slot.question.kind == Kind::Matrix && slot.question.choices.len() <= ACROSS;
        let size = if whole { slot.question.items.len() } else { 1 };
        parts.begin(&page, row);
        row = title(&mut page, row, slot, whole)?;
        let own = counts.get(at..at + size).unwrap_or_default();
        row = match own {
            [] => row,
            all if whole => matrix(&mut page, row, slot.question, all)?,
            [one, ..] => match slot.question.kind {
                Kind::Number => number(&mut page, row, slot.question, one)?,
                Kind::Text => text(&mut page, row, one)?,
                _ => choices(&mut page, row, slot.question, one)?,
            },
        };
        // Air between two questions.
        page.set_height(row, 12.0)?;
        row += 1;
        at += size.max(1);
    }
    parts.end(&mut page, false)
}

fn title(page: &mut Canvas<'_>, row: u32, slot: &Slot<'_>, whole: bool) -> Result<u32, WriteError> {
    let q = slot.question;
    let most = q.max.filter(|_| q.kind == Kind::Multiple).map(|n| format!("、{n}個まで")).unwrap_or_default();
    let branch = q
        .branch
        .as_ref()
        .map(|b| format!("、{}で「{}」と答えた人に", b.question, b.any.join("」「")))
        .unwrap_or_default();
    let name = if whole { q.id.clone() } else { slot.name() };
    let row = page.heading(row, &format!("{name}（{}{most}{branch}）", q.kind.words()))?;
    page.notes(row, std::slice::from_ref(&q.text))
}

/// Places of the choices in the order in which the table has them; 「その他」 stays last.
pub(super) fn order(q: &Question, count: &Count) -> Vec<usize> {
    let mut order: Vec<usize> = (0..q.choices.len()).collect();
    if q.sorted {
        let other = |c: usize| q.other.as_ref() == q.choices.get(c);
        order.sort_by_key(|c| (other(*c), std::cmp::Reverse(count.choices[*c])));
    }
    order
}

fn choices(page: &mut Canvas<'_>, row: u32, q: &Question, count: &Count) -> Result<u32, WriteError> {
    let line = |name: &str, n: usize, tone: Tone| {
        vec![Cell::text(name).tone(tone), Cell::count(n).tone(tone), percent(n, count.asked).tone(tone)]
    };
    let mut rows: Vec<Vec<Cell>> =
        order(q, count).into_iter().map(|c| line(&q.choices[c], count.choices[c], Tone::Plain)).collect();
    let shown = rows.len() + 1;
    rows.push(line("無回答", count.blank, Tone::Muted));
    rows.push(line("無効", count.invalid, Tone::Muted));
    let many = q.kind == Kind::Multiple;
    let total = if many { "n（聞いた人数）" } else { "計（n：聞いた人数）" };
    rows.push(line(total, count.asked, Tone::Strong));
    let heads = vec![Head::new("選択肢", LABEL), Head::new("件数", FIGURE), Head::new("割合", FIGURE)];
    let placed = beside(page, row, &Table { heads, rows }, (shown, &q.text))?;
    let mut notes = Vec::new();
    notes.extend((!many && !adds_up(count)).then(|| "端数処理のため、割合の合計は100%になりません。".to_string()));
    notes.extend(many.then(|| {
        format!("割合は、聞いた {} 人のうち、選んだ人の割合です（合計は100%を超えることがあります）。", count.asked)
    }));
    notes.extend(not_asked(count));
    notes.extend(average(q, count));
    page.notes(placed.below, &notes)
}

/// A table of figures, and beside it the chart of its first rows.
fn beside(page: &mut Canvas<'_>, row: u32, table: &Table, (shown, title): (usize, &str)) -> Result<Placed, WriteError> {
    let before = page.drawn();
    let placed = page.table(row, table)?;
    if shown > 0 {
        let rows = (placed.data, placed.data + u32::try_from(shown).unwrap_or(1) - 1);
        let bars = Bars { sheet: NAME, title, names: 0, rows, values: (2, 2, None) };
        bars::beside(page, (row, 3), page.drawn() - before, &bars)?;
    }
    Ok(placed)
}

/// Whether the shares that are shown make a hundred per cent.
fn adds_up(count: &Count) -> bool {
    let all = count.choices.iter().chain([&count.blank, &count.invalid]);
    let sum: usize = all.filter_map(|n| figures::tenths(*n, count.asked)).sum();
    sum == 1000 || count.asked == 0
}

fn not_asked(count: &Count) -> Option<String> {
    (count.not_asked > 0).then(|| format!("非該当（聞いていない人）　{} 人。n に入りません。", count.not_asked))
}

/// The mean of the choices' numbers.
fn mean(q: &Question, count: &Count) -> Option<String> {
    let sum: i128 = q.scores.iter().zip(&count.choices).map(|(s, n)| i128::from(*s) * *n as i128).sum();
    figures::mean(sum, count.answered, 1).filter(|_| !q.scores.is_empty()).map(|m| figures::decimal(m, 2))
}

fn average(q: &Question, count: &Count) -> Option<String> {
    let scores: Vec<String> = q.choices.iter().zip(&q.scores).map(|(c, s)| format!("{c}＝{s}点")).collect();
    Some(format!("平均 {}（回答した {} 人。{}）", mean(q, count)?, count.answered, scores.join("、")))
}

fn matrix(page: &mut Canvas<'_>, row: u32, q: &Question, counts: &[Count]) -> Result<u32, WriteError> {
    let labels = ["無回答".to_string(), "無効".to_string()];
    let heads = |first: &str| {
        let names = q.choices.iter().chain(&labels);
        let mut heads = vec![Head::new(first, LABEL), Head::new("n", FIGURE)];
        heads.extend(names.map(|c| Head::new(c.clone(), FIGURE)));
        heads
    };
    let parts = |c: &Count| c.choices.iter().copied().chain([c.blank, c.invalid]).collect::<Vec<usize>>();
    let line = |(item, c): (&String, &Count), cell: &dyn Fn(usize, usize) -> Cell| {
        let mut line = vec![Cell::text(item.as_str()), Cell::count(c.asked)];
        line.extend(parts(c).into_iter().map(|n| cell(n, c.asked)));
        line
    };
    let all = || q.items.iter().zip(counts);
    let shares = all().map(|pair| line(pair, &percent)).collect();
    let placed = page.table(row, &Table { heads: heads("割合"), rows: shares })?;
    let numbers = all().map(|pair| line(pair, &|n, _| Cell::count(n))).collect();
    let below = page.table(placed.below, &Table { heads: heads("人数"), rows: numbers })?.below;
    let means: Vec<String> = all().filter_map(|(item, c)| Some(format!("{item} {}", mean(q, c)?))).collect();
    let mut notes = Vec::new();
    let scores: Vec<String> = q.choices.iter().zip(&q.scores).map(|(c, s)| format!("{c}＝{s}点")).collect();
    notes.extend(
        (!means.is_empty()).then(|| format!("平均：{}（回答した人による。{}）", means.join("、"), scores.join("、"))),
    );
    notes.extend(
        (!counts.iter().all(adds_up)).then(|| "端数処理のため、割合の合計が100%にならない行があります。".to_string()),
    );
    notes.extend(counts.first().and_then(not_asked));
    let row = page.notes(below, &notes)?;
    let last = u16::try_from(q.choices.len() + 3).unwrap_or(3);
    let rows = (placed.data, placed.below - 1);
    bars::below(
        page,
        row,
        &Bars { sheet: NAME, title: &q.text, names: 0, rows, values: (2, last, Some(placed.data - 1)) },
    )
}

fn number(page: &mut Canvas<'_>, row: u32, q: &Question, count: &Count) -> Result<u32, WriteError> {
    let line = |(name, n): (String, usize), tone: Tone| {
        vec![Cell::text(name).tone(tone), Cell::count(n).tone(tone), percent(n, count.asked).tone(tone)]
    };
    let classes = classes(&count.numbers, &q.unit);
    let shown = classes.len();
    let mut rows: Vec<Vec<Cell>> = classes.into_iter().map(|c| line(c, Tone::Plain)).collect();
    rows.push(line(("無回答".into(), count.blank), Tone::Muted));
    rows.push(line(("無効".into(), count.invalid), Tone::Muted));
    rows.push(line(("計（n：聞いた人数）".into(), count.asked), Tone::Strong));
    let heads = vec![Head::new("答え", LABEL), Head::new("件数", FIGURE), Head::new("割合", FIGURE)];
    let placed = beside(page, row, &Table { heads, rows }, (shown, &q.text))?;
    let sum: i128 = count.numbers.iter().map(|n| i128::from(*n)).sum();
    let mut notes = Vec::new();
    if let (Some(mean), Some(least), Some(most)) =
        (figures::mean(sum, count.answered, 1000), count.numbers.first(), count.numbers.last())
    {
        let unit = &q.unit;
        let [mean, middle] = [mean, median(&count.numbers)].map(|v| figures::decimal(v, 2));
        notes.push(format!(
            "平均 {mean}{unit}、中央値 {middle}{unit}、最小 {}{unit}、最大 {}{unit}（回答した {} 人）",
            plain(*least),
            plain(*most),
            count.answered
        ));
    }
    let sum: usize = classes_sum(count);
    notes
        .extend((sum != 1000 && count.asked > 0).then(|| "端数処理のため、割合の合計は100%になりません。".to_string()));
    notes.extend(not_asked(count));
    page.notes(placed.below, &notes)
}

/// Tenths of a per cent that are shown for the numbers and beside them.
fn classes_sum(count: &Count) -> usize {
    let shown = classes(&count.numbers, "").into_iter().map(|(_, n)| n).chain([count.blank, count.invalid]);
    shown.filter_map(|n| figures::tenths(n, count.asked)).sum()
}

/// Hundredths of the median of thousandths in order.
fn median(numbers: &[i64]) -> i64 {
    let half = numbers.len() / 2;
    let at = |n: usize| numbers.get(n).copied().unwrap_or(0);
    let twice = if numbers.len() % 2 == 1 { at(half) * 2 } else { at(half) + at(half.saturating_sub(1)) };
    figures::mean(i128::from(twice), 2, 1000).unwrap_or(0)
}

/// Thousandths as people write a number.
fn plain(thousandths: i64) -> String {
    let text = figures::decimal(thousandths, 3);
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

/// The numbers one by one where they are few, else in ranges of equal width.
fn classes(numbers: &[i64], unit: &str) -> Vec<(String, usize)> {
    let mut each: Vec<(i64, usize)> = Vec::new();
    for n in numbers {
        match each.last_mut().filter(|(last, _)| last == n) {
            Some((_, count)) => *count += 1,
            None => each.push((*n, 1)),
        }
    }
    let (Some((least, _)), Some((most, _))) = (each.first(), each.last()) else { return Vec::new() };
    if each.len() <= EACH {
        return each.iter().map(|(n, count)| (format!("{}{unit}", plain(*n)), *count)).collect();
    }
    // Whole numbers from the least down.
    let from = least.div_euclid(1000);
    let width = (most.div_euclid(1000) - from) / RANGES + 1;
    let class = |k: i64| (from + k * width, from + (k + 1) * width);
    let inside = |(a, b): (i64, i64)| numbers.iter().filter(|n| (a * 1000..b * 1000).contains(*n)).count();
    let used = (0..RANGES).map(class).take_while(|(a, _)| a * 1000 <= *most);
    used.map(|(a, b)| (format!("{a}{unit}以上{b}{unit}未満"), inside((a, b)))).collect()
}

fn text(page: &mut Canvas<'_>, row: u32, count: &Count) -> Result<u32, WriteError> {
    let line = |name: &str, n: usize| vec![Cell::text(name), Cell::count(n), percent(n, count.asked)];
    let rows = vec![line("記述あり", count.answered), line("無回答", count.blank)];
    let heads = vec![Head::new("区分", LABEL), Head::new("件数", FIGURE), Head::new("割合", FIGURE)];
    let placed = page.table(row, &Table { heads, rows })?;
    page.notes(placed.below, &not_asked(count).into_iter().collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_one_by_one_or_in_ranges_that_hold_all() {
        assert_eq!(classes(&[0, 1500, 1500], "時間"), [("0時間".to_string(), 1), ("1.5時間".to_string(), 2)]);
        let many: Vec<i64> = (0..=60).map(|n| n * 1000).collect();
        let ranges = classes(&many, "");
        assert_eq!(ranges.first(), Some(&("0以上7未満".to_string(), 7)));
        assert_eq!(ranges.iter().map(|(_, n)| n).sum::<usize>(), 61);
        assert_eq!((median(&[1000, 2000]), median(&[1000, 2000, 9000]), median(&[])), (150, 200, 0));
    }
}
