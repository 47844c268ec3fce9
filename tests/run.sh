#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test. Again in a short time when nothing changed,
# and then without network.
#
#   tests/run.sh               debug build, warnings as errors, every test
#   tests/run.sh asan tsan     the suite under sanitizers (also: release, clang, clang-asan, clang-tsan)
#
# JOBS sets the number of parallel compilers and tests (default: processors).
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/support/prerequisites.sh
jobs=${JOBS:-$(nproc)}
presets=("$@")
[ $# -gt 0 ] || presets=(dev)

# shellcheck disable=SC2086
install_packages $build_packages $test_packages
for preset in "${presets[@]}"; do
    case $preset in
    clang) install_packages clang-14 ;;
    clang-*) install_packages clang-14 libclang-rt-14-dev ;;
    esac
done
install_interop
install_promtool || echo "No promtool: the test of it will be skipped"

status=0
for preset in "${presets[@]}"; do
    echo "== $preset: configure"
    cmake --preset "$preset" >"build/configure-$preset.log" 2>&1 || {
        cat "build/configure-$preset.log"
        exit 1
    }
    echo "== $preset: build"
    cmake --build "build/$preset" -j "$jobs" -- --quiet
    echo "== $preset: test"
    ctest --preset "$preset" -j "$jobs" || status=1
done
exit $status
