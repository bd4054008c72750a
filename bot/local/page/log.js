// The messages of one chat or topic, kept in step with the store in place.

import { bubble, greyLine, timeOf } from "./bubble.js";
import { h, icon } from "./dom.js";
import { isTyping, store } from "./store.js";

const TOGETHER_SECONDS = 300; // one group of bubbles
const NEAR_PX = 80; // this near the end counts as reading along

const day = new Intl.DateTimeFormat([], { weekday: "short", day: "numeric", month: "long" });
const dayOf = (message) => new Date(message.date * 1000).toDateString();

export class Log {
  /** `doing` = what taps in messages do; `menu(message, anchor, point)` opens its menu. */
  constructor(doing, menu) {
    this.doing = doing;
    this.menu = menu;
    this.drawn = new Map(); // key → {element, signature}
    this.open = new Set(); // folds and spoilers that are open, "message:key"
    this.where = null;
    this.list = h("div", { class: "messages", role: "log", "aria-live": "polite", "aria-relevant": "additions text" });
    this.jump = h("button", { type: "button", class: "jump", hidden: true, "aria-label": "Go to the newest message",
      onclick: () => this.toEnd(true) }, icon("down"));
    this.scroller = h("div", { class: "scroller" }, this.list);
    this.element = h("div", { class: "log" }, this.scroller, this.jump);
    this.along = true; // reading at the end: stay there when it grows
    this.scroller.addEventListener("scroll", () => {
      this.along = this.nearEnd();
      this.jump.hidden = this.along;
    });
    this.list.addEventListener("keydown", (event) => this.walk(event));
    this.list.addEventListener("contextmenu", (event) => this.contextMenu(event));
    const stay = new ResizeObserver(() => { if (this.along) this.toEnd(); });
    stay.observe(this.scroller);
    stay.observe(this.list);
  }

  nearEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_PX;
  }

  toEnd(smooth = false) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smooth && !calm ? "smooth" : "instant" });
  }

  /** Draw a chat, or one of its topics, as `me` sees it. */
  draw(chat, threadId, me) {
    const where = `${chat.id}:${threadId}:${me}`;
    const fresh = where !== this.where;
    if (fresh) {
      this.where = where;
      this.drawn.clear();
      this.list.replaceChildren();
    }
    const messages = [...chat.messages.values()]
      .filter((message) => !chat.is_forum || (message.message_thread_id ?? null) === threadId)
      .sort((a, b) => a.message_id - b.message_id);
    const mineCame = messages.length && !fresh && messages.at(-1).from.id === me
      && !this.drawn.has(`m${messages.at(-1).message_id}`);
    const wanted = this.rows(chat, threadId, me, messages);
    this.reconcile(wanted, fresh);
    this.rove();
    if (fresh || mineCame) this.along = true;
    if (this.along) this.toEnd();
    this.jump.hidden = this.along;
    this.list.setAttribute("aria-label", `Messages: ${chat.title}`);
  }

  rows(chat, threadId, me, messages) {
    const rows = [];
    let before = null;
    messages.forEach((message, at) => {
      if (!before || dayOf(before) !== dayOf(message)) {
        rows.push({ key: `d${dayOf(message)}`, signature: "", make: () => this.dayLine(message) });
        before = null;
      }
      if (message.service) {
        rows.push({ key: `s${message.message_id}`, signature: JSON.stringify(message), make: () => greyLine(message) });
        before = message;
        return;
      }
      const next = messages[at + 1];
      const view = {
        mine: message.from.id === me,
        first: !together(before, message),
        last: !together(message, next),
        inGroup: chat.kind !== "private",
        pressed: pressedOn(message, me),
        doing: this.doingFor(message),
      };
      const open = [...this.open].filter((key) => key.startsWith(`${message.message_id}/`));
      const signature = JSON.stringify([message, view.mine, view.first, view.last, [...view.pressed], open]);
      rows.push({ key: `m${message.message_id}`, signature, message, view, make: () => this.article(message) });
      before = message;
    });
    if (isTyping(chat.id, threadId)) rows.push({ key: "typing", signature: "", make: dots });
    return rows;
  }

  dayLine(message) {
    return h("p", { class: "grey day" }, h("time", {}, day.format(new Date(message.date * 1000))));
  }

  article(message) {
    return h("article", {
      dataset: { testid: "message", messageId: message.message_id },
      tabindex: "-1",
      "aria-label": `${message.from.first_name}, ${timeOf(message.date)}`,
    });
  }

  doingFor(message) {
    return {
      ...this.doing,
      username: store.bot.username,
      isOpen: (key) => this.open.has(`${message.message_id}/${key}`),
      setOpen: (key, open) => {
        if (open) this.open.add(`${message.message_id}/${key}`);
        else this.open.delete(`${message.message_id}/${key}`);
        this.doing.redraw();
      },
      goTo: (id) => this.goTo(id),
    };
  }

  reconcile(rows, fresh) {
    const keys = new Set(rows.map((row) => row.key));
    for (const [key, { element }] of this.drawn) {
      if (keys.has(key)) continue;
      element.remove();
      this.drawn.delete(key);
    }
    let last = null;
    for (const row of rows) {
      let known = this.drawn.get(row.key);
      const isNew = !known;
      if (isNew) {
        known = { element: row.make(), signature: null, message: null };
        this.drawn.set(row.key, known);
        if (!fresh) known.element.classList.add("arriving");
      }
      if (row.message && known.signature !== row.signature) this.fill(known, row, isNew || fresh);
      known.signature = row.signature;
      const place = last ? last.nextSibling : this.list.firstChild;
      if (known.element !== place) this.list.insertBefore(known.element, place);
      last = known.element;
    }
  }

  /** Put a message's content into its article; focus stays where it was. */
  fill(known, row, isNew) {
    const { element } = known;
    const { message, view } = row;
    const focused = element.contains(document.activeElement) ? document.activeElement : null;
    const label = focused?.textContent;
    const at = focused ? [...element.querySelectorAll("button, a")].indexOf(focused) : -1;
    const edited = !isNew && known.message && contentOf(known.message) !== contentOf(message);
    element.className = `message ${view.mine ? "mine" : "theirs"}${view.first ? " first" : ""}${view.last ? " last" : ""}${element.classList.contains("arriving") ? " arriving" : ""}`;
    element.replaceChildren(...bubble(message, view).filter(Boolean));
    known.message = message;
    if (edited) {
      element.classList.remove("changed");
      void element.offsetWidth; // begin the highlight anew
      element.classList.add("changed");
    }
    if (!focused) return;
    const able = [...element.querySelectorAll("button, a")];
    const target = able.find((one) => one.textContent === label) ?? (at >= 0 ? able[Math.min(at, able.length - 1)] : null);
    (target ?? element).focus({ preventScroll: true });
  }

  goTo(id) {
    const found = this.drawn.get(`m${id}`)?.element;
    if (!found) return;
    found.scrollIntoView({ block: "center" });
    found.classList.remove("changed");
    void found.offsetWidth;
    found.classList.add("changed");
    found.focus({ preventScroll: true });
  }

  // One message can be reached by Tab; the arrow keys go on from there.

  rove() {
    const articles = [...this.list.querySelectorAll("article")];
    const current = articles.find((one) => one === document.activeElement) ?? articles.at(-1);
    articles.forEach((one) => { one.tabIndex = one === current ? 0 : -1; });
  }

  walk(event) {
    const article = event.target.closest("article");
    if (event.target !== article) return;
    const articles = [...this.list.querySelectorAll("article")];
    const at = articles.indexOf(article);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: articles.length - 1 }[event.key];
    if (to !== undefined && articles[to]) {
      event.preventDefault();
      articles.forEach((one) => { one.tabIndex = -1; });
      articles[to].tabIndex = 0;
      articles[to].focus();
    } else if (event.key === "Enter" || event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) {
      event.preventDefault();
      this.menu(this.messageOf(article), article, null);
    }
  }

  contextMenu(event) {
    const article = event.target.closest("article");
    if (!article || event.target.closest("a")) return;
    event.preventDefault();
    this.menu(this.messageOf(article), article, { left: event.clientX, top: event.clientY });
  }

  messageOf(article) {
    return this.drawn.get(`m${article.dataset.messageId}`)?.message;
  }
}

const contentOf = (message) => JSON.stringify([message.text, message.caption, message.entities, message.photo, message.reply_markup]);

function together(one, other) {
  if (!one || !other || one.service || other.service) return false;
  return one.from.id === other.from.id && other.date - one.date < TOGETHER_SECONDS && dayOf(one) === dayOf(other);
}

function pressedOn(message, me) {
  const here = [...store.queries.values()].filter((query) =>
    query.chat_id === message.chat_id && query.message_id === message.message_id && query.user_id === me);
  return new Set(here.map((query) => query.data));
}

function dots() {
  return h("div", { class: "message theirs typing last", "aria-label": "typing" },
    h("div", { class: "stack" }, h("div", { class: "bubble" }, h("i"), h("i"), h("i"))));
}
