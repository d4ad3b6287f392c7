//! A workbook as it was read: sparse cells with what is needed to understand them. No crate's types.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use super::place::{Area, CellRef};

/// What a cell stores.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Content {
    /// Nothing (a styled blank, or a formula without a stored result).
    #[default]
    Empty,
    /// Text, furigana left out, as stored.
    Text(String),
    /// A number; whether it is a date is for the number format to say.
    Number(f64),
    /// A date or time that the container itself calls one (.xls, .ods), as a serial of the workbook's own date system.
    DateTime(f64),
    /// TRUE or FALSE.
    Bool(bool),
    /// An error value such as `#REF!`, as text.
    Error(String),
}

/// One cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell {
    /// What it stores.
    pub content: Content,
    /// The number format code, when it is not General. Built-in ids are resolved (id 31 is `yyyy"年"m"月"d"日"`).
    pub format: Option<String>,
    /// Whether a formula stands in it.
    pub formula: bool,
}

impl Cell {
    /// A cell with text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { content: Content::Text(text.into()), ..Self::default() }
    }

    /// The stored text, or the number as the shortest text that gives it back.
    #[must_use]
    pub fn raw(&self) -> String {
        self.written().into_owned()
    }

    /// The same, borrowed where it is a text.
    #[must_use]
    pub fn written(&self) -> Cow<'_, str> {
        match &self.content {
            Content::Empty => Cow::Borrowed(""),
            Content::Text(t) | Content::Error(t) => Cow::Borrowed(t),
            Content::Number(n) | Content::DateTime(n) => Cow::Owned(n.to_string()),
            Content::Bool(b) => Cow::Borrowed(if *b { "TRUE" } else { "FALSE" }),
        }
    }

    /// Whether it holds nothing a person would see: no content, or blanks only, and no formula.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match &self.content {
            Content::Empty => !self.formula,
            Content::Text(t) => t.trim().is_empty(),
            _ => false,
        }
    }
}

/// What is odd about a cell, beside its content. Filled by the sheet pass, where the container has such things.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Cells written in strike-through (withdrawn).
    pub struck: BTreeSet<CellRef>,
    /// Cells of which a part of the text is in strike-through (見え消し), with the text without it.
    pub part_struck: BTreeMap<CellRef, String>,
    /// Cells written in red, whole or in part (changed).
    pub red: BTreeSet<CellRef>,
    /// Notes and comments by cell.
    pub notes: BTreeMap<CellRef, String>,
    /// Cells of which a part is superscript or subscript, which is a mark and no part of a number.
    pub raised: BTreeMap<CellRef, Raised>,
    /// Cells in a font of pictures: what is stored. The cell holds what is shown.
    pub symbols: BTreeMap<CellRef, String>,
    /// Cells that show something else than a value.
    pub objects: BTreeMap<CellRef, CellObject>,
}

/// A text with marks in superscript or subscript.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Raised {
    /// The text without them.
    pub kept: String,
    /// The marks.
    pub mark: String,
}

/// What stands in a cell that shows a picture.
pub const CELL_PICTURE: &str = "（セルの中の画像）";

/// What a cell shows that is no value of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CellObject {
    /// A picture placed in the cell.
    Picture,
    /// A linked data type (a share, a place); the cell holds the text that it shows, if that is known.
    Linked,
}

/// Something that lies over the cells of a sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Float {
    /// The cells it covers; `None` where that is not known.
    pub area: Option<Area>,
    /// What it is.
    pub kind: FloatKind,
    /// Its text, the caption of a control, or the words that describe a picture.
    pub text: String,
    /// The cell that a control writes its state to.
    pub linked: Option<CellRef>,
}

/// What lies over cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum FloatKind {
    /// A text box, or a shape with a text in it.
    TextBox,
    /// A shape without a text.
    Shape,
    /// A picture.
    Picture,
    /// A chart, a diagram, something embedded.
    Graphic,
    /// Handwriting of a pen or a finger.
    Ink,
    /// A check box, ticked, not ticked, or of unknown state.
    CheckBox(Option<bool>),
    /// An option button, chosen or not.
    Option(Option<bool>),
    /// Another control: a list, a button, a field.
    Control,
}

/// What a sheet does to keep people from typing the wrong thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guards {
    /// Whether the sheet is protected.
    pub protected: bool,
    /// Areas whose cells have a list to choose from.
    pub lists: Vec<Area>,
}

/// One sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid {
    /// Name as it stands in the file.
    pub name: String,
    /// Whether the sheet is visible.
    pub hidden: bool,
    /// Cells that hold something.
    pub cells: BTreeMap<CellRef, Cell>,
    /// Merged ranges.
    pub merges: Vec<Area>,
    /// Hidden rows (zero-based).
    pub hidden_rows: BTreeSet<u32>,
    /// Hidden columns (zero-based).
    pub hidden_cols: BTreeSet<u32>,
    /// Notes, strike-through and colours.
    pub marks: Marks,
    /// Protection and lists; `None` where the container or its reader does not tell.
    pub guards: Option<Guards>,
    /// Lists to choose from, with their words; only where somebody asks for them.
    pub choices: Vec<(Area, Vec<String>)>,
    /// Shapes, pictures and controls over the cells.
    pub floats: Vec<Float>,
    /// Cells that could not be read, in words.
    pub bad_cells: Vec<(CellRef, String)>,
}

impl Grid {
    /// The cell at a position, when it holds something.
    #[must_use]
    pub fn get(&self, at: CellRef) -> Option<&Cell> {
        self.cells.get(&at)
    }

    /// The merge that covers a cell, if any.
    #[must_use]
    pub fn merge_at(&self, at: CellRef) -> Option<Area> {
        self.merges.iter().copied().find(|m| m.contains(at))
    }

    /// The area a cell takes up: its merge, or itself.
    #[must_use]
    pub fn area_at(&self, at: CellRef) -> Area {
        self.merge_at(at).unwrap_or(Area::cell(at))
    }

    /// The text of a cell, empty when it holds none.
    #[must_use]
    pub fn text(&self, at: CellRef) -> String {
        self.get(at).map(Cell::raw).unwrap_or_default()
    }
}

/// A workbook as read, before anybody asks what form it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Workbook {
    /// Sheets in the order of the file.
    pub sheets: Vec<Grid>,
    /// Whether serials count from 1904.
    pub date1904: bool,
    /// 保存日時: when the file was last saved, by its own document properties, in +09:00.
    pub saved: Option<NaiveDateTime>,
    /// What the container holds that is reported and never followed: macros, external links, …
    pub oddities: Vec<Oddity>,
}

/// What a container holds beside its cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Oddity {
    /// A macro project.
    Macros,
    /// Links to other workbooks.
    ExternalLinks,
    /// Embedded objects or DDE.
    Objects,
    /// A password, which was known.
    Password,
}
