#!/usr/bin/env bash
# A short run of every fuzz target: built once, then each for some seconds, one beside the other.
#   tests/tools/fuzz_short.sh [SECONDS [TARGET...]]
# Installs cargo-fuzz where it is not there. The pinned toolchain is told to behave like a nightly one (RUSTC_BOOTSTRAP=1), so
# that it is the same compiler everywhere. The seed is fixed. Ends with 1 at a find, or when it could not be run: it never
# passes without having fuzzed. Finds are left in fuzz/artifacts/; fuzz/corpus/ holds only what somebody chose.
# FUZZ_TARGET_DIR says where to build.
set -uo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-25}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(grid legacy form settings drift fill value)
jobs=$(nproc 2>/dev/null || echo 2)
[ "$jobs" -le 4 ] || jobs=4
say() { printf 'fuzz: %s\n' "$*"; }
fail() { say "FAILED: $*"; exit 1; }

say "with $(rustc --version)"
if ! cargo fuzz --version >/dev/null 2>&1; then
  say "installing cargo-fuzz"
  # Not into the repository's own target.
  (unset CARGO_TARGET_DIR && cargo install --quiet --locked cargo-fuzz) || fail "cargo-fuzz could not be installed"
fi
export RUSTC_BOOTSTRAP=1
host=$(rustc -vV | sed -n 's/^host: //p')
export CARGO_TARGET_DIR=${FUZZ_TARGET_DIR:-$PWD/fuzz/target}
# The code is safe Rust: panics, loops and memory are what is looked for, and no sanitizer is needed for these.
# Many units, so that the large crate is built on all cores.
cargo fuzz build -s none --codegen-units 16 --target "$host" || fail "the targets do not build"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
one() {
  local target=$1 seeds=("fuzz/corpus/$1")
  case $target in
    grid) seeds+=(tests/fixtures/read) ;;
    legacy) seeds+=(tests/fixtures/read) ;;
    fill) seeds+=(tests/fixtures/fill) ;;
  esac
  mkdir -p "$work/$target" "fuzz/artifacts/$target"
  find "${seeds[@]}" -type f | wc -l >"$work/$target.seeds"
  "$CARGO_TARGET_DIR/$host/release/$target" "$work/$target" "${seeds[@]}" \
    -artifact_prefix="fuzz/artifacts/$target/" -seed=20221115 -max_total_time="$seconds" -max_len=262144 -rss_limit_mb=1024 \
    -malloc_limit_mb=512 -timeout=10 -print_final_stats=1 >"$work/$target.log" 2>&1
  echo $? >"$work/$target.rc"
}
for target in "${targets[@]}"; do
  while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n; done
  one "$target" &
done
wait

status=0
for target in "${targets[@]}"; do
  rc=$(cat "$work/$target.rc" 2>/dev/null || echo none)
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/$target.log")
  # What it starts from is no fuzzing yet.
  least=$(($(cat "$work/$target.seeds" 2>/dev/null || echo 0) + 20))
  if [ "$rc" = 0 ] && [ "${runs:-0}" -ge "$least" ]; then
    say "$target: $runs inputs in $seconds s, no find"
  else
    say "$target: status $rc after ${runs:-no} inputs"
    tail -n 40 "$work/$target.log"
    status=1
  fi
done
exit $status
