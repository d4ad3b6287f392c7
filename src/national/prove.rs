//! 照合: the filled file is read back, and each figure is compared with the plan, the master and the submissions.

use std::collections::BTreeMap;

use super::plan::{Plan, Target};
use crate::fill::{BLANK_UNTIL, FillNote, Filled, Prepared};
use crate::model::grid::Content;
use crate::model::reconcile::{BookCheck, CellCheck, Exact, Scale, SumCheck};
use crate::model::{Cell, Workbook};
use crate::normalise::serial::{self, Serial};
use crate::read::{self, Limits};

/// Proves a filled workbook. `again` finds the mapped cells in the filled one by its labels, as in the first.
///
/// # Errors
/// Every difference, in a sentence.
pub fn prove(
    prepared: &Prepared<'_>,
    filled: &Filled,
    plan: &Plan,
    limits: &Limits,
    again: impl Fn(&Workbook) -> Vec<Target>,
) -> Result<BookCheck, Vec<String>> {
    let proof =
        prepared.prove(&filled.bytes).map_err(|found| found.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    let book = read::open(&filled.bytes, "x.xlsx", limits)
        .map_err(|r| vec![format!("書き込んだファイルを読めません（{r:?}）。")])?;
    let book = book.workbook;
    let mut wrong = Vec::new();
    let cells: Vec<CellCheck> = plan.targets.iter().map(|t| compare(t, &book, &mut wrong)).collect();
    moved(plan, &again(&book), &mut wrong);
    let sums = sums(&cells, &book, &mut wrong);
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let replaced = filled.notes.iter().filter_map(|n| match n {
        FillNote::FormulaReplaced { sheet, cell } => Some((sheet.clone(), *cell)),
        _ => None,
    });
    Ok(BookCheck {
        map: plan.map.clone(),
        title: plan.title.clone(),
        cells,
        sums,
        recalculated: proof.recalculated,
        computed: proof.computed,
        replaced: replaced.collect(),
        calculation_requested: proof.calculation_requested,
        changed_parts: proof.changed_parts,
        identical_parts: proof.identical_parts,
        notes: notes(filled),
        ..BookCheck::default()
    })
}

/// What the filling says, at most so many sentences of it.
fn notes(filled: &Filled) -> Vec<String> {
    const MOST: usize = 20;
    let mut out: Vec<String> = filled.notes.iter().take(MOST).map(ToString::to_string).collect();
    let rest = filled.notes.len().saturating_sub(MOST);
    out.extend((rest > 0).then(|| format!("ほか{rest}個のセルに、同じような注意があります。")));
    out.extend((!filled.recalculated.is_empty()).then(|| format!("再計算の欄について: {BLANK_UNTIL}")));
    out
}

/// One cell: submissions = master = planned = read back.
fn compare(target: &Target, book: &Workbook, wrong: &mut Vec<String>) -> CellCheck {
    let check = &target.check;
    let grid = book.sheets.iter().find(|g| g.name == check.sheet);
    let cell = grid.and_then(|g| g.get(check.cell));
    let read_back = cell.map(Cell::raw).unwrap_or_default();
    let at = format!("「{}」!{}（{}）", check.sheet, check.cell, check.label);
    if check.submissions != check.master {
        wrong.push(format!("{at}: 提出物では「{}」、取りまとめでは「{}」です。", check.submissions, check.master));
    }
    if check.planned != check.master {
        wrong.push(format!("{at}: 取りまとめでは「{}」、書込みの予定では「{}」です。", check.master, check.planned));
    }
    if target.write.is_some() && !holds(cell, (&check.planned, check.scale), book.date1904) {
        wrong.push(format!("{at}: 予定は「{}」、読み戻した値は「{read_back}」です。", check.planned));
    }
    CellCheck { read_back, written: target.write.is_some(), ..check.clone() }
}

/// Whether a cell holds exactly this.
#[must_use]
pub fn holds(cell: Option<&Cell>, (exact, scale): (&Exact, Scale), date1904: bool) -> bool {
    let content = cell.map_or(&Content::Empty, |c| &c.content);
    match (exact, content) {
        (Exact::Blank, Content::Empty) => true,
        (Exact::Blank, Content::Text(t)) => t.is_empty(),
        (Exact::Text(wanted), Content::Text(t)) => wanted == t,
        (Exact::Day(day), Content::Number(n) | Content::DateTime(n)) => {
            serial::read(*n, date1904) == Serial::Day(*day, 0)
        }
        #[allow(clippy::float_cmp, reason = "the same quotient of the same whole numbers, or a difference")]
        (figure, Content::Number(n)) => figure.stored(scale) == Some(*n),
        _ => false,
    }
}

/// The labels of the filled file must lead to the same cells.
fn moved(plan: &Plan, again: &[Target], wrong: &mut Vec<String>) {
    let cells = |targets: &[Target]| -> Vec<_> {
        targets
            .iter()
            .filter(|t| !t.names_the_row)
            .map(|t| (t.check.sheet.clone(), t.check.cell, t.check.item.clone(), t.check.label.clone()))
            .collect()
    };
    if cells(&plan.targets) != cells(again) {
        wrong.push("書き込んだファイルでは、見出しから同じセルを見つけられません。".into());
    }
}

/// The totals of each column of numbers, of each source; of what was read back, the cells themselves are added up.
fn sums(cells: &[CellCheck], book: &Workbook, wrong: &mut Vec<String>) -> Vec<SumCheck> {
    let mut columns: BTreeMap<(String, String), Vec<&CellCheck>> = BTreeMap::new();
    for cell in cells.iter().filter(|c| is_added(c)) {
        // Fractions of one row are the rates of its items; counts stand below one another.
        let label = if matches!(cell.master, Exact::Fraction(..)) {
            "対象ごとの率の合計".to_string()
        } else {
            cell.label.clone()
        };
        columns.entry((cell.sheet.clone(), label)).or_default().push(cell);
    }
    let mut out = Vec::new();
    for ((sheet, label), cells) in columns {
        let of = |figure: &dyn Fn(&CellCheck) -> Exact| total(cells.iter().map(|c| figure(c)));
        let (submissions, master) = (of(&|c| c.submissions.clone()), of(&|c| c.master.clone()));
        let written =
            of(&|c| {
                let grid = book.sheets.iter().find(|g| g.name == c.sheet);
                match (grid.and_then(|g| g.get(c.cell)).map(|cell| &cell.content), &c.master) {
                    // Written a hundredfold: the figure that it is, or the number of somebody else.
                    (Some(Content::Number(n)), figure) if c.scale != Scale::AsIs => {
                        if figure.stored(c.scale) == Some(*n) { figure.clone() } else { Exact::Number(*n) }
                    }
                    (Some(Content::Number(n)), Exact::Fraction(_, d)) => fraction(*n, *d),
                    (Some(Content::Number(n)), _) => Exact::Number(*n),
                    _ => Exact::Blank,
                }
            });
        if submissions != master || master != written {
            wrong.push(format!(
                "「{sheet}」{label}: 提出物の合計 {submissions}、取りまとめの合計 {master}、書き込んだファイルの合計 {written} が合いません。"
            ));
        }
        out.push(SumCheck { sheet, label, cells: cells.len(), submissions, master, written });
    }
    out
}

/// Whether a cell is added up: a written figure of an item that is no rounded share.
fn is_added(c: &CellCheck) -> bool {
    let adds = matches!(c.master, Exact::Number(_) | Exact::Fraction(..));
    c.left.is_empty() && !c.item.is_empty() && adds
}

/// A quotient as the fraction over `d` that it is; as it stands when it is none.
fn fraction(n: f64, d: u32) -> Exact {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked just below")]
    let part = (n * f64::from(d)).round().clamp(0.0, f64::from(u32::MAX)) as u32;
    let exact = Exact::Fraction(part, d);
    if exact.number() == Some(n) { exact } else { Exact::Number(n) }
}

/// A total. Fractions have one denominator, so numerators are added; counts are whole, so the sum is exact.
fn total(figures: impl Iterator<Item = Exact>) -> Exact {
    figures.fold(Exact::Blank, |sum, figure| match (sum, figure) {
        (Exact::Blank, figure) => figure,
        (Exact::Fraction(a, d), Exact::Fraction(b, e)) if d == e => Exact::Fraction(a + b, d),
        (sum, figure) => Exact::Number(sum.number().unwrap_or(0.0) + figure.number().unwrap_or(0.0)),
    })
}
