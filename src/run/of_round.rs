//! The settings of a round, and what they make of the definitions. They are read once a command.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arcstr::ArcStr;
use chrono::NaiveDate;

use super::{Options, Stop};
use crate::discover::{self, SETTINGS_FILE};
use crate::edited;
use crate::error::Error;
use crate::forms::{Dated, Templates};
use crate::intake::{self, Context, Intake};
use crate::isolate;
use crate::model::{CodeList, Finding, Form, Place, Round, Severity, Submission};
use crate::read::Limits;
use crate::settings;
use crate::timings::{self, Stage};

/// The settings of a folder as they were read on a day, with everything that is to say about them.
#[derive(Debug)]
pub struct Settings {
    dir: PathBuf,
    today: NaiveDate,
    round: Round,
    submission: Submission,
    findings: Vec<Finding>,
}

/// What a round makes of the definitions.
pub struct OfRound {
    /// The definitions with its code lists, days and years.
    pub templates: Templates,
    /// Its 判定日.
    pub judged_on: Option<NaiveDate>,
    /// Its settings, where they were read with these very definitions: for [`Options::settings`].
    pub settings: Option<Arc<Settings>>,
}

/// The definitions with the code lists, days and years of a round in place of the shipped ones, and the round's 判定日. Without a round or without lists of its
/// own they stay as they are; errors of the settings are told where the round itself is read.
///
/// # Errors
/// When the definitions do not go with the round's lists.
pub fn definitions(dir: &Path, templates: Templates, options: &Options) -> Result<OfRound, Error> {
    let Ok((round, submission, findings)) = read_settings(dir, &templates, options) else {
        return Ok(OfRound { templates, judged_on: None, settings: None });
    };
    let judged_on = round.judged_on;
    let same = |(id, list): (&String, &CodeList)| templates.lists.get(id).is_some_and(|l| l.codes == list.codes);
    if round.lists.iter().all(same) && Dated::of_round(&round).or_shipped(&templates.lists) == templates.dated {
        let settings = Settings { dir: dir.to_path_buf(), today: options.today, round, submission, findings };
        return Ok(OfRound { templates, judged_on, settings: Some(Arc::new(settings)) });
    }
    let own = templates.with_round(&round).map_err(|errors| {
        let all: Vec<String> = errors.iter().map(ToString::to_string).collect();
        Error::new(
            format!("調査設定の一覧が、様式の定義と合いません。\n{}", all.join("\n")),
            "調査設定の一覧（対象年度など）のコードを確かめてください。",
        )
    })?;
    Ok(OfRound { templates: own, judged_on, settings: None })
}

/// Reads the settings workbook.
///
/// # Errors
/// When it is missing or has errors.
pub fn round(dir: &Path, templates: &Templates, options: &Options) -> Result<Round, Stop> {
    let (round, submission, findings) = read_settings(dir, templates, options)?;
    let wrong: Vec<Finding> = findings.into_iter().filter(|f| f.severity() == Severity::E).collect();
    drop(submission);
    if wrong.is_empty() { Ok(round) } else { Err(Stop::Settings(Box::new(round), wrong)) }
}

/// The settings of a folder with everything that was read, errors and all.
///
/// # Errors
/// When there is no settings workbook or it cannot be read at all.
pub fn read_settings(
    dir: &Path,
    templates: &Templates,
    options: &Options,
) -> Result<(Round, Submission, Vec<Finding>), Error> {
    if let Some(read) = options.settings.as_ref().filter(|s| s.dir == dir && s.today == options.today) {
        return Ok((read.round.clone(), read.submission.clone(), read.findings.clone()));
    }
    let path = dir.join(SETTINGS_FILE);
    if !path.is_file() {
        return Err(Error::new(
            format!("「{}」に「{SETTINGS_FILE}」がありません。", dir.display()),
            format!(
                "調査回のフォルダを指定しているか確かめてください。新しい調査回は torimatome init {} で作れます。",
                dir.display()
            ),
        ));
    }
    let bytes = discover::read(&path)?;
    let limits = Limits::default();
    let context =
        Context { templates, round: None, today: options.today, limits: &limits, legacy: &isolate::open, watch: None };
    let forms: Vec<&Form> = templates.settings().into_iter().collect();
    let Intake { submission, mut findings, .. } =
        timings::of(Stage::Settings, |_| 1, || intake::file(&bytes, SETTINGS_FILE, &forms, &context));
    let (mut round, own) = settings::round(templates, &submission);
    // What was struck out by hand is used as it stands; nobody else asks whether it was meant to be.
    let struck = findings.iter().filter(|f| matches!(f.code.as_str(), "S042W" | "S043W"));
    let struck = struck.map(|f| {
        let used = f.expected.as_ref().map_or_else(|| f.given.clone(), |rest| Some(rest.clone())).unwrap_or_default();
        Finding { place: f.place.clone(), given: f.given.clone(), ..Finding::new("X243W") }.expected(used)
    });
    round.remarks.extend(struck);
    round.remarks.extend(settings::unlikely(templates, &submission, &round, options.today));
    findings.extend(own);
    findings.sort_by(|a, b| (&a.place, &a.code).cmp(&(&b.place, &b.code)));
    let open =
        edited::by(dir).map(|who| Finding::new("X170I").given(who).at(Place::file(&ArcStr::from(SETTINGS_FILE))));
    round.remarks.extend(open);
    Ok((round, submission, findings))
}
