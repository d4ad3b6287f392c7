//! What stands on a form's sheet and is neither printed by the form nor an answer: remarks, added columns, sums beside
//! the table. None of it is taken for an answer, and none of it is lost: each is mentioned.

use std::collections::{BTreeMap, BTreeSet};

use arcstr::ArcStr;
use chrono::NaiveDate;

use super::extract::{Draft, Taken};
use super::labels::{field_keys, label_key};
use super::resolve::{Known, Who};
use crate::forms::prints::{self, Occasion};
use crate::model::marker::Marker;
use crate::model::{Area, CellRef, Field, Finding, Form, Layout, Place, Repeat, Role, sign};

/// Strays told one by one on a sheet; of more, the rest are told by their number.
pub(super) const EACH: usize = 40;

/// Mentions every cell of the taken sheets that nobody read.
pub(super) fn mention(taken: &[Taken<'_, '_>], draft: &mut Draft<'_>, file: &ArcStr, known: &Known<'_>) {
    let printed = printed(draft.form, known, draft.as_of);
    let mut told: BTreeMap<ArcStr, BTreeSet<CellRef>> = BTreeMap::new();
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
        let mut strays: Vec<(CellRef, String)> = strays.collect();
        if let Some((row, whose)) = second_card(t, &read, known) {
            let (own, more): (Vec<_>, Vec<_>) = strays.into_iter().partition(|(at, _)| at.row < row);
            strays = own;
            if let (Some(first), Some(last)) = (more.first(), more.last()) {
                let area = Area { first: first.0, last: last.0 };
                let place = Place { area: Some(area), ..t.place(file, first.0) };
                let finding = Finding::new("S057E").at(place).given(whose);
                findings.push(finding.arg("count", more.len().to_string()));
            }
        }
        let mut rest = 0;
        for (n, (at, text)) in strays.into_iter().enumerate() {
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

/// The row where a second card begins that nobody reads, and whose it is: a whole reply pasted under the first. At least two of the
/// card's labels stand there.
fn second_card(t: &Taken<'_, '_>, read: &BTreeSet<CellRef>, known: &Known<'_>) -> Option<(u32, String)> {
    let cards = t.def.blocks.iter().filter(|b| b.layout == Layout::Card);
    let fields: Vec<_> = cards.flat_map(|b| &b.fields).collect();
    if !fields.iter().any(|f| matches!(f.role, Some(Role::Division | Role::DivisionName))) {
        return None;
    }
    let body = read.iter().map(|c| c.row).max()?;
    let below =
        t.sheet.grid.cells.range(CellRef::new(body + 1, 0)..).filter(|(at, c)| !c.is_blank() && !read.contains(at));
    let keyed: Vec<(CellRef, String)> = below.map(|(at, c)| (*at, label_key(&c.raw()))).collect();
    let labels: Vec<(CellRef, &Field)> = keyed
        .iter()
        .filter_map(|(at, key)| fields.iter().find(|f| field_keys(f).contains(key)).map(|f| (*at, *f)))
        .collect();
    let kinds: BTreeSet<&str> = labels.iter().map(|(_, f)| f.id.as_str()).collect();
    if kinds.len() < 2 {
        return None;
    }
    let named = |(at, f): &(CellRef, &Field)| {
        let right = t.sheet.grid.cells.range(CellRef::new(at.row, at.col + 1)..=CellRef::new(at.row, u32::MAX));
        let text = right.map(|(_, c)| c.raw()).find(|text| !text.trim().is_empty())?;
        known.division(&text, f.role == Some(Role::Division)).map(|_| text)
    };
    let of_role = |role| labels.iter().filter(move |(_, f)| f.role == Some(role)).find_map(named);
    let whose =
        of_role(Role::DivisionName).or_else(|| of_role(Role::Division)).unwrap_or_else(|| "課の記入なし".into());
    labels.iter().map(|(at, _)| at.row).min().map(|row| (row, whose))
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
    read.extend(draft.boxes.iter().filter(|p| p.sheet == t.name).filter_map(|p| p.area).map(|a| a.first));
    for block in t.def.blocks.iter().filter(|b| b.layout == Layout::Table) {
        let Some(table) = t.located.tables.get(&block.id) else { continue };
        // Of rows that hold a record, the locked columns are read too; a row that the table told is told as a whole.
        let told = draft.findings.iter().filter(|f| matches!(f.code.as_str(), "S016E" | "S025E" | "S070I" | "S070W"));
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

/// Every text that the form itself prints, by label key: its list, the labels under their other names too, and what it
/// prints at the head for this round. `issued` is the as-of date that it was issued for.
pub(super) fn printed(form: &Form, known: &Known<'_>, issued: Option<NaiveDate>) -> BTreeSet<String> {
    let mut texts: Vec<String> = Vec::new();
    let mut keys = BTreeSet::new();
    let names = item_names(form, known);
    let (round, mark, asked) = match known.who {
        Who::Round(round) => (round.name.as_str(), round.mark.as_str(), round.forms.get(&form.id).map(|f| f.as_of)),
        Who::Anybody => ("", "", None),
    };
    for sheet in &form.sheets {
        let items: Vec<Option<&str>> = match sheet.repeat {
            Repeat::Once => vec![None],
            Repeat::Item => names.iter().map(|n| Some(*n)).collect(),
        };
        for (item, as_of) in items.iter().flat_map(|i| [(*i, asked), (*i, issued)]) {
            let on = Occasion { round, as_of, mark, item, ..Occasion::default() };
            texts.extend(prints::head(form, sheet, &on).into_iter().map(|(_, t)| t));
        }
        for block in &sheet.blocks {
            texts.extend(prints::body(block, known.lists).into_iter().map(|(_, t)| t));
            keys.extend(block.fields.iter().flat_map(field_keys).cloned());
        }
    }
    keys.extend(texts.iter().map(|t| label_key(t)).filter(|k| !k.is_empty()));
    keys
}

/// The names of the items that a form is issued over.
fn item_names<'k>(form: &Form, known: &Known<'k>) -> Vec<&'k str> {
    let Some(roster) = form.roster.as_deref() else { return Vec::new() };
    let listed = known.lists.get(roster).into_iter().flat_map(|l| &l.codes).map(|c| c.name.as_str());
    match known.who {
        Who::Round(round) => round.rosters.get(roster).into_iter().flatten().map(|i| i.name.as_str()).collect(),
        Who::Anybody => listed.collect(),
    }
}

/// Whether a text is printed by the form: on its list, one of the signs, or the marker line.
pub(super) fn is_printed(text: &str, printed: &BTreeSet<String>) -> bool {
    let key = label_key(text);
    key.is_empty() || sign::is_sign(text) || printed.contains(&key) || Marker::parse(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::Templates;
    use crate::model::Round;
    use crate::model::round::FormRound;

    /// The first form with a sheet for each item, in a round of a name.
    fn printed_in(round: &str) -> (BTreeSet<String>, String) {
        let templates = Templates::embedded().expect("the shipped definitions load");
        let form = templates.asked().find(|f| f.sheets.iter().any(|s| s.repeat == Repeat::Item)).expect("such a form");
        let as_of = NaiveDate::from_ymd_opt(2022, 10, 31).expect("a day");
        let dates = FormRound { as_of, count_year: None, reply_deadline: as_of, asked: Vec::new() };
        let item = crate::model::Item { key: "1".into(), name: "甲業務".into(), ..Default::default() };
        let round = Round {
            name: round.into(),
            forms: [(form.id.clone(), dates)].into(),
            rosters: [(form.roster.clone().expect("a roster"), vec![item])].into(),
            ..Round::default()
        };
        let known = Known { who: Who::Round(&round), lists: &templates.lists };
        (printed(form, &known, as_of.pred_opt()), form.title.clone())
    }

    #[test]
    fn the_line_of_a_round_with_any_name_is_printed() {
        for name in ["R4.10", "令和4年度", "備考", "令和4年度第2回DX推進状況調査（追加分）"] {
            let (printed, title) = printed_in(name);
            assert!(is_printed(&format!("{name}（令和4年10月31日現在）"), &printed), "{name}");
            assert!(is_printed(&format!("{name}（令和4年10月30日現在）"), &printed), "{name}, issued for another day");
            assert!(is_printed(&format!("{title}　甲業務"), &printed));
            assert!(is_printed("備 考", &printed) && is_printed("要確認", &printed));
        }
    }

    #[test]
    fn a_remark_that_begins_like_a_printed_text_is_a_remark() {
        let (printed, title) = printed_in("令和4年10月末調査");
        for text in [
            "令和4年10月末調査は別の係が答えます",
            "令和4年10月末調査（令和4年9月30日現在）",
            &format!("{title}　は次の便で送ります"),
            "備考は後で書きます",
            "・色の付いた欄は印刷してください",
        ] {
            assert!(!is_printed(text, &printed), "{text}");
        }
    }
}
