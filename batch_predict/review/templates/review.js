"use strict";
// One picture after another, or many at a glance; a key decides.

const GLANCE = 50; // pictures that are looked at together
const AHEAD = 5; // pictures that are asked for before they are looked at
const PACE = 20; // decisions that the time left is reckoned from
const PAUSE_MS = 60_000; // who takes longer for one has done something else

/** The time of a `record`, in milliseconds, that goes into the file. */
function timeOf(record) {
  return record.time ?? record.at;
}

/**
 * Runs the page.
 *
 * @param facts what the page says of its run
 * @param cards what is shown of each picture: see `Card.to_json`
 * @param store keeps decisions: see browser_store.js
 * @param save hands [content, record] of all decisions to the person; null: there is no need
 * @param look gives a promise that the pictures of a card that is `pending` are there
 */
async function review(facts, cards, store, save, look = null) {
  const byContent = new Map();
  for (const card of cards) {
    if (!card.content) continue;
    byContent.set(card.content, [...(byContent.get(card.content) ?? []), card]);
  }
  let decided = new Map(); // content -> records, the last one counts
  let shown = cards; // the cards that pass the filters, in order
  let current = cards[0] ?? null;
  let gridLabel = null;
  let glance = []; // the cards of the grid
  let lastAt = 0;
  const marked = new Set(); // contents that the grid found wrong
  const pace = []; // ms of the latest decisions

  // --- what is decided

  const last = (card) => decided.get(card.content)?.at(-1);

  /** What counts for `card`: a decision, or undefined. */
  function decisionOf(card) {
    const own = last(card);
    const [decision, time] = card.settled ?? [];
    return own && !(time > timeOf(own)) ? own.decision : decision;
  }

  const isOpen = (card) => decisionOf(card) === undefined;

  /** A time later than that of every decision before, so that undo has an order. */
  function now() {
    lastAt = Math.max(Date.now(), lastAt + 1);
    return lastAt;
  }

  /** Decides on `some` cards together: [card, decision] each. */
  function decide(some) {
    const madeAt = now();
    const by = at("by").value.trim();
    const made = some.map(([card, decision]) => {
      const note = card === current && !at("one").hidden ? at("note").value.trim() : "";
      const { source } = facts;
      // It counts before what was settled, though a clock was wrong then.
      const time = Math.max(madeAt, card.settled ? card.settled[1] + 1000 : 0);
      return [card.content, { decision, at: madeAt, time, by, note, path: card.path, source }];
    });
    for (const [content, record] of made) {
      decided.set(content, [...(decided.get(content) ?? []), record]);
    }
    keep(store.add(made));
    pace.push(madeAt);
    if (pace.length > PACE) pace.shift();
  }

  /** Takes back what was decided last; returns its cards. */
  function undo() {
    const here = [...decided].filter(([content]) => byContent.has(content));
    const latest = here.reduce((time, [, records]) => Math.max(time, records.at(-1).at), 0);
    const taken = here.filter(([, records]) => records.at(-1).at === latest);
    if (!taken.length) return [];
    for (const [content, records] of taken) {
      if (records.length > 1) decided.set(content, records.slice(0, -1));
      else decided.delete(content);
    }
    keep(store.drop(taken.map(([content, records]) => [content, records.at(-1)])));
    return taken.flatMap(([content]) => byContent.get(content));
  }

  function keep(promise) {
    promise.then((kept) => {
      if (kept !== "all" || !keepsNothing) return;
      keepsNothing = false; // what could not be kept before is kept now, too
      at("warning").hidden = true;
    }, (error) => {
      keepsNothing = true;
      warn(`The last decision could not be kept (${error.message || error}). `
        + (save ? "It is lost when this page is closed: save the decisions first."
          : "It is sent again with the next one, and lost when this page is closed."));
    });
  }

  // --- which pictures are shown

  const FILTERS = {
    state: (card, value) => (value === "open") === isOpen(card),
    status: (card, value) => card.status === value,
    reason: (card, value) => card.reasons.some(([code]) => code === value),
    label: (card, value) => String(card.label) === value,
    folder: (card, value) => card.folder === value.slice(1),
    since: (card, value) => (value === "new") === card.isNew,
  };

  function fillFilters() {
    const found = {
      status: cards.map((card) => [card.status, card.status]),
      reason: cards.flatMap((card) => card.reasons.map(([code]) => [code, code.replaceAll("_", " ")])),
      label: cards.filter((card) => card.label !== null).map((card) => [`${card.label}`, `${card.label}`]),
      folder: cards.map((card) => [`/${card.folder}`, card.folder || "(top level)"]),
      since: cards.map(({ isNew }) => (isNew ? ["new", "new"] : ["known", "known before"])),
    };
    for (const [name, pairs] of Object.entries(found)) {
      const select = at(`filter-${name}`);
      for (const [value, text] of [...new Map(pairs)].sort()) select.add(new Option(text, value));
      select.parentElement.hidden = select.options.length < 3; // one value parts nothing
    }
  }

  function filter() {
    const asked = Object.entries(FILTERS).map(([name, passes]) => [passes, at(`filter-${name}`).value]);
    shown = cards.filter((card) => asked.every(([passes, value]) => !value || passes(card, value)));
    if (at("order").value === "folder") {
      shown = shown.toSorted((one, other) => (one.path < other.path ? -1 : 1));
    }
    if (!shown.includes(current)) current = shown.find(isOpen) ?? shown[0] ?? null;
    show();
  }

  /** The next card after the current one that is open, from the start again at the end. */
  function nextOpen() {
    const here = shown.indexOf(current);
    const order = [...shown.slice(here + 1), ...shown.slice(0, here)];
    return order.find(isOpen);
  }

  function go(step) {
    const to = shown[shown.indexOf(current) + step];
    if (!to) return;
    current = to;
    show();
    say(spoken(current));
  }

  // --- what a person sees

  function spoken(card) {
    const decision = decisionOf(card);
    return `${readAs(card)}. ${why(card).join(". ")}${decision ? `. Decided: ${words(decision)}` : ""}`;
  }

  function readAs(card) {
    if (card.status === "failed") return "It failed";
    if (card.label === null) return card.status === "decided" ? "Nothing was read" : "Nothing written was found";
    return `Read as ${card.label}, ${percent(card.confidence)} sure`;
  }

  function percent(share) {
    return `${(100 * share).toFixed(share > 0.995 ? 2 : 0)}%`;
  }

  function why(card) {
    const reasons = card.reasons.map(([code, text]) => `${code.replaceAll("_", " ")}: ${text}`);
    if (!card.content) reasons.push("its file can't be read now, so nothing can be decided on it");
    if (card.hasChanged) reasons.push("its file was written to after the run began: what was read may be another picture");
    return reasons;
  }

  function picture(id, source, alternative) {
    const image = at(id);
    image.hidden = !source;
    if (source) image.src = source;
    else image.removeAttribute("src");
    image.alt = source ? alternative : "";
  }

  function show() {
    showProgress();
    if (!at("grid").hidden) showGrid();
    else showOne();
  }

  function showProgress() {
    const open = cards.filter((card) => card.content && isOpen(card)).length;
    const of = cards.filter((card) => card.content).length;
    at("bar").max = of || 1;
    at("bar").value = of - open;
    const savedAt = Number(remembered(`saved:${facts.source}`));
    const unsaved = [...decided.values()].filter((records) => records.at(-1).at > savedAt).length;
    at("save").textContent = unsaved ? `Save (${unsaved})` : "Save";
    at("counted").textContent = `${of - open} of ${of} decided${timeLeft(open)}`;
  }

  function timeLeft(open) {
    const gaps = pace.slice(1).map((time, index) => time - pace[index]).filter((gap) => gap < PAUSE_MS);
    if (gaps.length < 4 || !open) return "";
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const minutes = Math.ceil((open * mean) / 60_000);
    return `, about ${minutes} min left`;
  }

  function showOne() {
    const card = current;
    at("card").hidden = at("pad").hidden = !card;
    const allDone = card && cards.every((each) => !each.content || !isOpen(each));
    at("none").hidden = Boolean(card) && !allDone;
    at("none").textContent = allDone
      ? `Everything here is decided.${save ? " Save the decisions now." : ""}`
      : cards.length ? "No picture passes these filters." : "There is no picture here.";
    if (!card) return;
    picture("original", card.original, `The picture ${card.name} as it was found`);
    at("zoom-open").hidden = !card.original;
    at("not-shown").hidden = Boolean(card.original);
    at("not-shown").textContent = card.pending ? "…" : card.content ? "it can't be shown" : "it can't be read";
    picture("maps", card.maps, "What is marked on it: the digit's ink in white, other writing in orange, print in blue");
    at("maps-figure").hidden = !card.maps;
    picture("prepared", card.prepared, "The same picture as the model saw it, 28 by 28 pixels");
    at("prepared-figure").hidden = !card.prepared;
    at("read").textContent = readAs(card);
    at("why").replaceChildren(...why(card).map((text) => element("li", text)));
    at("readings").textContent = card.readings.length
      ? `Looked at again: ${card.readings.map(([kind, ...answer]) => `${kind}: ${answer.join(", ")}`).join("; ")}.` : "";
    at("path").textContent = card.name;
    const decision = decisionOf(card);
    at("decided").textContent = decision === undefined ? "" : `Decided: ${words(decision)}`;
    showNote(last(card)?.note ?? card.settled?.[2] ?? "");
    at("accept").textContent = card.label === null ? "Accept" : `Accept ${card.label}`;
    for (const button of document.querySelectorAll("#pad [data-key]")) {
      const { key } = button.dataset;
      button.disabled = !["s", "u", "ArrowLeft", "ArrowRight"].includes(key) && !meaning(card, key);
      button.setAttribute("aria-pressed", String(decision !== undefined && meaning(card, key) === decision && key !== "Enter"));
      button.classList.toggle("read", key === String(card.label));
    }
    at("ignore").hidden = !mayBeBroken(card);
    const here = shown.indexOf(card);
    if (card.pending) look(card).then(() => card === current && !card.pending && showOne());
    for (const following of shown.slice(here + 1, here + 1 + AHEAD)) {
      if (following.pending) look(following);
    }
    decodeAhead(shown[here + 1]?.original);
  }

  function element(name, text, attributes = {}) {
    const made = document.createElement(name);
    made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }

  // --- many at a glance

  function showGrid() {
    const open = shown.filter((card) => card.label !== null && card.content && isOpen(card) && !marked.has(card.content));
    const labels = [...new Set(open.map((card) => card.label))].sort();
    if (!labels.includes(gridLabel)) gridLabel = labels[0] ?? null;
    at("digits-read").replaceChildren(...labels.map((label) => {
      const count = open.filter((card) => card.label === label).length;
      const button = element("button", `${label} (${count})`, { type: "button", "aria-pressed": label === gridLabel });
      button.addEventListener("click", () => { gridLabel = label; showGrid(); });
      return button;
    }));
    const same = open.filter((card) => card.label === gridLabel);
    glance = same.slice(0, GLANCE);
    at("tiles").replaceChildren(...glance.map(tile));
    at("accept-rest").hidden = !glance.length;
    at("grid-words").textContent = glance.length
      ? `${glance.length} of ${same.length} read as ${gridLabel}, the most doubtful first. Click those that are wrong; they stay to be decided one by one.`
      : "No open picture was read as a digit here.";
    countRest();
  }

  function tile(card, index) {
    const item = document.createElement("li");
    const button = element("button", "", { type: "button", "aria-pressed": "false", tabindex: index ? -1 : 0 });
    const image = element("img", "", { alt: `${card.name}, ${percent(card.confidence)} sure`, src: card.original ?? card.prepared ?? "" });
    if (card.pending) look(card).then(() => image.setAttribute("src", card.original ?? card.prepared ?? ""));
    button.append(image, element("span", percent(card.confidence)));
    button.addEventListener("click", () => toggle(button, card));
    button.addEventListener("focus", () => {
      for (const other of at("tiles").querySelectorAll("button")) other.tabIndex = other === button ? 0 : -1;
    });
    item.append(button);
    return item;
  }

  function toggle(button, card) {
    if (marked.has(card.content)) marked.delete(card.content);
    else marked.add(card.content);
    button.setAttribute("aria-pressed", String(marked.has(card.content)));
    countRest();
  }

  function countRest() {
    const rest = glance.filter((card) => !marked.has(card.content)).length;
    at("accept-rest").textContent = `Accept the other ${rest} as ${gridLabel}`;
    if (rest === glance.length) at("accept-rest").textContent = `Accept all ${rest} as ${gridLabel}`;
  }

  function acceptRest() {
    const rest = glance.filter((card) => !marked.has(card.content));
    if (rest.length) decide(rest.map((card) => [card, String(card.label)]));
    show();
    say(`${rest.length} accepted as ${rest[0]?.label}. ${at("grid-words").textContent}`);
    at("tiles").querySelector("button")?.focus();
  }

  function moveInGrid(key) {
    const tiles = [...at("tiles").querySelectorAll("button")];
    const here = tiles.indexOf(document.activeElement);
    const inRow = tiles.filter((each) => each.offsetTop === tiles[0].offsetTop).length;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -inRow, ArrowDown: inRow }[key];
    (here < 0 ? tiles[0] : tiles[here + step])?.focus();
  }

  // --- keys

  /** The decision that `key` stands for on `card`, or undefined. */
  function meaning(card, key) {
    if (!card?.content) return undefined;
    if (/^[0-9]$/.test(key)) return key;
    if (key === "Enter") return card.label !== null ? String(card.label) : card.status === "blank" ? "blank" : undefined;
    if (key === "i") return mayBeBroken(card) ? "ignore" : undefined;
    return { n: "none", b: "blank" }[key];
  }

  /** It failed, or it may have, before something else was decided. */
  function mayBeBroken(card) {
    return card.status === "failed" || (card.status === "decided" && card.label === null);
  }

  function press(key) {
    if (key === "u" || key === "Backspace") {
      const cardsBack = undo();
      const first = cardsBack.find((card) => shown.includes(card)) ?? cardsBack[0];
      if (first) {
        current = first;
        if (!shown.includes(first)) clearFilters();
      }
      show();
      say(first ? `Undone. ${spoken(first)}` : "There is nothing to undo.");
      return true;
    }
    if (key === "g") return view(at("grid").hidden);
    if (!at("grid").hidden) return pressInGrid(key);
    if (key === "ArrowLeft" || key === "ArrowUp") return go(-1) ?? true;
    if (key === "ArrowRight" || key === "ArrowDown") return go(1) ?? true;
    if (key === "+" || key === "=") return zoomIn(current);
    if (key === "c") return at("note").focus() ?? true;
    if (key === "s") {
      current = nextOpen() ?? current;
      show();
      say(`Skipped. ${spoken(current)}`);
      return true;
    }
    const decision = meaning(current, key);
    if (decision === undefined) return false;
    decide([[current, decision]]);
    const following = nextOpen();
    if (following) current = following;
    show();
    say(`Decided: ${words(decision)}. ${following ? spoken(following) : at("none").textContent}`);
    return true;
  }

  function pressInGrid(key) {
    if (key.startsWith("Arrow")) return moveInGrid(key) ?? true;
    if (key === "Enter") return acceptRest() ?? true;
    const index = [...at("tiles").querySelectorAll("button")].indexOf(document.activeElement);
    const card = glance[index];
    if (!card) return false;
    if (key === "x" || key === " ") return document.activeElement.click() ?? true;
    if (key === "+" || key === "=") return zoomIn(card);
    const decision = meaning(card, key);
    if (decision === undefined) return false;
    decide([[card, decision]]);
    show();
    (at("tiles").querySelectorAll("button")[index] ?? at("accept-rest")).focus();
    say(`Decided: ${words(decision)}`);
    return true;
  }

  function view(isGrid) {
    at("grid").hidden = !isGrid;
    at("one").hidden = isGrid;
    at("view-grid").setAttribute("aria-pressed", String(isGrid));
    at("view-one").setAttribute("aria-pressed", String(!isGrid));
    show();
    if (isGrid) at("tiles").querySelector("button")?.focus();
    return true;
  }

  function zoomIn(card) {
    return zoom(card?.original, `The picture ${card?.name}, enlarged`);
  }

  function clearFilters() {
    at("filters").reset();
    filter();
  }

  window.addEventListener("beforeprint", () => {
    at("printed").replaceChildren(...shown.map(printed));
    at("printed").hidden = false;
  });
  window.addEventListener("afterprint", () => {
    at("printed").replaceChildren();
    at("printed").hidden = true;
  });

  function printed(card) {
    const item = element("figure", "");
    const source = card.original ?? card.prepared;
    if (source) item.append(element("img", "", { src: source, alt: "" }));
    const decision = decisionOf(card);
    item.append(element("figcaption", `${card.name}: ${readAs(card)}. ${decision === undefined ? "Open" : `Decided: ${words(decision)}`}.`));
    return item;
  }

  // --- the beginning

  async function load() {
    decided = await store.load(new Set(byContent.keys()));
    for (const records of decided.values()) lastAt = Math.max(lastAt, records.at(-1).at);
  }

  await opened();
  try {
    store.check();
    await load();
    store.watch?.(() => load().then(show));
  } catch (error) {
    warnOfStorage(error, "decisions");
  }

  takeKeys(press);
  at("view-one").addEventListener("click", () => view(false));
  at("view-grid").addEventListener("click", () => view(true));
  at("zoom-open").addEventListener("click", () => zoomIn(current));
  at("accept-rest").addEventListener("click", acceptRest);
  at("grid-undo").addEventListener("click", () => press("u"));
  at("filters").addEventListener("change", (event) => {
    if (event.target.id !== "by") filter();
  });
  at("filters").addEventListener("submit", (event) => event.preventDefault());
  at("note").addEventListener("change", () => {
    const card = current;
    const record = last(card);
    if (!record) return; // it goes with the decision
    const changedAt = now();
    const time = Math.max(changedAt, timeOf(record));
    const changed = { ...record, note: at("note").value.trim(), at: changedAt, time };
    decided.get(card.content).push(changed);
    keep(store.add([[card.content, changed]]));
  });
  at("by").addEventListener("change", () => remember("by", at("by").value.trim()));
  at("save").hidden = !save;
  at("save").addEventListener("click", () => {
    save([...decided].map(([content, records]) => [content, records.at(-1)]).sort((one, other) => one[1].at - other[1].at));
    remember(`saved:${facts.source}`, String(lastAt));
    keepsNothing = false;
    showProgress();
    say(`${facts.saved_name} is among your downloads.`);
  });
  at("by").value = remembered("by");
  at("options").open = window.innerWidth > 768;
  fillFilters();
  current = cards.find(isOpen) ?? cards[0] ?? null;
  filter();
  ready();
}
