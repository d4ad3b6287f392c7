//! Files that hold files, and files that are closed: mails, messages of Outlook, archives in archives, passwords, rights, links.
//! The fixtures are made and read back by other programs (tests/fixtures/make_container_fixtures.py).

use std::fmt::Write as _;

use torimatome::forms::Templates;
use torimatome::intake::{Context, Intake};
use torimatome::model::round::Password;
use torimatome::model::{Round, State};
use torimatome::read::inside::{self, Holder, Inner, Room, Told};
use torimatome::read::{Limits, Lock, Refusal, legacy};
use torimatome::unpack;

use super::{bytes, large};

const WORD: &str = "合言葉2022";

fn fixture(name: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/containers").join(name);
    std::fs::read(path).expect(name)
}

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut zip, bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn listed(file: &[u8], holder: Holder, passwords: &[&str], limits: &Limits) -> Result<(Vec<Inner>, Told), Refusal> {
    let mut all = Vec::new();
    let told = inside::each(file, holder, passwords, &Room::new(limits), &mut |inner| all.push(inner))?;
    Ok((all, told))
}

/// A file as the main command takes it in, with these passwords in its settings.
fn taken(file: &[u8], name: &str, passwords: &[&str]) -> Vec<Intake> {
    let templates = Templates::embedded().expect("sound templates");
    let limits = Limits::default();
    let today = chrono::NaiveDate::from_ymd_opt(2022, 11, 14).unwrap();
    let password = |p: &&str| Password { division: String::new(), password: (*p).into() };
    let round = Round { passwords: passwords.iter().map(password).collect(), ..Round::default() };
    let round = Some(&round).filter(|r| !r.passwords.is_empty());
    let ctx = Context { templates: &templates, round, today, limits: &limits, legacy: &legacy::open, watch: None };
    unpack::files(file, file.len() as u64, name, &[], &ctx)
}

/// Path and first finding of each.
fn said(taken: &[Intake]) -> Vec<(&str, &str)> {
    taken.iter().map(|i| (i.submission.file.as_str(), i.findings[0].code.as_str())).collect()
}

/// Packed on a Japanese Windows: names in CP932, a name that climbs, a zip in it, one entry with a password, one broken.
#[test]
fn a_zip_gives_its_files_one_by_one() {
    let zip = bytes("several.zip");
    let limits = Limits::default();
    assert_eq!(inside::holder(&zip, &limits), Some(Holder::Zip));
    let documents = ["normal.xlsx", "office.ods", "word.xlsx", "binary.xlsb", "office.xls"];
    assert!(documents.iter().all(|n| inside::holder(&bytes(n), &limits).is_none()));
    let (inside, told) = listed(&zip, Holder::Zip, &[], &limits).expect("a sound list");
    assert_eq!(told, Told::default());
    let names: Vec<&str> = inside.iter().map(|i| i.name.as_str()).collect();
    assert_eq!(names, ["甲課/回答表.xlsx", "入れ子.zip", "合言葉つき.xlsx", "壊れ.xlsx", "外.csv"]);
    assert_eq!(inside[0].bytes.as_deref(), Ok(&bytes("inline.xlsx")[..]));
    assert_eq!(inside[0].modified.expect("a time").to_string(), "2022-11-10 09:30:00");
    assert_eq!(inside[2].bytes, Err(Refusal::Encrypted(Lock::NoPassword)));
    assert!(matches!(&inside[3].bytes, Err(Refusal::Damaged { .. })));
    assert!(inside[4].bytes.is_ok());
    let count = |limits: &Limits| {
        listed(&zip, Holder::Zip, &[], limits).map(|(all, _)| all.iter().filter(|i| i.bytes.is_ok()).count())
    };
    assert_eq!(count(&Limits { files: 4, ..Limits::default() }), Err(large("files", 4, 5)));
    assert_eq!(count(&Limits { total: inside[0].bytes.as_ref().unwrap().len() as u64, ..Limits::default() }), Ok(1));
}

/// The same through the main command's eyes: each file inside has its own place, state and findings.
#[test]
fn files_inside_a_zip_are_submissions_of_their_own() {
    let taken = taken(&bytes("several.zip"), "提出/several.zip", &[]);
    let seen: Vec<(&str, &str)> =
        taken.iter().map(|i| (i.submission.file.as_str(), i.findings[0].code.as_str())).collect();
    let expected = [
        ("提出/several.zip", "S041I"),
        ("提出/several.zip/甲課/回答表.xlsx", "S010W"),
        ("提出/several.zip/入れ子.zip", "S041I"),
        ("提出/several.zip/入れ子.zip/x.xlsx", "S010W"),
        ("提出/several.zip/合言葉つき.xlsx", "S002E"),
        ("提出/several.zip/壊れ.xlsx", "S001E"),
        ("提出/several.zip/外.csv", "S010W"),
    ];
    assert_eq!(seen, expected);
    let of = |code: &str| taken.iter().flat_map(|i| &i.findings).find(|f| f.code == code).expect(code);
    assert_eq!(of("S041I").given.as_deref(), Some("5"));
    let place = of("S002E").place.as_ref().expect("a place");
    assert_eq!(&*place.file, "提出/several.zip/合言葉つき.xlsx");
}

#[test]
fn a_mail_gives_its_attachments_as_they_are() {
    let mail = fixture("reply.eml");
    let limits = Limits::default();
    assert_eq!(inside::holder(&mail, &limits), Some(Holder::Mail));
    let (all, told) = listed(&mail, Holder::Mail, &[], &limits).expect("a mail");
    let names: Vec<&str> = all.iter().map(|i| i.name.as_str()).collect();
    assert_eq!(names, ["甲課／様式Ａ（提出用）.xlsx", "表.csv", "まとめ.zip", "前のメール.eml"]);
    assert_eq!(all[0].bytes.as_deref(), Ok(&bytes("normal.xlsx")[..]));
    let table = encoding_rs_cp932("業務,状況\r\n書庫,済\r\n");
    assert_eq!(all[1].bytes.as_deref(), Ok(&table[..]), "text keeps the bytes its sender wrote");
    // The picture of the signature and the seal.
    assert_eq!((told.passed_over, told.sent.expect("a day").to_string()), (2, "2022-11-09 14:03:00".into()));
    let taken = taken(&mail, "提出/回答.eml", &[]);
    let expected = [
        ("提出/回答.eml", "S086I"),
        ("提出/回答.eml/甲課／様式Ａ（提出用）.xlsx", "S010W"),
        ("提出/回答.eml/表.csv", "S010W"),
        ("提出/回答.eml/まとめ.zip", "S041I"),
        ("提出/回答.eml/まとめ.zip/中/回答.xlsx", "S010W"),
        ("提出/回答.eml/前のメール.eml", "S086I"),
        ("提出/回答.eml/前のメール.eml/前の回答.xlsx", "S010W"),
    ];
    assert_eq!(said(&taken), expected);
    assert!(taken[0].submission.reason.contains("令和4年11月9日 14:03に送信"), "{}", taken[0].submission.reason);
    // No day is taken from the mail: only the settings, the form and the file itself say when it came.
    assert!(taken.iter().all(|i| i.modified.is_none() || i.submission.file.contains(".zip/")));
    let letter = super::containers::taken(&fixture("letter.eml"), "提出/御礼.eml", &[]);
    assert_eq!(said(&letter), [("提出/御礼.eml", "S003W")]);
    let again = inside::find(&mail, "前のメール.eml/前の回答.xlsx", &[], &limits);
    assert_eq!(again, Some(bytes("inline.xlsx")));
}

fn encoding_rs_cp932(text: &str) -> Vec<u8> {
    encoding_rs::SHIFT_JIS.encode(text).0.into_owned()
}

#[test]
fn a_photograph_is_told_and_a_signature_is_not() {
    let mail = |name: &str, size: usize| {
        let mut picture = b"\x89PNG\r\n\x1a\n".to_vec();
        picture.resize(size, 7);
        let body = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, picture);
        format!(
            "From: a@example.jp\r\nTo: b@example.jp\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
             --b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n{name}\r\n{body}\r\n--b--\r\n"
        )
    };
    let inline = "Content-Disposition: inline; filename=a.png\r\n";
    let attached = "Content-Disposition: attachment; filename=a.png\r\n";
    for (name, size, told) in [(inline, 3_000, 0), (inline, 400_000, 1), (attached, 3_000, 1)] {
        let (all, _) = listed(mail(name, size).as_bytes(), Holder::Mail, &[], &Limits::default()).expect("a mail");
        assert_eq!(all.len(), told, "{name} {size}");
    }
}

#[test]
fn a_message_of_outlook_gives_its_attachments() {
    let message = fixture("reply.msg");
    let limits = Limits::default();
    assert_eq!(inside::holder(&message, &limits), Some(Holder::Outlook));
    let (all, told) = listed(&message, Holder::Outlook, &[], &limits).expect("a message");
    let names: Vec<&str> = all.iter().map(|i| i.name.as_str()).collect();
    assert_eq!(names, ["様式Ａ.xlsx", "前のメール.msg/前の回答.xlsx", "まとめ.zip"]);
    assert_eq!(all[0].bytes.as_deref(), Ok(&bytes("normal.xlsx")[..]));
    assert_eq!(all[1].bytes.as_deref(), Ok(&bytes("inline.xlsx")[..]));
    assert_eq!((told.passed_over, told.sent.expect("a day").to_string()), (2, "2022-11-09 14:03:00".into()));
    let linked = taken(&fixture("linked.msg"), "提出/共有.msg", &[]);
    assert_eq!(said(&linked), [("提出/共有.msg", "S086I"), ("提出/共有.msg/共有の回答.xlsx", "S083W")]);
    let again = inside::find(&message, "前のメール.msg/前の回答.xlsx", &[], &limits);
    assert_eq!(again, Some(bytes("inline.xlsx")));
}

#[test]
fn what_outlook_wraps_is_unwrapped() {
    let (all, _) = listed(&fixture("winmail.dat"), Holder::Wrapped, &[], &Limits::default()).expect("attachments");
    let names: Vec<&str> = all.iter().map(|i| i.name.as_str()).collect();
    assert_eq!(names, ["様式Ａ.xlsx", "表.csv"]);
    assert_eq!(all[0].bytes.as_deref(), Ok(&bytes("normal.xlsx")[..]));
}

#[test]
fn archives_in_archives_are_read_to_a_depth() {
    let all = taken(&fixture("nested.zip"), "提出/市民.zip", &[]);
    let expected = [
        ("提出/市民.zip", "S041I"),
        ("提出/市民.zip/内訳.zip", "S041I"),
        ("提出/市民.zip/内訳.zip/回答.xlsx", "S010W"),
        ("提出/市民.zip/回答.eml", "S003W"),
    ];
    assert_eq!(said(&all), expected);
    let mut deep = zip_of(&[("x.csv", b"a,b\n")]);
    for _ in 0..20 {
        deep = zip_of(&[("z.zip", &deep)]);
    }
    let all = taken(&deep, "提出/深い.zip", &[]);
    assert_eq!(all.len(), 5);
    assert_eq!(said(&all)[4], ("提出/深い.zip/z.zip/z.zip/z.zip/z.zip", "S081W"));
    // One file that stands for many: every level holds the one below ten times.
    let mut wide = zip_of(&[("x.csv", b"a,b\n")]);
    for _ in 0..3 {
        let names: Vec<String> = (0..10).map(|n| format!("{n}.zip")).collect();
        let inner: Vec<(&str, &[u8])> = names.iter().map(|n| (n.as_str(), &wide[..])).collect();
        wide = zip_of(&inner);
    }
    let all = taken(&wide, "提出/広い.zip", &[]);
    assert!(all.len() < 600 && all.iter().any(|i| i.findings[0].code == "S004E"), "{}", all.len());
}

#[test]
fn archives_are_opened_with_the_passwords_of_the_round() {
    for name in ["locked.zip", "locked-aes.zip"] {
        let zip = fixture(name);
        let (all, told) = listed(&zip, Holder::Zip, &["ちがう", WORD], &Limits::default()).expect(name);
        assert_eq!(all[0].bytes.as_deref(), Ok(&bytes("normal.xlsx")[..]), "{name}");
        assert!(told.password && all.iter().all(|i| i.bytes.is_ok()), "{name}");
        let (all, told) = listed(&zip, Holder::Zip, &["ちがう"], &Limits::default()).expect(name);
        assert_eq!(all[0].bytes, Err(Refusal::Encrypted(Lock::NoneFits(1))), "{name}");
        assert!(!told.password);
        let codes: Vec<String> =
            taken(&zip, "提出/x.zip", &[WORD])[0].findings.iter().map(|f| f.code.clone()).collect();
        assert_eq!(codes, ["S041I", "S040I"], "{name}");
    }
}

#[test]
fn old_workbooks_are_opened_with_the_built_in_password_and_with_known_ones() {
    let plain = super::good("office.xls");
    for way in ["xor", "rc4", "capi40", "capi"] {
        let name = format!("built-in-{way}.xls");
        let opened = super::open(&fixture(&name), &name, &Limits::default()).unwrap_or_else(|e| panic!("{name} {e:?}"));
        assert_eq!(opened.workbook.sheets, plain.sheets, "{name}");
        assert_eq!(opened.workbook.saved, plain.saved, "{name}");
        assert!(opened.workbook.oddities.is_empty(), "nobody needed a password: {name}");
    }
    for (name, word) in [("locked-rc4.xls", WORD), ("locked-capi.xls", WORD), ("locked-xor.xls", "Himitsu-2022")] {
        let limits = Limits::default();
        let with = |passwords: &[&str]| {
            super::Opener { limits: &limits, passwords, legacy: &legacy::open }.open(&fixture(name), name)
        };
        assert_eq!(with(&[]), Err(Refusal::Encrypted(Lock::NoPassword)), "{name}");
        assert_eq!(with(&["a", "b"]), Err(Refusal::Encrypted(Lock::NoneFits(2))), "{name}");
        let opened = with(&["a", word]).unwrap_or_else(|e| panic!("{name} {e:?}"));
        assert_eq!(opened.workbook.sheets, plain.sheets, "{name}");
        assert_eq!(opened.workbook.oddities, [torimatome::model::grid::Oddity::Password], "{name}");
    }
}

#[test]
fn what_only_certain_people_may_open_is_told_as_that() {
    for name in ["restricted.xlsx", "restricted.xls"] {
        let taken = taken(&fixture(name), name, &[WORD]);
        assert_eq!(said(&taken), [(name, "S084E")]);
        let words = &taken[0].submission.reason;
        assert!(words.contains("秘密度ラベル") && !words.contains("パスワード") && !words.contains("壊れ"), "{words}");
    }
}

#[test]
fn a_part_that_is_missing_is_told_and_one_that_says_nothing_is_not() {
    for name in ["no-mimetype.ods", "no-manifest.ods"] {
        let opened = super::open(&fixture(name), name, &Limits::default()).unwrap_or_else(|e| panic!("{name} {e:?}"));
        assert_eq!(opened.workbook.sheets, super::good("office.ods").sheets, "{name}");
    }
    for name in ["no-strings.xlsx", "no-strings.xlsb"] {
        let taken = taken(&fixture(name), name, &[]);
        assert_eq!((said(&taken), taken[0].submission.state), (vec![(name, "S001E")], State::Unreadable));
        assert!(taken[0].submission.reason.contains("文字をまとめた部品"), "{}", taken[0].submission.reason);
    }
    let opened = super::open(&fixture("no-styles.xlsx"), "x.xlsx", &Limits::default()).expect("values are there");
    assert!(opened.problems.iter().any(|p| p.kind == torimatome::read::ProblemKind::StylesDamaged));
    for name in ["charts.xlsx", "dialogs.xlsx"] {
        let taken = taken(&fixture(name), name, &[]);
        assert_eq!((said(&taken), taken[0].submission.state), (vec![(name, "S010W")], State::NotOurs));
        assert!(taken[0].submission.reason.contains("グラフやダイアログだけ"), "{}", taken[0].submission.reason);
    }
    // A sheet that is listed and not there: damaged, not another form.
    let missing = taken(&bytes("missing-sheet.xlsx"), "x.xlsx", &[]);
    assert_eq!((said(&missing)[0].1, missing[0].submission.state), ("S037E", State::Unreadable));
}

/// Mails and messages that no program writes end at once and are told.
#[test]
fn hostile_mails_end() {
    let head = "From: a@example.jp\r\nTo: b@example.jp\r\nMIME-Version: 1.0\r\n";
    let mixed = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
    let mut parts = format!("{head}{mixed}");
    for n in 0..10_000 {
        let _ = write!(parts, "--b\r\nContent-Disposition: attachment; filename={n}.csv\r\n\r\na,b\r\n");
    }
    let mut nested = head.to_string();
    for n in 0..150 {
        let _ = write!(nested, "Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n");
    }
    let mut mails = head.to_string();
    for n in 0..150 {
        let _ = write!(mails, "Content-Type: message/rfc822\r\n\r\nSubject: {n}\r\n");
    }
    let long = format!("{head}Subject: {}\r\n{mixed}--b\r\n\r\nx\r\n--b--", "あ".repeat(3_000_000));
    let broken = format!(
        "{head}{mixed}--b\r\nContent-Disposition: attachment; filename=a.xlsx\r\nContent-Transfer-Encoding: base64\r\n\r\nUEsDB!!!\u{3042}"
    );
    let lost = format!("{head}{}", mixed.replace("=b", "=nowhere").repeat(199));
    for (name, mail) in
        [("parts", parts), ("nested", nested), ("mails", mails), ("long", long), ("broken", broken), ("lost", lost)]
    {
        let begun = std::time::Instant::now();
        let all = taken(mail.as_bytes(), "提出/x.eml", &[]);
        assert!(!all.is_empty() && all.len() <= 501 && begun.elapsed().as_secs() < 30, "{name}: {}", all.len());
    }
    // Every entry of the directory is its own neighbour, child and root of the next.
    let sound = fixture("reply.msg");
    let directory = (u32::from_le_bytes(*sound[48..].first_chunk().unwrap()) as usize + 1) * 512;
    for (field, value) in [(68, 1u32), (72, 1), (76, 0), (76, 1), (76, 0x00ff_ffff), (116, 3), (120, 0x7fff_ffff)] {
        let mut message = sound.clone();
        let mut at = directory;
        while at + 128 <= message.len() {
            message[at + field..at + field + 4].copy_from_slice(&value.to_le_bytes());
            at += 128;
        }
        let all = taken(&message, "提出/x.msg", &[]);
        assert!(!all.is_empty() && all.len() <= 501, "{field} {value}");
    }
    for cut in (0..sound.len()).step_by(997) {
        assert!(!taken(&sound[..cut], "提出/x.msg", &[]).is_empty());
    }
    let mail = fixture("reply.eml");
    for cut in (0..mail.len()).step_by(499) {
        assert!(!taken(&mail[..cut], "提出/x.eml", &[]).is_empty());
    }
    let wrapped = fixture("winmail.dat");
    for cut in (0..wrapped.len()).step_by(199) {
        assert!(!taken(&wrapped[..cut], "提出/winmail.dat", &[]).is_empty());
    }
}
