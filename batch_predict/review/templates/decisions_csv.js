"use strict";
// A file that a person saves: RFC 4180, UTF-8, "\n" at line ends, as the program reads it.

const LAST_SECOND = Date.UTC(9999, 11, 31, 23, 59, 59); // that the file has a form for

/** One line of cells, each a text. */
function csvLine(cells) {
  const quoted = (cell) => (/[",;\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  return `${cells.map(quoted).join(",")}\n`;
}

/** The time `ms`, in milliseconds, as a file holds it. */
function utcSeconds(ms) {
  return `${new Date(Math.min(ms, LAST_SECOND)).toISOString().slice(0, 19)}Z`;
}

/** The line of a `record` of a store, about the picture with this `content`. */
function decisionLine(content, record) {
  const { path, decision, by, note } = record;
  return csvLine([path, content, decision, utcSeconds(timeOf(record)), by, note]);
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
