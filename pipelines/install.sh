#!/bin/sh
# install.sh PACKAGE...: installs packages on Debian and Ubuntu; elsewhere, or without the right to, names them in one line.
set -eu
. "$(dirname "$0")/common.sh"
usage 1 "$@"
sudo=
if [ "$(id -u)" != 0 ]; then
	sudo='sudo -n'
	$sudo true 2>/dev/null || sudo=
fi
if ! command -v apt-get >/dev/null || { [ "$(id -u)" != 0 ] && [ -z "$sudo" ]; }; then
	echo "These packages are missing.  On Debian or Ubuntu, as root:" >&2
	echo "    apt-get install $*" >&2
	exit 1
fi
install() {
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

echo "installing: $*" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install "$@" >"$log" 2>&1 || { $sudo apt-get update && install "$@"; } >>"$log" 2>&1 || {
	cat "$log" >&2
	exit 1
}
