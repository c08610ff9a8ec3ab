/** On a phone, what is chosen is a sheet at the bottom: a bar with the sum, which opens to the list. */

export function bindSheet(root) {
  const toggle = root.querySelector("[data-testid=sheet-toggle]");
  const set = (isOpen) => {
    root.dataset.sheet = isOpen ? "open" : "closed";
    toggle.setAttribute("aria-expanded", String(isOpen));
  };
  toggle.addEventListener("click", () => set(root.dataset.sheet !== "open"));
  root.addEventListener("keydown", (event) => event.key === "Escape" && set(false));
  root.querySelector(".map-frame").addEventListener("pointerdown", () => set(false));
  set(false);
}
