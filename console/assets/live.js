// Keeps a page as fresh as the journal: fetches it anew every ten seconds and puts the blocks that
// differ in their places. Without this script the page is the same and is refreshed by its link.
//
// Does nothing while the page is hidden, stopped, or has the focus in the block; opens no details
// that were closed and closes none; does not prolong the session, whose end ends it.
"use strict";
(() => {
  const EVERY_MS = 10000;
  const line = document.getElementById("live");
  if (!line) return;
  const button = line.querySelector("button");
  const [running, stopped] = line.querySelectorAll("span");
  let going = true;

  function show() {
    running.hidden = !going;
    stopped.hidden = going;
    button.textContent = going ? button.dataset.stop : button.dataset.go;
  }

  function put(mine, fresh) {
    if (mine.contains(document.activeElement)) return;
    const open = mine.querySelectorAll("details");
    fresh.querySelectorAll("details").forEach((found, at) => {
      found.open = open[at] ? open[at].open : found.open;
    });
    if (!mine.isEqualNode(fresh)) mine.replaceWith(document.adoptNode(fresh));
  }

  async function refresh() {
    if (!going || document.hidden) return;
    const answer = await fetch(location.href, { headers: { "x-live": "1" }, redirect: "error" });
    if (!answer.ok) throw new Error("no page");
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const mine = document.querySelectorAll("[data-live]");
    const fresh = page.querySelectorAll("[data-live]");
    if (mine.length !== fresh.length) return location.reload();
    mine.forEach((block, at) => put(block, fresh[at]));
  }

  button.addEventListener("click", () => {
    going = !going;
    show();
  });
  setInterval(() => refresh().catch(() => {
    going = false;
    show();
  }), EVERY_MS);
  line.hidden = false;
  show();
})();
