#!/bin/sh
# Measures everything that bench/README.md tells: `kusto bench` beside its bounds, in one run, on a
# machine that should have nothing else to do.
#
#   bench/run.sh [--quick] [--baseline COMMIT] [--out FOLDER] [--only "NAME ..."]
#
# --quick     smaller amounts, one repetition: 3 min at most instead of 12
# --baseline  builds that commit too and runs it in turns with this one (names end in .baseline)
# --only      names of figures: zlib igzip telemetry parallelism batches latency memory outage node micro
# Results: FOLDER/*.json and plots (*.svg, with gnuplot); the tables in bench/README.md are replaced
# unless FOLDER is given. Node: KUSTO_INTEROP_MODULES, or build/interop as tests/run.sh installs it.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
out=$root/bench/results repetitions=3 amount=1 baseline= readme=$root/bench/README.md
only="zlib igzip telemetry parallelism batches latency memory outage node micro"
while [ $# -gt 0 ]; do
    case $1 in
    --quick) repetitions=1 amount=0 ;;
    --baseline) baseline=$2; shift ;;
    --out) out=$2 readme=; shift ;;
    --only) only=$2; shift ;;
    *) sed -n '2,12p' "$0"; exit 2 ;;
    esac
    shift
done
mkdir -p "$out"
rm -f "$out"/*.json "$out"/*.csv "$out"/*.svg "$out"/*.dat

build() { # folder of the sources
    CCACHE_BASEDIR=$1 cmake -S "$1" -B "$1/build/release" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo >/dev/null
    CCACHE_BASEDIR=$1 cmake --build "$1/build/release" --target kusto_program bench_bounds -- --quiet
}
build "$root"
kusto=$root/build/release/src/cli/kusto bounds=$root/build/release/bench/bench_bounds
old=
tree=
finish() {
    [ -z "$tree" ] || git -C "$root" worktree remove --force "$tree"
}
trap finish EXIT
trap 'exit 1' INT TERM
if [ -n "$baseline" ]; then
    tree=$(mktemp -d)/baseline
    git -C "$root" worktree add --detach --quiet "$tree" "$baseline"
    build "$tree"
    old=$tree/build/release/src/cli/kusto
fi

pick() { [ $amount = 1 ] && echo "$1" || echo "$2"; } # full, quick
wanted() { case " $only " in *" $1 "*) return 0 ;; esac; return 1; }
# Figures of this commit and, in turns, of the baseline; a name, then arguments of `kusto bench`.
measure() {
    name=$1
    shift
    echo "== $name: kusto bench $*" >&2
    "$kusto" bench --repetitions $repetitions "$@" --json "$out/$name.json" >"$out/$name.txt"
    [ -z "$old" ] || "$old" bench --repetitions $repetitions "$@" --json "$out/$name.baseline.json" >/dev/null
}
once() { (repetitions=1; measure "$@"); }
bound() {
    name=$1
    shift
    echo "== $name: bounds $*" >&2
    "$bounds" "$kusto" --repetitions $repetitions "$@" --json "$out/$name.json" >"$out/$name.txt"
}

fast=zlib:1
"$kusto" bench --compression igzip:1 --records 1000 --warm-up 0 >/dev/null 2>&1 && fast=igzip:1
both="--parallelism 2 --producers 2 --threads 2"

if wanted zlib; then
    bytes=$(pick 300MiB 60MiB)
    bound bounds_zlib --compression zlib:6 --bytes "$bytes" --threads 2
    measure zlib --source lines --compression zlib:6 --bytes "$bytes" $both
fi
if wanted igzip; then
    bytes=$(pick 3GiB 500MiB)
    bound bounds_fast --compression $fast --bytes "$bytes" --threads 1,2
    measure fast --source lines --compression $fast --bytes "$bytes" $both
fi
if wanted telemetry; then
    measure telemetry --source telemetry --compression $fast --bytes "$(pick 2GiB 300MiB)" $both
fi
if wanted parallelism; then
    for n in 1 2 4; do
        measure "parallelism_$n" --source lines --compression $fast --bytes "$(pick 2GiB 300MiB)" \
            --parallelism $n --producers $n --threads $n --compression-threads $n
    done
fi
if wanted batches; then
    for n in 1000 10000 100000 1000000; do
        measure "batch_$n" --source lines --compression $fast --bytes "$(pick 1GiB 300MiB)" --batch-size $n $both
    done
fi
if wanted latency; then
    for ms in 0 10 50 200; do
        measure "latency_$ms" --source lines --compression $fast --seconds "$(pick 8 3)" --latency $ms $both
    done
fi
if wanted memory; then
    once memory --source lines --compression $fast --bytes "$(pick 8GiB 1GiB)" --budget 64MiB \
        --timeline "$out/memory.csv" $both
fi
if wanted outage; then
    once outage --source lines --compression $fast --seconds "$(pick 40 16)" --budget 64MiB \
        --outage-at 6 --outage "$(pick 20 5)" --timeline "$out/outage.csv" $both
fi
if wanted node; then
    modules=${KUSTO_INTEROP_MODULES:-$root/build/interop}
    node=$(ls "$modules"/node_modules/node-linux-*/bin/node 2>/dev/null | head -n 1)
    [ -n "$node" ] || node=$(command -v node || true)
    if [ -n "$node" ] && [ -d "$modules/node_modules/azure-kusto-ingest" ]; then
        batch=$(mktemp)
        "$bounds" "$kusto" --batch-size 100000 --dump "$batch"
        KUSTO_INTEROP_MODULES=$modules "$node" "$root/bench/node/bench.mjs" "$kusto" "$batch" \
            "$(pick 12 3)" 4 "$out/node.json" >"$out/node.txt"
        rm -f "$batch"
    else
        echo "== node: azure-kusto-ingest is not installed (tests/run.sh installs it)" >&2
    fi
fi
if wanted micro; then
    for program in "$root"/build/release/bench/micro/bench_micro*; do
        [ -f "$program" ] && [ -x "$program" ] || continue
        "$program" --benchmark_min_time="$(pick 0.2 0.05)" --benchmark_out_format=json \
            --benchmark_out="$out/$(basename "$program").json" >/dev/null 2>&1
    done
fi
python3 "$root/bench/report.py" "$out" $readme
