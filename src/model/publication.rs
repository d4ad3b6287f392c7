//! A publication: what `templates/publish/*.toml` may say about the files that citizens and the council are shown.
//!
//! Its columns are the allow list: nothing else of a record ever leaves the house.

use serde::Deserialize;

use super::predicate::Predicate;

/// A publication (公表).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publication {
    /// Id; also the file's stem.
    pub id: String,
    /// The form that its records come from.
    pub form: String,
    /// Stem of the files that are written.
    pub file: String,
    /// The page's template below `publish/`.
    #[serde(default = "page")]
    pub page: String,
    /// Title; `{municipality}`, `{as_of}`, `{round}` are filled in, here and in every sentence below.
    pub title: String,
    /// Sentences above the list.
    #[serde(default)]
    pub intro: Vec<String>,
    /// Sentences below the list.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Terms of use, with `{licence}`; not printed where the settings name none.
    #[serde(default)]
    pub licence: String,
    /// Whom to ask, with `{contact}`; not printed where the settings name nobody.
    #[serde(default)]
    pub contact: String,
    /// What is said while replies are missing, with `{divisions}`.
    #[serde(default)]
    pub missing: String,
    /// Which records; all without it. One for which it is not known is held back.
    #[serde(default)]
    pub only: Option<Predicate>,
    /// The answer by which the division says whether the record may be published. Without it all records may be.
    #[serde(default)]
    pub consent: Option<Consent>,
    /// How the page is divided.
    #[serde(default)]
    pub group: Option<Group>,
    /// Columns in order: the allow list.
    #[serde(rename = "column")]
    pub columns: Vec<PublicColumn>,
}

fn page() -> String {
    "page.html".to_string()
}

/// The answer that allows or forbids publication.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// Key of the choice.
    pub field: String,
    /// Codes that allow it; everything else does not.
    pub allowed: Vec<String>,
    /// Codes that forbid it.
    pub refused: Vec<String>,
}

/// How the page is divided into sections: by a choice.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// What the sections are called, for the filter's label.
    pub label: String,
    /// Key of the choice.
    pub field: String,
    /// Column of the choice's code list that names the section; its name without it.
    #[serde(default)]
    pub word: Option<String>,
}

/// A column of the published list.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key that a definition sets on its own")]
pub struct PublicColumn {
    /// Name for programs (ASCII).
    pub key: String,
    /// Header.
    pub label: String,
    /// Key of an answer, or a pattern with `*`: one value for each row of a code list (each year), published in the long
    /// form. One of `field`, `attr` and `mark` must be given.
    #[serde(default)]
    pub field: Option<String>,
    /// For a pattern: the code list whose names the rows bear (the years).
    #[serde(default)]
    pub over: Option<String>,
    /// An attribute of the item, as in the master's columns.
    #[serde(default)]
    pub attr: Option<String>,
    /// A derived mark.
    #[serde(default)]
    pub mark: Option<Mark>,
    /// Column of a choice's code list that gives the published word; its name without it.
    #[serde(default)]
    pub word: Option<String>,
    /// Unit of a number, when it is not the field's.
    #[serde(default)]
    pub unit: Option<String>,
    /// What it means, for the sheet of definitions.
    #[serde(default)]
    pub description: String,
    /// Whether it stands on the page.
    #[serde(default = "yes")]
    pub page: bool,
    /// Whether it tells one record from another: such columns stand in the long form too.
    #[serde(default)]
    pub identifies: bool,
    /// Whether it names the row on the page.
    #[serde(default)]
    pub heading: bool,
    /// Whether readers of the page may filter by it.
    #[serde(default)]
    pub filter: bool,
}

const fn yes() -> bool {
    true
}

/// A mark that is derived: its words when the predicate certainly holds, else `or`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// Words where it holds.
    pub text: String,
    /// Words where it does not.
    #[serde(default)]
    pub or: String,
    /// When.
    pub when: Predicate,
}
