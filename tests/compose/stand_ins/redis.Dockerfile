# Stands for redis:8-alpine: the same version of the server, its user and its folder.
FROM stand-in:base
RUN DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends redis-server redis-tools \
    && install -d -o redis -g redis /data
VOLUME /data
WORKDIR /data
