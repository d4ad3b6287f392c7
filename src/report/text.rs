//! The letter for the terminal: first what is done, then what is missing, then what to do.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use arcstr::ArcStr;

use crate::discover::{PUBLIC, SETTINGS_FILE};
use crate::forms::{Templates, Words};
use crate::look;
use crate::model::catalogue::{Entry, FAMILIES};
use crate::model::date::wareki;
use crate::model::ledger::{Ledger, Rate};
use crate::model::share::percent;
use crate::model::submission::State;
use crate::model::{Finding, Place, Round, Severity, Submission};
use crate::output::Placed;
use crate::publish::{Published, Verdict};
use crate::write::Output;

/// Where a form has rates with longer names, each figure stands below its name: beside it, a line would not fit into a
/// terminal of 80 columns.
const NAMES: u32 = 30;

/// What `consolidate` says.
#[must_use]
pub fn consolidated(ledger: &Ledger, templates: &Templates, placed: &Placed) -> String {
    let mut t = opening(ledger);
    let _ = writeln!(t, "\nできたこと");
    if placed.changed {
        let _ = writeln!(
            t,
            "  結果を「結果」フォルダに書きました。「結果/取りまとめ.xlsx」を開いて、「概要」から見てください。"
        );
    } else {
        let _ = writeln!(t, "  結果は前回と同じです。「結果」フォルダはそのままにしました。");
    }
    for book in &ledger.reconciliation {
        let (cells, path) = (book.written(), &book.output);
        let _ = writeln!(t, "  国の様式に{cells}個のセルを書き込み、照合しました（差0）：結果/{path}");
    }
    put_aside(&mut t, placed);
    figures(&mut t, ledger, templates);
    reported(&mut t, ledger);
    missing(&mut t, ledger, templates, false);
    t.push_str(&settings(&ledger.findings, templates, &ledger.round));
    next_steps(&mut t, ledger);
    t
}

/// How what was sent compares with the answers.
fn reported(t: &mut String, ledger: &Ledger) {
    for report in &ledger.reported {
        let (to, cells, wrong) = (&report.to, report.compared(), report.corrections.len());
        let said = match (cells, wrong) {
            (0, _) => "今の回答と比べられませんでした".to_string(),
            (n, 0) => format!("{n}欄を今の回答と比べ、違いはありません"),
            (n, w) => format!("{n}欄を今の回答と比べ、{w}欄が違います（取りまとめ.xlsx の「差替え一覧」）"),
        };
        let _ = writeln!(t, "  報告済み「{to}」: {said}。");
    }
}

/// What `brief` says.
#[must_use]
pub fn briefed(ledger: &Ledger, templates: &Templates, outputs: &[Output], placed: &Placed) -> String {
    let mut t = opening(ledger);
    let _ = writeln!(t, "\nできたこと");
    for output in outputs {
        let said = if placed.changed { "を書きました" } else { "は前回と同じです" };
        let _ = writeln!(t, "  「結果/{}」{said}。本部会議の前に、内容を確かめてください。", output.path);
    }
    put_aside(&mut t, placed);
    figures(&mut t, ledger, templates);
    missing(&mut t, ledger, templates, false);
    t.push_str(&settings(&ledger.findings, templates, &ledger.round));
    next_steps(&mut t, ledger);
    t
}

/// What `publish` says when it is done.
#[must_use]
pub fn published(ledger: &Ledger, published: &[Published], templates: &Templates, placed: &Placed) -> String {
    let mut t = String::new();
    let round = &ledger.round;
    let _ = writeln!(t, "{}　{}　（{}現在）", round.municipality, round.name, wareki(ledger.today));
    if !round.mark.is_empty() {
        let _ = writeln!(t, "【{}】", round.mark);
    }
    for p in published {
        let _ = writeln!(t, "\n{}", p.title);
        let _ = writeln!(t, "  公表するもの {}　公表しないもの {}", p.count, p.withheld.len());
        let of = |v: Verdict| p.rules.iter().filter(|r| r.verdict == v).count();
        let (kept, look) = (of(Verdict::Kept), of(Verdict::Look));
        let _ = writeln!(
            t,
            "  機械で読めるデータの規則　適合 {kept}　要確認 {look}　対象外 {}",
            of(Verdict::NotApplicable)
        );
        for r in p.rules.iter().filter(|r| r.verdict == Verdict::Look) {
            let _ = writeln!(t, "    {} {}: {}", r.rule, r.title, r.detail);
        }
        for doubt in p.said.doubts() {
            let _ = writeln!(t, "  要確認　{doubt}");
        }
        if !p.withheld.is_empty() {
            let _ = writeln!(t, "  公表しなかったもの");
        }
        for w in &p.withheld {
            let division = w.division.as_deref().map(|d| round.division_name(d)).unwrap_or_default();
            let _ = writeln!(t, "    {} {}　{division}: {}", w.item, w.name, w.reason);
        }
    }
    let own: Vec<Finding> = published.iter().flat_map(|p| p.gate.iter().chain(&p.files)).cloned().collect();
    if !own.is_empty() {
        let _ = writeln!(t, "\n確かめること\n{}", findings(&own, templates, round).trim_end());
    }
    let said = if placed.changed { "に書きました" } else { "は前回と同じです" };
    let _ = writeln!(t, "\n「結果/{PUBLIC}」{said}。載せる前に、ページと「公表前点検」を確かめてください。");
    for (old, new) in &placed.beside {
        let _ = writeln!(t, "「{old}」が開かれているため、新しいものを「{new}」に書きました。");
    }
    t.push_str(&stayed(placed));
    if let Some(history) = &placed.history {
        let _ = writeln!(t, "前に公表したファイルは「結果/{PUBLIC}/{history}」に残してあります。");
    }
    if let Some(room) = room(placed) {
        let _ = writeln!(t, "「結果/{PUBLIC}/履歴」は{room}。");
    }
    t
}

/// What `publish` says when the gate refuses: every reason, and how what was published before stands.
#[must_use]
pub fn refused(ledger: &Ledger, published: &[Published], templates: &Templates, standing: &str) -> String {
    let own: Vec<Finding> = published.iter().flat_map(|p| &p.gate).cloned().collect();
    let reasons = own.iter().filter(|f| f.severity() == Severity::E).count();
    let mut t = String::new();
    let _ = writeln!(t, "公表しませんでした。公表してはならないものが {reasons} 件あります。{standing}\n");
    t + &findings(&own, templates, &ledger.round)
}

/// What `status` says.
#[must_use]
pub fn status(ledger: &Ledger, templates: &Templates) -> String {
    let mut t = opening(ledger);
    let _ = writeln!(t, "\n届いているもの");
    figures(&mut t, ledger, templates);
    reported(&mut t, ledger);
    missing(&mut t, ledger, templates, true);
    t.push_str(&settings(&ledger.findings, templates, &ledger.round));
    next_steps(&mut t, ledger);
    t
}

/// Which round, on which day, and that it is a sample where it is.
fn opening(ledger: &Ledger) -> String {
    let round = &ledger.round;
    let why = if round.judged_on == Some(ledger.today) { "。調査設定の判定日" } else { "" };
    let mut t = format!("{}　{}　（{}現在{why}）\n", round.municipality, round.name, wareki(ledger.today));
    if !round.mark.is_empty() {
        let _ = writeln!(t, "【{}】", round.mark);
    }
    t
}

/// What is old, and could not be removed because somebody has it open.
#[must_use]
pub fn stayed(placed: &Placed) -> String {
    let line = |path: &String| {
        format!(
            "  「{path}」は前の実行のものですが、開かれているため消せませんでした。閉じてから、もう一度実行してください。\n"
        )
    };
    placed.stayed.iter().map(line).collect()
}

/// Where results went that could not take their place, and where the last ones are.
pub(super) fn put_aside(t: &mut String, placed: &Placed) {
    for (old, new) in &placed.beside {
        let _ = writeln!(
            t,
            "  「{old}」がExcelなどで開かれているため、新しいものを「{new}」に書きました。開いているものを閉じてから、もう一度実行してください。"
        );
    }
    t.push_str(&stayed(placed));
    if let Some(history) = &placed.history {
        let _ = writeln!(t, "  前回の結果は「結果/{history}」に残してあります。");
    }
    if let Some(room) = room(placed) {
        let _ = writeln!(t, "  「結果/履歴」は{room}。");
    }
}

/// How much 履歴 holds; nothing where there is none.
fn room(placed: &Placed) -> Option<String> {
    const MEGA: u64 = 1024 * 1024;
    let room = placed.room;
    let size = if room.bytes < MEGA { "1MB未満".to_string() } else { format!("約{}MB", room.bytes.div_ceil(MEGA)) };
    let edited =
        if room.edited > 0 { format!("、うち手で直したもの{}組", room.edited) } else { String::new() };
    (room.sets > 0).then(|| format!("{}組（{size}{edited}）です", room.sets))
}

/// Replies and rates, form by form.
fn figures(t: &mut String, ledger: &Ledger, templates: &Templates) {
    let of_round = || templates.asked().filter(|f| ledger.round.forms.contains_key(&f.id));
    let rates = |form: &str| {
        let defs = templates.rates.iter().filter(|d| d.form == form).map(|d| (d.id.clone(), d.name.clone()));
        let rates = defs.filter_map(|(id, name)| Some((name, rate_words(ledger.rates.iter().find(|r| r.id == id)?))));
        rates.collect::<Vec<_>>()
    };
    for form in of_round() {
        // A division counts once, however many of its files count.
        let count = |holds: &dyn Fn(&Submission) -> bool| {
            let of = ledger.submissions.iter().filter(|s| s.form.as_ref() == Some(&form.id) && holds(s));
            of.map(|s| &s.division).collect::<BTreeSet<_>>().len()
        };
        let got = count(&|s| s.state == State::Accepted);
        let owed = got + count(&|s| matches!(s.state, State::Missing | State::Unread));
        let late = count(&|s| s.state == State::Accepted && s.late_days > 0);
        let late = if late > 0 { format!("（うち期限後 {late} 課）") } else { String::new() };
        let _ = writeln!(t, "  {}　{owed} 課のうち {got} 課から届きました{late}", form.title);
        let rates = rates(&form.id);
        let widest = rates.iter().map(|(name, _)| look::display_width(name)).max().unwrap_or(0);
        for (name, words) in rates {
            if widest > NAMES {
                let _ = writeln!(t, "    {name}\n      {words}");
            } else {
                let gap = widest.saturating_sub(look::display_width(&name)) as usize + 2;
                let _ = writeln!(t, "    {name}{}{words}", " ".repeat(gap));
            }
        }
    }
}

/// What the DX office has to look after in its own settings; nothing where all is well. Items without an owner are told elsewhere.
#[must_use]
pub fn settings(all: &[Finding], templates: &Templates, round: &Round) -> String {
    let of_settings = |f: &&Finding| f.place.as_ref().is_some_and(|p| *p.file == *SETTINGS_FILE) && f.item.is_none();
    let open = all.iter().filter(of_settings).filter(|f| f.severity() == Severity::W && f.waived.is_none());
    let open: Vec<Finding> = open.cloned().collect();
    if open.is_empty() {
        return String::new();
    }
    format!("\n調査設定で確かめること（{} 件）\n{}\n", open.len(), findings(&open, templates, round).trim_end())
}

/// So many lines of a list are printed; the rest is counted.
const LINES: usize = 12;

/// What did not come, what came and is not counted, and how much there is to say about the rest. Of long lists a screenful: the
/// workbook, or `status`, has all of them.
fn missing(t: &mut String, ledger: &Ledger, templates: &Templates, all: bool) {
    let words = Words { templates, round: &ledger.round };
    let late: Vec<_> = ledger.submissions.iter().filter(|s| s.state == State::Missing).collect();
    if !late.is_empty() {
        let _ = writeln!(t, "\nまだ届いていないもの（{} 件）", late.len());
        for s in late.iter().take(if all { usize::MAX } else { LINES }) {
            let (form, division) = (s.form.as_deref().unwrap_or_default(), s.division.as_deref().unwrap_or_default());
            let phone = ledger.round.division(division).map(|d| d.phone.as_str()).filter(|p| !p.is_empty());
            let phone = phone.map(|p| format!("（内線 {p}）")).unwrap_or_default();
            let extended = if s.extended { "（延長後の期限です）" } else { "" };
            let name = ledger.round.division_name(division);
            let _ = writeln!(t, "  {name}{phone}　{}: {}{extended}", words.form(form), s.reason);
        }
        if !all {
            rest(t, late.len(), "torimatome status で、すべて見られます");
        }
    }
    unread(t, ledger, &words);
    aside(t, ledger);
    let count = |severity: Severity| open(ledger, severity);
    let _ = writeln!(
        t,
        "\n指摘\n  要修正 {}　要確認 {}　参考 {}",
        count(Severity::E),
        count(Severity::W),
        count(Severity::I)
    );
}

/// Replies that came and that this machine could not read yet: nobody is to be asked for them.
fn unread(t: &mut String, ledger: &Ledger, words: &Words<'_>) {
    let rows: Vec<_> = ledger.submissions.iter().filter(|s| s.state == State::Unread).collect();
    if !rows.is_empty() {
        let _ = writeln!(t, "\n届いているが、この端末で読めていないもの（{} 件）", rows.len());
    }
    for s in rows {
        let (form, division) = (s.form.as_deref().unwrap_or_default(), s.division.as_deref().unwrap_or_default());
        let _ = writeln!(t, "  {}　{}: {}", ledger.round.division_name(division), words.form(form), s.reason);
    }
}

/// The files that are not counted. Of many, how many of each state there are, and first those that somebody has to look at.
fn aside(t: &mut String, ledger: &Ledger) {
    let mut aside: Vec<_> =
        ledger.submissions.iter().filter(|s| !s.file.is_empty() && s.state != State::Accepted).collect();
    if aside.is_empty() {
        return;
    }
    let _ = writeln!(t, "\n集計に入れなかったファイル（{} 件）", aside.len());
    if aside.len() > LINES {
        const URGENT: [State; 4] = [State::Unreadable, State::NotOurs, State::Superseded, State::Duplicate];
        let of = |state: State| aside.iter().filter(|s| s.state == state).count();
        let counts = URGENT.iter().map(|s| (s, of(*s))).filter(|(_, n)| *n > 0);
        let counts: Vec<String> = counts.map(|(s, n)| format!("{} {n}", s.words())).collect();
        let _ = writeln!(t, "  {}", counts.join("　"));
        aside.sort_by_key(|s| URGENT.iter().position(|u| *u == s.state));
    }
    for s in aside.iter().take(LINES) {
        let _ = writeln!(t, "  {}　{}: {}", s.state_words(), s.file, s.reason);
    }
    rest(t, aside.len(), "取りまとめ.xlsx の「提出状況」に、すべてあります");
}

/// How many more there are than were printed.
fn rest(t: &mut String, all: usize, place: &str) {
    if let Some(more) = all.checked_sub(LINES).filter(|n| *n > 0) {
        let _ = writeln!(t, "  ほか {more} 件（{place}）");
    }
}

/// Findings of a severity that nobody has waived.
fn open(ledger: &Ledger, severity: Severity) -> usize {
    ledger.findings.iter().filter(|f| f.severity() == severity && f.waived.is_none()).count()
}

/// A rate in words; while answers are missing it is a range and says so.
#[must_use]
pub fn rate_words(rate: &Rate) -> String {
    match (rate.from, rate.to, &rate.not_computed) {
        (_, _, Some(why)) => why.clone(),
        (Some(from), Some(_), None) if rate.complete => {
            format!("{}（{}／{}）", percent(from), rate.numerator, rate.denominator)
        }
        // Every answer is there, but a file that this machine could not read may hold a newer one.
        (Some(from), Some(_), None) if rate.unanswered == 0 => {
            format!("暫定（読めていないファイルがあります）{}", percent(from))
        }
        (Some(from), Some(to), None) => {
            format!("暫定（未回答 {} 件）下限 {}～上限 {}", rate.unanswered, percent(from), percent(to))
        }
        _ => "算出せず".to_string(),
    }
}

/// Whether the last reply was due so long ago that the round is likely over.
fn long_over(ledger: &Ledger) -> bool {
    const DAYS: i64 = 60;
    let due = ledger.round.forms.values().map(|f| f.reply_deadline).max();
    ledger.round.judged_on.is_none() && due.is_some_and(|due| (ledger.today - due).num_days() > DAYS)
}

fn next_steps(t: &mut String, ledger: &Ledger) {
    let (errors, decide) = (open(ledger, Severity::E), open(ledger, Severity::W));
    let missing = ledger.submissions.iter().filter(|s| s.state == State::Missing).count();
    let _ = writeln!(t, "\n次にすること");
    let mut steps = Vec::new();
    if missing > 0 {
        steps.push(format!("未提出の {missing} 件について、提出を依頼してください。"));
    }
    if missing > 0 && long_over(ledger) {
        steps.push(
            "終わった調査回を見るときは、調査設定の「基本」の「判定日」に締めた日を記入してください。その日の状態として数えます。"
                .to_string(),
        );
    }
    if errors > 0 {
        steps.push(format!(
            "要修正の {errors} 件を課に直してもらってください（取りまとめ.xlsx の「確認事項」に直し方があります）。"
        ));
    }
    if decide > 0 {
        steps.push(format!("要確認の {decide} 件を、DX担当で確かめるか、本部会議に諮ってください。"));
    }
    if steps.is_empty() {
        steps.push("ありません。すべての回答がそろい、直すところもありません。".to_string());
    }
    for (n, step) in (1..).zip(steps) {
        let _ = writeln!(t, "  {n}. {step}");
    }
}

/// Findings one by one, each with its place and remedy; what `check` and faulty settings say. Those that say the same of
/// cells below each other are one, with their range.
#[must_use]
pub fn findings(findings: &[Finding], templates: &Templates, round: &Round) -> String {
    let words = Words { templates, round };
    // What is said, of which sheet and column, up to which cell.
    let mut open: BTreeMap<(String, ArcStr, ArcStr, u32), usize> = BTreeMap::new();
    let mut lines: Vec<(&Finding, String, Option<Place>, usize)> = Vec::new();
    for f in findings {
        let said = format!("      {}\n      直し方: {}\n", words.sentence(f), words.remedy(f));
        let area = f.place.as_ref().and_then(|p| p.area).filter(|a| a.first.col == a.last.col);
        let key = f.place.as_ref().zip(area).map(|(p, area)| {
            let approval = f.waived.as_ref().or(f.lapsed.as_ref()).map(|w| &w.reason);
            (format!("{}{approval:?}{said}", f.code), p.file.clone(), p.sheet.clone(), area.first.col)
        });
        let last = key.as_ref().and_then(|k| open.get(k)).and_then(|n| lines.get_mut(*n));
        let run = last.and_then(|(.., place, count)| Some((place.as_mut()?.area.as_mut()?, count)));
        let next = run.zip(area).filter(|((run, _), area)| run.last.row + 1 == area.first.row);
        if let Some(((run, count), area)) = next {
            run.last = area.last;
            *count += 1;
        } else {
            open.extend(key.map(|k| (k, lines.len())));
            lines.push((f, said, f.place.clone(), 1));
        }
    }
    let mut t = String::new();
    for (f, said, place, count) in lines {
        // What did not come stands nowhere; it is the division's.
        let division = || f.division.as_deref().map(|d| round.division_name(d).to_string());
        let place = place.map(|p| p.to_string()).or_else(division).unwrap_or_default();
        let field = words.field(f);
        let field = if field.is_empty() { String::new() } else { format!(" {field}") };
        let waived = if f.waived.is_some() { "（了承済み）" } else { "" };
        let times = if count > 1 { format!("（{count}か所）") } else { String::new() };
        let _ = writeln!(t, "{} [{}] {place}{times}{field}{waived}", f.code, f.severity().words());
        t.push_str(&said);
    }
    t
}

/// One entry of the catalogue in full.
#[must_use]
pub fn explain(e: &Entry) -> String {
    let e = e.explained();
    format!(
        "{}　{}（{}）\n\n  内容　　{}\n  理由　　{}\n  直し方　{}\n  出典　　{}\n",
        e.code,
        e.title,
        e.severity().words(),
        e.sentence,
        e.why,
        e.remedy,
        e.source
    )
}

/// Entries of the catalogue, a line each.
#[must_use]
pub fn catalogue(entries: &[&Entry]) -> String {
    let mut t = String::new();
    for (letter, name) in FAMILIES {
        let mut own = entries.iter().filter(|e| e.code.starts_with(letter)).peekable();
        if own.peek().is_some() {
            let _ = writeln!(t, "{letter}　{name}");
        }
        for e in own {
            let _ = writeln!(t, "  {}　{}　{}", e.code, e.severity().words(), e.title);
        }
    }
    let _ = writeln!(t, "\n詳しくは torimatome explain コード（例: torimatome explain F001E）");
    t
}
