#!/usr/bin/env bash
# Types, lint, unused code and unit tests of web/, once for each state of its files.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mkdir -p .cache
state=$(find web dialer/api/openapi.json tests/vectors -name node_modules -prune -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
if [[ -f .cache/web-checked && $(<.cache/web-checked) == "$state" ]]; then
	echo "web/ is as it was when it was last checked"
	exit 0
fi
(cd web && npm run --silent check </dev/null)
printf '%s' "$state" >.cache/web-checked
