// The page without a reload: forms are sent as they are, and what the server tells of is put in its place.
"use strict";

const TYPING = "input:not([type=checkbox]), textarea, select, [contenteditable]";
const lost = document.getElementById("lost");
const keys = document.getElementById("keys");
const narrow = matchMedia("(max-width: 63.99rem)"); // where the buttons are below everything, and what comes of them is not
let asked = false;
let step = document.body.dataset.step;
let began = Date.now() - 1000 * Number(document.body.dataset.seconds);

function put(name, mark, html) {
  const region = document.getElementById(name);
  if (region.dataset.mark === mark) return;
  region.dataset.mark = mark;
  region.innerHTML = html; // made by the server from escaped text; the policy runs nothing in it
}

function button(name, state) {
  const one = document.querySelector(`.toolbar button[value="${name}"]`);
  const left = state === "hidden" && one === document.activeElement;
  one.hidden = state === "hidden";
  if (left) document.querySelector(".toolbar button:not([hidden])").focus();
  if (state === "off") one.setAttribute("aria-disabled", "true");
  else one.removeAttribute("aria-disabled");
}

function count() {
  const seconds = document.getElementById("seconds");
  if (seconds) seconds.textContent = `${Math.round((Date.now() - began) / 1000)} s`;
}

function follow(told) {
  const { told: said, hints } = told.regions;
  const ended = String(told.ended) !== document.body.dataset.ended;
  if (!asked || !(said || hints || ended)) return;
  if (narrow.matches) (hints ? document.querySelector(".hints li:last-child") : document.getElementById("told"))?.scrollIntoView();
  asked = !ended;
}

function show(told) {
  began = Date.now() - 1000 * told.seconds;
  document.title = told.title;
  for (const [name, [mark, html]] of Object.entries(told.regions)) put(name, mark, html);
  for (const [name, state] of Object.entries(told.buttons)) button(name, state);
  follow(told);
  if (step !== told.step) document.getElementById("title").focus();
  step = document.body.dataset.step = told.step;
  document.body.dataset.ended = told.ended;
  count();
}

function send(event) {
  event.preventDefault();
  asked = true;
  const form = new URLSearchParams(new FormData(event.target, event.submitter));
  const action = event.submitter?.hasAttribute("formaction") ? event.submitter.formAction : event.target.action;
  fetch(action, { method: "POST", body: form, redirect: "manual" })
    .then((answer) => { lost.hidden = answer.type === "opaqueredirect"; }, () => { lost.hidden = false; });
}

function pressed(event) {
  if (!keys.checked || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (event.target.closest?.(TYPING)) return;
  const one = document.querySelector(`.toolbar button[aria-keyshortcuts="${CSS.escape(event.key)}"]`);
  if (one && !one.hidden) one.click();
}

document.addEventListener("submit", send);
document.addEventListener("keydown", pressed);
setInterval(count, 1000);

const events = new EventSource("events");
events.addEventListener("open", () => { lost.hidden = true; });
events.addEventListener("error", () => { lost.hidden = false; });
events.addEventListener("message", (event) => show(JSON.parse(event.data)));
