// What makes the desk more comfortable. Every page works without it, so nothing here may be needed.
"use strict";

// Times in the reader's own zone; hovering shows the exact time in UTC.
for (const time of document.querySelectorAll("time[data-show]")) {
  const at = new Date(time.dateTime);
  if (Number.isNaN(at.getTime()) || time.closest(".utc")) continue;
  const day = { day: "numeric", month: "long", year: "numeric" };
  const hour = { hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
  const shown = time.dataset.show === "day" ? day : { ...day, ...hour };
  time.textContent = new Intl.DateTimeFormat("en-GB", shown).format(at).replace(" at ", ", ");
}

// A button beside what people copy: a reference, a key, a signed head.
for (const copied of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  const button = document.createElement("button");
  const words = (done) => {
    button.textContent = done;
    const what = document.createElement("span");
    what.className = "nhsuk-u-visually-hidden";
    what.textContent = ` ${copied.dataset.copy}`;
    button.append(what);
  };
  button.type = "button";
  button.className = "copy";
  button.setAttribute("aria-live", "polite");
  words("Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(copied.textContent.trim());
      words("Copied");
    } catch {
      words("Select it to copy");
    }
    setTimeout(words, 4000, "Copy");
  });
  copied.after(button);
}

// Counts that stay true while the page is open. The answer is numbers and nothing else.
const live = document.querySelector("[data-live]");
if (live) {
  const every = 20_000;
  const look = async () => {
    if (document.hidden) return;
    const answer = await fetch(live.dataset.live).catch(() => null);
    if (!answer) return;
    // Signed out, or the page is from an older program: it stays as it is.
    if (!answer.ok) return void clearInterval(timer);
    const counts = await answer.json();
    for (const place of live.querySelectorAll("[data-count]")) {
      const count = counts[place.dataset.count];
      if (count === undefined || place.textContent === String(count)) continue;
      place.textContent = count;
      document.querySelector("[data-changed]").hidden = false;
    }
  };
  const timer = setInterval(look, every);
  document.addEventListener("visibilitychange", look);
}

// Leaving at once: the page is blanked, and the way back does not lead here. Shift three times is
// the same as the link, as on GOV.UK.
const exit = document.querySelector("[data-exit]");
if (exit) {
  const leave = (event) => {
    event?.preventDefault();
    // Whoever comes back to this address is signed out.
    const token = document.querySelector("[name=form_token]");
    if (token) navigator.sendBeacon("/sign-out", new URLSearchParams({ form_token: token.value }));
    document.documentElement.replaceChildren();
    window.location.replace(exit.href);
  };
  const patience = 5000;
  let pressed = [];
  exit.addEventListener("click", leave);
  document.addEventListener("keydown", (event) => {
    if (event.repeat) return;
    if (event.key !== "Shift") return void (pressed = []);
    pressed = [...pressed.filter((at) => event.timeStamp - at < patience), event.timeStamp];
    if (pressed.length >= 3) leave();
  });
  // Links of these pages leave no trail.
  for (const link of document.querySelectorAll("a[href^='/']")) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      window.location.replace(link.href);
    });
  }
  // A page that comes back from the browser's memory is asked for again.
  window.addEventListener("pageshow", (event) => event.persisted && window.location.reload());
}
