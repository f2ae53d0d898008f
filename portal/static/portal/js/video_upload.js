// Video fields send a video as soon as it is chosen, in pieces, and go on where they stopped after a lost
// line or a reload. Without this file the video goes with the form, as any other file.

const PIECE = 8 * 1024 * 1024;
// Milliseconds between tries; after the last one, the event "online" or a button goes on.
const PAUSES = [0, 1000, 2000, 4000, 8000, 15000, 30000];

const inside = (field, name) => field.querySelector(`[data-video-${name}]`);
const fieldOf = (target) => target.closest?.("[data-video-upload]");
const inputOf = (field) => field.querySelector('input[type="file"]');
const running = new WeakMap(); // field: { upload, begun }

const amount = (bytes) =>
  new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: "megabyte", maximumFractionDigits: 1 })
    .format(bytes / 2 ** 20);

const say = (field, words) => {
  const place = inside(field, "says");
  if (place.textContent !== words) place.textContent = words;
};

const tell = (field, sentence) => {
  const place = inside(field, "error");
  place.hidden = !sentence;
  place.lastElementChild.textContent = sentence ?? "";
};

// Shows what can be done now: choose, while there is room and nothing is being sent, or watch.
const arrange = (field) => {
  const sending = running.has(field);
  const ticked = field.querySelectorAll('[data-video-kept] input:checked').length;
  const full = ticked >= Number(field.dataset.most);
  inside(field, "sending").hidden = !sending;
  inside(field, "drop").hidden = sending || full;
  inside(field, "plain").hidden = Boolean(window.tus);
  inputOf(field).required = Boolean(field.dataset.required) && !ticked && !sending;
  for (const begun of field.querySelectorAll("[data-video-begun]")) begun.hidden = sending || full;
};

// The sentence of the server, if the answer has one; otherwise our own.
const sentenceOf = (field, error) => {
  const answer = error.originalResponse;
  const told = answer?.getHeader("Content-Type")?.startsWith("text/plain") ? answer.getBody() : "";
  return told || field.dataset.saysFailed;
};

const finish = (field) => {
  running.delete(field);
  arrange(field);
};

const keep = async (field, address) => {
  const url = new URL(address, location.origin);
  url.searchParams.set("name", field.dataset.keptName);
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(answer.statusText);
  const draft = document.createElement("template");
  draft.innerHTML = await answer.text();
  const row = draft.content.querySelector("li");
  const id = row.querySelector("input").value;
  field.querySelector(`[data-video-kept] input[value="${id}"]`)?.closest("li").remove();
  inside(field, "kept").append(row);
  window.htmx?.process(row);
};

const lost = (field, words) => {
  say(field, words);
  inside(field, "again").hidden = false;
};

const show = (field, sent, whole) => {
  const bar = field.querySelector("progress");
  bar.max = whole;
  bar.value = sent;
  const share = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" }).format(sent / whole);
  inside(field, "amount").textContent = `${share} · ${amount(sent)} / ${amount(whole)}`;
  say(field, sent < whole ? field.dataset.saysSending : field.dataset.saysStoring);
  inside(field, "again").hidden = true;
};

// Where the same video was begun before, here or on another device of the same person.
const begunBefore = (field, file) =>
  [...field.querySelectorAll("[data-video-begun]")]
    .find((place) => place.dataset.name === file.name && Number(place.dataset.size) === file.size);

const options = (field, file, begun) => ({
  endpoint: field.dataset.endpoint,
  uploadUrl: begun?.dataset.videoBegun ?? null,
  chunkSize: PIECE,
  retryDelays: PAUSES,
  storeFingerprintForResuming: false,
  metadata: { filename: file.name, purpose: field.dataset.purpose },
  headers: { "X-CSRFToken": field.closest("form").elements.csrfmiddlewaretoken.value },
  onProgress: (sent, whole) => show(field, sent, whole),
  onShouldRetry: (error) => {
    const status = error.originalResponse?.getStatus() ?? 0;
    const again = [0, 409, 423, 429].includes(status) || status >= 500;
    if (again) lost(field, [429, 503].includes(status) ? field.dataset.saysBusy : field.dataset.saysLost);
    return again;
  },
  onError: (error) => {
    if (!error.originalResponse) return lost(field, field.dataset.saysLost); // kept as it is, for "online" and the button
    finish(field);
    tell(field, sentenceOf(field, error));
  },
  onSuccess: async ({ lastResponse }) => {
    begun?.remove();
    try {
      await keep(field, lastResponse.getHeader("Content-Location"));
      tell(field, "");
    } catch {
      tell(field, field.dataset.saysFailed);
    }
    finish(field);
  },
});

const start = (field, file) => {
  tell(field, "");
  if (file.size > Number(field.dataset.largest)) return tell(field, field.dataset.saysLarge);
  const begun = begunBefore(field, file);
  const upload = new window.tus.Upload(file, options(field, file, begun));
  running.set(field, { upload, begun });
  inside(field, "name").textContent = file.name;
  show(field, 0, file.size || 1);
  arrange(field);
  upload.start();
};

// In the capturing phase, before upload.js lists what was chosen: here it is sent at once, one at a time.
document.addEventListener("change", (event) => {
  const field = fieldOf(event.target);
  if (!field) return;
  if (event.target.type !== "file") return arrange(field);
  if (!window.tus || !event.target.files.length) return;
  event.stopPropagation();
  const [file] = event.target.files;
  event.target.value = "";
  start(field, file);
}, true);

document.addEventListener("click", async (event) => {
  const field = fieldOf(event.target);
  const run = field && running.get(field);
  if (run && event.target.closest("[data-video-again]")) run.upload.start();
  if (run && event.target.closest("[data-video-cancel]")) {
    // What has arrived is deleted; if that does not get through, it is given up after a day.
    run.upload.abort(true).catch(() => {});
    run.begun?.remove();
    finish(field);
    tell(field, "");
    inputOf(field).focus();
  }
  if (field && event.target.closest("[data-video-discard]")) {
    const begun = event.target.closest("[data-video-begun]");
    const token = field.closest("form").elements.csrfmiddlewaretoken.value;
    const headers = { "Tus-Resumable": "1.0.0", "X-CSRFToken": token };
    const answer = await fetch(begun.dataset.videoBegun, { method: "DELETE", headers }).catch(() => null);
    if (answer?.ok || answer?.status === 404 || answer?.status === 410) begun.remove();
    else tell(field, field.dataset.saysFailed);
  }
});

window.addEventListener("online", () => {
  for (const field of document.querySelectorAll("[data-video-upload]")) {
    if (running.has(field) && !inside(field, "again").hidden) running.get(field).upload.start();
  }
});

// A form is not sent before its video.
document.addEventListener("submit", (event) => {
  const field = [...event.target.querySelectorAll("[data-video-upload]")].find((found) => running.has(found));
  if (!field) return;
  event.preventDefault();
  tell(field, field.dataset.saysWait);
  inside(field, "sending").scrollIntoView({ block: "center" });
}, true);

const ready = () => document.querySelectorAll("[data-video-upload]").forEach(arrange);
ready();
// A video that was refused meanwhile is no longer kept: another can be chosen.
document.addEventListener("htmx:oobAfterSwap", ready);
// A form that upload.js has replaced stands there anew.
new MutationObserver(ready).observe(document.body, { childList: true });
