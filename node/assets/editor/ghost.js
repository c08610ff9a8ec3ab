/** What is being drawn or resized, before it stands. */

import { boundsOf, outlinePath } from "./geometry.js";
import { layout } from "./seats.js";
import { t } from "./tool-words.js";

/** What would be drawn: its seats as rings, its outline, and how many it would be. */
export function paintGhost(context, camera, colours, ghost) {
  context.strokeStyle = context.fillStyle = colours.focus;
  context.lineWidth = 1.5;
  if (ghost.outline) {
    context.save();
    context.translate(-camera.left * camera.scale, -camera.top * camera.scale);
    context.scale(camera.scale, camera.scale);
    context.lineWidth = 1.5 / camera.scale;
    context.globalAlpha = 0.15;
    context.fill(outlinePath(ghost));
    context.globalAlpha = 1;
    context.stroke(outlinePath(ghost));
    context.restore();
  }
  const laid = layout(ghost);
  const radius = Math.max(1, camera.scale * 0.4);
  context.globalAlpha = 0.55;
  context.beginPath();
  for (let seat = 0; seat < laid.length; seat++) {
    const [x, y] = camera.toFrame(laid.x[seat], laid.y[seat]);
    // Many small ones are squares, which are drawn faster.
    if (laid.length > 1500) context.rect(x - radius, y - radius, 2 * radius, 2 * radius);
    else {
      context.moveTo(x + radius, y);
      context.arc(x, y, radius, 0, 2 * Math.PI);
    }
  }
  context.fill();
  context.globalAlpha = 1;
  paintCount(context, camera, colours, ghost);
}

/** How many seats a thing has, written below it. */
export function paintCount(context, camera, colours, ghost) {
  const laid = layout(ghost);
  const box = boundsOf(ghost);
  if (!box) return;
  const words = ghost.kind === "block" ? t("editor-count-block", { rows: laid.rows.length, seats: laid.counts[0], count: laid.length })
    : ghost.kind === "tables" ? t("editor-count-tables", { tables: laid.rows.length, count: laid.length })
    : ghost.kind === "row" ? t("editor-count-row", { count: laid.length }) : "";
  if (words) badge(context, camera, colours, words, (box.left + box.right) / 2, box.bottom);
}

function badge(context, camera, colours, words, x, y) {
  const [px, py] = camera.toFrame(x, y);
  context.font = `600 13px ${getComputedStyle(context.canvas).fontFamily}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const width = context.measureText(words).width + 20;
  const at = Math.min(camera.height - 18, py + 18);
  context.fillStyle = colours.chosen;
  context.beginPath();
  context.roundRect(px - width / 2, at - 12, width, 24, 12);
  context.fill();
  context.fillStyle = colours.onChosen;
  context.fillText(words, px, at + 0.5);
}
