// What the page knows, told by the server's stream; and what people do, told to it.

const RETRY_MS = 700;

export const store = {
  ready: false,
  online: false,
  bot: null,
  users: new Map(),
  chats: new Map(), // id → chat, with `messages`: Map of message id → message
  queries: new Map(), // presses that wait, by id
  typing: new Map(), // "chat:thread" → time-out
  clock: { now: 0, heard: 0, ahead: 0 },
};

const listeners = new Set();

/** Hear of every event, after the store has taken it in. */
export function listen(heard) {
  listeners.add(heard);
  return () => listeners.delete(heard);
}

function tell(event) {
  for (const heard of [...listeners]) heard(event);
}

const TYPING_MS = 5500;
const QUERY_SECONDS = 150; // a press spins no longer
const typingKey = (chatId, threadId) => `${chatId}:${threadId ?? 0}`;

export function isTyping(chatId, threadId) {
  return store.typing.has(typingKey(chatId, threadId));
}

function stopTyping(chatId, threadId) {
  const key = typingKey(chatId, threadId);
  clearTimeout(store.typing.get(key));
  store.typing.delete(key);
}

const take = {
  snapshot(event) {
    store.bot = event.bot;
    store.users = new Map(event.users.map((user) => [user.id, user]));
    store.chats = new Map(event.chats.map((chat) => [chat.id, withMessages(chat)]));
    store.queries = new Map();
    event.queries.forEach(takeQuery);
    take.clock(event.clock);
    store.ready = true;
  },
  clock(event) {
    store.clock = { now: event.now, ahead: event.ahead_seconds, heard: performance.now() };
    for (const [id, query] of store.queries) {
      if (event.now - query.pressed_at > QUERY_SECONDS) store.queries.delete(id);
    }
  },
  user(event) {
    store.users.set(event.user.id, event.user);
  },
  chat(event) {
    const known = store.chats.get(event.chat.id);
    if (event.chat.migrated_to !== null) store.chats.delete(event.chat.id);
    else store.chats.set(event.chat.id, { ...event.chat, messages: known?.messages ?? new Map() });
  },
  message(event) {
    const { message } = event;
    store.chats.get(message.chat_id)?.messages.set(message.message_id, message);
    if (message.from.is_bot) stopTyping(message.chat_id, message.message_thread_id);
  },
  removed(event) {
    const chat = store.chats.get(event.chat_id);
    event.message_ids.forEach((id) => chat?.messages.delete(id));
  },
  query(event) {
    takeQuery(event.query);
  },
  action(event) {
    stopTyping(event.chat_id, event.thread_id);
    const over = () => {
      stopTyping(event.chat_id, event.thread_id);
      tell({ type: "still", chat_id: event.chat_id });
    };
    store.typing.set(typingKey(event.chat_id, event.thread_id), setTimeout(over, TYPING_MS));
  },
  bot(event) {
    store.bot = event.bot;
  },
};

function withMessages(chat) {
  const messages = new Map(chat.messages.map((message) => [message.message_id, message]));
  return { ...chat, messages };
}

function takeQuery(query) {
  if (query.answer !== null) {
    store.queries.delete(query.id);
    return;
  }
  store.queries.set(query.id, query);
  setTimeout(() => {
    if (store.queries.delete(query.id)) tell({ type: "still", chat_id: query.chat_id });
  }, QUERY_SECONDS * 1000);
}

let source = null;

/** Open the stream; it opens itself again whenever it breaks. */
export function connect() {
  source = new EventSource("events");
  source.onmessage = (message) => {
    const event = JSON.parse(message.data);
    take[event.type]?.(event);
    if (event.type === "snapshot") setOnline(true);
    tell(event);
  };
  source.onerror = () => {
    setOnline(false);
    source.close();
    setTimeout(connect, RETRY_MS);
  };
}

function setOnline(online) {
  if (store.online === online) return;
  store.online = online;
  tell({ type: "online" });
}

window.addEventListener("pagehide", () => source?.close());

/** Do something as a person; gives the server's answer, or {ok: false, why}. */
export async function act(wanted) {
  try {
    const answer = await fetch("act", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(wanted),
    });
    return await answer.json();
  } catch {
    return { ok: false, why: "No connection. Nothing was sent. Please try again." };
  }
}

/** The local world's time, in milliseconds. */
export function localNow() {
  return store.clock.now * 1000 + (performance.now() - store.clock.heard);
}

export const groups = () => [...store.chats.values()].filter((chat) => chat.kind !== "private");

/** Everybody who is in a group works here; all others are patients. */
export function staffIds() {
  const ids = groups().flatMap((chat) => chat.members.map(([id]) => id));
  return new Set(ids.filter((id) => id !== store.bot?.id));
}

export function patients() {
  const staff = staffIds();
  return [...store.users.values()].filter((user) => !staff.has(user.id));
}
