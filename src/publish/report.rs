//! 公表前点検: what was checked before the publication, rule by rule, as a text for the file of the decision.

use std::fmt::Write;

use super::Published;
use super::list::List;
use super::rules::Verdict;
use crate::model::Severity;
use crate::model::date::wareki;
use crate::model::ledger::Standing;
use crate::write::Output;
use crate::write::context::Context;

/// The text for one publication. Records that were held back are named by their number only: the text lies beside what is
/// put on the city's site.
pub fn text(ctx: &Context<'_>, list: &List<'_>, published: &Published, outputs: &[Output]) -> String {
    let mut t = String::new();
    head(&mut t, ctx, published);
    gate(&mut t, list, published);
    withheld(&mut t, ctx, published);
    rules(&mut t, published);
    let _ = writeln!(t, "\n4　公表したファイル（SHA-256）");
    for o in outputs {
        let _ = writeln!(t, "  {}　{}", o.path, o.body.sha256());
    }
    for f in &published.files {
        let sentence = ctx.templates.catalogue.sentence(f, "", "");
        let _ = writeln!(t, "  {} {sentence}", f.code);
    }
    t
}

fn head(t: &mut String, ctx: &Context<'_>, published: &Published) {
    let round = ctx.round();
    let _ = writeln!(t, "公表前点検　{}", published.title);
    let _ = writeln!(t, "{}　{}　基準日 {}", round.municipality, round.name, ctx.as_of_text(Some(&published.form)));
    let _ = writeln!(t, "点検した日 {}", wareki(ctx.ledger.today));
    if !round.mark.is_empty() {
        let _ = writeln!(t, "【{}】", round.mark);
    }
    let faults = ctx.ledger.items_of(&published.form).filter(|i| i.standing == Standing::Faulty).count();
    let _ = writeln!(t, "\n公表する件数 {}　公表しない件数 {}", published.count, published.withheld.len());
    let _ =
        writeln!(t, "要修正の指摘が残る回答 {faults} 件（公表しないものを含む。取りまとめ.xlsx の確認事項にあります）");
    let said = &published.said;
    let _ = writeln!(t, "公表者　{}", said.publisher);
    for text in [&said.licence, &said.contact].into_iter().filter(|text| !text.is_empty()) {
        let _ = writeln!(t, "{text}");
    }
    for doubt in said.doubts() {
        let _ = writeln!(t, "{}　{doubt}", Verdict::Look.words());
    }
}

fn gate(t: &mut String, list: &List<'_>, published: &Published) {
    let values = list.rows.iter().map(|r| r.cells.len() + r.series.iter().map(Vec::len).sum::<usize>()).sum::<usize>();
    let labels: Vec<&str> = list.def.columns.iter().map(|c| c.label.as_str()).collect();
    let none = |codes: &[&str]| {
        let n = published.gate.iter().filter(|f| codes.contains(&f.code.as_str())).count();
        format!("{n} 件")
    };
    let _ = writeln!(t, "\n1　公表してはならないもの（1件でもあると公表しない）");
    let _ = writeln!(t, "  公表する項目（公表の定義 {} にあるものだけ）: {}", list.def.id, labels.join("、"));
    let _ = writeln!(t, "  調べた値 {values} 件");
    let _ = writeln!(t, "  ○ 取扱区分が公表可でない項目: 0 件（定義の読み込みで確かめた）");
    let _ = writeln!(t, "  ○ 個人の情報を表す名前の項目: {}", none(&["X140E"]));
    let _ = writeln!(t, "  ○ マイナンバー・電話番号・内線番号・メールアドレスらしい文字: {}", none(&["X141E"]));
    let _ = writeln!(t, "  ○ 課が公表しないとしたもの: {}", none(&["X142E"]));
    let _ = writeln!(t, "  ○ 隠れたシート・行・列にある回答: {}", none(&["X143E"]));
    let _ = writeln!(t, "  ○ 取消線のある回答: {}", none(&["X144E"]));
}

fn withheld(t: &mut String, ctx: &Context<'_>, published: &Published) {
    let _ = writeln!(t, "\n2　公表しなかったもの");
    if published.withheld.is_empty() {
        let _ = writeln!(t, "  ありません。");
    }
    for w in &published.withheld {
        let division = w.division.as_deref().map(|d| ctx.division_name(d)).unwrap_or_default();
        let code = w.code.as_ref().map(|c| format!("（{c}）")).unwrap_or_default();
        let _ = writeln!(t, "  {}　{division}　{}{code}", w.item, w.reason);
    }
}

fn rules(t: &mut String, published: &Published) {
    let _ = writeln!(t, "\n3　機械で読めるデータの規則");
    let _ = writeln!(
        t,
        "  「行政データにおける機械可読性に関するルール」（令和8年3月31日決定）の番号。括弧の中は「統計表における"
    );
    let _ = writeln!(t, "  機械判読可能なデータの表記方法の統一ルール」（令和2年12月18日）の番号。");
    for r in &published.rules {
        let older = if r.older.is_empty() { String::new() } else { format!("（{}）", r.older) };
        let _ = writeln!(t, "  {}　{}{older} {}", r.verdict.words(), r.rule, r.title);
        let _ = writeln!(t, "      {}", r.detail);
    }
    let look = published.rules.iter().filter(|r| r.verdict == Verdict::Look).count();
    let errors = published.files.iter().filter(|f| f.severity() == Severity::E).count();
    let _ = writeln!(t, "  要確認 {look} 件　書けなかったファイルの理由 {errors} 件");
}
