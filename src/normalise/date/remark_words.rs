//! The words of remarks beside a date, as tables: compared by matching key, grouped by what they do to the date.

use std::sync::LazyLock;

/// Words of a table, written in one text with blanks between them.
pub(super) type Words = LazyLock<Vec<&'static str>>;

pub(super) fn list(words: &'static str) -> Vec<&'static str> {
    words.split_whitespace().collect()
}

/// Words that take a date back, longest first.
pub(super) static WITHDRAWN: Words = LazyLock::new(|| {
    list(
        "白紙撤回 取りやめ とりやめ 取り止め 取やめ 取止め 取り消し 取消し 取消 取り下げ 取下げ 取下 \
     見合わせ 見合せ 見送り 見送る 見送 キャンセル 中止 休止 停止 撤回 白紙 凍結 廃止 廃案 断念 破棄 \
     無効 失効 頓挫 ボツ",
    )
});

/// Words that say no more than that it is so, beside a word of [`WITHDRAWN`].
pub(super) static EMPTY_WORDS: Words = LazyLock::new(|| {
    list(
        "予定 となりました になりました となった になった となる しました します いたしました でした です \
     により ました ため した する 方針 決定 計画 一旦 一時 現在 今回 事業 移行 実施 導入 済み 済 中 の \
     に を が は と し る り て い 、 。 ・ ! ★ ※",
    )
});

/// Stems of change, withdrawal, denial, parts and neighbouring times.
pub(super) static STEMS: Words = LazyLock::new(|| {
    list(
        "変更 変わ 変え 改め 延期 延伸 延長 延び 延ば 先延 繰 倒し 先送 後送 ずれ ズレ のびる スライド \
     リスケ 遅 おくれ 見直 再 旧 訂正 修正 誤 正しく 間違 違い 相違 異な 実際 当初 従来 もともと 元々 \
     中止 停止 休止 止め やめ 取消 取り消 取下 取り下 撤 廃止 廃案 凍結 保留 留保 白紙 見送 見合 中断 \
     断念 失効 破棄 棄却 却下 否決 辞退 返上 キャンセル ペンディング ストップ フリーズ 無効 解約 解除 \
     消滅 頓挫 ボツ 取消線 削除 不明 未定 不調 不落 不成立 不可 不能 未達 困難 無理 難し 厳し 間に合 \
     ません ない せず できず なし ナシ 対象外 以外 除 超え 超過 越え 過ぎ なく 一部 のみ だけ 残り 残る \
     ほかは 他は 先行 翌 前日 前月 前年 直前 の前 の次 次の 後 以前 だが たが だった けど けれど ものの \
     しかし ただし 但し 早ま 早め 早くな 不 かず らず れず えず めず けず きず たず なけれ 流動 微妙 棚上 持ち越 持越 差替 差し替 立ち消え ダミー サンプル 記入例 滞 難航 立ち止 延 直し 直す 戻 別途 別日 別の 振替 振り替 組替 代替 ミス おくら 違 失 破 断 消 停 短縮 ずら のばす のばし のびた まちが ちがう ちがい ダメ だめ ムリ むり オーバー ポシャ リセット リトライ リジェクト サスペンド 塩漬 否 拒 無期 部分 尚早 危う きびし むずかし 無し 回避 流札 未 落ち 押す 押し 押して あと 半数 半分 試行 試験運用 試験稼働 仮稼働 仮運用 パイロット 実証 良いか よいか いいか よろしいか でしょうか ですか ますか のでは 確認願 ご確認 教示",
    )
});

/// Stems that count outside brackets only: there the dates have been taken out.
pub(super) static STEMS_OUTSIDE: Words =
    LazyLock::new(|| list("上旬 中旬 下旬 初旬 上期 下期 半期 前半 週 暮 明け 月初 ●月 ○月 ●日 ○日 *月 x月"));

/// What remarks of a plan are made of: one that has none of these is asked about, since nothing is known of it.
pub(super) static KNOWN: Words = LazyLock::new(|| {
    list(
        "予定 見込 目標 目途 目処 めど メド 目安 目指 想定 希望 案 仮 暫定 検討 調整 協議 確認 待ち 相談 \
         依頼 要求 要望 申請 届 提出 公開 公告 公募 告示 周知 通知 説明 議決 本部 決裁 決定 確定 承認 合意 \
         了承 内示 内諾 補正 補助 起債 措置 契約 締結 札 随意 随契 見積 調達 仕様 開発 導入 設置 \
         設定 改善 改正 改革 改定 対応 対象 適用 準拠 標準 移行 移転 移設 切替 切り替 入替 更改 更新 稼働 \
         稼動 運用 運営 供用 使用 利用 開始 着手 実施 施行 執行 実行 完了 終了 満了 検収 試験 本格 並行 \
         同時 一斉 一括 全部 全体 全て すべて 共同 共通 共有 連携 接続 単独 個別 順次 段階 継続 維持 現行 \
         現状 現在 時点 次期 期限 期日 期間 期末 年度 年末 年始 月末 営業日 祝 休日 平日 大安 友引 先勝 先負 \
         仏滅 大晦日 法 要綱 制度 国 県 市 町 村 区 庁 省 局 課 係 室 支所 連合 社 業者 委託 担当 税 福祉 \
         健康 保険 保育 教育 子ども 住基 証 手続 紙 書 票 帳 簿 参照 参考 別添 詳細 内容 理由 影響 関連 含む \
         含め 込み 順調 必須 必達 必着 厳守 締切 締め 努力 可能 済 最終 初回 先方 随時 適宜 速やか 早期 早急 \
         できる お願い 宜しく よろしく 思 考え 方針 基本 向け 基づ 伴 踏まえ 合わせ 併せ により による \
         によって かけて もって 長期 年間 か月 ヶ月 費 料 金 保守 端末 基盤 候補 有力 拡大 展開 期待 管理 \
         行政 相当 処理 検針 支給 以降 以後 同上 同じ 同様 とおり どおり 通り 発行 作成 作業 成立 前提 範囲 \
         必要 要する 日程 時期 一次 二次 正式 正午 午前 午後 できれ 無難 基準 はず ちょうど 最短 最遅 部外秘 \
         判 注 どこか 財 会 計 報 誌 電 源 工 事 務 院 選 員 監 査 審 諮 答 規 則 例 組 織 機 構 評 競 争 買 \
         払 償 耐 染 症 避 護 児 童 母 防 就 学 固 資 産 車 登 録 字 卸 算 納 賦 連休 病 水 道 河 川 港 駅 \
         図 館 園 備 品 物 械 具 器 材 食 農 林 漁 商 環 衛 生 清 掃 墓 葬 婚 亡 籍 転入 転出 転居 寄 売 貸 \
         借 庫 橋 宅 建 築 土 木 救 災 害 警 訓 統 人 数 量 額 率 値 表 欄 号 番 版 件 型 類 項 様式 文 記 \
         印 刷 郵 発送 配布 配信 受 付 口 繁忙期 閑散期 研 修 操 画面 種 族 家 私 民 官 府 都 科 技 術 士 師 \
         医 薬 看 内線 電話 直通 公示 公布 縦覧 実績 正月 年次",
    )
});

/// Compounds in which a stem is harmless.
pub(super) static HARMLESS: Words = LazyLock::new(|| {
    list(
        "変更の可能性 変更可能性 変更となる可能性 変更になる可能性 変更する可能性 変更される可能性 \
     変更の場合 変更があり得 変更あり得 変更契約 住所変更 氏名変更 変更届 延長可 延長あり \
     延長有 延長予定 延長オプション 延長条項 延長できる 延長を含 延長含 自動延長 繰越 再リース \
     再構築 再編 再開発 再生 再任用 旧システム 旧庁舎 旧基盤 旧サーバ 旧機器 旧端末 旧契約 旧町 旧村 \
     旧市 復旧 新旧 修正予算 修正プログラム 遅くとも 遅滞なく 遅延なく 遅れなく 遅れることなく 間もなく \
     まもなく 滞りなく 撤去 控除 免除 掃除 除雪 除染 除却 はやめ いずれ できるだけ \
     先行自治体 先行事業 先行団体 当初予算 当初契約 当初計画どおり 当初計画通り 当初計画のとおり \
     当初予定どおり 当初予定通り 当初予定のとおり 当初の予定どおり 当初の計画どおり 当初どおり 年度当初 間に合わせ 様式変更 \
     の前提 今後 午後 後継 後期高齢 前後 最後 放課後 産後 後見 老後 事後 後援 したが またが お盆の次 \
     少ない ないし やむなく 早めに 不動産 不足 不服 不在者 不燃 不妊 不登校 不審 不正 不具合 不随 不慮 不断 とりあえず かかわらず 関わらず 差替え可 滞納 滞在 延滞 延床 延べ 払戻 払い戻 口座振替 失業 過失 判断 診断 横断 遮断 消防 消費 消込 消毒 解消 消耗 停留 バス停 停車 調停 可否 安否 破砕 別途契約 別途予算 別途資料 別途通知 別途連絡 違反 カットオーバー ワンストップ 旧姓 旧氏 以後 不用 不可欠 不特定 添付不要 押印不要 費用不要 手数料不要 手続不要 届出不要 未来 未満 未納 未収 未婚 未熟 未成年 未然 \
     未償還 未登記 未申告 未支給 未受診 無停止 除籍 延滞金 見直しを含む 再構成 再整備 一部事務組合 後期広域 見直し済 当初賦課",
    )
});

/// Nouns whose absence says that all is as it was, with なし, ない or ありません.
pub(super) static ABSENT: Words = LazyLock::new(|| {
    list(
        "変更 問題 支障 影響 遅れ 遅延 費用 追加 延長 更新 特に 異議 修正 間違い 相違 改修 見直し 異動 補助 繰越 \
     記載",
    )
});

/// What stands beside a date and is all there is.
pub(super) static ALONE: Words = LazyLock::new(|| {
    list(
        "改訂 改定 修正 変更 正 誤 元 前 前に 前まで 後 旧 新 円 千円 件 人 個 台 回 本 % 改 例 か かも ほか 等 など 他 別 上 下 次 横 無 0",
    )
});

/// Latin words of the same kinds.
pub(super) static LATIN: Words = LazyLock::new(|| {
    list(
        "ng tbd tba na cancel canceled cancelled postpone postponed delay delayed pending hold skip not no \
     none old new",
    )
});

/// Words of moving that name the new date when they follow it with に or へ.
pub(super) static MOVED: Words = LazyLock::new(|| {
    list("変更 延期 前倒し 後ろ倒し 後倒し 見直し 修正 訂正 先送り 繰り上げ 繰り下げ 繰上げ 繰下げ 改め 延長")
});

/// What may follow them so that it stays certain.
pub(super) static SETTLED: Words =
    LazyLock::new(|| list("予定 済 した しました する します いたし とする となった ため 決定 見込 。 、"));

/// What a bracketed date says that it is the one that no longer counts: at the beginning of the bracket.
pub(super) static OLD: Words = LazyLock::new(|| {
    list("当初 変更前 旧 前回 以前 元は 元の 従来 誤 延期前 見直し前 訂正前 修正前 計画時 もともと 元々")
});

/// The same behind it: 「（R7.3から変更）」.
pub(super) static OLD_BEHIND: Words = LazyLock::new(|| list("から より を"));

/// Signs that a bracket names the date that counts now.
pub(super) static NEW: Words =
    LazyLock::new(|| list("後 新 現在は → ⇒ に変更 へ変更 に延期 へ延期 ところ だが たが 実際"));

/// Words that make the date of a bracket another possibility of the same answer.
pub(super) static OTHERWISE: Words = LazyLock::new(|| {
    list(
        "次第で れば たら 場合 なら 最悪 希望 遅くとも 早くとも 最長 最短 により によって 変更契約 合わせ 併せ 同時 へ 再リース",
    )
});

/// Other events, whose dates in a bracket do not touch the answer.
pub(super) static EVENTS: Words = LazyLock::new(|| {
    list(
        "契約 締結 札 公告 公募 発注 発出 仕様書 rfi rfp 見積 議会 議決 予算 補正 要求 要件 設計 構築 開発 \
     テスト 検証 研修 着手 申請 決裁 告示 公表 調達 納品 検収 リース 満了 協議 照会 回答 国の 期限 \
     法定 サポート 保守 延長可 プロポーザル 選定 説明会 開庁日 閉庁日 営業日",
    )
});

/// What makes a length of time in a bracket harmless.
pub(super) static LENGTHS: Words =
    LazyLock::new(|| list("リース 更新 契約 ごと 毎 保守 延長可 以内 作業は 作業期間 所要 365日 24時間"));

/// Words for a paper, a service or a function, which make a name of the stem before them.
pub(super) static PAPERS: Words = LazyLock::new(|| list("届 申請 請求 証明 機能 処理 保育 料 計算 通知書"));

/// Who else has dates of their own.
pub(super) static PARTIES: Words = LazyLock::new(|| {
    list(
        "国 県 都の 府の 省 庁 他市 他町 他村 他課 他部 自治体 団体 連合 組合 ベンダ 業者 事業者 委託先 メーカ 社の 社は 社が 機構 \
         j-lis 議会 議員 市長 町長 村長 区長 首長 前任 後任 メモ 協議会 指定管理 パッケージ 先行 デジタル庁 総務省 厚労 法令 法律 \
         条例 政令 新聞 報道 隣 近隣 他の 側の 側が 側は 現契約 現行 現機器 現システム 現在の 現リース 現サーバ 前システム 前契約 前機器",
    )
});

/// Endings that make what stands before a date its topic.
pub(super) static TOPIC: Words = LazyLock::new(|| list("は が では も : には でも"));

/// Topics that are the answer's own.
pub(super) static OWN_TOPICS: Words = LazyLock::new(|| {
    list(
        "運用 稼働 稼動 移行 開始 予定 時期 目標 日程 本番 切替 切り替え 導入 契約 更改 更新 実施 完了 期間 着手 公開 供用 リース \
         終了 満了 構築 改修 対応 テスト 検収 発注 公告 札 rfi rfp 提示 回答 当課 本課 当市 当町 当村 当係 弊課 本市 全体 システム \
         日付 期日 年月 見込 想定 時点 スケジュール 計画 現在 最短 最長 早くて 遅くて 早ければ 遅ければ 目途 目処 使用 利用 発行 \
         締結 取得 作成 提出 策定 施行 とも",
    )
});

/// What a party does with a date without a topic's ending: 「J-LIS側の接続開始」, 「ベンダ案」.
pub(super) static SAID: Words = LazyLock::new(|| {
    list(
        "側 案 提案 見積 希望 期限 通知 公約 資料 締切 締め切り 要請 要望 指示 発表 公表 リリース 提供 満了 サポート切れ の予定 の見込 の想定 の目標",
    )
});

/// Verbs of deciding.
pub(super) static DECIDES: Words = LazyLock::new(|| {
    list("決定 決め 決ま 検討 協議 判断 回答 照会 相談 精査 見極め 判明 わかる 分かる 連絡 報告 説明")
});

/// Words that end like a part and are none.
pub(super) static WHOLES: Words =
    LazyLock::new(|| list("年度分 月分 年分 区分 処分 十分 自分 当分 身分 多分 親分 時分 成分 養分"));

/// What a day is for others: at the end of a bracket that names them.
pub(super) static LIMITS: Words =
    LazyLock::new(|| list("締切 締め切り 〆切 期限 期日 締切日 提出日 報告日 開始日 施行日 公表日"));

/// What is there now, or was before.
pub(super) static PRESENT: Words =
    LazyLock::new(|| list("現行 現契約 現システム 現機器 現リース 現サーバ 前システム 前契約 旧システム 旧機器"));

/// Words that say that it ends, or goes on.
pub(super) static ENDS: Words = LazyLock::new(|| list("終了 満了 継続 期限 切れ 終わ 使用 利用 延長"));
