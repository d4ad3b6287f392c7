//! A workbook to a draft: which form it is, whose it is, and each answer's cells with its place, before anything is understood.
//!
//! The division and the items are read from the form, never from the file's name. What does not fit is a finding.

use std::collections::{BTreeMap, BTreeSet};

use arcstr::ArcStr;
use chrono::NaiveDate;

use super::labels::Sheet;
use super::locate::{Located, locate, score};
use super::resolve::{Known, Who};
use super::stray::EACH;
use super::{card, copies, earlier, example, floats, identity, marks, merged, parts, stray, table, unchanged};
use crate::model::date::wareki;
use crate::model::finding::FIELD_NAME;
use crate::model::form::{Field, Form, Layout, Repeat, SheetDef};
use crate::model::marker::Marker;
use crate::model::{Area, Cell, CellRef, Finding, Grid, Note, Place, Role, Veil, Workbook, sign};

/// One answer as it stands: its cells, not yet understood.
#[derive(Clone, Debug)]
pub struct DraftAnswer<'a> {
    /// Block id for rows of a table on a sheet drawn once; empty for a card or a repeated sheet.
    pub block: &'a str,
    /// Item key; empty for the card of a sheet drawn once.
    pub item: String,
    /// Key of the answer.
    pub key: ArcStr,
    /// The field.
    pub field: &'a Field,
    /// Where.
    pub place: Place,
    /// The cell, or the boxes of a split answer. Never empty.
    pub cells: Vec<Cell>,
    /// The text that counts, where a part of what stands there does not: struck through, or a mark in superscript.
    pub kept: Option<String>,
    /// What was done to the text before it is understood.
    pub steps: Vec<Note>,
    /// Whether a finding already says that this is no answer that may be counted.
    pub told: bool,
}

impl DraftAnswer<'_> {
    /// A finding about it, with its item and its field. In a table whose rows are records of their own, the header is that of
    /// this very table: another one of the form may have a field of the same key.
    pub(super) fn named(&self, finding: Finding) -> Finding {
        let finding = Finding { item: Some(self.item.clone()).filter(|i| !i.is_empty()), ..finding.field(&self.key) };
        if self.block.is_empty() { finding } else { finding.arg(FIELD_NAME, self.field.printed()) }
    }
}

/// A file that is one of the forms.
#[derive(Clone, Debug)]
pub struct Draft<'a> {
    /// The form.
    pub form: &'a Form,
    /// The version on the form, when the locked line is there.
    pub version: Option<String>,
    /// The as-of date on the form.
    pub as_of: Option<NaiveDate>,
    /// Names of the sheets that it was read from.
    pub sheets: Vec<String>,
    /// The division, when it could be resolved.
    pub division: Option<String>,
    /// Every answer cell that was found, blank ones included.
    pub answers: Vec<DraftAnswer<'a>>,
    /// Rows of tables with free rows, by block: how far below the header, and the record's key.
    pub rows: BTreeMap<&'a str, Vec<(u32, String)>>,
    /// Findings of family S.
    pub findings: Vec<Finding>,
    /// Where the labels of boxes 「前回から変更なし」 stand.
    pub boxes: Vec<Place>,
    /// Answers that stand hidden or struck through.
    pub veiled: BTreeMap<Place, Veil>,
    /// How many answers a reply holds, where that is more than [`MAX_ANSWERS`]: then no further ones were taken.
    pub too_many: Option<u64>,
}

/// Answers that one reply may hold. Each costs much more than a cell; the largest forms ask for some thousands.
pub const MAX_ANSWERS: u64 = 20_000;

/// A file that is none of the forms: the nearest one, with how many of its labels were found.
#[derive(Clone, Debug)]
pub struct NotOurs<'a> {
    /// The nearest form, the number of its labels found and their number, when any was found.
    pub nearest: Option<(&'a Form, usize, usize)>,
    /// What is told all the same: that somebody filled in the example of a form and took the form away.
    pub findings: Vec<Finding>,
}

/// A sheet taken for a sheet of a form.
pub(super) struct Taken<'a, 'g> {
    pub(super) sheet: Sheet<'g>,
    pub(super) name: ArcStr,
    pub(super) def: &'a SheetDef,
    pub(super) located: Located,
    pub(super) marker: Option<Marker>,
}

impl Taken<'_, '_> {
    pub(super) fn place(&self, file: &ArcStr, at: CellRef) -> Place {
        Place { file: file.clone(), sheet: self.name.clone(), area: Some(self.sheet.area(at)) }.anchored()
    }
}

/// Reads a workbook as one of `forms`: one draft for each form and division in it, that with most of the form's labels first.
///
/// # Errors
/// [`NotOurs`] when no form matches.
pub fn extract<'a>(
    forms: &[&'a Form],
    book: &Workbook,
    file: &ArcStr,
    known: &Known<'_>,
) -> Result<Vec<Draft<'a>>, NotOurs<'a>> {
    recognise(forms, book, file, known).map(|parts| parts.into_iter().map(|(draft, _)| draft).collect())
}

/// A draft with the sheets that were taken for it, and where their blocks stand.
pub(super) type Part<'a, 'g> = (Draft<'a>, Vec<Taken<'a, 'g>>);

/// As [`extract`], with the sheets. There is at least one part.
pub(super) fn recognise<'a, 'g>(
    forms: &[&'a Form],
    book: &'g Workbook,
    file: &ArcStr,
    known: &Known<'_>,
) -> Result<Vec<Part<'a, 'g>>, NotOurs<'a>> {
    let (mut candidates, mut explaining) = (Vec::new(), Vec::new());
    let mut nearest: Option<(&'a Form, usize, usize)> = None;
    for grid in &book.sheets {
        let sheet = Sheet::new(grid);
        let marker = marker(grid);
        // What explains a form looks like it and is never an answer. Without its locked line it is told as a sheet of
        // nobody's, in case somebody wrote on it.
        if marker.as_ref().is_some_and(|m| m.sheet == sign::EXPLAINS) {
            explaining.push((sheet, marker));
            continue;
        }
        // Our own lists and checks hold the words of labels.
        if marker.is_none() && grid.hidden && grid.name.starts_with('_') {
            continue;
        }
        let named = grid.name.starts_with(sign::EXAMPLE) || grid.name.starts_with(sign::GUIDE);
        let explains = marker.is_none() && named;
        let best = best_match(forms, &sheet, marker.as_ref()).filter(|_| !explains);
        if let Some(m) = &best
            && nearest.is_none_or(|(_, found, all)| m.found * all > found * m.all)
            && m.found > 0
        {
            nearest = Some((m.form, m.found, m.all));
        }
        candidates.push((sheet, marker, best));
    }
    let Some(form) = majority(&candidates) else {
        let of = |(s, m): &(Sheet<'_>, Option<Marker>)| {
            forms.iter().find_map(|form| example::changed(s, m.as_ref(), form, file, known))
        };
        return Err(NotOurs { nearest, findings: explaining.iter().filter_map(of).collect() });
    };

    let mut by_form: Vec<(&'a Form, Vec<Taken<'a, 'g>>)> = vec![(form, Vec::new())];
    let mut strays = Vec::new();
    let changed = |s: &Sheet<'_>, m: Option<&Marker>| example::changed(s, m, form, file, known);
    let mut examples: Vec<Finding> = explaining.iter().filter_map(|(s, m)| changed(s, m.as_ref())).collect();
    for (sheet, marker, best) in candidates {
        let name: ArcStr = ArcStr::from(sheet.grid.name.as_str());
        match best.filter(Match::good) {
            Some(m) if m.form.id == form.id || m.sure() => {
                let located = locate(&sheet, m.def);
                let taken = Taken { sheet, name, def: m.def, located, marker };
                match by_form.iter_mut().find(|(f, _)| f.id == m.form.id) {
                    Some((_, sheets)) => sheets.push(taken),
                    None => by_form.push((m.form, vec![taken])),
                }
            }
            // Of an example that lost its locked line.
            None if marker.is_none()
                && sheet.grid.name.starts_with(sign::EXAMPLE)
                && let Some(finding) = changed(&sheet, None) =>
            {
                examples.push(finding);
            }
            other => strays.push((sheet, name, other.map(|m| m.form))),
        }
    }
    let mut parts = read_parts(by_form, strays, file, known);
    if let Some((draft, _)) = parts.first_mut() {
        let told = |f: Finding| Finding { form: Some(form.id.clone()), division: draft.division.clone(), ..f };
        let examples: Vec<Finding> = examples.into_iter().map(told).collect();
        draft.findings.extend(examples);
    }
    Ok(parts)
}

/// Reads the sheets of each form, sorted by division; `strays` are none of them.
fn read_parts<'a, 'g>(
    by_form: Vec<(&'a Form, Vec<Taken<'a, 'g>>)>,
    mut strays: Vec<(Sheet<'g>, ArcStr, Option<&'a Form>)>,
    file: &ArcStr,
    known: &Known<'_>,
) -> Vec<Part<'a, 'g>> {
    let mut parts: Vec<Part<'a, 'g>> = Vec::new();
    let mut hidden: Vec<Finding> = Vec::new();
    for (form, sheets) in by_form {
        // A form without a card of its own is the division's whose the file is, when that is one.
        let known_from: BTreeSet<Option<String>> = parts.iter().map(|(d, _)| d.division.clone()).collect();
        let whose = known_from.into_iter().next().flatten().filter(|_| parts.len() == 1);
        if !parts.is_empty() && whose.is_none() && !parts::names_division(&sheets) {
            strays.extend(sheets.into_iter().map(|t| (t.sheet, t.name, Some(form))));
            continue;
        }
        for parts::Whose { sheets, certain } in parts::split(form, sheets, known) {
            // What nobody sees beside a reply is left over from somebody's file, and must not take the place of theirs.
            if !parts.is_empty() && sheets.iter().all(|t| t.sheet.grid.hidden) {
                hidden.extend(sheets.iter().map(|t| parts::hidden(t, form, file, known)));
            } else {
                parts.push(part(form, sheets, (certain.as_deref(), whose.as_deref()), file, known));
            }
        }
    }
    if let Some((draft, _)) = parts.first_mut() {
        draft.findings.extend(hidden);
        for (sheet, name, other) in &strays {
            stray(draft, file, sheet, name, *other);
        }
    }
    parts
}

/// Reads the sheets of one reply; `certain` is its division whatever its card names, `whose` that of the file, for sheets that name none.
fn part<'a, 'g>(
    form: &'a Form,
    mut taken: Vec<Taken<'a, 'g>>,
    (certain, whose): (Option<&str>, Option<&str>),
    file: &ArcStr,
    known: &Known<'_>,
) -> Part<'a, 'g> {
    let whose = certain.or_else(|| whose.filter(|_| !parts::names_division(&taken)));
    let mut draft = Draft {
        form,
        version: None,
        as_of: None,
        sheets: taken.iter().map(|t| t.name.to_string()).collect(),
        division: whose.map(ToString::to_string),
        answers: Vec::new(),
        rows: BTreeMap::new(),
        findings: Vec::new(),
        boxes: Vec::new(),
        veiled: BTreeMap::new(),
        too_many: None,
    };
    draft.findings.extend(certain.and_then(|certain| parts::other_card(&taken, certain, file, known)));
    draft.findings.extend(earlier::left_out(&mut taken, form, file, known));
    let mut markers: Vec<&Marker> = taken.iter().filter_map(|t| t.marker.as_ref()).collect();
    markers.sort_by_key(|m| earlier::is_old(m, form, known));
    for marker in markers {
        draft.version.get_or_insert_with(|| marker.version.clone());
        draft.as_of = draft.as_of.or(marker.as_of);
    }
    let told = other_version(draft.version.as_ref(), draft.as_of, form, known);
    draft.findings.extend(told.map(|f| f.at(Place::file(file))));
    for (name, title, hidden) in copies::left_out(&mut taken, form) {
        let finding = Finding::new("S025E").at(Place::sheet(file, &name)).given("2").arg("item_name", title);
        draft.findings.push(if hidden { finding.arg("more", copies::is_hidden(&name)) } else { finding });
    }
    read_sheets(&taken, &mut draft, file, known);
    if form.roster.is_some() {
        floats::in_cells(&taken, &mut draft, file);
        stray::mention(&taken, &mut draft, file, known);
        floats::tell(&taken, &mut draft, file);
        merged::tell(&taken, &mut draft, file);
        marks::tell(&taken, &mut draft, file);
        copies::unite(&mut draft);
    } else {
        marks::struck(&taken, &mut draft);
    }
    for finding in &mut draft.findings {
        finding.form = Some(form.id.clone());
        finding.division = finding.division.take().or_else(|| draft.division.clone());
    }
    (draft, taken)
}

pub(super) struct Match<'a> {
    pub(super) form: &'a Form,
    pub(super) def: &'a SheetDef,
    pub(super) found: usize,
    pub(super) all: usize,
    marked: bool,
}

impl Match<'_> {
    /// Enough of the labels to be sure: half of them and at least three (or all, on a small sheet).
    pub(super) fn good(&self) -> bool {
        self.marked && self.found > 0 || self.found * 2 >= self.all && self.found >= 3.min(self.all)
    }

    /// So much of the form that it is read beside another one: its locked line, or three labels of four.
    fn sure(&self) -> bool {
        self.marked || self.found * 4 >= self.all * 3
    }
}

/// A form of another version, or of this one as it was issued for another day: that of an earlier round.
fn other_version(
    version: Option<&String>,
    as_of: Option<NaiveDate>,
    form: &Form,
    known: &Known<'_>,
) -> Option<Finding> {
    let version = version?;
    if *version != form.version {
        return Some(Finding::new("S011W").given(version).expected(&form.version));
    }
    let Who::Round(round) = known.who else { return None };
    let asked = round.forms.get(&form.id)?.as_of;
    let issued = as_of.filter(|d| *d != asked)?;
    let words = |day| format!("{version}（基準日 {}）", wareki(day));
    Some(Finding::new("S011W").given(words(issued)).expected(words(asked)))
}

pub(super) fn best_match<'a>(forms: &[&'a Form], sheet: &Sheet<'_>, marker: Option<&Marker>) -> Option<Match<'a>> {
    let mut best: Option<Match<'a>> = None;
    let mut best_rank = (false, 0, false);
    for form in forms {
        for def in &form.sheets {
            let (found, all) = score(sheet, def);
            let marked =
                marker.is_some_and(|line| line.form == form.id && (line.sheet == def.id || line.sheet.is_empty()));
            let rank = (marked, found * 1000 / all.max(1), sheet.grid.name == def.name);
            if best.is_none() || rank > best_rank {
                best_rank = rank;
                best = Some(Match { form, def, found, all, marked });
            }
        }
    }
    best
}

pub(super) fn marker(grid: &Grid) -> Option<Marker> {
    grid.cells
        .values()
        .find_map(|c| if let crate::model::Content::Text(t) = &c.content { Marker::parse(t) } else { None })
}

/// The form that most good sheets belong to.
fn majority<'a>(candidates: &[(Sheet<'_>, Option<Marker>, Option<Match<'a>>)]) -> Option<&'a Form> {
    let mut counts: BTreeMap<&str, (usize, &'a Form)> = BTreeMap::new();
    for m in candidates.iter().filter_map(|(_, _, m)| m.as_ref()).filter(|m| m.good()) {
        counts.entry(&m.form.id).or_insert((0, m.form)).0 += m.found;
    }
    counts.into_values().max_by_key(|(n, _)| *n).map(|(_, f)| f)
}

/// A sheet that is none of this form's: another form's is a warning, anything else is mentioned when it holds something.
fn stray(draft: &mut Draft<'_>, file: &ArcStr, sheet: &Sheet<'_>, name: &ArcStr, other: Option<&Form>) {
    if name.starts_with('_') && sheet.grid.hidden || sheet.grid.cells.values().all(Cell::is_blank) {
        return;
    }
    let place = Place::sheet(file, name);
    draft.findings.push(match other {
        Some(form) => Finding::new("S034W").at(place).given(&**name).expected(&form.title),
        None => Finding::new("S023I").at(place).given(&**name),
    });
}

fn read_sheets<'a>(taken: &[Taken<'a, '_>], draft: &mut Draft<'a>, file: &ArcStr, known: &Known<'_>) {
    if draft.division.is_none() {
        draft.division = division(taken, draft, file, known);
    }
    let form = draft.form;
    let mut items_seen: BTreeMap<String, Place> = BTreeMap::new();
    let mut in_sight: BTreeSet<String> = BTreeSet::new();
    // In the order of the form: a table that joins another comes after it, wherever its sheet was moved to.
    let order = |t: &&Taken<'a, '_>| draft_order(t.def, form);
    let mut ordered: Vec<&Taken<'a, '_>> = taken.iter().collect();
    // Of two sheets of one item that of this round counts, and the one that can be seen.
    ordered.sort_by_key(|t| (order(t), earlier::is_old_sheet(t, form, known), t.sheet.grid.hidden));
    let any_now = taken.iter().any(|t| t.marker.is_some() && !earlier::is_old_sheet(t, form, known));
    let mut of_now: BTreeSet<String> = BTreeSet::new();
    for t in ordered {
        if t.sheet.grid.hidden {
            draft.findings.push(Finding::new("S019W").at(Place::sheet(file, &t.name)));
        }
        let item = if t.def.repeat == Repeat::Item {
            match card::item(t, draft.form, file, known, &mut draft.findings) {
                Some((item, place)) => {
                    let old = any_now && earlier::is_old_sheet(t, form, known);
                    if old && of_now.contains(&item) {
                        draft.findings.push(earlier::not_counted(t, file).of(&form.id, "", &item));
                        continue;
                    }
                    if old && let Some(m) = &t.marker {
                        let told = other_version(Some(&m.version), m.as_of, form, known);
                        draft.findings.extend(told.map(|f| f.at(Place::sheet(file, &t.name)).of(&form.id, "", &item)));
                    } else {
                        of_now.insert(item.clone());
                    }
                    let hidden = t.sheet.grid.hidden && in_sight.contains(&item);
                    if !t.sheet.grid.hidden {
                        in_sight.insert(item.clone());
                    }
                    if items_seen.insert(item.clone(), place.clone()).is_some() && hidden {
                        let finding =
                            Finding::new("S025E").at(place).given("2").arg("more", copies::is_hidden(&t.name));
                        draft.findings.push(finding.of(&draft.form.id, "", &item));
                        continue;
                    }
                    item
                }
                None => continue,
            }
        } else {
            String::new()
        };
        for block in &t.def.blocks {
            match block.layout {
                Layout::Card => card::read(t, block, &item, file, draft),
                Layout::Table => table::read(t, block, &item, file, known, draft),
            }
        }
        if t.def.repeat == Repeat::Item {
            unchanged::on_sheet(t, &item, file, draft);
        }
        bad_cells(t, &item, file, draft);
    }
    missing_sheets(&items_seen, taken, draft, file, known);
    hidden_answers(taken, draft);
}

fn draft_order(def: &SheetDef, form: &Form) -> usize {
    form.sheets.iter().position(|s| s.id == def.id).unwrap_or(usize::MAX)
}

/// The division named on the form: by code, else by name; a code and a name of two divisions are reported.
fn division(taken: &[Taken<'_, '_>], draft: &mut Draft<'_>, file: &ArcStr, known: &Known<'_>) -> Option<String> {
    if draft.form.roster.is_none() || draft.form.field_with(Role::Division).is_none() {
        return None;
    }
    let mut typed: Vec<(Role, String, Place)> = Vec::new();
    for t in taken {
        for block in &t.def.blocks {
            for role in [Role::Division, Role::DivisionName] {
                if let Some(field) = block.field_with(role)
                    && block.layout == Layout::Card
                    && let Some(at) = t.located.cards.get(&(block.id.clone(), field.id.clone()))
                {
                    let text = t.sheet.shown(at.cells[0]).map(Cell::raw).unwrap_or_default();
                    if !text.trim().is_empty() {
                        typed.push((role, text, t.place(file, at.cells[0])));
                    }
                }
            }
        }
    }
    let Some((_, first_text, first_place)) = typed.first().cloned() else {
        let code = if taken.is_empty() { "S010W" } else { "S027E" };
        draft.findings.push(Finding::new(code).at(Place::file(file)));
        return None;
    };
    let of_role = |role: Role| {
        typed
            .iter()
            .filter(move |(r, _, _)| *r == role)
            .find_map(|(r, t, p)| known.division(t, *r == Role::Division).map(|code| (code, t.clone(), p.clone())))
    };
    let mut told: Vec<Place> = Vec::new();
    let (code, finding) = match (of_role(Role::Division), of_role(Role::DivisionName)) {
        (Some((code, text, place)), Some((other, name, named))) if code != other => {
            told.extend([place.clone(), named.clone()]);
            (code, Some(Finding::new("S026W").at(place).given(text).expected(name).related(named)))
        }
        (Some((code, _, _)), _) => (code, None),
        (None, Some((code, name, _))) => {
            // A code that nobody has, beside a name that somebody has: the name counts, and the code is asked about.
            let finding = typed.iter().find(|(role, _, _)| *role == Role::Division).map(|(_, text, place)| {
                told.push(place.clone());
                Finding::new("S026W").at(place.clone()).given(text).expected(name)
            });
            (code, finding)
        }
        (None, None) => {
            draft.findings.push(Finding::new("S012E").at(first_place).given(first_text));
            return None;
        }
    };
    draft.findings.extend(finding);
    identity::tell_division(taken, draft, file, known, (&code, &told));
    Some(code)
}

/// Cells that could not be read: those where an answer belongs one by one, the others together.
fn bad_cells(t: &Taken<'_, '_>, item: &str, file: &ArcStr, draft: &mut Draft<'_>) {
    let (mut told, mut rest) = (0, Vec::new());
    for (at, detail) in &t.sheet.grid.bad_cells {
        let place = t.place(file, *at);
        let finding = Finding::new("S022E").at(place.clone()).arg("detail", detail).of(&draft.form.id, "", item);
        let hit = draft.answers.iter().find(|a| a.place.sheet == place.sheet && a.place.area == place.area);
        match hit.filter(|_| told < EACH) {
            Some(a) => {
                told += 1;
                draft.findings.push(a.named(finding));
            }
            None => rest.push(finding),
        }
    }
    if let Some(first) = rest.first() {
        let others = if rest.len() > 1 { format!("。ほか{}か所", rest.len() - 1) } else { String::new() };
        let detail = format!("{}{others}", first.args.get("detail").map_or("", String::as_str));
        draft.findings.push(first.clone().arg("detail", detail));
    }
}

/// Items of the division without a sheet of their own.
fn missing_sheets(
    seen: &BTreeMap<String, Place>,
    taken: &[Taken<'_, '_>],
    draft: &mut Draft<'_>,
    file: &ArcStr,
    known: &Known<'_>,
) {
    let repeated = draft.form.sheets.iter().any(|s| s.repeat == Repeat::Item);
    let Some(division) = draft.division.clone().filter(|_| repeated && !taken.is_empty()) else { return };
    let Who::Round(round) = known.who else { return };
    for item in draft.form.roster.iter().flat_map(|r| round.items_of(r, &division)) {
        if !seen.contains_key(&item.key) {
            draft.findings.push(Finding::new("S024E").at(Place::file(file)).of(&draft.form.id, &division, &item.key));
        }
    }
}

/// What an answer's cell hides, if anything.
fn veil(grid: &Grid, area: Area) -> Option<Veil> {
    let first = area.first;
    let struck = |c: &CellRef| area.contains(*c);
    if grid.hidden {
        Some(Veil::HiddenSheet)
    } else if grid.hidden_rows.range(first.row..=area.last.row).next().is_some() {
        Some(Veil::HiddenRow)
    } else if grid.hidden_cols.range(first.col..=area.last.col).next().is_some() {
        Some(Veil::HiddenColumn)
    } else if grid.marks.struck.range(first..=area.last).any(struck)
        || grid.marks.part_struck.range(first..=area.last).any(|(c, _)| struck(c))
    {
        Some(Veil::Struck)
    } else {
        None
    }
}

/// Answers that stand hidden or struck through; those in hidden rows or columns are findings, one a sheet: a filter that
/// was left on hides hundreds.
fn hidden_answers(taken: &[Taken<'_, '_>], draft: &mut Draft<'_>) {
    let grids: BTreeMap<&str, &Grid> = taken.iter().map(|t| (&*t.name, t.sheet.grid)).collect();
    let mut hidden: BTreeMap<(ArcStr, bool), Vec<&DraftAnswer<'_>>> = BTreeMap::new();
    for a in draft.answers.iter().filter(|a| !a.cells.iter().all(Cell::is_blank)) {
        let (Some(grid), Some(area)) = (grids.get(&*a.place.sheet), a.place.area) else { continue };
        let Some(veil) = veil(grid, area) else { continue };
        draft.veiled.insert(a.place.clone(), veil);
        // A number or a name that the form came with is no answer.
        if matches!(veil, Veil::HiddenRow | Veil::HiddenColumn) && !a.field.locked {
            hidden.entry((a.place.sheet.clone(), veil == Veil::HiddenRow)).or_default().push(a);
        }
    }
    let form = &draft.form.id;
    let findings = hidden.iter().filter_map(|((sheet, rows), all)| hidden_on(grids.get(&**sheet)?, *rows, all, form));
    let findings: Vec<Finding> = findings.collect();
    draft.findings.extend(findings);
}

/// The finding about the answers of a sheet that stand in hidden rows, or in hidden columns.
fn hidden_on(grid: &Grid, rows: bool, all: &[&DraftAnswer<'_>], form: &str) -> Option<Finding> {
    let first = all.first()?;
    let given: String = first.cells.iter().map(Cell::raw).collect();
    let finding = Finding::new("S018W").given(given).arg("where", if rows { "行" } else { "列" });
    if all.len() == 1 {
        return Some(first.named(finding.at(first.place.clone()).of(form, "", &first.item)));
    }
    let (lines, line) = if rows {
        (&grid.hidden_rows, (|c: CellRef| c.row) as fn(CellRef) -> u32)
    } else {
        (&grid.hidden_cols, (|c: CellRef| c.col) as fn(CellRef) -> u32)
    };
    let mut areas: Vec<Area> = all.iter().filter_map(|a| a.place.area).collect();
    areas.sort_by_key(|a| (line(a.first), *a));
    let mut runs: Vec<Area> = Vec::new();
    for area in areas {
        // Hidden lines side by side are one run, whether something stands in each or not.
        match runs.last_mut() {
            Some(run) if (line(run.last)..=line(area.first)).all(|n| lines.contains(&n)) => {
                let (a, b) = (run.first, area.first);
                run.first = CellRef::new(a.row.min(b.row), a.col.min(b.col));
                run.last = CellRef::new(run.last.row.max(area.last.row), run.last.col.max(area.last.col));
            }
            _ => runs.push(area),
        }
    }
    let mut places = runs.into_iter().map(|area| Place { area: Some(area), ..first.place.clone() });
    let item = if all.iter().all(|a| a.item == first.item) { first.item.as_str() } else { "" };
    let finding = finding.at(places.next()?).of(form, "", item).arg("more", format!("など{}か所の回答", all.len()));
    Some(places.fold(finding, Finding::related))
}
