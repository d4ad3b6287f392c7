//! The words of what asks again (督促): what `templates/remind.toml` may say.

use serde::Deserialize;

/// 督促文, 督促一覧 and the list for mailing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remind {
    /// Folder of the letters as documents, below 結果/督促/.
    pub documents: String,
    /// Name of a letter's sheet.
    pub sheet: String,
    /// Title and name of the list.
    pub list_title: String,
    /// Name of the CSV for mailing, without its ending.
    pub mailing: String,
    /// Working days before a deadline from which on it is near.
    pub near_days: i64,
    /// The word above the items (記).
    pub record: String,
    /// What is said by how the deadlines stand; of several the most urgent counts.
    pub ahead: Said,
    /// The same where a deadline is near.
    pub near: Said,
    /// The same on the last day.
    pub today: Said,
    /// The same when a deadline has passed.
    pub over: Said,
    /// The same where all that is owed was sent back and is over.
    pub mend: Said,
    /// Label of the round.
    pub label_round: String,
    /// Label of what is owed.
    pub label_owed: String,
    /// Label of what to do.
    pub label_how: String,
    /// Label of whom to ask.
    pub label_contact: String,
    /// What is the matter with a form.
    pub state: States,
    /// Before the names of the items.
    pub items: String,
    /// Behind the first of many items, with `{n}`.
    pub more: String,
    /// Before the deadline.
    pub due: String,
    /// Before a deadline that is asked for by a return.
    pub due_mend: String,
    /// Behind a deadline that was extended.
    pub extended: String,
    /// What to do with forms that did not come, with `{hand_in}`.
    pub how: String,
    /// What to do with what was sent back, with `{hand_in}`.
    pub how_mend: String,
    /// What to do with files that cannot be read.
    pub how_unreadable: String,
    /// What to do with a form that may have nothing to say.
    pub how_none: String,
    /// What to do who cannot keep the deadline.
    pub how_late: String,
    /// Subject of the mail, with `{title}` and `{round}`.
    pub subject: String,
    /// Body of the mail, with `{division}`, `{opening}`, `{owed}`, `{how}`, `{contact}`, `{sender}` and `{mark}`.
    pub body: String,
    /// One form in the body, with `{form}` and `{lines}`.
    pub body_form: String,
    /// What the office reads of files whose division is not known, with `{files}`.
    pub doubtful: String,
}

/// What is said by how a deadline stands.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// Subject line.
    pub title: String,
    /// First sentence, with `{round}`.
    pub opening: String,
    /// Behind a deadline, with `{days}` and `{business}`.
    pub when: String,
    /// The same where no working day lies between, with `{days}`.
    pub when_closed: String,
}

/// What is the matter with a form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct States {
    /// Nothing came.
    pub missing: String,
    /// What came could not be read, with `{files}`.
    pub unreadable: String,
    /// What came is wholly blank.
    pub blank: String,
    /// Nothing is answered about some items.
    pub partly: String,
    /// What was sent back has not come again, with `{day}` and `{n}`.
    pub not_mended: String,
    /// The same where nothing of it is an error, with `{day}`.
    pub not_again: String,
    /// The same words in short, for the list.
    pub short: Short,
}

/// The states of a form in short.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Short {
    /// Nothing came.
    pub missing: String,
    /// What came could not be read.
    pub unreadable: String,
    /// What came is wholly blank.
    pub blank: String,
    /// Nothing is answered about some items.
    pub partly: String,
    /// What was sent back has not come again.
    pub not_mended: String,
}
