// Colours and dashes of series: told apart by the colour-blind, in print too.

export const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3], [5, 2], [1, 5]];
const COUNT = 6;

/** Returns the colour of a series as the page has it now; a canvas knows no variables. */
export function seriesColour(index) {
  return colourOf(`--series-${(index % COUNT) + 1}`);
}

/** Returns a variable's colour as the page has it now. */
export function colourOf(variable) {
  const probe = document.createElement("span");
  probe.style.color = `var(${variable})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** Makes a colour lighter, for bands. */
export function faded(colour, share) {
  const [red, green, blue] = colour.match(/[\d.]+/g);
  return `rgba(${red}, ${green}, ${blue}, ${share})`;
}
