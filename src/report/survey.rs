//! What `survey` says: the counts, then what was left out, then where the tables are.

use std::fmt::Write;

use chrono::NaiveDate;
use serde_json::{Value as Json, json};

use super::json::body;
use super::text;
use crate::forms::Templates;
use crate::model::Severity;
use crate::run::Surveyed;
use crate::survey::figures;

/// So many findings are told one by one; all stand in the workbook.
const TOLD: usize = 10;

/// The letter for the terminal.
#[must_use]
pub fn text(done: &Surveyed, templates: &Templates) -> String {
    let mut t = String::new();
    let round = &done.round;
    let Some((survey, tally)) = &done.counted else {
        let _ = writeln!(t, "アンケートの定義に誤りがあるため、集計していません。結果は書いていません。\n");
        t.push_str(&text::findings(&done.findings, templates, round));
        return t;
    };
    let _ = writeln!(t, "{}　{}", round.municipality, survey.title);
    if !round.mark.is_empty() {
        let _ = writeln!(t, "【{}】", round.mark);
    }
    let rate = tally.asked().and_then(|asked| Some((asked, figures::tenths(tally.valid, asked)?)));
    let rate = rate.map(|(asked, t)| format!("（配布 {asked}、回答率 {}.{}%）", t / 10, t % 10)).unwrap_or_default();
    let _ = writeln!(t, "\n回答");
    let _ = writeln!(t, "  受け取った回答 {}　有効回答 {}{rate}", tally.received, tally.valid);
    for (fate, n) in tally.fates.iter().filter(|(_, n)| *n > 0) {
        let _ = writeln!(t, "    集計に入れなかったもの　{} {n}", fate.words());
    }
    let _ = writeln!(t, "\nできたこと");
    for output in &done.outputs {
        let changed = done.placed.as_ref().is_some_and(|p| p.changed);
        let said = if changed { "を書きました" } else { "は前回と同じです" };
        let _ = writeln!(t, "  「結果/{}」{said}。", output.path);
    }
    if let Some(why) = done.not_public {
        let _ = writeln!(t, "  公表用のブックは、{why}");
    }
    if let Some(placed) = &done.placed {
        text::put_aside(&mut t, placed);
    }
    if !done.findings.is_empty() {
        let of = |s: Severity| done.findings.iter().filter(|f| f.severity() == s).count();
        let counts = [Severity::E, Severity::W, Severity::I].map(|s| format!("{} {}", s.words(), of(s)));
        let _ = writeln!(t, "\n確認すること（{}）", counts.join("、"));
        let first = done.findings.get(..TOLD).unwrap_or(&done.findings);
        t.push_str(&text::findings(first, templates, round));
        if done.findings.len() > TOLD {
            let _ = writeln!(t, "ほかに {} 件あります。すべて「確認事項」にあります。", done.findings.len() - TOLD);
        }
    }
    t
}

/// The object of `--format json`: that of a round, with the counts.
#[must_use]
pub fn json(done: &Surveyed, templates: &Templates, today: NaiveDate) -> Json {
    let mut object = body(Some((&done.round, today)), &done.round, templates, &[], &done.findings, std::iter::empty());
    object["outputs"] =
        done.outputs.iter().map(|o| json!({"path": format!("結果/{}", o.path), "sha256": o.body.sha256()})).collect();
    object["survey"] = done.counted.as_ref().map_or(Json::Null, |(survey, tally)| {
        let questions = survey.slots().into_iter().zip(&tally.counts).map(|(slot, c)| {
            json!({"question": slot.question.id, "item": slot.item_text(), "asked": c.asked, "answered": c.answered, "blank": c.blank,
                   "invalid": c.invalid, "not_asked": c.not_asked, "choices": c.choices})
        });
        json!({
            "title": survey.title,
            "asked": tally.asked(),
            "received": tally.received,
            "valid": tally.valid,
            "excluded": tally.fates.iter().map(|(f, n)| json!({"reason": f.words(), "count": n})).collect::<Vec<_>>(),
            "bureaus": tally.bureaus.iter().map(|b| json!({"name": b.name, "asked": b.asked, "valid": b.valid})).collect::<Vec<_>>(),
            "questions": questions.collect::<Vec<_>>(),
            "not_public": done.not_public,
        })
    });
    object
}
