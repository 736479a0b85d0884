"""The flags of a project as this process serves them: prepared, with the JSON of their answers."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from services.flags.ofrep import evaluation_of
from services.flags.posthog import member_text
from shared.flags.definition import FlagSet, group_properties_of, properties_of
from shared.flags.evaluation import Evaluation
from shared.flags.prepared import PreparedFlags
from shared.flags.publication import encode
from shared.flags.recent_events import questions_of

_BYTES_OF_FLAGS = 4
_MIN_BYTES = 8 * 1024
_BYTES_BESIDE = 100
"""What Python needs for a text besides its bytes."""


class ServedFlags:
    """A project's flags in one version."""

    def __init__(self, flags: FlagSet) -> None:
        self.flags = flags
        self.size = len(encode(flags))
        """In bytes, as JSON."""
        self.questions = questions_of(flags)
        """What conditions ask of a person's events and cohorts, each once."""
        self.properties = properties_of(one.definition for one in flags.flags)
        """The properties of persons that conditions ask for."""
        self.group_properties: dict[str, list[str]] = {}
        """The properties of groups that conditions ask for, by type of the group."""
        for group_type, name in group_properties_of(one.definition for one in flags.flags):
            self.group_properties.setdefault(group_type, []).append(name)
        self.prepared = PreparedFlags(flags)
        most = _BYTES_OF_FLAGS * self.size + _MIN_BYTES
        self.posthog = Texts(member_text, most)
        """Members of the object in ``/flags?v=2``."""
        self.ofrep = Texts(lambda one: msgspec.json.encode(evaluation_of(one)), most)


class Texts:
    """The JSON of evaluations in one form, which is made once for all persons with the same one.

    Most answers of a flag are among few. The memory that they take is bounded; beyond that they are
    made each time.
    """

    def __init__(self, form: Callable[[Evaluation], bytes], max_bytes: int) -> None:
        self._form = form
        self._left = max_bytes
        self._texts: dict[Evaluation, bytes] = {}

    def of(self, one: Evaluation) -> bytes:
        """Return the JSON of an evaluation."""
        text = self._texts.get(one)
        if text is None:
            text = self._form(one)
            size = len(text) + _BYTES_BESIDE
            if size <= self._left:
                self._texts[one] = text
                self._left -= size
        return text
