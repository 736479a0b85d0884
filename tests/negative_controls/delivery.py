"""Protections of messages to channels: where they may go, that they are sent once, and are ours."""

from __future__ import annotations

from tests.negative_controls.control import Control

_REQUESTS = "tests/unit/shared/test_outgoing_requests.py"
_DELIVERIES = "tests/integration/processor/test_deliveries.py"
_MAIL = "tests/integration/processor/test_mail.py"

CONTROLS = (
    Control(
        "a row of events shows an address under another name in a chat",
        "services/processor/delivery/chats.py",
        'return text.replace("](", "]\\u200b(")',
        "return text",
        "tests/integration/processor/test_chats.py -k makes_no_link",
    ),
    Control(
        "a request goes to whatever address a name has",
        "shared/outgoing/urls.py",
        "            if not allowed.allows_address(address):\n                raise",
        "            if not allowed.ports:\n                raise",
        f"{_REQUESTS} -k elsewhere",
    ),
    Control(
        "a request goes to an address of the own network",
        "shared/outgoing/urls.py",
        "    if not allowed.allows_address(address):\n        raise _private(host)\n",
        "",
        f"{_REQUESTS} -k when_it_is_saved",
    ),
    Control(
        "an address within an IPv6 address is not looked at",
        "shared/outgoing/networks.py",
        "    return address in _IPV6_GLOBAL and not any(",
        "    return address.is_global or not any(",
        f"{_REQUESTS} -k when_it_is_saved",
    ),
    Control(
        "the name of a host is resolved again for the connection",
        "shared/outgoing/client.py",
        "                    (str(address), self._url.port), timeout=_CONNECT_SECONDS",
        "                    (self._url.host, self._url.port), timeout=_CONNECT_SECONDS",
        f"{_REQUESTS} -k that_was_checked",
    ),
    Control(
        "an answer may drip for ever",
        "shared/outgoing/client.py",
        "                socket.socket.shutdown(connected, socket.SHUT_RDWR)",
        "                pass",
        f"{_REQUESTS} -k never_ends",
    ),
    Control(
        "the same cause is told twice",
        "services/processor/delivery/outbox.py",
        '"VALUES %s ON CONFLICT (project_id, channel_id, idempotency_key) DO NOTHING "',
        '"VALUES %s ON CONFLICT (project_id, channel_id, idempotency_key) "\n'
        """            "DO UPDATE SET state = 'waiting' \"""",
        f"{_DELIVERIES} -k ordered_once",
    ),
    Control(
        "a repeated webhook has another id",
        "services/processor/delivery/webhooks.py",
        '        "webhook-id": key,',
        '        "webhook-id": f"{key}{now.timestamp()}",',
        f"{_DELIVERIES} -k same_id",
    ),
    Control(
        "a webhook is signed without its body",
        "services/processor/delivery/webhooks.py",
        ".sign(key, now, body)",
        '.sign(key, now, "")',
        f"{_DELIVERIES} -k signature",
    ),
    Control(
        "two senders take the same message",
        "services/processor/delivery/due.py",
        "attempts = attempts + 1, next_attempt_at = now() + %(lease)s",
        "attempts = attempts + 1",
        f"{_DELIVERIES} -k killed",
    ),
    Control(
        "a message goes to a receiver whose certificate nobody has signed",
        "shared/outgoing/client.py",
        "    context.load_default_certs()\n",
        "    context.load_default_certs()\n"
        "    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE\n",
        "tests/unit/processor/test_webhook_certificates.py",
    ),
    Control(
        "the key of a webhook that was replaced is valid for ever",
        "shared/channels/webhook_keys.py",
        "    if until is not None and now < datetime.fromisoformat(until):",
        "    if until is not None:",
        f"{_DELIVERIES} -k replaced_is_valid",
    ),
    Control(
        "receivers refuse messages until they have the new key",
        "shared/channels/webhook_keys.py",
        '        keys.append(stored["previous_signing_key"])\n',
        "        pass\n",
        f"{_DELIVERIES} -k replaced_is_valid",
    ),
    Control(
        "a message that a sender has in hand is sent again",
        "services/query/saved/channel_deliveries.py",
        'is_far = row.state == "failed" and row.next_attempt_at > now + SENDING_MINUTES',
        'is_far = row.state == "failed"',
        "tests/integration/query/test_channels.py -k sent_again",
    ),
    Control(
        "a recipient may hold another command of SMTP",
        "services/processor/delivery/mail.py",
        "    if not all(is_mail_address(recipient) for recipient in recipients):\n",
        "    if not recipients:\n",
        f"{_MAIL} -k sent_to_nowhere",
    ),
    Control(
        "recipients that have a mail get it again while another is refused",
        "services/processor/delivery/due.py",
        '    return {"delivered": [*delivery.delivered, *failed.delivered]}',
        "    return {}",
        f"{_MAIL} -k refused_for_now",
    ),
    Control(
        "the messages of one owner's projects are sent before those of others",
        "services/processor/delivery/due.py",
        "WHERE turn <= %s ORDER BY turn, since, project_id",
        "WHERE %s > 0 ORDER BY project_id",
        "tests/integration/processor/test_deliveries.py -k take_turns",
    ),
)
