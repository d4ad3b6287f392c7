//! A round (調査回): who is asked what, by when. Built from the settings workbook; never a constant.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::code_list::CodeLists;
use super::earlier::Told;
use super::finding::Finding;
use super::place::Place;

/// The round's settings.
#[derive(Clone, Debug, Default)]
pub struct Round {
    /// Its name, such as 令和4年10月末.
    pub name: String,
    /// Municipality's name.
    pub municipality: String,
    /// Six digits with the check digit.
    pub municipality_code: String,
    /// Prefecture's name, from the code.
    pub prefecture: String,
    /// 文書番号.
    pub document_number: String,
    /// 発信者.
    pub issuer: String,
    /// 問合せ先.
    pub contact: String,
    /// Day of the covering letter.
    pub issued_on: Option<NaiveDate>,
    /// 判定日: the round is over, and judged as of this day.
    pub judged_on: Option<NaiveDate>,
    /// How many of the last sets of results are kept, where the settings say so.
    pub kept: Option<usize>,
    /// 前回のフォルダ: where the last round is, relative to this one; empty where nobody says.
    pub previous_folder: String,
    /// The newest answer of the rounds before to everything that they asked: by form, item and answer key.
    pub known: BTreeMap<(String, String, String), Told>,
    /// What was asked before of another year (令和3年度の件数) and is asked anew: form and answer key.
    pub renewed: BTreeSet<(String, String)>,
    /// What the letters say beside number, sender and contact.
    pub letters: LetterSettings,
    /// The meeting that the papers are for.
    pub meeting: MeetingSettings,
    /// What is said of the published lists.
    pub publication: PublicationSettings,
    /// Mark printed on everything (見本・回答内容は架空), empty in a real round.
    pub mark: String,
    /// One entry per form that is asked.
    pub forms: BTreeMap<String, FormRound>,
    /// 期限.
    pub deadlines: Vec<Deadline>,
    /// 延長.
    pub extensions: Vec<Extension>,
    /// 所属, in the order of the sheet.
    pub divisions: Vec<Division>,
    /// Items by roster id, in the order of the sheet.
    pub rosters: BTreeMap<String, Vec<Item>>,
    /// 受付.
    pub receipts: Vec<Receipt>,
    /// 了承.
    pub waivers: Vec<WaiverRow>,
    /// 決定事項.
    pub decisions: Vec<Decision>,
    /// 合言葉.
    pub passwords: Vec<Password>,
    /// 共通回答: what the DX office answers for everybody, by form and field key.
    pub common_answers: BTreeMap<(String, String), String>,
    /// What is to be said of the settings that stops no figures.
    pub remarks: Vec<Finding>,
    /// Code lists of the round's own, in place of the shipped ones of the same id.
    pub lists: CodeLists,
    /// Days off beside weekends: public holidays.
    pub holidays: BTreeSet<NaiveDate>,
}

/// What the letters say: 依頼文, 差戻し票, 再依頼. Empty texts are not printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LetterSettings {
    /// Where the number stands, instead of it (事務連絡).
    pub above: String,
    /// Below the sender (（公印省略）).
    pub below: String,
    /// 提出先.
    pub hand_in: String,
    /// 根拠.
    pub basis: String,
    /// 決裁・供覧欄.
    pub circulation: String,
    /// 文書番号 of returns.
    pub return_number: String,
    /// 文書番号 of reminders.
    pub reminder_number: String,
}

/// The meeting that the papers are for; what is empty is taken from the deadlines or the definition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MeetingSettings {
    /// 会議の名称, without the number.
    pub body: String,
    /// 回次.
    pub number: String,
    /// 開催日.
    pub day: Option<NaiveDate>,
}

/// What is said of the published lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicationSettings {
    /// 公表者; the municipality where it is empty.
    pub publisher: String,
    /// 利用条件.
    pub licence: String,
    /// 公表の問合せ先.
    pub contact: String,
}

/// A form within a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormRound {
    /// What answers describe.
    pub as_of: NaiveDate,
    /// Fiscal year that counts refer to.
    pub count_year: Option<i32>,
    /// When replies are due.
    pub reply_deadline: NaiveDate,
    /// Codes of the divisions that are asked, of a form that every division is asked; empty for all.
    pub asked: Vec<String>,
}

/// A deadline (期限).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// Id that definitions refer to.
    pub id: String,
    /// Its name, such as 令和7年度末.
    pub name: String,
    /// The day.
    pub date: NaiveDate,
    /// 回答期限, 達成期限, 上申期限.
    pub kind: String,
    /// What it applies to (a form's id, or free words).
    pub applies_to: String,
    /// Where it comes from.
    pub source: String,
    /// 必達 or 目標.
    pub strength: String,
}

/// An extension (延長).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// Division code.
    pub division: String,
    /// Form id.
    pub form: String,
    /// New reply deadline.
    pub until: NaiveDate,
    /// When it was approved; without it the extension is not in force.
    pub approved_on: Option<NaiveDate>,
    /// Why.
    pub reason: String,
    /// Its row in the settings.
    pub place: Option<Place>,
}

/// A division (課).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Division {
    /// 課コード, the key everywhere.
    pub code: String,
    /// 部局.
    pub bureau: String,
    /// 課.
    pub name: String,
    /// 旧名称, several separated by `/`.
    pub former_names: Vec<String>,
    /// 適用開始日.
    pub from: Option<NaiveDate>,
    /// 内線.
    pub phone: String,
    /// メールアドレス, where reminders go.
    pub mail: String,
}

/// An item (対象): a system, a procedure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Item {
    /// Its key.
    pub key: String,
    /// Its official name.
    pub name: String,
    /// Other accepted names.
    pub aliases: Vec<String>,
    /// Code of the division that owns it; `None` when not settled.
    pub owner: Option<String>,
    /// Division that owned it before.
    pub former_owner: Option<String>,
    /// When it moved.
    pub moved_on: Option<NaiveDate>,
    /// The city has no such system or scheme: it is not asked for.
    pub absent: bool,
    /// It is not the municipality's: it is neither asked for nor counted.
    pub outside: bool,
    /// Confirmed, or assumed.
    pub confirmed: bool,
    /// Items with the same group are counted as one; the key itself where there is none.
    pub group: String,
    /// Attributes of the national list, by column.
    pub attrs: BTreeMap<String, String>,
    /// Its row in the settings.
    pub place: Option<Place>,
}

impl Item {
    /// The division that it went to its owner from, where it did.
    #[must_use]
    pub fn came_from(&self) -> Option<&str> {
        self.former_owner.as_deref().filter(|former| self.owner.as_deref().is_some_and(|owner| owner != *former))
    }
}

/// A row of 受付.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// Path of the file in the round, or its name; empty when division and form are given.
    pub file: String,
    /// Division code.
    pub division: String,
    /// Form id.
    pub form: String,
    /// Received on.
    pub received: Option<NaiveDate>,
    /// Sent back on.
    pub sent_back: Option<NaiveDate>,
    /// Its row in the settings.
    pub place: Option<Place>,
}

/// A row of 了承: a finding that is accepted as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WaiverRow {
    /// Code of the finding.
    pub code: String,
    /// Division code; empty for all.
    pub division: String,
    /// Form id; empty for all.
    pub form: String,
    /// Item key; empty for all.
    pub item: String,
    /// Field key, or that of a column; empty for all.
    pub field: String,
    /// Where the field is a column of rows: the keys of its answers.
    pub rows: BTreeSet<String>,
    /// Why.
    pub reason: String,
    /// Until when.
    pub until: Option<NaiveDate>,
    /// Its row in the settings.
    pub place: Option<Place>,
}

/// A row of 決定事項: what the headquarters decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Form id.
    pub form: String,
    /// Item key.
    pub item: String,
    /// Field key.
    pub field: String,
    /// The date decided.
    pub date: NaiveDate,
    /// When it was decided.
    pub decided_on: Option<NaiveDate>,
    /// At which meeting.
    pub meeting: String,
    /// Its row in the settings.
    pub place: Option<Place>,
}

/// A row of 合言葉.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Password {
    /// Division code; empty for any file.
    pub division: String,
    /// The password.
    pub password: String,
}

impl Round {
    /// The division with this code.
    #[must_use]
    pub fn division(&self, code: &str) -> Option<&Division> {
        self.divisions.iter().find(|d| d.code == code)
    }

    /// A division's name, or the code when it is unknown.
    #[must_use]
    pub fn division_name<'a>(&'a self, code: &'a str) -> &'a str {
        self.division(code).map_or(code, |d| &d.name)
    }

    /// The deadline with this id.
    #[must_use]
    pub fn deadline(&self, id: &str) -> Option<&Deadline> {
        self.deadlines.iter().find(|d| d.id == id)
    }

    /// An item of a roster, the municipality's or not.
    #[must_use]
    pub fn item(&self, roster: Option<&str>, key: &str) -> Option<&Item> {
        self.rosters.get(roster?)?.iter().find(|i| i.key == key)
    }

    /// An item's name, or its key when it is unknown.
    #[must_use]
    pub fn item_name<'a>(&'a self, roster: Option<&str>, key: &'a str) -> &'a str {
        self.item(roster, key).map_or(key, |i| &i.name)
    }

    /// What earlier rounds said about an item last, by answer key.
    pub fn known_of<'a>(
        &'a self,
        form: &'a str,
        item: &'a str,
    ) -> impl Iterator<Item = (&'a String, &'a Told)> + use<'a> {
        let from = (form.to_string(), item.to_string(), String::new());
        let of = self.known.range(from..).take_while(move |((f, i, _), _)| f == form && i == item);
        of.map(|((.., key), told)| (key, told))
    }

    /// The items of a roster that are the municipality's.
    pub fn items<'a>(&'a self, roster: &str) -> impl Iterator<Item = &'a Item> + use<'a> {
        self.rosters.get(roster).into_iter().flatten().filter(|i| !i.outside)
    }

    /// The items of a roster that a division is asked about.
    pub fn items_of<'a>(&'a self, roster: &str, division: &'a str) -> impl Iterator<Item = &'a Item> + use<'a> {
        self.items(roster).filter(move |i| !i.absent && i.owner.as_deref() == Some(division))
    }
}
