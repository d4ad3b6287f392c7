//! The words of the return (差戻し票): what `templates/returns.toml` may say.

use serde::Deserialize;

use super::finding::Severity;

/// 差戻し票: the covering page, the findings, what was fine, and the marked copy beside it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Returns {
    /// Path below 結果/, with `{division}`.
    pub file: String,
    /// Name of a marked copy without its ending, with `{division}` and `{form}`.
    pub marked: String,
    /// Working days within which a mended file is asked for.
    pub working_days: i64,
    /// Subject line.
    pub title: String,
    /// Subject line where nothing came at all.
    pub title_missing: String,
    /// First sentence.
    pub opening: String,
    /// First sentence where nothing came at all.
    pub opening_missing: String,
    /// The word above the items (記).
    pub record: String,
    /// Label of the forms that came.
    pub label_forms: String,
    /// Label of the forms that did not.
    pub label_missing: String,
    /// Label of the day.
    pub label_due: String,
    /// Label of what to do.
    pub label_how: String,
    /// Label of what to do where nothing came at all.
    pub label_how_missing: String,
    /// Label of whom to ask.
    pub label_contact: String,
    /// How many findings a form has, with `{e}` and `{w}`.
    pub counts: String,
    /// The line of a form that did not come, with `{day}` and `{state}`.
    pub missing: String,
    /// The same when its day has passed.
    pub missing_over: String,
    /// Until when a mended file is asked for, with `{day}`, `{weekday}` and `{hand_in}`.
    pub due: String,
    /// What to do.
    pub how: Vec<String>,
    /// What to do where there is no marked copy.
    pub how_by_hand: String,
    /// What to do with a form that did not come.
    pub how_missing: String,
    /// Name of the covering page.
    pub sheet_letter: String,
    /// Name of the sheet of findings.
    pub sheet_findings: String,
    /// Name of the sheet of what was checked.
    pub sheet_checked: String,
    /// Title of the findings.
    pub findings_title: String,
    /// Sentence above the findings.
    pub findings_note: String,
    /// Title of what was checked.
    pub checked_title: String,
    /// Sentence above what was checked.
    pub checked_note: String,
    /// What a check without findings says.
    pub fine: String,
    /// Heading above what a later file answers otherwise.
    pub revised_title: String,
    /// What a check with findings says.
    pub not_fine: String,
    /// Why there is no marked copy.
    pub no_copy: NoCopy,
    /// What a division reads instead of the catalogue's remedy.
    #[serde(default)]
    pub instead: Vec<Instead>,
    /// How many places a number of lines stands for, with `{n}`.
    pub places: String,
    /// Codes whose expected value is one that may be written as it stands; of all others the sentence says what is expected.
    #[serde(default)]
    pub to_write: Vec<String>,
}

/// Sentences on why there is no marked copy.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoCopy {
    /// It has a password.
    pub encrypted: String,
    /// It is of a format that is not patched, with `{kind}`.
    pub format: String,
    /// It is signed.
    pub signed: String,
    /// Anything else.
    pub other: String,
    /// It holds replies of other divisions too.
    #[serde(default)]
    pub shared: Option<String>,
    /// No finding is about a cell.
    pub sheetwise: String,
}

/// Another remedy for some codes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instead {
    /// The codes.
    pub codes: Vec<String>,
    /// What the division reads; nothing keeps the finding with the office.
    #[serde(default)]
    pub text: String,
    /// Whether the division must mend it, though for the office it is something to ask about.
    #[serde(default)]
    pub mend: bool,
}

impl Returns {
    /// What a division reads instead of the catalogue's remedy; an empty text keeps the finding with the office.
    #[must_use]
    pub fn instead_of(&self, code: &str) -> Option<&str> {
        self.told(code).map(|i| i.text.as_str())
    }

    /// How much a finding weighs for the division.
    #[must_use]
    pub fn weight(&self, code: &str) -> Severity {
        if self.told(code).is_some_and(|i| i.mend) { Severity::E } else { Severity::of(code) }
    }

    fn told(&self, code: &str) -> Option<&Instead> {
        self.instead.iter().find(|i| i.codes.iter().any(|c| c == code))
    }
}
