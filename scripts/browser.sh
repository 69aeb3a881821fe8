#!/bin/sh
# The end-to-end tests drive a real Chromium. Bring one if there is none and we may; say in one line if not.
set -u
[ -n "${TEST_BROWSER:-}" ] && exit 0    # tests/browser.py takes the one that is named
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the end-to-end tests ..."
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null 2>&1 && exit 0
fi
echo "No Chromium here: the end-to-end tests will be left out. On Debian: sudo apt install chromium" >&2
exit 0
