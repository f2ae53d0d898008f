// What is typed is remembered in this tab until it was sent: through the switch of the language, a refusal, a reload and
// the way back. Passwords and files never are. It belongs to whom the page was made for (portal/web/form_owners.py).

const owner = document.body.dataset.owner ?? "";
const isPosted = () => "posted" in document.body.dataset; // upload.js puts in what came back
const refused = "refused" in document.body.dataset;
const NEVER = new Set(["hidden", "password", "file", "submit", "button", "reset", "image"]);
const CHECKED = new Set(["checkbox", "radio"]);
const SENT = "forms:sent";

export const formsHere = () => [...document.querySelectorAll('main form[method="post"]')];
export const fieldsOf = (form) =>
  [...form.elements].filter((one) => one.name && !NEVER.has(one.type) && one.autocomplete !== "one-time-code");

const read = (key) => {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
};
const write = (key, value) => {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // The browser keeps nothing more; the page itself still has it.
  }
};

// A form is known by where it sends to and its place among those that send there.
const nameForms = () => {
  const seen = {};
  return formsHere().map((form) => {
    const goal = form.getAttribute("action") || "";
    seen[goal] = (seen[goal] ?? 0) + 1;
    return [`${goal}#${seen[goal]}`, form];
  });
};
const valueOf = (field) => (CHECKED.has(field.type) ? field.checked : field.value);
export const isChanged = (field) => {
  if (CHECKED.has(field.type)) return field.checked !== field.defaultChecked;
  if (!field.options) return field.value !== field.defaultValue;
  const first = [...field.options].find((option) => option.defaultSelected) ?? field.options[0];
  return field.value !== (first?.value ?? "");
};
// What was typed on this page: [name, place among the fields of that name, value]. A page that came back with errors
// shows what was typed before; on any other only what was changed counts, since the rest may be stored anew elsewhere.
const typedIn = (form) => {
  const seen = {};
  const all = fieldsOf(form).map((field) => [field, (seen[field.name] = (seen[field.name] ?? -1) + 1)]);
  return all.filter(([field]) => isPosted() || isChanged(field)).map(([field, nth]) => [field.name, nth, valueOf(field)]);
};
const snapshot = () => nameForms().map(([name, form]) => ({ name, fields: typedIn(form) }));

const put = (field, value) => {
  const checked = CHECKED.has(field.type);
  if (value === undefined || (checked ? field.checked : field.value) === value) return false;
  if (checked) field.checked = value;
  else field.value = value;
  for (let place = field.closest("details"); place; place = place.parentElement.closest("details")) place.open = true;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
};
const restore = (forms) => {
  const changed = [];
  for (const [name, form] of nameForms()) {
    let count = 0;
    const fields = fieldsOf(form);
    for (const [field, nth, value] of forms.find((one) => one.name === name)?.fields ?? []) {
      const place = fields.filter((one) => one.name === field)[nth];
      if (place) count += put(place, value);
    }
    if (count) changed.push(form);
  }
  return changed;
};

// Names and values as a form sends them: into the form that has most of these fields.
export const fill = (pairs) => {
  const names = new Set(pairs.map(([name]) => name));
  const score = (form) => new Set(fieldsOf(form).map((one) => one.name).filter((name) => names.has(name))).size;
  const best = formsHere().sort((a, b) => score(b) - score(a))[0];
  return best && score(best) ? fillForm(best, pairs) : 0;
};
export const fillForm = (form, pairs) => {
  const names = new Set(pairs.map(([name]) => name));
  const values = (name) => pairs.filter(([other]) => other === name).map(([, value]) => value);
  const texts = {};
  let changed = 0;
  for (const field of fieldsOf(form)) {
    if (CHECKED.has(field.type)) changed += put(field, values(field.name).includes(field.value));
    else if (names.has(field.name)) changed += put(field, (texts[field.name] ??= values(field.name)).shift());
  }
  return changed;
};

// Every entry of the tab's history has a key of its own. A page that answers a form becomes one that can be gone back to.
const key = history.state?.key ?? Math.random().toString(36).slice(2);
history.replaceState({ ...history.state, key }, "", location.href);
const place = `forms:${key}`;

let earlier = read(place)?.earlier ?? [];
export const remember = () => {
  if (formsHere().length) write(place, { owner, earlier, path: location.pathname, forms: snapshot() });
};
export const forget = () => sessionStorage.removeItem(place);
const forgetAll = (keeps) => {
  for (const name of Object.keys(sessionStorage)) {
    if (name.startsWith("forms:") && !keeps?.(read(name))) sessionStorage.removeItem(name);
  }
};
// What was sent is remembered until the next page shows that it was taken.
export const markSent = (facts = {}) => write(SENT, { place, owner, path: location.pathname, ...facts });

const waitingHere = () => {
  const navigation = performance.getEntriesByType("navigation")[0]?.type;
  const own = read(place);
  const sent = read(SENT);
  if (navigation === "back_forward" || navigation === "reload") return own;
  if (isPosted() || !sent) return null;
  if (sent.refused ? sent.path !== location.pathname : !sent.switched) return null;
  return { ...read(sent.place), switched: sent.switched, files: sent.files };
};

// What became of the form that was sent: it was refused, came back with errors, or was taken.
const settle = (sent) => {
  if (!sent) return;
  const typed = read(sent.place);
  if (refused) {
    write(SENT, { ...sent, refused: true });
    write(place, typed);
    return;
  }
  if (sent.refused && sent.path !== location.pathname) return;
  sessionStorage.removeItem(SENT);
  if (isPosted()) {
    earlier = [...(typed?.earlier ?? []), sent.place];
    remember();
  } else if (!sent.refused && !sent.switched) {
    for (const one of [...(typed?.earlier ?? []), sent.place]) if (one !== place) sessionStorage.removeItem(one);
  }
};

// Returns what is to be said ("files", "restored" or "") beside which forms.
export const restoreTyped = () => {
  const waiting = waitingHere();
  settle(read(SENT));
  if (refused) return ["", []];
  if (owner) forgetAll((kept) => !kept?.owner || kept.owner === owner);
  if (!waiting?.forms || (waiting.owner ?? "") !== owner) return ["", []];
  const changed = restore(waiting.forms);
  if (changed.length) remember();
  if (waiting.files) return ["files", changed.length ? changed : formsHere().slice(0, 1)];
  return [waiting.switched ? "" : "restored", changed];
};

let soon = 0;
const later = (event) => {
  if (!event.target.form?.closest?.("main")) return;
  clearTimeout(soon);
  soon = setTimeout(remember, 200);
};
document.addEventListener("input", later);
document.addEventListener("change", later);

// The language is switched because somebody does not understand the form that they are filling in.
document.addEventListener("submit", (event) => {
  if (event.target.matches('form[action$="/logout/"]')) forgetAll();
  if (!event.target.matches("[data-keeps-forms]")) return;
  clearTimeout(soon);
  remember();
  const files = [...document.querySelectorAll('main input[type="file"]')].some((field) => field.files.length);
  const sent = read(SENT);
  markSent({ switched: true, files, refused: sent?.place === place && sent.refused });
});
