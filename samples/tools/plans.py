"""What the divisions answer about the migration of the 20 systems. All of it is made up; vendors are A社 … F社."""

from __future__ import annotations

import datetime as dt

D = dt.date
SAME, OTHER = "現行ベンダの標準準拠システムへ更改", "他ベンダの標準準拠システムへ移行"
ABLE, UNABLE, UNKNOWN = "期限内に移行できる", "期限内に移行できない", "現時点では判断できない"
NO_OTHER_RFI = "関連する標準準拠システム以外のシステムがないため"
# The steps that the DX office has answered already.
COMMON = {1, 2, 3, 37, 38}
MILESTONES = {
    "rfi": "RFI（情報提供依頼）",
    "rfp": "RFP（提案依頼）",
    "budget": "予算計上",
    "contract": "契約",
    "data": "データ移行",
    "test": "テスト",
    "go_live": "移行完了（運用開始）",
}
YEARS = ("令和5年度", "令和6年度", "令和7年度", "合計")


def subject(system, vendor, end, extendable="可", **more):
    """Block 1: the current system."""
    base = {"システムの有無": "あり", "現行システム名": system, "現行ベンダ": vendor, "開発形態": "パッケージ", "稼働基盤": "サーバ",
            "カスタマイズ有無": "あり", "契約満了日": end, "満了後の延長可否": extendable}
    return base | more


def direction(method, procurement, vendor=None, cloud="未定", **more):
    """Block 2: where it goes."""
    base = {"移行方式": method, "調達方式": procurement, "ガバメントクラウド利用": cloud}
    if vendor:
        base |= {"移行先候補または契約先": vendor, "候補・契約先の別": "候補"}
    return base | more


def judgement(feasible, issues=None, **more):
    """Block 5: whether it can be done in time."""
    base = {"期限内移行の可否": feasible}
    if issues:
        base["課題と対策"] = issues
    return base | more


def steps(last, doing=(), na=None, todo=(), blank=()):
    """Block 6: done up to `last`; then what is being done, what does not apply (with its reason), what was left blank."""
    na = na or {}
    status = {}
    for n in range(1, 41):
        if n in COMMON or n in blank:
            continue
        word = "完了済み" if n <= last else "未着手"
        if n in doing:
            word = "作業中"
        if n in todo:
            word = "未着手"
        if n in na:
            word = "対象外"
        status[n] = (word, na.get(n))
    return status


def times(go_live, rfi="令和4年11月", rfi_done=None, rfp="令和5年10月", budget="令和5年11月", contract="令和6年4月",
          data="令和7年10月", test="令和7年12月"):
    """Block 3: planned and actual."""
    return {"rfi": (rfi, rfi_done), "rfp": (rfp, None), "budget": (budget, None), "contract": (contract, None),
            "data": (data, None), "test": (test, None), "go_live": (go_live, None)}


NOT_YET = ("未見積", "未見積", "未見積", "未見積")

PLANS: dict[str, dict] = {
    "001": dict(
        subject=subject("住民情報システム", "A社", "令和8年3月31日"),
        direction=direction(SAME, "随意契約", "A社", "共同利用", 移行先システムの提供予定時期="令和6年度下半期"),
        times=times("令和８年１月", rfi="令和4年9月", rfi_done="令和4年9月30日", rfp="令和5年度", contract="令和6年4月1日"),
        costs=NOT_YET, judgement=judgement(ABLE, "窓口の繁忙期（3月・4月）を避け、年始の閉庁日に切り替える。"),
        steps=steps(15, doing=(17,), na={16: NO_OTHER_RFI}),
    ),
    "002": dict(
        subject=subject("住民情報システム", "A社", "令和8年3月31日"),
        direction=direction(SAME, "随意契約", "A社", "共同利用", 移行先システムの提供予定時期="令和6年度下半期"),
        times=times("R8.1", rfi="R4.11", rfp="R5年度", contract="R6.4", data="R7.10", test="R7.11", budget="R5.11"),
        costs=NOT_YET, judgement=judgement(ABLE, 備考="住民基本台帳と同じ時期に切り替える。"),
        steps=steps(13, doing=(14, 15), na={16: NO_OTHER_RFI}),
    ),
    "003": dict(
        subject=subject("戸籍総合システム", "B社", "令和3年4月1日～令和10年3月31日", カスタマイズ有無="なし"),
        direction=direction(SAME, "随意契約", "B社", "利用しない"),
        times=times("R8.3.31", rfi="R4.6", rfi_done="R4.7.15", rfp="該当なし", contract="R6.4", data="R7.10", test="R7.12"),
        costs=NOT_YET, judgement=judgement(ABLE),
        steps=steps(19, doing=(20,), na={16: NO_OTHER_RFI} | dict.fromkeys((23, 24, 25, 26), "現行ベンダへの随意契約のためRFPを行わない")),
    ),
    "004": dict(
        subject=subject("戸籍総合システム", "B社", "契約締結日から令和 10 年 3 月 31 日まで", カスタマイズ有無="なし"),
        direction=direction(SAME, "随意契約", "B社", "利用しない"),
        times=times("令和7年度末", rfi="令和4年6月", rfi_done="令和4年7月15日"),
        costs=NOT_YET, judgement=judgement(ABLE),
        steps=steps(18, doing=(19,), na={16: NO_OTHER_RFI}),
    ),
    "006": dict(
        subject=subject("選挙人名簿システム", "A社", D(2026, 3, 31), カスタマイズ有無="なし"),
        direction=direction(SAME, "随意契約", "A社", "共同利用", 移行先システムの提供予定時期="令和7年4月"),
        times={"rfi": ("令和4年11月", None), "rfp": ("令和5年7月", None), "budget": ("令和5年11月", None),
               "contract": ("令和6年4月", None), "data": ("令和7年10月", None), "test": ("令和7年11月", None),
               "go_live": (D(2026, 1, 5), None)},
        costs=NOT_YET, judgement=judgement(ABLE, "選挙の執行と重ならない時期に切り替える。"),
        steps=steps(12, doing=(13, 14)),
    ),
    "010": dict(
        subject=subject("税総合システム", "C社", "令和7年12月31日", "不可"),
        direction=direction(OTHER, "公募型プロポーザル方式", "D社", "単独利用", 一括調達グループ="税4業務"),
        times=times("令和８年３月３１日", rfi="令和４年１０月", rfi_done="令和４年１０月２１日"),
        costs=("未見積", "未見積", 3000, 3000), judgement=judgement(ABLE, "当初課税の時期を避けて切り替える必要がある。"),
        steps=steps(15, doing=(16, 17)),
    ),
    "011": dict(
        subject=subject("税総合システム", "C社", "令和8年3月31日", "未確認"),
        direction=direction(OTHER, "公募型プロポーザル方式", "D社", "単独利用", 一括調達グループ="税4業務"),
        times=times(D(2026, 3, 31), test="令和8年4月"),
        costs=(None, None, None, None), judgement=judgement(ABLE),
        steps=steps(13, doing=(14, 15)),
    ),
    "013": dict(
        subject=subject("税総合システム", "C社", "令和8年3月31日"),
        direction=direction(OTHER, "公募型プロポーザル方式", "D社", "単独利用", 一括調達グループ="税4業務"),
        times=times("2026年3月", rfi="2022年11月", rfp="2023年10月", budget="2023年11月", contract="2024年4月", data="2025年10月", test="2025年12月"),
        costs=(None, None, None, None), judgement=judgement(ABLE),
        steps=steps(10, doing=(11, 12), na={16: None}),
    ),
    "012": dict(
        subject=subject("固定資産税システム", "C社", "令和8年3月31日", 開発形態="個別開発"),
        direction=direction(OTHER, "公募型プロポーザル方式", "D社", "単独利用", 一括調達グループ="税4業務"),
        times=times("R7.3.31", rfi="R4.9", rfi_done="R4.9.30", rfp="R5.10", budget="R5.11", contract="R6.4", data="R6.12", test="R7.2"),
        costs=("未見積", "未見積", 3000, 3000), judgement=judgement(ABLE, "評価替え（令和6年度）の作業と重なる。"),
        steps=steps(17, doing=(18,), na={16: NO_OTHER_RFI}),
    ),
    "017": dict(
        subject=subject("学齢簿システム", "A社", "平成39年3月31日"),
        direction=direction(SAME, "指名型プロポーザル方式", "A社"),
        times=times("令和8年8月", data="令和8年6月", test="令和8年7月"),
        costs=NOT_YET, judgement=judgement(UNABLE),
        steps=steps(10, doing=(11,), todo=(6,)),
    ),
    "019": dict(
        subject=subject("健康管理システム", "E社", "令和8年3月31日"),
        direction=direction(SAME, "随意契約", "E社"), times=times("令和8年3月"),
        costs=NOT_YET, judgement=judgement(ABLE), steps=steps(10, doing=(11,)),
    ),
    "020": dict(
        subject=subject("児童扶養手当システム", "E社", "令和7年9月30日", "可"),
        direction=direction(SAME, "未定"),
        times=times("令和8年3月末日", rfi="未定", rfp="未定（RFIの後に決定）"),
        costs=NOT_YET, judgement=judgement(ABLE),
        steps=steps(7, doing=(8,)),
    ),
    "021": dict(
        subject=subject("生活保護システム", "F社", "令和10年3月31日"),
        direction=direction(SAME, "随意契約", "F社", 移行先システムの提供予定時期="令和8年度上半期"),
        times=times("令和9年3月末", rfp="令和6年10月", budget="令和6年11月", contract="令和7年4月", data="令和8年11月", test="令和9年1月"),
        costs=NOT_YET,
        judgement=judgement(UNABLE, **{"期限を超える理由（区分）": "ベンダの提供時期・体制による",
                                     "期限を超える理由（内容）": "F社から、標準準拠システムの提供は令和8年度上半期になるとの回答があった。"}),
        steps=steps(5, doing=(6, 7)),
    ),
    "022": dict(
        subject=subject("障害者福祉システム", "E社", "R8.3.31"),
        direction=direction(SAME, "随意契約", "E社", "共同利用"),
        times=times("2025年度末", rfi="2022年度第3四半期"),
        costs=NOT_YET, judgement=judgement(ABLE),
        steps=steps(8, doing=(9, 10)),
    ),
    "023": dict(
        subject=subject("介護保険システム", "E社", "令和8年3月31日"),
        direction=direction(SAME, "未定", cloud="未定"),
        times=times("未定（ベンダ回答待ち）", rfp="未定（ベンダ回答待ち）", contract="未定", data="未定", test="未定"),
        costs=NOT_YET, judgement=judgement(UNKNOWN, "制度改正（令和6年4月）への対応を優先する。"),
        steps=steps(10, doing=(11, 12)),
    ),
    "024": dict(
        subject=subject("国民健康保険システム", "Ａ社", "令和８年３月３１日", "○", システムの有無="○", カスタマイズ有無="×", 開発形態="PKG", 稼働基盤="オンプレ"),
        direction=direction("現行ベンダ更改", "随契", "Ａ社", "共同", 移行先システムの提供予定時期="Ｒ７上半期"),
        times=times("令和8年3月頃", rfi="Ｒ４．９", rfi_done="Ｒ４．９．２８", rfp="Ｒ５上半期", budget="Ｒ５．１１", contract="Ｒ６．４", data="Ｒ７．１０", test="Ｒ７．１２"),
        costs=("０", "１，０００", "２，０００", "３，５００"), judgement=judgement("○", "年度切替えの時期と重なるため、広域の日程を確認する。"),
        steps=steps(20, doing=(21,), na={16: NO_OTHER_RFI}), words={"完了済み": "○", "作業中": "△", "未着手": "×", "対象外": "－"},
    ),
    "025": dict(
        subject=subject("後期高齢者医療システム", "Ａ社", "令和８年３月３１日", "○", システムの有無="○", カスタマイズ有無="×", 開発形態="PKG", 稼働基盤="オンプレ"),
        direction=direction("現行ベンダ更改", "随契", "Ａ社", "共同"),
        times=times("R7年度中", rfi="Ｒ４．９", rfi_done="Ｒ４．９．２８", rfp="Ｒ５上半期", contract="Ｒ６．４", data="Ｒ７上半期", test="Ｒ７上半期"),
        costs=("未積算",) * 4, judgement=judgement("○"),
        steps=steps(19, doing=(20,), na={16: NO_OTHER_RFI}), words={"完了済み": "済", "作業中": "△", "未着手": "未", "対象外": "－"},
    ),
    "026": dict(
        subject=subject("国民年金システム", "Ａ社", "令和８年３月３１日", "△", システムの有無="○", カスタマイズ有無="×", 開発形態="PKG", 稼働基盤="オンプレ"),
        direction=direction("現行ベンダ更改", "随契", "Ａ社", "共同"),
        times=times("令和７年度第３四半期", rfi="Ｒ４年度末", rfp="Ｒ５年度", contract="Ｒ６年度", data="Ｒ７上半期", test="Ｒ７上半期"),
        costs=("未積算",) * 4, judgement=judgement("○"),
        steps=steps(6, doing=(7,)), words={"完了済み": "〇", "作業中": "△", "未着手": "×"},
    ),
    "027": dict(
        subject=subject("児童手当システム", "E社", "令和7年9月30日", "未確認"),
        direction=direction(SAME, "未定"),
        times=times("R7末", rfi="未定", rfp="未定"),
        costs=NOT_YET, judgement=judgement(ABLE),
        steps=steps(4, doing=(5, 6), blank=(30, 31, 32, 33)),
    ),
}

# The first version of the tax division's plan, before it was replaced.
TAX_FIRST = {
    "010": dict(PLANS["010"], times=times("未定"), judgement=judgement(UNKNOWN), steps=steps(13, doing=(14,))),
    "011": dict(PLANS["011"], times=times("未定"), judgement=judgement(UNKNOWN), steps=steps(11, doing=(12,))),
    "013": dict(PLANS["013"], times=times("未定"), judgement=judgement(UNKNOWN), steps=steps(9, doing=(10,))),
}
