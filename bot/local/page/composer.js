// Where people write: input, commands, reply keyboard, attachments, START and unblock.

import { h, icon } from "./dom.js";
import { closeMenu, showMenu, toast } from "./popups.js";
import { summary } from "./bubble.js";
import { act, store } from "./store.js";

const SAMPLES = [
  ["photo", "Photo", "photo"],
  ["sticker", "Sticker", "sticker"],
  ["voice", "Voice message", "voice"],
  ["document", "File", "file"],
  ["forward", "Forwarded message", "forward"],
];

export class Composer {
  /** `pane` tells who writes where: {me, chat, threadId, element, payload}. */
  constructor(pane) {
    this.pane = pane;
    this.answering = null; // {kind: "reply" | "edit", message}
    this.keysHidden = new Set(); // keyboards folded away, by message id
    this.drawnFor = null;
    this.input = h("textarea", {
      rows: "1", dir: "auto", placeholder: "Message", "aria-label": "Message", maxlength: "16000",
      autocomplete: "off", enterkeyhint: "send",
      oninput: () => { this.grow(); this.suggest(); },
      onkeydown: (event) => this.key(event),
    });
    this.menuButton = h("button", { type: "button", class: "menu-button", "aria-haspopup": "menu",
      onclick: () => this.commandsMenu() }, icon("menu"), h("span", {}, "Menu"));
    this.attachButton = h("button", { type: "button", class: "round", "aria-label": "Attach a sample", "aria-haspopup": "menu",
      onclick: () => this.attachMenu() }, icon("attach"));
    this.keysButton = h("button", { type: "button", class: "round", "aria-label": "Show or hide the keyboard",
      onclick: () => this.toggleKeys() }, icon("keyboard"));
    this.sendButton = h("button", { type: "submit", class: "round send", "aria-label": "Send" }, icon("send"));
    this.strip = h("div", { class: "strip", hidden: true });
    this.suggestions = h("div", { class: "suggestions", role: "listbox", "aria-label": "Commands", hidden: true });
    this.keys = h("div", { class: "reply-keys", role: "group", "aria-label": "Keyboard", hidden: true });
    this.row = h("form", { class: "write", onsubmit: (event) => { event.preventDefault(); this.send(); } },
      this.menuButton, this.attachButton, this.input, this.keysButton, this.sendButton);
    this.big = h("button", { type: "button", class: "big", hidden: true });
    this.element = h("div", { class: "composer" }, this.suggestions, this.strip, this.keys, this.row, this.big);
  }

  draw() {
    const { chat, me } = this.pane;
    const where = `${chat.id}:${this.pane.threadId}:${me}`;
    if (where !== this.drawnFor) {
      this.drawnFor = where;
      this.cancel();
      this.input.value = "";
      this.grow();
    }
    if (this.answering && !chat.messages.has(this.answering.message.message_id)) this.cancel();
    const big = this.bigButton();
    this.big.hidden = !big;
    this.row.hidden = Boolean(big);
    if (big) {
      this.big.textContent = big[0];
      this.big.onclick = big[1];
    }
    this.menuButton.hidden = this.commands().length === 0;
    this.drawKeys(Boolean(big));
    this.suggest();
  }

  bigButton() {
    const { chat, me } = this.pane;
    if (chat.kind !== "private") {
      const topic = chat.topics.find((one) => one.thread_id === this.pane.threadId);
      const status = chat.members.find(([id]) => id === me)?.[1];
      if (topic?.closed && status === "member") return ["THIS TOPIC IS CLOSED", () => {}];
      return null;
    }
    if (chat.blocked) return ["UNBLOCK", () => this.do({ do: "block", blocked: false })];
    if (!chat.started) return ["START", () => this.do({ do: "start", payload: this.pane.payload ?? "" })];
    return null;
  }

  commands() {
    const { chat, me } = this.pane;
    return chat.commands?.[String(me)] ?? [];
  }

  async do(wanted) {
    const { chat, me, threadId } = this.pane;
    const answer = await act({ user_id: me, chat_id: chat.id, thread_id: threadId, ...wanted });
    if (!answer.ok) toast(this.pane.element, answer.why);
    return answer.ok;
  }

  async send() {
    const text = this.input.value.trim();
    if (!text) return;
    const { answering } = this;
    this.input.value = "";
    this.grow();
    this.cancel();
    this.suggest();
    const wanted = answering?.kind === "edit"
      ? { do: "edit", message_id: answering.message.message_id, text }
      : { do: "write", text, reply_to: answering?.message.message_id ?? this.forcedReply() };
    if (!(await this.do(wanted)) && !this.input.value) this.input.value = text;
    this.input.focus();
  }

  forcedReply() {
    const { keyboard } = this.pane.chat;
    return keyboard?.markup.force_reply ? keyboard.message_id : null;
  }

  key(event) {
    if (!this.suggestions.hidden && this.suggestionKey(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.send();
    } else if (event.key === "Escape" && this.answering) {
      event.stopPropagation();
      this.cancel();
    } else if (event.key === "ArrowUp" && !this.input.value) {
      const { chat, me, threadId } = this.pane;
      const own = [...chat.messages.values()].filter((message) => message.from.id === me && message.text && !message.forward_origin
        && (message.message_thread_id ?? null) === threadId);
      if (own.length) {
        event.preventDefault();
        this.edit(own.at(-1));
      }
    }
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 160)}px`;
    this.sendButton.classList.toggle("armed", Boolean(this.input.value.trim()));
  }

  // — answering and editing —

  reply(message) {
    this.answering = { kind: "reply", message };
    this.drawStrip("Reply", "reply");
  }

  edit(message) {
    this.answering = { kind: "edit", message };
    this.input.value = message.text;
    this.grow();
    this.drawStrip("Edit message", "edit");
  }

  drawStrip(title, picture) {
    const cancel = h("button", { type: "button", class: "round", "aria-label": "Cancel", onclick: () => { this.cancel(); this.input.focus(); } }, icon("close"));
    this.strip.replaceChildren(icon(picture), h("div", { class: "about" },
      h("strong", {}, title), h("span", { dir: "auto" }, summary(this.answering.message).slice(0, 160))), cancel);
    this.strip.hidden = false;
    this.input.focus();
  }

  cancel() {
    if (this.answering?.kind === "edit") {
      this.input.value = "";
      this.grow();
    }
    this.answering = null;
    this.strip.hidden = true;
  }

  // — commands —

  commandsMenu() {
    const items = this.commands().map(({ command, description }) => ({
      label: `/${command}`, note: description, run: () => this.do({ do: "write", text: `/${command}` }),
    }));
    showMenu(this.menuButton, items, "Commands");
  }

  suggest() {
    const typed = /^\/(\w*)$/.exec(this.input.value)?.[1];
    const fitting = typed === undefined ? [] : this.commands().filter(({ command }) => command.startsWith(typed.toLowerCase()));
    this.suggestions.hidden = fitting.length === 0;
    this.suggestions.replaceChildren(...fitting.map(({ command, description }, at) =>
      h("button", { type: "button", role: "option", "aria-selected": String(at === 0), tabindex: "-1", onclick: () => this.take(command) },
        h("strong", {}, `/${command}`), h("span", { dir: "auto" }, description))));
  }

  take(command) {
    this.input.value = "";
    this.grow();
    this.suggest();
    this.do({ do: "write", text: `/${command}` });
    this.input.focus();
  }

  suggestionKey(event) {
    const options = [...this.suggestions.children];
    const at = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const to = (at + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length;
      options.forEach((one, index) => one.setAttribute("aria-selected", String(index === to)));
      options[to].scrollIntoView({ block: "nearest" });
      return true;
    }
    if (event.key === "Tab" || event.key === "Enter") {
      event.preventDefault();
      options[at].click();
      return true;
    }
    if (event.key === "Escape") {
      this.suggestions.hidden = true;
      return true;
    }
    return false;
  }

  // — attachments —

  attachMenu() {
    closeMenu(false);
    const items = SAMPLES.map(([kind, label, picture]) => ({ label, icon: picture, run: () => this.do({ do: "sample", kind }) }));
    showMenu(this.attachButton, [{ title: "Send a sample" }, ...items], "Send a sample");
  }

  // — the reply keyboard —

  drawKeys(closed) {
    const { keyboard } = this.pane.chat;
    const markup = keyboard?.markup;
    const rows = markup?.keyboard;
    this.input.placeholder = markup?.input_field_placeholder || "Message";
    this.keysButton.hidden = !rows;
    this.keys.hidden = closed || !rows || this.keysHidden.has(keyboard.message_id);
    this.keysButton.setAttribute("aria-pressed", String(!this.keys.hidden));
    const made = JSON.stringify(rows ?? null);
    if (made === this.keysMade) return;
    this.keysMade = made;
    this.keys.replaceChildren(...(rows ?? []).map((row) => h("div", { class: "key-row" }, row.map((button) =>
      h("button", { type: "button", class: `reply-key ${button.style ?? ""}`, dir: "auto", onclick: () => this.pressKey(button.text) }, button.text)))));
  }

  pressKey(text) {
    const { keyboard } = this.pane.chat;
    if (keyboard.markup.one_time_keyboard) this.keysHidden.add(keyboard.message_id);
    this.do({ do: "write", text });
  }

  toggleKeys() {
    const id = this.pane.chat.keyboard?.message_id;
    if (!this.keysHidden.delete(id)) this.keysHidden.add(id);
    this.draw();
  }
}

/** The description a chat shows before its first message. */
export function welcome(language) {
  const { descriptions = {}, description, name } = store.bot;
  const text = descriptions[(language ?? "").slice(0, 2)] ?? description;
  return h("div", { class: "welcome" },
    h("h3", {}, "What can this bot do?"),
    h("p", { dir: "auto" }, text || `This is ${name}. Tap START to begin.`));
}
