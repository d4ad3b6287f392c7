"""Fills 調査設定.xlsx of the sample round, as the DX office would."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl

from initiatives import FORM
from workbook import Table, card, save

D = dt.date
MARK = "見本・回答内容は架空"
PLAN, ONLINE = "migration-plan", "online-procedures"

# 課コード, 部局, 課, 業務ID, 手続番号 (minutes of 2022-11-07; codes and 内線 are made up).
DIVISIONS = [
    ("101", "総務部", "市民税課", ["010", "011", "013"], []),
    ("102", "総務部", "資産税課", ["012"], ["27"]),
    ("103", "市民生活部", "市民課", ["001", "002", "003", "004"], ["32-1", "32-2"]),
    ("104", "教育委員会事務局", "教育総務課", ["017"], []),
    ("105", "選挙管理委員会事務局", "選挙管理委員会事務局", ["006"], []),
    ("106", "保健福祉部", "健康推進課", ["019"], ["15"]),
    ("107", "保健福祉部", "保険年金課", ["024", "025", "026"], []),
    ("108", "保健福祉部", "介護福祉課", ["023"], [str(n) for n in range(16, 27)]),
    ("109", "保健福祉部", "障害福祉課", ["022"], []),
    ("110", "保健福祉部", "保護課", ["021"], []),
    ("111", "保健福祉部", "子育て支援課", ["020", "027"], [*(str(n) for n in range(1, 11)), "14"]),
    ("112", "保健福祉部", "子ども保育課", ["028"], ["11", "12", "13"]),
]
NAMES = {code: name for code, _, name, _, _ in DIVISIONS}
PHONES = {code: f"{n:04}" for n, (code, *_) in enumerate(DIVISIONS, 1)}
# Who owns these is inferred, not stated in the minutes.
ASSUMED = {"27", "32-1", "32-2"}

# What the DX office answers for everybody: key, answer.
COMMON = [
    ("step_01", "完了済み"),
    ("step_02", "完了済み"),
    ("step_03", "完了済み"),
    ("step_37", "未着手"),
    ("step_38", "未着手"),
]


def fill(path: Path, receipts: list[tuple], extensions: list[tuple], passwords: dict[str, str]) -> None:
    """Fills the settings in place."""
    wb = openpyxl.load_workbook(path)
    basic = wb["基本"]
    for label, value in [
        ("市区町村名", "石巻市"),
        ("団体コード", "042021"),
        ("調査回の名称", "令和4年10月末"),
        ("文書番号", "DX第12号"),
        ("依頼日", D(2022, 11, 7)),
        ("発信者", "デジタル推進課長"),
        ("問合せ先", "DX担当　内線 0000"),
        ("全帳票に印字する表示", MARK),
        # The round is over: whoever opens it later sees it as it was then.
        ("判定日", D(2022, 11, 14)),
    ]:
        card(basic, label, value)
    documents = wb["文書・会議・公表"]
    for label, value in [
        ("文書の種類", "公文書（公印省略）"),
        ("提出先", "共有フォルダ「全庁共有／DX調査」の「提出」"),
        ("差戻しの文書番号", "DX第15号"),
        ("再依頼の文書番号", "DX第16号"),
        ("会議の名称", "DX推進本部会議"),
        ("回次", "第2回"),
        ("公表者", "石巻市 DX推進本部事務局"),
        ("利用条件", "クリエイティブ・コモンズ 表示 4.0 国際（CC BY 4.0）"),
        ("公表の問合せ先", "石巻市 DX推進本部事務局"),
    ]:
        card(documents, label, value)
    # This city has asked its staff as well.
    agenda = Table(wb["会議の議題"], "議題ID", "区分", "題目")
    agenda.add(議題ID="survey", 区分="報告事項", 順="3", 題目="職員アンケートの結果について", 本文="今回の調査では取りまとめていない。")
    forms = Table(basic, "様式ID", "基準日", "回答期限")
    for form, year in [(PLAN, None), (ONLINE, "令和3年度"), (FORM, None)]:
        row = forms.row("様式ID", form)
        forms.set(row, "基準日", D(2022, 10, 31))
        forms.set(row, "回答期限", D(2022, 11, 11))
        if year:
            forms.set(row, "件数の対象年度", year)
    deadlines = Table(wb["期限"], "期限ID", "名称", "期日")
    for id_, form in [("meeting-plan", PLAN), ("meeting-online", ONLINE)]:
        deadlines.add(期限ID=id_, 名称="第2回DX推進本部会議", 期日=D(2022, 11, 22), 種類="上申期限", 対象=form,
                      出典="第1回DX推進本部会議要旨（令和4年11月7日）", 強さ="必達")
    divisions = Table(wb["所属"], "課コード", "部局", "課")
    for code, bureau, name, _, _ in DIVISIONS:
        divisions.add(課コード=code, 部局=bureau, 課=name, 内線=PHONES[code])
    systems = Table(wb["対象業務"], "業務ID", "所管課コード")
    procedures = Table(wb["対象手続"], "番号", "所管課コード")
    for code, _, _, owned, handled in DIVISIONS:
        for table, label, keys in [(systems, "業務ID", owned), (procedures, "番号", handled)]:
            for k in keys:
                row = table.row(label, k)
                table.set(row, "所管課コード", code)
                table.set(row, "確度", "仮" if k in ASSUMED else "確定")
    common = Table(wb["共通回答"], "様式ID", "項目", "回答")
    # `init` lists them.
    for field, value in COMMON:
        common.set(common.row("項目", field), "回答", value)
    received = Table(wb["受付"], "ファイル", "受付日")
    for r, row in enumerate(receipts, received.header + 1):
        for label, value in zip(("ファイル", "課コード", "様式ID", "受付日", "差戻し日"), row):
            if value is not None:
                received.set(r, label, value)
    extended = Table(wb["延長"], "課コード", "延長後の期限")
    for division, form, until, approved, reason in extensions:
        extended.add(課コード=division, 様式ID=form, 延長後の期限=until, 承認日=approved, 理由=reason)
    words = Table(wb["合言葉"], "課コード", "合言葉")
    for division, password in passwords.items():
        words.add(課コード=division, 合言葉=password)
    # Every sheet that is shipped says what it is, on the screen and on paper.
    for ws in wb.worksheets:
        if ws.sheet_state == "visible":
            title = next(c for c in ws[1] if c.value)
            title.value = f"{title.value}　【{MARK}】"
            ws.oddHeader.right.text = MARK
    for cell in (c for ws in wb for row in ws.iter_rows() for c in row if isinstance(c.value, (dt.date, dt.datetime))):
        # As an office formats them: in the era calendar, at the left like the dates that are text.
        cell.number_format = '[$-411]ggge"年"m"月"d"日"'
        cell.alignment = openpyxl.styles.Alignment(horizontal="left", vertical="center")
    save(wb, path, dt.datetime(2022, 11, 14, 0, 30))
