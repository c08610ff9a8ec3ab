/** The editor's icons: paths on a field of 20. */

const PATHS = {
  "align-left": "M3 3v14M6 6h11M6 12h7",
  "align-centre": "M10 3v14M4 6h12M6 13h8",
  "align-right": "M17 3v14M3 6h11M7 12h7",
  "align-top": "M3 3h14M6 6v11M12 6v7",
  "align-middle": "M3 10h14M6 4v12M13 6v8",
  "align-bottom": "M3 17h14M6 3v11M12 7v7",
  "distribute-x": "M3 3v14M17 3v14M8 6h4v8H8z",
  "distribute-y": "M3 3h14M3 17h14M6 8v4h8V8z",
  duplicate: "M7 7h10v10H7zM13 7V3H3v10h4",
  mirror: "M10 3v14M7 6 3 14h4zM13 6l4 8h-4z",
  "turn-left": "M5 9a6 6 0 1 1 1 6M5 4v5h5",
  "turn-right": "M15 9a6 6 0 1 0-1 6M15 4v5h-5",
  brush: "M15.500 3l1.500 1.500-8 8L7 11zM7 11c-3 0-2.500 3-3.500 5 3.500 1 6.500 0 5.500-3.500",
  cross: "M4 4l12 12M16 4L4 16",
  remove: "M4 6h12M8 6V4h4v2M6 6l1 11h6l1-11",
};

const SVG = "http://www.w3.org/2000/svg";

export function icon(name, side = 20) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [attribute, value] of [["width", side], ["height", side], ["viewBox", "0 0 20 20"], ["aria-hidden", "true"]]) svg.setAttribute(attribute, value);
  const path = document.createElementNS(SVG, "path");
  for (const [attribute, value] of [["d", PATHS[name]], ["fill", "none"], ["stroke", "currentColor"], ["stroke-width", 1.6], ["stroke-linecap", "round"], ["stroke-linejoin", "round"]]) path.setAttribute(attribute, value);
  svg.append(path);
  return svg;
}
