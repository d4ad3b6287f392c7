//! A form definition: what `templates/forms/*.toml` may say. One definition draws, reads, checks and fills.
//!
//! All of it stands in this one file, long as it is: whoever writes a form reads here, from top to bottom, what may be said.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::code_list::{Code, CodeLists};
use super::once::Once;
use super::predicate::{Facts, Predicate, Truth};
use super::rule::Rule;
use super::value::{NoneKind, Value};

/// A form (様式).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Id; also the file's stem.
    pub id: String,
    /// Version, printed and locked on the form.
    pub version: String,
    /// Title in Japanese, printed at the top of each sheet.
    pub title: String,
    /// What one record is, in the office's word.
    pub subject: String,
    /// The roster it is issued over: id of a roster sheet of the settings. `None` for the settings form itself.
    #[serde(default)]
    pub roster: Option<String>,
    /// Who is asked: the owners of the roster's items, or every division, which adds items of its own.
    #[serde(default)]
    pub asked_of: AskedOf,
    /// Sentences printed under the title.
    #[serde(default)]
    pub instructions: Vec<String>,
    /// Sheets in order.
    #[serde(rename = "sheet")]
    pub sheets: Vec<SheetDef>,
    /// Where this certainly holds, nothing more is asked in the record: 「以下は記入不要です」.
    #[serde(default)]
    pub nothing_asked_when: Option<Predicate>,
    /// Attributes that follow from a record's answers.
    #[serde(default, rename = "derive")]
    pub derived: Vec<Derived>,
    /// Rules between fields.
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
}

/// An attribute of an item that is not asked but follows from its record.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Derived {
    /// One word where a predicate certainly holds, another where it does not.
    When {
        /// The attribute.
        attr: String,
        /// The predicate.
        when: Predicate,
        /// Its value where that certainly holds.
        yes: String,
        /// Its value where that certainly does not hold. While an answer is missing it has none.
        #[serde(default)]
        no: String,
    },
    /// A column of the code list that a choice is taken from.
    Column {
        /// The attribute.
        attr: String,
        /// The choice's key.
        field: String,
        /// The column.
        column: String,
    },
}

impl Derived {
    /// The attribute's name.
    #[must_use]
    pub fn attr(&self) -> &str {
        match self {
            Self::When { attr, .. } | Self::Column { attr, .. } => attr,
        }
    }

    /// Calls `f` with every field key it rests on.
    pub fn fields<'a>(&'a self, f: &mut impl FnMut(&'a str)) {
        match self {
            Self::When { when, .. } => when.fields(f),
            Self::Column { field, .. } => f(field),
        }
    }

    /// Its value for a record of the form.
    pub fn value<'a>(&'a self, form: &Form, lists: &'a CodeLists, facts: &impl Facts) -> &'a str {
        match self {
            Self::When { when, yes, no, .. } => match when.holds(facts) {
                Truth::Yes => yes,
                Truth::No => no,
                Truth::Unknown => "",
            },
            Self::Column { field, column, .. } => {
                let mut fields = form.sheets.iter().flat_map(|s| &s.blocks).flat_map(|b| &b.fields);
                let list = fields.find(|f| f.id == *field).and_then(|f| lists.get(f.codes.as_ref()?));
                let code = facts.value(field).and_then(Value::choice);
                list.zip(code).and_then(|(l, c)| l.get(c)).map_or("", |c| c.attr(column))
            }
        }
    }
}

/// Who is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskedOf {
    /// The divisions that own items of the roster.
    #[default]
    Owners,
    /// Every division of the round. The roster is gathered from the free rows of the replies, and a reply may be empty.
    Divisions,
}

/// One sheet of a form.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SheetDef {
    /// Id within the form.
    pub id: String,
    /// Name of the sheet; `{item}` stands for the item's name.
    pub name: String,
    /// Title printed at the top, when it is not the form's.
    #[serde(default)]
    pub title: Option<String>,
    /// Whether it is drawn once or for each item of the division.
    #[serde(default)]
    pub repeat: Repeat,
    /// Landscape print.
    #[serde(default)]
    pub landscape: bool,
    /// Sentences under the title.
    #[serde(default)]
    pub instructions: Vec<String>,
    /// Whether the common card (`forms/common.toml`) stands at the top.
    #[serde(default)]
    pub common_card: bool,
    /// Whether the locked line with form id, version, as-of date and 見本 mark is left out (settings only).
    #[serde(default)]
    pub plain: bool,
    /// Blocks from top to bottom.
    #[serde(default, rename = "block")]
    pub blocks: Vec<Block>,
}

/// How often a sheet is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// Once in the workbook.
    #[default]
    Once,
    /// Once for each item that the division owns; the sheet is one record.
    Item,
}

/// A block on a sheet.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// Id within the form.
    pub id: String,
    /// Heading printed above.
    #[serde(default)]
    pub title: Option<String>,
    /// Card or table.
    pub layout: Layout,
    /// For a table: where its rows come from.
    #[serde(default)]
    pub rows: Rows,
    /// For a card: label-answer pairs side by side.
    #[serde(default = "one")]
    pub pairs: u8,
    /// What the block is to the engine (settings only).
    #[serde(default)]
    pub role: Option<BlockRole>,
    /// For a table with rows of a code list: rows whose attribute has this value are answered by the DX office,
    /// come filled in from the round's common answers and are locked.
    #[serde(default)]
    pub common_rows: Option<AttrIs>,
    /// For a table: the block of free rows whose records its rows belong to, by number or name. It has as many rows, and
    /// its number and name are shown from there.
    #[serde(default)]
    pub joins: Option<String>,
    /// Its required fields are not required where this certainly holds (no system: no steps to answer).
    #[serde(default)]
    pub not_needed_when: Option<Predicate>,
    /// Fields in order.
    #[serde(rename = "field")]
    pub fields: Vec<Field>,
}

const fn one() -> u8 {
    1
}

/// An attribute (column of a code list) and the value it must have.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttrIs {
    /// Column header.
    pub attr: String,
    /// Value.
    pub is: String,
}

/// How a block is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// Labels with the answer to the right or below.
    Card,
    /// Headers above, one row each.
    Table,
}

/// Where the rows of a table come from. Codes and free rows may be combined; free rows come last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rows {
    /// One row for each code of this list. In a repeated sheet the rows belong to the sheet's record.
    #[serde(default)]
    pub codes: Option<String>,
    /// One row, and one record, for each item of the division.
    #[serde(default)]
    pub roster: bool,
    /// This many empty rows; each filled one is a record.
    #[serde(default)]
    pub free: u32,
}

/// What a block of the settings form is to the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockRole {
    /// The round itself.
    Round,
    /// One row per form: dates.
    Forms,
    /// 期限.
    Deadlines,
    /// 延長.
    Extensions,
    /// 所属.
    Divisions,
    /// A roster of items; the block's id is the roster's id.
    Roster,
    /// 受付.
    Receipts,
    /// 了承.
    Waivers,
    /// 決定事項.
    Decisions,
    /// 合言葉.
    Passwords,
    /// 共通回答: what the DX office answers for everybody.
    CommonAnswers,
    /// A code list of the round's own, in place of the one of the same id.
    CodeList,
    /// The first and last year of the lists of years.
    YearRanges,
}

/// A field (項目).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Id within the form.
    pub id: String,
    /// In a definition: the code list for each of whose codes the field stands once, see `forms/per.rs`.
    #[serde(default)]
    pub per: Option<String>,
    /// Of a field repeated by `per`: the pattern that names all its copies.
    #[serde(default)]
    pub pattern: Option<String>,
    /// Of a field repeated by `per`: the code that it stands for.
    #[serde(default)]
    pub column: Option<String>,
    /// Label or column header as printed.
    pub label: String,
    /// Other labels that are accepted.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// For a table: the header above, shared by neighbouring fields.
    #[serde(default)]
    pub group: Option<String>,
    /// Type.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// Whether an answer is required always.
    #[serde(default)]
    pub required: bool,
    /// Whether a blank is as good as an answer, unless a rule asks for it: it is not printed as a missing one.
    #[serde(default)]
    pub optional: bool,
    /// For a choice or flag: id of the code list.
    #[serde(default)]
    pub codes: Option<String>,
    /// For a choice: what a blank says where a condition certainly holds, so that nobody has to write it.
    #[serde(default)]
    pub blank_means: Option<BlankMeans>,
    /// For a key that may be written as people call the thing: what its drop-down offers (settings only).
    #[serde(default)]
    pub offers: Option<Offers>,
    /// Unit of a number: 千円, 件.
    #[serde(default)]
    pub unit: Option<String>,
    /// Column width, or the answer's width on a card, in half-width characters.
    #[serde(default)]
    pub width: Option<f64>,
    /// Lines that the answer cell is high.
    #[serde(default)]
    pub lines: Option<u8>,
    /// Input message shown when the cell is selected.
    #[serde(default)]
    pub help: Option<String>,
    /// An example of an answer, for the input message.
    #[serde(default)]
    pub example: Option<String>,
    /// In a table: examples by the code of the row or the key of the item, for the filled example (記入例).
    #[serde(default)]
    pub examples: BTreeMap<String, String>,
    /// What it is to the engine.
    #[serde(default)]
    pub role: Option<Role>,
    /// 取扱区分.
    #[serde(default)]
    pub handling: Handling,
    /// What stands in it when the form is drawn: `item.key`, `item.name`, `item.<attr>`, `row.code`, `row.name`, `row.<attr>`,
    /// `division.code`, `division.name`, `division.bureau`, `form.id`, `form.version`, `round.name`, `=text`.
    #[serde(default)]
    pub prefill: Option<String>,
    /// Whether the cell is locked. A locked field is not an answer, unless it has a role.
    #[serde(default)]
    pub locked: bool,
    /// In rows of a code list that belong to a sheet's record: the key under which the answer is kept, with `{row}`
    /// for the row's code. Without it the field's id is the key.
    #[serde(default)]
    pub key: Option<String>,
    /// Words besides the usual ones that mean "no value" here, and which kind. A choice or flag takes no word for "no value",
    /// the usual ones included, unless its kind stands here.
    #[serde(default)]
    pub none: BTreeMap<String, NoneKind>,
    /// For a date: which end counts when a period is written.
    #[serde(default)]
    pub takes: Takes,
    /// For a date: what a bare year means.
    #[serde(default)]
    pub years: Years,
    /// Smallest number allowed.
    #[serde(default)]
    pub min: Option<f64>,
    /// Largest number allowed.
    #[serde(default)]
    pub max: Option<f64>,
    /// What its date tells; follows from the rules of the form.
    #[serde(skip)]
    pub tense: Tense,
    /// The keys that its labels are found by, once somebody asked.
    #[serde(skip)]
    pub keys: Once<Vec<String>>,
}

impl Field {
    /// The key of the answer in a record, for the row with this code (empty outside code-list rows).
    #[must_use]
    pub fn answer_key(&self, row: &str) -> String {
        self.key.as_ref().map_or_else(|| self.id.clone(), |k| k.replace("{row}", row))
    }

    /// Whether a pattern with `*` names it: a column of a table's rows, or a field repeated by `per`.
    #[must_use]
    pub fn is_of(&self, pattern: &str) -> bool {
        self.pattern.as_deref() == Some(pattern)
            || self.key.as_ref().is_some_and(|k| k.replace("{row}", "*") == pattern)
    }

    /// What it is called in a sentence: the group and the label.
    #[must_use]
    pub fn printed(&self) -> String {
        self.group.as_ref().map_or_else(|| self.label.clone(), |g| format!("{g}・{}", self.label))
    }

    /// Whether it is answered from a code list.
    #[must_use]
    pub const fn is_chosen(&self) -> bool {
        matches!(self.kind, FieldType::Choice | FieldType::Flag)
    }

    /// Whether "no value" of this kind is an answer here by itself.
    #[must_use]
    pub fn takes_none(&self, kind: NoneKind) -> bool {
        !self.is_chosen() || self.none.values().any(|k| *k == kind)
    }

    /// Whether what stands in the cell is kept as an answer.
    #[must_use]
    pub const fn is_answer(&self) -> bool {
        !self.locked || self.role.is_some()
    }
}

/// What a year without 年度 means in a date field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Years {
    /// Either kind of year: the reading covers both.
    #[default]
    Either,
    /// The field asks for a fiscal year.
    Fiscal,
}

/// Which end of a period is the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Takes {
    /// The period as a whole.
    #[default]
    Whole,
    /// Its first day.
    Start,
    /// Its last day (a contract's end).
    End,
    /// The day from which something runs: 「R5.3.1から」 is that day, and no open end. A period with two ends stays one; what is planned for
    /// 「R5.3以降」 may begin at any time from then on.
    Since,
}

/// What a date tells, as the rules of its form have it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tense {
    /// Nothing is known of it.
    #[default]
    Open,
    /// What has happened.
    Past,
    /// What is planned.
    Planned,
}

/// Type of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// Free text.
    #[default]
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// An amount in the field's unit.
    Money,
    /// A share; 85 and 85 % are 0.85.
    Percent,
    /// A date, as an interval with a precision.
    Date,
    /// One of a code list.
    Choice,
    /// Yes or no, by a code list of two.
    Flag,
    /// An item's key or name.
    Item,
    /// A division's code or name.
    Division,
}

/// What a blank says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlankMeans {
    /// The choice that it says.
    pub code: String,
    /// Where it says so.
    pub when: Predicate,
}

/// What a key may be chosen from. Whatever is offered is a suggestion: the key itself may be written as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Offers {
    /// The titles of the forms.
    Forms,
    /// The divisions of the round, by name.
    Divisions,
    /// The names of all items of the rosters.
    Items,
    /// The printed names of all answers.
    Fields,
    /// Those that are dates.
    DateFields,
    /// Those that the DX office answers for everybody.
    CommonFields,
    /// The choices that these take.
    CommonValues,
    /// The codes of the findings.
    Findings,
}

/// 取扱区分: who may see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handling {
    /// 公表可.
    Public,
    /// 庁内限り.
    #[default]
    Internal,
    /// 関係課限り: pre-tender costs, vendor candidates.
    Restricted,
}

/// What a field is to the engine. The settings form uses most; other forms only the first group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Key or name of the item that the record is about.
    Item,
    /// Name of the item, where key and name stand in two columns.
    ItemName,
    /// 課コード, or a division's name.
    Division,
    /// Name of the division, where code and name stand apart.
    DivisionName,
    /// 提出日.
    Submitted,
    /// 所属長確認日.
    Confirmed,
    /// The locked form id.
    FormId,
    /// The locked form version.
    FormVersion,
    /// The as-of date printed on the form.
    AsOf,
    /// Key of a row of a code list.
    Row,
    /// Name of a row of a code list, where key and name stand in two columns.
    RowName,

    /// An id or code.
    Key,
    /// A name.
    Name,
    /// Other accepted names.
    Aliases,
    /// A form's id.
    Form,
    /// A field's key.
    Field,
    /// A value as typed.
    Value,
    /// A finding's code.
    FindingCode,
    /// A date.
    Date,
    /// First day it holds.
    From,
    /// Last day it holds.
    Until,
    /// A day of approval.
    ApprovedOn,
    /// A reason.
    Reason,
    /// A kind.
    Kind,
    /// What it applies to.
    AppliesTo,
    /// A source.
    Source,
    /// 必達 or 目標.
    Strength,
    /// 部局.
    Bureau,
    /// 旧名称.
    FormerName,
    /// 内線.
    Phone,
    /// メールアドレス.
    Mail,
    /// 前所管.
    FormerOwner,
    /// 移管日.
    MovedOn,
    /// システムなし, 制度なし.
    Absent,
    /// 市町村 or 都道府県.
    Scope,
    /// 確定 or 仮.
    Confidence,
    /// Items of one group are counted as one.
    Group,
    /// Municipality's name.
    Municipality,
    /// 団体コード.
    MunicipalityCode,
    /// Name of the round.
    Round,
    /// 文書番号.
    DocumentNumber,
    /// 発信者.
    Issuer,
    /// 問合せ先.
    Contact,
    /// Day of the covering letter.
    IssuedOn,
    /// Mark printed on everything (見本 …).
    Mark,
    /// Fiscal year that counts refer to.
    CountYear,
    /// Reply deadline.
    ReplyDeadline,
    /// First year of a list of years.
    FirstYear,
    /// Last year of it.
    LastYear,
    /// A file's path.
    File,
    /// Received on.
    Received,
    /// Sent back on.
    SentBack,
    /// A meeting.
    Meeting,
    /// A password.
    Password,
    /// Divisions that are asked, where not all are.
    AskedDivisions,
    /// 判定日: the day on which the round is judged from then on.
    JudgedOn,
    /// How many of the last sets of results are kept.
    Kept,
    /// Folder of the last round.
    PreviousFolder,
    /// Kind of the letters: sealed, without a seal, 事務連絡.
    DocumentKind,
    /// Where replies are handed in.
    HandIn,
    /// The ministry's notice that the round rests on.
    Basis,
    /// Posts that the letter has boxes for.
    Circulation,
    /// 文書番号 of what is sent back.
    ReturnNumber,
    /// 文書番号 of what asks again.
    ReminderNumber,
    /// Name of the meeting that the papers are for.
    MeetingBody,
    /// Which of its meetings.
    MeetingNumber,
    /// Its day.
    MeetingOn,
    /// Who publishes.
    Publisher,
    /// Terms of use of what is published.
    Licence,
    /// Whom citizens may ask.
    PublicContact,
}

/// One answer that a form asks for: a field, and the row of a code list it stands in.
#[derive(Clone, Copy, Debug)]
pub struct Slot<'a> {
    /// The sheet.
    pub sheet: &'a SheetDef,
    /// The block.
    pub block: &'a Block,
    /// The field.
    pub field: &'a Field,
    /// The row, in a table whose rows belong to the sheet's record.
    pub row: Option<&'a Code>,
}

impl Slot<'_> {
    /// The key of the answer in a record.
    #[must_use]
    pub fn key(&self) -> String {
        self.field.answer_key(self.row.map_or("", |r| &r.code))
    }

    /// What it is called in a sentence: the row's name, the group and the label.
    #[must_use]
    pub fn label(&self) -> String {
        let own = self.field.printed();
        self.row.map_or_else(|| own.clone(), |r| format!("{}の{own}", r.name))
    }
}

impl Slot<'_> {
    /// Whether it belongs to a record of this block; the record of a sheet has a block without a name.
    #[must_use]
    pub fn is_of_record(&self, block: &str) -> bool {
        if block.is_empty() { self.sheet.repeat == Repeat::Item } else { self.block.records() == block }
    }

    /// Whether the division cannot answer it: it is locked, or answered by the DX office for everybody.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.field.locked || self.in_common_row()
    }

    /// Whether the DX office answers it for everybody.
    #[must_use]
    pub fn is_common(&self) -> bool {
        !self.field.locked && self.in_common_row()
    }

    /// Whether the DX office owes an answer to it for everybody.
    #[must_use]
    pub fn is_common_owed(&self) -> bool {
        let asked = self.field.required || self.field.kind != FieldType::Text && !self.field.optional;
        self.is_common() && asked
    }

    fn in_common_row(&self) -> bool {
        self.block.common_rows.as_ref().zip(self.row).is_some_and(|(c, row)| row.attr(&c.attr) == c.is)
    }

    /// Number and name of its row, as the form prints them; nothing in rows of other tables.
    #[must_use]
    pub fn row_names(&self) -> Option<(&str, &str)> {
        let row = self.row?;
        let prefill = self.block.field_with(Role::Row).and_then(|f| f.prefill.as_deref()?.strip_prefix("row."));
        let number = match prefill {
            None | Some("code") => row.code.as_str(),
            Some("name") => "",
            Some(attr) => row.attr(attr),
        };
        Some((number, &row.name))
    }
}

impl SheetDef {
    /// The code list whose rows belong to the sheet's record, if the block is such a table.
    #[must_use]
    pub fn record_rows<'a>(&self, block: &'a Block) -> Option<&'a str> {
        (self.repeat == Repeat::Item && block.layout == Layout::Table).then_some(block.rows.codes.as_deref()).flatten()
    }
}

impl Form {
    /// Every answer that it asks for, in the order of the form. Locked fields without a role are left out.
    #[must_use]
    pub fn slots<'a>(&'a self, lists: &'a CodeLists) -> Vec<Slot<'a>> {
        let mut slots = Vec::new();
        for sheet in &self.sheets {
            for block in &sheet.blocks {
                let rows: Vec<Option<&Code>> = sheet
                    .record_rows(block)
                    .and_then(|id| lists.get(id))
                    .map_or_else(|| vec![None], |list| list.codes.iter().map(Some).collect());
                for row in rows {
                    let answers = block
                        .fields
                        .iter()
                        .filter(|f| f.is_answer() && (row.is_none() || f.key.is_some()) && !block.shows(f));
                    slots.extend(answers.map(|field| Slot { sheet, block, field, row }));
                }
            }
        }
        slots
    }

    /// The keys that a key or a pattern with `*` stands for, in the order of the form.
    #[must_use]
    pub fn expand(&self, pattern: &str, lists: &CodeLists) -> Vec<String> {
        if !pattern.contains('*') {
            return vec![pattern.to_string()];
        }
        let slots = self.slots(lists);
        slots.iter().filter(|s| s.field.is_of(pattern)).map(Slot::key).collect()
    }

    /// The block with this id.
    #[must_use]
    pub fn block(&self, id: &str) -> Option<&Block> {
        self.sheets.iter().flat_map(|s| &s.blocks).find(|b| b.id == id)
    }

    /// The first field with a role, on any sheet.
    #[must_use]
    pub fn field_with(&self, role: Role) -> Option<&Field> {
        self.sheets.iter().flat_map(|s| &s.blocks).flat_map(|b| &b.fields).find(|f| f.role == Some(role))
    }
}

impl Block {
    /// Whether a field only shows what another block says: number and name of the record that a row belongs to.
    #[must_use]
    pub fn shows(&self, field: &Field) -> bool {
        self.joins.is_some() && matches!(field.role, Some(Role::Item | Role::ItemName))
    }

    /// The block that the records of its rows are kept under: its own, or the one it joins.
    #[must_use]
    pub fn records(&self) -> &str {
        self.joins.as_deref().unwrap_or(&self.id)
    }

    /// The field with a role.
    #[must_use]
    pub fn field_with(&self, role: Role) -> Option<&Field> {
        self.fields.iter().find(|f| f.role == Some(role))
    }
}
