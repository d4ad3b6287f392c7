//! Which map a workbook is of, and where its columns stand: the labels of the map, looked for as those of a form are.

use std::collections::BTreeSet;

use crate::forms::Templates;
use crate::model::form::{Block, Field, Layout, Repeat, Rows, SheetDef};
use crate::model::national::{KeyKind, NationalBlock, NationalColumn, NationalMap, NationalSheet};
use crate::model::{CellRef, Code, Grid, Round, Workbook};
use crate::normalise::text;
use crate::read::labels::Sheet;
use crate::read::locate::{Located, locate_with};

/// A column that is looked for: one of the map, or one of those that `each` makes of it.
#[derive(Clone, Debug)]
pub struct Wanted<'m> {
    /// The column of the map.
    pub column: &'m NationalColumn,
    /// Its header as printed.
    pub label: String,
    /// Key of the item or the code that `each` stands for.
    pub each: Option<String>,
}

/// Where a wanted column stands.
#[derive(Clone, Debug)]
pub struct Standing<'m> {
    /// What was looked for.
    pub wanted: Wanted<'m>,
    /// Its column in a table, its cell on a card; the row of a table's is that of the header.
    pub at: CellRef,
}

/// A block that was found on a sheet.
#[derive(Clone, Debug)]
pub struct BlockAt<'m> {
    /// The block of the map.
    pub block: &'m NationalBlock,
    /// Key columns with their columns on the sheet.
    pub keys: Vec<(KeyKind, u32)>,
    /// Columns that were found.
    pub columns: Vec<Standing<'m>>,
    /// Rows of the table: the first below the header, the first that no longer belongs to it.
    pub rows: (u32, u32),
    /// Labels that were found.
    pub found: Vec<String>,
    /// Labels that were not, with whether the column may be left out.
    pub missing: Vec<(String, bool)>,
    /// Labels that stand twice, with the second place.
    pub doubled: Vec<(String, CellRef)>,
    /// Labels that were not found and whose column or cell was taken from the map's address, with that place.
    pub by_address: Vec<(String, CellRef)>,
}

impl BlockAt<'_> {
    /// Whether enough was found to write anything: columns that are no mere additions, and what names the rows.
    #[must_use]
    pub fn fits(&self) -> bool {
        let all = self.found.len() + self.missing.iter().filter(|(_, optional)| !optional).count();
        self.columns.iter().any(|c| !c.wanted.column.optional)
            && self.found.len() * 2 >= all
            && self.keys_missing().is_empty()
    }

    /// Headers of the keys of which at least one is needed and none is there: those of the item, those of the municipality.
    #[must_use]
    pub fn keys_missing(&self) -> Vec<String> {
        let lacks = |item: bool| !self.keys.iter().any(|(kind, _)| kind.is_item() == item);
        let keys = self.block.keys.iter().filter(|k| lacks(k.is.is_item()));
        keys.map(|k| k.label.clone()).collect()
    }
}

/// A sheet of the workbook taken for a sheet of the map.
#[derive(Clone, Debug)]
pub struct SheetAt<'m> {
    /// Index among the sheets of the workbook.
    pub index: usize,
    /// The sheet of the map.
    pub sheet: &'m NationalSheet,
    /// Whether its name is one that the map gives.
    pub named: bool,
    /// Its blocks, in the order of the map; those that were not found at all are left out.
    pub blocks: Vec<BlockAt<'m>>,
}

impl SheetAt<'_> {
    fn fits(&self) -> bool {
        self.blocks.iter().any(BlockAt::fits)
    }

    fn found(&self) -> usize {
        self.blocks.iter().map(|b| b.found.len()).sum()
    }
}

/// A workbook taken for one of a map.
#[derive(Clone, Debug)]
pub struct Match<'m> {
    /// The map.
    pub map: &'m NationalMap,
    /// Sheets that were taken.
    pub sheets: Vec<SheetAt<'m>>,
    /// Sheets of the map that are not there.
    pub missing: Vec<&'m NationalSheet>,
    /// Sheets of the map for which two fit equally, with the names of both.
    pub tied: Vec<(&'m NationalSheet, String, String)>,
}

impl Match<'_> {
    fn found(&self) -> usize {
        self.sheets.iter().map(SheetAt::found).sum()
    }

    fn lacking(&self) -> usize {
        let labels = self.sheets.iter().flat_map(|s| &s.blocks).flat_map(|b| &b.missing);
        labels.filter(|(_, optional)| !optional).count()
            + self.missing.iter().flat_map(|s| &s.blocks).map(|b| b.columns.len() + b.keys.len()).sum::<usize>()
    }

    /// Labels that are there, and those that are not.
    #[must_use]
    pub fn labels(&self) -> (Vec<String>, Vec<String>) {
        let blocks = || self.sheets.iter().flat_map(|s| &s.blocks);
        let found = blocks().flat_map(|b| b.found.clone()).collect();
        let absent = self.missing.iter().flat_map(|s| &s.blocks);
        let absent = absent.flat_map(|b| {
            let keys = b.keys.iter().map(|k| &k.label);
            keys.chain(b.columns.iter().map(|c| &c.label)).filter(|l| !l.contains('{')).cloned().collect::<Vec<_>>()
        });
        let missing = blocks().flat_map(|b| b.missing.iter().map(|(l, _)| l.clone())).chain(absent);
        (once(found), once(missing.collect()))
    }
}

/// A list with each of its words once, in the order of the first.
fn once(list: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    list.into_iter().filter(|l| seen.insert(l.clone())).collect()
}

/// Whether a workbook is one of the maps'.
pub enum Recognised<'m> {
    /// This one.
    Map(Match<'m>),
    /// None; the nearest one, when any label of any is there.
    Unknown(Option<Match<'m>>),
}

/// Finds the map that fits best: the one with the most labels found, of two the one that lacks fewer.
#[must_use]
pub fn recognise<'m>(
    book: &Workbook,
    maps: &'m [NationalMap],
    templates: &'m Templates,
    round: &'m Round,
) -> Recognised<'m> {
    let sheets: Vec<Sheet<'_>> = book.sheets.iter().map(Sheet::new).collect();
    let mut best: Option<Match<'m>> = None;
    let mut nearest: Option<Match<'m>> = None;
    for map in maps {
        let (matched, near) = compare(map, &sheets, templates, round);
        let better = |a: &Match<'_>, b: &Option<Match<'_>>| {
            b.as_ref().is_none_or(|b| (a.found(), b.lacking()) > (b.found(), a.lacking()))
        };
        if !(matched.sheets.is_empty() && matched.tied.is_empty()) && better(&matched, &best) {
            best = Some(matched);
        }
        if near.found() > 0 && better(&near, &nearest) {
            nearest = Some(near);
        }
    }
    best.map_or(Recognised::Unknown(nearest), Recognised::Map)
}

/// A map against a workbook: with the sheets that fit, and with the nearest ones whether they fit or not.
fn compare<'m>(
    map: &'m NationalMap,
    sheets: &[Sheet<'_>],
    t: &'m Templates,
    round: &'m Round,
) -> (Match<'m>, Match<'m>) {
    let empty = || Match { map, sheets: Vec::new(), missing: Vec::new(), tied: Vec::new() };
    let (mut matched, mut near) = (empty(), empty());
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    for sheet in &map.sheets {
        let wanted = Definition::new(sheet, t, round);
        let open = sheets.iter().enumerate().filter(|(i, s)| !taken.contains(i) && !ignored(map, s.grid));
        let mut all: Vec<SheetAt<'m>> = open.map(|(i, s)| wanted.on(i, s)).collect();
        // Of sheets with the same labels the named one, then the visible one, is meant.
        let rank = |s: &SheetAt<'_>| (s.fits(), s.named, !sheets[s.index].grid.hidden, s.found());
        all.sort_by(|a, b| rank(b).cmp(&rank(a)).then(a.index.cmp(&b.index)));
        let tied = match all.as_slice() {
            [a, b, ..] if a.fits() && rank(a) == rank(b) => {
                Some((sheets[a.index].grid.name.clone(), sheets[b.index].grid.name.clone()))
            }
            _ => None,
        };
        let Some(first) = all.into_iter().next() else {
            matched.missing.push(sheet);
            near.missing.push(sheet);
            continue;
        };
        near.sheets.push(first.clone());
        if let Some((a, b)) = tied {
            taken.insert(first.index);
            matched.tied.push((sheet, a, b));
        } else if first.fits() {
            taken.insert(first.index);
            matched.sheets.push(first);
        } else {
            matched.missing.push(sheet);
        }
    }
    (matched, near)
}

fn ignored(map: &NationalMap, grid: &Grid) -> bool {
    map.ignore.iter().any(|p| like(p, &grid.name))
}

/// Whether a name is like a pattern with `*` for anything, as names are compared.
#[must_use]
pub fn like(pattern: &str, name: &str) -> bool {
    let name = text::key(name);
    let parts: Vec<String> = pattern.split('*').map(text::key).collect();
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return false };
    if parts.len() == 1 {
        return name == *first;
    }
    let Some(mut rest) = name.strip_prefix(first.as_str()) else { return false };
    for part in &parts[1..parts.len() - 1] {
        let Some((_, after)) = rest.split_once(part.as_str()) else { return false };
        rest = after;
    }
    rest.ends_with(last.as_str())
}

/// A sheet of a map as a sheet definition of a form, so that the same code finds its labels.
struct Definition<'m> {
    sheet: &'m NationalSheet,
    def: SheetDef,
    /// The columns of each block, by the id of their field.
    wanted: Vec<Vec<(String, Wanted<'m>)>>,
}

impl<'m> Definition<'m> {
    fn new(sheet: &'m NationalSheet, t: &'m Templates, round: &'m Round) -> Self {
        let mut blocks = Vec::new();
        let mut all = Vec::new();
        for block in &sheet.blocks {
            let mut fields = Vec::new();
            let mut wanted = Vec::new();
            for (n, key) in block.keys.iter().enumerate() {
                fields.push(field(format!("key{n}"), key.label.clone(), key.aliases.clone(), None));
            }
            for (n, column) in block.columns.iter().enumerate() {
                for (each, label, aliases) in expand(block, column, t, round) {
                    let id = format!("{n}/{}", each.as_deref().unwrap_or_default());
                    let found = field(id.clone(), label.clone(), aliases, column.group.clone());
                    fields.push(Field { required: !column.optional, ..found });
                    wanted.push((id, Wanted { column, label, each }));
                }
            }
            blocks.push(Block {
                joins: None,
                id: block.id.clone(),
                title: None,
                layout: block.layout,
                rows: Rows::default(),
                pairs: 1,
                role: None,
                common_rows: None,
                not_needed_when: None,
                fields,
            });
            all.push(wanted);
        }
        let def = SheetDef {
            id: sheet.name.clone(),
            name: sheet.name.clone(),
            title: None,
            repeat: Repeat::Once,
            landscape: false,
            instructions: Vec::new(),
            common_card: false,
            plain: true,
            blocks,
        };
        Self { sheet, def, wanted: all }
    }

    /// What stands where on a sheet.
    fn on(&self, index: usize, on: &Sheet<'_>) -> SheetAt<'m> {
        let located = locate_with(on, &self.def, &|block| {
            let needed = block.fields.iter().filter(|f| f.required).count();
            needed.div_ceil(2).max(2)
        });
        let names = std::iter::once(&self.sheet.name).chain(&self.sheet.aliases);
        let named = names.into_iter().any(|n| like(n, &on.grid.name));
        let blocks = self.sheet.blocks.iter().zip(&self.wanted).zip(&self.def.blocks);
        let blocks = blocks.map(|((block, wanted), def)| block_at(block, wanted, def, &located, on));
        SheetAt { index, sheet: self.sheet, named, blocks: blocks.collect() }
    }
}

fn block_at<'m>(
    block: &'m NationalBlock,
    wanted: &[(String, Wanted<'m>)],
    def: &Block,
    located: &Located,
    on: &Sheet<'_>,
) -> BlockAt<'m> {
    let table = located.tables.get(&block.id);
    let place = |id: &str| match block.layout {
        Layout::Table => table.and_then(|t| t.columns.get(id).map(|c| CellRef::new(t.body.saturating_sub(1), c.first))),
        Layout::Card => located.cards.get(&(block.id.clone(), id.to_string())).and_then(|a| a.cells.first().copied()),
    };
    let rows = table.map_or((0, 0), |t| (t.body, t.end));
    let mut at = BlockAt {
        block,
        keys: Vec::new(),
        columns: Vec::new(),
        rows,
        found: Vec::new(),
        missing: Vec::new(),
        doubled: Vec::new(),
        by_address: Vec::new(),
    };
    for (n, key) in block.keys.iter().enumerate() {
        if let Some(cell) = place(&format!("key{n}")) {
            at.keys.push((key.is, cell.col));
            at.found.push(key.label.clone());
            continue;
        }
        // One key of the item and one of the municipality are enough; `fits` sees to that.
        at.missing.push((key.label.clone(), true));
        let fallback = key.fallback.as_deref().filter(|_| table.is_some());
        if let Some(cell) = fallback.and_then(|f| address(f, block.layout, rows.0)) {
            at.by_address.push((key.label.clone(), cell));
            at.keys.push((key.is, cell.col));
        }
    }
    for (id, wanted) in wanted {
        let fallback = || wanted.column.fallback.as_deref().and_then(|f| address(f, block.layout, rows.0));
        if let Some(cell) = place(id) {
            at.found.push(wanted.label.clone());
            at.columns.push(Standing { wanted: wanted.clone(), at: cell });
        } else if let Some(cell) = fallback().filter(|_| table.is_some() || block.layout == Layout::Card) {
            at.missing.push((wanted.label.clone(), true));
            at.by_address.push((wanted.label.clone(), cell));
            at.columns.push(Standing { wanted: wanted.clone(), at: cell });
        } else {
            // Where the label stands at all, though not in the header, helps whoever looks for it.
            at.missing.push((wanted.label.clone(), wanted.column.optional));
        }
    }
    if table.is_none() && block.layout == Layout::Table {
        at.found =
            def.fields.iter().filter(|f| on.has(crate::read::labels::field_keys(f))).map(|f| f.label.clone()).collect();
        at.missing.retain(|(label, _)| !at.found.contains(label));
    }
    let label_of = |id: &str| def.fields.iter().find(|f| f.id == id).map(|f| f.label.clone()).unwrap_or_default();
    at.doubled = table.into_iter().flat_map(|t| &t.doubled).map(|(id, _, second)| (label_of(id), *second)).collect();
    at
}

/// An address of a map: a column's letters in a table, a cell on a card.
fn address(text: &str, layout: Layout, body: u32) -> Option<CellRef> {
    match layout {
        Layout::Card => CellRef::parse(text),
        Layout::Table => CellRef::parse(&format!("{text}1")).map(|c| CellRef::new(body.saturating_sub(1), c.col)),
    }
}

/// The columns that one of the map stands for: key, label, aliases.
fn expand(
    block: &NationalBlock,
    column: &NationalColumn,
    t: &Templates,
    round: &Round,
) -> Vec<(Option<String>, String, Vec<String>)> {
    let Some(each) = &column.each else { return vec![(None, column.label.clone(), column.aliases.clone())] };
    let made = |key: &str, name: &str, aliases: &[String], fill: &dyn Fn(&str) -> String| {
        let own = column.aliases.iter().map(|a| fill(a));
        let label = Some(fill(&column.label)).filter(|l| !l.trim().is_empty()).unwrap_or_else(|| name.to_string());
        let others = own.chain([name.to_string()]).chain(aliases.iter().cloned()).filter(|a| *a != label).collect();
        (Some(key.to_string()), label, others)
    };
    if each == "items" {
        let roster = t.forms.get(&block.form).and_then(|f| f.roster.as_deref()).unwrap_or_default();
        let items = round.items(roster);
        return items.map(|i| made(&i.key, &i.name, &i.aliases, &|p| filled(p, &i.attrs))).collect();
    }
    let codes: &[Code] = t.lists.get(each).map_or(&[], |l| &l.codes);
    codes.iter().map(|c| made(&c.code, &c.name, &c.aliases, &|p| filled(p, &c.attrs))).collect()
}

/// A label with the columns of a code list filled in.
fn filled(pattern: &str, attrs: &std::collections::BTreeMap<String, String>) -> String {
    attrs.iter().fold(pattern.to_string(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

fn field(id: String, label: String, aliases: Vec<String>, group: Option<String>) -> Field {
    Field { id, label, aliases, group, ..Field::default() }
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn names_of_sheets_follow_patterns() {
        for (pattern, name, is) in [
            ("*進捗状況", "令和8年1月_進捗状況", true),
            ("*進捗状況", "進捗状況", true),
            ("進捗状況", " 進捗 状況", true),
            ("*進捗状況", "進捗状況（記入例）", false),
            ("*記入例*", "進捗状況（記入例）", true),
            ("*甲*乙", "x甲y乙", true),
            ("*甲*乙", "乙甲", false),
            ("結果一覧", "結果一覧表", false),
        ] {
            assert_eq!(like(pattern, name), is, "{pattern} {name}");
        }
    }
}
