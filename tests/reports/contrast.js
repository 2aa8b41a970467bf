// Every visible piece of text with less than 4.5:1 between it and what it stands on, as sentences.
const numbers = (colour) => { const found = colour.match(/[\d.]+/g).map(Number); return found.length < 4 ? [...found, 1] : found; };
const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
const ground = (element) => {
  for (let up = element; up; up = up.parentElement) {
    const colour = numbers(getComputedStyle(up).backgroundColor);
    if (colour[3] > 0) return colour;
  }
  return [255, 255, 255, 1];
};
const under = (text) => {
  const box = text.getBoundingClientRect();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const rects = [...text.ownerSVGElement.querySelectorAll("rect")].filter((rect) => {
    const at = rect.getBoundingClientRect();
    return text.compareDocumentPosition(rect) & Node.DOCUMENT_POSITION_PRECEDING && getComputedStyle(rect).fill !== "none"
      && at.left <= x && x <= at.right && at.top <= y && y <= at.bottom;
  });
  return rects.length ? numbers(getComputedStyle(rects.at(-1)).fill) : ground(text.ownerSVGElement);
};
document.querySelectorAll("details").forEach((one) => { one.open = true; });
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const seen = new Set();
const bad = [];
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  if (seen.has(element) || !walker.currentNode.data.trim() || element.closest("title, desc")) continue;
  seen.add(element);
  const svg = element.ownerSVGElement;
  const [front, back] = svg ? [numbers(getComputedStyle(element).fill), under(element)]
    : [numbers(getComputedStyle(element).color), ground(element)];
  const found = ratio(front, back);
  if (found < 4.5) bad.push(`${found.toFixed(2)} ${element.tagName}.${element.getAttribute("class")} ${front} on ${back}`);
}
return { looked: seen.size, bad };
