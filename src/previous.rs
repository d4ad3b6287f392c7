//! What earlier rounds answered, from the masters in 前回/: each is known by its long sheet, whatever the file is called.
//!
//! A file that is no master of an earlier round is told and passed over; it stops nothing.

mod again;
mod known;
mod long;
mod trend;

use std::collections::BTreeMap;
use std::path::Path;

use arcstr::ArcStr;
use chrono::NaiveDate;

use crate::discover::{self, Found, PREVIOUS, RESULTS, SETTINGS_FILE};
use crate::error::Error;
use crate::forms::Templates;
use crate::isolate;
use crate::model::form::AskedOf;
use crate::model::ledger::{Previous, TrendRound};
use crate::model::{EarlierRound, Finding, Place, Round, Told, Workbook};
use crate::normalise::text;
use crate::output;
use crate::read::{Limits, Opener};
use crate::write;
pub use again::again;
pub use known::{Known, Whose};

/// Names of what may hold a long sheet.
const BOOKS: [&str; 7] = ["xlsx", "xlsm", "xls", "xlsb", "ods", "csv", "xltx"];

/// Two masters of one name are of one round when their 基準日 are no further apart; a monthly round may keep its name.
const ONE_ROUND: i64 = 15;

/// The rounds before this one.
#[derive(Debug, Default)]
pub struct Earlier {
    /// Newest first.
    pub rounds: Vec<EarlierRound>,
    /// What is to be said of the files.
    pub findings: Vec<Finding>,
}

/// The rounds before this one whose masters lie in 前回/ or in a folder below it, newest first.
///
/// # Errors
/// When the folder cannot be listed, or the machine does not give a file that is there.
pub fn rounds(dir: &Path, this: &Round) -> Result<Vec<EarlierRound>, Error> {
    Ok(earlier(dir, this)?.rounds)
}

/// As [`rounds`], with what is to be said of the files.
///
/// # Errors
/// As [`rounds`].
pub fn earlier(dir: &Path, this: &Round) -> Result<Earlier, Error> {
    let mut all = Earlier::default();
    let mut read: Vec<EarlierRound> = Vec::new();
    for found in candidates(dir)? {
        match master(&found)? {
            Ok(round) => read.push(round),
            Err(why) => all.findings.push(passed_over(&found.name, why)),
        }
    }
    all.findings.extend(in_the_folder(dir, this, &mut read));
    let as_of = this.forms.values().map(|f| f.as_of).max();
    for found in own_results(dir, as_of) {
        // What stands among our own results is nothing that somebody put there: what is no other round is passed over in silence.
        let other = |r: &EarlierRound| !is_same(r, &this.name, as_of) && r.as_of < as_of;
        let known = |r: &EarlierRound| read.iter().any(|known| is_same(known, &r.name, r.as_of));
        let taken = master(&found)?.ok().filter(|r| other(r) && !known(r));
        read.extend(taken);
    }
    let later = |r: &EarlierRound| matches!((r.as_of, as_of), (Some(r), Some(this)) if r > this);
    let same = |r: &EarlierRound| is_same(r, &this.name, as_of);
    // Where this round's own result is all there is, somebody wants to see what changed since; that it is the same day is asked about.
    let others = read.iter().any(|r| !later(r) && !same(r));
    read.retain(|r| {
        let not_yet = later(r) || others && same(r);
        if not_yet {
            all.findings.push(passed_over(&r.file, "今回か、今回より後の調査回のものです"));
        }
        !not_yet
    });
    // The later 基準日 first; of one round the last file name.
    read.sort_by(|a, b| (b.as_of, text::key(&b.name), &b.file).cmp(&(a.as_of, text::key(&a.name), &a.file)));
    for round in read {
        match all.rounds.iter().find(|taken| is_same(taken, &round.name, round.as_of)) {
            None => all.rounds.push(round),
            Some(taken) if (&taken.previous.answers, &taken.cards) == (&round.previous.answers, &round.cards) => {}
            Some(taken) => all.findings.push(doubled(&round, taken)),
        }
    }
    Ok(all)
}

/// The rates of the rounds before, oldest first, then of this one.
#[must_use]
pub fn trend(rounds: &[EarlierRound], this: TrendRound) -> Vec<TrendRound> {
    let masters: Vec<&[TrendRound]> = rounds.iter().map(|r| r.trend.as_slice()).collect();
    trend::joined(&masters, this)
}

/// The master that stands in the folder of the last round now: a late reply may have changed it since it was copied. Where it
/// differs from the copy it counts, and that is told (X212I); a folder that is gone says nothing.
fn in_the_folder(dir: &Path, this: &Round, read: &mut Vec<EarlierRound>) -> Option<Finding> {
    // The copy stands for what this machine cannot read just now.
    let (name, round) =
        last_master(dir, this).and_then(|found| Some((found.name.clone(), master(&found).ok()?.ok()?)))?;
    let copies: Vec<&EarlierRound> = read.iter().filter(|r| is_same(r, &round.name, round.as_of)).collect();
    if copies.iter().any(|copy| (&copy.previous.answers, &copy.cards) == (&round.previous.answers, &round.cards)) {
        return None;
    }
    let known = copies.first().map_or_else(Default::default, |copy| copy.previous.answers.clone());
    let count = differing(&round, &known);
    let finding = Finding::new("X212I").given(&round.name).expected(name).arg("count", count.to_string());
    read.retain(|r| !is_same(r, &round.name, round.as_of));
    read.push(round);
    Some(finding.at(Place::file(&ArcStr::from(SETTINGS_FILE))))
}

/// The master in the folder that the settings name as that of the last round.
#[must_use]
pub fn last_master(dir: &Path, this: &Round) -> Option<Found> {
    let folder = this.previous_folder.trim();
    // A path from Windows, read elsewhere.
    let folder = if cfg!(windows) { folder.to_string() } else { folder.replace(['\\', '￥', '¥'], "/") };
    let path = dir.join(&folder).join(RESULTS).join(write::MASTER);
    let named = format!("{}/{RESULTS}/{}", folder.trim_end_matches('/'), write::MASTER);
    (!folder.is_empty() && path.is_file()).then(|| Found { name: named, ..discover::one(dir, &path) })
}

/// The master at a path, if it is one; `dir` is the round's folder.
#[must_use]
pub fn read(dir: &Path, path: &Path) -> Option<EarlierRound> {
    master(&discover::one(dir, path)).ok()?.ok()
}

/// Items that a division added itself, which there is no longer and whose place nobody took: they need an owner (X216W).
#[must_use]
pub fn left_behind(known: &Known, round: &Round, templates: &Templates) -> Vec<Finding> {
    let asked = |id: &str| round.forms.contains_key(id);
    let adds = |id: &str| asked(id) && templates.forms.get(id).is_some_and(|f| f.asked_of == AskedOf::Divisions);
    let told = known.orphans(round, &adds).into_iter().map(|(form, division, items)| {
        let named: Vec<String> = items.iter().map(|i| known.name_of(&form, i, templates)).collect();
        let finding = Finding::new("X216W").of(&form, "", "").given(division).arg("items", named.join("、"));
        let finding = finding.arg("count", items.len().to_string());
        let form = templates.forms.get(&form).map_or("", |f| f.title.as_str());
        finding.arg("form", form).at(Place::file(&ArcStr::from(SETTINGS_FILE)))
    });
    told.collect()
}

/// The files in 前回/ that may be masters.
fn candidates(dir: &Path) -> Result<Vec<Found>, Error> {
    let root = dir.join(PREVIOUS);
    let found = if root.is_dir() { discover::files_below(dir, &root)? } else { Vec::new() };
    let is_book = |name: &str| name.rsplit_once('.').is_some_and(|(_, e)| BOOKS.contains(&e.to_lowercase().as_str()));
    Ok(found.into_iter().filter(|f| !discover::is_passing(&f.name) && is_book(&f.name)).collect())
}

/// The masters of other rounds among the results of this folder, where it was used for them before.
fn own_results(dir: &Path, as_of: Option<NaiveDate>) -> Vec<Found> {
    let Some(as_of) = as_of else { return Vec::new() };
    let sets = output::other_sets(&dir.join(RESULTS), &as_of.to_string());
    let masters = sets.into_iter().map(|set| set.join(write::MASTER)).filter(|path| path.is_file());
    masters.map(|path| discover::one(dir, &path)).collect()
}

/// A master, or why the file is none.
///
/// # Errors
/// When the machine does not give the file: another run may, and a round without its last answers is not what anybody wants.
fn master(found: &Found) -> Result<Result<EarlierRound, &'static str>, Error> {
    let limits = Limits::default();
    if found.trouble.is_some() {
        return Ok(Err("ほかの場所へのリンクです"));
    }
    let bytes = match discover::up_to(found, limits.file) {
        Ok(bytes) if bytes.is_empty() => return Ok(Err("中身がないか、大きすぎます")),
        Ok(bytes) => bytes,
        Err(_) => discover::read(&found.path)?,
    };
    let opener = Opener { limits: &limits, passwords: &[], legacy: &isolate::open };
    let Ok(opened) = opener.open(&bytes, found.name.rsplit('/').next().unwrap_or_default()) else {
        return Ok(Err("表計算ファイルとして開けません"));
    };
    Ok(of_book(&opened.workbook, &found.name))
}

/// The long sheet is known by its headers; its own name counts first.
fn of_book(book: &Workbook, file: &str) -> Result<EarlierRound, &'static str> {
    let named = |named: bool| book.sheets.iter().filter(move |s| (s.name == write::DATA_SHEET) == named);
    let round = named(true).chain(named(false)).find_map(long::round);
    let round = round.ok_or("回答を一行ずつ並べたシート「データ」がありません")?;
    let previous = Previous { file: file.to_string(), ..round.previous };
    Ok(EarlierRound { file: file.to_string(), previous, trend: trend::rounds(&book.sheets), ..round })
}

fn is_same(round: &EarlierRound, name: &str, as_of: Option<NaiveDate>) -> bool {
    let near = match (round.as_of, as_of) {
        (Some(a), Some(b)) => (a - b).num_days().abs() < ONE_ROUND,
        _ => true,
    };
    near && !name.is_empty() && text::key(&round.name) == text::key(name)
}

/// What a file is called, without its folders and its ending.
fn stem(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// A file that no earlier answers are taken from: somebody must look where it is called like a master (X210W).
fn passed_over(file: &str, why: &str) -> Finding {
    let code = if stem(file).starts_with(stem(write::MASTER)) { "X210W" } else { "X210I" };
    Finding::new(code).given(stem_and_ending(file)).arg("detail", why).at(Place::file(&ArcStr::from(file)))
}

fn stem_and_ending(file: &str) -> &str {
    file.strip_prefix(PREVIOUS).and_then(|f| f.strip_prefix('/')).unwrap_or(file)
}

/// How many answers about items a round gives otherwise.
fn differing(round: &EarlierRound, told: &BTreeMap<Whose, Told>) -> usize {
    let keys = told.keys().chain(round.previous.answers.keys().filter(|k| !told.contains_key(*k)));
    keys.filter(|k| told.get(*k) != round.previous.answers.get(*k)).count()
}

/// Two masters of one round that do not say the same (X211W).
fn doubled(left: &EarlierRound, taken: &EarlierRound) -> Finding {
    let finding = Finding::new("X211W").given(stem_and_ending(&left.file)).expected(stem_and_ending(&taken.file));
    let finding = finding.arg("round", &taken.name).arg("count", differing(left, &taken.previous.answers).to_string());
    finding.at(Place::file(&ArcStr::from(left.file.as_str()))).related(Place::file(&ArcStr::from(taken.file.as_str())))
}

#[cfg(test)]
mod tests;
