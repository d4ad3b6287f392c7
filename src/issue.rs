//! `issue`: every division's forms into 配布/, with its rows and its last answers filled in.

mod given;

use std::fmt::Write;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::consolidate::states;
use crate::discover::{ISSUED, RETURNED};
use crate::error::Error;
use crate::fill;
use crate::forms::draw::{self, Fill};
use crate::forms::{Templates, Words};
use crate::made_from;
use crate::model::{Finding, Form, Round, Severity};
use crate::output::{self, ByHand, Job, Placed};
use crate::previous;
use crate::report::text;
use crate::run::{self, Options, Stop};
use crate::write::{Output, file_name, letter, of_divisions};
use given::{Given, Giver};

/// What was issued, in words and as an object.
pub struct Issued {
    /// For the terminal.
    pub text: String,
    /// For programs.
    pub json: Json,
}

/// Draws the forms of a round; gives what is to be said.
///
/// # Errors
/// When the settings have errors, nobody owes anything, or nothing can be written.
pub fn issue(dir: &Path, templates: &Templates, options: &Options) -> Result<Issued, Stop> {
    let round = run::round(dir, templates, options)?;
    let earlier = previous::earlier(dir, &round)?;
    let known = previous::Known::of(&earlier.rounds, templates);
    let mut told = earlier.findings;
    told.extend(previous::left_behind(&known, &round, templates));
    let forms: Vec<&Form> = templates.asked().filter(|f| round.forms.contains_key(&f.id)).collect();
    let owed = states::owed(&round, &forms);
    if owed.is_empty() {
        return Err(Error::new(
            "配る相手がありません。",
            "調査設定の「基本」に様式ごとの基準日と回答期限を、「対象」の一覧に所管課コードを記入してください。",
        )
        .into());
    }
    let mut outputs = Vec::new();
    let mut text = String::new();
    let mut counted: Vec<given::Counted<'_>> = Vec::new();
    let names = of_divisions(&round);
    let giver = Giver { round: &round, templates, known: &known };
    for form in &forms {
        let divisions: Vec<&String> = owed.iter().filter(|(f, _)| *f == form.id).map(|(_, d)| d).collect();
        for division in &divisions {
            let given = giver.of(form, division);
            counted.push((form, division, given.count()));
            let name = names.get(division.as_str()).map_or(division.as_str(), String::as_str);
            outputs.push(one(form, (division, name), (&round, templates), given, options)?);
        }
        let _ = writeln!(text, "{}　{} 課", form.title, divisions.len());
    }
    outputs.extend(letter::letters(&forms, &owed, &round, templates, options.today).map_err(|e| draw_failed(&e))?);
    fill::tidy(&mut outputs);
    let last_used = outputs.len();
    let label = options.today.to_string();
    let inputs = made_from::inputs(dir, &round, &[], options);
    let job = made_from::job(&round, &label, &outputs);
    let job = Job { inputs: Some(&inputs), by_hand: ByHand::Stays, ..job };
    let placed = output::place_as(&dir.join(ISSUED), &job)?;
    let head = if placed.changed { "に書きました" } else { "はすでに同じものがあります" };
    let mut said = format!("「{ISSUED}」フォルダ{head}（{last_used} ファイル）。\n");
    said.push_str(&what_became(&placed));
    said.push_str(&text);
    said.push_str(&given::said(&counted, &round));
    for (old, new) in &placed.beside {
        let _ = writeln!(said, "「{old}」が開かれているため、「{new}」に書きました。");
    }
    said.push_str(&text::stayed(&placed));
    said.push_str(&without_owner(&forms, &round));
    let words = Words { templates, round: &round };
    said.push_str(&of_earlier(&told, &words));
    said.push_str(&text::settings(&round.remarks, templates, &round));
    let _ = writeln!(said, "\n次にすること");
    let _ = writeln!(
        said,
        "  1. 「{ISSUED}」の課ごとのフォルダを、それぞれの課に送ってください（依頼文を直すときは「{}」にWord文書があります）。",
        templates.letter.documents
    );
    let _ = writeln!(said, "  2. 届いた回答を「{RETURNED}」に入れてください。ファイルの名前は自由です。");
    let _ = writeln!(said, "  3. torimatome {} で、取りまとめます（何度でもできます）。", dir.display());
    let files = outputs.iter().map(|o| json!({"path": format!("{ISSUED}/{}", o.path), "sha256": o.body.sha256()}));
    let issued =
        counted.iter().map(|(form, division, n)| json!({"form": form.id, "division": division, "prefilled": n}));
    let warnings: Vec<String> = round.remarks.iter().chain(&told).map(|f| words.sentence(f)).collect();
    let json = json!({"warnings": warnings, "round": {"name": round.name, "today": options.today}, "issued": issued.collect::<Vec<_>>(),
                      "outputs": files.collect::<Vec<_>>()});
    Ok(Issued { text: said, json })
}

/// What is to be said of the files in 前回/, with what to do.
fn of_earlier(findings: &[Finding], words: &Words<'_>) -> String {
    let mut said = String::new();
    for f in findings {
        let _ = writeln!(said, "・{}", words.sentence(f));
        if f.severity() == Severity::W {
            let _ = writeln!(said, "    {}", words.remedy(f));
        }
    }
    if said.is_empty() { said } else { format!("\n前の調査回の回答について\n{said}") }
}

/// What became of the files of the folder: counts, and by name those that somebody had filled in.
fn what_became(placed: &Placed) -> String {
    /// So many are named.
    const NAMED: usize = 10;
    let counts = placed.counts;
    let parts = [
        ("新しく書いたもの", counts.new),
        ("書き直したもの", counts.replaced),
        ("前と同じもの", counts.same),
        ("記入・変更されていたため、そのまま残したもの", placed.left.len()),
        ("もう配らないため、履歴に移したもの", counts.gone),
    ];
    let again = counts.same + counts.replaced + counts.gone + placed.left.len() > 0;
    let told: Vec<String> = parts.iter().filter(|(_, n)| *n > 0).map(|(what, n)| format!("{what} {n}")).collect();
    let mut said = if again { format!("  {}\n", told.join("、")) } else { String::new() };
    for (path, beside) in placed.left.iter().take(NAMED) {
        let new = beside.as_ref().map(|b| format!("。新しいものは「{b}」")).unwrap_or_default();
        let _ = writeln!(said, "    残したもの: 「{path}」{new}");
    }
    if let Some(rest) = placed.left.len().checked_sub(NAMED).filter(|n| *n > 0) {
        let _ = writeln!(said, "    ほか {rest} 件");
    }
    if !placed.left.is_empty() {
        let _ = writeln!(said, "  記入済みの様式は、「{RETURNED}」に移すと回答として取りまとめます。");
    }
    said
}

/// The items that nobody was given, form by form in the order of the settings.
fn without_owner(forms: &[&Form], round: &Round) -> String {
    let mut all = 0;
    let mut lines = String::new();
    for form in forms {
        let items = form.roster.iter().flat_map(|r| round.items(r)).filter(|i| i.owner.is_none() && !i.absent);
        let names: Vec<&str> = items.map(|i| i.name.as_str()).collect();
        if !names.is_empty() {
            all += names.len();
            let _ = writeln!(lines, "  {}　{} {}：{}", form.title, names.len(), form.subject, names.join("、"));
        }
    }
    if all == 0 {
        return lines;
    }
    format!(
        "\n所管課が決まっていないため配れなかったもの（{all} 件）\n{lines}  調査設定の所管課コードを記入すると、次に実行したときに配れます。\n"
    )
}

fn draw_failed(e: &draw::DrawError) -> Stop {
    Error::new(e.to_string(), "様式の定義（templates）を確かめてください。").into()
}

/// One division's workbook.
fn one(
    form: &Form,
    (division, called): (&str, &str),
    (round, templates): (&Round, &Templates),
    given: Given,
    options: &Options,
) -> Result<Output, Stop> {
    let common =
        round.common_answers.iter().filter(|((f, _), _)| *f == form.id).map(|((_, k), v)| (k.clone(), v.clone()));
    let as_of = round.forms.get(&form.id).map(|f| f.as_of);
    let fill = Fill {
        round_name: &round.name,
        mark: &round.mark,
        as_of,
        division: round.division(division),
        items: form.roster.iter().flat_map(|r| round.items_of(r, division)).collect(),
        answers: given.answers,
        rows: given.rows,
        earlier: true,
        common: common.collect(),
        deadlines: round.deadlines.iter().map(|d| (d.id.clone(), d.date)).collect(),
        reply_by: states::due(round, &form.id, division, options.today).map(|d| d.day),
        contact: &round.contact,
        hand_in: letter::hand_in(templates, round),
        created: as_of.unwrap_or_default(),
    };
    let bytes = draw::workbook(form, templates, &fill).map_err(|e| draw_failed(&e))?;
    let name = format!("{}_{called}.xlsx", form.title);
    Ok(Output::new(format!("{called}/{}", file_name(&name)), bytes))
}
