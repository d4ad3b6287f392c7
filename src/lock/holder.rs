//! Who holds a lock, as it is written into it; and whether that run is still there.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};

use crate::discover::in_japan;

/// A run that holds a lock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Holder {
    what: String,
    computer: String,
    user: String,
    since: String,
    process: String,
    /// When the process was started, where the system says so: numbers of processes are used again.
    started: String,
    /// What the number of the process counts on: this start of this machine, and in it this container.
    machine: String,
    /// The name of its file.
    token: String,
    /// How long ago the last sign of life was.
    age: Duration,
}

const HEAD: &str = "この調査回で、いま実行中です。終わると消えます（消さないでください）。";

impl Holder {
    /// This process.
    pub(super) fn this(what: &str, token: &str) -> Self {
        let id = std::process::id().to_string();
        Self {
            what: what.to_string(),
            computer: computer(),
            user: ["USER", "USERNAME", "LOGNAME"].iter().find_map(|n| std::env::var(n).ok()).unwrap_or_default(),
            since: in_japan(DateTime::<Utc>::from(SystemTime::now())).format("%Y-%m-%d %H:%M:%S").to_string(),
            started: started(&id).unwrap_or_default(),
            process: id,
            machine: machine(),
            token: token.to_string(),
            age: Duration::ZERO,
        }
    }

    fn lines(&self) -> [(&'static str, &String); 8] {
        [
            ("実行", &self.what),
            ("パソコン", &self.computer),
            ("利用者", &self.user),
            ("開始", &self.since),
            ("番号", &self.process),
            ("起動", &self.started),
            ("機械", &self.machine),
            ("印", &self.token),
        ]
    }

    pub(super) fn text(&self) -> String {
        let one_line = |t: &str| t.replace(['\r', '\n'], " ");
        let lines = self.lines().map(|(name, value)| format!("{name}: {}\n", one_line(value)));
        format!("{HEAD}\n{}", lines.concat())
    }

    /// From the file of a lock; `None` where it cannot be read, or its words are not those of the one it is named after.
    pub(super) fn read(path: &Path) -> Option<Self> {
        let holder = Self::parse(&fs::read_to_string(path).ok()?)?;
        (Some(holder.token.as_str()) == path.file_stem()?.to_str()).then_some(holder)
    }

    fn parse(text: &str) -> Option<Self> {
        let value = |name: &str| {
            let line = text.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(": "));
            line.unwrap_or_default().trim().to_string()
        };
        let holder = Self {
            what: value("実行"),
            computer: value("パソコン"),
            user: value("利用者"),
            since: value("開始"),
            process: value("番号"),
            started: value("起動"),
            machine: value("機械"),
            token: value("印"),
            age: Duration::ZERO,
        };
        (!holder.what.is_empty()).then_some(holder)
    }

    pub(super) fn seen(self, age: Duration) -> Self {
        Self { age, ..self }
    }

    /// Whether the run is still there, where that can be known: on this very computer only.
    pub(super) fn is_alive(&self) -> Option<bool> {
        if self.computer.is_empty() || self.computer != computer() || self.machine != machine() {
            return None;
        }
        match exists(&self.process)? {
            false => Some(false),
            // The same number, and by its start the same process; where starts are not known, its signs of life count.
            true if self.started.is_empty() => None,
            true => Some(started(&self.process)? == self.started),
        }
    }

    /// 「取りまとめ」（パソコン PC-01、利用者 sato、2026-11-28 14:03 から）
    pub(super) fn words(&self) -> String {
        let mut who = Vec::new();
        if !self.computer.is_empty() {
            who.push(format!("パソコン {}", self.computer));
        }
        if !self.user.is_empty() {
            who.push(format!("利用者 {}", self.user));
        }
        if let Some(minute) = self.since.get(..16) {
            who.push(format!("{minute} から"));
        }
        format!("「{}」（{}）", self.what, who.join("、"))
    }

    pub(super) fn last_sign(&self) -> String {
        format!("最後に動いていたのは{}秒前です。", self.age.as_secs())
    }
}

/// A name that no other run has.
pub(super) fn token() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let seed = format!(
        "{}{}{}{}{}",
        computer(),
        machine(),
        std::process::id(),
        since.as_nanos(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    );
    crate::intake::sha256(seed.as_bytes()).chars().take(24).collect()
}

/// Whether a file's name is one of an owner.
pub(super) fn is_token(name: &str) -> bool {
    name.strip_suffix(".txt").is_some_and(|t| t.len() == 24 && t.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn computer() -> String {
    let named = std::env::var("COMPUTERNAME").ok().filter(|_| cfg!(windows));
    named.unwrap_or_else(system_name)
}

#[cfg(unix)]
fn system_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn system_name() -> String {
    String::new()
}

/// What numbers of processes count on. Where the system does not say, the computer's name alone.
fn machine() -> String {
    let start = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let space = fs::read_link("/proc/self/ns/pid").map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
    format!("{} {space}", start.trim()).trim().to_string()
}

/// When a process was started, in the system's own count (Linux).
fn started(process: &str) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name of the program stands in brackets and may hold anything. A process that is over and was not yet fetched is dead.
    let mut rest = stat.rsplit_once(')')?.1.split_whitespace();
    let state = rest.next()?;
    if matches!(state, "Z" | "X") { Some(String::new()) } else { rest.nth(18).map(ToString::to_string) }
}

/// Whether there is a process of that number; `None` where that cannot be known.
#[cfg(unix)]
fn exists(process: &str) -> Option<bool> {
    let id = rustix::process::Pid::from_raw(process.parse().ok()?)?;
    match rustix::process::test_kill_process(id) {
        Ok(()) | Err(rustix::io::Errno::PERM) => Some(true),
        Err(rustix::io::Errno::SRCH) => Some(false),
        Err(_) => None,
    }
}

/// As the system's own list says.
#[cfg(windows)]
fn exists(process: &str) -> Option<bool> {
    let filter = format!("PID eq {process}");
    let mut list = std::process::Command::new("tasklist");
    let told = list.args(["/FI", &filter, "/NH", "/FO", "CSV"]).stdin(std::process::Stdio::null()).output().ok()?;
    told.status.success().then(|| listed(&String::from_utf8_lossy(&told.stdout), process))
}

#[cfg(not(any(unix, windows)))]
fn exists(_: &str) -> Option<bool> {
    None
}

/// Whether a list of processes (`"torimatome.exe","4711",…`) has this one under the name of a program like this.
#[cfg(any(windows, test))]
fn listed(list: &str, process: &str) -> bool {
    list.lines().any(|line| line.split(',').nth(1).is_some_and(|id| id.trim_matches('"') == process))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let this = Holder::this("取りまとめ", "x");
        assert_eq!(Holder::parse(&this.text()), Some(this.clone()));
        assert!(this.words().starts_with("「取りまとめ」（"), "{}", this.words());
        assert_eq!(Holder::parse(""), None);
        assert_eq!(Holder::parse("だれかのメモ"), None);
        assert_ne!(token(), token());
        assert!(is_token(&format!("{}.txt", token())) && !is_token("Thumbs.db") && !is_token("memo.txt"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_is_dead_only_where_that_is_known() {
        let this = Holder::this("取りまとめ", "x");
        assert_eq!(this.is_alive(), Some(true));
        // The number was given to another process since.
        assert_eq!(Holder { started: "1".into(), ..this.clone() }.is_alive(), Some(false));
        let mut child = std::process::Command::new("sleep").arg("60").spawn().expect("sleep");
        let id = child.id().to_string();
        let other = Holder { started: started(&id).expect("it runs"), process: id, ..this.clone() };
        assert_eq!(other.is_alive(), Some(true));
        child.kill().expect("ended");
        // Not yet fetched by its parent, and then gone.
        std::thread::sleep(Duration::from_millis(50));
        assert_eq!(other.is_alive(), Some(false));
        child.wait().expect("over");
        assert_eq!(other.is_alive(), Some(false));
        // Of another computer, or of this one before it was started anew, nothing is known.
        assert_eq!(Holder { computer: "PC-2".into(), ..other.clone() }.is_alive(), None);
        assert_eq!(Holder { machine: "another".into(), ..other }.is_alive(), None);
    }

    #[test]
    fn a_list_of_processes_is_read_by_number() {
        let list = "\"torimatome.exe\",\"4711\",\"Console\",\"1\",\"35,120 K\"\r\n";
        assert!(listed(list, "4711") && !listed(list, "471") && !listed("INFO: No tasks are running.", "4711"));
    }
}
