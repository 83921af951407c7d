"use strict";
// What the pages share on which a person decides and answers: keys, pad, dialogs, what is said and
// what this browser keeps.

const NAMES = { none: "no digit", blank: "blank", ignore: "to be ignored", cant_tell: "can't tell" };
const REMEMBERED = "batch_predict.";

let keepsNothing = false; // so that what is decided is lost when the page is closed

const at = (id) => document.getElementById(id);
const read = (id) => JSON.parse(at(id).textContent);
const words = (decision) => NAMES[decision] ?? decision;

function warn(text) {
  at("warning").textContent = text;
  at("warning").hidden = false;
}

/** What a screen reader says. */
function say(text) {
  at("live").textContent = text;
}

function dialog(id) {
  at(id).showModal();
  return true;
}

/** Shows the picture at `source` enlarged; without one, gives false. */
function zoom(source, alternative) {
  if (!source) return false;
  at("zoomed").src = source;
  at("zoomed").alt = alternative;
  return dialog("zoom");
}

/** Shows the note `text`, unless the person is writing one: pictures and other tabs come by and by. */
function showNote(text) {
  if (document.activeElement !== at("note")) at("note").value = text;
}

/** Has the browser decode the picture at `source` before it is shown. */
function decodeAhead(source) {
  if (source) new Image().src = source;
}

/** Hands keys, of the keyboard and of the pad, to `press`, which says whether it took one. */
function takeKeys(press) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { key } = event;
    const open = document.querySelector("dialog[open]");
    if (open) {
      if (["+", "-", "?", "="].includes(key) && !open.querySelector("input")) open.close();
      return;
    }
    // One that was closed keeps the focus until the next frame, and what is pressed is for the page.
    const target = event.target.closest("dialog") ? document.body : event.target;
    if (target.matches("input, select, textarea")) {
      if (key === "Escape" || (key === "Enter" && target.id === "note")) {
        target.blur();
        event.preventDefault();
      }
      return;
    }
    const isTile = target.closest("#tiles");
    if ((key === "Enter" || key === " ") && target.matches("button, summary") && !isTile) return;
    if (event.repeat && !key.startsWith("Arrow")) return; // a key held down decides once
    if (key === "?" ? dialog("help") : press(key)) event.preventDefault();
  });
  at("pad").addEventListener("click", (event) => {
    const button = event.target.closest("[data-key]");
    if (!button) return;
    at("note").blur(); // what is written there is of this picture
    press(button.dataset.key);
    if (event.detail) button.blur(); // of a pointer: the next Enter is not this button's
  });
  at("help-open").addEventListener("click", () => dialog("help"));
}

window.addEventListener("beforeunload", (event) => {
  if (keepsNothing) event.preventDefault();
});

/**
 * Gives a promise that is kept once this browser can be asked for what it keeps.
 *
 * A page that asks while it is still being opened may be given an empty storage, and what it puts there
 * is lost (seen in Chromium 156 on a busy machine). A question that the browser's own process has to
 * answer is answered once the page is open.
 */
async function opened() {
  await navigator.storage?.persisted().catch(() => false);
}

/** The page takes keys from now on. */
function ready() {
  document.querySelector("main").removeAttribute("aria-busy");
}

/** Throws where this browser keeps nothing. */
function checkStorage() {
  localStorage.setItem(`${REMEMBERED}probe`, "1");
  localStorage.removeItem(`${REMEMBERED}probe`);
}

/** Says so where `error` was thrown by `checkStorage`. */
function warnOfStorage(error, made) {
  keepsNothing = true;
  warn(`This browser keeps nothing for this page (${error.message || error}), as in a private window: `
    + `save the ${made} before you close it.`);
}

function remember(name, value) {
  try {
    localStorage.setItem(REMEMBERED + name, value);
  } catch {
    // It is asked for again; that nothing is kept of what matters is warned of.
  }
}

function remembered(name) {
  try {
    return localStorage.getItem(REMEMBERED + name) ?? "";
  } catch {
    return "";
  }
}
