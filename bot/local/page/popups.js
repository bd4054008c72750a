// Menus, dialogs and toasts, all usable by keyboard.

import { h, icon } from "./dom.js";

let openMenu = null;

export function closeMenu(refocus = true) {
  if (!openMenu) return;
  const { element, anchor } = openMenu;
  openMenu = null;
  element.remove();
  anchor?.setAttribute?.("aria-expanded", "false");
  if (refocus && anchor?.isConnected) anchor.focus();
}

/**
 * A menu at an element or a point. Items: {label, icon, chosen, danger, run, note},
 * {title} or null for a line.
 */
export function showMenu(anchor, items, label, point = null) {
  const again = openMenu?.anchor === anchor && !point;
  closeMenu(false);
  if (again) {
    anchor.focus();
    return;
  }
  const element = h("div", { class: "menu", role: "menu", "aria-label": label }, items.map(menuItem));
  document.body.append(element);
  place(element, point ?? anchor.getBoundingClientRect(), Boolean(point));
  anchor.setAttribute("aria-expanded", "true");
  openMenu = { element, anchor };
  element.addEventListener("keydown", (event) => walk(event, element));
  (element.querySelector('[aria-checked="true"]') ?? element.querySelector("button"))?.focus();
}

function menuItem(item) {
  if (item === null) return h("div", { class: "line", role: "separator" });
  if (item.title) return h("div", { class: "title", role: "presentation" }, item.title);
  const run = () => {
    closeMenu();
    item.run();
  };
  const radio = item.chosen !== undefined;
  return h(
    "button",
    {
      type: "button",
      role: radio ? "menuitemradio" : "menuitem",
      "aria-checked": radio ? String(item.chosen) : null,
      class: item.danger ? "danger" : "",
      tabindex: "-1",
      onclick: run,
    },
    item.before ?? (item.icon ? icon(item.icon) : null),
    h("span", { class: "label", dir: "auto" }, item.label),
    item.note ? h("span", { class: "note", dir: "auto" }, item.note) : null,
    item.chosen ? icon("check", "tick") : null,
  );
}

function place(element, box, isPoint) {
  const { offsetWidth: width, offsetHeight: height } = element;
  const left = isPoint ? box.left : Math.min(box.left, innerWidth - width - 8);
  const below = isPoint ? box.top : box.bottom + 6;
  const above = (isPoint ? box.top : box.top - 6) - height;
  const top = below + height > innerHeight - 8 && above > 8 ? above : below;
  element.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
  element.style.top = `${Math.max(8, Math.min(top, innerHeight - height - 8))}px`;
}

function walk(event, element) {
  const items = [...element.querySelectorAll("button")];
  const at = items.indexOf(document.activeElement);
  const to = {
    ArrowDown: (at + 1) % items.length,
    ArrowUp: (at - 1 + items.length) % items.length,
    Home: 0,
    End: items.length - 1,
  }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    items[to].focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    event.stopPropagation();
    closeMenu();
  } else if (event.key.length === 1 && /\S/.test(event.key)) {
    const found = items.find((item) => item.textContent.toLowerCase().startsWith(event.key.toLowerCase()));
    found?.focus();
  }
}

document.addEventListener("pointerdown", (event) => {
  if (openMenu && !openMenu.element.contains(event.target) && !openMenu.anchor?.contains?.(event.target)) {
    closeMenu(false);
  }
});
window.addEventListener("resize", () => closeMenu(false));

/** A modal dialog. `body` is nodes; `buttons` are [label, run, primary]. Esc closes. */
export function showDialog(title, body, buttons, className = "") {
  const dialog = h("dialog", { class: `dialog ${className}`, "aria-label": title });
  const close = () => dialog.close();
  const actions = buttons.map(([label, run, primary]) =>
    h(
      "button",
      {
        type: primary ? "submit" : "button",
        class: primary ? "primary" : "plain",
        onclick: primary ? null : () => { close(); run?.(); },
      },
      label,
    ),
  );
  const primary = buttons.find(([, , isPrimary]) => isPrimary);
  const form = h(
    "form",
    {
      method: "dialog",
      onsubmit: (event) => {
        event.preventDefault();
        if (primary?.[1]?.() !== false) close();
      },
    },
    h("h2", {}, title),
    body,
    h("div", { class: "actions" }, actions),
  );
  dialog.append(form);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) close();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** A picture, large. */
export function showPicture(src, alt) {
  const dialog = h("dialog", { class: "lightbox", "aria-label": alt }, h("img", { src, alt }));
  dialog.append(h("button", { type: "button", "aria-label": "Close", onclick: () => dialog.close() }, icon("close")));
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", () => dialog.close());
  document.body.append(dialog);
  dialog.showModal();
}

const TOAST_MS = 4200;

/** A short word over a pane, read aloud. */
export function toast(pane, text) {
  const shelf = pane.querySelector(".toasts") ?? document.querySelector(".toasts");
  const word = h("div", { class: "toast", dir: "auto" }, text);
  shelf?.append(word);
  setTimeout(() => word.classList.add("going"), TOAST_MS);
  setTimeout(() => word.remove(), TOAST_MS + 300);
}
