//! What changed between two workbooks that should be the same form: last year's of the ministry, and this year's.
//!
//! Takes two workbooks as read; gives, sheet by sheet, which labels moved, changed their words, vanished or are new, and
//! what changed of merges, formulas and formats. Two sheets or labels of different words are only ever a suggestion.

mod labels;
mod shape;
mod sheets;
mod shift;

use crate::model::{CellRef, Workbook};

pub use shape::{Change, ShapeChange};

/// A text that stands on a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// As it stands.
    pub text: String,
    /// Where.
    pub at: CellRef,
}

/// A label with the same words in both, at another place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Its words.
    pub text: String,
    /// Where it stood.
    pub from: CellRef,
    /// Where it stands.
    pub to: CellRef,
}

/// A label that is gone and one that is new, of which one may have become the other. A suggestion.
#[derive(Clone, Debug, PartialEq)]
pub struct Renamed {
    /// The one that is gone.
    pub old: Label,
    /// The one that is new.
    pub new: Label,
    /// How alike their words are, 0 to 1.
    pub likeness: f64,
    /// Whether the new one stands where the old one would, by the labels around it.
    pub same_place: bool,
}

/// A sheet as one of the two workbooks lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetRef {
    /// Its name.
    pub name: String,
    /// Its position among the sheets, from 0.
    pub position: usize,
    /// Whether it is hidden.
    pub hidden: bool,
}

/// A sheet of either workbook, and what changed on it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SheetDrift {
    /// The old one; `None` for a sheet that was added.
    pub old: Option<SheetRef>,
    /// The new one; `None` for a sheet that vanished.
    pub new: Option<SheetRef>,
    /// Where the names differ: the share of labels the two have in common. A suggestion.
    pub likeness: Option<f64>,
    /// How many labels stand where they stood.
    pub kept: usize,
    /// Labels that moved, in the old order.
    pub moved: Vec<Moved>,
    /// Labels that may have changed their words, in the old order.
    pub renamed: Vec<Renamed>,
    /// Labels that are gone.
    pub vanished: Vec<Label>,
    /// Labels that are new.
    pub added: Vec<Label>,
    /// What changed beside the labels.
    pub shape: Vec<ShapeChange>,
}

impl SheetDrift {
    /// Whether the sheet is the same in both, as far as a form goes.
    #[must_use]
    pub fn is_same(&self) -> bool {
        let both = self.old.as_ref().zip(self.new.as_ref());
        both.is_some_and(|(o, n)| o.name == n.name && o.hidden == n.hidden)
            && self.moved.is_empty()
            && self.renamed.is_empty()
            && self.vanished.is_empty()
            && self.added.is_empty()
            && self.shape.is_empty()
    }
}

/// What changed between two workbooks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drift {
    /// The sheets of the new workbook in its order, then those that vanished.
    pub sheets: Vec<SheetDrift>,
    /// Whether sheets that are in both stand in another order.
    pub reordered: bool,
    /// The date system of both, when it changed: whether serials counted, and count, from 1904.
    pub date1904: Option<(bool, bool)>,
}

impl Drift {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.reordered && self.date1904.is_none() && self.sheets.iter().all(SheetDrift::is_same)
    }
}

/// Compares last year's workbook with this year's.
#[must_use]
pub fn compare(old: &Workbook, new: &Workbook) -> Drift {
    let pairs = sheets::pair(old, new);
    let reference = |book: &Workbook, at: usize| {
        let found = book.sheets.get(at);
        found.map(|g| SheetRef { name: g.name.clone(), position: at, hidden: g.hidden })
    };
    let mut sheets: Vec<SheetDrift> = (0..new.sheets.len())
        .map(|n| {
            let pair = pairs.iter().find(|p| p.new == n);
            let mut drift = pair.and_then(|p| Some(on_sheet(old.sheets.get(p.old)?, new.sheets.get(n)?)));
            let mut drift = drift.take().unwrap_or_default();
            drift.new = reference(new, n);
            drift.old = pair.and_then(|p| reference(old, p.old));
            drift.likeness = pair.and_then(|p| p.likeness);
            drift
        })
        .collect();
    let gone = (0..old.sheets.len()).filter(|o| !pairs.iter().any(|p| p.old == *o));
    sheets.extend(gone.map(|o| SheetDrift { old: reference(old, o), ..SheetDrift::default() }));
    let order: Vec<usize> =
        sheets.iter().filter(|s| s.new.is_some()).filter_map(|s| Some(s.old.as_ref()?.position)).collect();
    Drift {
        sheets,
        reordered: !order.is_sorted(),
        date1904: (old.date1904 != new.date1904).then_some((old.date1904, new.date1904)),
    }
}

fn on_sheet(old: &crate::model::Grid, new: &crate::model::Grid) -> SheetDrift {
    let matched = labels::matched(&labels::of(old), &labels::of(new));
    let shape = shape::changes(old, new, &matched.shift);
    let mut drift = SheetDrift { shape, ..SheetDrift::default() };
    for (label, to) in matched.pairs {
        if label.at == to {
            drift.kept += 1;
        } else {
            drift.moved.push(Moved { text: label.text, from: label.at, to });
        }
    }
    (drift.renamed, drift.vanished, drift.added) = (matched.renamed, matched.vanished, matched.added);
    drift
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Area, Cell, Grid};

    fn at(cell: &str) -> CellRef {
        CellRef::parse(cell).expect("a cell")
    }

    fn grid(name: &str, cells: &[(&str, &str)]) -> Grid {
        let cells = cells.iter().map(|(c, t)| (at(c), Cell::text(*t))).collect();
        Grid { name: name.into(), cells, ..Grid::default() }
    }

    fn book(sheets: Vec<Grid>) -> Workbook {
        Workbook { sheets, ..Workbook::default() }
    }

    const OLD: [(&str, &str); 8] = [
        ("A1", "報告様式"),
        ("A3", "番号"),
        ("B3", "名称"),
        ("C3", "状況"),
        ("D3", "備考"),
        ("C4", "未"),
        ("C5", "未"),
        ("A7", "合計"),
    ];

    #[test]
    fn blanks_and_width_are_no_change() {
        let new = OLD.map(|(c, t)| (c, if t == "備考" { "備　考" } else { t }));
        let drift = compare(&book(vec![grid("様式1", &OLD)]), &book(vec![grid("様式１", &new)]));
        let sheet = &drift.sheets[0];
        assert_eq!((sheet.kept, sheet.moved.len(), sheet.likeness), (8, 0, None));
        assert!(!drift.is_empty(), "the name is written in another way, which an address list would miss");
    }

    #[test]
    fn an_inserted_row_and_column_carry_repeated_words_along() {
        // A row above the header, a column before the state.
        let new = [
            ("A1", "報告様式"),
            ("A4", "番号"),
            ("B4", "名称"),
            ("C4", "開始日"),
            ("D4", "状況"),
            ("E4", "備考"),
            ("D5", "未"),
            ("D6", "未"),
            ("A8", "合計"),
        ];
        let drift = compare(&book(vec![grid("x", &OLD)]), &book(vec![grid("x", &new)]));
        let sheet = &drift.sheets[0];
        let moved: Vec<String> = sheet.moved.iter().map(|m| format!("{}{}{}", m.text, m.from, m.to)).collect();
        assert_eq!(moved, ["番号A3A4", "名称B3B4", "状況C3D4", "備考D3E4", "未C4D5", "未C5D6", "合計A7A8"]);
        assert_eq!(sheet.added, [Label { text: "開始日".into(), at: at("C4") }]);
        assert!(sheet.vanished.is_empty() && sheet.renamed.is_empty());
    }

    #[test]
    fn other_words_in_the_same_place_are_a_suggestion_and_far_ones_are_not() {
        let new = OLD.map(|(c, t)| match t {
            "名称" => (c, "手続の名称"),
            "合計" => ("F9", "別の話"),
            _ => (c, t),
        });
        let drift = compare(&book(vec![grid("x", &OLD)]), &book(vec![grid("x", &new)]));
        let sheet = &drift.sheets[0];
        let renamed = sheet.renamed.iter().map(|r| (r.old.text.as_str(), r.new.text.as_str(), r.same_place));
        assert_eq!(renamed.collect::<Vec<_>>(), [("名称", "手続の名称", true)]);
        assert_eq!((sheet.vanished[0].text.as_str(), sheet.added[0].text.as_str()), ("合計", "別の話"));
    }

    #[test]
    fn sheets_are_paired_by_name_then_by_labels_and_the_rest_is_told() {
        let other = |n| grid(n, &[("A1", "記入要領"), ("A2", "この様式は")]);
        let old = book(vec![grid("進捗", &OLD), other("要領"), grid("旧", &[("A1", "廃止")])]);
        let mut hidden = other("要領");
        hidden.hidden = true;
        let new = book(vec![hidden, grid("進捗（R5）", &OLD), grid("新", &[("A1", "新設")])]);
        let drift = compare(&old, &new);
        let names: Vec<(Option<&str>, Option<&str>)> = drift
            .sheets
            .iter()
            .map(|s| (s.old.as_ref().map(|r| r.name.as_str()), s.new.as_ref().map(|r| r.name.as_str())))
            .collect();
        let expected =
            [(Some("要領"), Some("要領")), (Some("進捗"), Some("進捗（R5）")), (None, Some("新")), (Some("旧"), None)];
        assert_eq!(names, expected);
        assert_eq!(drift.sheets[1].likeness, Some(1.0));
        assert!(drift.reordered && !drift.sheets[0].is_same(), "hidden now");
    }

    #[test]
    fn formulas_and_merges_are_compared_where_the_cells_went() {
        let area = |a: &str, b: &str| Area { first: at(a), last: at(b) };
        let mut old = grid("x", &OLD);
        old.merges = vec![area("A1", "D1"), area("A7", "B7")];
        let mut new = grid("x", &OLD.map(|(c, t)| if c == "A7" { ("A8", t) } else { (c, t) }));
        new.merges = vec![area("A1", "C1"), area("A8", "B8")];
        new.cells.insert(at("D5"), Cell { formula: true, ..Cell::default() });
        let changes = compare(&book(vec![old]), &book(vec![new])).sheets.remove(0).shape;
        let told: Vec<(Change, Option<Area>)> = changes.iter().map(|c| (c.change, c.new)).collect();
        assert_eq!(told, [(Change::Merge, Some(area("A1", "C1"))), (Change::FormulaAdded, Some(Area::cell(at("D5"))))]);
    }

    #[test]
    fn lists_are_compared_where_the_cells_went() {
        let area = |a: &str, b: &str| Area { first: at(a), last: at(b) };
        let words = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        let with = |down: u32, choices: Vec<(Area, Vec<String>)>| {
            let mut grid = grid("x", &OLD);
            grid.cells = grid.cells.into_iter().map(|(c, v)| (CellRef::new(c.row + down, c.col), v)).collect();
            Grid { choices, ..grid }
        };
        let old = with(0, vec![(area("C4", "C6"), words(&["済", "未"]))]);
        let lists = |down, choices| {
            let shape = compare(&book(vec![old.clone()]), &book(vec![with(down, choices)])).sheets.remove(0).shape;
            shape.into_iter().filter_map(|c| Some((c.new?.to_string(), c.formats?))).collect::<Vec<_>>()
        };
        let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
        // Two rows down with the labels: the same list.
        assert_eq!(lists(2, vec![(area("C6", "C8"), words(&["済", "未"]))]), []);
        let changed = lists(2, vec![(area("C6", "C8"), words(&["完了", "未"]))]);
        assert_eq!(changed, [("C6:C8".to_string(), pair("済、未", "完了、未"))]);
        assert_eq!(lists(0, Vec::new()), [("C4".to_string(), pair("済、未", ""))]);
        let more = vec![(area("C4", "C6"), words(&["済", "未"])), (area("D4", "D6"), words(&["可"]))];
        assert_eq!(lists(0, more), [("D4:D6".to_string(), pair("", "可"))]);
    }

    #[test]
    fn the_same_workbook_has_no_drift() {
        let one = book(vec![grid("x", &OLD), grid("y", &OLD)]);
        assert!(compare(&one, &one).is_empty());
        assert!(!compare(&one, &Workbook { date1904: true, ..one.clone() }).is_empty());
    }
}
