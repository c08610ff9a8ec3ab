/** Buttons that copy what stands in a field: `data-copy` names it, `data-done` is what the button says afterwards. */

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const words = button.textContent;
  let shown = 0;
  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  field.addEventListener("focus", () => field.select());
  button.addEventListener("click", async () => {
    if (!(await copy(field))) return;
    button.textContent = button.dataset.done;
    clearTimeout(shown);
    shown = setTimeout(() => (button.textContent = words), 4_000);
  });
}

/** Pages without encryption have no clipboard; there the field's selection is copied. */
async function copy(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.focus();
    field.select();
    return document.execCommand("copy");
  }
}
