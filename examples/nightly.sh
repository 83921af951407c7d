#!/bin/sh
# One night: score a folder, keep a dated copy, tell the operator what to do. For cron:
#     30 2 * * * digits /opt/digits/nightly /data/scans /data/out/digits.csv >> /var/log/digits.log 2>&1
# Further arguments go to batch-predict. BATCH_PREDICT names the program, if it lies elsewhere.
in=${1:?in_dir} out=${2:?out.csv}
shift 2
log() { echo "$(date --iso-8601=seconds) $*"; }

"${BATCH_PREDICT:-/opt/digits/bin/batch-predict}" "$in" "$out" --incremental --quiet --max-failures 1% "$@"
code=$?
case $code in
0)
    stem=${out%.csv}
    day=$stem.$(date +%F)
    cp "$out" "$day.csv.tmp" && mv "$day.csv.tmp" "$day.csv" && cp "$stem.run.json" "$day.run.json" || exit
    log "ok: $day.csv"
    ;;
4 | 5) log "written, but look at it: exit $code" ;;
6) log "the last run is still on" ;;
3 | 8 | 129 | 130 | 137 | 143) log "not written, the old CSV stands; run it again when mended: exit $code" ;;
*) log "not written; a person must look: exit $code" ;;
esac
exit $code
