/**
 * Suggestions under the search box, as somebody types: a combobox with a list, by the pattern of the ARIA practices. Without
 * this script the box is a plain form.
 */

import { make } from "./elements.js";
import { t } from "./texts.js";

const PAUSE_MS = 80;

for (const box of document.querySelectorAll("[data-search-box]")) start(box);

function start(form) {
  const input = form.querySelector("input[name=q]");
  const list = make("ul", { class: "suggestions", role: "listbox", id: "suggestions", "aria-label": t("suggestions"), hidden: true });
  form.append(list);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", list.id]]) {
    input.setAttribute(name, value);
  }
  let asked = new AbortController();
  let pending = 0;
  let chosen = -1;
  /** What was asked before, so that deleting a letter asks nothing. */
  const known = new Map();

  input.addEventListener("input", () => {
    clearTimeout(pending);
    pending = setTimeout(suggest, PAUSE_MS);
  });
  input.addEventListener("keydown", (event) => {
    const options = [...list.children];
    if (event.key === "Escape" && !list.hidden) {
      close();
      event.preventDefault();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && options.length > 0) {
      if (list.hidden) open();
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose((Math.max(chosen, step > 0 ? -1 : 0) + step + options.length) % options.length);
      event.preventDefault();
    } else if (event.key === "Enter" && chosen >= 0 && !list.hidden) {
      event.preventDefault();
      location.assign(options[chosen].dataset.path);
    }
  });
  // A click on a suggestion takes the focus away first.
  input.addEventListener("blur", () => setTimeout(close, 150));

  async function suggest() {
    const typed = input.value.trim();
    if (typed.length < 2) return close();
    asked.abort();
    asked = new AbortController();
    let items = known.get(typed);
    if (!items) {
      try {
        const answer = await fetch(`/v1/suggest?q=${encodeURIComponent(typed)}`, { signal: asked.signal });
        if (!answer.ok) return close();
        ({ items } = await answer.json());
      } catch {
        // Another letter was typed, or nobody answers: the box works without suggestions.
        return;
      }
      known.set(typed, items);
    }
    if (input.value.trim() !== typed) return;
    show(items);
  }

  function show(items) {
    chosen = -1;
    list.replaceChildren(
      ...items.map(({ text, what, path }, index) =>
        make(
          "li",
          { role: "option", id: `suggestion-${index}`, "aria-selected": "false", "data-path": path, onmousedown: () => location.assign(path) },
          make("span", {}, text),
          make("span", { class: "soft small" }, t(`what-${what}`)),
        ),
      ),
    );
    if (items.length > 0 && document.activeElement === input) open();
    else close();
  }

  function choose(index) {
    chosen = index;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    input.setAttribute("aria-activedescendant", list.children[index].id);
  }

  function open() {
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  }

  function close() {
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }
}
