// Every page and state: no fault that axe finds, light and dark, wide and narrow; nothing scrolls
// sideways at 320 pixels; nothing is loaded from elsewhere.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { base, button, fill, open, people, request, SECTIONS, sound, visit, write } from "./desk.mjs";

let browser;
before(async () => { browser = await open(); });
after(() => browser.close());

const agreement = "/agreements/police-serious-crime/2026-01-01";
const PAGES = {
  "": ["/", "/agreements", agreement, `${agreement}/travel`, "/agreements/ho/2018-05-09/diff/2017-01-01", "/statistics", "/statistics/watch",
    "/evidence", "/evidence/back-cast", "/log", "/challenge", "/sign-in", "/nowhere", "/cases"],
  "dc-amara-osei": ["/requests", "/requests/new", "/batches"],
  "clerk-idris-vaughan": ["/requests/new"],
  "cw-sofia-lindqvist": ["/cases", "/cases?state=tracing", "/cases?state=closed", "/cases?state=refused",
    "/deferrals", "/refusals", "/erasure", "/subject-access"],
  "cg-dr-miriam-okafor": ["/cases", `${agreement}/suspension`, "/subject-access", "/people", agreement],
  "sa-leila-haddad": ["/subject-access"],
  "ov-james-whitlock": ["/oversight", "/people", "/cases", `${agreement}/replay`],
  "pr-beatriz-almeida": ["/practice", "/practice/registrations/new", "/practice/refusals/new", "/practice/approaches",
    "/practice/toolkit", "/practice/posters/ar", "/practice/posters/en", "/practice/leaflets/fa", "/practice/leaflets/pl"],
};

for (const [who, paths] of Object.entries(PAGES)) {
  test(`pages of ${who || "the public"}`, async () => {
    const page = await visit(browser, who);
    const foreign = [];
    page.on("request", (request) => {
      if (!request.url().startsWith(base)) foreign.push(request.url());
    });
    for (const path of paths) {
      await page.goto(base + path);
      await sound(page, `${path} for ${who || "the public"}`);
    }
    assert.deepEqual(foreign, []);
  });
}

test("cases in each state, opened", async () => {
  const page = await visit(browser, "cw-tomasz-zielinski");
  for (const state of ["closed", "refused", "no_result", "held_suspension", "invalid"]) {
    await page.goto(`${base}/cases?state=${state}`);
    const found = page.locator("a.ref").first();
    if ((await found.count()) === 0) continue;
    await found.click();
    await sound(page, `a case that is ${state}`);
  }
});

test("forms with errors link each error to its field", async () => {
  const page = await visit(browser, "dc-amara-osei");
  await page.goto(`${base}/requests/new`);
  await fill(page, { purpose: "serious_crime" });
  await button(page, "Start").click();
  const draft = new URL(page.url()).pathname;
  await sound(page, "the parts of a request");
  for (const section of SECTIONS) {
    await page.goto(`${base}${draft}/${section}`);
    await sound(page, `${section}, before anything is said`);
  }
  await page.goto(`${base}${draft}/person`);
  await button(page, "Save and continue").click();
  assert.match(await page.title(), /^Error: /);
  await sound(page, "nobody named");
  const links = page.locator(".nhsuk-error-summary__list a");
  assert.ok((await links.count()) > 0);
  for (const link of await links.all()) {
    const target = (await link.getAttribute("href")).slice(1);
    assert.equal(await page.locator(`[id="${target}"]`).count(), 1, `no field ${target}`);
  }
  const clerk = await visit(browser, "sa-leila-haddad");
  await clerk.goto(`${base}/subject-access`);
  await button(clerk, "Read the log").click();
  await sound(clerk, "subject access with errors");
});

test("subject access, to the file that the person keeps", async () => {
  const clerk = await visit(browser, "sa-leila-haddad");
  await clerk.goto(`${base}/subject-access`);
  const person = people().plain[0];
  await fill(clerk, { person: person.nhs_number, why: "Letter of 3 March, identity checked" });
  await button(clerk, "Read the log").click();
  await sound(clerk, "somebody's log");
  const download = clerk.waitForEvent("download");
  await button(clerk, "Download the file").click();
  assert.match((await download).suggestedFilename(), /bundle/);
});

test("an overseer samples, recomputes and counts", async () => {
  const page = await visit(browser, "ov-james-whitlock");
  for (const name of ["Recompute", "Count"]) {
    await page.goto(`${base}/oversight`);
    await button(page, name).click();
    await sound(page, `oversight after ${name}`);
  }
});

test("a suspension shows what it catches before it bites", async () => {
  const page = await visit(browser, "cg-dr-anton-keller");
  await page.goto(`${base}/agreements/charity-letter/2026-01-01/suspension`);
  if ((await page.locator("h1").innerText()) !== "Suspend an agreement") {
    await page.goto(`${base}/agreements/court-order/2026-01-01/suspension`);
  }
  await button(page, "Look at what it catches").click();
  await sound(page, "a suspension with errors");
  await fill(page, { effect: "hold", reason: "A review of the agreement." });
  await button(page, "Look at what it catches").click();
  await sound(page, "what a suspension catches");
  await button(page, "Suspend now").click();
  await page.getByRole("link", { name: "Reopen this version" }).click();
  await sound(page, "reopening");
});

test("a narrowing is proved and shows what it catches before it binds", async () => {
  const page = await visit(browser, "cg-dr-anton-keller");
  await page.goto(`${base}/agreements/nca-warrant/2026-01-01/narrowing`);
  await button(page, "Prove it, and look at what it catches").click();
  await sound(page, "a narrowing with errors");
  await page.getByLabel("Gender").check();
  await fill(page, { reason: "It was never needed." });
  await button(page, "Prove it, and look at what it catches").click();
  await sound(page, "what a narrowing catches");
  await button(page, "Narrow now").click();
  await page.getByText("No longer released: gender.").first().waitFor();
});

for (const [agreement, options] of [["coroner", {}], ["case-review", { javaScriptEnabled: false }]]) {
  test(`a public-interest test takes two guardians${options.javaScriptEnabled === false ? ", without JavaScript too" : ""}`, async () => {
    const here = `${base}/agreements/${agreement}/2026-01-01/interest`;
    const first = await visit(browser, "cg-dr-miriam-okafor", options);
    await first.goto(here);
    const look = options.javaScriptEnabled === false ? async () => {} : sound;
    await look(first, "a public-interest test to write");
    await fill(first, { t2_trust: "" });
    await button(first, "Propose this test").click();
    await first.getByText("Item T2 is empty").first().waitFor();
    await look(first, "a public-interest test with errors");
    await fill(first, { t2_trust: "Trust is kept by telling." });
    await button(first, "Propose this test").click();
    await first.getByText("You proposed this.").waitFor();
    await look(first, "a test that waits");
    const second = await visit(browser, "cg-dr-anton-keller", options);
    await second.goto(here);
    await look(second, "a test to confirm");
    await button(second, "Confirm this test").click();
    await second.getByText("version 2: Met").waitFor();
    await look(second, "an agreement with a renewed test");
  });
}

test("long names wrap", async () => {
  const page = await visit(browser, "dc-amara-osei");
  const long = "Wolfeschlegelsteinhausenbergerdorff".repeat(3);
  const answers = request({ ...people().plain[50], surname: long, given_name: long, address: long });
  await write(page, { ...answers, "justification.necessity": long.repeat(3) });
  await sound(page, "answers with long names");
});

test("a patient is registered, refused, and an official answered", async () => {
  const page = await visit(browser, "pr-beatriz-almeida");
  await page.goto(`${base}/practice/registrations/new`);
  await fill(page, { language: "ur" });
  await button(page, "Register").click();
  assert.match(await page.title(), /^Error: /);
  assert.equal(await page.locator('section[lang="ur"][dir="rtl"] li').count() > 0, true);
  await sound(page, "a registration with errors, in Urdu too");
  await fill(page, {
    given_name: "Noor", family_name: "Alizadeh", "birth_date.year": "1990", address_kind: "care_of_practice",
    keeper: "Reception", hold_days: "30", mail_consent: ["yes"], protection: ["yes"],
  });
  await button(page, "Register").click();
  await page.waitForURL(/\/practice\/registrations\/R-/);
  await sound(page, "a registration");
  await page.getByRole("link", { name: "Change" }).click();
  await sound(page, "changing a registration");
  await page.goto(`${base}/practice/refusals/new`);
  await fill(page, { family_name: "Khan", language: "fa", reason: "list_closed" });
  await button(page, "Record, and write the letter").click();
  await sound(page, "a letter in two languages");
  await page.goto(`${base}/practice/approaches`);
  await fill(page, { act: "hand_over_list", agency: "home-office" });
  await button(page, "Record it, and tell me what to say").click();
  await sound(page, "what to say to an official");
  await page.goto(`${base}/practice/toolkit`);
  for (const step of ["address", "identity", "status", "confidence", "interpreter", "posters", "training"]) {
    await fill(page, { [step]: "yes" });
  }
  await button(page, "See where we stand").click();
  await sound(page, "a certificate");
});
