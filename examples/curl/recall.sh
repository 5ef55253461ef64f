#!/usr/bin/env bash
# Starts a run, waits for it, reads its heads, and writes a table of them: examples/curl/recall.sh [FOLDER]
set -euo pipefail
server="${RECALLSCOPE_SERVER:-http://localhost:3000}"
file="${1:-.}/heads-curl.csv"

# The token goes in by a file, because other users of a machine can read the arguments of commands.
fetch() {
  curl --silent --show-error --config <(
    if [ -n "${RECALLSCOPE_TOKEN:-}" ]; then echo "header = \"authorization: Bearer $RECALLSCOPE_TOKEN\""; fi
  ) "$@"
}
# Asks in GraphQL: a query, and its variables as JSON.
ask() {
  local query="${1//$'\n'/ }"
  fetch "$server/graphql" --header 'content-type: application/json' \
    --data "{\"query\": \"${query//\"/\\\"}\", \"variables\": $2}"
}
# The first field of that name, for fields whose texts hold no quotes. Where jq is at hand, use jq.
field() { sed -E "s/.*\"$1\":\"?([^\",}]*)\"?.*/\1/"; }

input='{"model": "recall-gpt2-1m", "task": "country-capital",
  "settings": {"seed": 2, "leadIns": 1, "bootstrapSamples": 200, "analyses": []}}'
answer=$(ask 'mutation ($input: CreateRunInput!) { createRun(input: $input) { run { key } } }' "{\"input\": $input}")
case "$answer" in *'"errors"'*) echo "$answer" >&2; exit 1 ;; esac
key=$(field key <<<"$answer")
echo "run $key"

while true; do
  status=$(ask 'query ($key: ID!) { run(id: $key) { status } }' "{\"key\": \"$key\"}" | field status)
  case "$status" in
    QUEUED | RUNNING) sleep 0.5 ;;
    SUCCEEDED) break ;;
    *) echo "run $key: $status" >&2; exit 1 ;;
  esac
done

# From now on its key may be another: that of the weights that were found behind the name of the model.
ask 'query ($key: ID!) { run(id: $key) { argumentPassing {
  heads(orderBy: EFFECT, first: 5) { label mover effect { value low high } } } } }' "{\"key\": \"$key\"}" |
  grep -o '"label":"[^"]*","mover":[a-z]*,"effect":{[^}]*}'

fetch --fail --output "$file" "$server/runs/$key/tables/heads.csv"
echo "wrote $file"
