"""Random days of the browser SDK: tabs that open, go offline and close while its server fails."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, Page

from tests.support.failing_network import Fault, Network

_FAULTS = (Fault.REFUSED, Fault.CUT, Fault.REFUSED_AFTERWARDS, Fault.HELD, Fault.REPEATED)
_SHIFT_CLOCK = """(() => {
    const Real = Date;
    globalThis.Date = class extends Real {
        constructor(...given) {
            if (given.length) super(...given);
            else super(Real.now() + %d);
        }
        static now() { return Real.now() + %d; }
    };
})()"""
_BLOCK_STORAGE = """for (const name of ["localStorage", "sessionStorage", "indexedDB"]) {
    Object.defineProperty(globalThis, name, {
        get() { throw new DOMException("blocked", "SecurityError"); },
    });
}"""
_START = """([script, key, host]) => new Promise((loaded) => {
    const tag = document.createElement("script");
    tag.src = script;
    tag.dataset.project = key;
    tag.dataset.apiUrl = host;
    tag.dataset.autoPageView = "false";
    tag.onload = loaded;
    document.head.append(tag);
})"""
_RECORD = "(names) => { for (const name of names) tracker.event(name, { real: true }); }"
DAY_MS = 86_400_000


@dataclass(frozen=True)
class Schedule:
    """One random day, which its seed decides."""

    seed: str
    events: int

    @property
    def clock_error_ms(self) -> int:
        """How far the clock of the browser is ahead."""
        return random.Random(f"clock of {self.seed}").choice([0, 0, DAY_MS, -DAY_MS])

    @property
    def is_storage_blocked(self) -> bool:
        """Whether the page may keep nothing, so that a tab has to stay open until all is sent."""
        return random.Random(f"storage of {self.seed}").random() < 0.2


@dataclass
class Course:
    """What a schedule did: each event's name with the earliest and latest time it can have."""

    schedule: Schedule
    recorded: dict[str, tuple[float, float]] = field(default_factory=dict)
    actions: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Say all that repeats it."""
        return f"schedule {self.schedule} of {', '.join(self.actions)}"


class Visitor:
    """A person with some tabs of a shop, which act as the schedule says."""

    def __init__(
        self, context: BrowserContext, site: str, sdk: str, key: str, network: Network
    ) -> None:
        self._context, self._site, self._network = context, site, network
        self._start = [sdk, key, network.url]
        self._tabs: dict[str, Page] = {}
        self._numbers: dict[str, int] = {}

    def live(self, schedule: Schedule) -> Course:
        """Do what the schedule says, and leave one tab open with a good network."""
        course, draw = Course(schedule), random.Random(schedule.seed)
        if schedule.clock_error_ms:
            shift = schedule.clock_error_ms
            self._context.add_init_script(_SHIFT_CLOCK % (shift, shift))
        if schedule.is_storage_blocked:
            self._context.add_init_script(_BLOCK_STORAGE)
        self._open(course)
        while len(course.recorded) < schedule.events:
            wanted = min(draw.randint(1, 24), schedule.events - len(course.recorded))
            self._record(course, draw.choice(list(self._tabs)), wanted)
            self._act(course, draw)
        self._settle(course)
        return course

    def wait(self, seconds: float) -> None:
        """Let the open tabs go on."""
        next(iter(self._tabs.values())).wait_for_timeout(seconds * 1_000)

    def _act(self, course: Course, draw: random.Random) -> None:
        action = draw.choice(["wait", "fail", "offline", "online", "open", "close", "leave"])
        tab = draw.choice(list(self._tabs))
        if action == "wait":
            self._tabs[tab].wait_for_timeout(draw.choice([20, 300, 2_200]))
        elif action == "fail":
            # Three at most: after four the SDK pauses for a minute.
            self._network.faults.extend(draw.choices(_FAULTS, k=draw.randint(1, 3)))
        elif action in {"offline", "online"}:
            self._context.set_offline(action == "offline")
        elif action == "open" and len(self._tabs) < 3:
            self._open(course)
        elif action in {"close", "leave"} and not course.schedule.is_storage_blocked:
            self._end(course, tab, action, draw)
        course.actions.append(f"{action} {tab}")

    def _end(self, course: Course, tab: str, action: str, draw: random.Random) -> None:
        page = self._tabs.pop(tab)
        if action == "leave":
            # As after a click on a link: the tab's next page is another one of the shop.
            self._context.set_offline(False)
            self._open(course, page)
            return
        # Until it is closed, no setting of the context can be changed.
        with page.expect_event("close"):
            page.close(run_before_unload=draw.random() < 0.8)
        if not self._tabs:
            self._open(course)

    def _open(self, course: Course, page: Page | None = None) -> None:
        """Open a tab, or the next page in a tab: it needs the network for the page itself."""
        self._context.set_offline(False)
        page = page or self._context.new_page()
        page.goto(f"{self._site}/shop")
        page.evaluate(_START, self._start)
        name = f"tab {len(self._numbers)}"
        self._tabs[name], self._numbers[name] = page, 0
        course.actions.append(f"opened {name}")

    def _record(self, course: Course, tab: str, number: int) -> None:
        first = self._numbers[tab]
        names = [f"{tab} {n:04}" for n in range(first, first + number)]
        self._numbers[tab] += number
        before = time.time()
        self._tabs[tab].evaluate(_RECORD, names)
        course.recorded.update(dict.fromkeys(names, (before, time.time())))
        course.actions.append(f"{number} in {tab}")

    def _settle(self, course: Course) -> None:
        """Let the network be good, and leave to one page what the others did not send."""
        self._network.faults.clear()
        self._context.set_offline(False)
        if course.schedule.is_storage_blocked:
            return
        pages = list(self._tabs.values())
        self._tabs.clear()
        self._open(course)
        for page in pages:
            page.close(run_before_unload=True)
