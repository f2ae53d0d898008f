// Keeps the copy, a video or a sound, in step with the original: along a matching stretch, or, where nothing matches, from where both
// were set. One bar moves both. Without this file both play by themselves, and the links of the stretches open each
// video at its place.

const DRIFT = 0.15; // seconds that are not worth a jump
const root = document.querySelector("[data-side-by-side]");
const video = (name) => root?.querySelector(`[data-video="${name}"]`);
const original = video("a");
const copy = video("b");
const bar = root?.querySelector("[data-seek]");
const times = root?.querySelector("[data-times]");
// Each stretch: where it begins and ends in the original, where it begins in the copy, and the copy's seconds for one of the original.
const rows = [...(root?.querySelectorAll("tr[data-row]") ?? [])].map((row) => ({ ...row.dataset, a: Number(row.dataset.a), end: Number(row.dataset.end), b: Number(row.dataset.b), rate: Number(row.dataset.rate) || 1 }));
let here = 0;
let apart = 0; // by how many seconds the copy is ahead where nothing matches

const rate = () => (rows.length ? rows[here].rate : 1);
const place = (moment) => Math.max(rows.length ? rows[here].b + (moment - rows[here].a) * rate() : moment + apart, 0);
const clock = (seconds) => {
  const whole = Math.floor(seconds || 0);
  const rest = [Math.floor(whole / 60) % 60, whole % 60].map((part, number) => String(part).padStart(number ? 2 : 1, "0"));
  return whole < 3600 ? rest.join(":") : [Math.floor(whole / 3600), rest[0].padStart(2, "0"), rest[1]].join(":");
};

// No video plays backwards by itself: a copy that does is set anew, step by step.
const runs = () => rate() > 0;
const keepStep = () => {
  const wanted = place(original.currentTime);
  if (runs()) copy.playbackRate = Math.min(Math.max(original.playbackRate * rate(), 0.25), 4);
  if (copy.seeking) return;
  if (Math.abs(copy.currentTime - wanted) > DRIFT) copy.currentTime = wanted;
};

const tell = () => {
  const [a, b] = [original.currentTime, copy.currentTime].map(clock);
  if (!bar) return;
  if (document.activeElement !== bar || !original.seeking) bar.value = original.currentTime;
  bar.setAttribute("aria-valuetext", `${a} – ${b}`);
  times.textContent = `${a} – ${b}`;
};

const mark = () => {
  if (!rows.length) return;
  const row = rows[here];
  if (row.orientation) root.dataset.orientation = row.orientation;
  const turned = root.querySelector("[data-turned]");
  if (turned) turned.textContent = row.turned;
  for (const link of root.querySelectorAll("[data-stretch]")) {
    link.toggleAttribute("aria-current", Number(link.dataset.stretch) === here);
  }
};

// The stretch that a moment of the original lies in, the present one first; else the last that began before.
const stretchAt = (moment) => {
  const within = (row) => row.a <= moment && moment <= row.end;
  if (!rows.length || within(rows[here])) return here;
  const found = rows.findIndex(within);
  return found >= 0 ? found : Math.max(rows.findLastIndex((row) => row.a <= moment), 0);
};

const goTo = (moment, number = stretchAt(moment)) => {
  here = number;
  for (const each of [original, copy]) each.preload = "auto";
  original.currentTime = moment;
  copy.currentTime = place(moment);
  mark();
};
const choose = (number) => {
  const chosen = Math.min(Math.max(number, 0), rows.length - 1);
  goTo(rows[chosen].a, chosen);
};

const measure = () => {
  if (!rows.length && original.paused) apart = copy.currentTime - original.currentTime;
};
const start = () => runs() && copy.play().catch(() => {});
const acts = { play: () => (original.paused ? original.play().catch(() => {}) : original.pause()), back: () => choose(here - 1), on: () => choose(here + 1) };

// While both play, one of them is heard: the original, unless the reader asked for the copy.
const hear = root?.querySelector("[data-hear]");
let before = null; // whether each was muted
const together = () => {
  before ??= [original.muted, copy.muted];
  copy.muted = hear?.getAttribute("aria-pressed") !== "true";
  original.muted = !copy.muted;
};
const alone = () => {
  if (before) [original.muted, copy.muted] = before;
  before = null;
};

// The bar is as long as the original is drawn in the picture of the stretches, so that a moment is at one place in both.
const spread = () => {
  const { drawn, of } = bar?.parentElement.dataset ?? {};
  if (drawn) bar.parentElement.style.setProperty("--drawn", Number(drawn) / Number(of));
  if (bar && Number.isFinite(original.duration)) bar.max = original.duration;
};

if (original && copy) {
  for (const tools of root.querySelectorAll("[data-step-tools]")) tools.hidden = false;
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
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-moment]");
    if (!button) return;
    goTo(Number(button.dataset.moment));
    root.scrollIntoView({ block: "nearest" });
  });
  bar?.addEventListener("input", () => {
    const moment = Number(bar.value);
    goTo(moment);
    times.textContent = [moment, place(moment)].map(clock).join(" – ");
  });
  const playing = root.querySelector("[data-act=play][aria-pressed]");
  hear?.addEventListener("click", () => {
    hear.setAttribute("aria-pressed", String(hear.getAttribute("aria-pressed") !== "true"));
    if (!original.paused) together();
  });
  original.addEventListener("play", () => {
    playing?.setAttribute("aria-pressed", "true");
    together();
    start();
  });
  original.addEventListener("pause", () => {
    playing?.setAttribute("aria-pressed", "false");
    copy.pause();
    alone();
  });
  original.addEventListener("seeked", () => (original.paused && !rows.length ? measure() : keepStep()));
  copy.addEventListener("seeked", measure);
  for (const each of [original, copy]) for (const name of ["timeupdate", "seeked"]) each.addEventListener(name, tell);
  original.addEventListener("loadedmetadata", spread);
  spread();
  setInterval(() => {
    if (original.paused) return;
    const now = stretchAt(original.currentTime);
    if (now !== here) {
      here = now;
      mark();
      if (!runs()) copy.pause();
      else if (copy.paused) start();
    }
    keepStep();
  }, 250);
}
