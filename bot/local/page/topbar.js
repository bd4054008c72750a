// The bar on top: what this is, the local clock, light and dark, tabs on small screens.

import { h, icon } from "./dom.js";
import { showDialog, showMenu, toast } from "./popups.js";
import { act, localNow, store } from "./store.js";

const HOUR = 3600;
const STEPS = [["+1 hour", HOUR], ["+1 day", 24 * HOUR], ["+1 week", 7 * 24 * HOUR]];
const weekday = new Intl.DateTimeFormat("en-GB", { weekday: "short" });
const date = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export function clockText(ms) {
  const moment = new Date(ms);
  const year = moment.getFullYear() === new Date().getFullYear() ? "" : ` ${moment.getFullYear()}`;
  return `${weekday.format(moment)} ${date.format(moment)}${year} ${time.format(moment)}`;
}

export class TopBar {
  constructor() {
    this.clock = h("button", { type: "button", class: "clock", "aria-haspopup": "menu", onclick: () => this.clockMenu() },
      icon("clock"), this.shown = h("span", { dataset: { testid: "clock" } }));
    this.theme = h("button", { type: "button", class: "round", onclick: () => this.toggleTheme() });
    this.state = h("span", { class: "state" });
    this.element = h("header", { class: "topbar" },
      h("div", { class: "brand" }, h("img", { src: "icon.svg", alt: "", width: "28", height: "28" }),
        h("div", {}, h("h1", {}, "Local try-out"), this.state)),
      h("div", { class: "time", role: "group", "aria-label": "Local clock" }, this.clock,
        STEPS.map(([label, seconds]) => h("button", { type: "button", class: "step", onclick: () => this.move(seconds) }, label)),
        h("button", { type: "button", class: "step", onclick: () => this.goTo() }, "Go to…")),
      this.theme);
    const kept = localStorage.getItem("theme");
    if (kept) document.documentElement.dataset.theme = kept;
    this.drawTheme();
    setInterval(() => this.tick(), 1000);
  }

  tick() {
    if (!store.ready) return;
    this.shown.textContent = clockText(localNow());
    const hours = Math.round(store.clock.ahead / HOUR);
    const ahead = hours >= 48 ? `${Math.round(hours / 24)} days` : `${hours} h`;
    this.clock.title = hours ? `${ahead} ahead of your computer's clock` : "Your computer's clock";
    this.clock.classList.toggle("ahead", hours > 0);
  }

  draw() {
    const words = store.online ? "Nothing leaves this computer" : "Reconnecting…";
    this.state.replaceChildren(icon(store.online ? "lock" : "clock", "small"), words);
    this.state.classList.toggle("off", !store.online);
    this.tick();
  }

  async move(seconds) {
    const answer = await act({ do: "clock", seconds });
    if (!answer.ok) toast(document.body, answer.why);
  }

  clockMenu() {
    const steps = STEPS.map(([label, seconds]) => ({ label, run: () => this.move(seconds) }));
    showMenu(this.clock, [{ title: "Let time pass" }, ...steps, null, { label: "Go to a date…", run: () => this.goTo() }], "Let time pass");
  }

  goTo() {
    const now = new Date(localNow() + 60_000);
    const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
    const field = h("input", { type: "datetime-local", min: local, value: local, required: true, "aria-label": "Date and time" });
    const wrong = h("p", { class: "wrong", role: "alert" });
    const go = () => {
      const to = new Date(field.value).getTime() / 1000;
      if (!(to * 1000 > localNow())) {
        wrong.textContent = "Time only goes forward.";
        return false;
      }
      act({ do: "clock", to });
      return true;
    };
    showDialog("Go to a date", [h("label", { class: "field" }, field), wrong], [["Cancel"], ["Go", go, true]]);
  }

  isDark() {
    const { theme } = document.documentElement.dataset;
    return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  toggleTheme() {
    const theme = this.isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    localStorage.setItem("theme", theme);
    this.drawTheme();
  }

  drawTheme() {
    this.theme.replaceChildren(icon(this.isDark() ? "sun" : "moon"));
    this.theme.setAttribute("aria-label", this.isDark() ? "Light colours" : "Dark colours");
  }
}
