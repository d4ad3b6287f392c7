//! Reads every definition: forms, code lists, master sheets, rates, the catalogue of findings, holidays.
//!
//! Takes the embedded files, overlaid by the caller's own; gives [`Templates`] or all errors with file and line.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::NaiveDate;
use include_dir::{Dir, include_dir};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::dated::Dated;
use super::per;
use crate::model::brief::Brief;
use crate::model::catalogue::Entry;
use crate::model::form::{Block, Form};
use crate::model::guide::Guide;
use crate::model::letter::Letter;
use crate::model::master::{MasterSheet, RateDef};
use crate::model::national::NationalMap;
use crate::model::publication::Publication;
use crate::model::remind::Remind;
use crate::model::returns::Returns;
use crate::model::survey::Survey;
use crate::model::{Catalogue, Code, CodeList, CodeLists, Round};

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// Separator of aliases and former names within a cell of a code list.
const SEPARATOR: char = '|';

/// An error in a definition: which file, which line (1-based, when known), what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TemplateError {
    /// Path below `templates/`.
    pub file: String,
    /// Line, when known.
    pub line: Option<usize>,
    /// What is wrong, in Japanese.
    pub message: String,
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "templates/{}:{line}: {}", self.file, self.message),
            None => write!(f, "templates/{}: {}", self.file, self.message),
        }
    }
}

/// Every definition.
#[derive(Clone, Debug)]
pub struct Templates {
    /// Forms by id, the settings form included.
    pub forms: BTreeMap<String, Form>,
    /// Code lists by id. The list `forms` is made of the forms themselves.
    pub lists: CodeLists,
    /// Sheets of the master in their order.
    pub master: Vec<MasterSheet>,
    /// Named rates.
    pub rates: Vec<RateDef>,
    /// Publications by id.
    pub publications: BTreeMap<String, Publication>,
    /// The ministry's workbooks, by id.
    pub national: Vec<NationalMap>,
    /// The catalogue of findings.
    pub catalogue: Catalogue,
    /// The words of the covering letter.
    pub letter: Letter,
    /// The words of what goes back to a division.
    pub returns: Returns,
    /// The words of what asks again.
    pub remind: Remind,
    /// The words of the sheet that explains a form.
    pub guide: Guide,
    /// The papers of the headquarters meeting.
    pub brief: Brief,
    /// Questionnaires, by id.
    pub surveys: BTreeMap<String, Survey>,
    /// Public holidays.
    pub holidays: BTreeSet<NaiveDate>,
    /// The text of each definition file, for errors with a line.
    pub sources: BTreeMap<String, String>,
    /// The days and years that stand in them as words.
    pub dated: Dated,
}

/// Id of the one form whose roles the engine itself needs.
pub const SETTINGS: &str = "settings";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CommonCard {
    block: Vec<Block>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rates {
    rate: Vec<RateDef>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Findings {
    #[serde(default)]
    lapsed: String,
    finding: Vec<Entry>,
}

impl Templates {
    /// Loads the embedded definitions.
    ///
    /// # Errors
    /// All errors of all files; never for the templates as shipped (a test sees to it).
    pub fn embedded() -> Result<Self, Vec<TemplateError>> {
        Self::load(&BTreeMap::new())
    }

    /// Loads the embedded definitions with `overlay` (path below `templates/` to bytes) on top, and lints them.
    ///
    /// # Errors
    /// All errors of all files, with file and line.
    pub fn load(overlay: &BTreeMap<String, Vec<u8>>) -> Result<Self, Vec<TemplateError>> {
        let mut errors = Vec::new();
        let sources = texts(overlay, &mut errors);
        Self::of(sources, &CodeLists::new(), Dated::default(), errors)
    }

    /// The same definitions as a round's settings want them: its code lists in place of those of the same id, its days and
    /// years in the words of headings and names.
    ///
    /// # Errors
    /// As for [`Templates::load`]: a definition that does not go with the round's lists.
    pub fn with_round(&self, round: &Round) -> Result<Self, Vec<TemplateError>> {
        Self::of(self.sources.clone(), &round.lists, Dated::of_round(round), Vec::new())
    }

    fn of(
        sources: BTreeMap<String, String>,
        own: &CodeLists,
        dated: Dated,
        mut errors: Vec<TemplateError>,
    ) -> Result<Self, Vec<TemplateError>> {
        let mut templates = Self {
            forms: BTreeMap::new(),
            lists: CodeLists::new(),
            master: Vec::new(),
            rates: Vec::new(),
            publications: BTreeMap::new(),
            national: Vec::new(),
            catalogue: Catalogue::default(),
            letter: Letter::default(),
            returns: Returns::default(),
            remind: Remind::default(),
            guide: Guide::default(),
            brief: Brief::default(),
            surveys: BTreeMap::new(),
            holidays: BTreeSet::new(),
            sources,
            dated,
        };
        templates.parse(own, &mut errors);
        if errors.is_empty() {
            errors.extend(super::lint::lint(&templates));
        }
        if errors.is_empty() {
            Ok(templates)
        } else {
            errors.sort();
            Err(errors)
        }
    }

    fn parse(&mut self, own: &CodeLists, errors: &mut Vec<TemplateError>) {
        let raw = std::mem::take(&mut self.sources);
        for (path, text) in &raw {
            let Some(id) = stem(path, "codes/", ".csv") else { continue };
            let list = code_list(id, path, &self.dated.put(text).0, errors).map(|list| (id, list));
            self.lists.extend(list.map(|(id, list)| (id.to_string(), list)));
        }
        self.dated = std::mem::take(&mut self.dated).or_shipped(&self.lists);
        let sources: BTreeMap<String, String> =
            raw.iter().map(|(path, text)| (path.clone(), self.in_words(path, text, errors))).collect();
        for (path, text) in &sources {
            if let Some(id) = stem(path, "publish/", ".toml") {
                if let Some(p) = parsed::<Publication>(path, text, errors) {
                    if p.id != id {
                        errors.push(other_id(path, text, &p.id));
                    }
                    self.publications.insert(p.id.clone(), p);
                }
            } else if let Some(id) = stem(path, "surveys/", ".toml") {
                if let Some(survey) = parsed::<Survey>(path, text, errors) {
                    if survey.id != id {
                        errors.push(other_id(path, text, &survey.id));
                    }
                    self.surveys.insert(survey.id.clone(), survey);
                }
            } else if let Some(id) = national_id(path) {
                let map = parsed::<NationalMap>(path, text, errors);
                errors.extend(map.as_ref().filter(|m| m.id != id).map(|m| TemplateError {
                    file: path.clone(),
                    line: line_of(text, "id ="),
                    message: format!("id「{}」がフォルダ名と違います。", m.id),
                }));
                self.national.extend(map);
            } else if path == "rates.toml" {
                self.rates = parsed::<Rates>(path, text, errors).map(|r| r.rate).unwrap_or_default();
            } else if path == "letter.toml" {
                self.letter = parsed::<Letter>(path, text, errors).unwrap_or_default();
            } else if path == "returns.toml" {
                self.returns = parsed::<Returns>(path, text, errors).unwrap_or_default();
            } else if path == "remind.toml" {
                self.remind = parsed::<Remind>(path, text, errors).unwrap_or_default();
            } else if path == "guide.toml" {
                self.guide = parsed::<Guide>(path, text, errors).unwrap_or_default();
            } else if path == "brief.toml" {
                self.brief = parsed::<Brief>(path, text, errors).unwrap_or_default();
            } else if path == "findings.toml" {
                let all = parsed::<Findings>(path, text, errors);
                self.catalogue = all.map(|f| Catalogue::new(f.finding).with_lapsed(f.lapsed)).unwrap_or_default();
            }
        }
        self.lists.extend(own.iter().map(|(id, list)| (id.clone(), list.clone())));
        super::years::written(&mut self.lists);
        let masters = sources.iter().filter(|(path, _)| stem(path, "master/", ".toml").is_some());
        self.master = masters.filter_map(|(path, text)| repeated(path, text, &self.lists, errors)).collect();
        let notes = self.master.iter_mut().flat_map(|m: &mut MasterSheet| m.notes.iter_mut());
        notes.for_each(|line| *line = per::legend(line, &self.lists));
        self.master.sort_by(|a, b| (a.order, &a.id).cmp(&(b.order, &b.id)));
        let common =
            sources.get("forms/common.toml").and_then(|t| parsed::<CommonCard>("forms/common.toml", t, errors));
        for (path, text) in &sources {
            let Some(id) = stem(path, "forms/", ".toml").filter(|id| *id != "common") else { continue };
            let Some(mut form) = repeated::<Form>(path, text, &self.lists, errors) else { continue };
            if form.id != id {
                errors.push(other_id(path, text, &form.id));
            }
            let lines = form.sheets.iter_mut().flat_map(|s| s.instructions.iter_mut()).chain(&mut form.instructions);
            lines.for_each(|line| *line = per::legend(line, &self.lists));
            for sheet in form.sheets.iter_mut().filter(|s| s.common_card) {
                let card = common.iter().flat_map(|c| c.block.iter().cloned());
                sheet.blocks.splice(0..0, card);
            }
            super::tense::mark(&mut form, &self.lists);
            self.forms.insert(form.id.clone(), form);
        }
        self.lists.insert("forms".to_string(), forms_list(&self.forms));
        self.holidays = self
            .lists
            .get("holidays")
            .map(|l| l.codes.iter().filter_map(|c| c.code.parse().ok()).collect())
            .unwrap_or_default();
        self.sources = raw;
    }

    /// A definition with its days and years put in.
    fn in_words(&self, path: &str, text: &str, errors: &mut Vec<TemplateError>) -> String {
        let (put, unknown) = self.dated.put(text);
        errors.extend(unknown.into_iter().map(|token| TemplateError {
            file: path.to_string(),
            line: line_of(text, &token),
            message: format!("「{token}」の期限IDは、期限の一覧（codes/deadlines.csv）にありません。"),
        }));
        put
    }

    /// The settings form; the lint guarantees that there is one.
    #[must_use]
    pub fn settings(&self) -> Option<&Form> {
        self.forms.get(SETTINGS)
    }

    /// The forms that divisions answer: all but the settings.
    pub fn asked(&self) -> impl Iterator<Item = &Form> {
        self.forms.values().filter(|f| f.id != SETTINGS)
    }
}

fn other_id(path: &str, text: &str, id: &str) -> TemplateError {
    TemplateError {
        file: path.to_string(),
        line: line_of(text, "id ="),
        message: format!("id「{id}」がファイル名と違います。"),
    }
}

/// The list of forms that settings rows are made from.
fn forms_list(forms: &BTreeMap<String, Form>) -> CodeList {
    let codes = forms.values().filter(|f| f.id != SETTINGS);
    CodeList {
        id: "forms".to_string(),
        columns: vec!["様式ID".to_string(), "様式".to_string()],
        codes: codes.map(|f| Code { code: f.id.clone(), name: f.title.clone(), ..Code::default() }).collect(),
    }
}

fn texts(overlay: &BTreeMap<String, Vec<u8>>, errors: &mut Vec<TemplateError>) -> BTreeMap<String, String> {
    let mut bytes = BTreeMap::new();
    collect(&EMBEDDED, &mut bytes);
    bytes.extend(overlay.iter().map(|(k, v)| (k.clone(), v.clone())));
    let mut texts = BTreeMap::new();
    for (path, content) in bytes {
        let known = std::path::Path::new(&path).extension().is_some_and(|e| e == "toml" || e == "csv" || e == "html");
        if !known {
            continue;
        }
        match String::from_utf8(content) {
            Ok(text) => {
                texts.insert(path, text.trim_start_matches('\u{FEFF}').to_string());
            }
            Err(_) => errors.push(TemplateError {
                file: path,
                line: None,
                message: "UTF-8の文字コードで保存してください。".into(),
            }),
        }
    }
    texts
}

fn collect(dir: &Dir<'_>, into: &mut BTreeMap<String, Vec<u8>>) {
    for file in dir.files() {
        into.insert(file.path().to_string_lossy().replace('\\', "/"), file.contents().to_vec());
    }
    dir.dirs().for_each(|d| collect(d, into));
}

/// The id of a ministry's workbook whose map this is.
fn national_id(path: &str) -> Option<&str> {
    path.strip_prefix("national/")?.strip_suffix("/map.toml").filter(|s| !s.contains('/'))
}

fn stem<'a>(path: &'a str, dir: &str, extension: &str) -> Option<&'a str> {
    path.strip_prefix(dir)?.strip_suffix(extension).filter(|s| !s.contains('/'))
}

/// A definition with its `per` entries repeated. It is read as it stands first, so that an error has its line.
fn repeated<T: DeserializeOwned>(
    path: &str,
    text: &str,
    lists: &CodeLists,
    errors: &mut Vec<TemplateError>,
) -> Option<T> {
    let plain = parsed(path, text, errors);
    if plain.is_none() || !per::has(text) {
        return plain;
    }
    let table: toml::Table = parsed(path, text, errors)?;
    match per::expand(toml::Value::Table(table), lists).try_into() {
        Ok(value) => Some(value),
        Err(e) => {
            let message = format!("書き方が正しくありません: {}", e.message());
            errors.push(TemplateError { file: path.to_string(), line: None, message });
            None
        }
    }
}

fn parsed<T: DeserializeOwned>(path: &str, text: &str, errors: &mut Vec<TemplateError>) -> Option<T> {
    match toml::from_str(text) {
        Ok(value) => Some(value),
        Err(e) => {
            let line = e.span().map(|s| text[..s.start.min(text.len())].matches('\n').count() + 1);
            errors.push(TemplateError {
                file: path.to_string(),
                line,
                message: format!("書き方が正しくありません: {}", e.message()),
            });
            None
        }
    }
}

fn code_list(id: &str, path: &str, text: &str, errors: &mut Vec<TemplateError>) -> Option<CodeList> {
    let mut fail = |line: Option<usize>, message: String| {
        errors.push(TemplateError { file: path.to_string(), line, message });
    };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns: Vec<String> = match reader.headers() {
        Ok(h) => h.iter().map(ToString::to_string).collect(),
        Err(e) => {
            fail(Some(1), format!("見出し行を読めません: {e}"));
            return None;
        }
    };
    if columns.len() < 2 {
        fail(Some(1), "コードと名称の2列が必要です。".into());
        return None;
    }
    let mut list = CodeList { id: id.to_string(), columns, codes: Vec::new() };
    let mut seen = BTreeSet::new();
    for row in reader.records() {
        let row = match row {
            Ok(row) => row,
            Err(e) => {
                let line = e.position().and_then(|p| usize::try_from(p.line()).ok());
                fail(line, format!("列の数が見出しと違います: {e}"));
                continue;
            }
        };
        let line = row.position().and_then(|p| usize::try_from(p.line()).ok());
        let attrs: BTreeMap<String, String> =
            list.columns.iter().cloned().zip(row.iter().map(ToString::to_string)).collect();
        let code = row.get(0).unwrap_or_default().to_string();
        if code.is_empty() {
            fail(line, "コードが空欄です。".into());
        } else if !seen.insert(code.clone()) {
            fail(line, format!("コード「{code}」が重なっています。"));
        }
        let aliases = attrs.get("別名").map(|a| a.split(SEPARATOR).map(str::trim).filter(|a| !a.is_empty()));
        let aliases = aliases.map(|a| a.map(ToString::to_string).collect()).unwrap_or_default();
        list.codes.push(Code { code, name: row.get(1).unwrap_or_default().to_string(), aliases, attrs });
    }
    Some(list)
}

/// The 1-based line where `needle` first stands.
pub(super) fn line_of(text: &str, needle: &str) -> Option<usize> {
    text.find(needle).map(|at| text[..at].matches('\n').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_templates_are_sound() {
        if let Err(errors) = Templates::embedded() {
            panic!("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
        }
    }

    #[test]
    fn errors_name_file_and_line() {
        let bad = "id = \"x\"\nversion = \"1\"\ntitle = \"甲\"\nsubject = \"乙\"\nsheeet = 1\n";
        let overlay = BTreeMap::from([("forms/x.toml".to_string(), bad.as_bytes().to_vec())]);
        let errors = Templates::load(&overlay).expect_err("an unknown key");
        assert_eq!((errors[0].file.as_str(), errors[0].line), ("forms/x.toml", Some(5)));
        let overlay = BTreeMap::from([("codes/x.csv".to_string(), "コード,語\na,甲\na,乙\n".as_bytes().to_vec())]);
        let errors = Templates::load(&overlay).expect_err("a doubled code");
        assert_eq!((errors[0].file.as_str(), errors[0].line), ("codes/x.csv", Some(3)));
    }
}
