// Keeps the copy in step with the original: along a matching stretch, or, where nothing matches, from where both
// were set. Without this file both play by themselves, and the links of the stretches open each video at its place.

const DRIFT = 0.15; // seconds that are not worth a jump
const root = document.querySelector("[data-side-by-side]");
const video = (name) => root?.querySelector(`video[data-video="${name}"]`);
const original = video("a");
const copy = video("b");
const rows = [...(root?.querySelectorAll("tr[data-row]") ?? [])].map((row) => row.dataset);
let here = 0;
let apart = 0; // by how many seconds the copy is ahead where nothing matches

const rate = () => (rows.length ? Number(rows[here].rate) : 1);
const place = () => (rows.length ? Number(rows[here].b) + (original.currentTime - Number(rows[here].a)) * rate() : original.currentTime + apart);
const keepStep = () => {
  copy.playbackRate = Math.min(Math.max(original.playbackRate * rate(), 0.25), 4);
  const wanted = Math.max(place(), 0);
  if (Math.abs(copy.currentTime - wanted) > DRIFT) copy.currentTime = wanted;
};

const choose = (number) => {
  here = Math.min(Math.max(number, 0), rows.length - 1);
  for (const video of [original, copy]) video.preload = "auto";
  original.currentTime = Number(rows[here].a);
  copy.currentTime = Number(rows[here].b);
  root.dataset.orientation = rows[here].orientation;
  root.querySelector("[data-turned]").textContent = rows[here].turned;
  for (const link of root.querySelectorAll("[data-stretch]")) {
    link.toggleAttribute("aria-current", Number(link.dataset.stretch) === here);
  }
};

const measure = () => {
  if (!rows.length && original.paused) apart = copy.currentTime - original.currentTime;
};

const acts = { play: () => (original.paused ? original.play() : original.pause()), back: () => choose(here - 1), on: () => choose(here + 1) };

if (original && copy) {
  for (const button of root.querySelectorAll("[data-act]")) {
    button.hidden = false;
    button.addEventListener("click", acts[button.dataset.act]);
  }
  root.addEventListener("click", (event) => {
    const link = event.target.closest("[data-stretch]");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    choose(Number(link.dataset.stretch));
  });
  original.addEventListener("play", () => copy.play());
  original.addEventListener("pause", () => copy.pause());
  original.addEventListener("seeked", () => (original.paused && !rows.length ? measure() : keepStep()));
  copy.addEventListener("seeked", measure);
  setInterval(() => original.paused || keepStep(), 250);
}
