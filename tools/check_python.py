"""Check that Python is recent enough. This file itself runs on any Python 3."""

import sys

if sys.version_info < (3, 11):
    sys.stderr.write(
        "tidemark: Python 3.11 or newer is needed, and %s is %d.%d. Install a newer Python, or "
        "name one: make run PYTHON=/path/to/python3\n"
        % (sys.executable, sys.version_info[0], sys.version_info[1])
    )
    sys.exit(1)
