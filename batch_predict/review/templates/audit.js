"use strict";
// The page of an audit: one picture after another, in the order drawn; nothing is said of any.

{
  const { facts, header, asked } = read("data");
  const cards = read("cards");
  const OTHERS = { n: "none", t: "cant_tell" };
  // By the plan that was drawn, who answers (a second person sees none of the first one's answers),
  // and the place in the order: a picture that comes twice is asked twice.
  const BY = `audited:${facts.source}:by`;
  const nameOf = (place) => `audited:${facts.source}:${place}:${by}`;
  const answers = new Map(); // place -> { answer, at, by, note, before }; `before` as it was, or null
  let current = 0;
  let by = "";
  let lastAt = 0;

  const card = () => cards[asked[current]];

  function keep(place) {
    try {
      const key = REMEMBERED + nameOf(place);
      if (answers.has(place)) localStorage.setItem(key, JSON.stringify(answers.get(place)));
      else localStorage.removeItem(key);
    } catch (error) {
      keepsNothing = true;
      warn(`This browser can't keep the last answer (${error.message || error}): save before you close this page.`);
    }
  }

  /** Takes up what this browser has of the person who answers. */
  function load() {
    answers.clear();
    for (const place of asked.keys()) {
      const kept = keptAt(place);
      if (!kept) continue;
      answers.set(place, kept);
      lastAt = Math.max(lastAt, kept.at);
    }
  }

  /** The answer of ours that this browser has for `place`, if any. */
  function keptAt(place) {
    try {
      const kept = JSON.parse(remembered(nameOf(place)));
      return kept.answer && Number.isFinite(kept.at) ? kept : null;
    } catch {
      return null;
    }
  }

  function give(answer) {
    lastAt = Math.max(Date.now(), lastAt + 1); // so that undo has an order
    const before = answers.get(current) ?? null;
    answers.set(current, { answer, at: lastAt, by, note: at("note").value.trim(), before });
    keep(current);
    current = nextOpen(current) ?? current;
    show();
    say(`Answered: ${words(answer)}. ${at("counted").textContent}.`);
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
    say("Undone.");
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
    showNote(given?.note ?? "");
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
    decodeAhead(cards[asked[current + 1]]?.original);
  }

  function press(key) {
    if (/^[0-9]$/.test(key)) give(key);
    else if (OTHERS[key]) give(OTHERS[key]);
    else if (key === "u" || key === "Backspace") undo();
    else if (key === "ArrowLeft" || key === "ArrowRight") {
      current = Math.min(Math.max(current + (key === "ArrowLeft" ? -1 : 1), 0), asked.length - 1);
      show();
    } else if (key === "+" || key === "=") zoomIn();
    else if (key === "c") at("note").focus();
    else return false;
    return true;
  }

  function zoomIn() {
    zoom(card().original, "The picture, enlarged");
  }

  at("note").addEventListener("change", () => {
    const given = answers.get(current);
    if (!given) return; // it goes with the answer
    answers.set(current, { ...given, note: at("note").value.trim() });
    keep(current);
  });
  at("by-shown").addEventListener("click", () => {
    at("by").value = by;
    dialog("who");
    at("by").select();
  });
  at("zoom-open").addEventListener("click", zoomIn);
  at("save").addEventListener("click", () => {
    const utf8 = new TextDecoder("utf-8", { ignoreBOM: true }); // a name may begin with one
    const pathOf = (text) => utf8.decode(Uint8Array.from(atob(text), (each) => each.charCodeAt(0)));
    const lines = [...answers].sort(([one], [other]) => one - other).map(([place, given]) => {
      const { path, content } = cards[asked[place]];
      return csvLine([pathOf(path), content, given.answer, utcSeconds(given.at), given.by, given.note]);
    });
    download(facts.saved_name, [header, ...lines].join(""));
    keepsNothing = false;
    say(`${facts.saved_name} is among your downloads.`);
  });
  at("who").addEventListener("cancel", (event) => event.preventDefault()); // an answer has its person
  at("who").addEventListener("close", () => {
    if (!by) dialog("who");
  });
  at("who").querySelector("form").addEventListener("submit", () => { // before any key goes to the page
    const before = by;
    by = at("by").value.trim() || before;
    if (by === before) return;
    remember(BY, by);
    load();
    current = nextOpen(-1) ?? 0;
    show();
  });

  opened().then(() => {
    try {
      checkStorage();
      by = remembered(BY);
      load();
      window.addEventListener("storage", () => { // another tab answered
        load();
        show();
      });
    } catch (error) {
      warnOfStorage(error, "answers");
    }
    takeKeys(press);
    current = nextOpen(-1) ?? 0;
    show();
    if (!by) dialog("who");
    ready();
  });
}
