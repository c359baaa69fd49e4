// Journeys from end to end: with JavaScript, without, and by keyboard alone.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { press, reach, type } from "./keyboard.mjs";
import { ask, base, button, caseOf, collect, draft, fill, open, people, request, secondReview, SECTIONS, sound, until, visit, weighing } from "./desk.mjs";

let browser;
const { plain, restricted } = people();

before(async () => { browser = await open(); });
after(() => browser.close());

async function whole(options, person, check) {
  const officer = await visit(browser, "dc-amara-osei", options);
  const path = await ask(browser, officer, request(person));
  await officer.goto(base + path);
  await check(officer, "a request that was sent");
  const caseworker = await visit(browser, "cw-sofia-lindqvist", options);
  await draft(caseworker, caseOf(path));
  await check(caseworker, "the preview of a decision");
  await button(caseworker, "Send to the second person").click();
  const guardian = await visit(browser, "cg-dr-miriam-okafor", options);
  await secondReview(guardian, caseOf(path));
  await check(guardian, "the second review");
  await fill(guardian, { verdict: "agree" });
  await button(guardian, "Record the decision").click();
  await until(officer, path, "Collect now");
  await check(officer, "an answer to collect");
  await collect(officer);
  await check(officer, "the answer");
  assert.match(await officer.locator("main").innerText(), new RegExp(person.postcode));
  await officer.goto(base + path);
  await fill(officer, { outcome: "located" });
  await button(officer, "Return the outcome").click();
  await until(officer, path, "The request is closed.");
}

test("from the request to the outcome return, with JavaScript", async () => {
  await whole({}, plain[40], sound);
});

test("from the request to the outcome return, without JavaScript", async () => {
  await whole({ javaScriptEnabled: false }, plain[41], async () => {});
});

test("from the request to the outcome return, by keyboard alone", async () => {
  const officer = await visit(browser, "dc-amara-osei");
  await officer.goto(`${base}/requests/new`);
  await officer.keyboard.press("Tab");
  assert.equal(await officer.evaluate(() => document.activeElement.innerText), "Skip to main content");
  await officer.keyboard.press("Enter");
  await type(officer, request(plain[42]));
  await press(officer, "Start", "Space");
  const draft = new URL(officer.url()).pathname;
  for (const section of SECTIONS) {
    if (!officer.url().endsWith(section)) await officer.goto(`${base}${draft}/${section}`);
    await type(officer, request(plain[42]));
    await press(officer, "Save and continue");
  }
  await officer.goto(`${base}${draft}/check`);
  await press(officer, "Ask for the second signature");
  const inspector = await visit(browser, "insp-ruth-hale");
  await inspector.goto(`${base}${draft}/signature`);
  await type(inspector, { rank: "inspector" });
  await press(inspector, "Sign and send");
  const path = new URL(inspector.url()).pathname;
  assert.match(path, /\/requests\/TG-/);
  const caseworker = await visit(browser, "cw-sofia-lindqvist");
  await until(caseworker, caseOf(path), "Decide");
  await press(caseworker, "Decide");
  await type(caseworker, weighing);
  await press(caseworker, "Look at exactly what would leave");
  await press(caseworker, "Send to the second person");
  const guardian = await visit(browser, "cg-dr-miriam-okafor");
  await guardian.goto(`${base}${caseOf(path)}/second-review`);
  await type(guardian, { own_view: "The address, no more." });
  await press(guardian, "Record my view and show the draft");
  await type(guardian, { verdict: "agree" });
  await press(guardian, "Record the decision");
  await until(officer, path, "Collect now");
  for (let attempt = 0; attempt < 60; attempt += 1) {
    await press(officer, "Collect now");
    if ((await officer.locator("h1").innerText()) === "The answer") break;
    await officer.waitForTimeout(500);
    await officer.goto(base + path);
  }
  await press(officer, "Go on to the outcome return");
  await type(officer, { outcome: "located" });
  await press(officer, "Return the outcome");
  await until(officer, path, "The request is closed.");
});

test("a refusal names the clause, what would change the answer, and how to challenge it", async () => {
  const officer = await visit(browser, "dc-amara-osei");
  const path = await ask(browser, officer, { ...request(plain[43]), "grounds.offence": "" });
  await until(officer, path, "refused");
  for (const words of ["Not met:", "What would change the answer:", "To challenge it:"]) {
    assert.match(await officer.locator("main").innerText(), new RegExp(words));
  }
  await sound(officer, "a refusal");
});

test("nobody found, and a protected record, are one answer; inside, the protected one interrupts", async () => {
  const officer = await visit(browser, "dc-amara-osei");
  const nobody = { ...plain[44], given_name: "Nobodyatall", surname: "Wolfeschlegelsteinhausenbergerdorff", date_of_birth: "1931-05-06", nhs_number: "", postcode: "" };
  const paths = [await ask(browser, officer, request(nobody)), await ask(browser, officer, request(restricted[0]))];
  const caseworker = await visit(browser, "cw-sofia-lindqvist");
  for (const path of paths) await until(caseworker, caseOf(path), "Decide");
  await caseworker.getByRole("link", { name: "Go on to the warning" }).click();
  await sound(caseworker, "the warning before a protected record");
  await fill(caseworker, { why: "deciding" });
  await button(caseworker, "Show the candidates").click();
  await sound(caseworker, "protected candidates");
  for (const path of paths) {
    await caseworker.goto(`${base}${caseOf(path)}/decision`);
    await fill(caseworker, { choice: "no_result", code: "restricted_withheld" });
    await button(caseworker, "Look at exactly what would leave").click();
    await button(caseworker, "End the case").click();
  }
  const told = [];
  for (const path of paths) {
    await until(officer, path, "Nothing can be given");
    told.push(await officer.locator(".answer").innerText());
  }
  assert.equal(told[0], told[1]);
});

/** Chooses a file of three requests, one of them faulty, looks at what became of it and downloads both lists. */
async function file(options, check) {
  const officer = await visit(browser, "dc-amara-osei", options);
  await officer.goto(`${base}/batches`);
  await button(officer, "Hand in").click();
  assert.match(await officer.title(), /^Error: /);
  await check(officer, "no file chosen");
  const head = "UNIQUE REFERENCE,FAMILY_NAME,DATE_OF_BIRTH,GENDER,PURPOSE,RANK,FIELDS";
  const line = (reference, sex) => `${reference},Okafor,19800101,${sex},serious_crime,constable,name`;
  const run = options.javaScriptEnabled === false ? "plain" : "full";
  const csv = [head, line(`NM/${run}/1`, 2), line(`NM/${run}/2`, "x"), line(`NM/${run}/3`, 1), ""].join("\r\n");
  await officer.getByLabel("File of requests").setInputFiles({ name: "r.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
  await button(officer, "Hand in").click();
  await officer.waitForURL(/\/batches\/[0-9a-f]+$/);
  await until(officer, new URL(officer.url()).pathname, "Read to its end");
  await check(officer, "a file with a faulty line");
  assert.match(await officer.locator("main").innerText(), /GENDER\s+is no known code/);
  for (const [words, lines] of [["Download the answers (CSV)", 4], ["Download the faulty lines (CSV)", 2]]) {
    const begun = officer.waitForEvent("download");
    await officer.getByRole("link", { name: words }).click();
    const download = await begun;
    assert.match(download.suggestedFilename(), /^batch-[0-9a-f]+-(answers|errors)\.csv$/);
    const text = readFileSync(await download.path(), "utf8");
    assert.equal(text.split(/^(?=LINE,|\d+,)/m).length, lines, text);
  }
  await officer.goto(`${base}/batches`);
  await check(officer, "files handed in");
}

test("a file of requests, with JavaScript", async () => {
  await file({}, sound);
});

test("a file of requests, without JavaScript", async () => {
  await file({ javaScriptEnabled: false }, async () => {});
});
