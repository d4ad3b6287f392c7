//! Why a file is not read, as a state and a finding: a refusal of the reader in the words of the office.

use crate::check;
use crate::model::Finding;
use crate::model::submission::State;
use crate::read::{Lock, Refusal};

/// The state in which a file ends that is refused, and what is said of it.
pub(crate) fn refused(refusal: &Refusal) -> (State, Finding) {
    match refusal {
        Refusal::Empty => (State::Unreadable, Finding::new("S006E")),
        Refusal::TooLarge { what, limit, found } => (State::Unreadable, too_large(what, *limit, *found)),
        Refusal::Encrypted(Lock::NotOpened) => (State::Unreadable, Finding::new("S082E")),
        Refusal::Encrypted(lock) => (State::Unreadable, Finding::new("S002E").arg("detail", lock_in_words(*lock))),
        Refusal::OwnerFile { who } => {
            let who = if who.is_empty() { "だれか" } else { who };
            (State::NotOurs, Finding::new("S007I").given(who))
        }
        Refusal::NotASpreadsheet { looks_like } => (State::NotOurs, Finding::new("S003W").given(*looks_like)),
        Refusal::Damaged { detail } => {
            (State::Unreadable, Finding::new("S001E").arg("detail", damage_in_words(detail)))
        }
        Refusal::Dangerous { detail } => {
            (State::Unreadable, Finding::new("S005E").arg("detail", danger_in_words(detail)))
        }
        Refusal::Unsupported { looks_like } => (State::Unreadable, Finding::new("S008E").given(*looks_like)),
        Refusal::Closed { looks_like } => (State::Unreadable, Finding::new("S080W").given(*looks_like)),
        Refusal::TooDeep { limit } => (State::Unreadable, Finding::new("S081W").expected(limit.to_string())),
        Refusal::Link { looks_like } => (State::NotOurs, Finding::new("S083W").given(*looks_like)),
        Refusal::Restricted => (State::Unreadable, Finding::new("S084E")),
    }
}

/// What this machine could not read, through no fault of whoever sent it.
pub(crate) fn not_read(why: &str) -> (State, Finding) {
    (State::Unreadable, Finding::new("S085W").given(why))
}

/// How a file is damaged, in the office's words.
fn damage_in_words(detail: &str) -> &'static str {
    let has = |words: &[&str]| words.iter().any(|w| detail.contains(w));
    if has(&["shared strings missing"]) {
        "セルの文字をまとめた部品がありません"
    } else if has(&["EOCD", "breaks off", "end of file", "truncat", "unexpected eof"]) {
        "途中で切れています"
    } else if has(&["crc", "CRC", "checksum", "Checksum"]) {
        "中身の検査値が合いません"
    } else if has(&["zero bytes"]) {
        "中身がすべて0です"
    } else if has(&["quotation"]) {
        "引用符が閉じていません"
    } else if has(&["child stopped: time"]) {
        "決められた時間のうちに読み終わりません"
    } else if has(&["child stopped"]) {
        "読み取りの途中で、メモリの不足などのために止まりました"
    } else if has(&["compression method"]) {
        "この版の知らない方法で圧縮されています"
    } else if has(&["workbook"]) {
        "ブックの本体がありません"
    } else {
        "内部の構造が壊れています"
    }
}

/// Why a file with a password stays closed, in the office's words; goes on the sentence's last word.
fn lock_in_words(lock: Lock) -> String {
    match lock {
        Lock::NoPassword => String::new(),
        Lock::NoneFits(tried) => format!("（調査設定の合言葉{tried}個を試しましたが、どれも合いません）"),
        Lock::NotOpened => "（この形式は、合言葉を書いても開けません）".to_string(),
    }
}

/// What is dangerous about a file, in the office's words.
fn danger_in_words(detail: &str) -> &'static str {
    match detail {
        "DOCTYPE" => "外部の定義を読み込む指定",
        "duplicate part" => "同じ名前の部品",
        "spin count" => "開くのに終わりのない計算を求める暗号",
        _ => "部品の名前の細工",
    }
}

/// What passes a limit, in the office's words.
pub(crate) fn too_large(what: &str, limit: u64, found: u64) -> Finding {
    let (name, unit) = match what {
        "file" => ("ファイルの大きさ", "バイト"),
        "files" => ("圧縮ファイルやメールの中のファイルの数", "個"),
        "parts" => ("部品の数", "個"),
        "part" | "total" => ("展開した大きさ", "バイト"),
        "cells" | "dense" => ("セルの数", "個"),
        "sheets" => ("シートの数", "枚"),
        "merges" => ("結合したセルの数", "か所"),
        "answers" => ("回答の数", "個"),
        _ => ("文字の量", "バイト"),
    };
    let amount = |n: u64| check::words::separated(&n.to_string()) + unit;
    Finding::new("S004E").given(format!("{name}（{}）", amount(found))).expected(amount(limit))
}
