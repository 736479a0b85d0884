"""Variables of the gateway's configuration that come from headers, addresses and answers."""

DEFINITIONS = """\
# Only WebSocket is upgraded. Otherwise an empty Connection header keeps the connection to the
# service open.
map $http_upgrade $tidemark_upgrade {
    default         '';
    "~*^websocket$" websocket;
}

map $tidemark_upgrade $tidemark_connection {
    default upgrade;
    ''      '';
}

# A client's own request id is used if it has the form of one.
map $http_x_request_id $tidemark_request_id {
    default                        $request_id;
    "~^[A-Za-z0-9._-]{8,64}$"      $http_x_request_id;
}

# The country header is believed from trusted proxies only.
geo $realip_remote_addr $tidemark_proxied {
    default 0;
    ${TRUSTED_NETWORKS}
}

map $tidemark_proxied $tidemark_country {
    default '';
    1       $http_${COUNTRY_HEADER};
}

# A proxy on this machine or network that is not named in TRUSTED_PROXIES: every client seems to
# have its address, and shares one client's limits. The dashboard says so.
geo $realip_remote_addr $tidemark_is_near {
    default        0;
    127.0.0.0/8    1;
    10.0.0.0/8     1;
    172.16.0.0/12  1;
    192.168.0.0/16 1;
    ::1/128        1;
    fc00::/7       1;
}

map $tidemark_is_near$tidemark_proxied:$http_x_forwarded_for $tidemark_undeclared_proxy {
    default  '';
    "~^10:." $realip_remote_addr;
}

# Behind a proxy that terminates TLS, only its header says whether the browser used TLS.
map $tidemark_proxied:$http_x_forwarded_proto $tidemark_scheme {
    default   $scheme;
    "~*^1:https$" https;
    "~*^1:http$"  http;
}

map $tidemark_scheme $tidemark_hsts {
    default '';
    https   "max-age=31536000";
}

# Which pages may embed a shared dashboard: the query service says it per link.
map $tidemark_link_origins $tidemark_frame_ancestors {
    default "'none'";
    "~."    $tidemark_link_origins;
}

map $tidemark_link_origins $tidemark_frame_options {
    default DENY;
    "~."    '';
}

# Requests to a service that was unavailable or too slow. Only the service and the request id are
# logged: no log holds addresses of visitors, keys or codes.
log_format tidemark_failures '$time_iso8601 gateway: $tidemark_service answered $upstream_status '
                             'after $request_time s, request $tidemark_request_id';

map $status:$upstream_status $tidemark_failed {
    default             0;
    "~^503:.*50[24]$"   1;
}
"""
