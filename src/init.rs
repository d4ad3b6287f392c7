//! `init`: a round's folder with its settings workbook, the national lists filled in, divisions blank or from an old round.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::discover::{ISSUED, NATIONAL, PREVIOUS, RESULTS, RETURNED, SETTINGS_FILE};
use crate::error::Error;
use crate::forms::draw::{self, CellValue, Fill, GivenRow};
use crate::forms::load::SETTINGS;
use crate::forms::{Templates, called};
use crate::lock::Lock;
use crate::model::form::{Block, BlockRole, Form};
use crate::model::{Answer, CodeLists, Offers, Role, Round, Submission, Value};
use crate::run::{self, Options};
use crate::settings::code::{self, Unclear};

/// Blocks of the settings that a new round takes over from an old one. What belonged to the old round alone (延長, 受付,
/// 了承, the dates of its forms) is not taken over.
const KEPT: [BlockRole; 7] = [
    BlockRole::Deadlines,
    BlockRole::Divisions,
    BlockRole::Roster,
    BlockRole::CommonAnswers,
    BlockRole::Decisions,
    BlockRole::Passwords,
    BlockRole::YearRanges,
];

/// Cells of the cards that belong to one round alone.
const OWN: [Role; 9] = [
    Role::Round,
    Role::DocumentNumber,
    Role::IssuedOn,
    Role::JudgedOn,
    Role::Basis,
    Role::ReturnNumber,
    Role::ReminderNumber,
    Role::MeetingNumber,
    Role::MeetingOn,
];

/// What was made, in words and as an object.
pub struct Made {
    /// For the terminal.
    pub text: String,
    /// For programs.
    pub json: Json,
}

/// Makes the folder; gives what is to be said.
///
/// # Errors
/// When there is a settings workbook already, the folder above is missing, the code is no 団体コード, the old round cannot be read, or nothing can be written.
pub fn init(
    dir: &Path,
    code: Option<&str>,
    from: Option<&Path>,
    templates: &Templates,
    options: &Options,
) -> Result<Made, Error> {
    let target = dir.join(SETTINGS_FILE);
    not_there(&target)?;
    // Only the last folder is made: a path with a slip in it would otherwise become a second tree of folders.
    if let Some(parent) = dir.parent().filter(|p| !p.as_os_str().is_empty() && !p.is_dir()) {
        return Err(Error::new(
            format!("「{}」というフォルダがありません。", parent.display()),
            "フォルダの名前を確かめてください。新しく置き場所を作るときは、先にそのフォルダを作っておいてください。",
        ));
    }
    let full_code = code.map(|typed| full(typed, templates)).transpose()?;
    let name =
        full_code.as_deref().and_then(|code| code::municipality(code, &templates.lists)).filter(|_| from.is_none());
    let old = from.map(|dir| run::read_settings(dir, templates, options)).transpose()?;
    // The words of a new round are those of the municipality, its lists those of the old round.
    let own = Round {
        municipality: old.as_ref().map_or_else(|| name.unwrap_or_default().to_string(), |o| o.0.municipality.clone()),
        lists: old.iter().flat_map(|o| lists(&o.0, templates)).collect(),
        ..Round::default()
    };
    let own = templates.with_round(&own).ok();
    let templates = own.as_ref().unwrap_or(templates);
    let Some(form) = templates.settings() else {
        return Err(Error::new("設定の様式がありません。", "様式の定義を確かめてください。"));
    };
    let mut fill = Fill { created: options.today, ..Fill::default() };
    let mut put = |role: Role, text: Option<&str>| {
        if let (Some(text), Some(field)) = (text, form.field_with(role)) {
            fill.answers.insert((String::new(), field.answer_key("")), CellValue::Text(text.to_string()));
        }
    };
    // The folder is named after the round; another name can be typed over it.
    put(Role::Round, dir.file_name().and_then(|n| n.to_str()));
    put(Role::Municipality, name);
    if let Some((_, submission, _)) = &old {
        take_over(form, submission, &mut fill);
    }
    common_answers(form, templates, &mut fill);
    if let (Some(full), Some(field)) = (&full_code, form.field_with(Role::MunicipalityCode)) {
        fill.answers.insert((String::new(), field.answer_key("")), CellValue::Text(full.clone()));
    }
    let bytes = draw::workbook(form, templates, &fill)
        .map_err(|e| Error::new(e.to_string(), "様式の定義（templates）を確かめてください。"))?;
    fs::create_dir_all(dir).map_err(|e| Error::write(dir, &e))?;
    let _lock = Lock::take(dir, "調査回の作成", &|_| {})?;
    // Another run may have made it in the meantime.
    not_there(&target)?;
    for folder in [ISSUED, RETURNED, NATIONAL, PREVIOUS, RESULTS] {
        let path = dir.join(folder);
        fs::create_dir_all(&path).map_err(|e| Error::write(&path, &e))?;
    }
    let mut text = String::new();
    if let Some(old) = from {
        carry_results(old, dir, &mut text)?;
    }
    crate::output::write_atomically(&target, &crate::fill::tidied(bytes))?;
    let municipality =
        full_code.as_deref().map(|full| format!("団体コードは {} です。", code::described(full, &templates.lists)));
    let municipality = municipality.unwrap_or_default();
    let _ = writeln!(text, "調査回のフォルダ「{}」を作りました。{municipality}", dir.display());
    let _ = writeln!(text, "\n次にすること");
    let _ = writeln!(
        text,
        "  ・「{SETTINGS_FILE}」を開き、基本・期限・所属・対象の所管課と、DX担当が全課の分を答える「共通回答」を記入してください。"
    );
    let _ = writeln!(text, "  ・記入が済んだら torimatome issue {} で、課に配る様式を作れます。", dir.display());
    let json = json!({"folder": dir.display().to_string(), "settings": target.display().to_string(),
                      "municipality_code": full_code, "from": from.map(|d| d.display().to_string())});
    Ok(Made { text, json })
}

fn not_there(target: &Path) -> Result<(), Error> {
    if !target.exists() {
        return Ok(());
    }
    Err(Error::new(
        format!("「{}」はすでにあります。", target.display()),
        "別のフォルダ名を指定するか、いまの設定ファイルをそのまま使ってください。",
    ))
}

/// The six digits of the code that was typed.
fn full(typed: &str, templates: &Templates) -> Result<String, Error> {
    code::complete(typed, &templates.lists).map_err(|unclear| {
        let expected = unclear.expected(&templates.lists);
        let said = match unclear {
            Unclear::CheckDigit(_) => {
                format!("団体コード「{typed}」の検査数字が合いません（正しくは {expected}）。")
            }
            Unclear::Several(_) => {
                format!("団体コード「{typed}」は、二つの自治体のどちらとも読めます（{expected}）。")
            }
            _ => format!("団体コード「{typed}」という番号はありません（{expected}）。"),
        };
        Error::new(said, "総務省の全国地方公共団体コード（6桁）を確かめてください。")
    })
}

/// The lists of an old round's own that forms take words or columns from. The others, such as a meeting's topics, are one round's.
fn lists(old: &Round, templates: &Templates) -> CodeLists {
    let asks = |id: &str| {
        let named = [format!("\"{id}\""), format!(":{id}}}")];
        let forms = templates.sources.iter().filter(|(path, _)| {
            path.strip_prefix("forms/").and_then(|p| p.strip_suffix(".toml")).is_some_and(|form| form != SETTINGS)
        });
        forms.into_iter().any(|(_, text)| named.iter().any(|n| text.contains(n)))
    };
    old.lists.iter().filter(|(id, _)| asks(id)).map(|(id, list)| (id.clone(), list.clone())).collect()
}

/// The last result becomes 前回 of the new round.
fn carry_results(old: &Path, dir: &Path, text: &mut String) -> Result<(), Error> {
    let master = old.join(RESULTS).join(crate::write::MASTER);
    if master.is_file() {
        let bytes = crate::discover::read(&master)?;
        crate::output::write_atomically(&dir.join(PREVIOUS).join(crate::write::MASTER), &bytes)?;
        let _ = writeln!(text, "前回の「{}」を「{PREVIOUS}」に写しました。", crate::write::MASTER);
    }
    Ok(())
}

/// Fills the settings with what an old round's had.
fn take_over(form: &Form, old: &Submission, fill: &mut Fill<'_>) {
    for (key, answer) in &old.card {
        let mut fields = form.sheets.iter().flat_map(|s| &s.blocks).flat_map(|b| &b.fields);
        let round_only = fields.any(|f| f.answer_key("") == *key && f.role.is_some_and(|r| OWN.contains(&r)));
        if !round_only && let Some(value) = cell(answer) {
            fill.answers.insert((String::new(), key.clone()), value);
        }
    }
    let blocks = form.sheets.iter().flat_map(|s| &s.blocks).filter(|b| b.role.is_some_and(|r| KEPT.contains(&r)));
    for block in blocks {
        fill.rows.insert(block.id.clone(), rows(block, old));
    }
}

/// Lists what the DX office answers for everybody, as far as the old round's settings have no row for it.
fn common_answers(form: &Form, templates: &Templates, fill: &mut Fill<'_>) {
    let blocks = form.sheets.iter().flat_map(|s| &s.blocks);
    let Some(block) = blocks.into_iter().find(|b| b.role == Some(BlockRole::CommonAnswers)) else { return };
    let id = |role: Role| block.field_with(role).map(|f| f.id.clone());
    let (Some(form_id), Some(field), Some(label)) = (id(Role::Form), id(Role::Field), id(Role::Name)) else { return };
    let rows = fill.rows.entry(block.id.clone()).or_default();
    let text = |row: &GivenRow, id: &String| match row.get(id) {
        Some(CellValue::Text(t)) => t.clone(),
        _ => String::new(),
    };
    for asked in templates.asked() {
        let among = called::fields(templates, Some(asked), Offers::CommonFields);
        let is_of = |row: &&GivenRow| called::form(templates, &text(row, &form_id)).is_some_and(|f| f.id == asked.id);
        let meant = rows.iter().filter(is_of).filter_map(|r| called::meant(&text(r, &field), &among).key());
        let listed: Vec<String> = meant.collect();
        let slots = asked.slots(&templates.lists);
        for slot in slots.iter().filter(|s| s.is_common_owed() && !listed.contains(&s.key())) {
            let cells = [(&form_id, asked.id.clone()), (&field, slot.key()), (&label, called::called(slot))];
            rows.push(cells.into_iter().map(|(id, t)| (id.clone(), CellValue::Text(t))).collect());
        }
    }
}

fn rows(block: &Block, old: &Submission) -> Vec<GivenRow> {
    let records = old.records.iter().filter(|r| r.block == block.id);
    let rows = records.map(|record| -> GivenRow {
        let fields =
            block.fields.iter().filter_map(|f| Some((f.id.clone(), cell(record.fields.get(&f.answer_key(""))?)?)));
        fields.collect::<BTreeMap<_, _>>()
    });
    rows.filter(|r| !r.is_empty()).collect()
}

/// An answer as it is written into a new workbook: a day as a day, everything else as typed.
fn cell(answer: &Answer) -> Option<CellValue> {
    match &answer.value {
        Value::Blank => None,
        Value::Date(i) if i.from == i.to => i.from.map(CellValue::Date),
        _ => Some(CellValue::Text(answer.raw.clone())),
    }
}
