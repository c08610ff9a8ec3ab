/** The frame that is pulled around what is to be selected. */

import { between } from "./geometry.js";

/** @param from and to its corners, points of the sheet */
export function paintMarquee(context, camera, colours, from, to) {
  context.lineWidth = 1.5;
  context.strokeStyle = context.fillStyle = colours.focus;
  frame(context, camera, between([from.x, from.y], [to.x, to.y]));
  context.globalAlpha = 0.1;
  context.fill();
  context.globalAlpha = 1;
}

export function frame(context, camera, box) {
  const [left, top] = camera.toFrame(box.left, box.top);
  const [right, bottom] = camera.toFrame(box.right, box.bottom);
  context.beginPath();
  context.rect(left, top, right - left, bottom - top);
  context.stroke();
}
