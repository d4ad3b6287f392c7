//! A letter as pieces, which are drawn as a sheet or as a document.

use chrono::NaiveDate;

use crate::model::date::wareki;
use crate::model::{Division, Round};

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// At the left.
    Left,
    /// In the middle.
    Center,
    /// At the right.
    Right,
    /// In the middle, in large letters: the subject.
    Subject,
    /// The framed mark of a sample, at the right.
    Mark,
}

/// A piece of a letter, from top to bottom.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    /// A line over the whole width.
    Line(At, String),
    /// A label and its text.
    Item(String, String),
    /// A table under the items: headers, rows.
    Table([&'static str; 3], Vec<[String; 3]>),
    /// Boxes for seals: what they are for, and whose.
    Boxes(String, Vec<String>),
    /// Air, in points.
    Gap(f64),
}

/// What stands above the items.
pub(in crate::write) struct Words<'a> {
    /// 文書番号.
    pub number: &'a str,
    /// Day of the letter.
    pub day: NaiveDate,
    /// Subject.
    pub title: &'a str,
    /// First sentence.
    pub opening: &'a str,
    /// 記.
    pub record: &'a str,
}

/// A letter.
#[derive(Clone, Debug, Default)]
pub(in crate::write) struct Paper {
    pub(super) pieces: Vec<Piece>,
    /// Items numbered so far.
    items: usize,
}

/// More boxes for seals have no room side by side.
pub(super) const MOST_BOXES: usize = 6;

impl Paper {
    /// All above the items: number, day, addressee, sender, subject, first sentence, 記.
    pub(in crate::write) fn head(&mut self, division: &Division, round: &Round, words: &Words<'_>) {
        let letters = &round.letters;
        if !round.mark.is_empty() {
            self.line(At::Mark, &round.mark);
            self.gap(8.0);
        }
        let number = if letters.above.is_empty() { words.number } else { &letters.above };
        for text in [number, &wareki(words.day)] {
            self.line(At::Right, text);
        }
        self.gap(14.0);
        // In a small house a division is its own bureau.
        if division.bureau != division.name {
            self.line(At::Left, &indented(&division.bureau));
        }
        self.line(At::Left, &indented(&format!("{}長　様", division.name)));
        self.gap(10.0);
        let sender = [&*round.municipality, &*round.issuer].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>();
        for text in [&sender.join("　"), &letters.below] {
            self.line(At::Right, &if text.is_empty() { String::new() } else { format!("{text}　") });
        }
        self.gap(22.0);
        self.line(At::Subject, words.title);
        self.gap(14.0);
        self.line(At::Left, &indented(words.opening));
        self.gap(12.0);
        self.line(At::Center, words.record);
        self.gap(12.0);
    }

    /// A line over the whole width; none of an empty text.
    fn line(&mut self, at: At, text: &str) {
        if !text.is_empty() {
            self.pieces.push(Piece::Line(at, text.to_string()));
        }
    }

    /// An item with the next number; none of an empty text.
    pub(in crate::write) fn numbered(&mut self, label: &str, text: &str) {
        let all: Vec<String> = Some(text.to_string()).filter(|t| !t.is_empty()).into_iter().collect();
        self.numbered_all(label, &all);
    }

    /// As [`Paper::numbered`], of several texts under one label.
    pub(in crate::write) fn numbered_all(&mut self, label: &str, texts: &[String]) {
        if texts.is_empty() {
            return;
        }
        self.items += 1;
        let number = char::from_u32(u32::from('０') + u32::try_from(self.items).unwrap_or(0)).unwrap_or('・');
        for (n, text) in texts.iter().enumerate() {
            let label = if n == 0 { format!("{number}　{label}") } else { String::new() };
            self.pieces.push(Piece::Item(label, text.clone()));
        }
        self.gap(6.0);
    }

    /// A table that belongs to the item before it.
    pub(super) fn table(&mut self, heads: [&'static str; 3], rows: Vec<[String; 3]>) {
        if self.pieces.last().is_some_and(|p| matches!(p, Piece::Gap(_))) {
            self.pieces.pop();
        }
        self.pieces.push(Piece::Table(heads, rows));
        self.gap(8.0);
    }

    /// The word that ends the items (以上), at the right.
    pub(in crate::write) fn end(&mut self, word: &str) {
        self.line(At::Right, word);
    }

    /// Boxes for seals: posts separated by 「、」, behind what they are for where that is said (「決裁：部長、課長」).
    pub(super) fn boxes(&mut self, posts: &str, shipped: &str) {
        let (name, posts) = posts.split_once(['：', ':']).unwrap_or((shipped, posts));
        let posts: Vec<String> = posts
            .split(['、', ',', '，', '/', '／'])
            .map(str::trim)
            .filter(|p| !p.is_empty())
            .map(String::from)
            .collect();
        for part in posts.chunks(MOST_BOXES) {
            self.gap(14.0);
            self.pieces.push(Piece::Boxes(name.trim().to_string(), part.to_vec()));
        }
    }

    fn gap(&mut self, height: f64) {
        self.pieces.push(Piece::Gap(height));
    }
}

fn indented(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("　{text}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_for_what_is_said_and_for_everybody_named() {
        for (posts, name, boxes) in [
            ("課長、係長", "供覧", vec![2]),
            ("決裁：部長、課長、課長補佐、係長、主査、担当、庶務", "決裁", vec![6, 1]),
            ("", "", vec![]),
            ("、", "", vec![]),
        ] {
            let mut paper = Paper::default();
            paper.boxes(posts, "供覧");
            let drawn: Vec<(&String, usize)> = paper
                .pieces
                .iter()
                .filter_map(|p| if let Piece::Boxes(name, posts) = p { Some((name, posts.len())) } else { None })
                .collect();
            assert_eq!(drawn.iter().map(|(_, n)| *n).collect::<Vec<_>>(), boxes, "{posts}");
            assert!(drawn.iter().all(|(n, _)| *n == name), "{posts}");
        }
    }

    #[test]
    fn what_is_blank_is_not_printed_and_takes_no_number() {
        let mut paper = Paper::default();
        paper.head(
            &Division { name: "甲課".into(), bureau: "甲課".into(), ..Division::default() },
            &Round::default(),
            &Words { number: "", day: NaiveDate::default(), title: "題", opening: "文", record: "記" },
        );
        paper.numbered("趣旨", "甲");
        paper.numbered("根拠", "");
        paper.numbered("問合せ先", "乙");
        let texts: Vec<&str> = paper
            .pieces
            .iter()
            .filter_map(|p| match p {
                Piece::Line(_, text) => Some(text.as_str()),
                Piece::Item(label, _) => Some(label.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(texts, ["昭和45年1月1日", "　甲課長　様", "題", "　文", "記", "１　趣旨", "２　問合せ先"]);
    }
}
