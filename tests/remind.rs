//! What asks the divisions again: who owes what, until the one day that counts, in words that fit the day; and what becomes of
//! letters that were changed, sent, or are no longer needed.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output as Ended};

use torimatome::consolidate::owing::{self, Why};
use torimatome::model::Waiver;
use torimatome::model::ledger::Ledger;
use torimatome::model::round::Extension;
use torimatome::model::submission::{Received, ReceivedBasis};
use torimatome::read::{self, Limits};
use torimatome::run::{self, Options};
use torimatome::write::Output;
use torimatome::write::remind::Reminders;

use common::{copy, root, templates};

/// A copy of a broken sample: two divisions, 甲課 and 乙課, one form, due on 2022-11-11.
fn copied(sample: &str) -> (tempfile::TempDir, PathBuf) {
    common::copied(&format!("broken/{sample}"))
}

fn ledger(round: &Path, today: &str) -> Ledger {
    let options = Options { today: today.parse().unwrap(), templates: None, quiet: true, settings: None };
    run::bring_together(round, templates(), &options).unwrap_or_else(|e| panic!("{e:?}"))
}

/// What is owed: division, what is the matter, the day, how many items.
fn owed(ledger: &Ledger) -> Vec<(String, Why, String, usize)> {
    let all = owing::owing(ledger, templates());
    let each = all.divisions.iter().flat_map(|o| {
        let one = |d: &owing::Debt<'_>| (o.division.name.clone(), d.why, d.due.day.to_string(), d.items.len());
        o.debts.iter().map(one).collect::<Vec<_>>()
    });
    each.collect()
}

fn drawn(ledger: &Ledger) -> Vec<Output> {
    let owing = owing::owing(ledger, templates());
    let all = Reminders { owing: &owing, templates: templates(), round: &ledger.round, today: ledger.today };
    all.draw().unwrap()
}

/// Every text of a workbook, one a line.
fn text_of(outputs: &[Output], path: &str) -> String {
    let output = outputs.iter().find(|o| o.path == path).unwrap_or_else(|| panic!("no {path}"));
    let book = read::open(&output.body.all().unwrap(), "x.xlsx", &Limits::default()).expect("readable").workbook;
    let texts = book.sheets.iter().flat_map(|s| s.cells.values().map(torimatome::model::Cell::raw));
    texts.filter(|t| !t.is_empty()).collect::<Vec<_>>().join("\n")
}

fn extend(ledger: &mut Ledger, division: &str, until: &str, approved: Option<&str>) {
    let code = ledger.round.divisions.iter().find(|d| d.name == division).unwrap().code.clone();
    let form = ledger.round.forms.keys().next().unwrap().clone();
    let approved_on = approved.map(|day| day.parse().unwrap());
    let until = until.parse().unwrap();
    ledger.round.extensions.push(Extension {
        division: code,
        form,
        until,
        approved_on,
        reason: String::new(),
        place: None,
    });
}

fn program(round: &Path, words: &[&str], today: &str) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_torimatome"));
    command.arg("remind").arg(round).args(["--today", today]).args(words).output().unwrap()
}

fn said(ended: &Ended) -> String {
    String::from_utf8_lossy(&ended.stdout).into_owned() + &String::from_utf8_lossy(&ended.stderr)
}

#[test]
fn the_words_fit_the_day_and_the_deadline_is_the_one_that_counts() {
    let (_temp, round) = copied("D001W-missing");
    for (today, extended, wanted, not) in [
        ("2022-10-20", None, "あと22日（開庁日で15日）です", "過ぎ"),
        ("2022-11-09", None, "期限が近づいています。あと2日（開庁日で2日）です", "過ぎ"),
        ("2022-11-11", None, "本日が期限です", "過ぎ"),
        ("2022-11-12", None, "期限を1日過ぎています", "開庁日"),
        ("2022-11-14", None, "期限を3日（開庁日で1日）過ぎています", "近づいて"),
        ("2022-11-14", Some("2022-11-18"), "期限が近づいています。あと4日（開庁日で4日）です", "過ぎ"),
        ("2022-11-21", Some("2022-11-18"), "期限を3日（開庁日で1日）過ぎています", "11月11日"),
    ] {
        let mut ledger = ledger(&round, today);
        if let Some(until) = extended {
            extend(&mut ledger, "乙課", until, Some("2022-11-10"));
        }
        let letter = text_of(&drawn(&ledger), "乙課.xlsx");
        assert!(letter.contains(wanted) && !letter.contains(not), "{today}: {letter}");
        assert_eq!(letter.contains("延長後の期限"), extended.is_some(), "{letter}");
        assert_eq!(letter.contains("11月18日"), extended.is_some(), "{letter}");
        assert!(letter.contains("乙課長") && !letter.contains("甲課") && !letter.contains('{'), "{letter}");
        assert!(letter.contains("まだ届いていません"), "{letter}");
    }
    // An extension that nobody approved moves nothing.
    let mut asked = ledger(&round, "2022-11-14");
    extend(&mut asked, "乙課", "2022-11-18", None);
    assert_eq!(owed(&asked)[0].2, "2022-11-11");
}

#[test]
fn who_has_replied_or_is_let_off_gets_no_letter() {
    let (_temp, round) = copied("D001W-missing");
    let mut all = ledger(&round, "2022-11-14");
    assert_eq!(owed(&all).iter().map(|o| o.0.as_str()).collect::<Vec<_>>(), ["乙課"]);
    let paths: Vec<String> = drawn(&all).into_iter().map(|o| o.path).collect();
    assert_eq!(paths, ["乙課.xlsx", "督促文（Word）/乙課.docx", "督促一覧.xlsx", "督促メール一覧.csv"]);
    for f in all.findings.iter_mut().filter(|f| f.code == "D001W") {
        f.waived = Some(Waiver { reason: "廃止のため".into(), until: None });
    }
    assert!(owed(&all).is_empty());
    assert!(drawn(&all).is_empty());
}

#[test]
fn a_blank_reply_one_that_cannot_be_read_and_one_with_gaps_are_told_as_what_they_are() {
    let (_temp, round) = copied("D001W-missing");
    let issued = Command::new(env!("CARGO_BIN_EXE_torimatome"))
        .arg("issue")
        .arg(&round)
        .args(["-q", "--today", "2022-11-01"])
        .status();
    assert!(issued.unwrap().success());
    let form = fs::read_dir(round.join("配布/乙課")).unwrap().map(|e| e.unwrap().path());
    let form = form.into_iter().find(|p| !p.to_string_lossy().contains("依頼文")).unwrap();
    fs::copy(&form, round.join("提出/回答.xlsx")).unwrap();
    let blank = ledger(&round, "2022-11-14");
    let of = owed(&blank);
    assert!(of.len() == 1 && of[0].1 == Why::Blank && of[0].3 > 0, "{of:?}");
    assert!(text_of(&drawn(&blank), "乙課.xlsx").contains("届きましたが、記入がありません"));
    // Cut short, under a name that says whose it is, and under one that says nothing.
    let bytes = fs::read(&form).unwrap();
    fs::remove_file(round.join("提出/回答.xlsx")).unwrap();
    fs::write(round.join("提出/乙課 回答.xlsx"), &bytes[..bytes.len() / 2]).unwrap();
    let cut = ledger(&round, "2022-11-14");
    assert_eq!(owed(&cut)[0].1, Why::Unreadable);
    let letter = text_of(&drawn(&cut), "乙課.xlsx");
    assert!(letter.contains("届いた「乙課 回答.xlsx」は、読むことができませんでした"), "{letter}");
    assert!(!letter.contains("まだ届いていません"), "{letter}");
    fs::rename(round.join("提出/乙課 回答.xlsx"), round.join("提出/scan.xlsx")).unwrap();
    let nobodys = ledger(&round, "2022-11-14");
    assert_eq!(owed(&nobodys)[0].1, Why::Missing);
    let outputs = drawn(&nobodys);
    assert!(!text_of(&outputs, "乙課.xlsx").contains("scan.xlsx"), "it may be another division's");
    assert!(text_of(&outputs, "督促一覧.xlsx").contains("「提出/scan.xlsx」が、この回答かもしれません"));
    // One row of several without an answer.
    let (_temp, round) = copied("X004W-row-unanswered");
    let partly = ledger(&round, "2022-11-14");
    let of = owed(&partly);
    assert!(of.len() == 1 && of[0].1 == Why::Partly && of[0].3 == 1, "{of:?}");
    let item = owing::owing(&partly, templates()).divisions[0].debts[0].items[0].name.clone();
    let letter = text_of(&drawn(&partly), &format!("{}.xlsx", of[0].0));
    assert!(letter.contains(&format!("対象　{item}")) && letter.contains("次の対象の回答がありません"), "{letter}");
}

#[test]
fn what_was_sent_back_is_owed_until_the_day_the_return_asks_for() {
    let (_temp, round) = copied("F001E-required-blank");
    let mut all = ledger(&round, "2022-11-14");
    assert!(owed(&all).is_empty(), "nobody was asked to mend it yet");
    let unsent: Vec<String> = owing::owing(&all, templates()).unsent.iter().map(|u| u.division.name.clone()).collect();
    assert_eq!(unsent.len(), 1);
    let wrong = all.submissions.iter().position(|s| {
        let code = s.division.as_deref().unwrap_or_default();
        all.round.division_name(code) == unsent[0]
    });
    let wrong = wrong.unwrap();
    let on = |day: &str| Some(Received { day: day.parse().unwrap(), basis: ReceivedBasis::受付 });
    all.submissions[wrong].received = on("2022-11-08");
    all.submissions[wrong].sent_back = Some("2022-11-09".parse().unwrap());
    // Five working days later, which is after the reply deadline.
    let of = owed(&all);
    assert_eq!((of[0].1, of[0].2.as_str()), (Why::NotMended, "2022-11-16"), "{of:?}");
    assert!(owing::owing(&all, templates()).unsent.is_empty());
    let letter = text_of(&drawn(&all), &format!("{}.xlsx", unsent[0]));
    for wanted in ["令和4年11月9日に差し戻しました", "要修正 1件", "再提出の期限　令和4年11月16日（水）", "朱書き"]
    {
        assert!(letter.contains(wanted), "{wanted}: {letter}");
    }
    assert!(!letter.contains("11月11日"), "{letter}");
    // The reply deadline where it is later, and the extension where that is the later one.
    all.submissions[wrong].sent_back = Some("2022-11-01".parse().unwrap());
    all.submissions[wrong].received = on("2022-10-31");
    assert_eq!(owed(&all)[0].2, "2022-11-11");
    // Handed in again: what is still wrong has to be sent back once more first.
    all.submissions[wrong].received = on("2022-11-10");
    assert!(owed(&all).is_empty());
    assert_eq!(owing::owing(&all, templates()).unsent.len(), 1);
}

#[test]
fn one_letter_names_every_form_and_mails_keep_their_lines() {
    let temp = tempfile::tempdir().unwrap();
    let round = temp.path().join("round");
    copy(&root().join("samples/ishinomaki-r4-10"), &round);
    fs::remove_dir_all(round.join("提出")).unwrap();
    fs::create_dir(round.join("提出")).unwrap();
    let mut all = ledger(&round, "2022-11-14");
    let owing_all = owing::owing(&all, templates());
    let forms = owing_all.divisions.iter().map(|o| o.debts.len()).max().unwrap();
    assert!(forms >= 3, "{forms}");
    let most = owing_all.divisions.iter().find(|o| o.debts.len() == forms).unwrap();
    let (name, titles): (String, Vec<String>) =
        (most.division.name.clone(), most.debts.iter().map(|d| d.form.title.clone()).collect());
    let count = owing_all.divisions.len();
    all.round.divisions[0].mail = "+kou@example.jp".into();
    let outputs = drawn(&all);
    let letter = text_of(&outputs, &format!("{name}.xlsx"));
    assert!(titles.iter().all(|t| letter.contains(t)), "{letter}");
    assert_eq!(outputs.len(), count * 2 + 2);
    let mails = outputs.iter().find(|o| o.path == "督促メール一覧.csv").unwrap().body.all().unwrap();
    assert!(mails.starts_with(b"\xEF\xBB\xBF"));
    let mut reader = csv::Reader::from_reader(&mails[3..]);
    let heads: Vec<String> = reader.headers().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(heads, ["課コード", "課", "宛先", "件名", "本文"]);
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), count);
    assert_eq!(&rows[0][2], "'+kou@example.jp", "no formula");
    let body = rows.iter().find(|r| r[1] == name).unwrap()[4].to_string();
    assert!(titles.iter().all(|t| body.contains(&format!("■ {t}\n"))) && !body.contains('{'), "{body}");
}

#[test]
fn letters_that_were_changed_stay_old_ones_are_kept_and_nothing_owed_writes_nothing() {
    let (_temp, round) = copied("D001W-missing");
    let folder = round.join("結果/督促");
    let first = program(&round, &[], "2022-11-14");
    assert_eq!(first.status.code(), Some(1), "{}", said(&first));
    assert!(
        !round.join("結果/取りまとめ.xlsx").exists() && !round.join("配布").exists() && !round.join(".実行中").exists()
    );
    let bytes = fs::read(folder.join("乙課.xlsx")).unwrap();
    let again = program(&round, &[], "2022-11-14");
    assert!(said(&again).contains("すでに同じものがあります"), "{}", said(&again));
    assert_eq!(fs::read(folder.join("乙課.xlsx")).unwrap(), bytes);
    assert!(!folder.join("履歴").exists());
    // On the next day the letter says another number of days; the one that may have been sent is kept.
    let document = folder.join("督促文（Word）/乙課.docx");
    fs::write(&document, b"by hand").unwrap();
    let next = program(&round, &[], "2022-11-15");
    assert!(said(&next).contains("手で直されていたため"), "{}", said(&next));
    assert_eq!(fs::read(&document).unwrap(), b"by hand");
    assert!(folder.join("督促文（Word）/乙課（新）.docx").is_file());
    let kept: Vec<PathBuf> = fs::read_dir(folder.join("履歴")).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(fs::read(kept[0].join("乙課.xlsx")).unwrap(), bytes);
    // The reply comes: nothing is owed, and the letters go to 履歴, but for the one that somebody wrote.
    fs::copy(root().join("samples/broken/F001E-required-blank/提出/乙課.xlsx"), round.join("提出/乙課.xlsx")).unwrap();
    let none = program(&round, &[], "2022-11-15");
    assert!(said(&none).contains("督促するものはありません") && said(&none).contains("移しました"), "{}", said(&none));
    assert!(!folder.join("乙課.xlsx").exists() && !folder.join("督促メール一覧.csv").exists() && document.exists());
    // Where nothing was ever owed there is no folder.
    let (_temp, round) = copied("F001E-required-blank");
    let ended = program(&round, &[], "2022-11-14");
    assert!(said(&ended).contains("督促するものはありません") && said(&ended).contains("まだ差し戻していないもの"));
    assert!(!round.join("結果").exists());
}

#[test]
fn programs_read_what_is_owed() {
    let (_temp, round) = copied("D001W-missing");
    let ended = program(&round, &["--format", "json", "--cp932"], "2022-11-14");
    let json: serde_json::Value = serde_json::from_slice(&ended.stdout).unwrap();
    let owed = &json["reminders"][0]["owed"][0];
    assert_eq!((owed["state"].as_str(), owed["due"].as_str()), (Some("missing"), Some("2022-11-11")));
    assert_eq!((owed["days_left"].as_i64(), owed["business_days_left"].as_i64()), (Some(-3), Some(-1)));
    assert_eq!(json["reminders"][0]["division_name"], "乙課");
    let paths: Vec<&str> = json["outputs"].as_array().unwrap().iter().map(|o| o["path"].as_str().unwrap()).collect();
    assert!(paths.contains(&"結果/督促/督促メール一覧_CP932.csv"), "{paths:?}");
    let mails = fs::read(round.join("結果/督促/督促メール一覧_CP932.csv")).unwrap();
    assert!(!mails.starts_with(b"\xEF\xBB\xBF") && String::from_utf8(mails).is_err());
}

#[test]
fn our_own_letters_in_the_folder_of_replies_are_no_replies() {
    let (_temp, round) = copied("D001W-missing");
    program(&round, &["-q"], "2022-11-14");
    for name in ["乙課.xlsx", "督促一覧.xlsx"] {
        fs::copy(round.join("結果/督促").join(name), round.join("提出").join(format!("送付 {name}"))).unwrap();
    }
    let all = ledger(&round, "2022-11-14");
    let told: Vec<&str> =
        all.findings.iter().filter(|f| f.code == "S087W").filter_map(|f| f.given.as_deref()).collect();
    assert_eq!(told, ["このプログラムの督促文", "このプログラムの督促一覧"]);
    assert_eq!(owed(&all)[0].1, Why::Missing);
}

#[cfg(unix)]
#[test]
fn nobody_is_asked_for_what_came_and_cannot_be_read_here() {
    let (_temp, round) = copied("D001W-missing");
    let missing = |all: &Ledger| all.findings.iter().filter(|f| f.code == "D001W").count();
    let before = ledger(&round, "2022-11-14");
    let asked = owed(&before);
    let (name, ..) = asked.iter().find(|(_, why, ..)| *why == Why::Missing).expect("one is missing").clone();
    // What is no ordinary file is given to nobody, the superuser included, as what another program holds on Windows.
    let held = round.join(format!("提出/{name}_回答.xlsx"));
    assert!(Command::new("mkfifo").arg(&held).status().expect("mkfifo").success());
    let after = ledger(&round, "2022-11-14");
    assert!(owed(&after).iter().all(|(division, ..)| *division != name));
    assert_eq!(missing(&after) + 1, missing(&before));
    assert!(after.findings.iter().any(|f| f.code == "S085W"));
    assert!(after.rates.iter().all(|r| !r.complete), "what is counted is provisional");
    let said = torimatome::report::text::status(&after, templates());
    assert!(said.contains("届いているが、この端末で読めていないもの（1 件）") && !said.contains("壊れ"), "{said}");
    // A file that names nobody is nobody's.
    fs::rename(&held, round.join("提出/回答.xlsx")).expect("renamed");
    assert_eq!(missing(&ledger(&round, "2022-11-14")), missing(&before));
}
