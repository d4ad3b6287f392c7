//! The JSON object of `--format json`. Its keys are a contract: always present, null when there is nothing, only ever added to.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json, json};

use super::explain::Cells;
use crate::discover::PUBLIC;
use crate::error::Error;
use crate::forms::{Templates, Words};
use crate::model::ledger::{Ledger, RatePoint, Revision, TrendRound};
use crate::model::reconcile::{BookCheck, Exact};
use crate::model::{Answer, Finding, Interval, Place, Record, Round, Submission, Value, Waiver};
use crate::publish::Published;
use crate::run::Publishing;
use crate::write::Output;

/// The object for a round.
#[must_use]
pub fn round(ledger: &Ledger, templates: &Templates, outputs: &[Output]) -> Json {
    let records = ledger.items.iter().filter_map(|i| i.record.as_deref());
    let mut object = body(
        Some((&ledger.round, ledger.today)),
        &ledger.round,
        templates,
        &ledger.submissions,
        &ledger.findings,
        records,
    );
    let items: Map<String, Json> = templates
        .asked()
        .filter(|f| ledger.round.forms.contains_key(&f.id))
        .map(|f| (f.id.clone(), json!(units(ledger, &f.id))))
        .collect();
    let rates: Vec<Json> = ledger
        .rates
        .iter()
        .map(|r| {
            json!({"id": r.id, "from": r.from, "to": r.to, "final": r.complete, "numerator": r.numerator, "numerator_max": r.numerator_max,
                   "denominator": r.denominator, "unanswered": r.unanswered, "not_computed": r.not_computed})
        })
        .collect();
    object["totals"] = json!({"items": items, "rates": rates});
    object["reconciliation"] = ledger.reconciliation.iter().map(reconciled).collect();
    object["revisions"] = ledger.revisions.iter().map(revision).collect();
    object["trend"] = ledger.trend.iter().map(trend).collect();
    object["reports"] = ledger.reported.iter().map(super::sent::json).collect();
    object["outputs"] =
        outputs.iter().map(|o| json!({"path": format!("結果/{}", o.path), "sha256": o.body.sha256()})).collect();
    object
}

/// The object for `publish`: that of the round, with what became of each publication.
#[must_use]
pub fn published(done: &Publishing, templates: &Templates) -> Json {
    let outputs: Vec<Output> =
        done.outputs.iter().map(|o| Output::new(format!("{PUBLIC}/{}", o.path), o.body.clone())).collect();
    let mut object = round(&done.ledger, templates, &outputs);
    object["publications"] = done.published.iter().map(publication).collect();
    object
}

fn publication(p: &Published) -> Json {
    let withheld = p
        .withheld
        .iter()
        .map(|w| json!({"item": w.item, "name": w.name, "division": w.division, "code": w.code, "reason": w.reason}));
    let rules = p.rules.iter().map(|r| {
        json!({"rule": r.rule, "older_rule": some(&r.older), "title": r.title, "verdict": r.verdict.code(), "detail": r.detail})
    });
    json!({
        "id": p.id,
        "title": p.title,
        "form": p.form,
        "refused": p.refused(),
        "published": p.count,
        "missing": p.said.divisions,
        "blank": p.said.blank,
        "withheld": withheld.collect::<Vec<_>>(),
        "rules": rules.collect::<Vec<_>>(),
        "files": p.outputs.iter().map(|o| format!("結果/{PUBLIC}/{}", o.path)).collect::<Vec<_>>(),
    })
}

/// The object of a command that could not do its work.
#[must_use]
pub fn error(e: &Error) -> Json {
    json!({"error": {"message": e.message, "next": e.next}})
}

/// As [`error`], of a round whose settings are wrong: every key of a round, with what is wrong among the findings.
#[must_use]
pub fn stopped(round: (&Round, chrono::NaiveDate), templates: &Templates, findings: &[Finding], e: &Error) -> Json {
    let mut object = body(Some(round), round.0, templates, &[], findings, std::iter::empty());
    object["error"] = error(e)["error"].take();
    object["explained"] = Json::Null;
    object["nearest"] = Json::Null;
    object
}

/// The object for files that were checked on their own, with their round when they lie in one and, for `--explain`, what
/// their cells were taken for. What may be long is made while it is written.
pub fn files<'a>(
    round: Option<(&'a Round, chrono::NaiveDate)>,
    templates: &'a Templates,
    submissions: &'a [Submission],
    findings: &'a [Finding],
    explained: Option<Cells<'a>>,
    nearest: Option<Json>,
) -> impl Serialize + 'a {
    let names = round.map_or_else(Round::default, |(r, _)| r.clone());
    let mut rest = body(round, &names, templates, submissions, &[], std::iter::empty());
    if let Some(object) = rest.as_object_mut() {
        object.retain(|key, _| key != "findings" && key != "records");
    }
    Files {
        rest,
        findings: Each(move || {
            let names = names.clone();
            findings.iter().map(move |f| finding(f, &Words { templates, round: &names }))
        }),
        records: Each(move || submissions.iter().flat_map(|s| &s.records).map(|r| record(r))),
        explained,
        nearest,
    }
}

#[derive(Serialize)]
struct Files<'a, F: Serialize, R: Serialize> {
    #[serde(flatten)]
    rest: Json,
    findings: F,
    records: R,
    explained: Option<Cells<'a>>,
    nearest: Option<Json>,
}

/// A list of which each entry is made when it is written.
struct Each<F>(F);

impl<F: Fn() -> I, I: Iterator<Item = Json>> Serialize for Each<F> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq((self.0)())
    }
}

/// How many things a form counts: items of one group are one.
#[must_use]
pub fn units(ledger: &Ledger, form: &str) -> usize {
    let groups: std::collections::BTreeSet<&str> = ledger.items_of(form).map(|i| i.item.group.as_str()).collect();
    groups.len()
}

pub(super) fn body<'a>(
    round: Option<(&Round, chrono::NaiveDate)>,
    names: &Round,
    templates: &Templates,
    submissions: &[Submission],
    findings: &[Finding],
    records: impl Iterator<Item = &'a Record>,
) -> Json {
    let words = Words { templates, round: names };
    let round = round.map(|(r, today)| {
        let as_of: Map<String, Json> = r.forms.iter().map(|(id, f)| (id.clone(), json!(f.as_of))).collect();
        json!({"name": r.name, "as_of": as_of, "today": today})
    });
    json!({
        "round": round,
        "submissions": submissions.iter().map(|s| submission(s, names)).collect::<Vec<_>>(),
        "findings": findings.iter().map(|f| finding(f, &words)).collect::<Vec<_>>(),
        "records": records.map(record).collect::<Vec<_>>(),
        "totals": {"items": {}, "rates": []},
        "outputs": [],
        "reconciliation": [],
        "revisions": [],
        "trend": [],
        "reports": [],
    })
}

/// 照合 of one of the ministry's workbooks.
fn reconciled(b: &BookCheck) -> Json {
    let cells = |list: &[(String, crate::model::CellRef)]| {
        list.iter().map(|(s, c)| json!({"sheet": s, "cell": c.to_string()})).collect::<Vec<_>>()
    };
    let checks = b.cells.iter().map(|c| {
        json!({"sheet": c.sheet, "cell": c.cell.to_string(), "item": some(&c.item), "label": c.label, "submissions": exact(&c.submissions),
               "master": exact(&c.master), "planned": exact(&c.planned), "read_back": some(&c.read_back), "written": c.written, "left_empty": some(&c.left)})
    });
    let sums = b.sums.iter().map(|s| {
        json!({"sheet": s.sheet, "label": s.label, "cells": s.cells, "submissions": exact(&s.submissions), "master": exact(&s.master), "written": exact(&s.written), "difference": 0})
    });
    json!({"file": b.file, "output": format!("結果/{}", b.output), "map": b.map, "sha256": b.sha256.0, "sha256_filled": b.sha256.1,
           "written": b.written(), "cells": checks.collect::<Vec<_>>(), "sums": sums.collect::<Vec<_>>(), "recalculated": cells(&b.recalculated), "computed": cells(&b.computed),
           "replaced_formulas": cells(&b.replaced), "calculation_requested": b.calculation_requested, "changed_parts": b.changed_parts,
           "identical_parts": b.identical_parts, "notes": b.notes})
}

/// A figure: a number, a text, a fraction or a day as text, null for nothing.
fn exact(e: &Exact) -> Json {
    match e {
        Exact::Blank => Json::Null,
        Exact::Number(n) => value(&Value::Number(*n)),
        Exact::Day(d) => json!(d),
        other => json!(other.to_string()),
    }
}

pub(super) fn some(text: &str) -> Option<&str> {
    Some(text).filter(|t| !t.is_empty())
}

fn submission(s: &Submission, round: &Round) -> Json {
    json!({
        "division": s.division,
        "division_name": s.division.as_deref().map(|d| round.division_name(d)),
        "form": s.form,
        "file": some(&s.file),
        "sheets": s.sheets,
        "sha256": some(&s.sha256),
        "received": s.received.map(|r| r.day),
        "received_basis": s.received.map(|r| r.basis),
        "state": s.state,
        "sent_back": s.sent_back,
        "late_days": s.late_days,
        "extended": s.extended,
        "reason": some(&s.reason),
    })
}

pub(super) fn place(p: &Place) -> Json {
    json!({"file": &*p.file, "sheet": some(&p.sheet), "cell": some(&p.cell_text())})
}

fn waiver(w: &Waiver) -> Json {
    json!({"reason": w.reason, "until": w.until})
}

fn finding(f: &Finding, words: &Words<'_>) -> Json {
    let at = f.place.as_ref();
    json!({
        "code": f.code,
        "severity": f.severity(),
        "division": f.division,
        "form": f.form,
        "item": f.item,
        "field": f.field,
        "file": at.map(|p| &*p.file),
        "sheet": at.and_then(|p| some(&p.sheet)),
        "cell": at.map(Place::cell_text).filter(|c| !c.is_empty()),
        "message": words.sentence(f),
        "given": f.given,
        "expected": f.expected,
        "remedy": words.remedy(f),
        "related": f.related.iter().map(place).collect::<Vec<_>>(),
        "waived": f.waived.as_ref().map(waiver),
        "lapsed": f.lapsed.as_ref().map(waiver),
    })
}

fn record(r: &Record) -> Json {
    let fields: Map<String, Json> = r.fields.iter().map(|(k, a)| (k.to_string(), answer(a))).collect();
    json!({"form": r.form, "division": some(&r.division), "item": some(&r.item), "fields": fields})
}

/// The rates of one round.
fn trend(round: &TrendRound) -> Json {
    let rate = |p: &RatePoint| {
        json!({"id": p.id, "from": p.from, "to": p.to, "final": p.complete, "numerator": p.numerator,
               "numerator_max": p.numerator_max, "denominator": p.denominator})
    };
    json!({"round": round.round, "as_of": round.as_of, "rates": round.rates.iter().map(rate).collect::<Vec<_>>()})
}

/// An answer that a later file of the same reply gives otherwise.
fn revision(r: &Revision) -> Json {
    json!({
        "form": r.form,
        "division": r.division,
        "item": r.item,
        "field": r.key,
        "before": answer(&r.before),
        "after": answer(&r.after),
    })
}

fn answer(a: &Answer) -> Json {
    let notes: Vec<String> =
        a.notes.iter().map(|n| format!("{}: {} → {}", n.kind.words(), n.before, n.after)).collect();
    json!({
        "value": value(&a.value),
        "raw": a.raw,
        "file": &*a.place.file,
        "sheet": &*a.place.sheet,
        "cell": a.place.cell_text(),
        "notes": notes,
        "unreadable": a.value == Value::Unreadable,
    })
}

/// A value as the contract writes it.
#[must_use]
pub fn value(v: &Value) -> Json {
    match v {
        Value::Blank | Value::Unreadable => Json::Null,
        Value::None { kind, reason } => {
            json!({"none": kind.code(), "reason": reason})
        }
        Value::Number(n) if n.fract() == 0.0 && n.abs() < 9e15 => {
            // A whole number is printed as one.
            #[allow(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
            let whole = *n as i64;
            json!(whole)
        }
        Value::Number(n) => json!(n),
        Value::Text(t) | Value::Choice(t) => json!(t),
        Value::Date(Interval { from, to, precision, approx, inferred }) => {
            json!({"from": from, "to": to, "precision": precision, "approx": approx, "inferred": inferred})
        }
    }
}
