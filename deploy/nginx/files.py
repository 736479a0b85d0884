"""The gateway's static files: SDK, demos, API documents and dashboard."""

from __future__ import annotations

from deploy.nginx import headers, limits
from deploy.nginx.blocks import indent, location, proxy_to


def file_locations() -> str:
    """Return the locations of static files: SDK, demos, API documents and dashboard."""
    return f"""\
    location ~ /\\. {{
        return 404;
    }}

    location /static/sdk/ {{
        {limits.OF_FILES}
        alias "${{SDK_ROOT}}/";
        expires 1h;
        add_header Access-Control-Allow-Origin "*" always;
        add_header Cross-Origin-Resource-Policy cross-origin always;
{indent(headers.OF_PAGES, 8)}
    }}

    location = /demo/config.json {{
        {limits.OF_FILES}
        alias "${{DEMO_CONFIG_ROOT}}/config.json";
        expires -1;
{indent(headers.OF_PAGES, 8)}
    }}

    location = /demo {{
        return 301 /demo/;
    }}

    location /demo/ {{
        {limits.OF_FILES}
        alias "${{DEMO_ROOT}}/";
        index index.html;
        expires -1;
{indent(headers.OF_PAGES, 8)}
    }}

    location = /api/v1/docs {{
        return 301 /api/v1/docs/;
    }}

    location ^~ /api/v1/docs/ {{
        {limits.OF_FILES}
        alias "${{API_DOCS_ROOT}}/";
        index index.html;
        expires -1;
{indent(headers.OF_PAGES, 8)}
    }}

{_swagger_ui()}
    location /assets/ {{
        {limits.OF_FILES}
        root "${{DASHBOARD_ROOT}}";
        # Browsers keep these files, so each is compressed well and rarely.
        gzip_comp_level 9;
        try_files $uri =404;
        expires 1y;
        add_header Cache-Control "public, immutable";
{indent(headers.OF_ASSETS, 8)}
    }}

{_embedded()}
    location / {{
        {limits.OF_FILES}
        root "${{DASHBOARD_ROOT}}";
        try_files $uri /index.html @not_built;
        expires -1;
{indent(headers.OF_PAGES, 8)}
    }}

{_not_built()}"""


def _embedded() -> str:
    """Return the locations of shared dashboards in pages of other sites.

    Only these pages wait for the query service, which knows the origins that a link allows. While
    it does not answer, a page without any data says so and is loaded again.
    """
    page = location(
        '~ "^/embed/(?<tidemark_token>[A-Za-z0-9_-]+)$"',
        *limits.OF_API_REQUESTS,
        "auth_request /internal/embedding;",
        "auth_request_set $tidemark_link_origins $upstream_http_x_frame_ancestors;",
        "error_page 429 @too_many;",
        "error_page 500 502 503 504 =503 @embed_waits;",
        'root "${DASHBOARD_ROOT}";',
        "try_files /index.html @not_built;",
        "expires -1;",
        *headers.OF_EMBEDDED_PAGES.splitlines(),
    )
    question = location(
        "= /internal/embedding",
        "internal;",
        # The answer is only read for its header.
        "proxy_pass_request_body off;",
        'proxy_set_header Content-Length "";',
        "proxy_read_timeout 5s;",
        *proxy_to("query")[:1],
        "proxy_pass http://tidemark_query/api/v1/analytics/shared/dashboards/$tidemark_token/embedding;",
    )
    waits = location(
        "@embed_waits",
        'root "${DASHBOARD_ROOT}";',
        "try_files /embed-waits.html @not_built;",
        "add_header Cache-Control no-store always;",
        "# Seconds, after which the browser opens the address again.",
        "add_header Refresh 10 always;",
        *headers.OF_WAITING_PAGE.splitlines(),
    )
    return f"{page}\n{question}\n{waits}"


def _not_built() -> str:
    return location(
        "@not_built",
        "default_type text/plain;",
        "add_header Cache-Control no-store always;",
        *headers.OF_PAGES.splitlines(),
        "return 404 'The dashboard is not built. Run: make build\\n';",
    )


def _swagger_ui() -> str:
    """Return the locations of the Swagger UI files that the API documentation page needs."""
    names = ("swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "swagger-ui.css")
    return "\n".join(
        location(
            f"= /api/v1/docs/{name}",
            limits.OF_FILES,
            f'alias "${{SWAGGER_UI_ROOT}}/{name}";',
            "expires 1h;",
            *headers.OF_PAGES.splitlines(),
        )
        for name in names
    )


def event_script() -> str:
    """Return the locations of the SDK's files under a path that no ad blocker lists."""
    return "\n".join(
        location(
            path,
            limits.OF_FILES,
            f'alias "${{SDK_ROOT}}/{files}";',
            "default_type text/javascript;",
            "expires 1h;",
            'add_header Access-Control-Allow-Origin "*" always;',
            "add_header Cross-Origin-Resource-Policy cross-origin always;",
            *headers.OF_PAGES.splitlines(),
        )
        for path, files in (
            ("= ${SCRIPT_PATH}", "sdk.min.js"),
            ("^~ ${SCRIPT_PATH}/", "modules/"),
        )
    )
