//! The words of the sheet that explains a form (記入要領): what `templates/guide.toml` may say.

use serde::Deserialize;

/// 記入要領.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guide {
    /// Where the filled form goes.
    pub send_to: String,
    /// How to fill it in, step by step.
    pub steps: Vec<String>,
    /// How dates may be written.
    #[serde(rename = "date")]
    pub dates: Vec<Written>,
    /// What each sign in the margin asks for, in the order of 未, 要確認, 期限後.
    pub signs: [String; 3],
}

/// A way to write a date, and how it is read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// As written.
    pub written: String,
    /// As read.
    pub read: String,
}
