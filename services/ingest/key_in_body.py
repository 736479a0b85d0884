"""Read bodies whose key is in them, before it is known who sends them.

A body that is not small must have a known key in its text, which is looked for before the text is
decoded. Whoever sends large ones in vain is charged as for unknown keys, and soon has none read.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from services.ingest.request import IngestRequest
from shared.errors import BadRequest, PayloadTooLarge, TidemarkError
from shared.policies.lookup import Policies
from shared.policies.policy import Policy
from shared.web.bodies import BYTES_BEFORE_KEY


class KeyInBody:
    """The key in the body of one request.

    Args:
        policies: of keys.
        request: has no key outside its body.
        now: seconds since 1970, UTC.
        accept: is given the policy of a key; raises TooManyRequests or Unavailable to refuse its
            requests.
    """

    def __init__(
        self,
        policies: Policies,
        request: IngestRequest,
        now: float,
        accept: Callable[[Policy], None],
    ) -> None:
        self._policies = policies
        self._address = request.visitor.address
        self._now = now
        self._accept = accept
        self._acquire_slot = request.acquire_slot
        self._began = time.thread_time()
        self._is_large = self._was_charged = False
        self.found: Policy | None = None
        """Of a valid key in a large body; None: none was looked for so far."""
        self.request = replace(request, acquire_slot=self._begin_huge, find_key=self._find)
        """The request, to be read."""

    def read(self, read_text: Callable[[], bytes]) -> bytes:
        """Return the text of the body, in which there is a valid key if it is not small.

        Args:
            read_text: returns the text of ``request``.

        Raises:
            BadRequest, PayloadTooLarge: as ``read_text``.
            Unauthorized, TooManyRequests, Unavailable: no valid key is in a large body, or none
                that is accepted, or its client has sent too many such bodies or unknown keys.
        """
        if len(self.request.body) > BYTES_BEFORE_KEY:
            self._begin_large()
        try:
            text = read_text()
        except (BadRequest, PayloadTooLarge):
            if self._is_large and self.found is None and not self._was_charged:
                self._policies.charge_guessing(self._address)
            raise
        if self.found is None and len(text) > BYTES_BEFORE_KEY:
            self._find(lambda: text)
        return text

    def policy_of(self, key: str | None) -> Policy:
        """Return the policy of the message's own key, once the body is decoded.

        Another key may have been found before. Then the message is refused by the limits of its own
        project only now, and its client pays for the time. A client whose own key is not valid pays
        as for an unknown one.

        Raises:
            Unauthorized, TooManyRequests, Unavailable: the key is not valid, or not accepted.
        """
        try:
            policy = self._policies.for_key(key, self._now, self._address)
        except TidemarkError:
            if self.found is not None:
                self._policies.charge_guessing(self._address)
            raise
        if self.found is not None and policy.project_id != self.found.project_id:
            try:
                self._accept(policy)
            except TidemarkError:
                self._policies.charge_time(self._address, time.thread_time() - self._began)
                raise
        return policy

    def _begin_large(self) -> None:
        self._policies.refuse_guessing(self._address)
        self._is_large = True

    def _begin_huge(self) -> None:
        self._begin_large()
        self._acquire_slot()

    def _find(self, read_start: Callable[[], bytes]) -> None:
        self._was_charged = True  # if nothing is found
        self.found = self._policies.in_text(read_start, self._now, self._address, self._accept)
