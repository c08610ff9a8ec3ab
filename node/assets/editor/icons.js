/** Icons: paths on a field of 20. */

export const BRUSH = "M15.500 3l1.500 1.500-8 8L7 11zM7 11c-3 0-2.500 3-3.500 5 3.500 1 6.500 0 5.500-3.500";
export const CROSS = "M4 4l12 12M16 4L4 16";

const SVG = "http://www.w3.org/2000/svg";

export function icon(path, side = 20) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [attribute, value] of [["width", side], ["height", side], ["viewBox", "0 0 20 20"], ["aria-hidden", "true"]]) svg.setAttribute(attribute, value);
  const line = document.createElementNS(SVG, "path");
  for (const [attribute, value] of [["d", path], ["fill", "none"], ["stroke", "currentColor"], ["stroke-width", 1.6], ["stroke-linecap", "round"], ["stroke-linejoin", "round"]]) line.setAttribute(attribute, value);
  svg.append(line);
  return svg;
}
