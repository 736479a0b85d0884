#!/usr/bin/env bash
# `make bare-machine-test`: what the README promises, on a machine that has nothing else.
#
# Makes an empty Debian root with python3, python3-venv, make, git and ca-certificates; no compiler, no
# Node.js. In it an ordinary user clones this commit and says `make run`: it has to get ready, take an
# event, and stop without leaving a process. Then root does the same with the same clone, and
# `make test` sets itself up and runs a few tests. The root is removed at the end.
#
# Needs root, debootstrap (installed where apt can) and the package registries, which are reached as
# this machine reaches them: apt's, pip's and npm's settings and the certificates are copied in.
#   BARE_SUITE=trixie   which Debian
#   BARE_KEEP=1         leave the root, to look at
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
suite=${BARE_SUITE:-trixie}
root=$(mktemp -d /tmp/tidemark-bare.XXXXXX)
began=$SECONDS
chmod 0755 "$root"
readonly here suite root began

say() { printf 'bare machine: %4d s  %s\n' $((SECONDS - began)) "$*"; }

# Everything whose root folder is ours, by pid: it was started by this script.
processes_inside() {
    find /proc -mindepth 2 -maxdepth 2 -name root -lname "$root" 2>/dev/null | cut -d/ -f3
}

clean_up() {
    local pid mounted
    for pid in $(processes_inside); do kill -TERM "$pid" 2>/dev/null || true; done
    for _ in $(seq 20); do [ -z "$(processes_inside)" ] && break; sleep 0.5; done
    for pid in $(processes_inside); do kill -KILL "$pid" 2>/dev/null || true; done
    if [ -n "${BARE_KEEP:-}" ]; then
        say "left at $root"
        return
    fi
    # The deepest first; removing what is still mounted would remove this machine's.
    for mounted in $(awk -v root="$root" 'index($2, root) == 1 { print $2 }' /proc/mounts | sort -r); do
        umount "$mounted" || umount --lazy "$mounted"
    done
    rm -rf --one-file-system "$root"
}
trap clean_up EXIT

fail() {
    say "FAILED: $*"
    exit 1
}

[ "$(id -u)" = 0 ] || fail "an empty root can only be made by root"
if ! command -v debootstrap >/dev/null; then
    apt-get -qq update && apt-get -qq install -y debootstrap >/dev/null || fail "there is no debootstrap"
fi

# In memory where there is enough: unpacking waits for the disk more than for anything else.
if [ "$(awk '/MemAvailable/ { print int($2 / 1000000) }' /proc/meminfo)" -ge 8 ]; then
    mount -t tmpfs -o size=5g,mode=0755 tmpfs "$root"
fi

say "making an empty Debian $suite"
debootstrap --variant=minbase --include=python3,python3-venv,make,git,ca-certificates \
    "$suite" "$root" >"$root.log" 2>&1 || { tail -20 "$root.log"; fail "debootstrap"; }
rm "$root.log"

# How this machine reaches the registries.
for path in /etc/resolv.conf /etc/hosts /etc/pip.conf /etc/xdg/pip /etc/npmrc /etc/ssl/certs \
    /usr/share/ca-certificates /usr/local/share/ca-certificates /etc/apt/apt.conf.d; do
    if [ -e "$path" ]; then
        mkdir -p "$root$(dirname "$path")"
        rm -rf "${root:?}$path"
        cp -aL "$path" "$root$path"
    fi
done
settings=()
while IFS= read -r -d '' setting; do
    case ${setting%%=*} in
        PIP_FIND_LINKS | PIP_EXTRA_INDEX_URL) ;; # folders of this machine
        PIP_* | *_CA_* | *_CERT* | SSL_* | *_proxy | *_PROXY | npm_config_*) settings+=("$setting") ;;
    esac
done < <(env -0)
mkdir -p "$root/dev/shm"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=1777,size=1g tmpfs "$root/dev/shm"
mount --bind /dev/null "$root/dev/null" 2>/dev/null || true

inside() { # ACCOUNT COMMAND…
    local account=$1 home
    shift
    home=$(chroot "$root" sh -c "eval echo ~$account")
    cp -L ~/.npmrc "$root$home/.npmrc" 2>/dev/null && chroot "$root" chown "$account" "$home/.npmrc" || true
    env -i "${settings[@]}" HOME="$home" USER="$account" LANG=C.UTF-8 TIDEMARK_MINIMUM_FREE_MB=100 \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        chroot "$root" setpriv --reuid "$account" --regid "$account" --init-groups \
        sh -c 'cd "$1" && shift && exec "$@"' sh "${folder:-/}" "$@"
}

for command in cc gcc clang node npm docker; do
    if inside root sh -c "command -v $command" >/dev/null; then fail "$command is there"; fi
done
say "it has $(inside root python3 --version), $(inside root make --version | head -1), no compiler and no Node.js"

chroot "$root" useradd --create-home --shell /bin/sh person
git -C "$here" bundle create --quiet "$root/tidemark.bundle" HEAD
chmod 0644 "$root/tidemark.bundle"
inside person git -c advice.detachedHead=false -c init.defaultBranch=main clone --quiet /tidemark.bundle /home/person/tidemark
folder=/home/person/tidemark

# `make run` until it is ready, one event, Ctrl-C.
run_once() { # ACCOUNT PORT DATA_DIR
    local account=$1 port=$2 data=$3 log="$root/run-$1.log" pid ready=$SECONDS
    # A shell without jobs ignores Ctrl-C for what it starts in the background; SIGTERM says the same.
    inside "$account" env PORT="$port" DATA_DIR="$data" make run >"$log" 2>&1 &
    pid=$!
    until grep -q "Tidemark is ready" "$log"; do
        kill -0 "$pid" 2>/dev/null || { cat "$log"; fail "make run as $account ended"; }
        [ $((SECONDS - ready)) -lt 600 ] || { tail -40 "$log"; fail "not ready as $account"; }
        sleep 0.5
    done
    say "make run is ready as $account after $((SECONDS - ready)) s"
    inside "$account" python3 - "$data/credentials.json" <<'PYTHON' || { tail -40 "$log"; fail "no event as $account"; }
import json, sys, time, urllib.request
known = json.load(open(sys.argv[1]))
url, key = known["url"], {"X-API-Key": known["public_key"], "Content-Type": "application/json"}
body = json.dumps({"event_name": "bare", "distinct_id": "p"}).encode()
urllib.request.urlopen(urllib.request.Request(url + "/api/v1/events/ingest", body, key), timeout=10)
page = urllib.request.urlopen(url + "/", timeout=10).read()
assert b"<div id=" in page, page[:200]
read = urllib.request.Request(f"{url}/api/v1/analytics/{known['project_id']}/overview", headers={"X-API-Key": known["secret_key"]})
for _ in range(100):
    if json.load(urllib.request.urlopen(read, timeout=10))["total_events"] >= 1:
        break
    time.sleep(0.2)
else:
    sys.exit("the event was not counted")
PYTHON
    # The runner, not make: a signal to make alone would be ended for by the shell's own rules.
    pkill_inside "deploy.local"
    for _ in $(seq 120); do [ -z "$(processes_inside)" ] && break; sleep 0.5; done
    wait "$pid" || { tail -20 "$log"; fail "make run as $account did not end with 0"; }
    [ -z "$(processes_inside)" ] || fail "processes are left: $(ps -o pid,args -p "$(processes_inside | paste -sd,)")"
    say "an event was stored and counted, and no process is left"
}

pkill_inside() { # MODULE: SIGTERM to the runner, which is one of the processes inside
    local pid
    for pid in $(processes_inside); do
        if tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qE -- "-m $1 \$"; then kill -TERM "$pid"; fi
    done
}

run_once person 18841 /home/person/tidemark/.data
run_once root 18842 /var/lib/tidemark
folder=/home/person/tidemark
say "make test sets itself up"
inside person make --no-print-directory -j3 ready-to-test >"$root/test.log" 2>&1 || { tail -30 "$root/test.log"; fail "make ready-to-test"; }
inside person .venv/bin/python -m pytest -q tests/unit tests/integration/ingest/test_policies.py >"$root/test.log" 2>&1 \
    || { tail -30 "$root/test.log"; fail "tests"; }
say "$(tail -1 "$root/test.log")"
say "all of it holds"
