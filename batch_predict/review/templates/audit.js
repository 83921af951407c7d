"use strict";
// The page of an audit: one picture after another, in the order drawn; nothing is said of any.

{
  const { facts, header, asked } = JSON.parse(document.getElementById("data").textContent);
  const cards = JSON.parse(document.getElementById("cards").textContent);
  const at = (id) => document.getElementById(id);
  const WORDS = { none: "no digit", cant_tell: "can't tell" };
  const OTHERS = { n: "none", t: "cant_tell" };
  // By the plan that was drawn, who answers (a second person sees none of the first one's answers),
  // and the place in the order: a picture that comes twice is asked twice.
  const BY = `batch_predict.audited:${facts.source}:by`;
  const keyOf = (place) => `batch_predict.audited:${facts.source}:${place}:${by}`;
  const answers = new Map(); // place -> { answer, at, by, note, before }; `before` as it was, or null
  let current = 0;
  let by = "";
  let keepsNothing = false;
  let lastAt = 0;

  const card = () => cards[asked[current]];
  const words = (answer) => WORDS[answer] ?? answer;

  function warn(text) {
    at("warning").textContent = text;
    at("warning").hidden = false;
  }

  function keep(place) {
    try {
      if (answers.has(place)) localStorage.setItem(keyOf(place), JSON.stringify(answers.get(place)));
      else localStorage.removeItem(keyOf(place));
    } catch (error) {
      keepsNothing = true;
      warn(`This browser can't keep the last answer (${error.message || error}): save before you close this page.`);
    }
  }

  /** Takes up what this browser has of the person who answers. */
  function load() {
    answers.clear();
    for (const place of asked.keys()) {
      const kept = JSON.parse(localStorage.getItem(keyOf(place)));
      if (kept) answers.set(place, kept);
      lastAt = Math.max(lastAt, kept?.at ?? 0);
    }
  }

  function give(answer) {
    lastAt = Math.max(Date.now(), lastAt + 1); // so that undo has an order
    const before = answers.get(current) ?? null;
    answers.set(current, { answer, at: lastAt, by, note: at("note").value.trim(), before });
    keep(current);
    at("note").value = "";
    current = nextOpen(current) ?? current;
    show();
    at("live").textContent = `Answered: ${words(answer)}. ${at("counted").textContent}.`;
  }

  function undo() {
    const latest = [...answers].reduce((one, other) => (other[1].at > (one?.[1].at ?? 0) ? other : one), null);
    if (!latest) return;
    const [place, { before }] = latest;
    if (before) answers.set(place, before);
    else answers.delete(place);
    keep(place);
    current = place;
    show();
    at("live").textContent = "Undone.";
  }

  /** The first place after `place` that has no answer, else the first of all; null: there is none. */
  function nextOpen(place) {
    const open = asked.map((_, index) => index).filter((index) => !answers.has(index));
    return open.find((index) => index > place) ?? open[0] ?? null;
  }

  function show() {
    at("original").src = card().original;
    const given = answers.get(current);
    at("decided").textContent = given ? `Answered: ${words(given.answer)}` : "";
    at("note").value = given?.note ?? "";
    at("bar").value = answers.size / asked.length;
    at("counted").textContent = `${answers.size} of ${asked.length} answered`;
    const isDone = answers.size === asked.length;
    at("none").hidden = !isDone;
    at("none").textContent = isDone ? "All are answered: save the answers." : "";
    for (const button of document.querySelectorAll("#pad [data-key]")) {
      const { key } = button.dataset;
      button.setAttribute("aria-pressed", String(Boolean(given) && (OTHERS[key] ?? key) === given.answer));
    }
    at("by-shown").textContent = by;
    const following = cards[asked[current + 1]];
    if (following) new Image().src = following.original; // decoded by the time it is shown
  }

  function press(key) {
    if (/^[0-9]$/.test(key)) give(key);
    else if (OTHERS[key]) give(OTHERS[key]);
    else if (key === "u" || key === "Backspace") undo();
    else if (key === "ArrowLeft" || key === "ArrowRight") {
      current = Math.min(Math.max(current + (key === "ArrowLeft" ? -1 : 1), 0), asked.length - 1);
      show();
    } else if (key === "+" || key === "=") zoom();
    else if (key === "?") at("help").showModal();
    else if (key === "c") at("note").focus();
    else return false;
    return true;
  }

  function zoom() {
    at("zoomed").src = card().original;
    at("zoomed").alt = "The picture, enlarged";
    at("zoom").showModal();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { key, target } = event;
    const open = document.querySelector("dialog[open]");
    if (open) {
      if (open.id !== "who" && ["+", "?", "="].includes(key)) open.close();
      return;
    }
    if (target.matches("input")) {
      if (key === "Escape" || key === "Enter") {
        target.blur();
        event.preventDefault();
      }
      return;
    }
    if ((key === "Enter" || key === " ") && target.matches("button")) return;
    if (event.repeat && !key.startsWith("Arrow")) return; // a key held down answers once
    if (press(key)) event.preventDefault();
  });
  at("pad").addEventListener("click", (event) => {
    const button = event.target.closest("[data-key]");
    if (!button) return;
    press(button.dataset.key);
    if (event.detail) button.blur(); // of a pointer: the next Enter is not this button's
  });
  at("note").addEventListener("change", () => {
    const given = answers.get(current);
    if (!given) return; // it goes with the answer
    answers.set(current, { ...given, note: at("note").value.trim() });
    keep(current);
  });
  at("by-shown").addEventListener("click", () => {
    at("by").value = by;
    at("who").showModal();
    at("by").select();
  });
  at("zoom-open").addEventListener("click", zoom);
  at("help-open").addEventListener("click", () => at("help").showModal());
  at("save").addEventListener("click", () => {
    const utf8 = new TextDecoder("utf-8", { ignoreBOM: true }); // a name may begin with one
    const pathOf = (text) => utf8.decode(Uint8Array.from(atob(text), (each) => each.charCodeAt(0)));
    const lines = [...answers].sort(([one], [other]) => one - other).map(([place, given]) => {
      const { path, content } = cards[asked[place]];
      return csvLine([pathOf(path), content, given.answer, utcSeconds(given.at), given.by, given.note]);
    });
    download(facts.decisions_name, [header, ...lines].join(""));
    keepsNothing = false;
    at("live").textContent = `${facts.decisions_name} is among your downloads.`;
  });
  window.addEventListener("beforeunload", (event) => {
    if (keepsNothing) event.preventDefault();
  });
  at("who").addEventListener("cancel", (event) => event.preventDefault()); // an answer has its person
  at("who").addEventListener("close", () => {
    if (!by) at("who").showModal();
  });
  at("who").querySelector("form").addEventListener("submit", () => { // before any key goes to the page
    const before = by;
    by = at("by").value.trim() || before;
    if (by === before) return;
    try {
      localStorage.setItem(BY, by);
      load();
    } catch {
      // It is asked for again; that answers can't be kept is said.
    }
    current = nextOpen(-1) ?? 0;
    show();
  });

  try {
    localStorage.setItem("batch_predict.probe", "1");
    localStorage.removeItem("batch_predict.probe");
    by = localStorage.getItem(BY) ?? "";
    load();
    window.addEventListener("storage", () => { // another tab answered
      load();
      show();
    });
  } catch (error) {
    keepsNothing = true;
    warn(`This browser keeps nothing for this page (${error.message || error}), as in a private window: save the answers before you close it.`);
  }
  current = nextOpen(-1) ?? 0;
  show();
  if (!by) at("who").showModal();
}
