"""What axe finds on a page that people with disabilities would stumble over."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.conftest import ROOT

_AXE = ROOT / "dashboard" / "node_modules" / "axe-core" / "axe.min.js"
_FIND = """axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}).then(
    ({violations}) => violations.filter(({impact}) => ["serious", "critical"].includes(impact))
        .map(({id, nodes}) => id + ": " + nodes[0].html.slice(0, 200)))"""


def accessibility_findings(page: Page) -> list[str]:
    """Return the serious and critical findings: the rule, and the first element that breaks it."""
    # A dialog that fades in has a low contrast meanwhile; a page that waits pulses without an end.
    page.wait_for_function(
        "document.getAnimations().every(({playState, effect}) => playState !== 'running'"
        " || effect.getComputedTiming().iterations === Infinity)"
    )
    page.evaluate(_AXE.read_text())
    found: list[str] = page.evaluate(_FIND)
    return found
