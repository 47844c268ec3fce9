#!/usr/bin/env bash
# Measures the library beside its bounds on this machine, and writes the table and the plots of
# bench/README.md. The machine should have nothing else to do.
#
#   bench/run.sh                     everything: 12 minutes at most
#   bench/run.sh --quick             less data, one repetition: 3 minutes at most; only build/bench is written
#   bench/run.sh --baseline COMMIT   the library of that commit in turns with this one
#   bench/run.sh --only "NAME ..."   of: zlib igzip latency batches parallelism memory outage node encode
#                                    write-ahead; only build/bench is written
#
# What is measured is built first, and takes its time once. Everything goes round: each repetition
# measures our figure and its bound one after the other, so that what slows the machine for a while slows
# both. JSON of each: build/bench/results/NAME.REPETITION.json.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
. tests/support/prerequisites.sh
. bench/baseline.sh

quick=no
baseline=
all="zlib igzip latency batches parallelism memory outage node encode write-ahead"
only=
while [ $# -gt 0 ]; do
    case $1 in
    --quick) quick=yes ;;
    --baseline) baseline=${2:?--baseline needs a commit}; shift ;;
    --only) only=${2:?--only needs names}; shift ;;
    --help) sed -n '2,15s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "unknown option $1; see --help" >&2; exit 2 ;;
    esac
    shift
done
for name in $only; do
    case " $all " in
    *" $name "*) ;;
    *) echo "--only: '$name' is none of: $all" >&2; exit 2 ;;
    esac
done

wanted() { case " ${only:-$all} " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }
# full AMOUNT QUICK: one of both.
full() { [ $quick = no ] && echo "$1" || echo "$2"; }

out=$root/build/bench
results=$out/results
repetitions=$(full 3 1)
rm -rf "$results"
mkdir -p "$results"

# shellcheck disable=SC2086
install_packages $build_packages $test_packages gnuplot-nox
! wanted node || install_interop

echo "== build"
export CCACHE_BASEDIR=$root
cmake --preset release >"$out/configure.log" 2>&1 || { cat "$out/configure.log"; exit 1; }
cmake --build build/release --target kusto_program bench_bounds bench_micro_encode -- --quiet
kusto=$root/build/release/src/cli/kusto
bounds=$root/build/release/bench/bench_bounds
[ -z "$baseline" ] || build_baseline "$baseline" "$out/baseline"

began=$SECONDS
failed=""
repetition=0
# attempt NAME COMMAND...: runs it with a file for its figures; what fails has none.
attempt() {
    local name=$1 file="$results/$1.$repetition.json"
    shift
    printf '%5d s  %s, repetition %d\n' $((SECONDS - began)) "$name" $((repetition + 1))
    "$@" "$file" >"$out/last.log" 2>&1 && [ -s "$file" ] && return 0
    rm -f "$file"
    failed="$failed $name"
    tail -n 5 "$out/last.log" >&2
}
bench() {
    local name=$1
    shift
    attempt "bench.$name" "$kusto" bench --source lines "$@" --json
}
bound() {
    local name=$1
    shift
    attempt "bounds.$name" "$bounds" --kusto "$kusto" --repetitions 1 "$@" --json
}
# size N: N writers, producers, threads of the executor and threads that compress. Of the latter two
# not more than processors.
size() {
    local threads=$1
    [ "$threads" -le "$(nproc)" ] || threads=$(nproc)
    echo "--parallelism $1 --producers $1 --threads $threads --compression-threads $threads"
}

# Batches have 100,000 records, about 24 MB; amounts are whole, even numbers of batches.
zlib=$(full 800000 400000)
fast=$(full 6000000 2000000)

# shellcheck disable=SC2046
zlib_round() {
    local n
    for n in 6 1; do
        local records=$zlib
        [ $n = 6 ] || records=$((2 * zlib))
        bound zlib$n --compression zlib:$n --records "$records" --threads 1 2 --what compressor straight
        bench zlib$n.p1 --compression zlib:$n --records "$records" $(size 1)
        bench zlib$n.p2 --compression zlib:$n --records "$records" $(size 2)
        baseline_round zlib$n.p2 zlib:$n "$records"
    done
}

# shellcheck disable=SC2046
igzip_round() {
    bound igzip1 --compression igzip:1 --records "$fast" --threads 1 2 --what memcpy lines compressor put straight
    bench igzip1.p1 --compression igzip:1 --records "$fast" $(size 1)
    # Allocations are counted in these two: the warm-up has filled the byte budget once.
    bench igzip1.p2 --compression igzip:1 --records "$fast" --warm-up 1500000 $(size 2)
    baseline_round igzip1.p2 igzip:1 "$fast"
    # The straight loop has two batches in memory, about as much.
    bench igzip1.groups --compression igzip:1 --records "$fast" --warm-up 500000 --group 100 --budget 64MiB $(size 2)
    bench igzip1.batch10000 --compression igzip:1 --records "$fast" --warm-up 1500000 --batch-size 10000 $(size 2)
}

# shellcheck disable=SC2046
latency_round() {
    local ms
    for ms in $1; do
        bench "igzip1.latency$ms" --compression igzip:1 --records "$fast" --latency "$ms" $(size 2)
    done
}

# The SDK reads files; they are made once, and the figures hold for as many records as ours.
node_round() {
    local lines=$out/lines.csv batches=$((zlib / 100000))
    [ -f "$lines" ] || "$bounds" --records 400000 --export "$lines" >/dev/null
    sdk() {
        local name=$1
        shift
        attempt "node.$name" env KUSTO_INTEROP_MODULES="$root/build/interop" "$node" bench/node/ingest.mjs \
            --program "$kusto" --lines "$lines" --repeat $((batches / 4)) "$@" --json
    }
    sdk default
    sdk level1 --level 1
}

# shellcheck disable=SC2046
parallelism_round() {
    local n
    for n in 4 8; do
        bench igzip1.p$n --compression igzip:1 --records "$fast" $(size $n)
        bench zlib6.p$n --compression zlib:6 --records "$zlib" $(size $n)
    done
}

# shellcheck disable=SC2046
batch_round() {
    bench igzip1.batch1000 --compression igzip:1 --records $((fast / 4)) --batch-size 1000 $(size 2)
    bench igzip1.batch100000 --compression igzip:1 --records "$fast" --batch-size 100000 $(size 2)
    bench igzip1.batch1000000 --compression igzip:1 --records "$fast" --batch-size 1000000 $(size 2)
}

node=$(command -v node || true)
for own in "$root"/build/interop/node_modules/node-linux-*/bin/node; do
    [ ! -x "$own" ] || node=$own
done

# What arrives is compared line by line once for each compressor; the runs that are measured trust it.
# shellcheck disable=SC2046
for codec in zlib:1 zlib:6 igzip:1; do
    repetition=0
    for group in 1 100; do
        bench "content.${codec/:/}.$group" --compression "$codec" --records 200000 --batch-size 30000 --group $group \
            --discard inflate $(size 2)
        rm -f "$results/bench.content.${codec/:/}.$group.0.json"
    done
done

load=$(cut -d ' ' -f 1 /proc/loadavg)
# shellcheck disable=SC2046
for ((repetition = 0; repetition < repetitions; ++repetition)); do
    ! wanted zlib || zlib_round
    ! wanted igzip || igzip_round
    ! wanted latency || latency_round "0 10 50 100"
    ! wanted batches || batch_round
    ! wanted parallelism || parallelism_round
    # Ours for the SDK's defaults.
    ! wanted node || bench standard.p2 --records "$fast" $(size 2)
    ! wanted node || node_round
    ! wanted encode || attempt micro.encode bench/google_benchmark.sh \
        build/release/bench/micro/bench_micro_encode '^struct_of_10_fields(_bound_to_chars)?$'
done

# What does not depend on the clock is measured once.
repetition=0
# shellcheck disable=SC2046
! wanted memory || bench memory --compression igzip:1 --bytes "$(full 8000000000 1000000000)" \
    --budget $((64 << 20)) $(size 2)
# shellcheck disable=SC2046
! wanted outage || bench outage --compression igzip:1 --seconds "$(full 35 16)" --outage-at 8 \
    --outage "$(full 20 6)" --budget $((64 << 20)) --timeline "$results/outage.csv" $(size 2)

# The cluster stores, and ingests beside us.
# shellcheck disable=SC2046
if wanted write-ahead && [ $quick = no ]; then
    for n in 20000 100000 500000; do
        bench write-ahead.$n --sink write-ahead --records $((4 * n)) --checkpoints 4 --batch-size 20000 $(size 2)
    done
fi

python3 - "$results/meta.json" <<META
import json, sys
json.dump({
    "date": "$(date -u +%F)",
    "commit": "$(git describe --always --dirty --abbrev=10)",
    "repetitions": $repetitions,
    "quick": "$quick" == "yes",
    "load": "$load",
    "baseline": "$baseline",
    "baseline_note": "${baseline_note:-}",
}, open(sys.argv[1], "w"))
META

echo "== measured in $((SECONDS - began)) s"
if [ $quick = no ] && [ -z "$only" ]; then
    python3 bench/report.py "$results" --readme bench/README.md --summary README.md --plots bench/plots \
        --table "$out/table.md"
else
    python3 bench/report.py "$results" --plots "$out/plots" --table "$out/table.md"
fi
echo "All figures: build/bench/table.md"
[ -z "$failed" ] || { echo "Failed:$failed" >&2; exit 1; }
