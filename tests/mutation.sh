#!/usr/bin/env bash
# Which small changes of the core its own tests do not notice: by hand, before a release, with mutmut.
#   tests/mutation.sh                     every part below; an hour or two on two cores
#   tests/mutation.sh normalize/marks     one part
# It works in a copy of what is committed and prints each survivor as a patch. Some change nothing
# that can be seen (a message's words, a speed, the last bit of a level); each of the others is a
# test that is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

declare -A SOURCE=(
  [csv_table]=batch_predict/tables/csv_table.py
  [folder_walk]="batch_predict/storage/folder_walk.py batch_predict/storage/picture_names.py"
  [checkpoint_file]=batch_predict/checkpoint/checkpoint_file.py
  [evaluate]="batch_predict/evaluate/*"
)
declare -A TESTS=(
  [csv_table]="tests/contract/test_writers.py tests/merge"
  [folder_walk]=tests/storage/test_folder_walk.py
  [checkpoint_file]=tests/checkpoint
  [evaluate]=tests/evaluate
)
for module in bands contrast ground lines marks mnist_form pipeline polarity stroke; do
  SOURCE[normalize/$module]=batch_predict/normalize/$module.py
  TESTS[normalize/$module]=tests/normalize/test_$module.py
done

list() { printf '\n    %s' "$@"; }

(($#)) || set -- "${!SOURCE[@]}"
set -f # a pattern is mutmut's to read
for part; do
  scratch=$(mktemp -d)
  git clone -q . "$scratch"
  (
    cd "$scratch"
    cat >>setup.cfg <<CONFIG

[mutmut]
source_paths =
    batch_predict
only_mutate = $(list ${SOURCE[$part]})
pytest_add_cli_args_test_selection = $(list ${TESTS[$part]})
also_copy = $(list models sample_images README.md train)
CONFIG
    echo "== $part"
    mutmut run
    mutmut results | awk -F: '/survived|no tests/ {print $1}' | xargs -r -n1 mutmut show
  )
  rm -rf "$scratch"
done
