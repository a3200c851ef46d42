#!/usr/bin/env bash
# Every check and every test, in one go: `test.sh PATHS…`. A failed check does not keep the tests from running.
# The last line is pytest's own, unless a check failed: then its name comes last.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
failed=()

for part in lint types arrows web; do
	printf 'check    %s\n' "$part"
	make --no-print-directory "$part" || failed+=("$part")
done

.venv/bin/python -m pytest --durations=15 "$@"
code=$?
if ((${#failed[@]})); then
	printf 'failed   %s\n' "${failed[*]}" >&2
	exit 1
fi
exit "$code"
