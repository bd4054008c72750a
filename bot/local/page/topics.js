// The list of a forum's topics, newest talk first.

import { h, icon } from "./dom.js";
import { summary, timeOf } from "./bubble.js";

/** Buttons, one a topic. `newIn(thread)` counts what is unseen; `open(thread)` opens. */
export function topicList(chat, current, newIn, open) {
  const general = { thread_id: null, name: "General", icon_color: 0x8a96a3, closed: false };
  const rows = [general, ...chat.topics].map((topic) => ({ topic, last: lastOf(chat, topic.thread_id) }));
  rows.sort((a, b) => (b.last?.date ?? 0) - (a.last?.date ?? 0) || (b.last?.message_id ?? 0) - (a.last?.message_id ?? 0));
  return rows.map(({ topic, last }) => row(topic, last, topic.thread_id === current, newIn(topic.thread_id), open));
}

function lastOf(chat, threadId) {
  let last = null;
  for (const message of chat.messages.values()) {
    if ((message.message_thread_id ?? null) !== threadId) continue;
    if (!last || message.message_id > last.message_id) last = message;
  }
  return last;
}

function row(topic, last, chosen, fresh, open) {
  const mark = h("span", { class: "topic-mark", "aria-hidden": "true" }, topic.thread_id === null ? "#" : [...topic.name][0]?.toUpperCase() ?? "");
  mark.style.setProperty("--mark", `#${topic.icon_color.toString(16).padStart(6, "0")}`);
  return h(
    "button",
    {
      type: "button", role: "link", class: "topic", "aria-current": chosen ? "true" : null,
      dataset: { testid: "topic", thread: topic.thread_id ?? 0 }, onclick: () => open(topic.thread_id),
    },
    mark,
    h("span", { class: "topic-words" },
      h("span", { class: "topic-line" },
        h("span", { class: "topic-name", dir: "auto" }, topic.name),
        topic.closed ? icon("lock", "small") : null,
        last ? h("time", {}, timeOf(last.date)) : null),
      h("span", { class: "topic-line" },
        h("span", { class: "topic-last", dir: "auto" }, last ? summary(last).slice(0, 80) : "No messages yet"),
        fresh ? h("span", { class: "badge", "aria-label": `${fresh} new` }, String(fresh)) : null)),
  );
}
