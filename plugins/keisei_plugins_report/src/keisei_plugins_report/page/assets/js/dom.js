// Elements of the page. Text is always set as text: names come from files that anybody may have written.

const SVG = "http://www.w3.org/2000/svg";

/** Makes an element with attributes and children; `onclick` and the like are listeners, null children are left out. */
export function el(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value == null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child != null).map((child) => (child.nodeType ? child : String(child))));
  return element;
}

/** Makes a table; a cell that is a number, or text under a head of `numbers`, stands at the right. */
export function table(heads, rows, caption) {
  const isNumber = (value) => typeof value === "number";
  const cell = (value) => el("td", { class: isNumber(value) ? "number" : null }, isNumber(value) ? figure(value) : value);
  const numeric = heads.map((_, column) => rows.some((row) => isNumber(row[column])));
  return el(
    "table", {},
    caption ? el("caption", { class: "quiet small" }, caption) : null,
    el("thead", {}, el("tr", {}, heads.map((head, column) => el("th", { scope: "col", class: numeric[column] ? "number" : null }, head)))),
    el("tbody", {}, rows.map((row) => el("tr", {}, row.map((value) => (value == null ? el("td", {}, "–") : cell(value)))))),
  );
}

/** Writes a number as people read it. */
export function figure(value) {
  if (value == null || !Number.isFinite(value)) return "–";
  if (Number.isInteger(value)) return value.toLocaleString("en");
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(3)));
}

/** A part that is built only once it is opened. */
export function unfolding(summary, build, attributes = {}) {
  const details = el("details", attributes, el("summary", {}, summary));
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(build());
  });
  return details;
}

const FOCUSABLE = "a, button, summary, select, input, [tabindex]";

/** Puts others in the place of an element's children: what was unfolded, scrolled or had the focus is so again. */
export function refilled(host, children) {
  const open = [...host.querySelectorAll("details")].map((details) => details.open);
  const scrolled = [...host.querySelectorAll(".scroll")].map((each) => each.scrollTop);
  const focus = [...host.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement);
  host.replaceChildren(...children.filter((child) => child != null));
  open.forEach((isOpen, at) => isOpen && unfold(host.querySelectorAll("details")[at]));
  scrolled.forEach((top, at) => host.querySelectorAll(".scroll")[at]?.scrollTo(0, top));
  if (focus >= 0) host.querySelectorAll(FOCUSABLE)[focus]?.focus({ preventScroll: true });
}

/** Opens a part at once, so that what is in it can be opened too. */
function unfold(details) {
  if (!details) return;
  details.open = true;
  details.dispatchEvent(new Event("toggle"));
}
