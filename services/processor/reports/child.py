"""Read what a report says, write it as a mail, and end: see ``render``."""

from __future__ import annotations

import sys

import msgspec

from services.processor.reports.content import Content
from services.processor.reports.page import write
from shared.runtime.memory import limit_growth

if __name__ == "__main__":
    content = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Content)
    limit_growth(int(sys.argv[1]))
    sys.stdout.buffer.write(msgspec.msgpack.encode(write(content)))
