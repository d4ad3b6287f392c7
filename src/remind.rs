//! `remind`: what each division still owes, as letters, a list and a table for mailing, into 結果/督促/. It is done on other days
//! than issuing, and touches neither 配布 nor the results.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::consolidate::owing::{self, Owes, Owing};
use crate::discover::{REMINDERS, RESULTS};
use crate::error::Error;
use crate::fill;
use crate::forms::Templates;
use crate::made_from;
use crate::model::ledger::Ledger;
use crate::output::{self, ByHand, Job, Placed};
use crate::publish::cp932;
use crate::report::text;
use crate::run::{self, Options, Stop};
use crate::write::Output;
use crate::write::remind::{Reminders, Stands, stands};

/// What was asked again.
pub struct Reminded {
    /// For the terminal.
    pub text: String,
    /// For programs.
    pub json: Json,
    /// Everything that was brought together.
    pub ledger: Ledger,
    /// How many divisions owe something.
    pub divisions: usize,
}

/// Writes what asks the divisions again.
///
/// # Errors
/// When the folder is no round, the settings have errors, or nothing can be written.
pub fn remind(dir: &Path, templates: &Templates, options: &Options, cp932: bool) -> Result<Reminded, Stop> {
    let ledger = run::bring_together(dir, templates, options)?;
    let owing = owing::owing(&ledger, templates);
    let all = Reminders { owing: &owing, templates, round: &ledger.round, today: ledger.today };
    let mut outputs =
        all.draw().map_err(|e| Error::new(e.to_string(), "様式の定義（templates）を確かめてください。"))?;
    let odd = if cp932 { in_cp932(&mut outputs, &all.mailing()) } else { String::new() };
    fill::tidy(&mut outputs);
    let placed = place(dir, &ledger, &outputs, options)?;
    let text = said(dir, &all, &placed, &odd);
    let json = object(&all, &outputs, &placed);
    let divisions = owing.divisions.len();
    Ok(Reminded { text, json, ledger, divisions })
}

/// Puts the set in place; where nothing is owed and nothing was written before, there is no folder.
fn place(dir: &Path, ledger: &Ledger, outputs: &[Output], options: &Options) -> Result<Placed, Error> {
    let folder = dir.join(RESULTS).join(REMINDERS);
    if outputs.is_empty() && !folder.is_dir() {
        return Ok(Placed::default());
    }
    // A letter may have been sent: one of another day is kept, also where nothing else has changed.
    let inputs = format!("{}-{}", made_from::inputs(dir, &ledger.round, &ledger.submissions, options), ledger.today);
    let label = ledger.today.to_string();
    let job = made_from::job(&ledger.round, &label, outputs);
    output::place_as(&folder, &Job { inputs: Some(&inputs), by_hand: ByHand::Stays, ..job })
}

/// The table for mailing in CP932 too; gives what cannot be written in it.
fn in_cp932(outputs: &mut Vec<Output>, path: &str) -> String {
    let Some(mails) = outputs.iter().find(|o| o.path == path) else { return String::new() };
    // A table of letters is held.
    let bytes = mails.body.all().unwrap_or_default();
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes)).into_owned();
    match cp932::encoded(&text) {
        Ok(bytes) => {
            outputs.push(Output::new(path.replace(".csv", "_CP932.csv"), bytes));
            String::new()
        }
        Err(letters) => letters.into_iter().map(|c| format!("「{c}」")).collect::<Vec<_>>().concat(),
    }
}

fn said(dir: &Path, all: &Reminders<'_>, placed: &Placed, odd: &str) -> String {
    let round = all.round;
    let mut t = format!("{}　{}　（{}現在）\n", round.municipality, round.name, crate::model::date::wareki(all.today));
    if !round.mark.is_empty() {
        let _ = writeln!(t, "【{}】", round.mark);
    }
    if all.owing.divisions.is_empty() {
        let _ = writeln!(t, "\n督促するものはありません。すべての課から届いています。");
        if placed.counts.gone > 0 {
            let history = placed.history.as_deref().unwrap_or("履歴");
            let _ = writeln!(t, "前に作った督促文は「{RESULTS}/{REMINDERS}/{history}」に移しました。");
        }
    } else {
        let head = if placed.changed { "に書きました" } else { "はすでに同じものがあります" };
        let _ = writeln!(t, "\n「{RESULTS}/{REMINDERS}」{head}（{} 課）。", all.owing.divisions.len());
        all.owing.divisions.iter().for_each(|o| division(&mut t, o, all));
    }
    became(&mut t, placed);
    open_ends(&mut t, all, odd);
    if !all.owing.divisions.is_empty() {
        let words = &all.templates.remind;
        let (list, mailing, documents) = (&words.list_title, &words.mailing, &words.documents);
        let _ = writeln!(t, "\n次にすること");
        let _ = writeln!(
            t,
            "  1. 「{list}」の備考を見てから、課ごとの督促文を送ってください（直すときは「{documents}」）。"
        );
        let _ = writeln!(t, "     メールで送るときは「{mailing}」に、宛先・件名・本文があります。");
        let _ = writeln!(t, "  2. 届いたものを「提出」に入れ、torimatome {} で取りまとめてください。", dir.display());
    }
    t.push_str(&text::settings(&round.remarks, all.templates, round));
    t
}

/// A division, form by form.
fn division(t: &mut String, owes: &Owes<'_>, all: &Reminders<'_>) {
    for d in &owes.debts {
        let when = match stands(d.due.day, all) {
            Stands::Ahead(days, _) | Stands::Near(days, _) => format!("あと{days}日"),
            Stands::Today => "本日が期限".into(),
            Stands::Over(days, business) => format!("{days}日（開庁日で{business}日）超過"),
        };
        let extended = if d.due.extended { "（延長後）" } else { "" };
        let due = crate::model::date::wareki(d.due.day);
        let state = all.short(d);
        let _ = writeln!(t, "  {}　{}: {state}　{due}{extended}　{when}", owes.division.name, d.form.title);
    }
}

/// What became of files that somebody changed, or has open.
fn became(t: &mut String, placed: &Placed) {
    for (path, beside) in &placed.left {
        let new = beside.as_ref().map(|b| format!("。新しいものは「{b}」")).unwrap_or_default();
        let _ = writeln!(t, "  手で直されていたため、そのまま残したもの: 「{path}」{new}");
    }
    for (old, new) in &placed.beside {
        let _ = writeln!(t, "  「{old}」が開かれているため、「{new}」に書きました。");
    }
    t.push_str(&text::stayed(placed));
    if let Some(history) = placed.history.as_ref().filter(|_| placed.counts.new + placed.counts.replaced > 0) {
        let _ = writeln!(t, "  前の督促文は「{RESULTS}/{REMINDERS}/{history}」に残してあります。");
    }
}

/// What the office has to do itself: replies not yet sent back, addresses, letters that CP932 does not have.
fn open_ends(t: &mut String, all: &Reminders<'_>, odd: &str) {
    if !all.owing.unsent.is_empty() {
        let _ = writeln!(t, "\nまだ差し戻していないもの（督促文には入れていません。{} 件）", all.owing.unsent.len());
        for u in &all.owing.unsent {
            let _ = writeln!(t, "  {}　{}: 要修正 {}", u.division.name, u.form.title, u.errors);
        }
        let _ = writeln!(t, "  差戻し票を送り、調査設定の「受付」に差戻し日を記入すると、督促に入ります。");
    }
    let mail = |o: &&Owes<'_>| !o.division.mail.contains('@');
    let without: Vec<&str> = all.owing.divisions.iter().filter(mail).map(|o| o.division.name.as_str()).collect();
    if !without.is_empty() {
        let _ = writeln!(t, "\nメールの宛先がない課（{} 課）: {}", without.len(), without.join("、"));
        let _ = writeln!(
            t,
            "  調査設定の「所属」のメールアドレスに記入すると、「{}」に入ります。",
            all.templates.remind.mailing
        );
    }
    if !odd.is_empty() {
        let _ = writeln!(t, "\nシフトJIS（CP932）のCSVは、書けない文字{odd}があるため作りませんでした。");
    }
}

fn object(all: &Reminders<'_>, outputs: &[Output], placed: &Placed) -> Json {
    let debts = |o: &Owes<'_>| {
        let each = o.debts.iter().map(|d| {
            let (days, business) = stands(d.due.day, all).left();
            let items: Vec<&str> = d.items.iter().map(|i| i.key.as_str()).collect();
            json!({"form": d.form.id, "state": d.why.code(), "items": items, "due": d.due.day, "extended": d.due.extended,
                   "sent_back": d.sent_back, "errors": d.errors, "days_left": days, "business_days_left": business,
                   "unreadable": d.unreadable, "doubtful": d.doubtful})
        });
        each.collect::<Vec<_>>()
    };
    let reminders = all.owing.divisions.iter().map(|o| {
        let mail = Some(&o.division.mail).filter(|m| !m.is_empty());
        json!({"division": o.division.code, "division_name": o.division.name, "mail": mail, "owed": debts(o)})
    });
    let unsent = |owing: &Owing<'_>| {
        let each = owing.unsent.iter();
        each.map(|u| json!({"division": u.division.code, "form": u.form.id, "errors": u.errors})).collect::<Vec<_>>()
    };
    let path = |p: &String| format!("{RESULTS}/{REMINDERS}/{p}");
    let files = outputs.iter().map(|o| json!({"path": path(&o.path), "sha256": o.body.sha256()}));
    let left = placed.left.iter().map(|(old, new)| json!({"path": path(old), "beside": new.as_ref().map(path)}));
    json!({"round": {"name": all.round.name, "today": all.today}, "reminders": reminders.collect::<Vec<_>>(),
           "not_sent_back": unsent(all.owing), "outputs": files.collect::<Vec<_>>(), "left": left.collect::<Vec<_>>(),
           "history": placed.history.as_ref().map(path)})
}
