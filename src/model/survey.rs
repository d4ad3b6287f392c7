//! A questionnaire: its questions, how they are answered, who is asked, and which of them are crossed.
//!
//! The same for `templates/surveys/*.toml` and for the sheet 設問 of a round.

use chrono::NaiveDateTime;
use serde::Deserialize;

/// A survey.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Survey {
    /// Id; also the file's stem.
    #[serde(default)]
    pub id: String,
    /// What it is called.
    pub title: String,
    /// From when on answers count; what came before is a trial.
    #[serde(default)]
    pub opens: Option<NaiveDateTime>,
    /// Until when answers count, this very second included.
    #[serde(default)]
    pub closes: Option<NaiveDateTime>,
    /// Headers under which the moment of an answer stands.
    #[serde(default)]
    pub time: Vec<String>,
    /// Headers under which it stands who answered: of two answers of one key the later counts.
    #[serde(default)]
    pub key: Vec<String>,
    /// Headers of the form itself that are known and not used.
    #[serde(default)]
    pub unused: Vec<String>,
    /// An answer that is nothing but one of these words makes its row a trial.
    #[serde(default)]
    pub trial: Vec<String>,
    /// Whether forms write what stands beside 「その他」 alone, so that words outside the list are such.
    #[serde(default)]
    pub bare_other: bool,
    /// Which questions are crossed; each with every attribute where nothing is said.
    #[serde(default)]
    pub cross: Vec<Pair>,
    /// The questions in order.
    #[serde(rename = "question")]
    pub questions: Vec<Question>,
    /// How many were asked, by the choice of the question that `asked_by` says.
    #[serde(skip)]
    pub asked: Vec<(String, usize)>,
}

/// A question that is crossed with another one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// Id of the question.
    pub question: String,
    /// Id of the question by which it is told apart.
    pub by: String,
}

/// How a question is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// One choice.
    #[default]
    Single,
    /// Several choices.
    Multiple,
    /// One choice, each with a number.
    Scale,
    /// A number.
    Number,
    /// A text.
    Text,
    /// One choice, with or without numbers, for each of several items.
    Matrix,
}

impl Kind {
    /// Every kind with its word.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Single, "単一選択"),
        (Self::Multiple, "複数選択"),
        (Self::Scale, "尺度"),
        (Self::Number, "数値"),
        (Self::Text, "自由記述"),
        (Self::Matrix, "表形式"),
    ];

    /// The word of the office.
    #[must_use]
    pub fn words(self) -> &'static str {
        Self::ALL.iter().find(|(k, _)| *k == self).map_or("", |(_, w)| w)
    }

    /// Whether it is answered with choices.
    #[must_use]
    pub const fn chooses(self) -> bool {
        !matches!(self, Self::Number | Self::Text)
    }
}

/// A question.
#[allow(clippy::struct_excessive_bools, reason = "each is a line of its own in the definition")]
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Number, such as 問1; names the question everywhere.
    pub id: String,
    /// Its words.
    pub text: String,
    /// Other words under which it stands in an export, beside number and text.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// How it is answered.
    #[serde(default)]
    pub kind: Kind,
    /// Choices in order.
    #[serde(default)]
    pub choices: Vec<String>,
    /// The number of each choice; none where they have none.
    #[serde(default)]
    pub scores: Vec<i64>,
    /// The choice beside which people write what they mean.
    #[serde(default)]
    pub other: Option<String>,
    /// What a matrix asks about, one after the other.
    #[serde(default)]
    pub items: Vec<String>,
    /// So many choices at most, or the greatest number.
    #[serde(default)]
    pub max: Option<usize>,
    /// The least number.
    #[serde(default)]
    pub min: Option<usize>,
    /// What a number counts.
    #[serde(default)]
    pub unit: String,
    /// Whom it is asked; everybody without it.
    #[serde(default)]
    pub branch: Option<Branch>,
    /// Whether it says who answers, so that others are crossed with it.
    #[serde(default)]
    pub attribute: bool,
    /// Whether it is the one by which those that were asked are counted.
    #[serde(default)]
    pub asked_by: bool,
    /// Whether its choices are problems, which 課題一覧 gathers.
    #[serde(default)]
    pub problems: bool,
    /// Choices that are no problem all the same.
    #[serde(default)]
    pub no_problem: Vec<String>,
    /// Whether its table begins with the choice named most.
    #[serde(default)]
    pub sorted: bool,
}

/// Whom a question is asked: those who gave one of these answers to another one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    /// Id of the other question, which stands before.
    pub question: String,
    /// Its choices.
    #[serde(rename = "in")]
    pub any: Vec<String>,
}

/// One answer that is expected of everybody: a question, or one item of a matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot<'a> {
    /// The question's place.
    pub at: usize,
    /// The question.
    pub question: &'a Question,
    /// The place of the item.
    pub item: Option<usize>,
}

impl<'a> Slot<'a> {
    /// What it is called: the number, with the item.
    #[must_use]
    pub fn name(&self) -> String {
        match self.item_text() {
            Some(item) => format!("{}［{item}］", self.question.id),
            None => self.question.id.clone(),
        }
    }

    /// The words of the item.
    #[must_use]
    pub fn item_text(&self) -> Option<&'a str> {
        self.question.items.get(self.item?).map(String::as_str)
    }
}

impl Survey {
    /// Every answer that is expected, in order.
    #[must_use]
    pub fn slots(&self) -> Vec<Slot<'_>> {
        let mut slots = Vec::new();
        for (at, question) in self.questions.iter().enumerate() {
            if question.kind == Kind::Matrix {
                slots.extend((0..question.items.len()).map(|item| Slot { at, question, item: Some(item) }));
            } else {
                slots.push(Slot { at, question, item: None });
            }
        }
        slots
    }

    /// The question of an id.
    #[must_use]
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions.iter().find(|q| q.id == id)
    }

    /// The pairs that are crossed: those of the definition, or every question that chooses with every attribute.
    #[must_use]
    pub fn pairs(&self) -> Vec<(&Question, &Question)> {
        if !self.cross.is_empty() {
            let of = |p: &Pair| Some((self.question(&p.question)?, self.question(&p.by)?));
            return self.cross.iter().filter_map(of).collect();
        }
        let asked = self.questions.iter().filter(|q| !q.attribute && q.kind.chooses());
        let by = || self.questions.iter().filter(|q| q.attribute);
        asked.flat_map(|q| by().map(move |a| (q, a))).collect()
    }
}

/// What is wrong with a definition, and at which question; each once.
#[must_use]
pub fn mistakes(survey: &Survey) -> Vec<(Option<usize>, String)> {
    let mut said: Vec<(Option<usize>, String)> = Vec::new();
    if survey.questions.is_empty() {
        said.push((None, "設問が一つもありません".into()));
    }
    if survey.opens.zip(survey.closes).is_some_and(|(from, to)| from >= to) {
        said.push((None, "開始が締切より後です".into()));
    }
    if survey.questions.iter().filter(|q| q.asked_by).count() > 1 {
        said.push((None, "配布数を数える問いは一つだけにしてください".into()));
    }
    for (at, q) in survey.questions.iter().enumerate() {
        let before = survey.questions.get(..at).unwrap_or_default();
        said.extend(of_question(q, before).into_iter().map(|m| (Some(at), m)));
    }
    for pair in &survey.cross {
        for id in [&pair.question, &pair.by] {
            match survey.question(id) {
                None => said.push((None, format!("クロス集計の「{id}」という問いはありません"))),
                Some(q) if !q.kind.chooses() => {
                    said.push((None, format!("「{id}」は選ぶ問いではないので、クロス集計できません")));
                }
                Some(_) => {}
            }
        }
    }
    said
}

fn of_question(q: &Question, before: &[Question]) -> Vec<String> {
    let mut said = Vec::new();
    let twice = |all: &[String]| all.iter().enumerate().find(|(n, c)| all[..*n].contains(c)).map(|(_, c)| c.clone());
    if q.id.is_empty() || q.text.is_empty() {
        said.push("番号と設問の文を書いてください".into());
    }
    if before.iter().any(|b| b.id == q.id) {
        said.push(format!("番号「{}」が重なっています", q.id));
    }
    if q.kind.chooses() && q.choices.len() < 2 {
        said.push("選択肢を二つ以上書いてください".into());
    }
    if !q.kind.chooses() && !q.choices.is_empty() {
        said.push(format!("種類が「{}」の問いに選択肢は書けません", q.kind.words()));
    }
    said.extend(twice(&q.choices).map(|c| format!("選択肢「{c}」が重なっています")));
    said.extend(twice(&q.items).map(|c| format!("項目「{c}」が重なっています")));
    if q.kind == Kind::Scale && q.scores.is_empty() || !q.scores.is_empty() && q.scores.len() != q.choices.len() {
        said.push("どの選択肢にも点数を書いてください（例：そう思う=5）".into());
    }
    if (q.kind == Kind::Matrix) == q.items.is_empty() {
        said.push("項目は、種類が「表形式」の問いにだけ書いてください".into());
    }
    if q.attribute && !matches!(q.kind, Kind::Single | Kind::Scale) {
        said.push("属性にできるのは、一つを選ぶ問いだけです".into());
    }
    if q.other.as_ref().is_some_and(|o| !q.choices.contains(o)) {
        said.push("自由記入の付く選択肢が、選択肢の中にありません".into());
    }
    let unknown = q.no_problem.iter().find(|c| !q.choices.contains(c));
    said.extend(unknown.map(|c| format!("課題でない選択肢の「{c}」が、選択肢の中にありません")));
    if q.min.zip(q.max).is_some_and(|(least, most)| least > most) {
        said.push("数の範囲が逆になっています".into());
    }
    if let Some(branch) = &q.branch {
        match before.iter().find(|b| b.id == branch.question) {
            Some(b) if b.kind.chooses() && b.kind != Kind::Matrix => {
                let lost = branch.any.iter().filter(|c| !b.choices.contains(c));
                said.extend(lost.map(|c| format!("分岐の「{c}」は、{}の選択肢ではありません", b.id)));
                if branch.any.is_empty() {
                    said.push("分岐に選択肢を書いてください（例：問5=はい）".into());
                }
            }
            _ => said.push(format!("分岐の「{}」は、前にある選ぶ問いではありません", branch.question)),
        }
    }
    said
}
