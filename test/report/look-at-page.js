// Evaluated in the page by drift-page.test.ts; what the last line gives is its type `Seen`.

function isShown(element) {
  return element.getClientRects().length > 0 && element.checkVisibility();
}

function hasText({ childNodes }) {
  return [...childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
}

function channel(value) {
  return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** By WCAG 2.2, of a colour such as `rgb(1, 2, 3)`. */
function luminance(color) {
  const [red, green, blue] = color.match(/[\d.]+/g).map((part) => channel(Number(part) / 255));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The colour that a text stands on. */
function behind(element) {
  if (element === null) {
    return getComputedStyle(document.body).backgroundColor;
  }
  if (element.tagName === 'text') {
    return getComputedStyle(element.closest('svg').querySelector('.card, .pill')).fill;
  }
  const { backgroundColor } = getComputedStyle(element);
  return /^rgba\(.*, 0\)$/.test(backgroundColor) ? behind(element.parentElement) : backgroundColor;
}

function contrast(element) {
  const { fill, color } = getComputedStyle(element);
  const [lighter, darker] = [element.tagName === 'text' ? fill : color, behind(element)]
    .map(luminance)
    .toSorted((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

/** A text of the drawing that is wider than the card it stands in. */
function isOutside(text) {
  const plate = text.closest('svg').querySelector('.card, .pill');
  const [inner, outer] = [text, plate].map((each) => each.getBoundingClientRect());
  return inner.right > outer.right || inner.left < outer.left;
}

function look() {
  const all = [...document.querySelectorAll('body *')];
  const drawings = [...document.querySelectorAll('svg[role=img]')];
  const shown = (selector) => [...document.querySelectorAll(selector)].filter(isShown);
  return {
    scrollWidth: document.documentElement.scrollWidth,
    tags: [...new Set(all.map(({ tagName }) => tagName.toLowerCase()))],
    headings: all.filter(({ tagName }) => /^H\d$/.test(tagName)).map(({ tagName }) => Number(tagName[1])),
    findings: shown('article').filter((each) => each.getBoundingClientRect().height > 40).length,
    drawings: drawings.filter(isShown).map((each) => each.getAttribute('class')),
    undescribed: drawings.filter((each) => each.querySelector('desc').textContent.length < 20).length,
    faint: all
      .filter((each) => isShown(each) && hasText(each) && contrast(each) < 4.5)
      .map((each) => `${contrast(each).toFixed(2)} ${each.outerHTML.slice(0, 80)}`),
    outside: shown('.topology text')
      .filter(isOutside)
      .map((each) => each.textContent),
    foldedDiffs: document.querySelectorAll('.diff').length - shown('.diff').length,
    background: getComputedStyle(document.body).backgroundColor,
  };
}

look();
