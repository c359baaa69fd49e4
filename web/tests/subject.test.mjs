// The desk of the person asked about: with JavaScript, without, by keyboard alone; and what JavaScript adds.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { base, button, fill, open, people, sound, until, visit } from "./desk.mjs";
import { press, type } from "./keyboard.mjs";

let browser;
const { plain } = people();
const ASKED = "su-asked-about";
const HELPER = "su-farah-aziz";
const AWAY = "https://www.bbc.co.uk/weather";
const nothing = async () => {};

before(async () => { browser = await open(); });
after(() => browser.close());

const at = (row, options = {}) => visit(browser, ASKED, { number: plain[row].nhs_number, ...options });

/** Nothing is asked of anybody else: the page to which one exits is made up here. */
async function elsewhere(page) {
  await page.context().route(`${AWAY}*`, (route) => route.fulfill({ contentType: "text/html", body: "<h1>Weather</h1>" }));
}

async function says(page, text) {
  assert.match(await page.locator("main").innerText(), text);
}

/** From the first look to the end of a delegation. */
async function whole(row, options, check) {
  const person = await at(row, options);
  await check(person, "the page of a person");
  await person.goto(`${base}/yours/log`);
  await says(person, /You read this log\./);
  await check(person, "who asked");
  const download = person.waitForEvent("download");
  await button(person, "Download the file").click();
  assert.equal((await download).suggestedFilename(), "document.bundle");
  await person.goto(`${base}/yours/details`);
  await check(person, "one's details");
  await button(person, "Ask for the correction").click();
  assert.match(await person.title(), /^Error: Your page/);
  await check(person, "a correction with errors");
  await fill(person, { item: "name", says: "Wolfeschlegelsteinhausenbergerdorff".repeat(4) });
  await button(person, "Ask for the correction").click();
  await says(person, /Waits for an answer/);
  await check(person, "a correction that waits, with a long name");
  await person.goto(`${base}/yours/choices`);
  await check(person, "choices");
  await button(person, "Keep it for whoever decides").click();
  await check(person, "an objection with errors");
  await fill(person, { objection: "My brother must not learn where I am." });
  await button(person, "Keep it for whoever decides").click();
  await button(person, "Protect the record now").click();
  await says(person, /Your record is protected from now on/);
  await check(person, "choices made");
  await person.goto(`${base}/yours/details`);
  await says(person, /Not shown: your record is protected/);
  await person.goto(`${base}/yours/helpers`);
  await check(person, "nobody who helps");
  await button(person, "Make a code for somebody").click();
  const code = await person.locator(".invitation code").innerText();
  await check(person, "a code");
  const helper = await visit(browser, HELPER, options);
  await check(helper, "a page without a record");
  await fill(helper, { code: "made.up" });
  await button(helper, "Use the code").click();
  await check(helper, "a code that does not work");
  await fill(helper, { code });
  await button(helper, "Use the code").click();
  await check(helper, "a page of somebody who acts for another");
  await button(helper, "Who asked").last().click();
  await says(helper, /You are acting for somebody else/);
  await check(helper, "who asked about somebody else");
  await button(helper, "Their choices").click();
  await check(helper, "the choices of somebody else");
  await person.goto(`${base}/yours/helpers`);
  await check(person, "somebody who helps");
  await button(person, "End it for Farah Aziz").click();
  await says(person, /They act for you no longer/);
  await check(person, "somebody who helped");
  return person;
}

test("a person at their own page, and whoever acts for them, with JavaScript", async () => {
  const person = await whole(70, {}, sound);
  await person.goto(`${base}/yours/choices`);
  await button(person, "Show nothing here from now on").click();
  await sound(person, "a page that shows nothing");
  const clerk = await visit(browser, "sa-leila-haddad");
  await clerk.goto(`${base}/subject-access`);
  await fill(clerk, { person: plain[70].nhs_number, why: "Came in person." });
  await button(clerk, "Read the log").click();
  await sound(clerk, "a log that is hidden online");
  await button(clerk, "Show it online again").click();
  await person.goto(`${base}/yours/log`);
  await says(person, /had your page shown online again/);
});

test("a person at their own page, and whoever acts for them, without JavaScript", async () => {
  const person = await whole(71, { javaScriptEnabled: false }, nothing);
  await elsewhere(person);
  await person.getByRole("link", { name: "Exit this page" }).click();
  await person.waitForURL(`${AWAY}*`);
});

test("a person at their own page, by keyboard alone", async () => {
  const person = await at(72);
  await person.goto(`${base}/yours/details`);
  await type(person, { item: "address", says: "9 New Street, NM2 2BB" });
  await press(person, "Ask for the correction");
  await says(person, /Waits for an answer/);
  await press(person, "Your choices");
  await press(person, "Protect the record now");
  await says(person, /Your record is protected from now on/);
});

test("staff answer a correction, by the rules of who may", async () => {
  const person = await at(73);
  await person.goto(`${base}/yours/details`);
  await fill(person, { item: "address", says: "9 New Street, NM2 2BB" });
  await button(person, "Ask for the correction").click();
  const caseworker = await visit(browser, "cw-sofia-lindqvist");
  await caseworker.goto(`${base}/corrections`);
  await sound(caseworker, "corrections that wait");
  let path;
  for (const link of await caseworker.locator("a.ref").all()) {
    path = await link.getAttribute("href");
    const page = await caseworker.context().newPage();
    await page.goto(base + path);
    const found = (await page.locator("main").innerText()).includes(plain[73].address);
    await page.close();
    if (found) break;
  }
  await caseworker.goto(base + path);
  await sound(caseworker, "a correction");
  await button(caseworker, "Record the answer").click();
  await sound(caseworker, "an answer with errors");
  await fill(caseworker, { agreed: "yes", reason: "A letter came back." });
  await button(caseworker, "Record the answer").click();
  await until(person, "/yours/details", "A letter came back.");
});

test("shift three times leaves at once, signs out, and the way back does not lead here", async () => {
  const person = await at(74);
  await elsewhere(person);
  await person.goto(`${base}/yours/log`);
  await person.keyboard.press("Shift");
  await person.keyboard.press("a");
  await person.keyboard.press("Shift");
  await person.keyboard.press("Shift");
  assert.equal(new URL(person.url()).pathname, "/yours/log", "two in a row are not three");
  await person.keyboard.press("Shift");
  await person.waitForURL(`${AWAY}*`);
  await person.goBack();
  assert.notEqual(new URL(person.url()).pathname, "/yours/log");
  await person.goto(`${base}/yours/log`);
  await says(person, /signed out/);
});

test("links of a person's page leave one entry in the browser's history", async () => {
  const person = await at(75);
  const before = await person.evaluate(() => history.length);
  for (const name of ["Who asked", "Your details", "Your choices"]) {
    await person.getByRole("navigation", { name: "Main" }).getByRole("link", { name }).click();
    await person.waitForLoadState();
    assert.equal(await person.title(), "Your page – Tracegate");
  }
  assert.equal(await person.evaluate(() => history.length), before);
});

test("times are the reader's own, and the exact one is on hover", async () => {
  const person = await at(76, { timezoneId: "Asia/Tokyo", locale: "en-GB" });
  await person.goto(`${base}/yours/log`);
  const time = person.locator("main time").first();
  assert.match(await time.innerText(), /(JST|GMT\+9)/);
  assert.match(await time.getAttribute("title"), /\d\d:\d\d:\d\d UTC$/);
});

test("what can be copied is copied, and counts stay true", async () => {
  const caseworker = await visit(browser, "cw-sofia-lindqvist", { permissions: ["clipboard-read", "clipboard-write"] });
  await caseworker.goto(`${base}/cases?state=closed`);
  const reference = await caseworker.locator("a.ref").first().innerText();
  await caseworker.locator("a.ref").first().click();
  await button(caseworker, "Copy the reference").click();
  await button(caseworker, "Copied the reference").waitFor();
  assert.equal(await caseworker.evaluate(() => navigator.clipboard.readText()), reference);
  await sound(caseworker, "a case with something copied");
  await caseworker.route("**/cases/counts", (route) => route.fulfill({ json: { casework_review: 77 } }));
  await caseworker.goto(`${base}/cases`);
  await caseworker.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await caseworker.getByText("The counts have changed").waitFor();
  assert.equal(await caseworker.locator("[data-count=casework_review]").innerText(), "77");
  await sound(caseworker, "counts that have changed");
});
