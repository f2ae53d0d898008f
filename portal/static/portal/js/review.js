// j and k walk through the pages of the papers on a case page. Without this file they are scrolled.

const typing = (target) => target.closest("input, textarea, select, [contenteditable]");
const pages = () => [...document.querySelectorAll("#papers .viewer-page a")];

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const step = { j: 1, k: -1 }[event.key];
  if (!step) return;
  const all = pages();
  if (!all.length) return;
  event.preventDefault();
  const here = all.indexOf(document.activeElement);
  const next = all[Math.min(Math.max(here + step, 0), all.length - 1)];
  const closed = next.closest("details:not([open])");
  if (closed) closed.open = true;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "start" });
});

// The second person's panel tells what is not opened yet. It asks again when a page or a video was opened meanwhile,
// and a link in it opens what it leads to.
let waits = 0;
const looked = () => {
  clearTimeout(waits);
  waits = setTimeout(() => document.body.dispatchEvent(new Event("portal:looked")), 600);
};
for (const place of document.querySelectorAll("details")) {
  place.addEventListener("toggle", () => place.open && place.querySelector(".viewer, video") && looked());
}
document.addEventListener("load", (event) => event.target.matches?.(".viewer-page img") && looked(), true);
document.addEventListener("play", looked, true);
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('#second a[href^="#"]');
  const closed = link && document.getElementById(link.hash.slice(1))?.querySelector("details.disclosure:not([open])");
  if (closed) closed.open = true;
});

// A panel that a key has opened takes the next key strokes.
for (const panel of document.querySelectorAll("details.panel")) {
  panel.addEventListener("toggle", () => {
    if (panel.open) panel.querySelector("input:not([type=hidden]), textarea")?.focus();
  });
}
