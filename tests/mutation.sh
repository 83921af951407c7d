#!/usr/bin/env bash
# Which small changes of the core its own tests do not notice: by hand, before a release, with mutmut
# (pip install mutmut).
#   tests/mutation.sh                                    every part below; hours on two cores
#   tests/mutation.sh normalize/pipeline                 one part
#   tests/mutation.sh --sample 80 --seed 7 audit rule    so many mutants of each part, at random
# It works in a copy of what is committed and prints each survivor as a patch. Some change nothing
# that can be seen (a message's words, a speed, the last bit of a level); each of the others is a
# test that is missing. Constants of modules are not changed: mutmut knows functions alone.
set -euo pipefail
cd "$(dirname "$0")/.."

declare -A SOURCE=(
  [csv_table]=batch_predict/tables/csv_table.py
  [folder_walk]="batch_predict/storage/folder_walk.py batch_predict/storage/picture_names.py"
  [checkpoint_file]=batch_predict/checkpoint/checkpoint_file.py
  [evaluate]="batch_predict/evaluate/*"
  [readings]="batch_predict/normalize/from_maps.py batch_predict/normalize/map_reading.py
    batch_predict/normalize/readings.py"
  [rule]="batch_predict/runtimes/rule.py batch_predict/runtimes/looks_plan.py batch_predict/looks.py"
  [decisions]="batch_predict/decisions/*"
  [audit]="batch_predict/audit/*"
  [archives]="batch_predict/storage/archives/*"
  [manifest]="batch_predict/manifest/*"
)
declare -A TESTS=(
  [csv_table]="tests/contract/test_writers.py tests/merge"
  [folder_walk]=tests/storage/test_folder_walk.py
  [checkpoint_file]=tests/checkpoint
  [evaluate]=tests/evaluate
  [readings]="tests/normalize/test_from_maps.py tests/normalize/test_map_reading.py
    tests/normalize/test_readings.py"
  [rule]="tests/runtimes/test_rule.py tests/runtimes/test_looks_plan.py tests/test_looks.py"
  [decisions]=tests/decisions
  [audit]=tests/audit
  [archives]="tests/storage/archives tests/contract/test_storage.py"
  [manifest]="tests/manifest tests/contract/test_schemas.py tests/audit/test_promise_of_run.py"
)
for module in letterbox mnist_form pipeline; do
  SOURCE[normalize/$module]=batch_predict/normalize/$module.py
  TESTS[normalize/$module]=tests/normalize/test_$module.py
done

list() { printf '\n    %s' "$@"; }

sample= seed=0
while [[ ${1-} == --* ]]; do
  case $1 in
    --sample) sample=$2 ;;
    --seed) seed=$2 ;;
    *) echo "unknown option $1" >&2 && exit 2 ;;
  esac
  shift 2
done
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
pytest_add_cli_args =
    -n0
also_copy = $(list models sample_images README.md train)
CONFIG
    echo "== $part"
    mutants=()
    if [[ $sample ]]; then
      # Asked for one that there is not, it makes them all and ends.
      mutmut run none >/dev/null 2>&1 || true
      mapfile -t mutants < <(mutmut results --all true | python -c '
import random, sys
names = [line.split(":")[0].strip() for line in sys.stdin]
count, seed = map(int, sys.argv[1:])
print(*random.Random(seed).sample(names, min(count, len(names))), sep="\n")' "$sample" "$seed")
    fi
    mutmut run "${mutants[@]}"
    mutmut results | awk -F: '/survived|no tests/ {print $1}' | xargs -r -n1 mutmut show
  )
  rm -rf "$scratch"
done
