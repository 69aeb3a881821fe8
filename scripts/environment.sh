#!/bin/sh
# Make the virtual environment and install exactly what the lock file names.
# usage: environment.sh PYTHON VENV LOCKFILE
set -eu
python=$1 venv=$2 lock=$3
unset PYTHONDONTWRITEBYTECODE  # what is compiled here is not compiled again at every start

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    echo "Heirloom needs Python 3.11 or newer; '$python' is not. Try: make PYTHON=python3.12 ..." >&2
    exit 2
}

# The wheel from which Python would unpack pip into every new environment. pip runs from it as well, and unpacking it
# takes longer than all else that making an environment does.
find_pip() {
    "$python" - <<'END' 2>/dev/null || true
import ensurepip, glob, os
places = os.path.join(os.path.dirname(ensurepip.__file__), "_bundled"), "/usr/share/python-wheels"
print(next((wheel for place in places for wheel in sorted(glob.glob(place + "/pip-*.whl"))), ""))
END
}

wheel=$(find_pip)
if [ -z "$wheel" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing python3-venv, which Debian keeps in a package of its own ..."
    apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
    wheel=$(find_pip)
fi
if [ -z "$wheel" ]; then
    echo "'$python' cannot make virtual environments. On Debian: sudo apt install python3-venv" >&2
    exit 2
fi
if [ ! -x "$venv/bin/python" ]; then
    echo "Making $venv ..."
    "$python" -m venv --without-pip --clear "$venv"
fi
pip() {
    "$venv/bin/python" "$wheel/pip" --quiet --disable-pip-version-check "$@"
}
echo "Installing what $lock names ..."
# --no-deps: the lock is complete, there is nothing to resolve. --no-compile: most of what is installed is never imported.
pip install --no-compile --no-deps --require-hashes -r "$lock"
# What the processes import is compiled once and now, not by each of them at the same time.
"$venv/bin/python" -c "import heirloom.cli, heirloom.demo, heirloom.serve, heirloom.worker, lti_tool.app, alembic.command, sandbox.campus.__main__" &
pip install --no-deps --no-build-isolation --editable .
wait
