// Builds elements. Text is always a text node: nobody's words become markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element: h("p", {class: "x", onclick: f, "aria-label": "y"}, "text", child). */
export function h(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "dataset") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const PATHS = {
  send: "M3.4 20.4 21 12 3.400 3.600 3.400 10.200 15 12 3.400 13.800z",
  menu: "M4 7h16M4 12h16M4 17h16",
  close: "M6 6l12 12M18 6 6 18",
  attach: "M20 11.500 12.300 19.200a5 5 0 0 1-7.100-7.100l8-8a3.400 3.400 0 0 1 4.800 4.800l-7.900 7.900a1.700 1.700 0 0 1-2.400-2.400l7.200-7.200",
  more: "M12 5.500v.1M12 12v.1M12 18.500v.1",
  down: "M6 9l6 6 6-6",
  back: "M15 5l-7 7 7 7",
  lock: "M7 11V8a5 5 0 0 1 10 0v3M5.500 11h13v9h-13z",
  clock: "M12 7v5l3.500 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.400 1.400M17.600 17.600 19 19M5 19l1.400-1.400M17.600 6.400 19 5",
  moon: "M20 14.500A8.500 8.500 0 1 1 9.500 4a7 7 0 0 0 10.500 10.500z",
  keyboard: "M3 7h18v10H3zM7 10.500v.1M11 10.500v.1M15 10.500v.1M7 14h10",
  reply: "M10 6 4 12l6 6M4 12h9a7 7 0 0 1 7 7",
  edit: "M4 20l1-4L16.500 4.500l3 3L8 19z",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  link: "M9 15l6-6M10.500 6.500l2-2a4.200 4.200 0 0 1 6 6l-2 2M13.500 17.500l-2 2a4.200 4.200 0 0 1-6-6l2-2",
  out: "M8 16 17 7M10 7h7v7",
  user: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21a8 8 0 0 1 16 0",
  team: "M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2.500 20a6.500 6.500 0 0 1 13 0M16 4.500a3.500 3.500 0 0 1 0 6.500M18 14.500a6.500 6.500 0 0 1 3.500 5.500",
  plus: "M12 5v14M5 12h14",
  block: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM5.700 5.700l12.600 12.600",
  photo: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.500 9.200v.1",
  voice: "M12 15a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3zM6 12a6 6 0 0 0 12 0M12 18v3",
  sticker: "M20 12a8 8 0 1 0-8 8zM20 12a8 8 0 0 0-8 8M9 10v.1M15 10v.1M9 14a4 4 0 0 0 4 1.500",
  forward: "M14 6l6 6-6 6M20 12h-9a7 7 0 0 0-7 7",
  file: "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
  check: "M5 12.500l4.500 4.500L19 7.500",
};

/** A line icon; decoration only. */
export function icon(name, className = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `icon ${className}`);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  if (name === "send") svg.classList.add("filled");
  svg.append(path);
  return svg;
}

/** The two check marks of a message that has arrived. */
export function checks() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 12");
  svg.setAttribute("class", "checks");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "delivered");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", "M1.500 6.500 5 10l7.500-8.500M9.500 10 17.500 1.500");
  svg.append(path);
  return svg;
}

/** One of seven colours for a name, the same each time. */
export function colourOf(id) {
  return `c${Math.abs(Number(id)) % 7}`;
}

/** A round picture with initials. */
export function avatar(name, id, extra = "") {
  const initials = [...name.split(/\s+/).filter(Boolean)].slice(0, 2).map((word) => [...word][0]).join("");
  return h("span", { class: `avatar ${colourOf(id)} ${extra}`, "aria-hidden": "true" }, initials.toUpperCase());
}

export function fullName(user) {
  return [user?.first_name, user?.last_name].filter(Boolean).join(" ") || "Somebody";
}
