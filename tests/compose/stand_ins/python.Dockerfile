# Stands for python:3.13-slim-bookworm, whose python is /usr/local/bin/python.
FROM stand-in:base
RUN DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 python3-venv python3-pip tzdata \
    && ln -s /usr/bin/python3 /usr/local/bin/python
