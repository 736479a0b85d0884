"""The security headers of the gateway's responses, as nginx directives."""

_CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; object-src 'none'; frame-ancestors 'none'; "
    "base-uri 'self'; form-action 'self'"
)

# For pages, files and responses of services. Over HTTP the HSTS value is empty, so it is not sent.
OF_EVERYTHING = """\
add_header X-Frame-Options DENY always;
add_header Referrer-Policy strict-origin-when-cross-origin always;
add_header Permissions-Policy "camera=(), geolocation=(), microphone=()" always;
add_header Strict-Transport-Security $tidemark_hsts always;"""

# A block that adds a header does not inherit those of the outer block, so it repeats these.
OF_PAGES = f"""\
add_header Content-Security-Policy "{_CONTENT_SECURITY_POLICY}" always;
add_header X-Content-Type-Options nosniff always;
{OF_EVERYTHING}"""

# Scripts, styles and fonts of the dashboard are governed by the policy of the page that loads them.
# Headers that say nothing to browsers here would be 3 kB of the first report.
OF_ASSETS = """\
add_header X-Content-Type-Options nosniff always;
add_header Strict-Transport-Security $tidemark_hsts always;"""

# A shared dashboard may stand in pages of the origins that its link allows. X-Frame-Options cannot
# name origins and browsers read frame-ancestors instead, so it is sent only where no origin may.
OF_EMBEDDED_PAGES = OF_PAGES.replace(
    "frame-ancestors 'none'", "frame-ancestors $tidemark_frame_ancestors"
).replace("X-Frame-Options DENY", "X-Frame-Options $tidemark_frame_options")

# What is shown while the query service does not say who may embed a link holds nothing to protect.
OF_WAITING_PAGE = OF_PAGES.replace("frame-ancestors 'none'", "frame-ancestors *").replace(
    "add_header X-Frame-Options DENY always;\n", ""
)
