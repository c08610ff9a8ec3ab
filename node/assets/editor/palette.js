/**
 * Colours for price categories. They are told apart by people who see red and green alike (after Okabe and Ito, and Paul
 * Tol), stand out on a light and on a dark ground, and follow each other with the greatest differences first.
 */
export const COLOURS = ["#3b6fd4", "#d98a1f", "#1f9a82", "#b3446c", "#7a5bc7", "#5a9bd5", "#8a8f2a", "#c8553d", "#2f7d4f", "#9a6b4f"];

/** The first colour that no category has. */
export function freeColour(categories) {
  const taken = new Set(categories.map((category) => category.color));
  return COLOURS.find((colour) => !taken.has(colour)) ?? COLOURS[categories.length % COLOURS.length];
}
