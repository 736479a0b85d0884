"""Protections of the SDK for browsers and React Native."""

from __future__ import annotations

from tests.negative_controls.control import Control

_DELIVERY = "sdk/javascript/tests/unit/delivery.test.ts"
_NATIVE = "sdk/javascript/tests/unit/react_native.test.ts"

CONTROLS = (
    Control(
        "flush of the browser SDK waits while delivery rests",
        "sdk/javascript/src/modules/delivery.ts",
        "nextAttemptAt = Math.min(nextAttemptAt, serverWaitEndsAt);",
        "",
        f"{_DELIVERY} -t 'flush tries at once'",
    ),
    Control(
        "flush of the browser SDK disregards Retry-After",
        "sdk/javascript/src/modules/delivery.ts",
        "serverWaitEndsAt = now + waitOf(retryAfter);",
        "serverWaitEndsAt = now;",
        f"{_DELIVERY} -t 'flush waits'",
    ),
    Control(
        "a page that is left in a pause that flush has ended sends no beacon",
        "sdk/javascript/src/modules/delivery.ts",
        "    failures = sending.restUntil = 0;",
        "    failures = 0;",
        f"{_DELIVERY} -t 'uses a beacon again'",
    ),
    Control(
        "hiding a page tries again while delivery rests",
        "sdk/javascript/src/modules/delivery.ts",
        "void drain();",
        "void flush();",
        f"{_DELIVERY} -t 'does not try while it rests'",
    ),
    Control(
        "flush in React Native waits while delivery rests",
        "sdk/javascript/src/frameworks/native_queue.ts",
        "nextAttemptAt = Math.min(nextAttemptAt, serverWaitEndsAt);",
        "",
        f"{_NATIVE} -t 'flush tries at once'",
    ),
)
