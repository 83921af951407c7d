"use strict";
// The page as a file: its pictures are in it, and the browser keeps what is decided.

{
  const { facts, header, kept, settled } = JSON.parse(document.getElementById("data").textContent);
  const cards = JSON.parse(document.getElementById("cards").textContent);
  const save = (decided) => {
    const known = new Set(kept);
    const lines = decided.map(([content, record]) => decisionLine(content, record));
    const added = lines.filter((line) => !known.has(line));
    download(facts.decisions_name, [header, ...kept, ...added].join(""));
  };
  review(facts, cards, settled, new BrowserStore(facts.source), save);
}
