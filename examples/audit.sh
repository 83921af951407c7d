#!/bin/sh
# An audit: how many digits of a folder are read right? A person labels some pictures drawn at random.
#     examples/audit.sh /data/scans audit     first: scores the folder, and draws pictures to label
#     (write the digit of each picture into the column `label` of audit/to_label.csv)
#     examples/audit.sh /data/scans audit     then: prints the accuracy, and writes audit/out.report.html
# Further arguments go to batch_predict. PYTHON names the Python that has it, PICTURES how many to draw.
set -eu
in=${1:?in_dir} audit=${2:?folder for the audit}
shift 2
python=${PYTHON:-python3}

mkdir -p "$audit"
if [ ! -e "$audit/to_label.csv" ]; then
    "$python" -m batch_predict "$in" "$audit/out.csv" --probabilities --max-failures 100% "$@"
    "$python" -m batch_predict.report "$audit/out.csv" --sample "${PICTURES:-400}" "$audit/to_label.csv"
    exit
fi
"$python" -m batch_predict.report "$audit/out.csv" --labels "$audit/to_label.csv"
