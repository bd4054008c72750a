// One message: a bubble with its head, body, foot and keyboard; or a grey line.

import { avatar, checks, colourOf, fullName, h, icon } from "./dom.js";
import { showPicture } from "./popups.js";
import { words } from "./words.js";

const time = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export const timeOf = (seconds) => time.format(new Date(seconds * 1000));

/** What a message says in one line, for lists and quotes. */
export function summary(message) {
  const text = message.text ?? message.caption;
  if (text) return text.replace(/\s+/g, " ");
  if (message.photo) return "Photo";
  if (message.document) return message.document.file_name ?? "File";
  if (message.sticker) return `${message.sticker.emoji ?? ""} Sticker`;
  if (message.voice) return "Voice message";
  return serviceLine(message);
}

/** The words of a grey line. */
export function serviceLine(message) {
  const who = fullName(message.from);
  if (message.forum_topic_created) return `${who} opened “${message.forum_topic_created.name}”`;
  if (message.forum_topic_edited) {
    const { name } = message.forum_topic_edited;
    return name ? `${who} renamed the topic to “${name}”` : `${who} changed the topic's icon`;
  }
  if (message.forum_topic_closed) return `${who} closed the topic`;
  if (message.forum_topic_reopened) return `${who} reopened the topic`;
  if (message.pinned_message) return `${who} pinned “${summary(message.pinned_message).slice(0, 40)}”`;
  if (message.new_chat_members) return `${message.new_chat_members.map(fullName).join(", ")} joined the group`;
  if (message.left_chat_member) return `${fullName(message.left_chat_member)} left the group`;
  if (message.group_chat_created || message.supergroup_chat_created) return `${who} created the group`;
  if (message.migrate_to_chat_id || message.migrate_from_chat_id) return "The group became a supergroup";
  return "Something happened";
}

/** A grey line in the middle. */
export function greyLine(message) {
  return h("p", { class: "grey", dir: "auto", dataset: { messageId: message.message_id } }, serviceLine(message));
}

/** The content of a message's article. `view` = {mine, first, last, inGroup, pressed, doing}. */
export function bubble(message, view) {
  const sticker = Boolean(message.sticker);
  const parts = [
    view.inGroup && !view.mine && view.first && !sticker
      ? h("div", { class: `name ${colourOf(message.from.id)}`, dir: "auto" }, fullName(message.from),
          message.from.is_bot ? h("span", { class: "tag" }, "bot") : null)
      : h("span", { class: "unseen" }, `${view.mine ? "You" : fullName(message.from)}: `),
    forwarded(message),
    quoted(message, view),
    media(message),
    body(message, view),
    reactions(message),
    foot(message, view),
  ];
  const frame = h("div", { class: `bubble${sticker ? " bare" : ""}${message.photo ? " pictured" : ""}` }, parts);
  return [
    view.inGroup && !view.mine
      ? h("div", { class: "beside" }, view.last ? avatar(fullName(message.from), message.from.id, "small") : null)
      : null,
    h("div", { class: "stack" }, frame, keyboard(message, view)),
  ];
}

function forwarded(message) {
  const origin = message.forward_origin;
  if (!origin) return null;
  const name = origin.sender_user ? fullName(origin.sender_user) : origin.sender_user_name;
  return h("div", { class: "forwarded" }, "Forwarded from ", h("bdi", {}, name));
}

function quoted(message, view) {
  const answered = message.reply_to_message;
  if (!answered || answered.forum_topic_created) return null;
  return h(
    "button",
    { type: "button", role: "link", class: `quoted ${colourOf(answered.from.id)}`, onclick: () => view.doing.goTo(answered.message_id) },
    h("span", { class: "unseen" }, "In reply to "),
    h("span", { class: "who", dir: "auto" }, fullName(answered.from)),
    h("span", { class: "what", dir: "auto" }, summary(answered).slice(0, 120)),
  );
}

function media(message) {
  if (message.photo) {
    const size = message.photo.at(-1);
    const src = `files/${encodeURIComponent(size.file_id)}`;
    const alt = message.caption ? `Photo: ${message.caption.slice(0, 120)}` : "Photo";
    const img = h("img", { src, alt, width: size.width, height: size.height, loading: "lazy" });
    return h("button", { type: "button", class: "photo", "aria-label": "Open photo", onclick: () => showPicture(src, alt) }, img);
  }
  if (message.document) {
    const { file_id: id, file_name: name, file_size: size } = message.document;
    return h(
      "a",
      { class: "document", href: `files/${encodeURIComponent(id)}`, download: name ?? "file" },
      h("span", { class: "disc" }, icon("file")),
      h("span", { class: "about" },
        h("span", { class: "file-name", dir: "auto" }, name ?? "File"),
        h("span", { class: "file-size" }, `${bytes(size ?? 0)} · Download`)),
    );
  }
  if (message.sticker) {
    return h("div", { class: "sticker", role: "img", "aria-label": `Sticker ${message.sticker.emoji ?? ""}` }, message.sticker.emoji ?? "🙂");
  }
  if (message.voice) return voice(message);
  return null;
}

function voice(message) {
  const bars = Array.from({ length: 28 }, (_, at) => {
    const bar = h("i", {});
    const seed = Math.abs(Math.sin((at + 1) * (message.message_id + 3) * 1.7));
    bar.style.height = `${4 + Math.round(seed * 16)}px`;
    return bar;
  });
  const length = `0:${String(message.voice.duration).padStart(2, "0")}`;
  return h(
    "div",
    { class: "voice", role: "img", "aria-label": `Voice message, ${message.voice.duration} seconds` },
    h("span", { class: "disc" }, icon("voice")),
    h("span", { class: "about" }, h("span", { class: "wave" }, bars), h("span", { class: "file-size" }, length)),
  );
}

function bytes(size) {
  if (size < 1024) return `${size} B`;
  return size < 1024 * 1024 ? `${(size / 1024).toFixed(1)} KB` : `${(size / 1024 / 1024).toFixed(1)} MB`;
}

function body(message, view) {
  const text = message.text ?? message.caption;
  if (!text) return null;
  const nodes = words(text, message.entities ?? message.caption_entities, view.doing);
  return h("div", { class: "text", dir: "auto", dataset: { testid: "text" } }, nodes);
}

function reactions(message) {
  if (!message.reactions.length) return null;
  return h("div", { class: "reactions" }, message.reactions.map((emoji) =>
    h("span", { role: "img", "aria-label": `Reaction ${emoji}` }, emoji)));
}

function foot(message, view) {
  return h(
    "div",
    { class: "foot" },
    message.edit_date ? h("span", { class: "edited" }, "edited") : null,
    h("time", { datetime: new Date(message.date * 1000).toISOString() }, timeOf(message.date)),
    view.mine ? checks() : null,
  );
}

function keyboard(message, view) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows) return null;
  const buttons = (row) => row.map((button) => {
    const spins = button.callback_data !== undefined && view.pressed.has(button.callback_data);
    return h(
      "button",
      {
        type: "button",
        class: `key ${button.style ?? ""}`,
        dir: "auto",
        "aria-busy": spins ? "true" : null,
        onclick: () => view.doing.press(message, button),
      },
      h("span", {}, button.text),
      button.url ? icon("out", "corner") : null,
      button.copy_text ? icon("copy", "corner") : null,
      spins ? h("span", { class: "spin", "aria-hidden": "true" }) : null,
    );
  });
  return h("div", { class: "keys", role: "group", "aria-label": "Buttons" },
    rows.map((row) => h("div", { class: "key-row" }, buttons(row))));
}
