//! The truth of a year: divisions, what each means to answer in each month, and what it sends when. What the program has to
//! find is written down beside each thing that is made up, from the office's rules and not from the program's own code.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::judged::{before, date, differing, of_row, otherwise, rates, since, word};
use crate::rows::{evolve, first};
use crate::said::{Dice, Row, Said, day, month_end};

pub const FORM: &str = "online-procedures";

/// The fields of a row with the labels that the form prints.
pub const FIELDS: [(&str, &str); 16] = [
    ("exists", "実施の有無"),
    ("total", "総件数"),
    ("online", "うちオンライン件数"),
    ("status", "オンライン化状況"),
    ("channel_portal", "マイナポータル"),
    ("channel_generic", "汎用電子申請"),
    ("channel_other", "その他"),
    ("card", "マイナンバーカード利用"),
    ("signature", "署名"),
    ("start_planned", "運用開始予定日"),
    ("start", "運用開始日"),
    ("connection", "接続の状況"),
    ("connected_on", "接続（予定）日"),
    ("unmet_reason", "区分"),
    ("unmet_reason_text", "内容"),
    ("remarks", "備考"),
];

/// The day that the settings give for the target.
pub fn target() -> NaiveDate {
    day(2024, 3, 31)
}

#[derive(Clone, Debug)]
pub struct Division {
    pub code: String,
    pub name: String,
    pub former: String,
}

#[derive(Clone, Debug)]
pub struct Item {
    pub key: String,
    pub name: String,
    pub group: String,
    pub in_26: bool,
    /// Whether it is one of those that the city means to put online.
    pub in_target: bool,
    pub owner: Option<String>,
    pub former_owner: String,
}

/// A file that a division sends.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Path below the round, as the program names it.
    pub path: String,
    pub division: String,
    /// The day it came.
    pub day: NaiveDate,
    /// What 提出日 says on the form; where it is another day, 受付 knows better.
    pub typed: NaiveDate,
    /// When it was sent back.
    pub returned_on: Option<NaiveDate>,
    /// The archive or mail that it comes in, by its ending.
    pub inside: Option<&'static str>,
    /// When it was saved.
    pub saved: NaiveDate,
    /// What it answers; items that are not named are left blank.
    pub rows: BTreeMap<String, Row>,
    pub state: &'static str,
    pub late: i64,
    /// Whether it is no workbook at all.
    pub garbage: bool,
}

/// A finding that the truth calls for: code, division, item, field where the truth says which.
pub type Called = (String, String, String, bool);

/// What the program has to find in a month.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// Division, state, days late and whether extended, by path; the path is empty with the division's code where nothing came.
    pub files: BTreeMap<String, (String, String, i64, bool)>,
    /// By item and field: what counts, and of which file.
    pub answers: BTreeMap<String, (Row, BTreeMap<&'static str, String>)>,
    /// Codes of severity E and W with division, item and whether they are waived; how often.
    pub findings: BTreeMap<Called, usize>,
    /// Division, item and field.
    pub revisions: BTreeSet<(String, String, String)>,
    /// Name of the division, item, label, word; how often.
    pub changes: BTreeMap<(String, String, String, String), usize>,
    /// Numerator, most it can be, denominator.
    pub rates: BTreeMap<&'static str, (usize, usize, usize)>,
    /// Findings whose approval is over, by code and item.
    pub lapsed: BTreeSet<(&'static str, String)>,
    /// Approvals of nothing.
    pub idle: usize,
    /// Days and business days late, by division.
    pub lateness: BTreeMap<String, (i64, i64)>,
}

impl Expected {
    pub fn call(&mut self, code: &str, division: &str, item: &str, waived: bool) {
        *self.findings.entry((code.into(), division.into(), item.into(), waived)).or_default() += 1;
    }
}

/// A row of 了承.
#[derive(Clone, Debug)]
pub struct Approval {
    pub code: &'static str,
    pub item: String,
    pub until: Option<NaiveDate>,
}

/// A row of 決定事項: when the procedure has to begin, and since when that is settled.
#[derive(Clone, Debug)]
pub struct Decision {
    pub item: String,
    pub date: NaiveDate,
    pub decided_on: NaiveDate,
}

/// One month.
#[derive(Clone, Debug)]
pub struct Month {
    pub name: String,
    pub as_of: NaiveDate,
    pub issued: NaiveDate,
    pub deadline: NaiveDate,
    pub today: NaiveDate,
    pub divisions: Vec<Division>,
    pub items: Vec<Item>,
    /// Division, new day.
    pub extensions: Vec<(String, NaiveDate)>,
    pub approvals: Vec<Approval>,
    pub decisions: Vec<Decision>,
    pub sent: Vec<Sent>,
    /// Rows that nobody can decide, with the file that they are asked about in.
    pub disputed: BTreeMap<String, (String, Row)>,
    pub expected: Expected,
}

/// What is known from month to month.
pub struct World {
    pub dice: Dice,
    divisions: Vec<Division>,
    items: Vec<Item>,
    /// What each item's division would answer.
    rows: BTreeMap<String, Row>,
    /// What the last master holds: the answers, or nothing where no reply came.
    last: BTreeMap<String, Option<Row>>,
    /// The last answers of all months, with the fiscal year in which they were told: counts are asked anew in the next.
    told: BTreeMap<String, (i32, Row)>,
    last_owner: BTreeMap<String, Option<String>>,
    last_names: BTreeMap<String, String>,
    last_items: BTreeMap<String, String>,
    decisions: Vec<Decision>,
    month: usize,
}

/// Days on which the office is closed beside weekends.
const CLOSED: [(i32, u32, u32); 16] = [
    (2022, 11, 3),
    (2022, 11, 23),
    (2022, 12, 29),
    (2022, 12, 30),
    (2022, 12, 31),
    (2023, 1, 1),
    (2023, 1, 2),
    (2023, 1, 3),
    (2023, 1, 9),
    (2023, 2, 23),
    (2023, 3, 21),
    (2023, 5, 3),
    (2023, 5, 4),
    (2023, 5, 5),
    (2023, 7, 17),
    (2023, 2, 11),
];

/// Days on which the office was open after a day, up to another.
pub fn open_days(after: NaiveDate, to: NaiveDate) -> i64 {
    let open =
        |d: &NaiveDate| d.weekday().number_from_monday() < 6 && !CLOSED.contains(&(d.year(), d.month(), d.day()));
    let days = after.iter_days().skip(1).take_while(|d| *d <= to).filter(open).count();
    i64::try_from(days).expect("few")
}

const NAMES: [&str; 6] = ["子育て支援課", "介護福祉課", "市民課", "健康推進課", "資産税課", "保健年金課"];

/// The national list that the settings begin with.
fn national() -> Vec<Item> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/codes/procedures.csv");
    let mut reader = csv::Reader::from_path(path).expect("the list");
    let heads = reader.headers().expect("heads").clone();
    let col = |name: &str| heads.iter().position(|h| h == name).expect("a column");
    let (group, scope, of_26) = (col("集計単位"), col("対象"), col("26手続"));
    let rows: Vec<csv::StringRecord> = reader.records().map(|r| r.expect("a row")).collect();
    let item = |r: &csv::StringRecord| Item {
        key: r[0].into(),
        name: r[1].into(),
        group: r[group].into(),
        in_26: &r[of_26] == "1",
        in_target: true,
        owner: None,
        former_owner: String::new(),
    };
    rows.iter().filter(|r| &r[scope] == "municipal").map(item).collect()
}

impl World {
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let code = |n: usize| format!("{}", 101 + n);
        let division =
            |(n, name): (usize, &&str)| Division { code: code(n), name: (*name).into(), former: String::new() };
        let divisions: Vec<Division> = NAMES.iter().enumerate().map(division).collect();
        let mut items = national();
        let n = items.len();
        for (at, item) in items.iter_mut().enumerate() {
            item.owner = Some(code(at * NAMES.len() / n)).filter(|_| !dice.chance(3));
        }
        let mut world = Self {
            dice,
            divisions,
            items,
            rows: BTreeMap::new(),
            last: BTreeMap::new(),
            told: BTreeMap::new(),
            last_owner: BTreeMap::new(),
            last_names: BTreeMap::new(),
            last_items: BTreeMap::new(),
            decisions: Vec::new(),
            month: 0,
        };
        let as_of = world.as_of();
        for key in world.items.iter().map(|i| i.key.clone()).collect::<Vec<_>>() {
            let row = first(&mut world.dice, as_of);
            world.rows.insert(key, row);
        }
        world
    }

    fn as_of(&self) -> NaiveDate {
        month_end(day(2022, 10, 1) + Months::new(u32::try_from(self.month).expect("few")))
    }

    /// The next month, with everything that happens in it.
    pub fn next(&mut self) -> Month {
        let as_of = self.as_of();
        let issued = as_of + Days::new(1);
        let mut deadline = as_of + Days::new(11);
        while open_days(deadline - Days::new(1), deadline) == 0 {
            deadline = deadline + Days::new(1);
        }
        let today = deadline + Days::new(9);
        if self.month > 0 {
            for key in self.rows.keys().cloned().collect::<Vec<_>>() {
                let row = evolve(&self.rows[&key], &mut self.dice, as_of);
                self.rows.insert(key, row);
            }
        }
        self.reorganise(as_of);
        self.decide(as_of);
        let name = format!("令和{}年{}月末", as_of.year() - 2018, as_of.month());
        let mut month = Month {
            name,
            as_of,
            issued,
            deadline,
            today,
            divisions: self.divisions.clone(),
            items: self.items.clone(),
            extensions: Vec::new(),
            approvals: Vec::new(),
            decisions: self.decisions.clone(),
            sent: Vec::new(),
            disputed: BTreeMap::new(),
            expected: Expected::default(),
        };
        for division in self.divisions.clone() {
            self.reply(&mut month, &division);
        }
        self.judged(&mut month);
        self.moved(&mut month);
        month.expected.rates = rates(&month);
        self.last = self
            .items
            .iter()
            .map(|i| (i.key.clone(), month.expected.answers.get(&i.key).map(|a| a.0.clone())))
            .collect();
        let year = fiscal_year(month.as_of);
        self.told.extend(month.expected.answers.iter().map(|(item, (row, _))| (item.clone(), (year, row.clone()))));
        self.last_names = self.divisions.iter().map(|d| (d.code.clone(), d.name.clone())).collect();
        self.last_items = self.items.iter().map(|i| (i.key.clone(), i.name.clone())).collect();
        self.last_owner = self.items.iter().map(|i| (i.key.clone(), i.owner.clone())).collect();
        self.month += 1;
        month
    }

    /// Whether a file says nothing but what was told last.
    fn as_told(&self, rows: &BTreeMap<String, Row>, as_of: NaiveDate) -> bool {
        let of = fiscal_year(as_of);
        rows.iter().all(|(item, row)| self.told.get(item).is_some_and(|(year, told)| (*year, told) == (of, row)))
    }

    /// What a division sends, and what becomes of it.
    #[allow(clippy::too_many_lines, reason = "one arm for each thing that a division does")]
    fn reply(&mut self, month: &mut Month, division: &Division) {
        let own: Vec<String> =
            self.items.iter().filter(|i| i.owner.as_ref() == Some(&division.code)).map(|i| i.key.clone()).collect();
        if own.is_empty() {
            return;
        }
        let rows: BTreeMap<String, Row> = own.iter().map(|k| (k.clone(), self.rows[k].clone())).collect();
        let d = &division.code;
        let in_time = month.issued + Days::new(self.dice.below(9) as u64 + 1);
        let late = month.deadline + Days::new(self.dice.below(7) as u64 + 1);
        let days_late = |on: NaiveDate| (on - month.deadline).num_days().max(0);
        let sent = |name: &str, on: NaiveDate, rows: &BTreeMap<String, Row>, state: &'static str, late: i64| Sent {
            path: format!("提出/{name}"),
            division: d.clone(),
            day: on,
            typed: on,
            returned_on: None,
            inside: None,
            saved: on,
            rows: rows.clone(),
            state,
            late,
            garbage: false,
        };
        let one = format!("{}/回答.xlsx", division.name);
        let two = format!("{}/差替え.xlsx", division.name);
        let mut finals = rows.clone();
        let mut of: BTreeMap<String, String> = own.iter().map(|k| (k.clone(), format!("提出/{one}"))).collect();
        let mut first = in_time;
        let mut due = month.deadline;
        match self.dice.below(18) {
            0..3 => {
                let mut file = sent(&one, in_time, &rows, "accepted", 0);
                if self.dice.chance(30) {
                    let back = in_time + Days::new(1);
                    file.returned_on = Some(back);
                    if open_days(back, month.today) > 5 {
                        month.expected.call("X010W", d, "", false);
                    }
                }
                month.sent.push(file);
            }
            13 => {
                // 提出日 says one day, and 受付 that it came later.
                first = late;
                let mut file = sent(&one, late, &rows, "accepted", days_late(late));
                (file.typed, file.saved) = (in_time, in_time);
                month.sent.push(file);
            }
            14 => {
                let inside = self.dice.pick(&["zip", "eml"]);
                let outer = format!("{}の回答.{inside}", division.name);
                let mut file = sent(&format!("{outer}/回答.xlsx"), in_time, &rows, "accepted", 0);
                let container = (String::new(), "not-ours".to_string(), 0, false);
                month.expected.files.insert(format!("提出/{outer}"), container);
                file.inside = Some(inside);
                own.iter().for_each(|k| drop(of.insert(k.clone(), file.path.clone())));
                month.sent.push(file);
            }
            15 => {
                // What came first cannot be read; the clock runs on.
                first = late;
                let mut broken = sent(&one, in_time, &rows, "unreadable", 0);
                broken.garbage = true;
                month.sent.push(broken);
                month.sent.push(sent(&two, late, &rows, "accepted", days_late(late)));
                month.expected.call("S001E", "", "", false);
                own.iter().for_each(|k| drop(of.insert(k.clone(), format!("提出/{two}"))));
            }
            16 if own.len() > 1 => {
                // Two files of one day that contradict each other about one row: neither is taken.
                let mut other = rows.clone();
                let item = self.dice.pick(&own);
                let row = other.get_mut(&item).expect("its own");
                row.insert("total", Said::Number(4321));
                row.insert("exists", Said::Code("yes"));
                month.sent.push(sent(&one, in_time, &rows, "accepted", 0));
                month.sent.push(sent(&two, in_time, &other, "superseded", 0));
                month.expected.call("S030E", d, &item, false);
                month.expected.call("S030E", d, "", false);
                finals.remove(&item);
                month.disputed.insert(item.clone(), (format!("提出/{one}"), rows[&item].clone()));
            }
            3 => {
                first = late;
                month.sent.push(sent(&one, late, &rows, "accepted", days_late(late)));
            }
            4 => {
                // An extension, kept or not.
                due = month.deadline + Days::new(3);
                first = due + Days::new(self.dice.below(5) as u64) - Days::new(2);
                month.extensions.push((d.clone(), due));
                month.sent.push(sent(&one, first, &rows, "accepted", (first - due).num_days().max(0)));
            }
            5 if self.month > 0 => {
                month
                    .expected
                    .files
                    .insert(d.clone(), (d.clone(), "missing".into(), (month.today - due).num_days(), false));
                month.expected.call("D001W", d, "", false);
                return;
            }
            6 if own.len() > 1 => {
                // Two sections, each its own rows.
                let half = own.len() / 2;
                let part =
                    |keys: &[String]| keys.iter().map(|k| (k.clone(), rows[k].clone())).collect::<BTreeMap<_, _>>();
                let after = in_time + Days::new(1);
                month.sent.push(sent(&one, in_time, &part(&own[..half]), "accepted", 0));
                month.sent.push(sent(&two, after, &part(&own[half..]), "accepted", days_late(after).min(0)));
                own[half..].iter().for_each(|k| drop(of.insert(k.clone(), format!("提出/{two}"))));
                let item = if half == 1 { own[0].as_str() } else { "" };
                month.expected.call("S029W", d, item, false);
            }
            7 | 8 => {
                // A corrected copy, in time or after it.
                let again = if self.dice.chance(50) { in_time + Days::new(1) } else { late };
                let before = before(&rows, &mut self.dice);
                for (item, key) in differing(&before, &rows) {
                    month.expected.revisions.insert((d.clone(), item, key.into()));
                }
                let changed = before != rows;
                if changed {
                    // Nobody can tell whether a file that changed nothing takes another one's changes back.
                    if self.as_told(&rows, month.as_of) {
                        let items: BTreeSet<String> = differing(&before, &rows).into_iter().map(|(i, _)| i).collect();
                        items.iter().for_each(|i| month.expected.call("S074W", d, i, false));
                    }
                    month.sent.push(sent(&one, in_time, &before, "superseded", 0));
                    month.sent.push(sent(&two, again, &rows, "accepted", 0));
                    own.iter().for_each(|k| drop(of.insert(k.clone(), format!("提出/{two}"))));
                } else {
                    month.sent.push(sent(&one, in_time, &rows, "accepted", 0));
                }
            }
            9 if own.len() > 1 => {
                // One row again.
                let again = if self.dice.chance(50) { in_time + Days::new(1) } else { late };
                let item = self.dice.pick(&own);
                let earlier = BTreeMap::from([(item.clone(), rows[&item].clone())]);
                let mut all = rows.clone();
                all.extend(before(&earlier, &mut self.dice));
                let changed = differing(&all, &rows);
                if !changed.is_empty() && self.as_told(&earlier, month.as_of) {
                    month.expected.call("S074W", d, &item, false);
                }
                for (item, key) in changed {
                    month.expected.revisions.insert((d.clone(), item, key.into()));
                }
                month.sent.push(sent(&one, in_time, &all, "accepted", 0));
                month.sent.push(sent(&two, again, &earlier, "accepted", 0));
                of.insert(item, format!("提出/{two}"));
                let others: Vec<&String> = own.iter().filter(|k| !earlier.contains_key(*k)).collect();
                month.expected.call("S029W", d, if others.len() == 1 { others[0] } else { "" }, false);
            }
            10 => {
                // A blank copy after the full one.
                month.sent.push(sent(&one, in_time, &rows, "accepted", 0));
                month.sent.push(sent(&two, in_time + Days::new(1), &BTreeMap::new(), "superseded", 0));
                month.expected.call("S029W", d, "", false);
            }
            11 => {
                // A blank one in time does not stop the clock.
                first = late;
                month.sent.push(sent(&one, in_time, &BTreeMap::new(), "superseded", 0));
                month.sent.push(sent(&two, late, &rows, "accepted", days_late(late)));
                own.iter().for_each(|k| drop(of.insert(k.clone(), format!("提出/{two}"))));
            }
            _ => {
                // The same once more.
                month.sent.push(sent(&one, in_time, &rows, "accepted", 0));
                month.sent.push(sent(&two, in_time, &rows, "duplicate", 0));
            }
        }
        if first > due {
            month.expected.lateness.insert(d.clone(), ((first - due).num_days(), open_days(due, first)));
        }
        let extended = month.extensions.iter().any(|(e, _)| e == d);
        for s in month.sent.iter().filter(|s| s.division == *d) {
            let whose = if s.garbage {
                (String::new(), s.state.into(), 0, false)
            } else {
                (d.clone(), s.state.into(), s.late, extended)
            };
            month.expected.files.insert(s.path.clone(), whose);
        }
        for (item, row) in std::mem::take(&mut finals) {
            let from = of[&item].clone();
            let sources = row.iter().filter(|(_, v)| !v.is_blank()).map(|(k, _)| (*k, from.clone())).collect();
            month.expected.answers.insert(item, (row, sources));
        }
    }

    /// Findings about what the answers of this month say, and since the last.
    fn judged(&mut self, month: &mut Month) {
        for item in &self.items.clone() {
            let Some(owner) = &item.owner else {
                month.expected.call("X002W", "", &item.key, false);
                continue;
            };
            if let Some((_, row)) = month.disputed.get(&item.key).cloned() {
                for code in of_row(&row, month.as_of) {
                    let waived = self.approved(month, code, &item.key);
                    month.expected.call(code, owner, &item.key, waived);
                }
            }
            let Some((row, _)) = month.expected.answers.get(&item.key).cloned() else { continue };
            let mut codes = of_row(&row, month.as_of);
            codes.extend(
                month
                    .decisions
                    .iter()
                    .filter(|x| x.item == item.key && otherwise(x, &row, month.as_of))
                    .map(|_| "D014W"),
            );
            if let Some(Some(then)) = self.last.get(&item.key) {
                codes.extend(since(then, &row));
            }
            for code in codes {
                let waived = self.approved(month, code, &item.key);
                month.expected.call(code, owner, &item.key, waived);
            }
        }
        if self.dice.chance(25) {
            let known = |i: &&Item| !month.expected.findings.keys().any(|c| c.0 == "D003W" && c.2 == i.key);
            if let Some(item) = self.items.iter().find(known) {
                month.approvals.push(Approval { code: "D003W", item: item.key.clone(), until: None });
                month.expected.idle += 1;
            }
        }
    }

    /// Whether somebody approved of a finding, and still does.
    fn approved(&mut self, month: &mut Month, code: &'static str, item: &str) -> bool {
        if !self.dice.chance(20) {
            return false;
        }
        let until = match self.dice.below(4) {
            0 => None,
            1 => Some(month.today),
            2 => Some(month.today - Days::new(1)),
            _ => Some(month.today + Days::new(40)),
        };
        month.approvals.push(Approval { code, item: item.into(), until });
        let over = until.is_some_and(|u| u < month.today);
        if over {
            month.expected.lapsed.insert((code, item.into()));
        }
        !over
    }

    /// The first of the fourth month: names, numbers and duties of the divisions change.
    fn reorganise(&mut self, as_of: NaiveDate) {
        self.items.iter_mut().for_each(|i| i.former_owner.clear());
        if self.month == 1 {
            let item = Item {
                key: "901".into(),
                name: "犬の登録の申請".into(),
                group: String::new(),
                in_26: false,
                in_target: false,
                owner: Some(self.divisions[2].code.clone()),
                former_owner: String::new(),
            };
            self.items.push(item);
            let row = first(&mut self.dice, as_of);
            self.rows.insert("901".into(), row);
        }
        if self.month == 3 {
            self.items.retain(|i| i.key != "901");
            self.rows.remove("901");
        }
        if self.month != 2 {
            return;
        }
        let at = self.dice.below(3);
        self.divisions[at].former = self.divisions[at].name.clone();
        self.divisions[at].name = ["こども家庭課", "長寿支援課", "窓口サービス課"][at].into();
        // One is renumbered, and stays what it is.
        let (old, new) = (self.divisions[3].code.clone(), "304".to_string());
        self.divisions[3].code.clone_from(&new);
        // Another is no more; the first takes over.
        let gone = self.divisions.remove(4).code;
        let heir = self.divisions[self.dice.below(3)].code.clone();
        for item in &mut self.items {
            if item.owner.as_ref() == Some(&old) {
                item.owner = Some(new.clone());
            } else if item.owner.as_ref() == Some(&gone) {
                (item.owner, item.former_owner) = (Some(heir.clone()), String::new());
            } else if item.owner.is_none() {
                item.owner = Some(heir.clone());
            }
        }
        // An item gets another name.
        let at = self.dice.below(self.items.len());
        self.items[at].name += "（改）";
    }

    /// The headquarters settle when a procedure has to begin.
    fn decide(&mut self, as_of: NaiveDate) {
        if self.month == 0 || !self.dice.chance(70) {
            return;
        }
        let planned: Vec<(String, NaiveDate)> = self
            .rows
            .iter()
            .filter(|(k, _)| *k != "901" && !self.decisions.iter().any(|d| d.item == **k))
            .filter_map(|(k, r)| Some((k.clone(), date(r, "start_planned")?.to)))
            .collect();
        if planned.is_empty() {
            return;
        }
        let (item, day) = self.dice.pick(&planned);
        let date = if self.dice.chance(50) { day } else { day + Days::new(45) };
        let decided_on = if self.dice.chance(70) { as_of - Days::new(3) } else { as_of + Days::new(3) };
        self.decisions.push(Decision { item, date, decided_on });
    }

    /// 前回との差.
    fn moved(&self, month: &mut Month) {
        if self.month == 0 {
            return;
        }
        let name = |code: &str| {
            self.divisions.iter().find(|d| d.code == code).map_or_else(|| code.to_string(), |d| d.name.clone())
        };
        let mut silent: BTreeSet<(String, bool)> = BTreeSet::new();
        for item in &self.items {
            let now = month.expected.answers.get(&item.key).map(|a| &a.0);
            let then = self.last.get(&item.key).and_then(Option::as_ref);
            let owner = item.owner.as_ref().map(|o| name(o)).unwrap_or_default();
            let known = self.last_owner.get(&item.key);
            if let Some(Some(before)) = known
                && self.last_names[before] != owner
                && item.owner.as_ref() != Some(before)
            {
                let whose = (owner.clone(), item.key.clone(), "所管課".to_string(), "所管替え".to_string());
                *month.expected.changes.entry(whose).or_default() += 1;
            }
            let replied = month.sent.iter().any(|s| Some(&s.division) == item.owner.as_ref());
            match (then, now) {
                (Some(then), Some(now)) => {
                    if self.last_items[&item.key] != item.name {
                        let whose = (owner.clone(), item.key.clone(), "手続名".to_string(), "名称の変更".to_string());
                        *month.expected.changes.entry(whose).or_default() += 1;
                    }
                    for (key, label) in FIELDS {
                        let (a, b) = (then.get(key).unwrap_or(&Said::Blank), now.get(key).unwrap_or(&Said::Blank));
                        if let Some(word) = word(key, a, b) {
                            let whose = (owner.clone(), item.key.clone(), label.to_string(), word);
                            *month.expected.changes.entry(whose).or_default() += 1;
                        }
                    }
                }
                (Some(_), None) if replied => {
                    let whose = (owner, item.key.clone(), String::new(), "回答がなくなった".to_string());
                    *month.expected.changes.entry(whose).or_default() += 1;
                }
                (Some(_), None) => drop(silent.insert((owner, false))),
                (None, Some(_)) if !known.is_some_and(Option::is_some) => {
                    let whose = (owner, item.key.clone(), String::new(), "新規".to_string());
                    *month.expected.changes.entry(whose).or_default() += 1;
                }
                (None, Some(_)) => drop(silent.insert((owner, true))),
                (None, None) => {}
            }
        }
        for (key, _) in self.last.iter().filter(|(k, r)| r.is_some() && !self.items.iter().any(|i| i.key == **k)) {
            let owner = self.last_owner[key].as_ref().map(|o| self.last_names[o].clone()).unwrap_or_default();
            let whose = (owner, key.clone(), String::new(), "なくなった".to_string());
            *month.expected.changes.entry(whose).or_default() += 1;
        }
        for (owner, came) in silent {
            let word = if came { "前回は未提出" } else { "今回は未提出" };
            let whose = (owner, String::new(), String::new(), word.to_string());
            *month.expected.changes.entry(whose).or_default() += 1;
        }
    }
}

fn fiscal_year(day: NaiveDate) -> i32 {
    day.year() - i32::from(day.month() < 4)
}
