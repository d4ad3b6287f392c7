"""What the divisions answer about their procedures. All of it is made up."""

from __future__ import annotations

import datetime as dt

D = dt.date
LABELS = ("実施の有無", "総件数", "うちオンライン件数", "オンライン化状況", "マイナポータル", "汎用電子申請", "その他",
          "マイナンバーカード利用", "署名", "運用開始予定日", "運用開始日", "接続の状況", "接続（予定）日", "区分", "内容", "備考")


def done(total, online, start, card="利用する", sign="要", portal="全部", generic="なし", **more):
    """A procedure that can be done online already."""
    return dict(zip(LABELS, ("実施", total, online, "オンライン化済", portal, generic, "なし", card, sign, None, start, "紙・手入力"))) | more


def planned(total, start, card="利用する", sign="要", portal="全部", link="接続予定", linked="令和5年3月", **more):
    """A procedure that is planned: the channels are those that it will have."""
    return dict(zip(LABELS, ("実施", total, 0, "予定あり", portal, "なし", "なし", card, sign, start, None, link, linked))) | more


def open_(total, status, reason, when=None, text=None, **more):
    """A procedure that is not planned yet."""
    return dict(zip(LABELS, ("実施", total, 0, status, "なし", "なし", "なし", None, None, when, None, "紙・手入力", None, reason, text))) | more


PROCEDURES: dict[str, dict] = {
    # 子育て支援課
    "1": done(820, 12, D(2021, 10, 1)),
    "2": done(640, 5, D(2021, 10, 1)),
    "3": planned(310, "令和5年3月1日"),
    "4": done(450, 3, "令和3年10月1日"),
    "5": planned(12, "令和5年3月"),
    "6": open_(0, "予定なし", "件数が少ない"),
    "7": open_(0, "予定なし", "件数が少ない"),
    "8": {"実施の有無": "制度なし"},
    "9": {"実施の有無": "制度なし"},
    # More online than all: a slip of the keyboard.
    "10": done(980, 1980, "R3.6.1"),
    "14": open_(900, "検討中", "対面での確認・聴き取りが必要", when="未定", text="面談での聴き取りを行っているため",
                備考="8月の面談の日程を申請画面で予約できるようにする案がある"),
    # 子ども保育課
    "11": planned(1150, "令和5年3月1日", sign="不要"),
    "12": done(1100, 260, D(2021, 11, 1), card="利用しない", sign="要", portal="なし", generic="全部",
               備考="市の電子申請システムで受付中。マイナポータルは令和5年3月の予定"),
    "13": planned(1480, "令和4年度末", sign=None),
    # 健康推進課
    "15": open_(790, "検討中", "対面での確認・聴き取りが必要", when="未定", text="届出の際に保健師が面談しているため"),
    # 介護福祉課
    "16": planned("3,420", "令和5年3月1日"),
    "17": planned("2,980", "R5.3.1"),
    "18": planned("610", "令和５年３月"),
    "19": planned("４，１００", "年度内"),
    "20": planned("180", "3月下旬", card=None, sign="不要"),
    "21": planned("約400", "令和4年度末", card="利用する", sign="不要"),
    "22": planned("5200", "令和5年10月1日", 区分="システムの改修・接続が未了", 内容="システムの改修が令和5年9月までかかる見込み"),
    "23": planned("1,650", "令和5年4月1日"),
    "24": planned("720件", "R5.3末"),
    "25": planned("540", "令和5年3月31日"),
    # Left blank but for the first answer: it counts as unanswered.
    "26": {"実施の有無": "実施", "総件数": "35"},
    # 資産税課
    "27": open_(140, "検討中", "システムの改修・接続が未了", when="未定（庁内調整中）", 備考="担当課の分担を調整中"),
    # 市民課
    "32-1": planned(4300, "令和5年2月6日", linked="令和5年2月6日"),
    "32-2": planned(4300, "令和5年2月6日", linked="令和5年2月6日"),
}
