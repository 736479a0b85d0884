"""Protections of running Tidemark: gateway, containers, embedded servers."""

from __future__ import annotations

from tests.negative_controls.control import Control

_LOCKOUT = "tests/integration/auth/test_lockout.py"
_COMPOSE = "tests/deploy/test_compose.py"
_LIMITS = "tests/deploy/test_gateway_limits.py"
_SUPERVISION = "tests/deploy/test_supervision.py"
_ROLES = "tests/integration/shared/test_redis_roles.py"
CONTROLS = (
    Control(
        "make run gives queries the role that stores events",
        "deploy/local/database_urls.py",
        '            return {"DATABASE_URL": self.read}\n',
        "            return {}\n",
        "tests/deploy/test_run.py -k database_role",
    ),
    Control(
        "the key of the demos is published everywhere",
        "deploy/demo_config.py",
        "        path.unlink(missing_ok=True)\n        return\n",
        "        pass\n",
        "tests/deploy/test_security_headers.py -k wanted",
    ),
    Control(
        "a process counts as started before it is recorded",
        "deploy/local/supervision.py",
        "        if pid:\n            self.on_fork(pid)\n",
        "",
        f"{_SUPERVISION} -k unrecorded",
    ),
    Control(
        "others may read what make run writes",
        "deploy/local/__main__.py",
        "        keep_private(data_dir)\n",
        "",
        "tests/deploy/test_run.py -k only_the_owner",
    ),
    Control(
        "the gateway believes the caller's X-Forwarded-For",
        "deploy/nginx/gateway.conf.template",
        'X-Forwarded-For "";',
        "X-Forwarded-For $http_x_forwarded_for;",
        "tests/deploy/test_gateway.py -k overwritten",
    ),
    Control(
        "one address sends any number of large bodies at a time",
        "deploy/nginx/gateway.conf.template",
        "    limit_conn tidemark_large 5;\n",
        "",
        f"{_LIMITS} -k never_end",
    ),
    Control(
        "many addresses send any number of medium bodies",
        "deploy/nginx/gateway.conf.template",
        "    limit_conn tidemark_medium_of_all 80;\n",
        "",
        f"{_LIMITS} -k medium_bodies",
    ),
    Control(
        "files of the dashboard count as requests of an address",
        "deploy/nginx/gateway.conf.template",
        'limit_conn tidemark_files 1024;\n        alias "${DEMO_ROOT}/";',
        'alias "${DEMO_ROOT}/";',
        f"{_LIMITS} -k office",
    ),
    Control(
        "a body of unknown length counts as a small one",
        "deploy/nginx/gateway.conf.template",
        '    "~:."                       chunked;\n',
        "",
        "tests/deploy/test_gateway_limits.py -k unknown_length",
    ),
    Control(
        "all clients' bodies do not fit in their file system",
        "deploy/nginx/limits.py",
        "LARGE_BODIES_OF_ALL = 12",
        "LARGE_BODIES_OF_ALL = 24",
        f"{_LIMITS} -k fit",
    ),
    Control(
        "a long body is read before its key is known",
        "deploy/nginx/gateway.conf.template",
        '"~^:([6-9]\\d{6}|\\d{8,})$" 1;',
        '"~^:([6-9]\\d{6}|\\d{8,})$" 0;',
        f"{_LIMITS} -k names_its_key",
    ),
    Control(
        "one address takes all connections of the gateway",
        "deploy/local/gateway.py",
        "_MAX_CONNECTIONS = 16_384",
        "_MAX_CONNECTIONS = 4_096",
        f"{_LIMITS} -k requests_that_never_finish",
    ),
    Control(
        "each address of a /64 is a client",
        "deploy/nginx/gateway.conf.template",
        "$tidemark_network;",
        "$binary_remote_addr;",
        f"{_LIMITS} -k network_of_64_bits",
    ),
    Control(
        "one address asks as often as it likes",
        "deploy/nginx/gateway.conf.template",
        "limit_req_zone $tidemark_anonymous zone=tidemark_api:10m",
        "limit_req_zone $tidemark_medium zone=tidemark_api:10m",
        f"{_LIMITS} -k of_one_address",
    ),
    Control(
        "one key asks as often as it likes from many addresses",
        "deploy/nginx/gateway.conf.template",
        "limit_req_zone $tidemark_credential zone=tidemark_who:10m",
        "limit_req_zone $tidemark_medium zone=tidemark_who:10m",
        f"{_LIMITS} -k login_or_key",
    ),
    Control(
        "health answers whoever asks",
        "deploy/nginx/gateway.conf.template",
        "limit_req_zone $tidemark_client zone=tidemark_health:1m",
        "limit_req_zone $tidemark_medium zone=tidemark_health:1m",
        f"{_LIMITS} -k loops_on_health",
    ),
    Control(
        "anybody says that TLS is used",
        "deploy/nginx/gateway.conf.template",
        '"~*^1:https$" https;',
        '"~*:https$" https;',
        "tests/deploy/test_gateway.py -k tls_is_demanded",
    ),
    Control(
        "the gateway passes on what a client says of its address",
        "deploy/nginx/gateway.conf.template",
        "X-Real-IP $remote_addr;",
        "X-Real-IP $http_x_real_ip;",
        f"{_LOCKOUT} -k says_of_its_address",
    ),
    Control(
        "the gateway logs every request",
        "deploy/nginx/gateway.conf.template",
        "    access_log /dev/stdout tidemark_failures if=$tidemark_failed;\n",
        "    access_log /dev/stdout combined;\n",
        "tests/deploy/test_gateway.py -k no_log_names",
    ),
    Control(
        "the gateway logs what went wrong with a request",
        "deploy/nginx/gateway.conf.template",
        "error_log stderr emerg;",
        "error_log stderr error;",
        "tests/deploy/test_gateway.py -k no_log_names",
    ),
    Control(
        "two services in containers listen on one port",
        "docker-compose.yml",
        'BIND: "0.0.0.0:8003"',
        'BIND: "0.0.0.0:8002"',
        f"{_COMPOSE} -k address_of_another",
    ),
    Control(
        "containers keep their capabilities",
        "docker-compose.yml",
        "  cap_drop: [ALL]\n",
        "",
        f"{_COMPOSE} -k do_little",
    ),
    Control(
        "Redis runs as root",
        "docker-compose.yml",
        "  user: redis\n",
        "",
        f"{_COMPOSE} -k as_root",
    ),
    Control(
        "the stream's Redis may forget events",
        "docker-compose.yml",
        "MAXMEMORY: ${STREAM_MAXMEMORY:-1gb}\n      MAXMEMORY_POLICY: noeviction",
        "MAXMEMORY: ${STREAM_MAXMEMORY:-1gb}\n      MAXMEMORY_POLICY: allkeys-lru",
        f"{_COMPOSE} -k forget",
    ),
    Control(
        "a page may run inline scripts",
        "deploy/nginx/gateway.conf.template",
        '${API_DOCS_ROOT}/";\n        index index.html;\n        expires -1;\n'
        "        add_header Content-Security-Policy \"default-src 'self'; script-src 'self';",
        '${API_DOCS_ROOT}/";\n        index index.html;\n        expires -1;\n'
        "        add_header Content-Security-Policy "
        "\"default-src 'self'; script-src 'self' 'unsafe-inline';",
        "tests/deploy/test_security_headers.py -k 'runs_only and docs'",
    ),
    Control(
        "a package that has to be compiled is let through",
        "tools/wheels_check.py",
        "        if not fits:\n",
        "        if not fits and False:\n",
        "tests/unit/tools/test_wheels_check.py",
    ),
    Control(
        "logs grow without end",
        "deploy/local/supervision.py",
        "stdout_logfile_maxbytes=_LOG_BYTES",
        "stdout_logfile_maxbytes=0",
        f"{_SUPERVISION} -k closed_terminal",
    ),
    Control(
        "a process that was killed is not started again",
        "deploy/local/supervision.py",
        "autorestart=RestartWhenExitUnexpected if program.runs_once else RestartUnconditionally",
        "autorestart=False",
        f"{_SUPERVISION} -k 'killed_master'",
    ),
    Control(
        "the workers of a killed master stay",
        "deploy/local/orphans.py",
        "                child.terminate()\n                self._terminated_at",
        "                self._terminated_at",
        f"{_SUPERVISION} -k 'killed_master'",
    ),
    Control(
        "a full cache refuses answers for good",
        "deploy/local/valkey.py",
        '("allkeys-lru", "no") if self._evicts',
        '("noeviction", "no") if self._evicts',
        f"{_ROLES} -k only_the_cache",
    ),
    Control(
        "embedded servers take all memory",
        "deploy/local/valkey.py",
        'f"maxmemory {self._max_memory}\\n',
        'f"maxmemory 0\\n',
        f"{_ROLES} -k has_a_limit",
    ),
    Control(
        "one address takes the places of all for medium bodies",
        "deploy/nginx/gateway.conf.template",
        "    limit_conn tidemark_medium 32;\n",
        "",
        f"{_LIMITS} -k byte_at_a_time",
    ),
    Control(
        "an address asks as often as it likes with made-up keys",
        "deploy/nginx/gateway.conf.template",
        "limit_req_zone $tidemark_identified zone=tidemark_logins:10m",
        "limit_req_zone $tidemark_medium zone=tidemark_logins:10m",
        f"{_LIMITS} -k made_up_keys",
    ),
)
