//! Errors that end a run: what could not be done, and one next step. Printed once, in the command line.
//!
//! What is wrong with somebody's data is never an error but a finding.

use std::fmt;
use std::io;

/// Why the program cannot go on, in Japanese, with what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What could not be done.
    pub message: String,
    /// What to do next.
    pub next: String,
}

impl Error {
    /// An error with its next step.
    #[must_use]
    pub fn new(message: impl Into<String>, next: impl Into<String>) -> Self {
        Self { message: message.into(), next: next.into() }
    }

    /// A file that could not be written.
    #[must_use]
    pub fn write(path: &std::path::Path, e: &io::Error) -> Self {
        let next = match e.kind() {
            _ if crate::moving::is_held(e) => IN_USE,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                "ディスクの空きを作ってから、もう一度実行してください。"
            }
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => IN_USE,
            _ => "フォルダとディスクの状態を確かめてから、もう一度実行してください。",
        };
        Self::new(format!("「{}」に書き込めません（{}）。", path.display(), io_words(e)), next)
    }
}

/// What to look at where something cannot be written that could be elsewhere.
const IN_USE: &str = "書き込みのできるフォルダかどうか、Excelで開いたままになっていないかを確かめてください。";

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  {}", self.message, self.next)
    }
}

impl std::error::Error for Error {}

/// An I/O error in the office's words.
#[must_use]
pub fn io_words(e: &io::Error) -> String {
    if e.raw_os_error().is_some_and(|n| TOO_MANY_OPEN.contains(&n)) {
        return "一度に開けるファイルの数を超えました".into();
    }
    if cfg!(windows) && matches!(e.raw_os_error(), Some(32 | 33)) {
        return "ほかの人が開いているか、コピーの途中です".into();
    }
    match e.kind() {
        io::ErrorKind::NotFound => "見つかりません".into(),
        io::ErrorKind::PermissionDenied => "権限がないか、ほかで開かれています".into(),
        io::ErrorKind::StorageFull => "ディスクがいっぱいです".into(),
        io::ErrorKind::QuotaExceeded => "使える容量の上限に達しています".into(),
        io::ErrorKind::ReadOnlyFilesystem => "読み取り専用です".into(),
        io::ErrorKind::AlreadyExists => "すでにあります".into(),
        io::ErrorKind::NotADirectory => "フォルダではありません".into(),
        io::ErrorKind::IsADirectory => "フォルダです".into(),
        io::ErrorKind::TimedOut
        | io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::NetworkDown
        | io::ErrorKind::StaleNetworkFileHandle => "共有フォルダにつながりません".into(),
        io::ErrorKind::OutOfMemory => "メモリが足りません".into(),
        _ => e.to_string(),
    }
}

/// What systems call it when a process, or all of them, have too many files open.
const TOO_MANY_OPEN: [i32; 2] = if cfg!(windows) { [4, 4] } else { [23, 24] };
