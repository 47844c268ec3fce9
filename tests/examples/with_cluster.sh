#!/usr/bin/env bash
# Starts a local cluster in a process of its own, creates a table, and runs a command whose environment
# says where the cluster is and who we are (KUSTO_CLUSTER_URL, AZURE_CLIENT_ID, ...).
#
#   with_cluster.sh KUSTO_PROGRAM "TABLE (COLUMNS)" -- COMMAND [ARGUMENT ...]
set -euo pipefail
program=$1 table=$2
shift 3
folder=$(mktemp -d)
trap 'kill "$cluster" 2>/dev/null || true; rm -rf "$folder"' EXIT
"$program" emulator --ca-out "$folder/ca.pem" >"$folder/out" &
cluster=$!
for _ in $(seq 300); do
    grep -q '^ready$' "$folder/out" && break
    kill -0 "$cluster"
    read -r -t 0.1 <> <(:) || true
done
setting() { sed -n "s/^$1: //p" "$folder/out"; }
export KUSTO_CLUSTER_URL KUSTO_INGESTION_URL KUSTO_CA_FILE AZURE_TENANT_ID AZURE_CLIENT_ID AZURE_CLIENT_SECRET
KUSTO_CLUSTER_URL=$(setting engine) KUSTO_INGESTION_URL=$(setting ingestion) KUSTO_CA_FILE="$folder/ca.pem"
AZURE_TENANT_ID=$(setting tenant) AZURE_CLIENT_ID=$(setting "client id")
AZURE_CLIENT_SECRET=$(setting "client secret")

if [ -n "$table" ]; then
    token=$(curl -sS --fail --cacert "$KUSTO_CA_FILE" "$(setting authority)/$AZURE_TENANT_ID/oauth2/v2.0/token" \
        --data-urlencode grant_type=client_credentials --data-urlencode "client_id=$AZURE_CLIENT_ID" \
        --data-urlencode "client_secret=$AZURE_CLIENT_SECRET" \
        --data-urlencode 'scope=https://kusto.kusto.windows.net/.default' |
        sed 's/.*"access_token": *"\([^"]*\)".*/\1/')
    curl -sS --fail --cacert "$KUSTO_CA_FILE" "$KUSTO_CLUSTER_URL/v1/rest/mgmt" -o /dev/null \
        -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -H 'Accept: application/json' \
        -d "{\"db\":\"NetDefaultDB\",\"csl\":\".create table $table\"}"
fi
"$@"
