"""Check the health of a service's container: exit with 0 when it answers on its port.

Without an HTTP library, because a container asks this every ten seconds.
"""

import os
import socket

port = int(os.environ["BIND"].rpartition(":")[2])
with socket.create_connection(("127.0.0.1", port), timeout=3) as connection:
    connection.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
    raise SystemExit(0 if b" 200 " in connection.recv(64) else 1)
