"use strict";
// A decisions file: RFC 4180, UTF-8, "\n" at line ends, as the program reads it.

/** One line of cells, each a text. */
function csvLine(cells) {
  const quoted = (cell) => (/[",;\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  return `${cells.map(quoted).join(",")}\n`;
}

/** The time `at`, in milliseconds, as the file holds it. */
function utcSeconds(at) {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** The line of a `record` of a store, about the picture with this `content`. */
function decisionLine(content, record) {
  const { path, decision, at, by, note } = record;
  return csvLine([path, content, decision, utcSeconds(at), by, note]);
}

/** Hands `text` to the person as a file. */
function download(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
