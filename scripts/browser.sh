#!/bin/sh
# The end-to-end tests drive a real Chromium. Bring one if there is none and we may; say in one line if not.
set -u
[ -n "${TEST_BROWSER:-}" ] && exit 0    # tests/browser.py takes the one that is named
may_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }
bring() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1; }
found=
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && found=yes
done
if [ -z "$found" ] && may_install; then
    echo "Installing Chromium for the end-to-end tests ..."
    apt-get update -qq && bring chromium && found=yes
fi
if [ -n "$found" ]; then
    # The same engine without windows: most tests need no more, and it is quicker. Where there is none they do without.
    command -v chromium-headless-shell >/dev/null || { may_install && bring chromium-headless-shell; }
    exit 0
fi
echo "No Chromium here: the end-to-end tests will be left out. On Debian: sudo apt install chromium" >&2
exit 0
