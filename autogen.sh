#!/bin/sh
# Makes ./configure from configure.ac. Needs the Debian packages autoconf, automake and pkg-config.
set -e
cd "$(dirname "$0")"
for tool in autoreconf:autoconf automake:automake pkg-config:pkg-config; do
	command -v "${tool%%:*}" >/dev/null || { echo "autogen.sh: ${tool%%:*} is missing: apt-get install ${tool##*:}" >&2; exit 1; }
done
exec autoreconf --install --force
