"use strict";
// The page as it is served: the program that serves it makes a picture when it is looked at, and
// keeps what is decided in the decisions file.

const KEPT_ALIVE = 60_000; // characters: browsers keep 64 KiB of requests alive

/** Sends one request after another, in order; what the program did not answer is sent again. */
class ServedStore {
  #rows; // content -> the number of a row that has it
  #made; // content -> records of what was decided since the program was started
  #unanswered = [];
  #sending = Promise.resolve();

  constructor(cards, made) {
    this.#rows = new Map(cards.map((card) => [card.content, card.row]));
    this.#made = made;
  }

  check() {}

  async load() {
    return new Map(this.#made);
  }

  add(decided) {
    return this.#send("/add", decided.map(([content, { decision, by, note }]) =>
      ({ row: this.#rows.get(content), content, decision, by, note })));
  }

  drop(decided) {
    return this.#send("/drop", decided.map(([content]) => ({ content })));
  }

  get isBusy() {
    return this.#unanswered.length > 0;
  }

  /** Gives a promise that is kept once all is answered that was sent so far. */
  idle() {
    return this.#sending;
  }

  #send(path, form) {
    this.#unanswered.push([path, form]);
    this.#sending = this.#sending.catch(() => {}).then(() => this.#sendAll());
    return this.#sending;
  }

  /** Gives "all" where nothing is left to be sent. */
  async #sendAll() {
    while (this.#unanswered.length) {
      const [path, form] = this.#unanswered[0];
      const body = JSON.stringify(form);
      const answer = await asked(path, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body,
        keepalive: body.length < KEPT_ALIVE, // though its page is closed meanwhile
      });
      const words = answer.ok ? "" : (await answer.text()).trim();
      // 403 is of a program that was started again: with its new link opened, it takes what waits.
      if (answer.ok || (answer.status < 500 && answer.status !== 403)) this.#unanswered.shift();
      if (words) throw new Error(words);
    }
    return "all";
  }
}

async function asked(path, options) {
  try {
    return await fetch(path, options);
  } catch {
    throw new Error("the program that serves this page has ended");
  }
}

{
  const { facts, made, grid } = read("data");
  const cards = read("cards");
  const asking = new Map(); // cards whose pictures are on their way
  const look = (card) => {
    if (!asking.has(card)) {
      asking.set(card, asked(`/picture/${card.row}`).then(async (answer) => {
        if (!answer.ok) throw new Error((await answer.text()).trim());
        const { content, settled, ...shown } = await answer.json(); // the page knows what is settled
        // Bytes that changed since the page was made are not what is decided on here.
        if (content === card.content) Object.assign(card, shown);
        else card.hasChanged = true;
        card.pending = false;
      }).catch(() => asking.delete(card)));
    }
    return asking.get(card);
  };
  const store = new ServedStore(cards, made);
  for (const link of document.querySelectorAll("nav.lists a")) {
    link.addEventListener("click", (event) => {
      if (!store.isBusy || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      store.idle().then(() => { location.href = link.href; }, () => {}); // the page says what failed
    });
  }
  window.addEventListener("beforeunload", (event) => {
    if (store.isBusy) event.preventDefault();
  });
  for (const card of cards) card.pending = Boolean(card.content);
  review(facts, cards, store, null, look).then(() => {
    if (grid) at("view-grid").click();
  });
}
