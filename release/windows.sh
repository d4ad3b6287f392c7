#!/bin/sh
# Makes torimatome-<version>-windows.zip: the program, how it is used, a sample round, licences, checksums.
# usage: release/windows.sh OUT
# Needs cargo with the target x86_64-pc-windows-gnu, mingw-w64 and python3. Where the standard library of that target has to be
# built too, CARGO_FLAGS="-Zbuild-std=std,panic_unwind" with RUSTC and RUSTC_BOOTSTRAP set; PROFILE=release for a quick one.
set -eu
cd "$(dirname "$0")/.."
out=${1:?where to put it}
profile=${PROFILE:-dist}
target=x86_64-pc-windows-gnu
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER="${CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER:-x86_64-w64-mingw32-gcc}"
# Nobody needs to know where it was built.
export RUSTFLAGS="${RUSTFLAGS:-} --remap-path-prefix=$PWD=. --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo"
# shellcheck disable=SC2086
cargo build --locked --profile "$profile" --target "$target" --bin torimatome ${CARGO_FLAGS:-}
exe=${CARGO_TARGET_DIR:-target}/$target/$profile/torimatome.exe
mkdir -p "$out"
python3 release/pack.py "$exe" "$out" "$target"
