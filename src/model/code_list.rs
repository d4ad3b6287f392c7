//! Code lists: the closed sets that choices, prefilled rows and rosters are taken from, read from CSV in `templates/`.

use std::collections::BTreeMap;

/// One row of a code list. Columns beyond code, name and aliases are attributes, by their header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Code {
    /// The key (column 1).
    pub code: String,
    /// The name that is printed (column 2).
    pub name: String,
    /// Other accepted spellings (column 別名, separated by `/`).
    pub aliases: Vec<String>,
    /// All columns by header, the first two included.
    pub attrs: BTreeMap<String, String>,
}

impl Code {
    /// An attribute by its column header; empty text when there is none.
    #[must_use]
    pub fn attr(&self, name: &str) -> &str {
        self.attrs.get(name).map_or("", String::as_str)
    }
}

/// A code list in the order of its file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeList {
    /// Its id: the file's stem.
    pub id: String,
    /// Headers in order.
    pub columns: Vec<String>,
    /// The rows.
    pub codes: Vec<Code>,
}

impl CodeList {
    /// The row with this code.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&Code> {
        self.codes.iter().find(|c| c.code == code)
    }

    /// The printed name of a code, or the code itself when it is not on the list.
    #[must_use]
    pub fn name<'a>(&'a self, code: &'a str) -> &'a str {
        self.get(code).map_or(code, |c| &c.name)
    }
}

/// All code lists by id.
pub type CodeLists = BTreeMap<String, CodeList>;
