//! What `templates/master/*.toml` may say: the sheets of the master workbook and the named rates.

use serde::Deserialize;

use super::predicate::{Facts, Predicate, Truth};

/// A sheet of the master workbook.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MasterSheet {
    /// Id; also the file's stem.
    pub id: String,
    /// Name of the sheet.
    pub name: String,
    /// Title at the top.
    pub title: String,
    /// Position among the sheets.
    pub order: u32,
    /// Lines under the title; `{as_of}`, `{municipality}`, `{round}` are filled in.
    #[serde(default)]
    pub notes: Vec<String>,
    /// The form that its rows come from.
    #[serde(default)]
    pub form: Option<String>,
    /// Attribute of the items that rows are ordered by (a number or a text); the roster's order without it.
    #[serde(default)]
    pub order_by: Option<String>,
    /// Only items for which this holds.
    #[serde(default)]
    pub only: Option<Predicate>,
    /// Landscape print.
    #[serde(default)]
    pub landscape: bool,
    /// Print on A3.
    #[serde(default)]
    pub a3: bool,
    /// Which kind of sheet, with what that kind needs.
    pub kind: MasterKind,
}

/// The closed set of kinds.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum MasterKind {
    /// One row per item.
    List {
        /// Columns.
        columns: Vec<Column>,
    },
    /// One row for the municipality: its rate, then one rate per item.
    RateRow {
        /// Rate id (per item).
        rate: String,
        /// Attribute that names an item in the header.
        label: String,
        /// Header of the municipality's own rate.
        header: String,
    },
    /// One row per item, one column per code of a list.
    Matrix {
        /// Columns before the matrix.
        columns: Vec<Column>,
        /// Code list across.
        codes: String,
        /// Header per code: `{attr}` are filled in.
        header: String,
        /// Field key with `{row}`.
        field: String,
        /// Attribute of the choice's code list that gives the printed word; its name without it.
        #[serde(default)]
        word: Option<String>,
    },
    /// Dates side by side, one row per item, with room for a decision: grouped by the month of the date.
    SideBySide {
        /// Columns; one with a label only is left empty, to be written in (the first of them: the decision).
        columns: Vec<Column>,
        /// Key of the date that is proposed.
        date: String,
        /// Key of the date on which it was done; items that have one come first.
        #[serde(default)]
        done: Option<String>,
    },
    /// Items × months with planned and actual milestones; the last milestone is the one held to the deadline.
    Gantt {
        /// Code list of the milestones; their signs stand in its column 記号 (numbers without it).
        codes: String,
        /// Planned date's key with `{row}`.
        planned: String,
        /// Actual date's key with `{row}`.
        actual: String,
        /// Deadline id.
        deadline: String,
        /// First month as `YYYY-MM`; without it the first month of the fiscal year of the as-of date.
        #[serde(default)]
        from: Option<String>,
    },
    /// The named rates with their definitions and the rows counted in and out.
    Rates {
        /// Rate ids in order.
        rates: Vec<String>,
    },
    /// Free summary on one page: sections of counts and rates, with charts of them. The figures of the charts stand on a
    /// plain sheet of their own at the end of the book.
    Summary {
        /// Sections from top to bottom.
        sections: Vec<Section>,
        /// Charts to the right of the sections, from top to bottom; two halves that follow each other stand side by side.
        #[serde(default)]
        charts: Vec<ChartDef>,
        /// Sections below both, over the whole width.
        #[serde(default)]
        below: Vec<Section>,
    },
}

/// A column of a list.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// In a definition: the code list for each of whose codes the column stands once, see `forms/per.rs`.
    #[serde(default)]
    pub per: Option<String>,
    /// Header.
    pub label: String,
    /// Header above, shared by neighbours.
    #[serde(default)]
    pub group: Option<String>,
    /// A field's key: its value in the field's type.
    #[serde(default)]
    pub field: Option<String>,
    /// A field that is used where the first one is blank (a planned date where there is no actual one).
    #[serde(default)]
    pub or_field: Option<String>,
    /// An attribute of the item: `key`, `name`, `division`, `bureau`, `prefecture`, `municipality`, `confirmed`, or a column of its code list.
    #[serde(default)]
    pub attr: Option<String>,
    /// The outcome of a field's date against this deadline.
    #[serde(default)]
    pub judged_by: Option<String>,
    /// A rate of the item.
    #[serde(default)]
    pub rate: Option<String>,
    /// Attribute of the choice's code list that gives the printed word.
    #[serde(default)]
    pub word: Option<String>,
    /// Width in half-width characters.
    #[serde(default)]
    pub width: Option<f64>,
    /// The field's text as typed beside the meaning, when both are wanted.
    #[serde(default)]
    pub as_typed: bool,
}

/// A chart: bars of parts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChartDef {
    /// Heading.
    pub title: String,
    /// Half as wide as the page.
    #[serde(default)]
    pub half: bool,
    /// What is counted.
    pub of: ChartOf,
}

/// What a chart counts: its bars and the parts of each.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum ChartOf {
    /// A bar per form: divisions that replied in time, late, not at all.
    Replies {},
    /// A bar per item: its own rates one behind the other; what is left to the whole is unanswered.
    Rates {
        /// Form id.
        form: String,
        /// Column of the item's code list that bars are ordered by (a number).
        #[serde(default)]
        order_by: Option<String>,
        /// Attribute that names an item.
        label: String,
        /// The rates (per item), each with its name on the chart.
        parts: Vec<ChartPart>,
    },
    /// A bar per group: its items by each code of a choice, or by each outcome of a deadline.
    Counts {
        /// Form id.
        form: String,
        /// Field key.
        field: String,
        /// Deadline id, when outcomes are counted.
        #[serde(default)]
        judged_by: Option<String>,
        /// Attribute of the items that bars stand for (`division` …); without it a bar per code or outcome.
        #[serde(default)]
        by: Option<String>,
    },
}

/// A part of the bars of a chart.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChartPart {
    /// Rate id.
    pub rate: String,
    /// Its name on the chart.
    pub label: String,
}

/// A section of a summary.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum Section {
    /// Replies: how many expected, received, late, missing, by form.
    Replies {
        /// Heading.
        title: String,
    },
    /// Rates with their range and mark.
    Rates {
        /// Heading.
        title: String,
        /// Rate ids.
        rates: Vec<String>,
    },
    /// How many items have each code of a choice, or each outcome of a deadline.
    Counts {
        /// Heading.
        title: String,
        /// Form id.
        form: String,
        /// Field key.
        field: String,
        /// Deadline id, when outcomes are counted.
        #[serde(default)]
        judged_by: Option<String>,
        /// Attribute of the items that counts are grouped by (`division` …); one line without it.
        #[serde(default)]
        by: Option<String>,
    },
    /// How many things are in the list, by several ways of counting (27, 28, 29).
    Reconciliation {
        /// Heading.
        title: String,
        /// Form id.
        form: String,
        /// The ways of counting.
        lines: Vec<CountLine>,
    },
    /// Numbers of items and totals of their amounts, a row per group. Left out of a round without the form.
    Sums {
        /// Heading.
        title: String,
        /// Form id.
        form: String,
        /// Attribute of the items that rows stand for.
        by: String,
        /// Up to four totals.
        totals: Vec<Total>,
    },
    /// Findings by severity, and those to decide at the meeting.
    Decisions {
        /// Heading.
        title: String,
        /// Codes that the meeting decides.
        codes: Vec<String>,
    },
}

/// A total of a summary.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Total {
    /// In words, with the unit.
    pub label: String,
    /// Field keys or patterns whose numbers are added.
    pub fields: Vec<String>,
}

/// One way of counting items.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountLine {
    /// In words.
    pub label: String,
    /// Which items.
    pub only: Predicate,
    /// Whether items of one group count as one.
    #[serde(default)]
    pub grouped: bool,
    /// What is printed behind the count while an item of it is not confirmed.
    #[serde(default)]
    pub note: Option<String>,
}

/// A named rate. Either a share of fields in each item (then the mean over items), or a share of items.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateDef {
    /// Id.
    pub id: String,
    /// Name as printed.
    pub name: String,
    /// Definition in words.
    pub definition: String,
    /// Source of the definition.
    pub source: String,
    /// Form id.
    pub form: String,
    /// The ministry's caveat in our words, printed under the rate.
    #[serde(default)]
    pub caveat: Option<String>,
    /// How it is counted.
    pub count: RateCount,
}

/// How a rate is counted.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum RateCount {
    /// In each item: fields with one of the codes ÷ all fields of the pattern; for the municipality the plain mean over items.
    MeanOfItems {
        /// Field keys, `*` for the rows of a table.
        fields: String,
        /// Codes that count.
        codes: Vec<String>,
        /// Items for which nothing is asked, all of whose fields count as this code (no system: every step 対象外).
        #[serde(default)]
        not_applicable: Option<NotApplicable>,
    },
    /// Items for which the predicate holds ÷ items of the population.
    ShareOfItems {
        /// Which items are in the denominator; all of the form's without it.
        #[serde(default)]
        population: Option<Predicate>,
        /// Which of them leave the denominator by their answer (制度なし in one national rate).
        #[serde(default)]
        except: Option<Predicate>,
        /// Which of them are in the numerator.
        numerator: Predicate,
        /// Whether items of one group count as one (all of them must hold).
        #[serde(default)]
        grouped: bool,
        /// Computed only when all codes of this list were asked; else 算出せず.
        #[serde(default)]
        needs: Option<Needs>,
    },
}

/// When nothing is asked of an item, and what its fields count as then.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotApplicable {
    /// When (an item that the settings call absent is so too).
    pub when: Predicate,
    /// The code that the fields count as.
    pub code: String,
}

impl NotApplicable {
    /// Whether nothing is asked of an item.
    pub fn holds(&self, facts: &impl Facts) -> Truth {
        if facts.is_absent() { Truth::Yes } else { self.when.holds(facts) }
    }
}

/// A list of which every code must have been asked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Needs {
    /// Code list.
    pub list: String,
    /// Column that names the item of the form's roster.
    pub item: String,
}
