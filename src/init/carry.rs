//! The masters of an old round and of all rounds before it become 前回 of the new one.

use std::fmt::Write;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::discover::{self, PREVIOUS, RESULTS};
use crate::error::Error;
use crate::forms::{Templates, Words};
use crate::model::{EarlierRound, Round};
use crate::output::write_atomically;
use crate::previous::{self, Known};
use crate::write::{self, file_name};

/// Where the rounds before the last one are kept, below 前回.
const BEFORE: &str = "これまで";

/// Copies every master; gives the rounds, newest first.
pub(super) fn masters(
    old: &Path,
    round: &Round,
    dir: &Path,
    templates: &Templates,
    text: &mut String,
) -> Result<Vec<EarlierRound>, Error> {
    let target = dir.join(PREVIOUS);
    let master = old.join(RESULTS).join(write::MASTER);
    let mut rounds = Vec::new();
    if master.is_file() {
        write_atomically(&target.join(write::MASTER), &discover::read(&master)?)?;
        let _ = writeln!(text, "前回の「{}」を「{PREVIOUS}」に写しました。", write::MASTER);
        let last = previous::read(old, &master);
        let answers = old.join(RESULTS).join(write::ANSWERS_CSV);
        if last.is_none() && answers.is_file() {
            write_atomically(&target.join("回答.csv"), &discover::read(&answers)?)?;
        }
        rounds.extend(last);
    } else {
        let _ = writeln!(
            text,
            "前回の「{}」がないため、前回の回答は写していません。前回を取りまとめてから、「{PREVIOUS}」に写してください。",
            write::MASTER
        );
    }
    let earlier = previous::earlier(old, round)?;
    let words = Words { templates, round };
    for finding in earlier.findings.iter().filter(|f| f.code != "X212I") {
        let _ = writeln!(text, "  前回の「{PREVIOUS}」：{}", words.sentence(finding));
    }
    let mut names = Vec::new();
    for (n, r) in earlier.rounds.iter().enumerate() {
        fs::create_dir_all(target.join(BEFORE)).map_err(|e| Error::write(&target, &e))?;
        let ending = r.file.rsplit_once('.').map_or("xlsx", |(_, e)| e);
        let called = if r.name.is_empty() { format!("{}", n + 1) } else { r.name.clone() };
        let mut path = target.join(BEFORE).join(file_name(&format!("{called}.{ending}")));
        if path.exists() {
            let day = r.as_of.map(|d| d.to_string()).unwrap_or_default();
            path = target.join(BEFORE).join(file_name(&format!("{called}_{day}_{}.{ending}", n + 1)));
        }
        write_atomically(&path, &discover::read(&old.join(&r.file))?)?;
        names.push(called);
    }
    if !names.is_empty() {
        let _ = writeln!(
            text,
            "それより前の調査回の取りまとめ（{}）を「{PREVIOUS}/{BEFORE}」に写しました。",
            names.join("、")
        );
    }
    rounds.extend(earlier.rounds);
    Ok(rounds)
}

/// Items whose division there is no longer, and that nobody took over.
pub(super) fn orphans(rounds: &[EarlierRound], round: &Round, templates: &Templates) -> String {
    let told = previous::left_behind(&Known::of(rounds, templates), round, templates);
    let words = Words { templates, round };
    let lines: Vec<String> = told.iter().map(|f| format!("  {}\n", words.sentence(f))).collect();
    if lines.is_empty() { String::new() } else { format!("所管照会が要るもの\n{}", lines.concat()) }
}

/// The way from one folder to another: relative where they have a folder in common, else the whole path.
pub(super) fn way(from: &Path, to: &Path) -> String {
    let whole = |p: &Path| p.canonicalize().or_else(|_| std::path::absolute(p)).unwrap_or_else(|_| p.to_path_buf());
    // The new folder is there already when this is asked.
    let (from, to) = (whole(from), whole(to));
    let (a, b): (Vec<Component<'_>>, Vec<Component<'_>>) = (from.components().collect(), to.components().collect());
    let common = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let real = a.iter().take(common).any(|c| matches!(c, Component::Normal(_)));
    if !real {
        return to.display().to_string();
    }
    let up = a.iter().skip(common).map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(b.into_iter().skip(common)).collect();
    path.to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_the_last_round_is_relative_where_it_can_be() {
        let temp = tempfile::tempdir().expect("a folder");
        let (old, new) = (temp.path().join("調査/令和4年9月末"), temp.path().join("調査/令和4年10月末"));
        for dir in [&old, &new] {
            fs::create_dir_all(dir).expect("made");
        }
        assert_eq!(way(&new, &old), "../令和4年9月末");
        assert_eq!(way(&new, &temp.path().join("調査")), "..");
        assert_eq!(way(&temp.path().join("調査"), &old), "令和4年9月末");
    }
}
