//! Small exports through the whole stage: what is read, what counts, what is counted.

use super::Fate::{Empty, Late, Repeated, Replaced, Trial};
use super::*;
use crate::model::survey::{Branch, Kind, Question};
use crate::read::{self as opening, Limits};

fn words(all: &[&str]) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
}

fn survey() -> Survey {
    let single = |id: &str, text: &str, choices: &[&str]| Question {
        id: id.into(),
        text: text.into(),
        choices: words(choices),
        ..Question::default()
    };
    let questions = vec![
        Question {
            attribute: true, asked_by: true, ..single("問1", "部局を選んでください。", &["甲部", "乙部"])
        },
        Question {
            kind: Kind::Multiple,
            max: Some(2),
            other: Some("その他".into()),
            ..single("問2", "困っていることは何ですか。", &["決裁", "会議", "照会", "その他"])
        },
        single("問3", "在宅勤務をしましたか。", &["はい", "いいえ"]),
        Question {
            branch: Some(Branch { question: "問3".into(), any: words(&["はい"]) }),
            ..single("問4", "続けたいですか。", &["続けたい", "やめたい"])
        },
        Question {
            kind: Kind::Scale,
            scores: vec![1, 2, 3],
            ..single("問5", "よくなると思いますか。", &["思わない", "どちらとも", "思う"])
        },
        Question {
            kind: Kind::Number,
            max: Some(40),
            unit: "時間".into(),
            ..single("問6", "何時間かかりますか。", &[])
        },
        Question { kind: Kind::Text, ..single("問7", "意見を書いてください。", &[]) },
    ];
    let at = |text: &str| text.parse().ok();
    Survey {
        title: "試しの調査".into(),
        opens: at("2022-09-07T08:30:00"),
        closes: at("2022-09-21T23:59:59"),
        time: words(&["回答日時"]),
        key: words(&["回答キー"]),
        trial: words(&["テスト"]),
        questions,
        asked: vec![("甲部".into(), 3), ("乙部".into(), 4)],
        ..Survey::default()
    }
}

const HEAD: &str = "回答日時,回答キー,問1 部局を選んでください。,問2 困っていることは何ですか。,問3 在宅勤務をしましたか。,問4 続けたいですか。,問5 よくなると思いますか。,問6 何時間かかりますか。,問7 意見を書いてください。\n";

fn answers(text: &str) -> Answers {
    let book = opening::open(text.as_bytes(), "回答.csv", &Limits::default()).expect("it opens").workbook;
    let survey = survey();
    let mut answers = read(&survey, &[&Source { name: ArcStr::from("アンケート/回答.csv"), book }]);
    settle(&survey, &mut answers.responses);
    answers
}

fn codes(answers: &Answers) -> Vec<String> {
    let rows = answers.responses.iter().filter(|r| r.fate.is_none()).flat_map(|r| &r.findings);
    let place = |f: &Finding| f.place.as_ref().map(crate::model::Place::cell_text).unwrap_or_default();
    answers.findings.iter().chain(rows).map(|f| format!("{} {}", f.code, place(f))).collect()
}

#[test]
fn what_was_asked_is_answered_blank_or_invalid() {
    let text = format!(
        "{HEAD}2022/9/7 9:00:00,a,甲部,\"決裁,会議\",はい,続けたい,思う,3時間,意見\n2022/9/7 9:00:01,b,甲部,\"決裁,会議,照会\",いいえ,,思う,５,\n\
         2022/9/7 9:00:02,c,乙部,その他: 鍵,,やめたい,思わない,41,\n2022/9/7 9:00:03,d,乙部,押印,はい,,どちらでも,,\n"
    );
    let answers = answers(&text);
    let tally = tally(&survey(), &answers);
    assert_eq!((tally.received, tally.valid), (4, 4));
    let of = |n: usize| {
        let c: &Count = &tally.counts[n];
        (c.asked, c.answered, c.blank, c.invalid, c.not_asked, c.choices.clone())
    };
    assert_eq!(of(1), (4, 2, 0, 2, 0, vec![1, 1, 0, 1]));
    assert_eq!(of(2), (4, 3, 1, 0, 0, vec![2, 1]));
    assert_eq!(of(3), (2, 1, 1, 0, 2, vec![1, 0]));
    assert_eq!(of(4), (4, 3, 0, 1, 0, vec![1, 0, 2]));
    assert_eq!((of(5).1, tally.counts[5].numbers.clone()), (2, vec![3000, 5000]));
    assert_eq!(codes(&answers), ["Q011W D3", "Q010W H4", "Q012W F4", "Q010W D5", "Q010W G5"]);
    let written: Vec<&str> = answers.responses.iter().flat_map(|r| &r.written).map(|w| w.text.as_str()).collect();
    assert_eq!(written, ["意見", "鍵"]);
    assert_eq!(tally.asked(), Some(7));
    assert!(tally.findings.is_empty(), "{:?}", tally.findings);
}

#[test]
fn every_row_counts_or_has_one_reason() {
    let row = |time: &str, key: &str, rest: &str| format!("{time},{key},{rest}\n");
    let plain = "甲部,決裁,はい,続けたい,思う,3,";
    let text = [
        HEAD.to_string(),
        row("2022/9/7 8:29:59", "t", plain),
        row("2022/9/7 8:30:00", "a", plain),
        row("2022/9/21 23:59:59", "b", plain),
        row("2022/9/22 0:00:00", "l", plain),
        row("2022/9/8 9:00:00", "e", "甲部,,,,,,"),
        row("2022/9/8 9:00:00", "w", "甲部,決裁,はい,続けたい,思う,3,テスト"),
        row("2022/9/7 8:30:00", "a", plain),
        row("2022/9/9 9:00:00", "a", "乙部,会議,はい,続けたい,思う,3,"),
        row("2022/9/9 9:00:00", "", plain),
        row("2022/9/9 9:00:00", "", plain),
        row("2022/9/9 9:00:00", "", "甲部,決裁,はい,続けたい,思う,3,別の人"),
    ];
    let answers = answers(&text.concat());
    let fates: Vec<Option<Fate>> = answers.responses.iter().map(|r| r.fate).collect();
    let expected = [
        Some(Trial),
        Some(Replaced),
        None,
        Some(Late),
        Some(Empty),
        Some(Trial),
        Some(Repeated),
        None,
        None,
        Some(Repeated),
        None,
    ];
    assert_eq!(fates, expected);
    let tally = tally(&survey(), &answers);
    assert_eq!(tally.received, tally.valid + tally.fates.iter().map(|(_, n)| n).sum::<usize>());
}

#[test]
fn headers_are_known_by_words_by_number_and_by_likeness() {
    let text = "タイムスタンプ,部局を選んでください（必須）,問2 困りごとを選んでください [決裁],問2 困りごとを選んでください [会議],問３．在宅勤務をしましたか,続けたいと思いますか。,問7 意見を書いてください。\n\
                2022/9/7 9:00:00,甲部,1,0,はい,続けたい,\n";
    let answers = answers(text);
    let given = &answers.responses[0].given;
    assert_eq!(given[1], Given::Choices(vec![0]), "columns of one choice each, whose question has changed");
    assert_eq!((&given[0], &given[2]), (&Given::Choices(vec![0]), &Given::Choices(vec![0])));
    let codes = codes(&answers);
    for code in ["Q002E ", "Q003W C1", "Q003W D1", "Q004I A1", "Q005W "] {
        assert!(codes.iter().any(|c| c == code), "{code}: {codes:?}");
    }
    let flags = "回答日時,問2 困っていることは何ですか。 [決裁],問2 困っていることは何ですか。[照会],問2 困っていることは何ですか。_会議\n2022/9/7 9:00:00,1,○,0\n";
    assert_eq!(self::answers(flags).responses[0].given[1], Given::Choices(vec![0, 2]));
}

#[test]
fn a_broken_letter_is_no_answer() {
    let mut text = HEAD.as_bytes().to_vec();
    text.extend(b"2022/9/7 9:00:00,a,");
    let mut bytes = encoding_rs::SHIFT_JIS.encode(&String::from_utf8(text).unwrap()).0.into_owned();
    bytes.extend(b"\x8d\x62\x95\x94,\x81\x20,\xff\n");
    let book = opening::open(&bytes, "回答.csv", &Limits::default()).expect("it opens").workbook;
    let survey = survey();
    let mut answers = read(&survey, &[&Source { name: ArcStr::from("回答.csv"), book }]);
    settle(&survey, &mut answers.responses);
    assert_eq!(answers.responses[0].given[0], Given::Choices(vec![0]));
    assert!(codes(&answers).iter().any(|c| c.starts_with("Q006E")), "{:?}", codes(&answers));
}

#[test]
fn groups_add_up_to_the_whole() {
    let row = |n: usize| {
        let (bureau, choice) =
            (["甲部", "乙部", ""][n % 3], ["はい", "いいえ"][usize::from(n.is_multiple_of(3) || n.is_multiple_of(5))]);
        format!("2022/9/7 9:00:{n:02},k{n},{bureau},決裁,{choice},,思う,3,\n")
    };
    let text = (0..40).fold(HEAD.to_string(), |text, n| text + &row(n));
    let tally = tally(&survey(), &answers(&text));
    for cross in &tally.crosses {
        for c in 0..cross.whole.choices.len() {
            assert_eq!(cross.groups.iter().map(|g| g.count.choices[c]).sum::<usize>(), cross.whole.choices[c]);
        }
        assert_eq!(cross.groups.iter().map(|g| g.count.asked + g.count.not_asked).sum::<usize>(), tally.valid);
    }
    let test = tally.crosses.iter().find(|c| c.slot == 2).and_then(|c| c.tests[0].clone()).expect("a test");
    assert_eq!(test.df, 1);
    assert!(tally.bureaus.iter().map(|b| b.valid).sum::<usize>() == tally.valid);
    assert!(tally.findings.iter().any(|f| f.code == "Q021W"));
}

#[test]
fn forms_that_write_other_answers_bare_are_believed_where_the_office_says_so() {
    let text = format!("{HEAD}2022/9/7 9:00:00,a,甲部,\"決裁, 鍵の管理、車の手配\",はい,続けたい,思う,3,\n");
    let book = || opening::open(text.as_bytes(), "回答.csv", &Limits::default()).expect("it opens").workbook;
    let source = Source { name: ArcStr::from("回答.csv"), book: book() };
    let strict = read(&survey(), &[&source]);
    assert_eq!(strict.responses[0].given[1], Given::Choices(vec![0]));
    assert_eq!(strict.responses[0].findings.len(), 2);
    let bare = read(&Survey { bare_other: true, ..survey() }, &[&source]);
    assert_eq!(bare.responses[0].given[1], Given::Choices(vec![0, 3]));
    assert_eq!(bare.responses[0].written[0].text, "鍵の管理、車の手配");
    assert!(bare.responses[0].findings.is_empty());
}
