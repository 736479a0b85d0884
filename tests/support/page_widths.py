"""What does not fit on a page at a width: too wide, cut, or scrolled sideways to be read."""

from __future__ import annotations

from playwright.sync_api import Page

PHONE = 390
WIDTHS = (PHONE, 768, 1024, 1440, 1920)
_MOMENT_MS = 60
_TRIES = 10
_WIDE = ["Retention", "The most frequent paths"]
"""How names begin of what no phone has room for: a column for each day, beside that of the cohorts,
and a diagram of paths, which is a table as well."""
_UNFIT = """(mayScroll) => {
    const found = [];
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) {
        const wide = [...document.querySelectorAll("body *")].filter((one) =>
            one.checkVisibility() && one.getBoundingClientRect().right > clientWidth + 1);
        found.push(`the page is ${scrollWidth - clientWidth} px too wide: `
            + (wide.at(-1)?.outerHTML ?? "").slice(0, 160));
    }
    const scrolls = (one, { overflowX }) => ["auto", "scroll"].includes(overflowX)
        && one.scrollWidth > one.clientWidth + 1 && !one.matches("pre, input, textarea")
        && !mayScroll.some((start) => (one.ariaLabel ?? "").startsWith(start))
        && one.querySelector("pre, code") === null && one.checkVisibility();
    const isCut = (one, style) => (style.webkitLineClamp !== "none"
            && one.scrollHeight > one.clientHeight + 1
        || ["hidden", "clip"].includes(style.overflowX) && one.clientWidth > 3
            && one.scrollWidth > one.clientWidth + 1
            && (style.textOverflow === "ellipsis"
                || [...one.childNodes].some((part) => part.nodeType === 3)))
        && one.checkVisibility() && one.textContent.trim() !== "";
    const cut = [];
    for (const one of document.querySelectorAll("#content *, [role=dialog] *")) {
        const style = getComputedStyle(one);
        if (scrolls(one, style)) {
            found.push(`scrolls ${one.scrollWidth - one.clientWidth} px sideways: `
                + one.outerHTML.slice(0, 160));
        }
        if (isCut(one, style)) cut.push(one);
    }
    // Afterwards, because a title that comes with the pointer has the page laid out again.
    for (const one of cut) {
        one.dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));
        const isSaid = one.closest("[title]:not([title=''])") !== null
            || one.querySelector("[title]:not([title=''])") !== null;
        if (!isSaid) found.push("cut without a title: " + one.outerHTML.slice(0, 160));
    }
    return [...new Set(found)].slice(0, 5);
}"""


def unfit(page: Page) -> list[str]:
    """Return what is wider than the page, what scrolls sideways, and cut texts without a title.

    After a change of width a page needs a moment for its layout.
    """
    found: list[str] = []
    for _ in range(_TRIES):
        page.wait_for_timeout(_MOMENT_MS)
        found = page.evaluate(_UNFIT, _WIDE)
        if not found:
            break
    return found
