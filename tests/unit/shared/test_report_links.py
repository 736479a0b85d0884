"""Links to unsubscribe: signed, for one address of one report, without the address in them."""

from __future__ import annotations

import pytest

from shared.reports.links import Unsubscription, digest_of, read_token, unsubscribe_token

KEY = "k" * 32
TOKEN = unsubscribe_token(KEY, 7, 12, "Ada@example.org")


def test_a_link_names_report_and_recipient_but_not_the_address() -> None:
    assert read_token(KEY, TOKEN) == Unsubscription(7, 12, digest_of("ada@example.org"))
    assert "ada" not in TOKEN.lower()


@pytest.mark.parametrize(
    "wrong",
    [
        "", "-", "x", "7-12", TOKEN[:-1], TOKEN + "0", TOKEN.replace("7-12", "7-13", 1),
        TOKEN.replace("7-12", "8-12", 1), "ü" + TOKEN, TOKEN.rpartition("-")[0] + "-é",
        unsubscribe_token("l" * 32, 7, 12, "ada@example.org"),
    ],
)  # fmt: skip
def test_another_link_is_refused(wrong: str) -> None:
    assert read_token(KEY, wrong) is None
