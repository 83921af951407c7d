"use strict";
// The page as a file: its pictures are in it, and the browser keeps what is decided.

{
  const { facts, header, kept } = read("data");
  const save = (decided) => {
    const known = new Set(kept);
    const lines = decided.map(([content, record]) => decisionLine(content, record));
    const added = lines.filter((line) => !known.has(line));
    download(facts.saved_name, [header, ...kept, ...added].join(""));
  };
  review(facts, read("cards"), new BrowserStore(facts.source), save);
}
