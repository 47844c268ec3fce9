#!/usr/bin/env bash
# promtool.sh PROGRAM FOLDER [ARGUMENT...]: runs PROGRAM with the arguments and has promtool, of the
# system or else in FOLDER, check what it prints. Fails when promtool finds an error or has advice.
# Exit status 77: no promtool.
set -euo pipefail
promtool=$(command -v promtool || true)
[ -n "$promtool" ] || promtool=$2/promtool
if [ ! -x "$promtool" ]; then
    echo "SKIPPED: no promtool; tests/run.sh fetches it"
    exit 77
fi
check() {
    local said
    said=$("$promtool" check metrics 2>&1) && [ -z "$said" ] && return 0
    echo "${said:-promtool failed}"
    return 1
}

# It must be able to refuse: a counter that does not end in _total, and a line that is none.
if printf '# HELP x y\n# TYPE x counter\nx 1\n' | check >/dev/null || echo 'x{' | check >/dev/null; then
    echo "promtool accepts anything"
    exit 1
fi
metrics=$("$1" "${@:3}")
echo "$(wc -l <<<"$metrics") lines, checked by $("$promtool" --version | head -1)"
check <<<"$metrics"
