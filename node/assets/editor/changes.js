/** Changes of a document: each makes another one that shares what stayed the same. */

/** The document with more things. */
export function add(doc, things) {
  return { ...doc, things: [...doc.things, ...things] };
}

export function remove(doc, ids) {
  return { ...doc, things: doc.things.filter((thing) => !ids.has(thing.id)) };
}

/** The document with these things changed: `change(thing)` gives what it becomes, or several, or nothing. */
export function replace(doc, ids, change) {
  return { ...doc, things: doc.things.flatMap((thing) => (ids.has(thing.id) ? (change(thing) ?? []) : [thing])) };
}

/** A key made of a name, that is not taken: `Upper circle` → `upper-circle`. */
export function keyFor(name, taken) {
  const plain = name.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  const stem = plain.replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "").slice(0, 40) || "part";
  let key = stem;
  for (let nth = 2; taken.includes(key); nth++) key = `${stem}-${nth}`;
  return key;
}

/** A name that is not taken: `Stalls`, `Stalls 2`, …. */
export function nameFor(stem, taken) {
  let name = stem;
  for (let nth = 2; taken.includes(name); nth++) name = `${stem} ${nth}`;
  return name;
}

export function addSection(doc, name, facts = {}) {
  const key = keyFor(name, doc.sections.map((section) => section.key));
  return { ...doc, sections: [...doc.sections, { key, name, rank: 0, price: null, ...facts }] };
}

export function changeSection(doc, key, facts) {
  return { ...doc, sections: doc.sections.map((section) => (section.key === key ? { ...section, ...facts } : section)) };
}

/** Without a section and all that stands in it. */
export function removeSection(doc, key) {
  return { ...doc, sections: doc.sections.filter((section) => section.key !== key), things: doc.things.filter((thing) => thing.section !== key || thing.kind === "stage") };
}

export function addCategory(doc, name, color) {
  const key = keyFor(name, doc.categories.map((category) => category.key));
  return { ...doc, categories: [...doc.categories, { key, name, color }] };
}

export function changeCategory(doc, key, facts) {
  return { ...doc, categories: doc.categories.map((category) => (category.key === key ? { ...category, ...facts } : category)) };
}

/** Without a category: what it was the price of has none, until one is given. */
export function removeCategory(doc, key) {
  const drop = (price) => (price === key ? null : price);
  return {
    categories: doc.categories.filter((category) => category.key !== key),
    sections: doc.sections.map((section) => ({ ...section, price: drop(section.price) })),
    things: doc.things.map((thing) => withoutPrice(thing, key, drop)),
  };
}

function withoutPrice(thing, key, drop) {
  if (thing.kind === "stage") return thing;
  const without = { ...thing, price: drop(thing.price) };
  if (thing.kind === "row") without.seats = thing.seats.map((seat) => ({ ...seat, price: drop(seat.price) }));
  if (thing.kind === "block") {
    without.rowPrices = Object.fromEntries(Object.entries(thing.rowPrices).filter(([, price]) => price !== key));
    without.marks = Object.fromEntries(Object.entries(thing.marks).map(([place, mark]) => [place, { ...mark, price: drop(mark.price ?? null) }]));
  }
  return without;
}
