#!/bin/sh
# Installs heliograph on this Debian box, or updates it: binary, man pages, completion, user, unit, and a first configuration.
# Needs root and systemd, and a binary for this machine: sudo board/debian/install.sh BINARY
# (`make build` makes them: build/heliograph-linux-arm64 and its like). Running it again changes only what differs;
# a configuration that is there is never touched. DESTDIR=FOLDER installs into a folder and starts nothing.
set -eu

die() { echo "install.sh: $*" >&2; exit 1; }

here=$(cd "$(dirname "$0")" && pwd)
binary=${1:-}
root=${DESTDIR:-}
[ $# -eq 1 ] || die "say which binary: $0 build/heliograph-linux-arm64"
[ -f "$binary" ] || die "there is no file $binary: make it with 'make build'"
chosen=$("$binary" version 2>/dev/null) || die "$binary does not run here: take the one for $(uname -m)"
[ -n "$root" ] || [ "$(id -u)" -eq 0 ] || die "this needs root: sudo $0 $binary"

install -D -m 0644 "$here/sysusers.conf" "$root/usr/lib/sysusers.d/heliograph.conf"
if [ -z "$root" ]; then
	if command -v systemd-sysusers >/dev/null; then
		systemd-sysusers /usr/lib/sysusers.d/heliograph.conf
	else
		getent passwd heliograph >/dev/null || adduser --system --group --no-create-home --home /var/lib/heliograph heliograph
		adduser --quiet heliograph dialout
	fi
fi

# By way of a second name, because a program that runs cannot be written over, and half a program must never start.
install -D -m 0755 "$binary" "$root/usr/local/bin/heliograph.new"
mv -f "$root/usr/local/bin/heliograph.new" "$root/usr/local/bin/heliograph"
install -D -m 0644 "$here/heliograph.service" "$root/etc/systemd/system/heliograph.service"

# The man pages and what completes commands in a shell are printed by the program itself.
printed() { # FILE ARGUMENT…: what the program prints, in its place
	file=$root/usr/local/share/$1
	shift
	(umask 022 && mkdir -p "$(dirname "$file")")
	"$binary" "$@" >"$file"
	chmod 0644 "$file"
}
printed man/man1/heliograph.1 man
printed man/man5/heliograph.yaml.5 man config
printed bash-completion/completions/heliograph completion bash
printed zsh/site-functions/_heliograph completion zsh
printed fish/vendor_completions.d/heliograph.fish completion fish

# The appliance may read its configuration and secrets, and may not change them; nobody else sees them.
config=$root/etc/heliograph/heliograph.yaml
install -d -m 0750 "$root/etc/heliograph"
if [ -e "$config" ]; then
	echo "kept $config"
else
	install -m 0640 "$here/heliograph.yaml" "$config"
	fresh=yes
fi
if [ -z "$root" ]; then
	chown root:heliograph /etc/heliograph
	[ -z "${fresh:-}" ] || chown root:heliograph "$config"
fi
echo "installed $chosen"
[ -z "$root" ] || exit 0

[ -d /run/systemd/system ] || { echo "systemd does not run here: nothing is started"; exit 0; }
systemctl daemon-reload
if [ -n "${fresh:-}" ]; then
	echo "Next: put your modem, uplinks and people into $config, then"
	echo "  heliograph check && systemctl enable --now heliograph"
	echo "If ModemManager runs here, see $here/70-heliograph-modem.rules"
elif systemctl --quiet is-active heliograph; then
	/usr/local/bin/heliograph check -c "$config" >/dev/null || die "the new program refuses $config: the old one goes on; see 'heliograph check'"
	systemctl restart heliograph
	echo "restarted"
fi
