//! Tells what lies on the cells of a form or is shown in them and is no value: text boxes, pictures, controls, pictures in cells.
//!
//! Nothing of it is taken for an answer. What lies on an answer has to be looked at; elsewhere it is mentioned. The forms bring
//! no drawing of their own along.

use std::collections::BTreeMap;

use arcstr::ArcStr;

use super::extract::{Draft, DraftAnswer, Taken};
use super::marks;
use crate::model::form::FieldType;
use crate::model::grid::{CellObject, Float, FloatKind};
use crate::model::{Area, Cell, CellRef, Finding, Place};

/// Answers named one by one under a shape.
const NAMED: usize = 6;

/// Tells what stands in cells of the taken sheets and is no value.
pub(super) fn in_cells(taken: &[Taken<'_, '_>], draft: &mut Draft<'_>, file: &ArcStr) {
    for t in taken.iter().filter(|t| !t.sheet.grid.marks.objects.is_empty()) {
        let mut answers = answers(t, draft);
        let objects = &t.sheet.grid.marks.objects;
        let told = objects.iter().filter_map(|(at, object)| in_cell(t, *at, *object, &mut answers, file)).collect();
        draft.findings.extend(few(told, &Place::sheet(file, &t.name)));
    }
}

/// Tells what lies on the cells of the taken sheets.
pub(super) fn tell(taken: &[Taken<'_, '_>], draft: &mut Draft<'_>, file: &ArcStr) {
    for t in taken.iter().filter(|t| !t.sheet.grid.floats.is_empty()) {
        let told = lying(t, &answers(t, draft), file);
        draft.findings.extend(few(told, &Place::sheet(file, &t.name)));
    }
}

/// The answers that somebody may give on a sheet.
fn answers<'d, 'a>(t: &Taken<'_, '_>, draft: &'d mut Draft<'a>) -> Vec<&'d mut DraftAnswer<'a>> {
    draft.answers.iter_mut().filter(|a| a.place.sheet == t.name && !a.field.locked).collect()
}

/// Some of each code; of the rest the number.
fn few(told: Vec<Finding>, sheet: &Place) -> Vec<Finding> {
    marks::few(told, |code, rest| {
        let finding = Finding::new(code).at(sheet.clone()).arg("kind", rest).arg("where", rest);
        finding.arg("range", "シート全体").given("")
    })
}

/// A picture or a data type in a cell.
fn in_cell(
    t: &Taken<'_, '_>,
    at: CellRef,
    object: CellObject,
    answers: &mut [&mut DraftAnswer<'_>],
    file: &ArcStr,
) -> Option<Finding> {
    let hit = answers.iter_mut().find(|a| a.place.area.is_some_and(|area| area.contains(at)));
    let place = t.place(file, at);
    let Some(a) = hit else {
        return (object == CellObject::Picture).then(|| Finding::new("S052W").at(place).arg("where", "回答欄の外"));
    };
    let given: String = a.cells.iter().map(Cell::raw).collect();
    let optional = a.field.kind == FieldType::Text && !a.field.required;
    // An error that is left is all that is known of a data type.
    a.told |=
        object == CellObject::Picture || a.cells.iter().any(|c| matches!(c.content, crate::model::Content::Error(_)));
    let finding = match object {
        CellObject::Picture if optional => Finding::new("S052W").arg("where", format!("「{}」の欄", a.field.label)),
        CellObject::Picture => Finding::new("S052E"),
        CellObject::Linked => Finding::new("S053W").given(if a.told { "（読めません）" } else { &given }),
    };
    Some(a.named(finding.at(place)))
}

/// What lies over the cells; controls on the same answer are told together.
fn lying(t: &Taken<'_, '_>, answers: &[&mut DraftAnswer<'_>], file: &ArcStr) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut controls: BTreeMap<Area, (Vec<&DraftAnswer<'_>>, Vec<&Float>)> = BTreeMap::new();
    for float in &t.sheet.grid.floats {
        let Some(area) = float.area else {
            findings.push(finding("S051I", &[float], "場所は読めません").at(Place::sheet(file, &t.name)));
            continue;
        };
        let mut hits: Vec<&DraftAnswer<'_>> = answers
            .iter()
            .map(|a| &**a)
            .filter(|a| a.place.area.is_some_and(|p| meet(t.sheet.area(p.first), area)))
            .collect();
        // What a check box writes into the very answer that it stands on is the answer.
        hits.retain(|a| {
            a.field.kind != FieldType::Flag || float.linked.is_none() || float.linked != a.place.area.map(|p| p.first)
        });
        if hits.is_empty() {
            if float.linked.is_none_or(|at| !area.contains(at)) {
                let place = Place { area: Some(area), ..Place::sheet(file, &t.name) };
                findings.push(finding("S051I", &[float], &area.to_string()).at(place));
            }
        } else if matches!(float.kind, FloatKind::CheckBox(_) | FloatKind::Option(_)) && hits.len() == 1 {
            let own = hits.first().and_then(|a| a.place.area).unwrap_or(area);
            controls.entry(own).or_insert_with(|| (hits, Vec::new())).1.push(float);
        } else {
            findings.push(on_answers(&hits, &[float], file, t));
        }
    }
    findings.extend(controls.into_values().map(|(hits, floats)| on_answers(&hits, &floats, file, t)));
    findings
}

/// Whether two areas have a cell in common.
const fn meet(a: Area, b: Area) -> bool {
    a.first.row <= b.last.row && b.first.row <= a.last.row && a.first.col <= b.last.col && b.first.col <= a.last.col
}

/// What lies on answers: at the answer where it is one, else at their range, the answers named or counted.
fn on_answers(hits: &[&DraftAnswer<'_>], floats: &[&Float], file: &ArcStr, t: &Taken<'_, '_>) -> Finding {
    let cells: Vec<CellRef> = hits.iter().filter_map(|a| a.place.area).map(|p| p.first).collect();
    let edge =
        |pick: fn(&CellRef) -> u32| cells.iter().map(pick).min().zip(cells.iter().map(pick).max()).unwrap_or_default();
    let ((top, bottom), (left, right)) = (edge(|c| c.row), edge(|c| c.col));
    let area = Area { first: CellRef::new(top, left), last: CellRef::new(bottom, right) };
    let range = if cells.len() > NAMED {
        format!("{area}の{}欄", cells.len())
    } else {
        cells.iter().map(ToString::to_string).collect::<Vec<_>>().join("、")
    };
    let finding = finding("S051W", floats, &range).at(Place { area: Some(area), ..Place::sheet(file, &t.name) });
    match hits {
        [a] => a.named(finding),
        _ => finding,
    }
}

fn finding(code: &str, floats: &[&Float], range: &str) -> Finding {
    let kind = floats.first().map_or("", |f| words(f.kind));
    let given = floats.iter().map(|f| described(f)).filter(|d| !d.is_empty()).collect::<Vec<_>>().join("、");
    Finding::new(code).arg("range", range).arg("kind", kind).given(given)
}

const fn words(kind: FloatKind) -> &'static str {
    match kind {
        FloatKind::TextBox => "テキストボックス（図形の文字）",
        FloatKind::Shape => "図形",
        FloatKind::Picture => "画像",
        FloatKind::Graphic => "グラフや図",
        FloatKind::Ink => "手書きの線や文字",
        FloatKind::CheckBox(_) => "チェックボックス",
        FloatKind::Option(_) => "オプションボタン",
        FloatKind::Control => "フォームの部品（リスト・ボタンなど）",
    }
}

/// Text and state of one.
fn described(float: &Float) -> String {
    let text: String = float.text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect();
    let text = if text.is_empty() { text } else { format!("「{text}」") };
    let state = match float.kind {
        FloatKind::CheckBox(Some(true)) => "（チェックあり）",
        FloatKind::CheckBox(Some(false)) => "（チェックなし）",
        FloatKind::Option(Some(true)) => "（選択あり）",
        FloatKind::Option(Some(false)) => "（選択なし）",
        FloatKind::CheckBox(None) | FloatKind::Option(None) => "（状態は読めません）",
        _ => "",
    };
    let linked = float.linked.map(|at| format!("［状態はセル{at}に入っています］")).unwrap_or_default();
    format!("{text}{state}{linked}")
}
