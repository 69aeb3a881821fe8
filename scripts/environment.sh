#!/bin/sh
# Make the virtual environment and install exactly what the lock file names.
# usage: environment.sh PYTHON VENV LOCKFILE
set -eu
python=$1 venv=$2 lock=$3

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    echo "Heirloom needs Python 3.11 or newer; '$python' is not. Try: make PYTHON=python3.12 ..." >&2
    exit 2
}
if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    echo "Making $venv ..."
    if ! "$python" -m venv --clear "$venv" >/dev/null 2>&1; then
        # Debian keeps venv in a package of its own
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
            "$python" -m venv --clear "$venv"
        else
            echo "'$python -m venv' does not work. On Debian: sudo apt install python3-venv" >&2
            exit 2
        fi
    fi
fi
echo "Installing what $lock names ..."
# --no-compile: Python compiles what it really imports, which is a fraction of what is installed
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r "$lock"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
