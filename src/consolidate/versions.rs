//! Which files of one reply count, and what is to say about those that count in part or not at all.

use std::collections::{BTreeMap, BTreeSet};

use arcstr::ArcStr;

use super::merge::{Merged, Replaced, merge};
use super::rules::Rules;
use crate::check::moved::same;
use crate::check::words;
use crate::model::ledger::Revision;
use crate::model::submission::{Rank, ReceivedBasis, State};
use crate::model::{Answer, Answers, Finding, Form, Place, Record, Role, Round, Submission, Value};

/// How many things a sentence names.
const NAMED: usize = 5;

/// Several files of one reply brought together.
pub(super) struct Versions {
    /// What they say together; nothing of it is a file's own but the places of its answers.
    pub(super) reply: Submission,
    /// What is to say about each file as a whole, in their order.
    pub(super) of_files: Vec<Option<Finding>>,
    /// What else is to say about them.
    pub(super) findings: Vec<Finding>,
    /// Cells of files that count whose answers do not.
    pub(super) replaced: BTreeSet<Place>,
    /// Answers that later files give otherwise.
    pub(super) revisions: Vec<Revision>,
}

/// Settles the files of one reply, given in the order of their paths.
pub(super) fn versions(files: &mut [&mut Submission], form: &Form, rules: &Rules<'_>, round: &Round) -> Versions {
    let fates: Vec<Fate>;
    let (reply, findings, replaced, revisions);
    {
        let shared: Vec<&Submission> = files.iter().map(|f| &**f).collect();
        let merged = merge(&shared, rules);
        fates = fates_of(&shared, &merged);
        let about = About { files: &shared, form, round, rules, merged: &merged, fates: &fates };
        findings = about.findings();
        let counts = |r: &&Replaced<'_>| fates[r.old.0].state == State::Accepted;
        let others = merged.replaced.iter().chain(&merged.disputed).filter(counts).map(|r| r.old.1.place.clone());
        // What two files say alike is told once, where it counts.
        let left = merged.left.iter().map(|l| l.new.1.place.clone());
        let again = merged.repeated.iter().filter(|(file, _)| fates[*file].state == State::Accepted);
        replaced = others.chain(left).chain(again.map(|(_, answer)| answer.place.clone())).collect();
        reply = together(&shared, &merged, &fates);
        revisions = merged.replaced.iter().map(|r| revision(shared[r.new.0], r)).collect();
    }
    let mut of_files = Vec::new();
    for (file, fate) in files.iter_mut().zip(fates) {
        (file.state, file.reason, file.empty) = (fate.state, fate.reason, fate.empty);
        of_files.push(fate.finding);
    }
    Versions { reply, of_files, findings, replaced, revisions }
}

fn revision(file: &Submission, r: &Replaced<'_>) -> Revision {
    Revision {
        form: file.form.clone().unwrap_or_default(),
        division: file.division.clone().unwrap_or_default(),
        item: r.record.1.to_string(),
        key: r.key.to_string(),
        before: r.old.1.clone(),
        after: r.new.1.clone(),
    }
}

/// What becomes of a file.
struct Fate {
    state: State,
    reason: String,
    empty: bool,
    finding: Option<Finding>,
}

impl Fate {
    const fn counts() -> Self {
        Self { state: State::Accepted, reason: String::new(), empty: false, finding: None }
    }

    const fn aside(state: State, reason: String, finding: Finding) -> Self {
        Self { state, reason, empty: false, finding: Some(finding) }
    }
}

fn fates_of(files: &[&Submission], merged: &Merged<'_>) -> Vec<Fate> {
    let silent = merged.says.iter().all(|n| *n == 0);
    let newest = files.iter().map(|f| f.rank()).max();
    // Of files that say nothing at all the newest stands for them; which of several is of no account.
    let first = files.iter().position(|f| Some(f.rank()) == newest);
    let counting: Vec<usize> =
        (0..files.len()).filter(|at| if silent { Some(*at) == first } else { merged.counts[*at] > 0 }).collect();
    let one = |at: usize| fate_of(at, files, merged, &counting);
    (0..files.len()).map(one).collect()
}

fn fate_of(at: usize, files: &[&Submission], merged: &Merged<'_>, counting: &[usize]) -> Fate {
    let file = files[at];
    let named = |those: &mut dyn Iterator<Item = usize>| {
        let names: BTreeSet<&str> = those.map(|f| files[f].file.as_str()).collect();
        names.into_iter().collect::<Vec<_>>().join("、")
    };
    if counting.contains(&at) {
        return Fate::counts();
    }
    if let Some(same) = counting.iter().find(|c| same_values(files[**c], file)) {
        let kept = &files[*same].file;
        return Fate::aside(State::Duplicate, format!("{kept} と同じ内容です。"), about(file, "S032I").expected(kept));
    }
    let tied = merged.disputed.iter().any(|d| d.old.0 == at);
    if tied && merged.says[at] > 0 {
        let others = named(&mut merged.under[at].iter().copied());
        let mut finding = about(file, "S030E").expected(&others);
        finding.related = merged.under[at].iter().map(|o| file_place(files[*o])).collect();
        finding.related.dedup();
        let reason = "内容の違う対象は、新旧を決められないため、どちらも集計していません。".to_string();
        return Fate::aside(State::Superseded, reason, finding);
    }
    let apart: Vec<usize> = merged.apart.iter().filter(|p| p.old.0 == at).map(|p| p.new.0).collect();
    if !apart.is_empty() {
        // The row says what has to be done; "no need to do anything" would be untrue.
        let others = named(&mut apart.into_iter());
        let reason = format!("同じ番号の行に、{others} とは別のものが記入されています。");
        return Fate { state: State::Superseded, reason, empty: false, finding: None };
    }
    if !merged.under[at].is_empty() {
        // Those files are asked about. Nothing took the place of this one's answers, so that all is not well.
        let others = named(&mut merged.under[at].iter().copied());
        let reason = format!("この後に届いた {others} の新旧が決まらないため、集計していない対象があります。");
        return Fate { state: State::Superseded, reason, empty: false, finding: None };
    }
    if merged.says[at] == 0 && counting.iter().any(|c| files[*c].rank() <= file.rank()) {
        let kept = named(&mut counting.iter().copied());
        let reason = format!("回答が一つもないため、{kept} の回答を集計しています。");
        let answers: usize = merged.counts.iter().sum();
        let finding = about(file, "S029W").expected(&kept).given(answers.to_string()).arg("what", "の回答");
        let related = counting.iter().map(|c| file_place(files[*c])).collect();
        return Fate { empty: true, ..Fate::aside(State::Superseded, reason, Finding { related, ..finding }) };
    }
    let mut by: BTreeSet<usize> = merged.replaced.iter().filter(|r| r.old.0 == at).map(|r| r.new.0).collect();
    by.retain(|f| counting.contains(f));
    if by.is_empty() {
        by.extend(counting);
    }
    let back = merged.taken_back.iter().any(|b| b.old.0 == at);
    let doubtful = back || by.iter().any(|new| is_doubtful(files, at, *new));
    let kept = named(&mut by.into_iter());
    let reason = format!("{kept} に差し替わりました。");
    let fate = Fate::aside(State::Superseded, reason, about(file, "S031I").expected(kept));
    // Which of them is newer is asked about, so that nothing says that all is well.
    if doubtful { Fate { finding: None, ..fate } } else { fate }
}

/// Whether the order of two files rests on a 提出日 that cannot be, or 保存日時 says the opposite of it.
fn is_doubtful(files: &[&Submission], a: usize, b: usize) -> bool {
    files[a].doubtful_day || files[b].doubtful_day || is_against(files[a], files[b])
}

/// Whether the days of two files and their 保存日時 order them differently. A day of 受付 is the clerk's word.
fn is_against(a: &Submission, b: &Submission) -> bool {
    let Some((of_a, of_b)) = a.received.zip(b.received) else { return false };
    let Some((saved_a, saved_b)) = a.stamp.zip(b.stamp) else { return false };
    let by_clerk = [of_a, of_b].iter().any(|r| r.basis == ReceivedBasis::受付);
    !by_clerk && of_a.day != of_b.day && saved_a != saved_b && (of_a.day < of_b.day) != (saved_a < saved_b)
}

/// The reply: the newest file that counts, with the records and the card of all that do.
fn together(files: &[&Submission], merged: &Merged<'_>, fates: &[Fate]) -> Submission {
    let mut parts: Vec<&Submission> =
        files.iter().zip(fates).filter(|(_, f)| f.state == State::Accepted).map(|(s, _)| *s).collect();
    parts.sort_by_key(|f| f.rank());
    let newest = parts.iter().rev().max_by_key(|f| f.rank()).or(files.first());
    let Some(newest) = newest else { return Submission::new("", State::Accepted) };
    let mut reply = Submission { records: merged.records.clone(), ..(*newest).clone() };
    (reply.state, reply.reason) = (State::Accepted, String::new());
    // A record in which nobody answers is that of a file that counts, or nobody's.
    let counts = |a: &Answer| parts.iter().any(|p| p.file == *a.place.file);
    reply.records.retain(|r| r.fields.values().any(counts));
    reply.card = card(&parts);
    reply.veiled = parts.iter().flat_map(|p| p.veiled.clone()).collect();
    reply
}

/// What stands on the cards of one reply.
pub struct Head<'a> {
    /// Form id.
    pub form: &'a str,
    /// Division code.
    pub division: &'a str,
    /// The answers of its cards, in all files that count.
    pub card: Answers,
}

/// The cards of each reply that came, in the order of the files.
#[must_use]
pub fn heads(submissions: &[Submission]) -> Vec<Head<'_>> {
    let mut heads: Vec<(&str, &str, Vec<&Submission>)> = Vec::new();
    let mut known: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for s in submissions.iter().filter(|s| s.state == State::Accepted) {
        let (form, division) = (s.form.as_deref().unwrap_or_default(), s.division.as_deref().unwrap_or_default());
        let at = *known.entry((form, division)).or_insert_with(|| {
            heads.push((form, division, Vec::new()));
            heads.len() - 1
        });
        heads[at].2.push(s);
    }
    heads.iter_mut().for_each(|(_, _, parts)| parts.sort_by_key(|p| p.rank()));
    heads.into_iter().map(|(form, division, parts)| Head { form, division, card: card(&parts) }).collect()
}

/// The card of files that count, given with the newest last: each answer from the newest that gives it.
fn card(parts: &[&Submission]) -> Answers {
    let mut card: BTreeMap<ArcStr, (Rank, Answer)> = BTreeMap::new();
    for part in parts {
        for (key, answer) in &part.card {
            let better = card.get(key).is_none_or(|(rank, old)| (answer.says(), part.rank()) > (old.says(), *rank));
            if better {
                card.insert(key.clone(), (part.rank(), answer.clone()));
            }
        }
    }
    card.into_iter().map(|(key, (_, answer))| (key, answer)).collect()
}

pub(super) fn file_place(f: &Submission) -> Place {
    Place::file(&ArcStr::from(f.file.as_str()))
}

pub(super) fn about(f: &Submission, code: &str) -> Finding {
    let (form, division) = (f.form.clone().unwrap_or_default(), f.division.clone().unwrap_or_default());
    Finding::new(code).at(file_place(f)).of(&form, &division, "")
}

/// Whether two versions say the same: every record with answers of one meaning. What cannot be read is the same where it was
/// typed alike; 未定 is one answer however it is worded, as everywhere that answers are compared.
pub(super) fn same_values(a: &Submission, b: &Submission) -> bool {
    fn answers(s: &Submission) -> BTreeMap<(&str, &str, &str), &Answer> {
        let records = s.records.iter();
        records
            .flat_map(|r| r.fields.iter().map(move |(k, a)| ((r.block.as_str(), r.item.as_str(), k.as_str()), a)))
            .collect()
    }
    let alike = |a: &Answer, b: &Answer| match &a.value {
        Value::Unreadable => b.value == Value::Unreadable && a.raw == b.raw,
        value => same(value, &b.value),
    };
    let (a, b) = (answers(a), answers(b));
    a.len() == b.len() && a.iter().all(|(key, one)| b.get(key).is_some_and(|other| alike(one, other)))
}

/// Whether two files answer some question of one record differently.
pub(super) fn contradict(a: &Submission, b: &Submission, rules: &Rules<'_>) -> bool {
    let beside = |r: &Record| b.records.iter().find(|o| (&o.block, &o.item) == (&r.block, &r.item));
    a.records.iter().filter_map(|r| Some((r, beside(r)?))).any(|(r, o)| {
        let both = r.fields.iter().filter_map(|(k, x)| Some((k, x, o.fields.get(k)?)));
        both.filter(|(k, x, y)| rules.is_open(k) && x.says() && y.says()).any(|(_, x, y)| !same(&x.value, &y.value))
    })
}

/// What is told about the files of a reply.
struct About<'a> {
    files: &'a [&'a Submission],
    form: &'a Form,
    round: &'a Round,
    rules: &'a Rules<'a>,
    merged: &'a Merged<'a>,
    fates: &'a [Fate],
}

impl About<'_> {
    fn findings(&self) -> Vec<Finding> {
        let mut findings = self.disputed();
        findings.extend(self.apart());
        findings.extend(self.doubtful());
        findings.extend(self.replaced());
        findings.extend(self.left());
        findings.extend(self.blanks());
        findings.extend(self.left_out());
        findings
    }

    fn counts(&self, file: usize) -> bool {
        self.fates[file].state == State::Accepted
    }

    fn of(&self, code: &str, file: usize, item: &str) -> Finding {
        Finding { item: Some(item.to_string()).filter(|i| !i.is_empty()), ..about(self.files[file], code) }
    }

    fn name<'n>(&'n self, item: &'n str) -> &'n str {
        self.round.item_name(self.form.roster.as_deref(), item)
    }

    /// The items of some records in words.
    fn names(&self, items: &[&str]) -> String {
        let first: Vec<String> = items.iter().take(NAMED).map(|i| format!("「{}」", self.name(i))).collect();
        let more = if items.len() > NAMED { "など" } else { "" };
        format!("{}{more}", first.join("、"))
    }

    /// Records that two files of one rank answer differently, of files that count otherwise.
    fn disputed(&self) -> Vec<Finding> {
        let mut by: BTreeMap<(usize, &str, &str), Vec<&Replaced<'_>>> = BTreeMap::new();
        for d in self.merged.disputed.iter().filter(|d| self.counts(d.old.0)) {
            by.entry((d.old.0, d.record.0, d.record.1)).or_default().push(d);
        }
        by.into_iter()
            .map(|((file, _, item), pairs)| {
                let others: BTreeSet<&str> = pairs.iter().map(|p| self.files[p.new.0].file.as_str()).collect();
                let expected = others.into_iter().collect::<Vec<_>>().join("、");
                let mut finding = self.of("S030E", file, item).field(pairs[0].key).at(pairs[0].old.1.place.clone());
                finding.related = pairs.iter().map(|p| p.new.1.place.clone()).collect();
                finding.given(words::given(pairs[0].old.1)).expected(expected)
            })
            .collect()
    }

    /// Rows of one number that name different things.
    fn apart(&self) -> Vec<Finding> {
        let told = |p: &Replaced<'_>| {
            let tied = self.files[p.old.0].rank() == self.files[p.new.0].rank();
            let counts = if tied {
                "どちらも集計に入れていません"
            } else {
                "後に届いたほうだけを集計に使っています"
            };
            let mut finding = self.of("S055E", p.old.0, p.record.1).field(p.key).at(p.old.1.place.clone());
            finding.related.push(p.new.1.place.clone());
            let finding = finding.given(words::given(p.old.1)).expected(words::given(p.new.1));
            finding.arg("file", &self.files[p.new.0].file).arg("cell", p.new.1.place.cell_text()).arg("counts", counts)
        };
        self.merged.apart.iter().map(told).collect()
    }

    /// Files whose answers differ and whose order rests on a day that cannot be.
    fn doubtful(&self) -> Vec<Finding> {
        let told = |r: &&Replaced<'_>| is_doubtful(self.files, r.old.0, r.new.0);
        let all = self.merged.replaced.iter().filter(told);
        let mut pairs: BTreeMap<(usize, usize), Vec<&Replaced<'_>>> = BTreeMap::new();
        all.for_each(|r| pairs.entry((r.old.0, r.new.0)).or_default().push(r));
        let told = |((old, new), all): ((usize, usize), Vec<&Replaced<'_>>)| {
            // The file whose day cannot be is told; where both can, the one that counts.
            let (code, at, other) = match (self.files[old].doubtful_day, self.files[new].doubtful_day) {
                (_, true) => ("S056E", new, old),
                (true, false) => ("S056E", old, new),
                (false, false) => ("S059W", new, old),
            };
            let basis = self.files[at].received.map_or("", |r| r.basis.words());
            let mut finding = self.of(code, at, "").expected(&self.files[other].file).arg("basis", basis);
            finding.related = all.iter().flat_map(|r| [r.old.1.place.clone(), r.new.1.place.clone()]).collect();
            finding
        };
        pairs.into_iter().map(told).collect()
    }

    /// Answers of files that count which a later file's took the place of.
    fn replaced(&self) -> Vec<Finding> {
        let mut by: BTreeMap<(usize, &str, &str, usize), Vec<&Replaced<'_>>> = BTreeMap::new();
        let back: BTreeSet<(usize, usize)> = self.merged.taken_back.iter().map(|b| (b.new.0, b.old.0)).collect();
        let asked = |r: &&Replaced<'_>| back.contains(&(r.new.0, r.old.0)) || is_doubtful(self.files, r.old.0, r.new.0);
        let firm = |r: &&Replaced<'_>| self.counts(r.old.0) && !asked(r);
        for r in self.merged.replaced.iter().filter(firm) {
            by.entry((r.old.0, r.record.0, r.record.1, r.new.0)).or_default().push(r);
        }
        by.into_iter()
            .map(|((old, _, item, new), mut all)| {
                all.sort_by(|a, b| a.old.1.place.cmp(&b.old.1.place));
                let mut finding = self.of("S028I", old, item).field(all[0].key).at(all[0].old.1.place.clone());
                finding.related = all.iter().map(|r| r.new.1.place.clone()).collect();
                finding.given(all.len().to_string()).expected(&self.files[new].file)
            })
            .collect()
    }

    /// Answers that a later file leaves as the form came with them, though an earlier one changed them.
    fn left(&self) -> Vec<Finding> {
        let mut by: BTreeMap<(usize, &str, &str, usize), Vec<&Replaced<'_>>> = BTreeMap::new();
        for l in self.merged.left.iter().chain(&self.merged.taken_back) {
            by.entry((l.new.0, l.record.0, l.record.1, l.old.0)).or_default().push(l);
        }
        let back: BTreeSet<(usize, usize)> = self.merged.taken_back.iter().map(|b| (b.new.0, b.old.0)).collect();
        by.into_iter()
            .map(|((new, _, item, old), mut all)| {
                all.sort_by(|a, b| a.new.1.place.cmp(&b.new.1.place));
                let mut finding = self.of("S074W", new, item).field(all[0].key).at(all[0].new.1.place.clone());
                finding.related = all.iter().map(|l| l.old.1.place.clone()).collect();
                let more = if all.len() > 1 { format!("ほか{}項目", all.len() - 1) } else { String::new() };
                let finding = finding.given(words::given(all[0].new.1)).expected(words::given(all[0].old.1));
                let finding = finding.arg("more", more).arg("cell", all[0].old.1.place.cell_text());
                let counts = if back.contains(&(new, old)) {
                    "後に届いた、前回のままの回答を集計に使っています"
                } else {
                    "直した回答を集計に使っています"
                };
                finding.arg("file", &self.files[old].file).arg("counts", counts)
            })
            .collect()
    }

    /// Cells that a later file leaves blank; whole records together, as sections that fill their own rows leave them.
    fn blanks(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut by: BTreeMap<(usize, &str, &str), Vec<&Replaced<'_>>> = BTreeMap::new();
        for b in self.merged.blanks.iter().filter(|b| !self.fates[b.new.0].empty) {
            by.entry((b.new.0, b.record.0, b.record.1)).or_default().push(b);
        }
        let mut rows: BTreeMap<(usize, usize), Vec<&Replaced<'_>>> = BTreeMap::new();
        for ((file, block, item), mut all) in by {
            all.sort_by(|a, b| a.new.1.place.cmp(&b.new.1.place));
            let mut records = self.files[file].records.iter().filter(|r| r.block == block && r.item == item);
            if records.any(|r| self.rules.says(r)) {
                let mut finding = self.of("S028W", file, item).field(all[0].key).at(all[0].new.1.place.clone());
                finding.related = all.iter().map(|b| b.old.1.place.clone()).collect();
                let more = if all.len() > 1 { format!("ほか{}項目", all.len() - 1) } else { String::new() };
                let later = all[0].new.1;
                let stands =
                    if later.raw.trim().is_empty() { "空欄".into() } else { format!("「{}」", later.raw.trim()) };
                let finding = finding
                    .given(words::given(later))
                    .arg("stands", stands)
                    .expected(words::given(all[0].old.1))
                    .arg("more", more)
                    .arg("cell", all[0].old.1.place.cell_text());
                findings.push(finding.arg("file", &self.files[all[0].old.0].file));
            } else {
                rows.entry((file, all[0].old.0)).or_default().push(all[0]);
            }
        }
        findings.extend(rows.into_iter().map(|((file, old), all)| {
            let items: Vec<&str> = all.iter().map(|b| b.record.1).collect();
            let one = if items.len() == 1 { items[0] } else { "" };
            let mut finding = self.of("S029W", file, one).at(self.row_of(file, all[0]));
            finding.related = all.iter().map(|b| b.old.1.place.clone()).collect();
            let what = format!("で回答のある{}", self.names(&items));
            finding.given(items.len().to_string()).expected(&self.files[old].file).arg("what", what)
        }));
        findings
    }

    /// The cell that names the item of a blank row, or the first that is blank.
    fn row_of(&self, file: usize, blank: &Replaced<'_>) -> Place {
        let mut records =
            self.files[file].records.iter().filter(|r| (r.block.as_str(), r.item.as_str()) == blank.record);
        let name = self.form.field_with(Role::ItemName).map(|f| f.answer_key(""));
        let named = records.next().zip(name).and_then(|(r, name)| r.fields.get(&name)).filter(|a| a.says());
        named.unwrap_or(blank.new.1).place.clone()
    }

    /// Free rows of earlier files that are not on the newest one.
    fn left_out(&self) -> Vec<Finding> {
        let newest = (0..self.files.len()).filter(|f| self.counts(*f)).max_by_key(|f| self.files[*f].rank());
        let Some(newest) = newest.filter(|_| self.rules.free_rows()) else { return Vec::new() };
        let has = |id: (&str, &str)| {
            self.files.iter().enumerate().any(|(at, f)| {
                (at == newest || f.rank() == self.files[newest].rank())
                    && f.records.iter().any(|r| (r.block.as_str(), r.item.as_str()) == id)
            })
        };
        let mut by: BTreeMap<usize, Vec<(&str, &Answer)>> = BTreeMap::new();
        for r in self.merged.records.iter().filter(|r| !has((&r.block, &r.item))) {
            let Some(answer) = r.fields.values().find(|a| a.says()) else { continue };
            let from = self.files.iter().position(|f| f.file == *answer.place.file);
            by.entry(from.unwrap_or(newest)).or_default().push((&r.item, answer));
        }
        by.into_iter()
            .map(|(old, rows)| {
                let items: Vec<&str> = rows.iter().map(|(i, _)| *i).collect();
                let one = if items.len() == 1 { items[0] } else { "" };
                let mut finding = self.of("S029W", newest, one);
                finding.related = rows.iter().map(|(_, a)| a.place.clone()).collect();
                let what = format!("で回答のある{}", self.names(&items));
                finding.given(items.len().to_string()).expected(&self.files[old].file).arg("what", what)
            })
            .collect()
    }
}
