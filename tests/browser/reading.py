"""What a reader gets of a page: contrast, width, live elements; measured in the page itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from playwright.sync_api import Page

ENOUGH: Final = 4.5
"""The contrast that WCAG 2.2 asks of text (1.4.3, level AA)."""

_FAINT: Final = """(enough) => {
  const parts = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number);
    return [r, g, b, a];
  };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
  const ground = (element) => {
    if (!element) return parts(matchMedia("(prefers-color-scheme: dark)").matches ? "rgb(18,18,18)" : "rgb(255,255,255)");
    const own = parts(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own : over(own, ground(element.parentElement));
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((one) => one / 255).map((one) => one <= .04045 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const faint = [];
  let read = 0;
  for (const element of document.querySelectorAll("body *")) {
    const says = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!(says || element.value) || !element.checkVisibility() || element.matches("script, style, title, desc")) continue;
    read += 1;
    const style = getComputedStyle(element);
    const behind = ground(element);
    const [one, other] = [light(over(parts(element instanceof SVGElement ? style.fill : style.color), behind)), light(behind)];
    const contrast = (Math.max(one, other) + .05) / (Math.min(one, other) + .05);
    if (contrast < enough) faint.push(`${element.tagName} ${contrast.toFixed(2)} ${element.textContent.trim().slice(0, 40)}`);
  }
  return [read, faint];
}"""

_CUT: Final = """() => [...document.querySelectorAll("body *")].filter((element) => element.checkVisibility()
  && element.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map((element) => element.outerHTML.slice(0, 80))"""

_WORDS_OUTSIDE: Final = """() => [...document.querySelectorAll("svg text")].filter((text) => {
  const [words, frame] = [text.getBoundingClientRect(), text.closest("svg").getBoundingClientRect()];
  return words.left < frame.left - 1 || words.right > frame.right + 1 || words.top < frame.top - 1 || words.bottom > frame.bottom + 1;
}).map((text) => text.textContent)"""


def faint(page: Page) -> list[str]:
    """The texts that stand out too little from what is behind them."""
    read, found = page.evaluate(_FAINT, ENOUGH)
    assert read > 20, "nothing was measured"
    return list(found)


def cut(page: Page) -> list[str]:
    """What reaches past the right edge; on a phone nobody scrolls there."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return list(page.evaluate(_CUT))


def words_outside(page: Page) -> list[str]:
    """The words of drawings that their frames cut off."""
    return list(page.evaluate(_WORDS_OUTSIDE))


def elements(page: Page, selector: str) -> list[Any]:
    """The elements that a selector finds, as HTML."""
    return list(page.eval_on_selector_all(selector, "found => found.map(one => one.outerHTML.slice(0, 120))"))
