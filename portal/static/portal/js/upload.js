// Upload fields take dropped files, list what was chosen, and show how far sending has come.
// Without this file the browser's own field does the same work with less to see.

import { isOwnerGone, refuse, say } from "./forms.js";

const fieldIn = (target) => target.closest?.(".upload-drop")?.querySelector('input[type="file"]');

const size = (bytes) =>
  new Intl.NumberFormat(document.documentElement.lang, {
    style: "unit", unit: bytes < 1e6 ? "kilobyte" : "megabyte", maximumFractionDigits: 1,
  }).format(bytes / (bytes < 1e6 ? 1e3 : 1e6));

// The files that were chosen, by name and size, below their field.
document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.type !== "file" || !fieldIn(field)) return;
  const list = document.createElement("ul");
  list.className = "upload-chosen";
  for (const file of field.files) {
    const row = document.createElement("li");
    const amount = document.createElement("span");
    amount.className = "size";
    amount.textContent = size(file.size);
    row.append(file.name, amount);
    list.append(row);
  }
  field.parentElement.querySelector(".upload-chosen")?.remove();
  const drop = fieldIn(field).closest(".upload-drop");
  const large = [...field.files].filter((file) => file.size > Number(drop.dataset.largest || Infinity));
  field.setCustomValidity(large.length ? drop.dataset.saysLarge : "");
  if (field.files.length) field.after(list);
  drop.querySelector(".upload-too-large")?.remove();
  if (!large.length) return;
  const place = document.createElement("p");
  place.className = "field-error upload-too-large";
  place.setAttribute("role", "alert");
  place.textContent = `${large.map((file) => file.name).join(", ")}: ${drop.dataset.saysLarge}`;
  list.after(place);
});

// Files dropped anywhere on the zone; the browser's own field stays the one that sends them.
for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    const field = fieldIn(event.target);
    if (!field) return;
    event.preventDefault();
    field.closest(".upload-drop").classList.toggle("is-over", name === "dragover");
    if (name !== "drop" || !event.dataTransfer.files.length) return;
    const files = new DataTransfer();
    for (const file of [...event.dataTransfer.files].slice(0, field.multiple ? undefined : 1)) files.items.add(file);
    field.files = files.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

// A refused form comes back with its errors; only the page's own part is replaced, the scripts stay.
const show = (answer) => {
  const main = answer?.querySelector("main");
  if (!main) return false;
  document.querySelector("main").replaceWith(main);
  document.title = answer.title;
  document.body.dataset.posted = "";
  window.htmx?.process(main);
  main.dispatchEvent(new Event("portal:shown", { bubbles: true }));
  (document.getElementById("error-summary") ?? main.querySelector('[aria-invalid="true"]') ?? main).focus();
  return true;
};

// What is answered to a body that was not read: it was not allowed, or too many were being sent.
const NOT_READ = { 413: "saysNotTaken", 429: "saysBusy", 503: "saysBusy" };

// The server read none of it, so nothing came back: the page stays, with all that was typed and chosen.
const stay = (form, reason) => {
  const drop = [...form.querySelectorAll(".upload-drop")].find((place) => place.querySelector("input").files.length);
  const place = document.createElement("p");
  place.className = "field-error";
  place.setAttribute("role", "alert");
  place.textContent = drop.dataset[reason];
  form.querySelector(".upload-not-taken")?.remove();
  place.classList.add("upload-not-taken");
  drop.append(place);
  place.scrollIntoView({ block: "center" });
};

// An address that differs from the page's own by its fragment only would not be fetched: it is opened without it.
const goTo = (next) => {
  const address = new URL(next, location.href);
  if (address.pathname + address.search === location.pathname + location.search) address.hash = "";
  location.assign(address.href.replace(/#$/, ""));
};

// XMLHttpRequest alone tells how far sending has come. The server answers a redirect with 204 and the
// address (portal/web/middleware.py), so that the page it leads to is fetched once, with its messages.
const send = (form, submitter) => {
  const bar = document.createElement("progress");
  bar.className = "upload-progress";
  bar.setAttribute("aria-label", submitter?.textContent.trim() ?? form.ariaLabel ?? "");
  form.append(bar);
  const data = new FormData(form);
  if (submitter?.name) data.append(submitter.name, submitter.value);
  const request = new XMLHttpRequest();
  // The property formAction of a button without the attribute is the address of the page.
  request.open("POST", submitter?.hasAttribute("formaction") ? submitter.formAction : form.action);
  request.setRequestHeader("X-Upload", "1");
  request.responseType = "document";
  request.upload.addEventListener("progress", (event) => {
    bar.max = event.total;
    bar.value = event.loaded;
  });
  request.upload.addEventListener("load", () => bar.removeAttribute("value"));
  request.addEventListener("error", () => {
    bar.remove();
    delete form.dataset.sent;
    say(form, "offline");
  });
  request.addEventListener("load", async () => {
    const next = request.getResponseHeader("X-Location");
    const why = request.getResponseHeader("X-Form-Refused");
    bar.remove();
    delete form.dataset.sent;
    if (why) refuse(form, why);
    else if (request.status in NOT_READ && (await isOwnerGone())) refuse(form, "signed-out");
    else if (request.status in NOT_READ) stay(form, NOT_READ[request.status]);
    else if (next) goTo(next);
    else if (!show(request.response)) HTMLFormElement.prototype.submit.call(form);
  });
  request.send(data);
};

// A form that came back to wait for its files, or for a platform's answer, is sent again as soon as that is there; if
// something was refused it comes back and says so. It stays where it is when something else is wrong with it, when a video of it was refused meanwhile, or when somebody goes on typing.
const sendWaiting = () => {
  for (const mark of document.querySelectorAll("form [data-waits]")) {
    const form = mark.closest("form");
    const states = [...form.querySelectorAll("[data-file-state]")].map((place) => place.dataset.fileState);
    if (states.includes("stored") || form.querySelector('[data-asked="yes"]')) continue;
    for (const other of form.querySelectorAll("[data-waits]")) other.remove();
    if (!form.querySelector(".field-error:not([hidden]), [data-refused-now]")) form.requestSubmit(form.querySelector('.actions button[type="submit"]'));
  }
};
document.addEventListener("htmx:afterSettle", sendWaiting);
document.addEventListener("input", (event) => {
  for (const mark of event.target.form?.querySelectorAll("[data-waits]") ?? []) mark.remove();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  const fields = [...form.querySelectorAll('input[type="file"]')];
  const large = fields.find((field) => field.validity.customError);
  if (large) {
    event.preventDefault();
    delete form.dataset.sent;
    large.reportValidity();
    return;
  }
  const chosen = fields.some((field) => field.files.length);
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post") || !chosen) return;
  event.preventDefault();
  send(form, event.submitter);
});
