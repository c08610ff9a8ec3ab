/** Keys that work everywhere on the page, except in what one writes in. */

const TOOLS = { v: "select", s: "seats", h: "hand", r: "block", c: "curve", l: "row", t: "tables", a: "area", g: "stage", b: "brush" };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @param on `{ tool() gives the tool in use, act(name, ...) changes the hall by actions.js, save, fit, zoom(factor) }` */
export function listen(editor, on) {
  addEventListener("keydown", (event) => {
    const isWriting = event.target.closest?.("input:not([type=checkbox]):not([type=color]):not([type=range]), select, textarea, dialog") !== null && event.target !== document.body;
    const isCommand = event.ctrlKey || event.metaKey;
    if (isCommand && event.key.toLowerCase() === "s") {
      event.preventDefault();
      on.save();
      return;
    }
    if (isWriting || event.altKey) return;
    const isDone = isCommand ? command(editor, event, on) : plain(editor, event, on);
    if (isDone) event.preventDefault();
  });
}

function command(editor, event, on) {
  const key = event.key.toLowerCase();
  const acts = { a: "selectAll", d: "duplicate", c: "copy", v: "paste" };
  if (key === "z" && !event.shiftKey) editor.undo();
  else if (key === "y" || key === "z") editor.redo();
  // What is marked as text is copied as text.
  else if (!acts[key] || (key === "c" && String(getSelection()) !== "")) return false;
  else on.act(acts[key]);
  return true;
}

function plain(editor, event, on) {
  if (on.tool().key?.(event)) return true;
  const arrow = ARROWS[event.key];
  if (arrow && editor.selected.size > 0) {
    const step = event.shiftKey ? 1 : 0.1;
    on.act("nudge", arrow[0] * step, arrow[1] * step);
    return true;
  }
  if (event.key === "Delete" || event.key === "Backspace") on.act("removeSelected");
  else if (event.key === "Escape") escape(editor, on);
  else if (event.key === "+" || event.key === "=") on.zoom(1.4);
  else if (event.key === "-") on.zoom(1 / 1.4);
  else if (event.key === "0") on.fit();
  else if (TOOLS[event.key.toLowerCase()]) editor.use(TOOLS[event.key.toLowerCase()]);
  else return false;
  return true;
}

function escape(editor, on) {
  on.tool().cancel?.();
  if (editor.tool !== "select") editor.use("select");
  else editor.clear();
}
