//! `init`: a round's folder with its settings workbook, the national lists filled in, divisions blank or from an old round.

mod carry;
mod taken;

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
use crate::model::form::{BlockRole, Form};
use crate::model::{CodeLists, Offers, Role, Round};
use crate::run::{self, Options};
use crate::settings::code::{self, Unclear};
use taken::Taking;

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
    let name = dir.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    let said = old.as_ref().map(|(round, submission, _)| {
        let taking = Taking { form, old: submission, round, name, today: options.today, templates };
        taking.over(&mut fill)
    });
    common_answers(form, templates, &mut fill);
    // The folder may not be there yet, but the one above it is.
    let base = dir.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let (Some(old), Some(field)) = (from, form.field_with(Role::PreviousFolder)) {
        let way = carry::way(base, old);
        let way = if Path::new(&way).is_absolute() { way } else { format!("../{way}") };
        fill.answers.insert((String::new(), field.answer_key("")), CellValue::Text(way));
    }
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
    let mut rounds = Vec::new();
    if let (Some(from), Some((round, ..))) = (from, &old) {
        rounds = carry::masters(from, round, dir, templates, &mut text)?;
        text.push_str(&taken_over(said.as_ref()));
        text.push_str(&carry::orphans(&rounds, round, templates));
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
                      "municipality_code": full_code, "from": from.map(|d| d.display().to_string()),
                      "taken_over": said.as_ref().map(|s| &s.taken), "not_taken_over": said.as_ref().map(|s| &s.left),
                      "earlier_rounds": rounds.iter().map(|r| &r.name).collect::<Vec<_>>()});
    Ok(Made { text, json })
}

/// What the settings took over beside the lists, and what not.
fn taken_over(said: Option<&taken::Said>) -> String {
    let mut text = String::new();
    for (head, lines) in
        said.iter().flat_map(|s| [("前回の設定から引き継いだもの", &s.taken), ("引き継がなかったもの", &s.left)])
    {
        if !lines.is_empty() {
            let _ = writeln!(text, "{head}");
        }
        for line in lines {
            let _ = writeln!(text, "  ・{line}");
        }
    }
    text
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
