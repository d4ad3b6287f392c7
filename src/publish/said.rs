//! What is said of a published list beside the list: who publishes it, on what terms, whom to ask, and which divisions it does
//! not hold yet. Who, terms and contact come from the settings; a definition only has the sentences around them.

use std::collections::BTreeSet;

use crate::model::publication::Publication;
use crate::model::submission::State;
use crate::write::context::Context;

/// What is said of one publication. Empty texts are not printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Who publishes it.
    pub publisher: String,
    /// Terms of use.
    pub licence: String,
    /// Whom to ask.
    pub contact: String,
    /// That replies are missing.
    pub missing: String,
    /// The divisions whose replies are missing.
    pub divisions: Vec<String>,
    /// What the settings leave blank, in their words.
    pub blank: Vec<&'static str>,
}

impl Said {
    /// Puts it together.
    pub(super) fn of(ctx: &Context<'_>, def: &Publication) -> Self {
        let (round, settings) = (ctx.round(), &ctx.round().publication);
        let own = ctx.ledger.submissions.iter().filter(|s| s.form.as_ref() == Some(&def.form));
        let missing: BTreeSet<&str> = own
            .filter(|s| matches!(s.state, State::Missing | State::Unread))
            .filter_map(|s| s.division.as_deref())
            .collect();
        let missing = round.divisions.iter().filter(|d| missing.contains(d.code.as_str()));
        let divisions: Vec<String> = missing.map(|d| d.name.clone()).collect();
        // Filled in last, so that braces of what somebody typed stay as they are.
        let put = |sentence: &str, token: &str, value: &str| {
            let filled = || ctx.fill(sentence, Some(&def.form)).replace(token, value);
            if value.is_empty() { String::new() } else { filled() }
        };
        let cells =
            [("公表者", &settings.publisher), ("利用条件", &settings.licence), ("公表の問合せ先", &settings.contact)];
        Self {
            publisher: if settings.publisher.is_empty() { &round.municipality } else { &settings.publisher }.clone(),
            licence: put(&def.licence, "{licence}", &settings.licence),
            contact: put(&def.contact, "{contact}", &settings.contact),
            missing: put(&def.missing, "{divisions}", &divisions.join("、")),
            divisions,
            blank: cells.into_iter().filter(|(_, text)| text.is_empty()).map(|(label, _)| label).collect(),
        }
    }

    /// What is to be looked at before it is published, one line each.
    #[must_use]
    pub fn doubts(&self) -> Vec<String> {
        let mut all = Vec::new();
        if !self.divisions.is_empty() {
            let (n, names) = (self.divisions.len(), self.divisions.join("、"));
            all.push(format!(
                "回答が届いていない課 {n}（{names}）の取組は入っていません。ページにもそのことを示しました。"
            ));
        }
        if !self.blank.is_empty() {
            let names = self.blank.join("・");
            all.push(format!("調査設定の「文書・会議・公表」の{names}が空欄です。ページに示していません。"));
        }
        all
    }
}
