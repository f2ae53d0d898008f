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

// A panel that a key has opened takes the next key strokes.
for (const panel of document.querySelectorAll("details.panel")) {
  panel.addEventListener("toggle", () => {
    if (panel.open) panel.querySelector("input:not([type=hidden]), textarea")?.focus();
  });
}
