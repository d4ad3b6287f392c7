//! One file of 提出/ to everything in it: the file itself, or what lies in an archive or a mail, however deep.
//!
//! A file that holds files is no reply; each file inside is a submission of its own under the path `holder/inner`.

use arcstr::ArcStr;

use crate::discover::{Found, Trouble};
use crate::intake::{self, Context, Intake, blank, closed, is_system_file, sha256};
use crate::model::date::wareki;
use crate::model::submission::State;
use crate::model::{Finding, Form, Place};
use crate::read::Refusal;
use crate::read::inside::{self, Holder, Inner, Room, Told};
use crate::refused::{not_read, refused};

/// Takes in a file of a given size; one past the limit comes without its bytes.
#[must_use]
pub fn files(bytes: &[u8], size: u64, name: &str, forms: &[&Form], ctx: &Context<'_>) -> Vec<Intake> {
    let limit = ctx.limits.file;
    if size > limit {
        return vec![shut(name, &Refusal::TooLarge { what: "file".into(), limit, found: size }, ctx)];
    }
    let room = Room::new(ctx.limits);
    let mut unpacking = Unpacking { forms, ctx, room: &room, out: Vec::new() };
    unpacking.file(bytes, name, 0);
    let closed = |i: &Intake| matches!(i.submission.state, State::Unreadable | State::NotOurs);
    if is_passing(name) && unpacking.out.iter().all(closed) {
        return vec![not_given(name, "ダウンロードかコピーの途中の名前です", ctx)];
    }
    unpacking.out
}

/// Names that programs give a file while it is being written.
fn is_passing(name: &str) -> bool {
    const ENDS: [&str; 6] = [".crdownload", ".partial", ".part", ".download", ".opdownload", ".filepart"];
    let name = name.to_lowercase();
    ENDS.iter().any(|end| name.ends_with(end))
}

/// What is said of a file or folder that was found and is not read.
pub(crate) fn unread(found: &Found, why: &str) -> Finding {
    let (_, finding) = match found.trouble {
        Some(Trouble::Link) => {
            refused(&Refusal::Link { looks_like: "ほかの場所にあるファイルへのリンク" })
        }
        Some(Trouble::FolderLink) => {
            refused(&Refusal::Link { looks_like: "ほかの場所にあるフォルダへのリンク" })
        }
        _ => not_read(why),
    };
    finding.at(place(&found.name))
}

/// A file or folder that the system does not give.
#[must_use]
pub fn not_given(name: &str, why: &str, ctx: &Context<'_>) -> Intake {
    let (state, finding) = not_read(why);
    closed(blank(name), state, finding.at(place(name)), ctx.templates)
}

/// What was found and is no file to be read: a link, a folder that cannot be listed, a file that the system does not give.
#[must_use]
pub fn not_read_whole(found: &Found, why: &str, ctx: &Context<'_>) -> Intake {
    let finding = unread(found, why);
    let state = if finding.code == "S083W" { State::NotOurs } else { State::Unreadable };
    closed(blank(&found.name), state, finding, ctx.templates)
}

fn shut(name: &str, refusal: &Refusal, ctx: &Context<'_>) -> Intake {
    let (state, finding) = refused(refusal);
    closed(blank(name), state, finding.at(place(name)), ctx.templates)
}

fn place(name: &str) -> Place {
    Place::file(&ArcStr::from(name))
}

struct Unpacking<'a> {
    forms: &'a [&'a Form],
    ctx: &'a Context<'a>,
    room: &'a Room<'a>,
    out: Vec<Intake>,
}

impl Unpacking<'_> {
    fn file(&mut self, bytes: &[u8], name: &str, depth: u64) {
        let holder = if is_system_file(name) { None } else { inside::holder(bytes, self.ctx.limits) };
        let Some(holder) = holder else {
            self.out.extend(intake::apart(intake::file(bytes, name, self.forms, self.ctx)));
            return;
        };
        // The holder stands before what is in it, and is told when that is known.
        let at = self.out.len();
        self.out.push(closed(blank(name), State::NotOurs, Finding::new("S041I"), self.ctx.templates));
        let limit = self.ctx.limits.depth;
        let mut count = 0;
        let told = if depth < limit {
            let passwords = self.ctx.round.map(intake::passwords).unwrap_or_default();
            inside::each(bytes, holder, &passwords, self.room, &mut |inner| {
                count += 1;
                self.inner(inner, name, depth);
            })
        } else {
            Err(Refusal::TooDeep { limit })
        };
        let mut intake = self.holder(name, holder, count, &told);
        intake.submission.sha256 = sha256(bytes);
        if let Some(slot) = self.out.get_mut(at) {
            *slot = intake;
        }
    }

    fn inner(&mut self, inner: Inner, holder: &str, depth: u64) {
        let name = format!("{holder}/{}", inner.name);
        let at = self.out.len();
        match inner.bytes {
            Ok(bytes) => self.file(&bytes, &name, depth + 1),
            Err(refusal) => self.out.push(shut(&name, &refusal, self.ctx)),
        }
        for intake in self.out.get_mut(at..).unwrap_or_default() {
            intake.modified = intake.modified.or(inner.modified);
        }
    }

    /// What is said of a file that holds files.
    fn holder(&self, name: &str, holder: Holder, count: usize, told: &Result<Told, Refusal>) -> Intake {
        let templates = self.ctx.templates;
        let told = match told {
            Ok(told) => told,
            Err(refusal) => return shut(name, refusal, self.ctx),
        };
        if count == 0 && holder != Holder::Zip {
            let looks_like = if holder == Holder::Wrapped {
                "添付ファイルのないwinmail.dat"
            } else {
                "添付ファイルのないメール"
            };
            return shut(name, &Refusal::NotASpreadsheet { looks_like }, self.ctx);
        }
        let finding = match holder {
            Holder::Zip => Finding::new("S041I").given(count.to_string()),
            _ => Finding::new("S086I").given(count.to_string()).arg("detail", mail_in_words(holder, told)),
        };
        let mut intake = closed(blank(name), State::NotOurs, finding.at(place(name)), templates);
        if told.password {
            intake.findings.push(Finding::new("S040I").at(place(name)));
        }
        intake
    }
}

/// When a mail was sent and what of it was passed over; goes behind the sentence's first words.
fn mail_in_words(holder: Holder, told: &Told) -> String {
    let mut words = Vec::new();
    if holder == Holder::Wrapped {
        words.push("winmail.dat".to_string());
    }
    words.extend(told.sent.map(|t| format!("{} {}に送信", wareki(t.date()), t.format("%-H:%M"))));
    if told.passed_over > 0 {
        words.push(format!("署名などの小さな画像{}個は読んでいません", told.passed_over));
    }
    if words.is_empty() { String::new() } else { format!("（{}）", words.join("。")) }
}
