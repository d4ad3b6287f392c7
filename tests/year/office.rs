//! The office and its divisions at work: the program's commands, and what people type into its workbooks in between.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine;
use chrono::{Datelike, NaiveDate};

use crate::book::{At, Book, Put, Sheet};
use crate::said::{Dice, Row, Said, fiscal};
use crate::truth::{FIELDS, FORM, Month, Sent, target};

/// The rounds of a year, a folder each.
pub struct Office {
    pub root: PathBuf,
    dice: Dice,
    rounds: usize,
    /// The last that was said of each item, field by field, in any month.
    known: BTreeMap<String, Row>,
}

fn text(t: impl Into<String>) -> Put {
    Put::Text(t.into())
}

pub fn wareki(d: NaiveDate) -> String {
    format!("令和{}年{}月{}日", d.year() - 2018, d.month(), d.day())
}

impl Office {
    pub fn new(root: &Path, seed: u64) -> Self {
        Self { root: root.to_path_buf(), dice: Dice::new(seed ^ 0x5EED), rounds: 0, known: BTreeMap::new() }
    }

    pub fn folder(&self, n: usize) -> PathBuf {
        self.root.join(format!("{n:02}"))
    }

    /// Runs a command; what it prints on stdout.
    pub fn run(args: &[&str], today: NaiveDate) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_torimatome"));
        command.args(args).args(["--today", &today.to_string(), "--format", "json"]).stdin(Stdio::null());
        let out = command.output().expect("it starts");
        let said = String::from_utf8(out.stdout).expect("UTF-8");
        assert!(matches!(out.status.code(), Some(0 | 1)), "{args:?}: {said}{}", String::from_utf8_lossy(&out.stderr));
        said
    }

    /// One round from its folder to the program's answer.
    pub fn round(&mut self, month: &mut Month) -> serde_json::Value {
        let dir = self.folder(self.rounds);
        let of = dir.display().to_string();
        let last = self.folder(self.rounds.saturating_sub(1)).display().to_string();
        let from: &[&str] = if self.rounds == 0 { &["--code", "042021"] } else { &["--from", &last] };
        Self::run(&[&["init", &of], from].concat(), month.issued);
        self.settings(&dir, month);
        Self::run(&["issue", &of], month.issued);
        for sent in month.sent.clone() {
            // A year that is not written is read, and asked about, in the file that counts.
            for (file, item, key) in self.send(&dir, &sent, month) {
                let asked = month.disputed.get(&item).is_some_and(|(of, _)| *of == file);
                let counts = month.expected.answers.get(&item).is_some_and(|(_, of)| of.get(key) == Some(&file));
                if asked || counts {
                    month.expected.call("F014W", &sent.division, &item, false);
                }
            }
        }
        for (item, (row, _)) in &month.expected.answers {
            let said = row.iter().filter(|(_, said)| !said.is_blank()).map(|(key, said)| (*key, said.clone()));
            self.known.entry(item.clone()).or_default().extend(said);
        }
        self.rounds += 1;
        serde_json::from_str(&Self::run(&["consolidate", &of], month.today)).expect("one object")
    }

    fn settings(&mut self, dir: &Path, month: &Month) {
        let path = dir.join("調査設定.xlsx");
        let mut book = Book::open(&path);
        let sheet = book.sheet("基本");
        let cards = [("調査回の名称", month.name.clone()), ("依頼日", wareki(month.issued))];
        for (label, said) in cards.into_iter().chain([("発信者", "課長".into()), ("問合せ先", "DX担当".into())])
        {
            let at = sheet.right_of(label);
            sheet.put(at, &text(said));
        }
        let row = sheet.the(FORM, 0).0;
        for (head, d) in [("基準日", month.as_of), ("回答期限", month.deadline)] {
            let col = sheet.the(head, 0).1;
            sheet.put((row, col), &if self.dice.chance(50) { Put::Day(d.to_string()) } else { text(wareki(d)) });
        }
        let sheet = book.sheet("期限");
        let row = sheet.the("online", 0).0;
        let (name, date) = (sheet.the("名称", 0).1, sheet.the("期日", 0).1);
        sheet.put((row, name), &text(format!("令和{}年度末（手続）", fiscal(target()) - 2018)));
        sheet.put((row, date), &text(wareki(target())));
        let divisions = month.divisions.iter().map(|d| vec![&*d.code, "市民部", &*d.name, &*d.former, "", "0001"]);
        rows(book.sheet("所属"), "課コード", &divisions.collect::<Vec<_>>());
        let sheet = book.sheet("対象手続");
        let head = sheet.the("番号", 0);
        let name = sheet.the("手続名", 0).1;
        let scope = sheet.the("対象", 0).1;
        own_items(sheet, head, (name, scope), month);
        let (owner, former, sure) =
            (sheet.the("所管課コード", 0).1, sheet.the("前所管課コード", 0).1, sheet.the("確度", 0).1);
        for row in head.0 + 1..=sheet.last_row() {
            let key = sheet.text((row, head.1)).to_string();
            let Some(item) = month.items.iter().find(|i| i.key == key) else { continue };
            let said = item.owner.clone().map_or(Put::Blank, text);
            sheet.put((row, name), &text(&*item.name));
            sheet.put((row, sure), &if item.owner.is_some() { text("確定") } else { Put::Blank });
            sheet.put((row, owner), &said);
            sheet
                .put((row, former), &if item.former_owner.is_empty() { Put::Blank } else { text(&*item.former_owner) });
        }
        let days: Vec<(String, String)> =
            month.extensions.iter().map(|(_, d)| (wareki(*d), wareki(month.issued))).collect();
        let extended = month.extensions.iter().zip(&days);
        let extended = extended.map(|((code, _), (until, on))| vec![&**code, FORM, until, on, "機構改革のため"]);
        rows(book.sheet("延長"), "課コード", &extended.collect::<Vec<_>>());
        let until: Vec<String> = month.approvals.iter().map(|a| a.until.map(wareki).unwrap_or_default()).collect();
        let approved = month.approvals.iter().zip(&until);
        let approved = approved.map(|(a, until)| vec![a.code, "", FORM, &*a.item, "", "確認済みのため", until]);
        rows(book.sheet("了承"), "指摘コード", &approved.collect::<Vec<_>>());
        let receipts = month.sent.iter().filter(|s| s.typed != s.day || s.returned_on.is_some());
        let receipts: Vec<[String; 3]> = receipts
            .map(|s| {
                let came = if s.typed == s.day { String::new() } else { wareki(s.day) };
                [s.path.trim_start_matches("提出/").to_string(), came, s.returned_on.map(wareki).unwrap_or_default()]
            })
            .collect();
        let receipts = receipts.iter().map(|[file, came, back]| vec![&**file, "", "", came, back]);
        rows(book.sheet("受付"), "ファイル", &receipts.collect::<Vec<_>>());
        let decided: Vec<(String, String)> =
            month.decisions.iter().map(|d| (wareki(d.date), wareki(d.decided_on))).collect();
        let decided = month.decisions.iter().zip(&decided);
        let decided = decided.map(|(d, (on, by))| vec![FORM, &*d.item, "運用開始予定日", on, by, "第2回本部会議"]);
        rows(book.sheet("決定事項"), "様式ID", &decided.collect::<Vec<_>>());
        fs::write(path, book.saved(&format!("{}T00:00:00Z", month.issued))).expect("written");
    }

    /// A division's file: the form that was issued, with its answers typed in.
    fn send(&mut self, dir: &Path, sent: &Sent, month: &Month) -> Vec<Cell> {
        let mut without_year = Vec::new();
        let mut path = dir.join(&sent.path);
        if sent.inside.is_some() {
            path.pop();
        }
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        if sent.garbage {
            fs::write(path, b"PK\x03\x04 broken on the way").expect("written");
            return without_year;
        }
        let name = &month.divisions.iter().find(|d| d.code == sent.division).expect("it is known").name;
        let issued = dir.join(format!("配布/{name}/行政手続オンライン化 進捗調査票_{name}.xlsx"));
        let mut book = Book::open(&issued);
        let sheet = book.sheet("進捗調査票");
        for (label, said) in [("担当（役職）", "主査"), ("内線", "2345")] {
            let at = sheet.right_of(label);
            sheet.put(at, &text(said));
        }
        for label in ["提出日", "所属長確認日"] {
            let at = sheet.right_of(label);
            sheet.put(at, &text(wareki(sent.typed)));
        }
        let title = sheet.the("手続ごとの進捗", 0).0;
        let number = sheet.the("番号", title);
        let cols: Vec<(&str, u32)> = FIELDS.iter().map(|(key, label)| (*key, sheet.the(label, title).1)).collect();
        let unchanged = sheet.find("前回から変更なし", title).map(|at| at.1);
        for row in number.0 + 1..=sheet.last_row() {
            let item = sheet.text((row, number.1)).to_string();
            if item.is_empty() || !month.items.iter().any(|i| i.key == item) {
                continue;
            }
            for (key, col) in &cols {
                let said = sent.rows.get(&item).and_then(|r| r.get(key)).unwrap_or(&Said::Blank);
                let put = said.spelled(key, month.as_of, &mut self.dice);
                if matches!((said, &put), (Said::Date(_), Put::Text(t)) if is_without_year(t)) {
                    without_year.push((sent.path.clone(), item.clone(), *key));
                }
                sheet.put((row, *col), &put);
            }
            // A division that changes nothing says so, where its form has the box; a form that is sent back blank says nothing.
            let now = month.expected.answers.get(&item).map(|(row, _)| row);
            let same = |now: &Row| {
                let said: Row = now.iter().filter(|(_, s)| !s.is_blank()).map(|(k, s)| (*k, s.clone())).collect();
                self.known.get(&item) == Some(&said)
            };
            let answers = sent.rows.get(&item).is_some_and(|row| row.values().any(|said| !said.is_blank()));
            if let (Some(col), true) = (unchanged, answers && now.is_some_and(same)) {
                sheet.put((row, col), &text("○"));
            }
        }
        let bytes = book.saved(&format!("{}T03:00:00Z", sent.saved));
        let bytes = match sent.inside {
            Some("zip") => zipped(&bytes),
            Some(_) => mailed(&bytes),
            None => bytes,
        };
        fs::write(path, bytes).expect("written");
        without_year
    }
}

/// File, item and field.
type Cell = (String, String, &'static str);

/// Whether a date is written in words that lean on the day of the survey.
fn is_without_year(text: &str) -> bool {
    !(text.starts_with("令和") || text.starts_with('R') || text.chars().take(4).all(|c| c.is_ascii_digit()))
}

fn zipped(bytes: &[u8]) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    out.start_file("回答.xlsx", zip::write::SimpleFileOptions::default()).expect("started");
    out.write_all(bytes).expect("written");
    out.finish().expect("closed").into_inner()
}

fn mailed(bytes: &[u8]) -> Vec<u8> {
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let head = format!(
        "From: a@example.jp\r\nTo: b@example.jp\r\nSubject: reply\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"next\"\r\n\r\n--next\r\n\
         Content-Type: text/plain; charset=\"utf-8\"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n送ります。\r\n--next\r\n\
         Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment; filename*=utf-8''%E5%9B%9E%E7%AD%94.xlsx\r\n\r\n"
    );
    let coded = base64::engine::general_purpose::STANDARD.encode(bytes);
    let lines: Vec<&str> = coded.as_bytes().chunks(76).map(|l| std::str::from_utf8(l).expect("ASCII")).collect();
    format!("{head}{}\r\n--next--\r\n", lines.join("\r\n")).into_bytes()
}

/// Items that the city asks about beside the national list: on the free rows below it.
fn own_items(sheet: &mut Sheet, head: At, (name, scope): (u32, u32), month: &Month) {
    let national = |key: &str| key.split('-').next().and_then(|n| n.parse::<u32>().ok()).is_some_and(|n| n < 100);
    let rows: Vec<u32> = (head.0 + 1..=sheet.last_row()).filter(|r| !national(sheet.text((*r, head.1)))).collect();
    let own: Vec<_> = month.items.iter().filter(|i| !national(&i.key)).collect();
    for (n, row) in rows.into_iter().enumerate() {
        let put = |t: Option<&str>| t.map_or(Put::Blank, text);
        let item = own.get(n);
        if item.is_none() && sheet.text((row, head.1)).is_empty() {
            continue;
        }
        for col in head.1..=head.1 + 9 {
            sheet.put((row, col), &Put::Blank);
        }
        sheet.put((row, head.1), &put(item.map(|i| &*i.key)));
        sheet.put((row, name), &put(item.map(|i| &*i.name)));
        sheet.put((row, scope), &put(item.map(|_| "市町村")));
    }
}

/// Writes a table of the settings anew, from below its heads, over whatever the last month left in it.
fn rows(sheet: &mut Sheet, first: &str, all: &[Vec<&str>]) {
    let head = sheet.the(first, 0);
    let columns = (0..100).take_while(|col| !sheet.text((head.0, head.1 + col)).is_empty()).count();
    let columns = u32::try_from(columns).expect("few");
    for n in 0..u32::try_from(all.len()).expect("few").max(20) {
        let row = all.get(n as usize);
        for col in 0..columns {
            let said = row.and_then(|r| r.get(col as usize)).map_or("", |said| *said);
            sheet.put((head.0 + 1 + n, head.1 + col), &if said.is_empty() { Put::Blank } else { text(said) });
        }
    }
}
