#!/usr/bin/env bash
# The "sign in" example: the environment's secret signs in after the vault was passed over; a wrong one
# is named by the failure and by the diagnosis, and not shown. Run under with_cluster.sh.
set -euo pipefail
example=$1
"$example" | grep '^signed in$'

said=$(mktemp)
trap 'rm -f "$said"' EXIT
if AZURE_CLIENT_SECRET=wrong-canary-secret "$example" >"$said" 2>&1; then
    echo "a wrong secret was accepted" >&2
    exit 1
fi
cat "$said"
grep -q AADSTS7000215 "$said"
grep -q '^failed *token ' "$said"
! grep -q wrong-canary-secret "$said"
