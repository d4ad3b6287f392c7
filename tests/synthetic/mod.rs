//! A made-up round over the shipped definitions: 12 divisions, 20 systems, 29 procedures, answers by a fixed pattern.

use std::collections::BTreeMap;
use std::sync::Arc;

use arcstr::ArcStr;
use chrono::NaiveDate;
use thin_vec::{ThinVec, thin_vec};
use torimatome::consolidate::rates::rate;
use torimatome::forms::Templates;
use torimatome::model::ledger::{Ledger, LedgerItem, Standing};
use torimatome::model::round::{Extension, FormRound};
use torimatome::model::{
    Answer, Answers, CellRef, Deadline, Division, FieldType, Finding, Interval, Item, NoneKind, Note, NoteKind, Place,
    Received, ReceivedBasis, Record, Round, Slot, State, Submission, Value,
};

const PLANS: &str = "migration-plan";
const PROCEDURES: &str = "online-procedures";

fn day(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).expect("a real day")
}

/// Replies with gaps: some missing, late, unreadable, undecided.
pub fn ledger() -> Ledger {
    build(false)
}

/// Every answer given, no finding.
pub fn ledger_where_all_answered() -> Ledger {
    build(true)
}

fn build(complete: bool) -> Ledger {
    let templates = Templates::embedded().expect("the shipped definitions load");
    let round = round(&templates, complete);
    let mut items = Vec::new();
    for (form, roster) in [(PLANS, "systems"), (PROCEDURES, "procedures")] {
        for (n, item) in round.items(roster).enumerate() {
            items.push(ledger_item(&templates, form, n, item, complete));
        }
    }
    let submissions = submissions(&round, &items, complete);
    let mut ledger = Ledger { submissions, items, ..Ledger::new(round, day(2022, 11, 14)) };
    if !complete {
        ledger.findings = findings(&ledger);
        let erroneous: Vec<String> =
            ledger.findings.iter().filter(|f| f.code.ends_with('E')).filter_map(|f| f.item.clone()).collect();
        for item in &mut ledger.items {
            if erroneous.contains(&item.item.key) {
                item.standing = Standing::Faulty;
            }
        }
    }
    ledger.rates = templates.rates.iter().map(|d| rate(d, &templates, &ledger.round, &ledger.items)).collect();
    ledger
}

fn round(t: &Templates, complete: bool) -> Round {
    let division = |n: usize| Division {
        code: format!("{}", 101 + n),
        bureau: format!("{}部", ["総務企画", "市民生活", "保健福祉"][n % 3]),
        name: format!("第{}課", n + 1),
        phone: "0000".into(),
        ..Division::default()
    };
    let form_round = |count_year| FormRound {
        as_of: day(2022, 10, 31),
        count_year,
        reply_deadline: day(2022, 11, 11),
        asked: Vec::new(),
    };
    let deadline = |id: &str, name: &str, date| Deadline {
        id: id.into(),
        name: name.into(),
        date,
        kind: "達成期限".into(),
        applies_to: String::new(),
        source: "調査設定".into(),
        strength: "必達".into(),
    };
    Round {
        name: "令和4年10月末".into(),
        municipality: "見本市".into(),
        municipality_code: "999997".into(),
        prefecture: "見本県".into(),
        mark: if complete { String::new() } else { "見本・回答内容は架空".into() },
        forms: BTreeMap::from([(PLANS.into(), form_round(None)), (PROCEDURES.into(), form_round(Some(2021)))]),
        deadlines: vec![
            deadline("migration", "令和7年度末", day(2026, 3, 31)),
            deadline("online", "令和4年度末", day(2023, 3, 31)),
        ],
        extensions: vec![Extension {
            division: "104".into(),
            form: PLANS.into(),
            until: day(2022, 11, 18),
            approved_on: Some(day(2022, 11, 8)),
            reason: "機構改革".into(),
            place: None,
        }],
        divisions: (0..12).map(division).collect(),
        rosters: BTreeMap::from([
            ("systems".into(), roster(t, "systems", 12, complete)),
            ("procedures".into(), roster(t, "procedures", 6, complete)),
        ]),
        ..Round::default()
    }
}

fn roster(t: &Templates, list: &str, owners: usize, complete: bool) -> Vec<Item> {
    let codes = t.lists[list].codes.iter().enumerate();
    let item = |(n, c): (usize, &torimatome::model::Code)| {
        let mut attrs = c.attrs.clone();
        let target = if c.attr("市の対象の候補") == "1" { "yes" } else { "" };
        attrs.insert("市の対象".into(), target.into());
        Item {
            key: c.code.clone(),
            name: c.name.clone(),
            owner: (complete || n != 13).then(|| format!("{}", 101 + n % owners)),
            absent: !complete && n == 17,
            outside: c.attr("対象") == "prefectural",
            confirmed: complete || !c.code.contains('-'),
            group: if c.attr("集計単位").is_empty() { c.code.clone() } else { c.attr("集計単位").to_string() },
            attrs,
            ..Item::default()
        }
    };
    codes.map(item).collect()
}

fn ledger_item(t: &Templates, form: &str, n: usize, item: &Item, complete: bool) -> LedgerItem {
    let owner = item.owner.clone().unwrap_or_default();
    // 105 has not replied at all.
    let silent = !complete && (owner.is_empty() || owner == "105" || item.absent);
    let record = (!silent).then(|| {
        let file: ArcStr = ArcStr::from(format!("提出/{owner} {form}.xlsx"));
        let slots = t.forms[form].slots(&t.lists);
        let sheet: ArcStr = ArcStr::from(slots.last().map_or("", |s| &s.sheet.name).replace("{item}", &item.name));
        let asked = slots.iter().enumerate().filter(|(_, s)| s.field.role.is_none());
        let fields = asked.filter_map(|(at, s)| {
            let row = u32::try_from(at).expect("few fields");
            let place = Place::cell(&file, &sheet, CellRef::new(row, 3));
            Some((s.key().into(), answer(t, s, n, at, place, complete)?))
        });
        Record {
            form: form.into(),
            block: String::new(),
            division: owner.clone(),
            item: item.key.clone(),
            fields: fields.collect(),
        }
    });
    let standing = if record.is_none() { Standing::Silent } else { Standing::Settled };
    LedgerItem { form: form.into(), item: item.clone(), standing, record: record.map(Arc::new) }
}

fn answer(t: &Templates, slot: &Slot<'_>, n: usize, at: usize, place: Place, complete: bool) -> Option<Answer> {
    let key = slot.key();
    let (value, raw, notes) = match slot.field.kind {
        FieldType::Text => (Value::Text(text_for(&key, n).into()), text_for(&key, n).into(), ThinVec::new()),
        FieldType::Integer | FieldType::Number | FieldType::Money | FieldType::Percent => (
            Value::Number(1_234.0 + f64::from(u32::try_from(n).ok()?)),
            "１，２３４".into(),
            thin_vec![note(NoteKind::Width, "１，２３４", "1,234")],
        ),
        FieldType::Date => date_for(n, complete),
        FieldType::Choice | FieldType::Flag => choice_for(t, slot, &key, n, at, complete)?,
        FieldType::Item | FieldType::Division => return None,
    };
    Some(Answer { value, raw, place, notes, doubts: ThinVec::new() })
}

fn text_for(key: &str, n: usize) -> String {
    match key {
        "current_vendor" => format!("{}社", ['A', 'B', 'C'][n % 3]),
        "target_vendor" => "Z社".into(),
        "remarks" if n == 2 => "=HYPERLINK(\"http://example.com\",\"開く\")".into(),
        k if k.contains("remark") || k.contains("text") || k == "issues" => String::new(),
        _ => format!("総合行政システム{n}（パッケージ版）"),
    }
}

fn note(kind: NoteKind, before: &str, after: &str) -> Note {
    Note { kind, before: before.into(), after: after.into() }
}

fn date_for(n: usize, complete: bool) -> Given {
    let month = |y, m| Interval::month(y, m).expect("a month");
    if complete {
        return (Value::Date(Interval::day(day(2023, 1, 10))), "令和5年1月10日".into(), ThinVec::new());
    }
    match n % 7 {
        0 => (Value::Date(month(2026, 3)), "R8.3".into(), thin_vec![note(NoteKind::Era, "R8.3", "2026年3月")]),
        1 => (
            Value::Date(Interval::day(day(2023, 1, 10))),
            "44936".into(),
            thin_vec![note(NoteKind::Serial, "44936", "2023-01-10")],
        ),
        2 => (Value::Date(Interval::fiscal_year(2026).expect("a year")), "令和8年度中".into(), ThinVec::new()),
        3 => (
            Value::None { kind: NoneKind::Undecided, reason: Some("ベンダ回答待ち".into()) },
            "未定（ベンダ回答待ち）".into(),
            ThinVec::new(),
        ),
        4 => (Value::Blank, ArcStr::new(), ThinVec::new()),
        5 => (Value::Date(Interval { approx: true, ..month(2026, 3) }), "R8.3頃".into(), ThinVec::new()),
        _ => (Value::Unreadable, "近日中".into(), ThinVec::new()),
    }
}

type Given = (Value, ArcStr, ThinVec<Note>);

fn choice_for(t: &Templates, slot: &Slot<'_>, key: &str, n: usize, at: usize, complete: bool) -> Option<Given> {
    let list = &t.lists[slot.field.codes.as_ref()?].codes;
    let pick = match key {
        "system_exists" => 0,
        "exists" => usize::from(!complete && n == 9),
        "status" if complete => 0,
        k if k.starts_with("step_") => (at + n) % 3,
        _ => n % list.len(),
    };
    let gap = match key {
        "status" | "channel_portal" | "card" => n == 9 || n % 11 == 6,
        k if k.starts_with("step_") => n % 9 == 3 && at.is_multiple_of(5),
        _ => false,
    };
    if gap && !complete {
        return Some((Value::Blank, ArcStr::new(), ThinVec::new()));
    }
    let code = list.get(pick)?;
    Some((Value::Choice(code.code.as_str().into()), code.name.as_str().into(), ThinVec::new()))
}

fn submissions(round: &Round, items: &[LedgerItem], complete: bool) -> Vec<Submission> {
    let mut all = Vec::new();
    for form in [PLANS, PROCEDURES] {
        for (n, division) in round.divisions.iter().enumerate() {
            let owes = items
                .iter()
                .any(|i| i.form == form && !i.item.absent && i.item.owner.as_deref() == Some(&division.code));
            let state = match (owes, division.code == "105" && !complete) {
                (false, _) => State::NotExpected,
                (true, true) => State::Missing,
                (true, false) => State::Accepted,
            };
            all.push(submission(form, &division.code, state, n, complete));
            if n == 2 && owes && !complete {
                let mut old = submission(form, &division.code, State::Superseded, 0, complete);
                old.file = format!("提出/古い版/{} {form}.xlsx", division.code);
                old.card = Answers::new();
                old.reason = "同じ課・様式の新しい版を使いました。".into();
                all.push(old);
            }
        }
    }
    if !complete {
        let mut lost = submission(PLANS, "", State::Unreadable, 0, complete);
        (lost.form, lost.division) = (None, None);
        lost.card = Answers::new();
        lost.file = "提出/回答#2 100%.xlsx".into();
        lost.reason = "ファイルが壊れていて読めません。".into();
        all.push(lost);
    }
    all
}

fn submission(form: &str, division: &str, state: State, n: usize, complete: bool) -> Submission {
    let came = !matches!(state, State::Missing | State::NotExpected);
    let file = if came { format!("提出/{division} {form}.xlsx") } else { String::new() };
    let place = Place::cell(&ArcStr::from(file.as_str()), &ArcStr::from("提出票"), CellRef::new(4, 2));
    let officer = Answer {
        value: Value::Text("主査".into()),
        raw: "主査".into(),
        place,
        notes: ThinVec::new(),
        doubts: ThinVec::new(),
    };
    Submission {
        sha256: if came { "0123456789abcdef".repeat(4) } else { String::new() },
        form: Some(form.into()),
        version: came.then(|| "1".into()),
        division: Some(division.into()),
        card: came.then(|| ("officer".into(), officer)).into_iter().collect(),
        received: came.then(|| Received { day: day(2022, 11, 9), basis: ReceivedBasis::提出日 }),
        reason: if state == State::Missing { "提出がありません。".into() } else { String::new() },
        late_days: if state == State::Missing || (n == 6 && !complete) { 3 } else { 0 },
        extended: division == "104" && form == PLANS,
        sent_back: (n == 7 && !complete).then(|| day(2022, 11, 10)),
        ..Submission::new(&file, state)
    }
}

fn findings(ledger: &Ledger) -> Vec<Finding> {
    let mut all = Vec::new();
    for (n, item) in ledger.items.iter().enumerate() {
        let Some(record) = &item.record else { continue };
        let key = if item.form == PLANS { "go_live" } else { "start_planned" };
        let Some(answer) = record.fields.get(key) else { continue };
        let finding = |code: &str| {
            Finding::new(code)
                .of(&item.form, &record.division, &item.item.key)
                .field(key)
                .at(answer.place.clone())
                .given(answer.raw.as_str())
                .expected("令和8年3月31日まで")
        };
        match answer.value {
            Value::Date(i) if i.to > Some(day(2026, 3, 31)) => all.push(
                finding("D003W")
                    .arg("date", "令和8年度")
                    .arg("deadline", "令和7年度末")
                    .arg("slip", "12か月")
                    .related(answer.place.clone()),
            ),
            Value::Unreadable => all.push(finding("F001E")),
            Value::Blank if n % 2 == 0 => all.push(finding("R001E")),
            _ => {}
        }
        if n == 1 {
            let vendor = &record.fields["target_vendor"];
            all.push(finding("D007W").field("target_vendor").given("Z社").at(vendor.place.clone()));
        }
    }
    all.sort_by(|a, b| a.place.cmp(&b.place));
    all
}
