#!/bin/sh
# What of the nginx image's entry script the gateway relies on: *.envsh is sourced, then the
# templates are filled in from the environment, into a folder that has to be writable.
set -eu

for script in /docker-entrypoint.d/*.envsh; do
    [ ! -x "$script" ] || . "$script"
done
[ -w /etc/nginx/conf.d ] || { echo "/etc/nginx/conf.d is not writable" >&2; exit 1; }
names=$(awk 'BEGIN { for (name in ENVIRON) printf "${%s} ", name }')
for template in /etc/nginx/templates/*.template; do
    envsubst "$names" < "$template" > "/etc/nginx/conf.d/$(basename "$template" .template)"
done
exec "$@"
