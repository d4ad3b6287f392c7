#!/usr/bin/env bash
# A short run of every fuzz target where cargo-fuzz and a nightly toolchain are there; says so and ends well where they are not.
#   tests/tools/fuzz_short.sh [SECONDS]
# Finds are left in fuzz/artifacts/. New inputs go to a folder of their own: fuzz/corpus/ holds only what somebody chose.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-30}
if ! cargo +nightly fuzz --version >/dev/null 2>&1; then
  echo "no cargo-fuzz on a nightly toolchain here: left out (cargo test --test corpus replays what was found)"
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for target in grid value fill; do
  mkdir -p "$work/$target" "fuzz/corpus/$target"
  seeds=("fuzz/corpus/$target")
  [ "$target" = value ] || seeds+=(tests/fixtures/read)
  [ "$target" != fill ] || seeds+=(tests/fixtures/fill)
  cargo +nightly fuzz run "$target" "$work/$target" "${seeds[@]}" -- \
    -max_total_time="$seconds" -max_len=1048576 -rss_limit_mb=1024 -timeout=10 -print_final_stats=1
done
