#!/bin/sh
# Makes everything under samples/ anew that the program's output goes into, and the texts that the tests keep of it.
#
#     samples/tools/regenerate.sh
#
# Builds the program first. Ends with an error when the program's figures differ from the independent ones.
set -eu
cd "$(dirname "$0")/../.."
cargo build --quiet
python3 -B samples/tools/make_round.py
python3 -B samples/tools/make_broken.py
UPDATE=1 cargo test --quiet --test broken --test catalogue
python3 -B samples/tools/make_round.py --expected
python3 -B samples/tools/compare.py
cargo test --quiet --test sample_round
git status --short samples tests/snapshots | cut -c1-2 | sort | uniq -c
