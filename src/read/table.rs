//! Reads the rows of a table: rows of a code list, of the roster, or free rows, matched by their key and not by their order.

use std::collections::{BTreeMap, BTreeSet};

use arcstr::ArcStr;

use super::extract::{Draft, DraftAnswer, MAX_ANSWERS, Taken};
use super::locate::TableAt;
use super::resolve::{Agree, ItemMatch, Known, Who, plain_key};
use super::{card, unchanged};
use crate::model::finding::FIELD_NAME;
use crate::model::form::{Block, Field};
use crate::model::{Area, Cell, CellRef, Code, CodeList, Content, Finding, Place, Role};
use crate::normalise::text::{self, says_nothing_to_tell};

/// Rows of a table that are none of its records and are told one by one.
const UNKNOWN_ROWS: usize = 1_000;

/// What a row is about.
enum RowKey {
    /// A code of the block's list, or an item of the roster; with how its key and its name go together.
    Known { key: String, agree: Agree },
    /// Key or name typed, but not known.
    Unknown(String),
    /// Neither key nor name.
    None,
}

pub(super) struct Reader<'r, 'a, 'g> {
    pub(super) t: &'r Taken<'a, 'g>,
    pub(super) block: &'a Block,
    pub(super) at: &'r TableAt,
    pub(super) file: &'r ArcStr,
    pub(super) list: Option<&'r CodeList>,
    pub(super) known: &'r Known<'r>,
    pub(super) roster: &'a str,
    /// The item of a repeated sheet; empty elsewhere.
    pub(super) item: &'r str,
}

/// Reads a table into the draft. `item` is the record's item on a repeated sheet, empty elsewhere.
pub(super) fn read<'a>(
    t: &Taken<'a, '_>,
    block: &'a Block,
    item: &str,
    file: &ArcStr,
    known: &Known<'_>,
    draft: &mut Draft<'a>,
) {
    let Some(at) = t.located.tables.get(&block.id) else {
        // A settings sheet may be left out when nothing is to say; a form's table may not.
        let place = Place::sheet(file, &t.name);
        let label = block.title.clone().unwrap_or_else(|| block.id.clone());
        draft.findings.push(Finding::new("S013E").at(place).of(&draft.form.id, "", item).arg(FIELD_NAME, label));
        return;
    };
    let list = block.rows.codes.as_ref().and_then(|id| known.lists.get(id));
    let roster = draft.form.roster.as_deref().unwrap_or_default();
    let reader = Reader { t, block, at, file, list, known, roster, item };
    reader.headers(item, draft);
    let rows = match &block.joins {
        Some(other) => reader.joined(other, draft),
        None => reader.rows(draft),
    };
    if block.rows.free > 0 {
        draft.rows.insert(&block.id, rows.iter().map(|(row, key)| (row - at.body, key.clone())).collect());
    }
    let own_rows = t.def.record_rows(block).is_some();
    let asked = block.fields.iter().filter(|f| f.is_answer()).count();
    let answers = draft.too_many.unwrap_or(draft.answers.len() as u64) + (rows.len() * asked) as u64;
    if draft.form.roster.is_some() && answers > MAX_ANSWERS {
        draft.too_many = Some(answers);
        return;
    }
    let fields = block.fields.iter().filter(|f| f.is_answer() && (!own_rows || f.key.is_some()) && !block.shows(f));
    let fields: Vec<(&Field, ArcStr)> = fields.map(|f| (f, f.answer_key("").into())).collect();
    for (row, key) in &rows {
        for (field, shared) in &fields {
            let Some((place, cells)) = reader.answer(field, *row) else { continue };
            let (owner, answer_key) =
                if own_rows { (item.to_string(), field.answer_key(key).into()) } else { (key.clone(), shared.clone()) };
            let block_id = if own_rows { "" } else { block.records() };
            draft.answers.push(DraftAnswer {
                block: block_id,
                item: owner,
                key: answer_key,
                field,
                place,
                cells,
                kept: None,
                steps: Vec::new(),
                told: false,
            });
        }
    }
    if !own_rows && block.joins.is_none() && draft.form.roster.is_some() {
        let named = |row| reader.shown_key(row);
        unchanged::in_table(t, (block, at), &rows, &named, file, draft);
    }
    reader.missing_rows(&rows, item, draft);
}

impl<'a> Reader<'_, 'a, '_> {
    /// Headers that are missing or doubled.
    fn headers(&self, item: &str, draft: &mut Draft<'a>) {
        for (id, times, second) in &self.at.doubled {
            let finding = Finding::new("S014E").at(self.t.place(self.file, *second)).given(times.to_string());
            let finding = finding.of(&draft.form.id, "", item).field(id);
            let printed = self.block.fields.iter().find(|f| f.id == *id).map_or_else(|| id.clone(), Field::printed);
            draft.findings.push(finding.arg(FIELD_NAME, printed));
        }
        for (id, group) in &self.at.other_years {
            let own = self.block.fields.iter().find(|f| f.id == *id).and_then(|f| f.group.clone());
            let finding = Finding::new("S073W").at(self.t.place(self.file, *group)).field(id);
            let finding = finding.given(self.t.sheet.grid.text(*group).trim()).expected(own.unwrap_or_default());
            draft.findings.push(finding.of(&draft.form.id, "", item));
        }
        for field in self.block.fields.iter().filter(|f| f.is_answer() && !self.at.columns.contains_key(&f.id)) {
            let names_the_row = matches!(field.role, Some(Role::Row | Role::RowName | Role::Item | Role::ItemName));
            let other = self.block.fields.iter().any(|f| {
                f.id != field.id
                    && matches!(f.role, Some(Role::Row | Role::RowName | Role::Item | Role::ItemName))
                    && self.at.columns.contains_key(&f.id)
            });
            if names_the_row && other {
                continue;
            }
            let finding = if let Some(at) = self.at.missing.get(&field.id) {
                card::no_label(self.t, self.file, Some(*at))
            } else if self.t.def.plain && field.optional {
                // Settings that were drawn before there was such a column.
                continue;
            } else {
                let place = Place::sheet(self.file, &self.t.name);
                let area = Area::cell(CellRef::new(self.at.body.saturating_sub(1), 0));
                Finding::new("S013E").at(Place { area: Some(area), ..place })
            };
            let finding = finding.of(&draft.form.id, "", item).field(&field.id);
            draft.findings.push(finding.arg(FIELD_NAME, field.printed()));
        }
    }

    /// The rows that hold a record or belong to one, each with its key, in the order of the sheet.
    fn rows(&self, draft: &mut Draft<'a>) -> Vec<(u32, String)> {
        let mut rows: Vec<(u32, String)> = Vec::new();
        let mut seen: BTreeMap<String, (usize, bool)> = BTreeMap::new();
        let used: BTreeSet<u32> =
            self.t.sheet.grid.cells.keys().map(|c| c.row).filter(|r| (self.at.body..self.at.end).contains(r)).collect();
        let mut unknown = 0;
        let mut sure: Option<BTreeMap<String, u32>> = None;
        for row in used {
            if self.is_note(row) {
                continue;
            }
            let answered = self.answered(row);
            if !answered && self.is_unticked(row) {
                continue;
            }
            // A number that the form came with makes no record.
            if !answered && self.numbered() && self.name_text(row).is_empty() {
                continue;
            }
            // A sentence below the free rows is told as any other remark.
            if self.block.rows.free > 0
                && self.key_text(row).is_empty()
                && matches!(self.filled(row).as_slice(), [(_, only)] if says_nothing_to_tell(only))
            {
                continue;
            }
            let mut key = self.row_key(row);
            // Where another row has this number with its right name, the name counts here: the number is a slip.
            if answered && let RowKey::Known { key: of, agree: Agree::No } = &key {
                let sure = sure.get_or_insert_with(|| self.sure_rows());
                if sure.get(of).is_some_and(|r| *r != row)
                    && let RowKey::Known { key: by_name, .. } = self.key_by_name(row)
                    && !sure.contains_key(&by_name)
                {
                    key = RowKey::Known { key: by_name, agree: Agree::No };
                }
            }
            if !matches!(key, RowKey::Known { .. }) && answered && self.is_sum(row, &rows, draft) {
                continue;
            }
            // What belongs to no record is told row by row up to here; the rest is mentioned with all other remarks.
            let told = self.block.rows.free == 0 && matches!(key, RowKey::Unknown(_) | RowKey::None);
            unknown += usize::from(told);
            if told && unknown > UNKNOWN_ROWS {
                continue;
            }
            match key {
                RowKey::Known { key, agree } => {
                    self.tell_identity(row, &key, agree, draft);
                    match seen.get(&key).copied() {
                        None => {
                            seen.insert(key.clone(), (rows.len(), answered));
                            rows.push((row, key));
                        }
                        // An empty copy of a row is nothing; of two answered ones the first stands and both are told.
                        Some((_, _)) if !answered => {}
                        Some((index, false)) => {
                            seen.insert(key.clone(), (index, true));
                            if let Some(r) = rows.get_mut(index) {
                                r.0 = row;
                            }
                        }
                        Some((index, true)) => {
                            let first = rows.get(index).map(|r| self.t.place(self.file, self.key_cell(r.0)));
                            self.say(draft, "S025E", row, &key, |f| {
                                let f = f.given("2");
                                first.clone().map_or(f.clone(), |p| f.related(p))
                            });
                        }
                    }
                }
                RowKey::Unknown(text) if self.block.rows.free > 0 => {
                    let key = if seen.contains_key(&text) { format!("{text}#{}", row + 1) } else { text };
                    seen.insert(key.clone(), (rows.len(), answered));
                    rows.push((row, key));
                }
                RowKey::Unknown(text) if answered => self.say(draft, "S016E", row, "", |f| f.given(text)),
                RowKey::None if self.block.rows.free > 0 && answered => rows.push((row, format!("#{}", row + 1))),
                RowKey::None if self.filled(row).len() == 1 => {
                    let (at, text) = self.filled(row).remove(0);
                    draft.findings.push(Finding::new("S035I").at(self.t.place(self.file, at)).given(text));
                }
                RowKey::None if answered => self.say(draft, "S016E", row, "", |f| f.given("（空欄）")),
                RowKey::Unknown(_) | RowKey::None => {}
            }
        }
        rows
    }

    /// The answered rows whose number and name are those of one record, by its key.
    fn sure_rows(&self) -> BTreeMap<String, u32> {
        let rows = (self.at.body..self.at.end.min(self.t.sheet.height)).filter(|row| self.answered(*row));
        let sure = rows.filter_map(|row| match self.row_key(row) {
            RowKey::Known { key, agree: Agree::Yes } => Some((key, row)),
            _ => None,
        });
        sure.collect()
    }

    /// The record that a row's name alone names.
    fn key_by_name(&self, row: u32) -> RowKey {
        self.key_of("", &self.name_text(row))
    }

    /// Whether free rows come with their numbers filled in.
    fn numbered(&self) -> bool {
        self.block.rows.free > 0
            && self.block.fields.iter().any(|f| f.role == Some(Role::Item) && !f.locked && f.prefill.is_some())
    }

    /// The rows that belong to the records of another block, by number or name. A row whose number is not shown (the
    /// program that saved it did not calculate) is taken by its position, and asked about; one that names no record of
    /// the other block is told.
    fn joined(&self, other: &str, draft: &mut Draft<'a>) -> Vec<(u32, String)> {
        let wanted = draft.rows.get(other).cloned().unwrap_or_default();
        let mut left: BTreeSet<u32> = (self.at.body..self.at.end.min(self.t.sheet.height))
            .filter(|row| !self.is_note(*row) && (self.answered(*row) || !self.shown_key(*row).is_empty()))
            .collect();
        // A sheet may have a million rows: each is looked at once.
        let mut by_key: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
        for row in &left {
            by_key.entry(plain_key(&self.shown_key(*row))).or_default().insert(*row);
        }
        let mut rows: Vec<(u32, String)> = Vec::new();
        let mut by_position: Vec<(u32, String)> = Vec::new();
        for (offset, key) in wanted {
            let plain = key.rsplit_once('#').map_or(key.as_str(), |(plain, _)| plain);
            let beside = self.at.body + offset;
            let same = by_key.entry(plain_key(plain)).or_default();
            let Some(row) = same.get(&beside).or(same.first()).copied() else {
                by_position.push((beside, key));
                continue;
            };
            same.remove(&row);
            left.remove(&row);
            self.tell_joined(row, &key, other, draft);
            rows.push((row, key));
        }
        for (beside, key) in by_position {
            if self.shown_key(beside).is_empty() && beside < self.at.end {
                if left.remove(&beside) {
                    self.say(draft, "R048W", beside, &key, |f| f.given(&key));
                }
                rows.push((beside, key));
            } else {
                self.say(draft, "S015E", beside, &key, |f| f.arg("item_name", &key));
            }
        }
        for row in left.into_iter().filter(|r| self.answered(*r)) {
            let given = Some(self.shown_key(row)).filter(|k| !k.is_empty()).unwrap_or_else(|| "（空欄）".to_string());
            self.say(draft, "S016E", row, "", |f| f.given(given));
        }
        rows
    }

    /// Number or name shown in a row.
    fn shown_key(&self, row: u32) -> String {
        let key = self.key_text(row);
        if key.is_empty() { self.name_text(row) } else { key }
    }

    pub(super) fn say(
        &self,
        draft: &mut Draft<'a>,
        code: &str,
        row: u32,
        key: &str,
        with: impl FnOnce(Finding) -> Finding,
    ) {
        let place = self.t.place(self.file, self.key_cell(row));
        let own_rows = self.t.def.record_rows(self.block).is_some();
        let item = if own_rows { "" } else { key };
        let finding = Finding::new(code).at(place).of(&draft.form.id, "", item);
        let finding = match self.list.and_then(|l| l.get(key)).filter(|_| own_rows) {
            Some(code) => finding.arg("item_name", &code.name),
            None => finding,
        };
        draft.findings.push(with(finding));
    }

    /// Rows of the list or the roster that are not on the sheet. Common rows are not missed: the office answers them.
    fn missing_rows(&self, rows: &[(u32, String)], item: &str, draft: &mut Draft<'a>) {
        let have: BTreeSet<&str> = rows.iter().map(|(_, k)| k.as_str()).collect();
        let place = Place { area: None, ..Place::sheet(self.file, &self.t.name) };
        if self.block.rows.roster {
            let Who::Round(round) = self.known.who else { return };
            let (Some(roster), Some(division)) = (draft.form.roster.clone(), draft.division.clone()) else { return };
            for i in round.items_of(&roster, &division).filter(|i| !have.contains(i.key.as_str())) {
                draft.findings.push(Finding::new("S015E").at(place.clone()).of(&draft.form.id, &division, &i.key));
            }
        } else if let Some(list) = self.list.filter(|_| self.t.def.record_rows(self.block).is_some()) {
            for (index, code) in list.codes.iter().enumerate() {
                if have.contains(code.code.as_str()) || self.is_common(code) {
                    continue;
                }
                let finding = match self.gap(index, list, rows) {
                    Some(row) => Finding::new("S015E").at(self.t.place(self.file, self.key_cell(row))),
                    None => Finding::new("S015E").at(place.clone()),
                };
                draft.findings.push(finding.of(&draft.form.id, "", item).arg("item_name", &code.name));
            }
        }
    }

    /// The row where a code would stand that no row names: beside its neighbour of the list, if no record stands there.
    fn gap(&self, index: usize, list: &CodeList, rows: &[(u32, String)]) -> Option<u32> {
        let row_of =
            |at: usize| rows.iter().find(|(_, k)| list.codes.get(at).is_some_and(|c| c.code == *k)).map(|r| r.0);
        let above = index.checked_sub(1).and_then(row_of).map(|row| row + 1);
        let below = || row_of(index + 1).and_then(|row| row.checked_sub(1));
        let row = above.or_else(below).filter(|row| (self.at.body..self.at.end).contains(row))?;
        rows.iter().all(|(r, _)| *r != row).then_some(row)
    }

    fn is_common(&self, code: &Code) -> bool {
        self.block.common_rows.as_ref().is_some_and(|c| code.attr(&c.attr) == c.is)
    }

    /// The answer of a field in a row: its place and cells; `None` when the column is missing.
    fn answer(&self, field: &Field, row: u32) -> Option<(Place, Vec<Cell>)> {
        let column = self.at.columns.get(&field.id)?;
        let mut filled: Vec<CellRef> = Vec::new();
        let mut col = column.first;
        while col <= column.last {
            let area = self.t.sheet.area(CellRef::new(row, col));
            if !self.t.sheet.blank(area.first) && !filled.contains(&area.first) {
                filled.push(area.first);
            }
            col = area.last.col.max(col) + 1;
        }
        let home = self.t.sheet.area(CellRef::new(row, column.first)).first;
        let (Some(first), Some(last)) = (filled.first().copied(), filled.last().copied()) else {
            return Some((self.t.place(self.file, home), vec![self.t.sheet.shown(home).cloned().unwrap_or_default()]));
        };
        let cells = filled.iter().map(|c| self.t.sheet.shown(*c).cloned().unwrap_or_default()).collect();
        let mut place = self.t.place(self.file, first);
        if first != last {
            place.area = Some(Area { first, last });
        }
        Some((place, cells))
    }

    /// Whether a person answered anything in the row.
    fn answered(&self, row: u32) -> bool {
        self.block.fields.iter().filter(|f| !f.locked && !is_key(f)).any(|f| {
            self.at.columns.get(&f.id).is_some_and(|c| (c.first..=c.last).any(|col| self.says(CellRef::new(row, col))))
        })
    }

    /// Whether a cell says something by itself; a check box that nobody ticked does not.
    fn says(&self, at: CellRef) -> bool {
        !self.t.sheet.blank(at) && self.t.sheet.shown(at).is_none_or(|c| c.content != Content::Bool(false))
    }

    /// Whether a row holds check boxes that nobody ticked and nothing else.
    fn is_unticked(&self, row: u32) -> bool {
        let filled = self.filled(row);
        !filled.is_empty() && filled.iter().all(|(at, _)| !self.says(*at))
    }

    /// The cells of a row that hold something, with their text.
    pub(super) fn filled(&self, row: u32) -> Vec<(CellRef, String)> {
        let (first, last) = (CellRef::new(row, 0), CellRef::new(row, u32::MAX));
        self.t
            .sheet
            .grid
            .cells
            .range(first..=last)
            .filter(|(_, c)| !c.is_blank())
            .map(|(at, c)| (*at, c.raw()))
            .collect()
    }

    /// Whether one merge covers the key's column and another one: a remark written across the table.
    fn is_note(&self, row: u32) -> bool {
        let key = self.key_cell(row);
        let area = self.t.sheet.area(key);
        let covered =
            self.at.columns.values().filter(|c| area.first.col <= c.first && c.first <= area.last.col).count();
        covered > 1 && area.first.row == row
    }

    pub(super) fn key_cell(&self, row: u32) -> CellRef {
        let column = self.block.fields.iter().filter(|f| is_key(f)).find_map(|f| self.at.columns.get(&f.id));
        let first = column.or_else(|| self.at.columns.values().min_by_key(|c| c.first)).map_or(0, |c| c.first);
        CellRef::new(row, first)
    }

    pub(super) fn text_of(&self, row: u32, roles: &[Role]) -> Option<(String, &'a Field)> {
        self.block.fields.iter().filter(|f| f.role.is_some_and(|r| roles.contains(&r))).find_map(|f| {
            let column = self.at.columns.get(&f.id)?;
            let text = self.t.sheet.shown(CellRef::new(row, column.first)).map(Cell::raw)?;
            let text = text::tidy(&text).to_string();
            (!text.is_empty()).then_some((text, f))
        })
    }

    pub(super) fn key_text(&self, row: u32) -> String {
        self.text_of(row, &[Role::Row, Role::Item, Role::Key]).map(|t| t.0).unwrap_or_default()
    }

    pub(super) fn name_text(&self, row: u32) -> String {
        self.text_of(row, &[Role::RowName, Role::ItemName, Role::Name]).map(|t| t.0).unwrap_or_default()
    }

    /// What a row is about.
    fn row_key(&self, row: u32) -> RowKey {
        let (key, name) = (self.key_text(row), self.name_text(row));
        let named = !key.is_empty() || !name.is_empty();
        match self.list.filter(|_| named && !self.block.rows.roster) {
            Some(list) => self.key_of_list(list, row, key, name),
            None => self.key_of(&key, &name),
        }
    }

    fn key_of(&self, key: &str, name: &str) -> RowKey {
        if key.is_empty() && name.is_empty() {
            return RowKey::None;
        }
        if self.block.rows.roster {
            return match self.known.item(self.roster, key, name) {
                ItemMatch::Found(key, agree) => RowKey::Known { key, agree },
                ItemMatch::Unknown => RowKey::Unknown(if name.is_empty() { key.into() } else { name.into() }),
            };
        }
        RowKey::Unknown(if key.is_empty() { name.into() } else { key.into() })
    }

    fn key_of_list(&self, list: &CodeList, row: u32, key: String, name: String) -> RowKey {
        let shown = self
            .text_of(row, &[Role::Row, Role::Item, Role::Key])
            .and_then(|(_, f)| f.prefill.as_deref()?.strip_prefix("row.").map(ToString::to_string));
        let plain = plain_key(&key);
        let by_key = list.codes.iter().find(|c| {
            !key.is_empty()
                && (plain_key(&c.code) == plain || shown.as_ref().is_some_and(|a| plain_key(c.attr(a)) == plain))
        });
        let name_key = text::key(&name);
        let by_name = list.codes.iter().find(|c| {
            !name_key.is_empty()
                && (text::key(&c.name) == name_key || c.aliases.iter().any(|a| text::key(a) == name_key))
        });
        match (by_key, by_name) {
            (Some(a), Some(b)) if a.code != b.code => RowKey::Known { key: a.code.clone(), agree: Agree::No },
            (Some(a), Some(_)) => RowKey::Known { key: a.code.clone(), agree: Agree::Yes },
            (Some(a), None) => RowKey::Known { key: a.code.clone(), agree: Agree::KeyOnly },
            (None, Some(b)) => RowKey::Known { key: b.code.clone(), agree: Agree::NameOnly },
            (None, None) => RowKey::Unknown(if key.is_empty() { name } else { key }),
        }
    }
}

pub(super) fn is_key(field: &Field) -> bool {
    matches!(field.role, Some(Role::Row | Role::RowName | Role::Item | Role::ItemName | Role::Key))
}
