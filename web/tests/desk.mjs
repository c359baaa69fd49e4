// A browser at the desk: who signs in, what a page must always be, and the form of a request.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

export const base = process.env.TRACEGATE_DESK;
const data = process.env.TRACEGATE_DESK_DATA;

const quiet = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

export function open() {
  return chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: quiet });
}

/** A page of its own session; `who` signs in unless nobody is named. */
export async function visit(browser, who, options = {}) {
  const { number, ...others } = options;
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...others });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  if (who) {
    await page.goto(`${base}/sign-in`);
    if (number) await page.getByLabel("NHS number in the index").fill(number);
    await page.locator(`button[value="${who}"]`).click();
  }
  return page;
}

/** No fault of accessibility that a program can find, in the present state of the page. */
export async function accessible(page, where) {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes[0].html} (${nodes.length})`);
  assert.deepEqual(told, [], where);
}

/** The page itself never scrolls sideways; a wide table scrolls in its own place. */
export async function fits(page, where) {
  const over = await page.evaluate(() => {
    const root = document.documentElement;
    return root.scrollWidth - root.clientWidth;
  });
  assert.equal(over, 0, `${where} is wider than the window by ${over} pixels`);
}

/** Wide and light; at 200 % zoom; on a narrow phone in the dark. */
export async function sound(page, where) {
  await accessible(page, where);
  await page.setViewportSize({ width: 640, height: 450 });
  await fits(page, `${where} at 200 %`);
  await page.setViewportSize({ width: 320, height: 640 });
  await page.emulateMedia({ colorScheme: "dark" });
  await fits(page, `${where} at 320 pixels`);
  await accessible(page, `${where} at 320 pixels, dark`);
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 900 });
}

/** People of the demonstration's index whom a trace finds for certain; no two share a name. */
export function people() {
  const [head, ...lines] = readFileSync(`${data}/people.csv`, "utf8").trim().split("\n");
  const names = head.trim().split(",");
  const rows = lines
    .filter((line) => !line.includes('"'))
    .map((line) => Object.fromEntries(line.trim().split(",").map((value, at) => [names[at], value])));
  const plain = (row) =>
    !row.death_date && !row.dob_estimated && !row.previous_names && row.address_kind === "home" &&
    row.nhs_number && row.middle_name && !row.date_of_birth.endsWith("-01-01");
  return {
    plain: rows.filter((row) => plain(row) && !row.restricted),
    restricted: rows.filter((row) => plain(row) && row.restricted),
  };
}

/** The answers to the form of a request about this person. */
export function request(person) {
  const [year, month, day] = person.date_of_birth.split("-");
  return {
    "agency_reference": "NM/browser",
    "requester.unit": "major-crime",
    "requester.rank": "constable",
    "subject.given_name": person.given_name,
    "subject.middle_name": person.middle_name,
    "subject.surname": person.surname,
    "subject.date_of_birth.day": day,
    "subject.date_of_birth.month": month,
    "subject.date_of_birth.year": year,
    "subject.sex": person.sex,
    "subject.nhs_number": person.nhs_number,
    "subject.address": person.address,
    "subject.postcode": person.postcode,
    "subject_role": "suspect",
    "purpose": "serious_crime",
    "grounds.gateway": "L3",
    "grounds.offence": "murder",
    "justification.necessity": "The last address is empty.",
    "justification.proportionality": "One address of one person.",
    "justification.harm": "A witness may be harmed.",
    "justification.link": "There is no other way.",
    "justification.likelihood": "Likely.",
    "justification.consent": "not_asked_prejudice",
    "attempt1.what": "Visit",
    "attempt1.on.day": "20",
    "attempt1.on.month": "9",
    "attempt1.on.year": "2026",
    "attempt1.result": "Moved out",
    "fields": ["name", "last_known_address"],
    "priority": "routine",
  };
}

/** Fills whatever of the answers the present page asks for. */
export async function fill(page, answers) {
  for (const [name, given] of Object.entries(answers)) {
    const field = page.locator(`[name="${name}"]:not([type=hidden])`);
    if ((await field.count()) === 0) continue;
    const kind = await field.first().evaluate((element) => element.type || element.tagName);
    if (kind === "select-one") await field.selectOption(given);
    else if (kind === "radio" || kind === "checkbox") {
      for (const value of [given].flat()) {
        await page.locator(`[name="${name}"][value="${value}"]`).check();
      }
    } else await field.fill(given);
  }
}

/** Parts of a request, in their order. */
export const SECTIONS = ["you", "person", "grounds", "why", "tried", "data", "urgency"];

/** Writes a request part by part, up to the check of its answers, and answers with the draft's path. */
export async function write(officer, answers) {
  await officer.goto(`${base}/requests/new`);
  await fill(officer, answers);
  await button(officer, "Start").click();
  await officer.waitForURL(/\/requests\/drafts\//);
  const draft = new URL(officer.url()).pathname;
  for (const section of SECTIONS) {
    await officer.goto(`${base}${draft}/${section}`);
    await fill(officer, answers);
    await button(officer, "Save and continue").click();
    await officer.waitForURL((url) => !url.pathname.endsWith(`/${section}`));
  }
  await officer.goto(`${base}${draft}/check`);
  await officer.getByRole("heading", { level: 1, name: "Check your answers" }).waitFor();
  return draft;
}

/** Writes a request, has the inspector sign it, and answers with its path. */
export async function ask(browser, officer, answers) {
  const draft = await write(officer, answers);
  await button(officer, "Ask for the second signature").click();
  const inspector = await visit(browser, "insp-ruth-hale");
  await inspector.goto(`${base}${draft}/signature`);
  await fill(inspector, { rank: "inspector" });
  await button(inspector, "Sign and send").click();
  await inspector.waitForURL(/\/requests\/TG-/);
  const path = new URL(inspector.url()).pathname;
  await inspector.context().close();
  return path;
}

export const caseOf = (path) => path.replace("/requests/", "/cases/");

/** A caseworker's draft: what leaves, and the weighing. */
export const weighing = {
  choice: "release",
  fields: ["name", "last_known_address"],
  gateway: "L3",
  necessity: "The address alone lets the police find them.",
  public_interest: "Murder outweighs confidence in an address.",
  harm: "Small.",
  public_health: "None.",
};

export const button = (page, name) => page.getByRole("button", { name, exact: true });

/** Opens the page again until it says this; the gate's worker and its fixed hours take their time. */
export async function until(page, path, text) {
  for (let attempt = 0; attempt < 120; attempt += 1) {
    await page.goto(base + path);
    if ((await page.locator("main").innerText()).includes(text)) return;
    await page.waitForTimeout(500);
  }
  assert.fail(`${path} never says ${text}`);
}

/** Drafts a release, up to the preview of what would leave. */
export async function draft(caseworker, path) {
  await until(caseworker, path, "Decide");
  await caseworker.getByRole("link", { name: "Decide", exact: true }).click();
  await fill(caseworker, weighing);
  await button(caseworker, "Look at exactly what would leave").click();
  await caseworker.getByRole("heading", { level: 1, name: "Exactly what would leave" }).waitFor();
}

/** The first half of a second review: the own view, and then the draft. */
export async function secondReview(guardian, path) {
  await guardian.goto(`${base}${path}/second-review`);
  assert.equal(await guardian.getByText(weighing.necessity).count(), 0, "the draft is shown too early");
  await fill(guardian, { own_view: "The address, no more." });
  await button(guardian, "Record my view and show the draft").click();
  await guardian.getByText(weighing.necessity).first().waitFor();
}

/** Collects; until the entry is under a signed head the gate asks to come back in a moment. */
export async function collect(officer) {
  const path = new URL(officer.url()).pathname;
  for (let attempt = 0; attempt < 60; attempt += 1) {
    await button(officer, "Collect now").click();
    if ((await officer.locator("h1").innerText()) === "The answer") return;
    await officer.waitForTimeout(500);
    await officer.goto(base + path);
  }
  assert.fail("the answer could not be collected");
}
