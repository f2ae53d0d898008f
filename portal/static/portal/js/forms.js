// A form that could not be sent stays as it is, with all that was typed and chosen, and it is said beside it why:
// whoever was signed in is not here any more, there is no connection, or the server did not take it. How the server
// tells: portal/web/form_recovery.py. Without this file a form is kept until its writer has signed in again.

import { fillDrafts, keepsDraft, saveDraft } from "./drafts.js";
import { fill, forget, formsHere, markSent, remember, restoreTyped } from "./typed.js";

const owner = document.body.dataset.owner ?? "";
const REFUSED = "X-Form-Refused";
const RETRY_SECONDS = 10;
const savesItself = (form) => [form, ...form.querySelectorAll("[hx-post]")].filter((one) => one.matches("[hx-trigger][hx-post]"));

const noticeOf = (form) => form.querySelector(":scope .form-notice");
const clearNotice = (form) => noticeOf(form)?.remove();
export const say = (form, name) => {
  const text = document.getElementById("form-notices").content.querySelector(`[data-notice="${name}"]`);
  if (!text || noticeOf(form)?.dataset.notice === name) return;
  clearNotice(form);
  const notice = text.cloneNode(true);
  notice.classList.add("form-notice");
  notice.setAttribute("role", "alert");
  const actions = [...form.querySelectorAll(".actions")].at(-1);
  if (actions) actions.before(notice);
  else form.append(notice);
  const box = notice.getBoundingClientRect();
  if (name === "restored") return;
  if (box.top < 0 || box.bottom > innerHeight) notice.scrollIntoView({ block: "center" });
};

// Who is here now: marks of owners, and a fresh token for the forms of this page.
const askSession = async () => {
  const answer = await fetch(document.body.dataset.session, { headers: { Accept: "application/json" }, cache: "no-store" });
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
};
const takeToken = (token) => {
  for (const field of document.querySelectorAll('input[name="csrfmiddlewaretoken"]')) field.value = token;
  const headers = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
  document.body.setAttribute("hx-headers", JSON.stringify({ ...headers, "x-csrftoken": token }));
};
const saveNow = (form) => {
  for (const part of savesItself(form)) window.htmx?.trigger(part, "change");
  saveDraft(form);
};

const waiting = new Set();
let watch = 0;
const lookAgain = async () => {
  if (!waiting.size) return;
  const here = await askSession().catch(() => null);
  if (!here) return;
  if (!here.owners.includes(owner)) {
    for (const form of waiting) say(form, here.owners.length ? "other-account" : "signed-out");
    return;
  }
  takeToken(here.token);
  for (const form of [...waiting]) {
    waiting.delete(form);
    say(form, savesItself(form).length || keepsDraft(form) ? "back-saved" : "back");
    saveNow(form);
  }
  clearInterval(watch);
};
export const refuse = (form, why) => {
  delete form.dataset.sent;
  remember();
  markSent({ refused: true });
  say(form, why);
  waiting.add(form);
  clearInterval(watch);
  watch = setInterval(lookAgain, 4000);
};
for (const name of ["focus", "online", "pageshow"]) window.addEventListener(name, lookAgain);
document.addEventListener("visibilitychange", () => document.hidden || lookAgain());

// Where the body of a request was too long for somebody who is signed out, nothing of it was read.
export const isOwnerGone = async () => owner && !(await askSession().catch(() => ({ owners: [owner] }))).owners.includes(owner);

// A form that the browser sends is announced by a cookie. If the server refuses it for who is here, it leaves the page
// as it is (204) and says why in the same cookie.
const readSent = () => document.cookie.match(/(?:^|; )form_sent=([^;]*)/)?.[1] ?? "";
const announce = (form) => {
  const number = Math.random().toString(36).slice(2, 14);
  document.cookie = `form_sent=${number}; path=/; max-age=60; samesite=lax`;
  const ends = Date.now() + 60_000;
  const ask = setInterval(() => {
    const [same, why] = readSent().split(".");
    if (same !== number || Date.now() > ends) clearInterval(ask);
    else if (why) {
      clearInterval(ask);
      document.cookie = "form_sent=; path=/; max-age=0; samesite=lax";
      refuse(form, why);
    }
  }, 100);
};
document.cookie = "form_sent=; path=/; max-age=0; samesite=lax";

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || !form.closest("main")) return;
    remember();
    if (navigator.onLine) {
      clearNotice(form);
      markSent();
      announce(form);
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    delete form.dataset.sent;
    say(form, "offline");
  },
  true,
);

// What htmx sends by itself.
const formOf = (element) => element.closest?.("form") ?? element.querySelector?.("form");
const isSaving = (event) => event.detail.requestConfig.verb === "post" && event.detail.elt.closest("main");
const failed = (event) => {
  const form = formOf(event.detail.elt);
  const why = event.detail.xhr.getResponseHeader?.(REFUSED);
  if (why) {
    for (const one of form ? [form] : formsHere()) refuse(one, why);
    return;
  }
  const { status } = event.detail.xhr;
  if (form && savesItself(form).includes(event.detail.elt)) {
    say(form, "unsaved");
    if (!status || status >= 500 || status === 429) tryAgain(form);
  } else if (form && !status) say(form, "offline");
  else if (status === 409) askLease();
};
// A piece of a case page is refused to who has the case no more: the line of the claim says why.
const askLease = async () => {
  const lease = document.getElementById("lease");
  if (!lease) return;
  await window.htmx.ajax("GET", lease.getAttribute("hx-get"), { target: "#lease", swap: "outerHTML" });
  document.getElementById("lease").scrollIntoView({ block: "center" });
};
const tryAgain = (form) => {
  setTimeout(() => saveNow(form), RETRY_SECONDS * 1000);
  window.addEventListener("online", () => saveNow(form), { once: true });
};
document.addEventListener("portal:draft", ({ target, detail }) => {
  if (detail.why) refuse(target, detail.why);
  else if (!detail.saved) say(target, "unsaved");
  else if (noticeOf(target)?.dataset.notice === "unsaved") clearNotice(target);
  if (detail.again) tryAgain(target);
});
document.addEventListener("htmx:responseError", failed);
document.addEventListener("htmx:sendError", failed);
document.addEventListener("htmx:timeout", failed);
document.addEventListener("htmx:afterRequest", (event) => {
  const form = formOf(event.detail.elt);
  if (!form || !event.detail.successful || !isSaving(event)) return;
  clearNotice(form);
  if (savesItself(form).includes(event.detail.elt)) forget();
});
// A whole page is never put into a part of one; what is put there is selected by the page or by the answer.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, elt } = event.detail;
  const selected = elt.closest("[hx-select]") || xhr.getResponseHeader("HX-Reselect");
  if (/^\s*<!doctype/i.test(xhr.responseText) && !selected) event.detail.shouldSwap = false;
});

const begin = () => {
  const kept = document.getElementById("kept-form");
  for (const form of fillDrafts()) say(form, "restored");
  const [said, forms] = restoreTyped();
  for (const form of said ? forms : []) say(form, said);
  if (kept) fill(JSON.parse(kept.textContent));
};
if (document.readyState === "complete") begin();
else window.addEventListener("load", begin);
