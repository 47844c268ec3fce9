#!/usr/bin/env bash
# Builds the fuzzers: build.sh ROOT
set -eu
cd "$1"
[ -f build/fuzz/build.ninja ] || cmake --preset fuzz
cmake --build build/fuzz --target fuzzers -- --quiet
