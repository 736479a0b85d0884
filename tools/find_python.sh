#!/bin/sh
# Prints the path of a Python that Tidemark runs on, or says in one sentence why there is none.
# What is found must also run: a version manager leaves commands on the path that do not.
here=$(dirname "$0")
named=$1

if [ -n "$named" ]; then
    if ! "$named" -c "" 2>/dev/null; then
        echo "tidemark: PYTHON=$named does not run; name a Python 3.11 or newer." >&2
        exit 1
    fi
    "$named" "$here/check_python.py" || exit 1
    command -v "$named"
    exit 0
fi

old=
without_venv=
for name in python3.13 python3.12 python3.11 python3.14 python3; do
    "$name" -c "" 2>/dev/null || continue
    if ! "$name" "$here/check_python.py" 2>/dev/null; then
        old=$name
    elif "$name" -c "import ensurepip, venv" 2>/dev/null; then
        command -v "$name"
        exit 0
    else
        # Debian packs these apart; another Python here may have them.
        without_venv=${without_venv:-$name}
    fi
done

if [ -n "$without_venv" ]; then
    echo "tidemark: $without_venv cannot make an environment; on Debian or Ubuntu install python3-venv, or name another: PYTHON=/path/to/python3" >&2
elif [ -n "$old" ]; then
    "$old" "$here/check_python.py"
else
    echo "tidemark: Python 3.11 or newer is needed, and there is no python3 here; install it first." >&2
fi
exit 1
