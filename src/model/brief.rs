//! What `templates/brief.toml` may say: the papers of the next headquarters meeting, as parts, topics and blocks.

use serde::Deserialize;

use super::master::{ChartOf, Column, CountLine};
use super::predicate::Predicate;

/// The papers (本部会議資料): one document, and the same as a sheet of the master workbook.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brief {
    /// Title; placeholders are filled in as everywhere in the papers: `{municipality}`, `{round}`, `{as_of}`, `{meeting}`,
    /// `{meeting_day}`, `{meeting_body}`, `{deadline:id}` for a deadline's day and `{topic:id}` for a topic's number.
    pub title: String,
    /// File name below 結果/.
    pub file: String,
    /// Name of the master's sheet.
    pub sheet: String,
    /// Position of the sheet among the master's sheets.
    pub order: u32,
    /// Which deadline of the settings is the meeting: the first one not past.
    pub meeting: MeetingIs,
    /// Parts in order.
    #[serde(rename = "part")]
    pub parts: Vec<Part>,
    /// What is printed under the topics of the code list `agenda`.
    #[serde(rename = "topic")]
    pub topics: Vec<Topic>,
}

/// How the meeting is known among the deadlines of the settings.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeetingIs {
    /// The deadline's kind, as a code.
    pub kind: String,
    /// A word in its name.
    pub named: String,
    /// What it is called where the settings do not say it, without its number.
    pub body: String,
    /// What is printed when the settings name no meeting.
    pub unknown: String,
}

/// A part: 審議事項, 報告事項, 別紙.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Code by which the agenda names it.
    pub id: String,
    /// Heading.
    pub title: String,
    /// Whether it begins on a new page.
    #[serde(default)]
    pub annex: bool,
}

/// What is printed under a topic. Its title, its part and its place stand in the agenda; topics are numbered within the part.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Its code in the agenda, by which other texts refer to its number as `{topic:id}`.
    pub id: String,
    /// The form that it is about; a topic whose form is not asked in the round has no data.
    #[serde(default)]
    pub form: Option<String>,
    /// What is printed when there is no data this time; without it the topic is left out then.
    #[serde(default)]
    pub none: Option<String>,
    /// Blocks in order.
    #[serde(default, rename = "block")]
    pub blocks: Vec<BriefBlock>,
}

/// What stands under a topic. The form is the topic's.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum BriefBlock {
    /// A sentence.
    Text {
        /// The sentence.
        text: String,
    },
    /// A heading within the topic, such as （1）今後の予定.
    Heading {
        /// The heading.
        text: String,
    },
    /// Counts of items by closed ways of counting, one line each.
    Lines {
        /// The ways of counting.
        lines: Vec<CountLine>,
    },
    /// Rates with their range, their mark and the ministry's caveat.
    Rates {
        /// Rate ids.
        rates: Vec<String>,
    },
    /// 部 by 部 and 課 by 課, the items of each with their rate.
    ByOwner {
        /// Rate id (per item).
        #[serde(default)]
        rate: Option<String>,
    },
    /// Bars, with their figures in words.
    Bars {
        /// Heading.
        title: String,
        /// What is counted.
        of: ChartOf,
    },
    /// A table of items.
    Items {
        /// Which items; all without it. Items for which it is merely unknown stay.
        #[serde(default)]
        only: Option<Predicate>,
        /// Only items with a finding of one of these codes that stands.
        #[serde(default)]
        found: Vec<String>,
        /// Header of a column with the titles of those findings.
        #[serde(default)]
        why: Option<String>,
        /// Columns. One with a label only is left empty, to be written in.
        columns: Vec<Column>,
        /// Column of the item's code list that rows are ordered by (a number).
        #[serde(default)]
        order_by: Option<String>,
        /// Rows at the most; how many more there are is said.
        #[serde(default)]
        most: Option<usize>,
        /// What is printed when there are none.
        none: String,
    },
    /// What the settings have as coming deadlines for the form.
    Schedule {
        /// Kinds of deadlines, as codes.
        kinds: Vec<String>,
    },
}
