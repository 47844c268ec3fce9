#!/usr/bin/env bash
# `kusto doctor` as a program: where the connection comes from, exit statuses, and that the secret is
# not printed. The environment says where the cluster is.
#
#   program.sh KUSTO_PROGRAM
set -euo pipefail
program=$1
said=""
unset HTTPS_PROXY https_proxy ALL_PROXY all_proxy

# expect STATUS TEXT ARGUMENT...: the exit status, and a text in the output.
expect() {
    local status=$1 text=$2 got=0
    shift 2
    said=$("$program" doctor "$@" 2>&1) || got=$?
    if [ "$got" != "$status" ] || [[ $said != *"$text"* ]]; then
        printf 'kusto doctor %s: status %s, not %s with "%s"\n%s\n' "$*" "$got" "$status" "$text" "$said"
        exit 1
    fi
    if [[ $said == *"$AZURE_CLIENT_SECRET"* || $said == *eyJ* || $said == *sig=* ]]; then
        printf 'a secret was printed:\n%s\n' "$said"
        exit 1
    fi
}

expect 0 "0 warnings, 0 failed, 0 skipped" --table Lines
expect 0 '"exit_status":0' --table Lines --json
expect 4 "failed   table" --table Nothing
expect 105 "--check-timeout" --check-timeout 301
expect 107 "--mapping requires --table" --mapping M
text="Data Source=$KUSTO_CLUSTER_URL;Application Client Id=$AZURE_CLIENT_ID"
text="$text;Application Key=$AZURE_CLIENT_SECRET;Authority Id=$AZURE_TENANT_ID"
expect 0 "0 failed" - --ingestion-url "$KUSTO_INGESTION_URL" --ca-file "$KUSTO_CA_FILE" <<<"$text"
expect 3 "failed   engine_tls" - --ingestion-url "$KUSTO_INGESTION_URL" <<<"$text"
expect 2 "failed   options" - <<<"Data Source=$KUSTO_CLUSTER_URL;Nonsense=1"
expect 2 "failed   options" - <<<"Data Source=http://c.westeurope.kusto.windows.net"
KUSTO_CLUSTER_URL="" expect 2 "failed   options"

# A diagnosis that nobody can read is none, and no warning either.
got=0
"$program" doctor --table Lines >/dev/full 2>/dev/null || got=$?
if [ "$got" != 6 ]; then
    echo "kusto doctor >/dev/full: status $got, not 6"
    exit 1
fi
