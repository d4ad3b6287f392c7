"""Rounds that are like the sample but for one thing each: what divisions answer, leave blank or do not send."""

import openpyxl

PLAN_ELECTION = "基幹業務システム 移行計画書_選挙管理委員会事務局.xlsx"
PLAN_CITIZENS = "市民課/移行計画書_市民課.xlsx"
REGISTER_CITIZENS = "市民課/DX取組_市民課.xlsx"
ONLINE_CITIZENS = "市民課/オンライン化進捗調査票_市民課.xlsx"


def squeezed(value):
    return "".join(str(value).split()) if value is not None else ""


class Reply:
    """A reply whose answers can be changed by their labels."""

    def __init__(self, round_, name):
        self.path = round_ / "提出" / name
        self.book = openpyxl.load_workbook(self.path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.book.save(self.path)

    def sheet(self, label):
        """The sheet in which this stands in a cell."""
        own = [ws for ws in self.book.worksheets if ws.sheet_state == "visible" and not ws.title.startswith("記入")]
        return next(ws for ws in own if any(squeezed(c.value) == label for row in ws.iter_rows() for c in row))

    @staticmethod
    def right_of(ws, label):
        """The cell beside a label, behind its merge."""
        cell = next(c for row in ws.iter_rows() for c in row if squeezed(c.value) == label)
        merge = next((m for m in ws.merged_cells.ranges if cell.coordinate in m), None)
        return ws.cell(cell.row, (merge.max_col if merge else cell.column) + 1)

    @staticmethod
    def column(ws, label):
        cell = next(c for row in ws.iter_rows() for c in row if squeezed(c.value) == label)
        return cell.row, cell.column

    def card(self, ws, **answers):
        for label, value in answers.items():
            self.right_of(ws, label).value = value

    def steps(self, ws, change):
        """Changes the status of every step: `change` takes its number and what stands there."""
        (top, column), (_, number) = self.column(ws, "進捗状況"), self.column(ws, "番号")
        n = 0
        for row in range(top + 1, ws.max_row + 1):
            if squeezed(ws.cell(row, number).value)[:1] in list("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱"):
                n += 1
                ws.cell(row, column).value = change(n, ws.cell(row, column).value)
        if n != 40:
            raise ValueError(f"{n} steps")

    def row(self, ws, number, **answers):
        top, column = self.column(ws, "番号")
        row = next(r for r in range(top + 1, ws.max_row + 1) if squeezed(ws.cell(r, column).value) == number)
        for label, value in answers.items():
            ws.cell(row, self.column(ws, label)[1]).value = value

    def clear(self, ws, number, after):
        """Empties a row behind the column with this label."""
        top, column = self.column(ws, "番号")
        row = next(r for r in range(top + 1, ws.max_row + 1) if squeezed(ws.cell(r, column).value) == number)
        for c in range(self.column(ws, after)[1] + 1, ws.max_column + 1):
            if not isinstance(ws.cell(row, c), openpyxl.cell.cell.MergedCell):
                ws.cell(row, c).value = None


EVERYTHING = ["現行システム名", "現行ベンダ", "開発形態", "稼働基盤", "カスタマイズ有無", "契約満了日", "満了後の延長可否", "移行方式", "調達方式",
              "一括調達グループ", "移行先システム", "移行先候補または契約先", "候補・契約先の別", "移行先システムの提供予定時期",
              "ガバメントクラウド利用", "期限内移行の可否", "期限を超える理由（区分）", "期限を超える理由（内容）", "課題と対策", "備考"]


def emptied(reply, ws):
    """Takes every answer out of a system's sheet."""
    reply.card(ws, **dict.fromkeys(EVERYTHING))
    for label in ("予定時期", "実績日", "移行経費", "うち補助対象"):
        top, column = reply.column(ws, label)
        row = top + 1
        while ws.cell(row, 2).value is not None:
            ws.cell(row, column).value = None
            row += 1


OFFICE = {1, 2, 3, 37, 38}
# What the mutants are made of; a round of all files takes ten times as long.
KEPT = {PLAN_ELECTION, PLAN_CITIZENS, ONLINE_CITIZENS, "介護福祉課/進捗調査票.xlsx", REGISTER_CITIZENS}


def slim(round_):
    """Leaves a few replies of the sample, and one of the ministry's workbooks."""
    folder = round_ / "提出"
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        if path.relative_to(folder).as_posix() not in KEPT:
            path.unlink()
    for path in sorted(p for p in (round_ / "国様式").rglob("*") if p.is_file()):
        if not path.name.startswith("標準化進捗状況"):
            path.unlink()


def no_division(round_):
    (round_ / "提出" / PLAN_CITIZENS).unlink()


def no_system(round_):
    with Reply(round_, PLAN_ELECTION) as reply:
        ws = reply.sheet("システムの有無")
        emptied(reply, ws)
        reply.card(ws, システムの有無="なし")
        reply.steps(ws, lambda n, old: old if n in OFFICE else None)


def no_system_but_steps(round_):
    with Reply(round_, PLAN_ELECTION) as reply:
        ws = reply.sheet("システムの有無")
        emptied(reply, ws)
        reply.card(ws, システムの有無="なし")
        reply.steps(ws, lambda n, old: "対象外")


def settings(round_, sheet, key, **answers):
    path = round_ / "調査設定.xlsx"
    book = openpyxl.load_workbook(path)
    ws = book[sheet]
    labels = {c.value: c.column for c in ws[5] if c.value}
    row = next(r for r in range(6, ws.max_row + 1) if str(ws.cell(r, 2).value) == key)
    for label, value in answers.items():
        ws.cell(row, labels[label]).value = value
    book.save(path)


def absent_system(round_):
    (round_ / "提出" / PLAN_ELECTION).unlink()
    settings(round_, "対象業務", "006", システムなし="○")


def absent_procedure(round_):
    settings(round_, "対象手続", "6", 制度なし="○")


def nobodys_procedure(round_):
    settings(round_, "対象手続", "27", 所管課コード=None)


def absent_but_answered(round_):
    settings(round_, "対象業務", "006", システムなし="○")
    settings(round_, "対象手続", "32-1", 制度なし="○")


def nobodys_system(round_):
    settings(round_, "対象業務", "001", 所管課コード=None)


def nothing_came(round_):
    for path in [p for p in (round_ / "提出").rglob("*") if p.is_file()]:
        path.unlink()


def no_procedure(round_):
    with Reply(round_, ONLINE_CITIZENS) as reply:
        ws = reply.sheet("実施の有無")
        reply.clear(ws, "32-1", "手続名")
        reply.row(ws, "32-1", 実施の有無="制度なし")


def unreadable_step(round_):
    with Reply(round_, PLAN_CITIZENS) as reply:
        ws = reply.sheet("印鑑登録")
        reply.steps(ws, lambda n, old: "たぶん来年" if n == 20 else old)


def blank_options(round_):
    with Reply(round_, PLAN_ELECTION) as reply:
        ws = reply.sheet("システムの有無")
        reply.card(ws, 開発形態=None, 稼働基盤=None, 満了後の延長可否=None, 調達方式=None, ガバメントクラウド利用=None, カスタマイズ有無=None)
    with Reply(round_, ONLINE_CITIZENS) as reply:
        ws = reply.sheet("実施の有無")
        reply.row(ws, "32-2", 接続の状況=None, **{"接続（予定）日": None})


def blank_ministry_cells(round_):
    with Reply(round_, PLAN_ELECTION) as reply:
        ws = reply.sheet("システムの有無")
        reply.card(ws, 契約満了日=None, 移行方式=None)
        reply.steps(ws, lambda n, old: None if n in (4, 40) else old)
    with Reply(round_, ONLINE_CITIZENS) as reply:
        reply.row(reply.sheet("実施の有無"), "32-1", 総件数=None)


def undecided(round_):
    with Reply(round_, ONLINE_CITIZENS) as reply:
        ws = reply.sheet("実施の有無")
        reply.row(ws, "32-1", 運用開始予定日="未定（国の動向による）")
        reply.row(ws, "32-2", 運用開始予定日="令和5年3月頃")


def done_without_date(round_):
    with Reply(round_, ONLINE_CITIZENS) as reply:
        ws = reply.sheet("実施の有無")
        reply.row(ws, "32-1", オンライン化状況="オンライン化済", 運用開始予定日=None)
        reply.row(ws, "32-2", オンライン化状況=None)


def blank_row(round_):
    with Reply(round_, ONLINE_CITIZENS) as reply:
        reply.clear(reply.sheet("実施の有無"), "32-1", "手続名")


def blank_exists(round_):
    with Reply(round_, PLAN_ELECTION) as reply:
        reply.card(reply.sheet("システムの有無"), システムの有無=None)


def odd_amounts(round_):
    """One cost cannot be read, an effect is not decided, an initiative has no amounts at all, and one belongs to no policy."""
    with Reply(round_, REGISTER_CITIZENS) as reply:
        ws = reply.sheet("事業費")
        reply.row(ws, "103-01", 事業費="約たくさん", 効果額="未定", 削減時間="1,200.5")
        reply.clear(ws, "103-02", "事業名")
        reply.row(reply.sheet("区分"), "103-03", **{"DX推進方針の取組事項": "そのほか"})


def other_amounts(round_):
    """The only amount of an initiative cannot be read; another's effect is a loss."""
    with Reply(round_, REGISTER_CITIZENS) as reply:
        ws = reply.sheet("事業費")
        reply.clear(ws, "103-02", "事業名")
        reply.row(ws, "103-02", 効果額="たぶん少し")
        reply.row(ws, "103-03", 効果額=-250)


def to_be_decided(round_):
    with Reply(round_, REGISTER_CITIZENS) as reply:
        ws = reply.sheet("区分")
        reply.row(ws, "103-01", 位置付け="本部決定", 本部決定日=None, 予算化の時期="当初")
        reply.row(ws, "103-02", 区分="B", 位置付け="行革プラン", 概要=None)
        reply.row(ws, "103-03", 位置付け=None, 区分=None)


def another_owner(round_):
    """An initiative is another division's than the one that answers: by its name, and by its code."""
    with Reply(round_, REGISTER_CITIZENS) as reply:
        reply.row(reply.sheet("区分"), "103-01", 所管課="市民税課")
        reply.row(reply.sheet("区分"), "103-02", 所管課="102")


def since_the_last(round_):
    """Answers are changed after the round was consolidated, and the result is that of the last round."""
    with Reply(round_, REGISTER_CITIZENS) as reply:
        reply.row(reply.sheet("事業費"), "103-01", 効果額=2500, 削減時間=None)
        reply.row(reply.sheet("区分"), "103-03", 位置付け="実施計画")
    with Reply(round_, ONLINE_CITIZENS) as reply:
        reply.row(reply.sheet("実施の有無"), "32-1", 運用開始予定日="令和5年4月3日")
    with Reply(round_, PLAN_CITIZENS) as reply:
        reply.steps(reply.sheet("印鑑登録"), lambda n, old: "完了済み" if n == 20 else old)


# Rounds whose own first result is the last round's.
AFTER = {"since the last round"}
MUTANTS = {
    "the sample": lambda round_: None,
    "a division is missing": no_division,
    "no system, by the division": no_system,
    "no system, with every step 対象外": no_system_but_steps,
    "no system, by the settings": absent_system,
    "said to be none, and answered": absent_but_answered,
    "a system of nobody": nobodys_system,
    "nothing came": nothing_came,
    "no procedure, by the division": no_procedure,
    "no procedure, by the settings": absent_procedure,
    "a procedure of nobody": nobodys_procedure,
    "an unreadable step": unreadable_step,
    "optional columns are blank": blank_options,
    "the ministry's cells stay empty": blank_ministry_cells,
    "undecided and about": undecided,
    "done without a date": done_without_date,
    "a blank row": blank_row,
    "not said whether there is a system": blank_exists,
    "amounts that cannot be added": odd_amounts,
    "the only amount cannot be read": other_amounts,
    "initiatives that are not decided": to_be_decided,
    "an initiative of another division": another_owner,
    "since the last round": since_the_last,
}
