"""Makes the gateway's nginx configuration from the route table.

``python -m deploy.nginx.template`` writes ``gateway.conf.template``. The same file serves
``make run`` and the nginx image of ``docker-compose.yml``, which both fill in its ``${NAMES}``.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from pathlib import Path

from deploy.nginx import limits
from deploy.nginx.routes import (
    EVENT_BODY,
    HEALTH,
    NOT_PUBLIC,
    ROUTES,
    SENDING,
    SERVICES,
    SMALL_BODY,
    Route,
)
from shared.errors import code_for_status

TEMPLATE = Path(__file__).parent / "gateway.conf.template"

_PLACEHOLDER = re.compile(r"\$\{([A-Z_]+)\}")

_CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; object-src 'none'; frame-ancestors 'none'; "
    "base-uri 'self'; form-action 'self'"
)

# Of pages, files and the answers of services alike. HSTS is empty, and so not sent, over HTTP.
_HEADERS_OF_EVERYTHING = """\
add_header X-Frame-Options DENY always;
add_header Referrer-Policy strict-origin-when-cross-origin always;
add_header Permissions-Policy "camera=(), geolocation=(), microphone=()" always;
add_header Strict-Transport-Security $tidemark_hsts always;"""

# nginx forgets the headers of an outer block where an inner one adds its own, so every block that
# adds one repeats these.
_SECURITY_HEADERS = f"""\
add_header Content-Security-Policy "{_CONTENT_SECURITY_POLICY}" always;
add_header X-Content-Type-Options nosniff always;
{_HEADERS_OF_EVERYTHING}"""

_HEAD = """\
# Made by `python -m deploy.nginx.template` from deploy/nginx/routes.py. Edit those.

# Where names of services are looked up again and again; empty when they are addresses.
${RESOLVER}

# Only WebSocket is upgraded; an empty value keeps the connection to the service open.
map $http_upgrade $tidemark_upgrade {
    default         '';
    "~*^websocket$" websocket;
}

map $tidemark_upgrade $tidemark_connection {
    default upgrade;
    ''      '';
}

# A client may name its own request id, if it looks like one.
map $http_x_request_id $tidemark_request_id {
    default                        $request_id;
    "~^[A-Za-z0-9._-]{8,64}$"      $http_x_request_id;
}

# What a CDN says of the visitor's country counts only where its own word on addresses does.
geo $realip_remote_addr $tidemark_proxied {
    default 0;
    ${TRUSTED_NETWORKS}
}

map $tidemark_proxied $tidemark_country {
    default '';
    1       $http_${COUNTRY_HEADER};
}

# Whether the browser came by TLS, only the proxy that ends it can say.
map $tidemark_proxied:$http_x_forwarded_proto $tidemark_scheme {
    default   $scheme;
    "~*^1:https$" https;
    "~*^1:http$"  http;
}

map $tidemark_scheme $tidemark_hsts {
    default '';
    https   "max-age=31536000";
}

# A service that was away or too slow. Which one, and the request's id, are all that is written
# down: addresses of visitors, keys and codes stand in no log.
log_format tidemark_failures '$time_iso8601 gateway: $tidemark_service answered $upstream_status '
                             'after $request_time s, request $tidemark_request_id';

map $status:$upstream_status $tidemark_failed {
    default             0;
    "~^503:.*50[24]$"   1;
}
"""

_SERVER = f"""\
server {{
    listen ${{GATEWAY_LISTEN}};
    server_name _;
    server_tokens off;
    log_not_found off;
    access_log /dev/stdout tidemark_failures if=$tidemark_failed;
    # nginx ends every message about a request with the visitor's address and the whole URL. What
    # concerns no request, such as a worker that died, goes to the log of nginx.conf all the same.
    error_log stderr emerg;
    # Behind a proxy, only the path is certain: its host and port are not ours.
    absolute_redirect off;

    # For all headers together; for the body and the answer, between two parts.
    client_header_timeout 10s;
    client_body_timeout 10s;
    send_timeout 30s;
    reset_timedout_connection on;
    keepalive_timeout 65s;
    keepalive_requests 10000;
    client_body_buffer_size 256k;
    large_client_header_buffers 4 16k;
    # A client that reads slowly leaves the service free for others; of long exports it keeps it.
    proxy_max_temp_file_size 16m;

{limits.OF_EVERY_REQUEST}
    gzip on;
    gzip_vary on;
    gzip_min_length 1024;
    gzip_types text/css text/javascript application/javascript application/json image/svg+xml;

    # Behind further proxies: REAL_IP says whom to believe. Empty: nobody.
    ${{REAL_IP}}

    proxy_http_version 1.1;
    proxy_connect_timeout 2s;
    proxy_read_timeout 60s;
    proxy_set_header Host $http_host;
    proxy_set_header Connection $tidemark_connection;
    proxy_set_header Upgrade $tidemark_upgrade;
    # What a client says of its address is overwritten, never passed on.
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $tidemark_scheme;
    proxy_set_header X-Request-ID $tidemark_request_id;
    proxy_set_header X-Country $tidemark_country;

{textwrap.indent(_HEADERS_OF_EVERYTHING, "    ")}

    # Only what nginx itself answers; a service's own answers pass unchanged.
    error_page 413 @too_large;
    # Not a named location: nginx gave up before it knew the path.
    error_page 414 /414;
    error_page 429 @too_many;
    # 500: nginx had no room for the body in its folder.
    error_page 500 502 503 504 =503 @unavailable;

"""

_TOO_LARGE = (
    413,
    "Request Entity Too Large",
    "The body is larger than this path takes. Send fewer events in one request.",
)
_TOO_LONG = (
    414,
    "Request-URI Too Large",
    "The address is longer than 16 kB. Send long questions by POST.",
)
_UNAVAILABLE = (
    503,
    "Service Unavailable",
    "This part of Tidemark is starting or away. Try again in a few seconds.",
)
_TOO_MANY = (
    429,
    "Too Many Requests",
    "Your address or login sends too many requests, or too many large ones at a time. Try again "
    "after the seconds in Retry-After.",
)
_NOT_FOUND = (404, "Not Found", "There is no such path.")


def _errors() -> str:
    """Answers that nginx makes itself, in the shape of every other error."""
    not_public = "|".join(NOT_PUBLIC)
    return "\n".join(
        (
            _error("@too_large", _TOO_LARGE),
            _error("= /414", _TOO_LONG, "internal;"),
            _error(
                "@too_many",
                _TOO_MANY,
                f"add_header Retry-After {limits.RETRY_AFTER_SECONDS} always;",
                # Pages of other sites send events; they may read why not.
                'add_header Access-Control-Allow-Origin "*" always;',
            ),
            _error("@unavailable", _UNAVAILABLE, "add_header Retry-After 5 always;"),
            _error("/api", _NOT_FOUND),
            _error(f"~ ^/({not_public})(/|$)", _NOT_FOUND),
        )
    )


def _error(location: str, answer: tuple[int, str, str], *lines: str) -> str:
    status, name, message = answer
    body = (
        f'{{"code": "{code_for_status(status)}", "status": "{name}", "message": "{message}", '
        '"errors": {}, '
        '"request_id": "$tidemark_request_id"}'
    )
    return _block(
        location,
        "default_type application/json;",
        "add_header X-Request-ID $tidemark_request_id always;",
        "add_header Cache-Control no-store always;",
        "add_header X-Content-Type-Options nosniff always;",
        *_HEADERS_OF_EVERYTHING.splitlines(),
        *lines,
        f"return {status} '{body}';",
    )


def _files() -> str:
    """Write the static files: the SDK for other sites' pages, the demos, and the dashboard."""
    return f"""\
    location ~ /\\. {{
        return 404;
    }}

    location /static/sdk/ {{
        alias "${{SDK_ROOT}}/";
        expires 1h;
        add_header Access-Control-Allow-Origin "*" always;
        add_header Cross-Origin-Resource-Policy cross-origin always;
{_indent(_SECURITY_HEADERS, 8)}
    }}

    location = /demo/config.json {{
        alias "${{DEMO_CONFIG_ROOT}}/config.json";
        expires -1;
{_indent(_SECURITY_HEADERS, 8)}
    }}

    location = /demo {{
        return 301 /demo/;
    }}

    location /demo/ {{
        alias "${{DEMO_ROOT}}/";
        index index.html;
        expires -1;
{_indent(_SECURITY_HEADERS, 8)}
    }}

    location = /api/v1/docs {{
        return 301 /api/v1/docs/;
    }}

    location ^~ /api/v1/docs/ {{
        alias "${{API_DOCS_ROOT}}/";
        index index.html;
        expires -1;
{_indent(_SECURITY_HEADERS, 8)}
    }}

{_swagger_ui()}
    location /assets/ {{
        root "${{DASHBOARD_ROOT}}";
        try_files $uri =404;
        expires 1y;
        add_header Cache-Control "public, immutable";
{_indent(_SECURITY_HEADERS, 8)}
    }}

    location / {{
        root "${{DASHBOARD_ROOT}}";
        try_files $uri /index.html @not_built;
        expires -1;
{_indent(_SECURITY_HEADERS, 8)}
    }}

{_not_built()}"""


def _not_built() -> str:
    return _block(
        "@not_built",
        "default_type text/plain;",
        "add_header Cache-Control no-store always;",
        *_SECURITY_HEADERS.splitlines(),
        "return 404 'The pages of the dashboard are not built. Run: make build\\n';",
    )


def _swagger_ui() -> str:
    """Write the files of Swagger UI that our page needs, and none of its own pages."""
    names = ("swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "swagger-ui.css")
    return "\n".join(
        _block(
            f"= /api/v1/docs/{name}",
            f'alias "${{SWAGGER_UI_ROOT}}/{name}";',
            "expires 1h;",
            *_SECURITY_HEADERS.splitlines(),
        )
        for name in names
    )


def make() -> str:
    """Return the text of the template."""
    upstreams = "\n".join(
        f"upstream tidemark_{service} {{\n"
        f"    zone tidemark_{service} 64k;\n"
        f"    server ${{{service.upper()}_UPSTREAM}};\n"
        "    keepalive 32;\n"
        "    keepalive_timeout 60s;\n"
        "}\n"
        for service in SERVICES
        if any(route.service == service for route in ROUTES)
    )
    locations = "\n".join(_location(route) for route in ROUTES)
    return f"{_HEAD}\n{limits.DEFINITIONS}\n{upstreams}\n{_SERVER}{locations}\n{_own_paths()}\n{_errors()}\n{_files()}}}\n"


def fill(template: str, values: Mapping[str, str]) -> str:
    """Fill in the ``${NAMES}`` as envsubst does; nginx's own ``$variables`` stay.

    Raises:
        KeyError: a name has no value.
    """
    return _PLACEHOLDER.sub(lambda match: values[match[1]], template)


def _location(route: Route) -> str:
    """Match the path and all below it: a prefix alone would also match ``/api/v1/eventsabc``."""
    lines = [f"client_max_body_size {route.body_limit};"]
    if route.websocket:
        lines += ["proxy_read_timeout 1h;", "proxy_send_timeout 1h;"]
    lines += _limits(route)
    lines += _to(route.service)
    # ^~ keeps the rule about dotfiles to files: a person's id in a path may begin with a dot.
    return _block(f"= {route.prefix}", *lines) + "\n" + _block(f"^~ {route.prefix}/", *lines)


def _limits(route: Route) -> tuple[str, ...]:
    if route.body_limit != SMALL_BODY:
        return limits.OF_LARGE_BODIES
    if route.prefix == HEALTH:
        return limits.OF_HEALTH
    return () if route.service in SENDING else limits.OF_API_REQUESTS


def _to(service: str) -> tuple[str, str]:
    """Pass a request on, and keep the service's name for the log of failures."""
    return f"set $tidemark_service {service};", f"proxy_pass http://tidemark_{service};"


def _own_paths() -> str:
    """Write the endpoint and the script again, under paths that no ad blocker lists."""
    endpoint = _block(
        "= ${EVENTS_PATH}",
        f"client_max_body_size {EVENT_BODY};",
        *limits.OF_LARGE_BODIES,
        # Before the rewrite, which ends the directives of its kind.
        *_to("ingest")[:1],
        "rewrite ^ /api/v1/events/ingest break;",
        *_to("ingest")[1:],
    )
    script = _block(
        "= ${SCRIPT_PATH}",
        'alias "${SDK_ROOT}/sdk.min.js";',
        "default_type text/javascript;",
        "expires 1h;",
        'add_header Access-Control-Allow-Origin "*" always;',
        "add_header Cross-Origin-Resource-Policy cross-origin always;",
        *_SECURITY_HEADERS.splitlines(),
    )
    return f"{endpoint}\n{script}"


def _block(location: str, *lines: str) -> str:
    body = "\n".join(f"        {line}" for line in lines)
    return f"    location {location} {{\n{body}\n    }}\n"


def _indent(text: str, columns: int) -> str:
    return "\n".join(" " * columns + line for line in text.splitlines())


if __name__ == "__main__":
    TEMPLATE.write_text(make())
