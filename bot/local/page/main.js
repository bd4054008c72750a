// Puts the page together: the patient on the left, the team on the right.

import { avatar, fullName, h, icon } from "./dom.js";
import { Pane } from "./pane.js";
import { showDialog } from "./popups.js";
import { act, connect, groups, listen, patients, staffIds, store } from "./store.js";
import { TopBar } from "./topbar.js";

const LANGUAGES = [["en", "English"], ["es", "Español"], ["ru", "Русский"], ["ar", "العربية"], ["de", "Deutsch"], ["fr", "Français"], ["pt", "Português"], ["tr", "Türkçe"]];
const NAMES = ["Ana", "Bruno", "Chloé", "Dmitri", "Elif", "Farid", "Grace", "Hugo", "Ines", "Jonas", "Kaya", "Leila"];

const bar = new TopBar();
const patient = new Pane("patient", "Patient's chat", peopleItems);
const team = new Pane("team", "Team's chat", teamItems);
const tabs = h("div", { class: "tabs", role: "tablist", "aria-label": "Chats" });
const panes = h("main", { class: "panes" }, patient.element, team.element);
const hello = h("div", { class: "hello", hidden: true });
document.body.append(bar.element, tabs, panes, hello, h("div", { class: "toasts page", role: "status" }));

let tab = sessionStorage.getItem("tab") ?? "patient";

const keep = (name, value) => sessionStorage.setItem(name, String(value));
const kept = (name) => Number(sessionStorage.getItem(name));

// — who is shown —

function choosePatient(id) {
  const chat = store.chats.get(id);
  if (!chat) return;
  if (patient.me !== id) patient.payload = "";
  keep("patient", id);
  patient.show(chat, id);
  patient.forgetNews();
}

/** Go to somebody's private chat with the bot, which may be their first. */
async function visit(id) {
  if (!store.chats.has(id) && !(await act({ do: "open", user_id: id })).ok) return;
  await until(() => store.chats.has(id));
  choosePatient(id);
  draw();
}

/** Wait for the stream to bring what an act has made. */
function until(holds) {
  return new Promise((done) => {
    const look = () => {
      if (!holds()) return;
      stop();
      done();
    };
    const stop = listen(look);
    look();
  });
}

function chooseTeam(chatId, me) {
  const chat = store.chats.get(chatId);
  const people = chat.members.map(([id]) => id).filter((id) => id !== store.bot.id);
  const who = people.includes(me) ? me : people[0];
  if (who === undefined) return;
  keep("group", chatId);
  keep("staff", who);
  const first = team.chat?.id !== chatId;
  team.show(chat, who, first ? null : team.threadId);
  if (first) team.forgetNews();
}

function settle() {
  const withChat = [...patients(), ...store.users.values()].filter((user) => store.chats.has(user.id));
  const wanted = [patient.me, kept("patient")].find((id) => withChat.some((user) => user.id === id));
  const id = wanted ?? withChat[0]?.id;
  if (id !== undefined && id !== patient.me) choosePatient(id);
  const rooms = groups();
  const room = rooms.find((chat) => chat.id === (team.chat?.id ?? kept("group"))) ?? rooms[0];
  if (room && (team.chat?.id !== room.id || team.me === null)) chooseTeam(room.id, team.me ?? kept("staff"));
  const nobody = id === undefined;
  hello.hidden = !nobody || !store.ready;
  if (nobody && !hello.childElementCount) {
    hello.append(h("h2", {}, "Nobody is here yet"), h("p", {}, "Make a patient to try the bot."),
      h("button", { type: "button", class: "primary", onclick: newPatient }, "New patient"));
  }
  patient.element.hidden = nobody;
  team.element.hidden = !room;
  document.body.classList.toggle("alone", !room);
}

// — menus of people —

function personItem(user, current, run) {
  return { label: fullName(user), chosen: user.id === current, before: avatar(fullName(user), user.id, "tiny"), run };
}

function peopleItems() {
  const staff = staffIds();
  const here = [...store.users.values()];
  const item = (user) => personItem(user, patient.me, () => visit(user.id));
  const workers = here.filter((user) => staff.has(user.id));
  return [
    { title: "Patients" },
    ...here.filter((user) => !staff.has(user.id)).map(item),
    { label: "New patient…", icon: "plus", run: newPatient },
    ...(workers.length ? [null, { title: "Team, in private with the bot" }, ...workers.map(item)] : []),
  ];
}

function teamItems() {
  const chat = store.chats.get(team.chat.id);
  const people = chat.members.map(([id]) => store.users.get(id)).filter(Boolean);
  const rooms = groups();
  return [
    { title: "You are" },
    ...people.map((user) => personItem(user, team.me, () => chooseTeam(chat.id, user.id))),
    ...(rooms.length > 1 ? [null, { title: "Group" }, ...rooms.map((room) => ({
      label: room.title, chosen: room.id === chat.id, run: () => chooseTeam(room.id, team.me) }))] : []),
  ];
}

function newPatient() {
  const taken = new Set([...store.users.values()].map((user) => user.first_name));
  const name = h("input", { type: "text", value: NAMES.find((one) => !taken.has(one)) ?? "Guest", maxlength: "64", required: true, autocomplete: "off" });
  const language = h("select", {}, LANGUAGES.map(([code, label]) => h("option", { value: code }, label)));
  const payload = h("input", { type: "text", pattern: "[A-Za-z0-9_\\-]*", maxlength: "64", autocomplete: "off", spellcheck: "false", placeholder: "nothing" });
  const make = async () => {
    const answer = await act({ do: "person", name: name.value, language: language.value });
    if (!answer.ok) return;
    await until(() => store.chats.has(answer.user_id));
    choosePatient(answer.user_id);
    patient.payload = payload.value.trim();
    setTab("patient");
    draw();
    patient.composer.big.focus();
  };
  const dialog = showDialog("New patient", [
    h("label", { class: "field" }, h("span", {}, "Name"), name),
    h("label", { class: "field" }, h("span", {}, "Language of the app"), language),
    h("label", { class: "field" }, h("span", {}, `Comes by t.me/${store.bot.username}?start=`), payload),
  ], [["Cancel"], ["Create", () => { make(); }, true]]);
  dialog.querySelector("input").select();
}

// — tabs, on small screens —

function setTab(name) {
  tab = name;
  keep("tab", name);
  draw();
}

function drawTabs() {
  document.body.dataset.tab = team.element.hidden ? "patient" : tab;
  const made = [["patient", "Patient", patient], ["team", "Team", team]].map(([name, label, pane]) => {
    const fresh = name === tab ? 0 : pane.unseen;
    return h("button", {
      type: "button", role: "tab", "aria-selected": String(name === tab), tabindex: name === tab ? "0" : "-1",
      onclick: () => setTab(name),
      onkeydown: (event) => {
        if (!event.key.startsWith("Arrow")) return;
        setTab(name === "patient" ? "team" : "patient");
        tabs.querySelector('[aria-selected="true"]').focus();
      },
    }, icon(name === "patient" ? "user" : "team", "small"), label, fresh ? h("span", { class: "badge" }, String(fresh)) : null);
  });
  const focused = tabs.contains(document.activeElement);
  tabs.replaceChildren(...made);
  if (focused) tabs.querySelector('[aria-selected="true"]').focus();
}

// — drawing —

let waiting = false;

function draw() {
  waiting = false;
  if (!store.ready) return;
  settle();
  drawTabs();
  patient.draw();
  team.draw();
  bar.draw();
  document.title = store.bot.name;
}

function answered(query) {
  for (const pane of [patient, team]) {
    if (pane.me === query.user_id && pane.chat?.id === query.chat_id) pane.answered(query);
  }
}

listen((event) => {
  if (event.type === "query" && event.query.answer !== null) answered(event.query);
  if (event.type === "online" && !store.ready) bar.draw();
  if (waiting) return;
  waiting = true;
  queueMicrotask(draw);
});

bar.draw();
connect();
