"""Ask the query service, each question once, over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.processor.query_client import BUSY, QueryClient, QueryServiceAway
from shared.alerts.questions import Question
from shared.alerts.watches.watch_kind import Answer
from shared.errors import Unavailable
from shared.runtime.settings import Settings

QUESTIONS_PER_CALL = 20
_CONNECT_SECONDS = 3.0
_OVERHEAD_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Refused:
    """A question that could not be answered."""

    message: str
    is_temporary: bool


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to questions about one project."""

    first_event: datetime | None
    """When the stored events of the project begin; None: it has none."""
    found: Mapping[Question, Answer | Refused]


Ask = Callable[[int, Sequence[Question]], Answers]
"""Answers different questions about a project. Raises Unavailable."""


class AskedOnce:
    """The questions of a project that were asked since the last ``forget``, with their answers."""

    def __init__(self, ask: Ask, project_id: int) -> None:
        self._ask = ask
        self._project_id = project_id
        self._first_event: datetime | None = None
        self._found: dict[Question, Answer | Refused] = {}

    def forget(self) -> None:
        """Ask anew from now on."""
        self._found.clear()

    def ask(self, questions: Sequence[Question]) -> tuple[Answers, int]:
        """Return the answers to questions, and how many of them were not known yet.

        Raises:
            Unavailable: they cannot be asked.
        """
        different = dict.fromkeys(questions)
        new = [one for one in different if one not in self._found]
        if new:
            answers = self._ask(self._project_id, new)
            self._first_event = answers.first_event
            self._found |= answers.found
        return Answers(self._first_event, {one: self._found[one] for one in different}), len(new)


class QueryService:
    """The query service, as the processor asks it."""

    def __init__(self, settings: Settings) -> None:
        # By then the query service has answered all questions of a call, or cancelled them.
        seconds = QUESTIONS_PER_CALL * settings.query_timeout_ms / 1000 + _OVERHEAD_SECONDS
        self._client = QueryClient(settings, (_CONNECT_SECONDS, seconds))

    @property
    def url(self) -> str:
        """Where questions are sent to."""
        return self._client.url

    def ask(self, project_id: int, questions: Sequence[Question]) -> Answers:
        """Answer questions about a project.

        Raises:
            Unavailable: the query service does not answer.
        """
        first: str | None = None
        found: dict[Question, Answer | Refused] = {}
        for begin in range(0, len(questions), QUESTIONS_PER_CALL):
            part = questions[begin : begin + QUESTIONS_PER_CALL]
            asked = [{"kind": one.kind, "query": one.body} for one in part]
            try:
                answer = self._client.answers(project_id, asked)
            except QueryServiceAway as error:
                raise Unavailable(
                    "The query service does not answer. The alert is evaluated as soon as it does."
                ) from error
            first = answer["first_event"]
            found |= dict(zip(part, map(_read, answer["answers"]), strict=True))
        return Answers(None if first is None else datetime.fromisoformat(first), found)


def _read(answer: Mapping[str, Any]) -> Answer | Refused:
    if "error" not in answer:
        found: Answer = answer["answer"]
        return found
    error = answer["error"]
    details = "; ".join(f"{field}: {' '.join(texts)}" for field, texts in error["errors"].items())
    message = f"{error['message']} ({details})" if details else error["message"]
    return Refused(message, error["status"] == BUSY)
