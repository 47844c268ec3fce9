#!/usr/bin/env bash
# The "real cluster" example: 100 messages arrive; a wrong secret is an error that names AAD's code and
# not the secret. Run under with_cluster.sh.
set -euo pipefail
example=$1
seq 1 100 | "$example" NetDefaultDB Messages | grep '^100 delivered, 0 failed, 0 unknown$'

error=$(mktemp)
trap 'rm -f "$error"' EXIT
if echo lost | AZURE_CLIENT_SECRET=wrong-canary-secret "$example" NetDefaultDB Messages 2>"$error"; then
    echo "a wrong secret was accepted" >&2
    exit 1
fi
cat "$error"
grep -q AADSTS7000215 "$error"
! grep -q wrong-canary-secret "$error"
