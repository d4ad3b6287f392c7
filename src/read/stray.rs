//! What stands on a form's sheet and is neither printed by the form nor an answer: remarks, added columns, sums beside
//! the table. None of it is taken for an answer, and none of it is lost: each is mentioned.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::extract::{Draft, Taken};
use super::labels::{field_keys, label_key};
use super::resolve::{Known, Who};
use crate::model::marker::Marker;
use crate::model::{CellRef, Finding, Form, Layout, Place, sign};

/// Strays told one by one on a sheet; of more, the rest are told by their number.
pub(super) const EACH: usize = 40;

/// Mentions every cell of the taken sheets that nobody read.
pub(super) fn mention(taken: &[Taken<'_, '_>], draft: &mut Draft<'_>, file: &Arc<str>, known: &Known<'_>) {
    let printed = printed(draft.form, known);
    let mut told: BTreeMap<Arc<str>, BTreeSet<CellRef>> = BTreeMap::new();
    for p in draft.findings.iter().filter_map(|f| f.place.as_ref()) {
        told.entry(p.sheet.clone()).or_default().extend(p.area.map(|a| a.first));
    }
    let mut findings = Vec::new();
    for t in taken {
        let read = read_cells(t, draft);
        let head = head(read.iter(), known);
        let told = told.get(&t.name);
        let strays = t
            .sheet
            .grid
            .cells
            .iter()
            .filter(|(at, cell)| {
                at.row >= head && !cell.is_blank() && !read.contains(at) && !told.is_some_and(|told| told.contains(at))
            })
            .map(|(at, cell)| (*at, cell.raw()))
            .filter(|(_, text)| !is_printed(text, &printed));
        let mut rest = 0;
        for (n, (at, text)) in strays.enumerate() {
            if n < EACH {
                findings.push(Finding::new("S035I").at(t.place(file, at)).given(text));
            } else {
                rest += 1;
            }
        }
        if rest > 0 {
            findings.push(Finding::new("S035I").at(Place::sheet(file, &t.name)).given(format!("ほか{rest}か所")));
        }
    }
    draft.findings.extend(findings);
}

/// The first row that may hold a remark: without a round the lines that it prints at the head of a sheet, above everything
/// that is read, cannot be told from one.
pub(super) fn head<'c>(read: impl Iterator<Item = &'c CellRef>, known: &Known<'_>) -> u32 {
    if matches!(known.who, Who::Anybody) { read.map(|c| c.row).min().unwrap_or(0) } else { 0 }
}

/// Cells of a sheet that were read as labels, headers, keys or answers.
fn read_cells(t: &Taken<'_, '_>, draft: &Draft<'_>) -> BTreeSet<CellRef> {
    let mut read = BTreeSet::new();
    for a in draft.answers.iter().filter(|a| a.place.sheet == t.name) {
        if let Some(area) = a.place.area {
            let cols = area.first.col..=area.last.col;
            read.extend(cols.map(|col| CellRef::new(area.first.row, col)));
        }
    }
    for at in t.located.cards.values() {
        read.insert(at.label);
        read.extend(at.cells.iter().copied());
    }
    for block in t.def.blocks.iter().filter(|b| b.layout == Layout::Table) {
        let Some(table) = t.located.tables.get(&block.id) else { continue };
        // Of rows that hold a record, the locked columns are read too; a row that the table told is told as a whole.
        let told = draft.findings.iter().filter(|f| matches!(f.code.as_str(), "S016E" | "S025E" | "S070I"));
        let told = told.filter_map(|f| f.place.as_ref()).filter(|p| p.sheet == t.name).filter_map(|p| p.area);
        let rows = read.iter().map(|c| c.row).chain(told.map(|a| a.first.row));
        let rows: BTreeSet<u32> = rows.filter(|r| (table.body..table.end).contains(r)).collect();
        // Numbers and names that the form itself shows make no remark where nothing is answered.
        for field in block.fields.iter().filter(|f| block.shows(f) || f.prefill.as_deref() == Some("row.serial")) {
            let columns = table.columns.get(&field.id).into_iter().flat_map(|c| c.first..=c.last);
            read.extend(columns.flat_map(|col| (table.body..table.end).map(move |row| CellRef::new(row, col))));
        }
        for column in table.columns.values() {
            let heads = (table.top..table.body)
                .flat_map(|row| (column.first..=column.last).map(move |col| CellRef::new(row, col)));
            read.extend(heads);
            let bodies =
                rows.iter().flat_map(|row| (column.first..=column.last).map(move |col| CellRef::new(*row, col)));
            read.extend(bodies);
        }
    }
    read
}

/// Every text that the form itself prints, by label key.
pub(super) fn printed(form: &Form, known: &Known<'_>) -> BTreeSet<String> {
    let mut texts: Vec<String> = vec![form.title.clone()];
    texts.extend(form.instructions.iter().cloned());
    let mut keys = BTreeSet::new();
    for sheet in &form.sheets {
        texts.extend(sheet.title.iter().cloned());
        texts.extend(sheet.instructions.iter().cloned());
        for block in &sheet.blocks {
            texts.extend(block.title.iter().cloned());
            for field in &block.fields {
                keys.extend(field_keys(field));
                texts.extend(field.group.iter().cloned());
            }
            for code in block.rows.codes.iter().filter_map(|id| known.lists.get(id)).flat_map(|l| &l.codes) {
                texts.extend(code.attrs.values().cloned());
            }
        }
    }
    if let Who::Round(round) = known.who {
        texts.push(round.mark.clone());
        texts.push(round.name.clone());
    }
    keys.extend(texts.iter().map(|t| label_key(t)).filter(|k| !k.is_empty()));
    keys
}

/// Whether a text is printed by the form: as it is, as the marker line, or a title with something behind it.
pub(super) fn is_printed(text: &str, printed: &BTreeSet<String>) -> bool {
    let key = label_key(text);
    key.is_empty()
        || sign::is_sign(text)
        || printed.contains(&key)
        || Marker::parse(text).is_some()
        || key.char_indices().skip(6).any(|(end, _)| key.get(..end).is_some_and(|begin| printed.contains(begin)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_with_a_name_behind_are_printed_and_remarks_are_not() {
        let printed: BTreeSet<String> =
            ["甲乙丙丁調査票".to_string(), "備考".to_string(), "甲乙丙丁調査票とは".to_string()]
                .into_iter()
                .map(|t| label_key(&t))
                .collect();
        assert!(is_printed("甲乙丙丁調査票　乙業務", &printed));
        assert!(is_printed("甲乙丙丁調査票　移行", &printed), "whatever sorts between the title and this");
        assert!(is_printed("備 考", &printed));
        assert!(!is_printed("備考は後で書きます", &printed));
    }
}
