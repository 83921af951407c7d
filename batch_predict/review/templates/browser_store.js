"use strict";
// A store keeps what was decided, as it is decided. It holds records by content, the sha256 of a
// file's bytes: { decision, at, time, by, note, path, source }, where `at` is when it was made, in
// milliseconds, `time` what the file says of that (see `timeOf`), and `source` the run. Of one content
// there may be several, in order: the last one counts.
//
// Each method gives a promise; `load` of a Map from content to its records.

/** Keeps them in this browser, so that a reload or a page made anew finds them. */
class BrowserStore {
  static #MARK = "batch_predict.decided:";

  /** `source` is the run whose decisions are wanted, whatever page they were made on. */
  constructor(source) {
    this.source = source;
  }

  /** Throws where this browser keeps nothing. */
  check() {
    checkStorage();
  }

  /** Calls `changed` when another tab has decided something. */
  watch(changed) {
    window.addEventListener("storage", ({ key }) => key?.startsWith(BrowserStore.#MARK) && changed());
  }

  async load(contents) {
    const found = new Map();
    for (let index = 0; index < localStorage.length; index++) {
      const key = localStorage.key(index);
      if (!key.startsWith(BrowserStore.#MARK)) continue;
      const content = key.slice(BrowserStore.#MARK.length);
      const records = this.#records(content);
      if (!records.length) continue;
      if (contents.has(content) || records.some((record) => record.source === this.source)) {
        found.set(content, records);
      }
    }
    return found;
  }

  async add(decided) {
    for (const [content, record] of decided) {
      this.#keep(content, [...this.#records(content), record]);
    }
  }

  async drop(decided) {
    for (const [content, record] of decided) {
      this.#keep(content, this.#records(content).filter((each) => each.at !== record.at));
    }
  }

  #records(content) {
    try {
      const records = JSON.parse(localStorage.getItem(BrowserStore.#MARK + content));
      return Array.isArray(records) ? records.filter(BrowserStore.#isRecord) : [];
    } catch {
      return []; // no decision of ours
    }
  }

  /** Browsers share what they keep among all pages that are files: not all of it may be ours. */
  static #isRecord(record) {
    const texts = [record?.decision, record?.by, record?.note, record?.path];
    return Number.isFinite(record?.at) && Number.isFinite(timeOf(record)) && texts.every((text) => typeof text === "string");
  }

  #keep(content, records) {
    const key = BrowserStore.#MARK + content;
    if (records.length) localStorage.setItem(key, JSON.stringify(records));
    else localStorage.removeItem(key);
  }
}
