#!/bin/sh
# The Windows program under wine against the program of this system: the same bytes for the sample round, report, files that are
# held open, a folder that is dropped, words as Windows hands them over. Both programs are of one commit. Says what was found and ends with 1 where something is not so.
# usage: wine_check.sh TORIMATOME_EXE TORIMATOME [MINGW_GCC]     (WINEPREFIX: a prefix that is set up)
set -u
exe=$(realpath "$1"); own=$(realpath "$2"); gcc=${3:-x86_64-w64-mingw32-gcc}
root=$(cd "$(dirname "$0")/../.." && pwd)
export WINEDEBUG=-all
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
failed=0
ok() { if [ "$1" -eq 0 ]; then echo "ok    $2"; else echo "WRONG $2"; failed=1; fi; }
"$gcc" -municode -O1 -o "$work/hold.exe" "$root/tests/tools/hold.c" || exit 2
cp -a "$root/samples/ishinomaki-r4-10" "$work/w"; cp -a "$work/w" "$work/l"
cd "$work" || exit 2
on() { p=$1; shift; if [ "$p" = w ]; then wine "$exe" "$@" --today 2022-11-14; else "$own" "$@" --today 2022-11-14; fi; }
hold() { wine hold.exe "$@" >held.txt & holder=$!; for _ in $(seq 100); do grep -q held held.txt && return; sleep 0.1; done; }
# A list of outputs says from what, and by which program, they were made.
sums() { (cd "$1" && find 結果 配布 報告済み -type f ! -name .出力一覧.txt | LC_ALL=C sort | xargs -d '\n' sha256sum
  find 結果 配布 -name .出力一覧.txt | LC_ALL=C sort | xargs -d '\n' grep -hv '^入力 ' | sed 's, \*[0-9a-f]* , * ,' | sha256sum); }

for side in w l; do
  for words in "$side" "brief $side" "publish $side --cp932" "remind $side" "issue $side" "report $side --to 宮城県"; do
    # shellcheck disable=SC2086
    on $side $words >"said.$side" 2>&1; echo "$words: $?" | sed "s/ $side\b//; s/^$side:/main:/" >>"codes.$side"
  done
done
cmp -s codes.w codes.l; ok $? "the same exit status of six commands: $(tr '\n' ' ' <codes.w)"
sums w >sums.w; sums l >sums.l
cmp -s sums.w sums.l; ok $? "the same bytes in $(wc -l <sums.l) files"
diff sums.l sums.w | grep '^[<>]' | head -20
hidden=$(wine hold.exe 0 look w/結果/.出力一覧.txt | head -1 | tr -d '\r'); test $((hidden & 2)) -eq 2; ok $? "the list of outputs is hidden"

# A reply that nobody else may read: the division is not asked to hand in what it has handed in.
reply=$(cd w && find 提出 -name '*.xlsx' | LC_ALL=C sort | head -1)
hold 20 none "w/$reply"; on w status w >said.txt 2>&1; on w w >said2.txt 2>&1; kill $holder; wait $holder 2>/dev/null
grep -q "まだ読めていません（ほかの人が開いているか、コピーの途中です）" said.txt said2.txt; ok $? "a reply held by another program ($reply) is told as that"
grep -A2 -F "$reply" said.txt | grep -q "壊れて"; test $? -ne 0; ok $? "and not as a damaged one"
grep -q "暫定" said.txt said2.txt; ok $? "and the figures are provisional"

# The master open in Excel, and then the one beside it as well.
echo x >w/提出/書き足し1.txt; hold 30 read w/結果/取りまとめ.xlsx; on w w >said.txt 2>&1
grep -q "取りまとめ（新）.xlsx" said.txt && test -f "w/結果/取りまとめ（新）.xlsx"; ok $? "the master is open: the new one stands beside it"
first=$holder; echo x >w/提出/書き足し2.txt; hold 30 read "w/結果/取りまとめ（新）.xlsx"; on w w >said.txt 2>&1; code=$?
test $code -eq 1 && test -f "w/結果/取りまとめ（新2）.xlsx"; ok $? "both are open: a third one stands beside them"
grep -q "（新）.xlsx」は前の実行のもの" said.txt; ok $? "and the one that could not go is told"
test -z "$(find w/結果 -name '*途中*' -o -name '.切替*')"; ok $? "and nothing is half switched"
kill $first $holder; wait $first $holder 2>/dev/null; on w w >said.txt 2>&1
test -z "$(find w/結果 -maxdepth 1 -name '*新*')"; ok $? "closed: the ones beside are gone"

# Words as Windows hands them over.
on w 'w"' >said.txt 2>&1; test $? -eq 1; ok $? "a quotation mark behind the folder"
on w check "w/提出/*.xlsx" >said.txt 2>&1; grep -q "^$(find w/提出 -maxdepth 1 -name '*.xlsx' | wc -l)件のファイルを確かめました" said.txt; ok $? "a pattern: $(tail -1 said.txt)"
(unset PROMPT; wine "$exe" w </dev/null >said.txt 2>&1); test $? -eq 1; ok $? "a folder that is dropped"
exit $failed
