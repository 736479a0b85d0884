"""What axe finds on a page that people with disabilities would stumble over."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.conftest import ROOT

_AXE = ROOT / "dashboard" / "node_modules" / "axe-core" / "axe.min.js"
# resultTypes and selectors: axe describes violations only, and finds no selectors for elements,
# which takes a third of its time.
_FIND = """within => {
    const isChoices = (id, element) => id === "scrollable-region-focusable"
        && element.closest("[role=listbox]") != null;
    return axe.run(within, {
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], resultTypes: ["violations"],
        selectors: false, elementRef: true}).then(
        ({violations}) => violations
            .filter(({impact}) => ["serious", "critical"].includes(impact))
            .flatMap(({id, nodes}) => nodes
                .filter(({element}) => !isChoices(id, element))
                .slice(0, 1)
                .map(({html}) => id + ": " + html.slice(0, 200))));
}"""
"""The choices of an input scroll by its arrow keys. axe knows that of the list itself only, not of
what scrolls inside it."""
_HAS_SCHEME = "scheme => document.documentElement.dataset.mantineColorScheme === scheme"
_COLOURS = """within => axe.run(within, {
        runOnly: ["color-contrast", "link-in-text-block"],
        resultTypes: ["violations"], selectors: false}).then(
    ({violations}) => violations.map(({id, nodes}) => id + ": " + nodes[0].html.slice(0, 200)))"""
_TARGETS = """within => axe.run(within, {
        runOnly: ["target-size"], resultTypes: ["violations"], selectors: false}).then(
    ({violations}) => violations.flatMap(({nodes}) => nodes.map(
        one => one.any.map(({message}) => message).join(" ") + " " + one.html.slice(0, 200))))"""


def accessibility_findings(page: Page, within: str = "html") -> list[str]:
    """Return the serious and critical findings: the rule, and the first element that breaks it.

    ``within``: selector of what is looked at; nothing else of the page is.
    """
    return _findings(page, _FIND, within)


def colour_findings(page: Page, within: str = "html") -> list[str]:
    """Return what is hard to read, such as in the other scheme of colours.

    axe has no other rules that look at colours.
    """
    return _findings(page, _COLOURS, within)


def findings_of_both_schemes(page: Page, within: str = "html") -> list[str]:
    """Return what axe finds in the light scheme, and what depends on colours in the dark one."""
    found = accessibility_findings(page, within)
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(_HAS_SCHEME, arg=scheme)
        if scheme == "dark":
            found += [f"dark, {one}" for one in colour_findings(page, within)]
    return found


def target_findings(page: Page) -> list[str]:
    """Return each target that is smaller than 24 by 24 px and too near to another (WCAG 2.5.8)."""
    return _findings(page, _TARGETS, "html")


def _findings(page: Page, script: str, within: str) -> list[str]:
    # A dialog that fades in has a low contrast meanwhile; a page that waits pulses without an end.
    page.wait_for_function(
        "document.getAnimations().every(({playState, effect}) => playState !== 'running'"
        " || effect.getComputedTiming().iterations === Infinity)"
    )
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE.read_text())
    found: list[str] = page.evaluate(script, within)
    return found
