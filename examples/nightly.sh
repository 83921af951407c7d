#!/bin/sh
# One night: score a folder, keep dated copies, tell the operator what to do. For cron:
#     30 2 * * * digits /opt/digits/nightly /data/scans /data/out/digits.csv >> /var/log/digits.log 2>&1
# Further arguments go to batch-predict: with --verbose a good night, too, names what is new for a person to look at.
# BATCH_PREDICT names the program, if it lies elsewhere; METRICS a file for node_exporter, X.prom; copies older than
# KEEP_DAYS (90) go.
in=${1:?in_dir} out=${2:?out.csv}
shift 2
log() { echo "$(date --iso-8601=seconds) $*"; }
keep() { # whole or not at all
    [ ! -e "$1" ] || { cp "$1" "$2.tmp" && mv "$2.tmp" "$2"; }
}

"${BATCH_PREDICT:-/opt/digits/bin/batch-predict}" "$in" "$out" --incremental --quiet --max-failures 1% \
    ${METRICS:+--metrics-file "$METRICS"} "$@"
code=$?
case " $* " in *" --check "*) exit $code ;; esac # there is no new table to keep
stem=${out%.*}
case $code in
0)
    day=$stem.$(date +%F)
    for each in run.json report.json report.html "${out##*.}"; do # the table comes last
        keep "$stem.$each" "$day.$each" || exit
        for copy in "$stem".[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]."$each"; do # what a person decided stays
            [ ! -e "$copy" ] || find "$copy" -prune -type f -mtime "+${KEEP_DAYS:-90}" -exec rm -f {} \;
        done
    done
    log "ok: $day.${out##*.}"
    ;;
4 | 5) log "written, but look at it: exit $code" ;;
6) log "the last run is still on" ;;
3 | 8 | 129 | 130 | 137 | 143) log "not written, the old CSV stands; run it again when mended: exit $code" ;;
*) log "not written; a person must look: exit $code" ;;
esac
exit $code
