#!/bin/sh
# What of the postgres image's entry script docker-compose.yml relies on: as root it hands the data
# folder to postgres and becomes that user; an empty folder gets a cluster, the owner and the database.
set -eu

if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA"
    chmod 700 "$PGDATA"
    find /var/lib/postgresql \! -user postgres -exec chown postgres {} +
    exec setpriv --reuid postgres --regid postgres --init-groups "$0" "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    mkdir -p "$PGDATA"
    printf '%s\n' "$POSTGRES_PASSWORD" > /tmp/password
    initdb --pgdata "$PGDATA" --username "$POSTGRES_USER" --pwfile /tmp/password \
        --auth-local trust --auth-host scram-sha-256 > /dev/null
    rm /tmp/password
    printf '\nhost all all all scram-sha-256\n' >> "$PGDATA/pg_hba.conf"
    printf "\nlisten_addresses = '*'\n" >> "$PGDATA/postgresql.conf"
    pg_ctl --pgdata "$PGDATA" --options "-c listen_addresses=''" --wait start > /dev/null
    psql --quiet --username "$POSTGRES_USER" --dbname postgres \
        --command "CREATE DATABASE \"$POSTGRES_DB\""
    pg_ctl --pgdata "$PGDATA" --mode fast --wait stop > /dev/null
fi

exec "$@"
