//! The words of the covering letter: what `templates/letter.toml` may say.

use serde::Deserialize;

/// 依頼文 and 配布一覧.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Letter {
    /// Subject line.
    pub title: String,
    /// First sentence.
    pub opening: String,
    /// The word above the items (記).
    pub record: String,
    /// Why, with `{meeting_body}`.
    pub purpose: String,
    /// What comes with the letter, before the table of forms.
    pub enclosed: String,
    /// The word that ends the items (以上).
    pub end: String,
    /// How to answer, with `{hand_in}`.
    pub how: String,
    /// Where replies are handed in, where the settings do not say it.
    pub hand_in: String,
    /// What the boxes for seals are for, where the settings do not say it.
    pub circulation: String,
    /// Folder of the letters as documents, below 配布/.
    pub documents: String,
    /// What to mind.
    pub notes: Vec<String>,
    /// Title of the distribution list.
    pub list_title: String,
    /// In place of a number, where a form comes without items of the division.
    pub none: String,
}
