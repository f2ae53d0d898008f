// Forms that are sent at once keep a draft on the server while somebody writes (portal/people/form_drafts.py), and get back
// what they kept. What became of each saving is told by the event `portal:draft` with `why` it was refused, if it was.

import { fieldsOf, fillForm, formsHere } from "./typed.js";

const WAIT = 1500; // milliseconds after the last key
const placeOf = (form) => form.querySelector(":scope .form-draft");
const tell = (form, facts) => form.dispatchEvent(new CustomEvent("portal:draft", { bubbles: true, detail: facts }));

export const keepsDraft = (form) => Boolean(placeOf(form));

const bodyOf = (form) => {
  const body = new URLSearchParams();
  for (const name of ["csrfmiddlewaretoken", "form_owner", "form_draft"]) body.append(name, form.elements[name].value);
  for (const field of fieldsOf(form)) {
    if (!["checkbox", "radio"].includes(field.type) || field.checked) body.append(field.name, field.value);
  }
  return body;
};

export const saveDraft = async (form) => {
  const place = placeOf(form);
  if (!place || form.dataset.sent) return;
  const headers = { "X-Upload": "1" };
  try {
    const answer = await fetch(place.dataset.saves, { method: "POST", body: bodyOf(form), headers, redirect: "error" });
    const why = answer.headers.get("X-Form-Refused");
    place.querySelector("[role=status]").textContent = answer.ok ? (await answer.json()).said : "";
    tell(form, { saved: answer.ok, why, again: answer.status >= 500 || answer.status === 429 });
  } catch {
    place.querySelector("[role=status]").textContent = "";
    tell(form, { saved: false, again: true });
  }
};

// Returns the forms that were filled in. Done before what was typed in this tab is put back, which is newer.
export const fillDrafts = () => {
  const keptOf = (form) => JSON.parse(placeOf(form).querySelector("script").textContent);
  return formsHere().filter((form) => keepsDraft(form) && keptOf(form).length && fillForm(form, keptOf(form)));
};

const timers = new WeakMap();
const later = (event) => {
  const form = event.target.form;
  if (!event.isTrusted || !form || !keepsDraft(form)) return;
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => saveDraft(form), WAIT));
};
document.addEventListener("input", later);
document.addEventListener("change", later);
document.addEventListener("submit", (event) => clearTimeout(timers.get(event.target)));
