#!/usr/bin/env bash
# Prints the tables of docs/reliability.md: every fault, the long histories and the load. Takes many minutes on
# two cores, which should have nothing else to do. Arguments are filters of tests, such as `faults::servers`.
set -euo pipefail
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT

echo "$(nproc) cores, $(awk '/MemTotal/ {print int($2 / 1048576 + 0.5)}' /proc/meminfo) GB, debug build, $(git rev-parse --short HEAD)"
status=0
cargo test --locked --package functions --test reliability -- \
    --include-ignored --nocapture --test-threads 1 "$@" > "$log" 2>&1 || status=$?
# With one thread, a test's first line stands behind its name.
rows=$(grep --only-matching --extended-regexp '\| .* \|$' "$log" || true)
echo
echo "| fault | path | answers | slowest (ms) | recovered after (ms) | requests | lost | duplicated |"
echo "|---|---|---|---|---|---|---|---|"
grep --invert-match --extended-regexp '^\| (load|neighbours|cost)' <<< "$rows" || true
echo
echo "| load | served | refused | a second | p50 (ms) | p95 | p99 | slowest |"
echo "|---|---|---|---|---|---|---|---|"
grep '^| load' <<< "$rows" | sed 's/^| load: /| /' || true
echo
echo "| 200 requests at once of one user | others' p50 (ms) | with them | ratio | p99 (ms) | with them | ratio | served | refused |"
echo "|---|---|---|---|---|---|---|---|---|"
grep '^| neighbours' <<< "$rows" | sed 's/^| neighbours: /| /' || true
echo
echo "| the worst that one user may send | ordinary | worst | ratio |"
echo "|---|---|---|---|"
grep '^| cost' <<< "$rows" | sed 's/^| cost: /| /' || true
echo
grep --only-matching --extended-regexp '(HISTORY_SEED=|SKIPPED|test result).*' "$log" || true
if ((status)); then
    grep --after-context 8 panicked "$log" >&2 || tail "$log" >&2
fi
exit "$status"
