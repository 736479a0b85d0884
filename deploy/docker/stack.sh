#!/bin/sh
# What make does with containers: stack.sh dev|prod|down|logs|migrate|shell|createsuperuser
# STACK names the installation that is meant: dev or prod (both Docker Compose), or local (make run).
# Without it: the one of the two that has containers, else local.
set -eu
cd "$(dirname "$0")/../.."
COMPOSE=${COMPOSE:-docker compose}
DEV_SECRETS=${DEV_SECRETS:-.data/compose-dev.env}

prod() {
    $COMPOSE "$@"
}

dev() {
    mkdir -p "$(dirname "$DEV_SECRETS")"
    (
        umask 077
        touch "$DEV_SECRETS"
        for name in SECRET_KEY GATEWAY_TOKEN REDIS_PASSWORD POSTGRES_PASSWORD \
            POSTGRES_OWNER_PASSWORD POSTGRES_WRITE_PASSWORD POSTGRES_READ_PASSWORD; do
            # A file of an earlier version lacks some of them.
            grep -q "^$name=" "$DEV_SECRETS" ||
                printf '%s=%s\n' "$name" "$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')" \
                    >> "$DEV_SECRETS"
        done
    )
    # Beside a production of the same folder: other containers, other data.
    $COMPOSE --project-name tidemark-dev --env-file "$DEV_SECRETS" \
        -f docker-compose.yml -f docker-compose.dev.yml "$@"
}

within() {
    exec .venv/bin/python -m deploy.local.within "$@"
}

stack() {
    if [ -n "${STACK:-}" ]; then
        echo "$STACK"
    elif [ -f "$DEV_SECRETS" ] && [ -n "$(dev ps -q 2> /dev/null)" ]; then
        echo dev
    elif [ -n "$(prod ps -q 2> /dev/null)" ]; then
        echo prod
    else
        echo local
    fi
}

containers_only() {
    if [ "$stack" = local ]; then
        echo "tidemark: no containers run here; start them with make dev or make prod" >&2
        exit 1
    fi
}

# Without a terminal Compose has to be told that there is none.
terminal=
[ -t 0 ] || terminal=-T

action=$1
case $action in
dev)
    dev up --build
    ;;
prod)
    [ -f .env ] || {
        echo "tidemark: cp .env.example .env, and set the secrets in it (openssl rand -hex 32)" >&2
        exit 1
    }
    prod up --build --detach
    ;;
down)
    [ ! -f "$DEV_SECRETS" ] || dev down
    [ ! -f .env ] || prod down
    ;;
logs)
    stack=$(stack)
    containers_only
    "$stack" logs --follow --tail "${LINES:-100}" ${SERVICE:-}
    ;;
migrate)
    stack=$(stack)
    [ "$stack" != local ] || within alembic upgrade head
    "$stack" run --rm migrate
    ;;
shell)
    stack=$(stack)
    [ "$stack" != local ] || within "${SHELL:-sh}"
    "$stack" exec $terminal "${SERVICE:-query}" sh
    ;;
createsuperuser)
    stack=$(stack)
    [ -n "${EMAIL:-}" ] || {
        echo "tidemark: whose? make createsuperuser EMAIL=name@example.org" >&2
        exit 1
    }
    [ "$stack" != local ] || within python -m services.auth superuser --email "$EMAIL"
    "$stack" run --rm --no-deps $terminal migrate python -m services.auth superuser --email "$EMAIL"
    ;;
*)
    echo "tidemark: there is no $action" >&2
    exit 1
    ;;
esac
