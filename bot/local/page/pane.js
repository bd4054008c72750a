// One chat on the screen: head, topics where there are some, messages, composer.

import { avatar, fullName, h, icon } from "./dom.js";
import { Composer, welcome } from "./composer.js";
import { Log } from "./log.js";
import { showDialog, showMenu, toast } from "./popups.js";
import { act, isTyping, store } from "./store.js";
import { topicList } from "./topics.js";
import { safeAddress, startPayload } from "./words.js";

export class Pane {
  /**
   * `kind` is "patient" or "team"; `people()` gives those one can be here, as menu
   * items' users; `extra()` more items for the menu of people.
   */
  constructor(kind, label, extra) {
    this.kind = kind;
    this.extra = extra;
    this.chat = null;
    this.me = null;
    this.threadId = null;
    this.inTopics = true; // narrow forum: the list of topics is shown
    this.payload = "";
    this.seen = new Map(); // topic → newest message seen
    this.log = new Log(this.doing(), (message, anchor, point) => this.messageMenu(message, anchor, point));
    this.composer = new Composer(this);
    this.back = h("button", { type: "button", class: "round back", "aria-label": "Back to topics", onclick: () => { this.inTopics = true; this.draw(); } }, icon("back"));
    this.face = h("div", { class: "face" });
    this.title = h("h2", { dir: "auto" });
    this.about = h("p", { class: "status" });
    this.who = h("button", { type: "button", class: "who", "aria-haspopup": "menu", dataset: { testid: `${kind}-person` }, onclick: () => this.peopleMenu() });
    this.more = h("button", { type: "button", class: "round", "aria-label": "Chat options", "aria-haspopup": "menu", onclick: () => this.moreMenu() }, icon("more"));
    this.head = h("header", { class: "head" }, this.back, this.face, h("div", { class: "names" }, this.title, this.about), this.who, this.more);
    this.topics = h("nav", { class: "topics", "aria-label": "Topics" });
    this.empty = h("div", { class: "empty" });
    this.talk = h("div", { class: "talk" }, this.log.element, this.empty,
      h("div", { class: "toasts", role: "status", "aria-live": "polite" }), this.composer.element);
    this.element = h("section", { class: `pane ${kind}`, "aria-label": label, dataset: { testid: `pane-${kind}` } },
      this.head, h("div", { class: "body" }, this.topics, this.talk));
  }

  doing() {
    return {
      command: (text) => this.composer.do({ do: "write", text }),
      start: (payload) => this.composer.do({ do: "start", payload }),
      press: (message, button) => this.press(message, button),
      redraw: () => this.draw(),
    };
  }

  /** Show a chat as somebody sees it. */
  show(chat, me, threadId = null) {
    this.chat = chat;
    this.me = me;
    this.threadId = threadId;
    this.draw();
  }

  openTopic(threadId) {
    this.threadId = threadId;
    this.inTopics = false;
    this.draw();
    this.composer.input.focus();
  }

  draw() {
    if (!this.chat) return;
    const chat = store.chats.get(this.chat.id);
    if (!chat) return;
    this.chat = chat;
    const forum = chat.is_forum;
    if (this.threadId !== null && !chat.topics.some((topic) => topic.thread_id === this.threadId)) this.threadId = null;
    this.element.classList.toggle("forum", forum);
    this.element.classList.toggle("listing", forum && this.inTopics);
    this.markSeen();
    this.drawHead();
    if (forum) this.drawTopics();
    this.log.draw(chat, this.threadId, this.me);
    const fresh = chat.kind === "private" && chat.messages.size === 0;
    this.empty.hidden = !fresh;
    if (fresh) this.empty.replaceChildren(welcome(store.users.get(this.me)?.language_code));
    this.composer.draw();
  }

  drawHead() {
    const { chat } = this;
    const me = store.users.get(this.me);
    const topic = chat.topics.find((one) => one.thread_id === this.threadId);
    const title = chat.kind === "private" ? store.bot.name : topic?.name ?? chat.title;
    this.face.replaceChildren(avatar(title, chat.kind === "private" ? store.bot.id : chat.id));
    this.title.textContent = title;
    const typing = isTyping(chat.id, this.threadId);
    const members = chat.members.length;
    const calm = chat.kind === "private" ? "bot" : topic ? chat.title : `${members} members`;
    this.about.textContent = typing ? "typing…" : calm;
    this.about.classList.toggle("typing", typing);
    this.who.replaceChildren(avatar(fullName(me), this.me, "tiny"), h("span", { class: "who-name", dir: "auto" }, fullName(me)), icon("down"));
    this.who.setAttribute("aria-label", `You are ${fullName(me)}. Change person`);
  }

  drawTopics() {
    const rows = topicList(this.chat, this.threadId, (thread) => this.newIn(thread), (thread) => this.openTopic(thread));
    const focused = this.topics.contains(document.activeElement) ? document.activeElement.dataset.thread : null;
    this.topics.replaceChildren(...rows);
    if (focused) this.topics.querySelector(`[data-thread="${focused}"]`)?.focus();
  }

  // — what is new —

  markSeen() {
    if (this.element.offsetParent === null) return;
    if (this.chat.is_forum && this.element.classList.contains("listing") && getComputedStyle(this.talk).display === "none") return;
    this.seen.set(`${this.chat.id}:${this.threadId}`, newest(this.chat, this.threadId));
  }

  newIn(threadId) {
    const last = this.seen.get(`${this.chat.id}:${threadId}`) ?? 0;
    return [...this.chat.messages.values()].filter((message) =>
      (message.message_thread_id ?? null) === threadId && message.message_id > last && message.from.id !== this.me && !message.service).length;
  }

  /** Messages not seen yet, for the tab. */
  get unseen() {
    if (!this.chat) return 0;
    const threads = this.chat.is_forum ? [null, ...this.chat.topics.map((topic) => topic.thread_id)] : [null];
    return threads.reduce((sum, thread) => sum + this.newIn(thread), 0);
  }

  /** What was there when the page opened counts as seen. */
  forgetNews() {
    if (!this.chat) return;
    for (const thread of [null, ...this.chat.topics.map((topic) => topic.thread_id)]) {
      this.seen.set(`${this.chat.id}:${thread}`, newest(this.chat, thread));
    }
  }

  // — presses —

  async press(message, button) {
    if (button.url) {
      const payload = startPayload(button.url, store.bot.username);
      const address = safeAddress(button.url);
      if (payload !== null) await this.composer.do({ do: "start", payload });
      else if (address) open(address, "_blank", "noopener,noreferrer");
      return;
    }
    if (button.copy_text) {
      await navigator.clipboard.writeText(button.copy_text.text);
      toast(this.element, "Copied");
      return;
    }
    await this.composer.do({ do: "press", message_id: message.message_id, data: button.callback_data });
  }

  /** The bot answered a press made here. */
  answered(query) {
    const { text, show_alert: alert, url } = query.answer;
    if (url) {
      const payload = startPayload(url, store.bot.username);
      if (payload !== null) this.composer.do({ do: "start", payload });
    }
    if (!text) return;
    if (alert) showDialog(store.bot.name, h("p", { dir: "auto" }, text), [["OK", null, true]], "alert");
    else toast(this.element, text);
  }

  // — menus —

  messageMenu(message, anchor, point) {
    if (!message) return;
    const mine = message.from.id === this.me;
    const text = message.text ?? message.caption;
    const items = [{ label: "Reply", icon: "reply", run: () => this.composer.reply(message) }];
    if (mine && message.text && !message.forward_origin) items.push({ label: "Edit", icon: "edit", run: () => this.composer.edit(message) });
    if (text) items.push({ label: "Copy text", icon: "copy", run: () => navigator.clipboard.writeText(text) });
    items.push(null, { label: "Delete", icon: "trash", danger: true, run: () => this.composer.do({ do: "delete", message_id: message.message_id }) });
    showMenu(anchor, items, "Message", point);
  }

  peopleMenu() {
    showMenu(this.who, this.extra(this), "People");
  }

  moreMenu() {
    const { chat } = this;
    if (chat.kind === "private") {
      showMenu(this.more, [
        { label: "Open a start link…", icon: "link", run: () => this.startLink() },
        chat.blocked
          ? { label: "Unblock bot", icon: "block", run: () => this.composer.do({ do: "block", blocked: false }) }
          : { label: "Block bot", icon: "block", danger: true, run: () => this.composer.do({ do: "block", blocked: true }) },
      ], "Chat options");
      return;
    }
    const topic = chat.topics.find((one) => one.thread_id === this.threadId);
    if (!topic) {
      const names = chat.members.map(([id]) => fullName(store.users.get(id) ?? { first_name: store.bot.name })).join(", ");
      toast(this.element, `Here: ${names}`);
      return;
    }
    const change = (kind) => this.composer.do({ do: "topic", change: kind });
    showMenu(this.more, [
      topic.closed ? { label: "Reopen topic", icon: "lock", run: () => change("reopen") } : { label: "Close topic", icon: "lock", run: () => change("close") },
      { label: "Delete topic", icon: "trash", danger: true, run: () => change("delete") },
    ], "Chat options");
  }

  startLink() {
    const field = h("input", { type: "text", name: "payload", pattern: "[A-Za-z0-9_\\-]*", maxlength: "64", autocomplete: "off", spellcheck: "false" });
    showDialog("Open a start link", h("label", { class: "field" }, h("span", {}, `t.me/${store.bot.username}?start=`), field),
      [["Cancel"], ["Open", () => { act({ do: "start", user_id: this.me, payload: field.value.trim() }); }, true]]);
  }
}

function newest(chat, threadId) {
  let last = 0;
  for (const message of chat.messages.values()) {
    if ((message.message_thread_id ?? null) === threadId) last = Math.max(last, message.message_id);
  }
  return last;
}
