/** Makes elements without markup in text: what is shown is never read as HTML. */

/** `make("p", { class: "soft", onclick }, "text", child)` */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (attribute.startsWith("on")) element.addEventListener(attribute.slice(2), value);
    else element.setAttribute(attribute, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

/** Says something to screen readers, without showing it. */
export function announcer(element) {
  let pending = 0;
  return (text) => {
    clearTimeout(pending);
    element.textContent = "";
    // A change of text that follows the emptying is read even if the text is the same again.
    pending = setTimeout(() => (element.textContent = text), 50);
  };
}
