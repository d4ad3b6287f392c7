//! The office and its divisions at work: the program's commands, and what people type into its workbooks in between.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use chrono::{Datelike, NaiveDate};

use crate::book::{Book, Put, Sheet};
use crate::said::{Dice, Said, fiscal};
use crate::truth::{FIELDS, FORM, Month, Sent, target};

/// The rounds of a year, a folder each.
pub struct Office {
    pub root: PathBuf,
    dice: Dice,
    rounds: usize,
}

fn text(t: impl Into<String>) -> Put {
    Put::Text(t.into())
}

pub fn wareki(d: NaiveDate) -> String {
    format!("令和{}年{}月{}日", d.year() - 2018, d.month(), d.day())
}

impl Office {
    pub fn new(root: &Path, seed: u64) -> Self {
        Self { root: root.to_path_buf(), dice: Dice::new(seed ^ 0x5EED), rounds: 0 }
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
    pub fn round(&mut self, month: &Month) -> serde_json::Value {
        let dir = self.folder(self.rounds);
        let of = dir.display().to_string();
        let last = self.folder(self.rounds.saturating_sub(1)).display().to_string();
        let from: &[&str] = if self.rounds == 0 { &["--code", "042021"] } else { &["--from", &last] };
        Self::run(&[&["init", &of], from].concat(), month.issued);
        self.settings(&dir, month);
        Self::run(&["issue", &of], month.issued);
        for sent in &month.sent {
            self.send(&dir, sent, month);
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
        let (owner, former, sure) =
            (sheet.the("所管課コード", 0).1, sheet.the("前所管課コード", 0).1, sheet.the("確度", 0).1);
        for row in head.0 + 1..=sheet.last_row() {
            let key = sheet.text((row, head.1)).to_string();
            let Some(item) = month.items.iter().find(|i| i.key == key) else { continue };
            let said = item.owner.clone().map_or(Put::Blank, text);
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
        fs::write(path, book.saved(&format!("{}T00:00:00Z", month.issued))).expect("written");
    }

    /// A division's file: the form that was issued, with its answers typed in.
    fn send(&mut self, dir: &Path, sent: &Sent, month: &Month) {
        let path = dir.join(&sent.path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        if sent.garbage {
            fs::write(path, b"PK\x03\x04 broken on the way").expect("written");
            return;
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
            sheet.put(at, &text(wareki(sent.day)));
        }
        let title = sheet.the("手続ごとの進捗", 0).0;
        let number = sheet.the("番号", title);
        let cols: Vec<(&str, u32)> = FIELDS.iter().map(|(key, label)| (*key, sheet.the(label, title).1)).collect();
        for row in number.0 + 1..=sheet.last_row() {
            let item = sheet.text((row, number.1)).to_string();
            if item.is_empty() || !month.items.iter().any(|i| i.key == item) {
                continue;
            }
            for (key, col) in &cols {
                let said = sent.rows.get(&item).and_then(|r| r.get(key)).unwrap_or(&Said::Blank);
                let put = said.spelled(key, month.as_of, &mut self.dice);
                sheet.put((row, *col), &put);
            }
        }
        let bytes = book.saved(&format!("{}T03:00:00Z", sent.saved));
        fs::write(path, bytes).expect("written");
    }
}

/// Writes a table of the settings anew, from below its heads.
fn rows(sheet: &mut Sheet, first: &str, all: &[Vec<&str>]) {
    let head = sheet.the(first, 0);
    for n in 0..u32::try_from(all.len()).expect("few").max(20) {
        let row = all.get(n as usize);
        for col in 0..u32::try_from(row.map_or(1, Vec::len)).expect("few") {
            let said = row.map_or("", |r| r[col as usize]);
            sheet.put((head.0 + 1 + n, head.1 + col), &if said.is_empty() { Put::Blank } else { text(said) });
        }
    }
}
