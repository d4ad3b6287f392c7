//! What `watch` says: a line for each file that arrived, was changed or is gone, and one for each run.

use serde_json::{Value as Json, json};

use crate::discover::{RETURNED, SETTINGS_FILE};
use crate::forms::{Templates, Words};
use crate::model::ledger::Ledger;
use crate::model::submission::State;
use crate::model::{Finding, Severity, Submission};
use crate::output::Placed;
use crate::watch::{Changes, Notice, TEMPLATES};
use crate::write::on_disk;

/// A line, in words and as an object.
#[derive(Clone, Debug)]
pub struct Line {
    /// For people.
    pub text: String,
    /// For programs.
    pub json: Json,
}

impl Line {
    /// A line of an event that says no more than its words.
    #[must_use]
    pub fn new(event: &str, text: impl Into<String>) -> Self {
        let text = text.into();
        let json = json!({"event": event, "message": text});
        Self { text, json }
    }
}

/// What a run is made of now, file by file, and what it gave.
#[must_use]
pub fn ran(changes: &Changes, ledger: &Ledger, templates: &Templates, placed: &Placed) -> Vec<Line> {
    let mut lines = Vec::new();
    lines.extend(changes.day.map(|day| {
        let day = crate::model::date::wareki(day);
        Line::new("day", format!("日付が変わりました（{day}）。"))
    }));
    for (event, word, names) in
        [("arrived", "届きました", &changes.arrived), ("changed", "変わりました", &changes.changed)]
    {
        lines.extend(names.iter().flat_map(|name| file(event, word, name, ledger, templates)));
    }
    let gone = changes.removed.iter();
    lines.extend(
        gone.map(|name| Line {
            text: format!("なくなりました　{name}"),
            json: json!({"event": "removed", "file": name}),
        }),
    );
    lines.push(whole(ledger, placed));
    lines
}

/// A file, reply by reply.
fn file(event: &str, word: &str, name: &str, ledger: &Ledger, templates: &Templates) -> Vec<Line> {
    let words = Words { templates, round: &ledger.round };
    let replies: Vec<&Submission> = ledger.submissions.iter().filter(|s| on_disk(&s.file) == name).collect();
    if !name.starts_with(&format!("{RETURNED}/")) || replies.is_empty() {
        let counts = counts(ledger.findings.iter().filter(|f| of_file(f, name)));
        let found =
            if counts == (0, 0) { String::new() } else { format!("　要修正 {} 要確認 {}", counts.0, counts.1) };
        let what = match name {
            SETTINGS_FILE => "調査設定が変わりました".to_string(),
            _ if name.starts_with(&format!("{TEMPLATES}/")) => format!("様式の定義が{word}　{name}"),
            _ => format!("{word}　{name}"),
        };
        return vec![Line { text: format!("{what}{found}"), json: json!({"event": event, "file": name}) }];
    }
    let one = |s: &&Submission| {
        let (e, w) = counts(ledger.findings.iter().filter(|f| f.place.as_ref().is_some_and(|p| s.holds(p))));
        let form = s.form.as_deref().map(|f| words.form(f).to_string());
        let division = s.division.as_deref().map(|d| ledger.round.division_name(d));
        let who: Vec<&str> = form.as_deref().into_iter().chain(division).collect();
        let who = if who.is_empty() { String::new() } else { format!("　{}", who.join("　")) };
        let state = match s.state {
            State::Accepted => String::new(),
            _ => format!("　{}: {}", s.state_words(), s.reason.trim_end_matches('。')),
        };
        let text = format!("{word}　{}{who}{state}　要修正 {e} 要確認 {w}", s.file);
        let json = json!({"event": event, "file": s.file, "form": s.form, "division": s.division, "state": s.state,
                          "errors": e, "warnings": w});
        Line { text, json }
    };
    replies.iter().map(one).collect()
}

fn of_file(f: &Finding, name: &str) -> bool {
    f.place.as_ref().is_some_and(|p| on_disk(&p.file) == name)
}

/// How many are to be mended, and to be looked at.
fn counts<'a>(findings: impl Iterator<Item = &'a Finding>) -> (usize, usize) {
    findings.filter(|f| f.waived.is_none()).fold((0, 0), |(e, w), f| match f.severity() {
        Severity::E => (e + 1, w),
        Severity::W => (e, w + 1),
        Severity::I => (e, w),
    })
}

/// The round after a run.
fn whole(ledger: &Ledger, placed: &Placed) -> Line {
    let of = |state: State| ledger.submissions.iter().filter(|s| s.state == state).count();
    let (accepted, missing) = (of(State::Accepted), of(State::Missing));
    let (e, w) = counts(ledger.findings.iter());
    let same = if placed.changed { "" } else { "（結果は前と同じです）" };
    let beside: Vec<String> =
        placed.beside.iter().map(|(old, new)| format!("。「{old}」が開かれているため「{new}」に書きました")).collect();
    let text =
        format!("取りまとめました{same}　受領 {accepted} 未提出 {missing}　要修正 {e} 要確認 {w}{}", beside.concat());
    let json = json!({"event": "consolidated", "accepted": accepted, "missing": missing, "errors": e, "warnings": w,
                      "changed": placed.changed, "beside": placed.beside.iter().map(|(_, new)| new).collect::<Vec<_>>()});
    Line { text, json }
}

/// What is said while nothing runs.
#[must_use]
pub fn notice(notice: &Notice) -> Line {
    let (reason, file, text) = match notice {
        Notice::Copying(name) => ("copying", name, format!("待っています　{name}: コピーか保存の途中のようです")),
        Notice::Open(name) => {
            ("open", name, format!("待っています　{name}: 開かれているため、閉じられるのを待ちます（1分まで）"))
        }
        Notice::LeftOpen(name) => {
            let said = "開かれたままのようですが、保存されている内容で取りまとめます（だれも開いていないときは、隣の「~$」か「.~lock」で始まるファイルを消してください）";
            ("left-open", name, format!("{name}: {said}"))
        }
    };
    Line { text, json: json!({"event": "waiting", "reason": reason, "file": file}) }
}
