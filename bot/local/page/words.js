// Text with entities, as nodes. Offsets are in UTF-16 units, which are JavaScript's own.

import { h } from "./dom.js";

const PLAIN_TAGS = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code" };
const FOLDED_LINES = 3;

/**
 * Nodes for a text. `doing` = {command(text), start(payload), isOpen(key), setOpen(key)}:
 * what taps on commands and deep links do, and which folds and spoilers are open.
 */
export function words(text, entities = [], doing) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return build(text, 0, text.length, sorted, doing);
}

function build(text, start, end, entities, doing) {
  const nodes = [];
  const waiting = [...entities];
  let at = start;
  while (waiting.length) {
    const entity = waiting.shift();
    const from = Math.max(entity.offset, at);
    const to = Math.min(entity.offset + entity.length, end);
    if (to <= from) continue;
    if (from > at) nodes.push(text.slice(at, from));
    const inner = [];
    while (waiting.length && waiting[0].offset < to) {
      const next = waiting.shift();
      inner.push(next);
      // What reaches beyond goes on after this entity.
      const over = next.offset + next.length - to;
      if (over > 0) waiting.unshift({ ...next, offset: to, length: over });
      if (over > 0) break;
    }
    const children = build(text, from, to, inner, doing);
    nodes.push(wrap(entity, text.slice(from, to), children, doing));
    at = to;
  }
  if (at < end) nodes.push(text.slice(at, end));
  return nodes;
}

function wrap(entity, shown, children, doing) {
  const { type } = entity;
  if (PLAIN_TAGS[type]) return h(PLAIN_TAGS[type], {}, children);
  if (type === "pre") return h("pre", {}, h("code", {}, children));
  if (type === "spoiler") return spoiler(entity, children, doing);
  if (type === "blockquote") return h("blockquote", {}, children);
  if (type === "expandable_blockquote") return fold(entity, children, doing);
  if (type === "url" || type === "text_link") return link(entity.url ?? shown, children, doing);
  if (type === "email") return h("a", { href: `mailto:${shown}` }, children);
  if (type === "bot_command") {
    return h("button", { type: "button", class: "command", onclick: () => doing.command(shown) }, children);
  }
  if (type === "mention" || type === "hashtag") return h("span", { class: "mark" }, children);
  return h("span", {}, children);
}

/** Whether an address may be opened: nothing but the web and Telegram's own. */
export function safeAddress(address) {
  const full = /^[a-z]+:/i.test(address) ? address : `https://${address}`;
  try {
    const { protocol } = new URL(full);
    return ["http:", "https:", "tg:", "mailto:", "tel:"].includes(protocol) ? full : null;
  } catch {
    return null;
  }
}

/** The payload of a link that starts this bot, else null. */
export function startPayload(address, username) {
  const found = new RegExp(`^(?:https?://)?t\\.me/${username}(?:\\?start=([\\w-]*))?$`, "i").exec(address);
  return found ? (found[1] ?? "") : null;
}

function link(address, children, doing) {
  const href = safeAddress(address);
  if (href === null) return h("span", {}, children);
  const payload = startPayload(address, doing.username);
  const given = { href, title: href, target: "_blank", rel: "noopener noreferrer" };
  if (payload !== null) {
    given.onclick = (event) => {
      event.preventDefault();
      doing.start(payload);
    };
  }
  return h("a", given, children);
}

function spoiler(entity, children, doing) {
  const key = `spoiler:${entity.offset}`;
  if (doing.isOpen(key)) return h("span", { class: "spoiler open" }, children);
  const hidden = h("span", { "aria-hidden": "true" }, children);
  return h(
    "button",
    { type: "button", class: "spoiler", "aria-label": "Hidden text, reveal", onclick: () => doing.setOpen(key, true) },
    hidden,
  );
}

function fold(entity, children, doing) {
  const key = `fold:${entity.offset}`;
  const open = doing.isOpen(key);
  const body = h("div", { class: "folded" }, children);
  const toggle = h(
    "button",
    {
      type: "button",
      class: "unfold",
      "aria-expanded": String(open),
      onclick: () => doing.setOpen(key, !doing.isOpen(key)),
    },
    open ? "Show less" : "Show more",
  );
  const quote = h("blockquote", { class: open ? "expandable open" : "expandable" }, body, toggle);
  const short = body.textContent.split("\n").length <= FOLDED_LINES && body.textContent.length < 120;
  if (short) {
    toggle.hidden = true;
    quote.classList.add("open");
  }
  return quote;
}
