//! What the watching makes visible on the sheets: tints on the answers and signs in the margin.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Color, ConditionalFormatFormula, Format, Formula, XlsxError};

use super::expr::quoted;
use super::watch::{VERDICTS, Watched};
use crate::look;
use crate::model::sign;

/// One rule a verdict over all answers of a sheet.
pub(super) fn tints<'c, 'a: 'c>(
    sheet: &mut rust_xlsxwriter::Worksheet,
    index: usize,
    cells: impl Iterator<Item = &'c Watched<'a>>,
) -> Result<(), XlsxError> {
    let ranges = ranges(cells);
    let Some((row, first, _, _)) = ranges.first().copied() else { return Ok(()) };
    let name = |(r1, c1, r2, c2): &(u32, u16, u32, u16)| rust_xlsxwriter::utility::cell_range(*r1, *c1, *r2, *c2);
    let all = ranges.iter().map(name).collect::<Vec<_>>().join(" ");
    let looks = [(1, look::LOOK_TINT, true), (0, look::TODO_TINT, false), (2, look::LATE_TINT, true)];
    for (verdict, tint, bold) in looks {
        let formula = format!("=COUNTIF({}_{},ROW()*1000+COLUMN())>0", VERDICTS[verdict], index + 1);
        let format = Format::new().set_background_color(tint);
        let format = if bold { format.set_bold().set_font_color(Color::RGB(0x7A_1F_00)) } else { format };
        let rule = ConditionalFormatFormula::new().set_rule(formula.as_str()).set_format(format).set_multi_range(&all);
        sheet.add_conditional_format(row, first, row, first, &rule)?;
    }
    Ok(())
}

/// The rectangles that the cells fill: runs of rows of the same columns.
fn ranges<'c, 'a: 'c>(cells: impl Iterator<Item = &'c Watched<'a>>) -> Vec<(u32, u16, u32, u16)> {
    let mut columns: BTreeMap<(u16, u16), Vec<(u32, u32)>> = BTreeMap::new();
    for cell in cells {
        let runs = columns.entry((cell.first, cell.last)).or_default();
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == cell.row => *last = cell.row,
            _ => runs.push((cell.row, cell.row)),
        }
    }
    columns.into_iter().flat_map(|((a, b), runs)| runs.into_iter().map(move |(r, s)| (r, a, s, b))).collect()
}

/// The signs in the margin, in every row with an answer.
pub(super) fn signs<'c, 'a: 'c>(
    sheet: &mut rust_xlsxwriter::Worksheet,
    index: usize,
    cells: impl Iterator<Item = (&'c Watched<'a>, &'c [bool; 3])>,
) -> Result<(), XlsxError> {
    let mut rows: BTreeMap<u32, [bool; 3]> = BTreeMap::new();
    for (cell, verdict) in cells.filter(|(c, _)| !c.locked) {
        let row = rows.entry(cell.row).or_default();
        row.iter_mut().zip(verdict).for_each(|(r, v)| *r |= v);
    }
    let here = |n: usize| {
        let from = |row: &str| format!("COUNTIF({}_{},\">=\"&{row}*1000)", VERDICTS[n], index + 1);
        format!("{}>{}", from("ROW()"), from("(ROW()+1)"))
    };
    let order = [(1, sign::LOOK), (0, sign::TODO), (2, sign::LATE)];
    let formula = order
        .iter()
        .rev()
        .fold("\"\"".to_string(), |rest, (n, sign)| format!("IF({},{},{rest})", here(*n), quoted(sign)));
    sheet.set_formula_result_default("");
    for (row, verdict) in rows {
        let result = order.iter().find(|(n, _)| verdict[*n]).map_or("", |(_, sign)| sign);
        let formula = Formula::new(&formula).set_result(result);
        sheet.write_formula_with_format(row, super::sheet::MARGIN, formula, &look::margin_sign())?;
    }
    Ok(())
}
