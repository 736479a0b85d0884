"""Texts of a page that stand in another order than they are written."""

from __future__ import annotations

from playwright.sync_api import Page

# Texts of left-to-right letters and digits run from left to right, and so do those of one line:
# a name that changes the direction must order nothing but itself.
_REORDERED = r"""() => {
    const LEFT_TO_RIGHT = /^[\x20-\x7e\xa0-\u024f\u2010-\u2027\u2030-\u205e\u2190-\u22ff]+$/;
    const box = (node, index) => {
        const range = document.createRange();
        range.setStart(node, index);
        range.setEnd(node, index + 1);
        return range.getBoundingClientRect();
    };
    const block = (node) => {
        let one = node.parentElement;
        while (one !== null && getComputedStyle(one).display === "inline") one = one.parentElement;
        return one;
    };
    const isOneLine = (a, b) => Math.abs(a.top + a.height / 2 - b.top - b.height / 2) < 3;
    const told = (node) => node.textContent.trim().slice(0, 60) + " in "
        + (block(node)?.textContent ?? "").trim().slice(0, 100);
    const found = new Set(), last = new Map();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
        const text = node.textContent;
        if (text.trim() === "" || !node.parentElement.checkVisibility()) continue;
        if (node.parentElement.closest("script, style, svg, noscript") !== null) continue;
        const begin = box(node, text.search(/\S/)), end = box(node, text.trimEnd().length - 1);
        if (begin.width === 0 || end.width === 0) continue;
        const inBlock = block(node), before = last.get(inBlock);
        if (LEFT_TO_RIGHT.test(text)) {
            if (isOneLine(begin, end) && begin.left > end.left)
                found.add("reversed: " + told(node));
            if (before && isOneLine(before, begin) && begin.left < before.left - 1)
                found.add("moved: " + told(node));
        }
        last.set(inBlock, begin.left < end.left ? begin : end);
    }
    return [...found].slice(0, 5);
}"""


def reordered(page: Page) -> list[str]:
    """Return the texts that a name beside them has reversed or moved."""
    found: list[str] = page.evaluate(_REORDERED)
    return found
