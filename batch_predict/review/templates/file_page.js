"use strict";
// The page as a file: its pictures are in it, and the browser keeps what is decided.

{
  const { facts, kept, settled } = JSON.parse(document.getElementById("data").textContent);
  const cards = JSON.parse(document.getElementById("cards").textContent);
  const store = new BrowserStore(facts.source);
  const save = (decided) => {
    const known = new Set(kept.split("\n"));
    const lines = decided.map(([content, record]) => decisionLine(content, record));
    const added = lines.filter((line) => !known.has(line.trimEnd()));
    download(facts.decisions_name, (kept || HEADER) + added.join(""));
  };
  review(facts, cards, settled, store, save);
}
