/** Saves the hall, with the version that was read: nobody's changes are lost unseen. Says what stands against it. */

import { call, Refused } from "../api.js";
import { t } from "./tool-words.js";
import { toDrawing } from "./writing.js";

/**
 * Saves what is drawn, or says why not.
 * @param page the page, with its editor, its `saving`, and its notices
 * @param force whether another's changes are overwritten
 */
export async function save(page, force = false) {
  if (page.isSaving) return;
  page.forget();
  await page.check();
  if (page.name.value.trim() === "") {
    page.notice("bad", t("editor-name-missing"));
    page.name.focus();
    return;
  }
  const bad = page.editor.faults.filter((fault) => fault.level === "bad");
  if (bad.length > 0) {
    page.notice("bad", t("editor-faults-first", { count: bad.length }));
    page.root.querySelector("[data-testid=problem-list] button")?.focus();
    return;
  }
  const { doc } = page.editor;
  page.isSaving = true;
  page.toolbar.state("saving");
  try {
    await store(page.saving, doc, page.name.value.trim(), force);
    page.saved(doc);
    page.say(t("editor-said-saved"));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    refused(page, error, doc);
  } finally {
    page.isSaving = false;
    page.showState();
  }
}

/** Throws a {@link Refused}. */
async function store(saving, doc, name, force) {
  const { drawing } = toDrawing(doc);
  if (!saving.hall) {
    const made = await call("POST", `/v1/venues/${saving.venue}/halls`, { name, seat_map: drawing });
    Object.assign(saving, { hall: made.id, version: made.version, name });
    return;
  }
  const match = () => ({ headers: { "if-match": force ? "*" : `"${saving.version}"` } });
  const saved = await call("PUT", `/v1/halls/${saving.hall}/seat-map`, drawing, match());
  saving.version = saved.version;
  if (name === saving.name) return;
  const named = await call("PUT", `/v1/halls/${saving.hall}`, { name }, { headers: { "if-match": `"${saved.version}"` } });
  Object.assign(saving, { version: named.version, name });
}

function refused(page, error, doc) {
  // Somebody else saved in between.
  if (error.status === 412) {
    page.notice("warn", t("editor-conflict"), [
      [t("editor-conflict-theirs"), () => takeTheirs(page), "conflict-theirs"],
      [t("editor-conflict-mine"), () => save(page, true), "conflict-mine"],
      [t("editor-conflict-later"), () => {}, "conflict-later"],
    ]);
    return;
  }
  const faults = serverFaults(error, doc);
  if (faults.length > 0) {
    page.editor.faults = faults;
    page.editor.tell("faults");
  }
  page.notice("bad", faults.length > 0 ? t("editor-refused-faults", { count: faults.length }) : `${error.title}. ${error.message}`);
}

/** Another's hall comes as a step, so that undoing it brings back one's own. */
async function takeTheirs(page) {
  try {
    const doc = await page.saving.load();
    page.editor.change(t("editor-did-theirs"), doc);
    page.editor.savedDoc = doc;
    page.name.value = page.saving.name;
    page.draft.drop();
    page.toolbar.state("saved");
    page.notice("good", t("editor-theirs-taken"));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    page.notice("bad", `${error.title}. ${error.message}`);
  }
}

/** The faults that the server found, each with the things that it is about. */
function serverFaults(error, doc) {
  const { pointers } = toDrawing(doc);
  return (error.problem.errors ?? []).map(({ pointer, detail }) => {
    const at = pointer.replace(/^\/seat_map/, "");
    // The longest pointer that the fault's begins with.
    const found = pointers.filter(([known]) => at === known || at.startsWith(`${known}/`)).sort(([one], [other]) => other.length - one.length)[0];
    const fault = { level: "bad", key: "editor-fault-server", values: {}, ids: [], words: t("editor-fault-server", { detail, field: at.split("/").at(-1) }) };
    if (found?.[1].startsWith("section ")) return { ...fault, section: found[1].slice(8) };
    return found ? { ...fault, ids: [found[1]] } : fault;
  });
}
