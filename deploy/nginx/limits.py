"""The limits of the gateway for one client, as nginx directives.

A client is an IPv4 address or an IPv6 network of 64 bits, which is what a provider gives to one
customer. Behind trusted proxies the address comes from X-Forwarded-For.

nginx counts a request only once its headers have arrived. Until then only
``client_header_timeout`` and the number of connections of a worker limit it.
"""

from __future__ import annotations

# Of each kind: the largest body, how many one client sends at a time, and how many all do. Bodies
# on their way are files. Those of one client must fit in 200 MB and those of all in the file system
# that docker-compose.yml gives them, because whoever sends a byte every few seconds keeps them.

MEDIUM_BODY_BYTES = 2_000_000
"""Bodies of 0.3 to 2 MB; smaller ones stay in memory."""
MEDIUM_BODIES = 24
MEDIUM_BODIES_OF_ALL = 80

LARGE_BODY_BYTES = 20 * 2**20
LARGE_BODIES = 5
LARGE_BODIES_OF_ALL = 12

CHUNKED_BODY_BYTES = 2**20
"""The maximum length of a body that does not name it. Segment's SDK for Kotlin sends every batch so
(at most 500 kB), and a school or an office shares one address: hence many and small."""
CHUNKED_BODIES = 32
CHUNKED_BODIES_OF_ALL = 96

FILES = 1024
"""Files of the dashboard, the SDK and the demos that one client may fetch at a time. They cost
little, and a whole office behind one address opens the dashboard at nine."""

SOCKETS = 256
"""Connections of live views that one client may have open; other requests do not count them, as an
office behind one address has dashboards open all day."""

RETRY_AFTER_SECONDS = 2

CLIENT_DEFINITIONS = """\
# One client: an IPv4 address, also one written as IPv6, or a /64 of IPv6. The variable is binary.
map $binary_remote_addr $tidemark_client {
    default                                                      $binary_remote_addr;
    "~^(?s)\\x00{10}\\xff\\xff(?<tidemark_mapped>.{4})$"     $tidemark_mapped;
    "~^(?s)(?<tidemark_network>.{8}).{8}$"                   $tidemark_network;
}

limit_conn_zone $tidemark_client zone=tidemark_requests:10m;
"""
"""Directives of the http block that tell clients apart and count their requests."""

DEFINITIONS = (
    CLIENT_DEFINITIONS
    + """
# Bodies of at least 300 kB are written to files; smaller ones fit in client_body_buffer_size, which
# must therefore be no less.
map $content_length:$http_transfer_encoding $tidemark_body {
    default                     small;
    "~^([3-9]\\d{5}|1\\d{6}):$" medium;
    "~:."                       chunked;
    "~^\\d{7,}:"                large;
}

map $tidemark_body $tidemark_medium {
    default '';
    medium  $tidemark_client;
}

map $tidemark_body $tidemark_medium_of_all {
    default '';
    medium  all;
}

map $tidemark_body $tidemark_large {
    default '';
    large   $tidemark_client;
}

map $tidemark_body $tidemark_large_of_all {
    default '';
    large   all;
}

map $tidemark_body $tidemark_chunked {
    default '';
    chunked $tidemark_client;
}

map $tidemark_body $tidemark_chunked_of_all {
    default '';
    chunked all;
}

# A body that contains the key has to be read whole before the key is known. PostHog's SDKs send up
# to 5 MiB so; a body of 6 MB or more must have its key in a header or in the URL.
map "$http_x_api_key$http_authorization$arg_api_key$arg_token:$content_length" $tidemark_no_key {
    default                     0;
    "~^:([6-9]\\d{6}|\\d{8,})$" 1;
}

# The login or key of a request, which has a limit over all addresses. It is not verified here.
map "$http_x_api_key$http_authorization$cookie_access_token" $tidemark_credential {
    default $http_x_api_key$http_authorization$cookie_access_token;
}

# An office behind one address has many logins, so requests that name one have a higher limit there.
map $tidemark_credential $tidemark_anonymous {
    default '';
    ''      $tidemark_client;
}

map $tidemark_credential $tidemark_identified {
    default $tidemark_client;
    ''      '';
}

limit_conn_zone $tidemark_client zone=tidemark_files:10m;
limit_conn_zone $tidemark_client zone=tidemark_sockets:10m;
limit_conn_zone $tidemark_medium zone=tidemark_medium:1m;
limit_conn_zone $tidemark_medium_of_all zone=tidemark_medium_of_all:64k;
limit_conn_zone $tidemark_large zone=tidemark_large:1m;
limit_conn_zone $tidemark_large_of_all zone=tidemark_large_of_all:64k;
limit_conn_zone $tidemark_chunked zone=tidemark_chunked:1m;
limit_conn_zone $tidemark_chunked_of_all zone=tidemark_chunked_of_all:64k;
limit_req_zone $tidemark_anonymous zone=tidemark_api:10m rate=${CLIENT_REQUESTS_PER_SECOND}r/s;
limit_req_zone $tidemark_identified zone=tidemark_logins:10m rate=${LOGINS_REQUESTS_PER_SECOND}r/s;
limit_req_zone $tidemark_credential zone=tidemark_who:10m rate=${CLIENT_REQUESTS_PER_SECOND}r/s;
limit_req_zone $tidemark_client zone=tidemark_health:1m rate=${HEALTH_REQUESTS_PER_SECOND}r/s;
"""
)
"""Directives of the http block."""

TIMEOUTS = """\
    # client_header_timeout limits all headers together; the others, the time between two parts.
    # A whole body has no deadline, and phones pause: docs/security.md says what that leaves open.
    client_header_timeout 10s;
    client_body_timeout 10s;
    send_timeout 30s;
    reset_timedout_connection on;
"""
"""Directives of the server block against clients that send or read slowly."""

OF_EVERY_REQUEST = f"""\
    limit_conn tidemark_requests ${{CLIENT_CONNECTIONS}};
    limit_conn tidemark_medium {MEDIUM_BODIES};
    limit_conn tidemark_medium_of_all {MEDIUM_BODIES_OF_ALL};
    limit_conn tidemark_large {LARGE_BODIES};
    limit_conn tidemark_large_of_all {LARGE_BODIES_OF_ALL};
    limit_conn tidemark_chunked {CHUNKED_BODIES};
    limit_conn tidemark_chunked_of_all {CHUNKED_BODIES_OF_ALL};
    limit_conn_status 429;
    limit_req_status 429;
"""
"""Directives of the server block."""

OF_API_REQUESTS = (
    "limit_req zone=tidemark_api burst=${CLIENT_REQUESTS_BURST} nodelay;",
    "limit_req zone=tidemark_logins burst=${LOGINS_REQUESTS_BURST} nodelay;",
    "limit_req zone=tidemark_who burst=${CLIENT_REQUESTS_BURST} nodelay;",
)
"""For locations of the API. Requests that send events are limited by the ingest service instead,
by project and client."""

OF_FILES = f"limit_conn tidemark_files {FILES};"
"""Of the locations of files, in place of those of the server block: nginx inherits them only where
a location has none of its own. Bodies are not read there."""

OF_SOCKETS = (f"limit_conn tidemark_sockets {SOCKETS};", *OF_API_REQUESTS)
"""Of the locations of live views. Attempts to connect are limited as other requests of the API."""

OF_HEALTH = ("limit_req zone=tidemark_health burst=20 nodelay;",)

OF_LARGE_BODIES = (
    "if ($tidemark_no_key) { return 413; }",
    # nginx takes no variable as the maximum of a body, so those of unknown length have a location
    # of their own, which error_page names.
    "if ($tidemark_body = chunked) { return 418; }",
)
"""For locations that accept bodies of more than a megabyte."""
