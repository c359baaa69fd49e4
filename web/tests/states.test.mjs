// States of pages that a walk from end to end does not pass: paper, letters, emergencies, questions, what
// people are told later, erasure, errors of decisions, lists of one's own.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, base, button, caseOf, fill, open, people, request, sound, until, visit, weighing, write } from "./desk.mjs";

let browser;
const { plain } = people();
before(async () => { browser = await open(); });
after(() => browser.close());

const first = async (page, list) => {
  await page.goto(base + list);
  return page.locator("a.ref").first().getAttribute("href");
};

test("a case and a refusal on paper", async () => {
  const caseworker = await visit(browser, "cw-tomasz-zielinski");
  const closed = await first(caseworker, "/cases?state=closed");
  await caseworker.goto(`${base}${closed}/print`);
  await sound(caseworker, "a whole case, to print");
  await caseworker.emulateMedia({ media: "print" });
  assert.equal(await button(caseworker, "Copy the reference").isVisible(), false);
  await caseworker.emulateMedia({ media: "screen" });
  const refused = await first(caseworker, "/cases?state=refused");
  await caseworker.goto(`${base}${refused}/letter`);
  await sound(caseworker, "a letter, as staff read it");
});

test("a case that is a decision away, with everything wrong", async () => {
  const officer = await visit(browser, "dc-amara-osei");
  const path = caseOf(await ask(browser, officer, request(plain[80])));
  const caseworker = await visit(browser, "cw-sofia-lindqvist");
  await until(caseworker, path, "Decide");
  await sound(caseworker, "a case that waits for a decision");
  await caseworker.goto(`${base}${path}/decision`);
  await sound(caseworker, "a decision, before anything is chosen");
  await button(caseworker, "Look at exactly what would leave").click();
  await sound(caseworker, "a decision with errors");
  await fill(caseworker, { choice: "release" });
  await button(caseworker, "Look at exactly what would leave").click();
  await sound(caseworker, "a release with errors");
  await fill(caseworker, weighing);
  await button(caseworker, "Look at exactly what would leave").click();
  await button(caseworker, "Send to the second person").click();
  const guardian = await visit(browser, "cg-dr-miriam-okafor");
  await guardian.goto(`${base}${path}/second-review`);
  await sound(guardian, "an own view, before it is written");
  await button(guardian, "Record my view and show the draft").click();
  await sound(guardian, "an own view with errors");
  await fill(guardian, { own_view: "The address, no more." });
  await button(guardian, "Record my view and show the draft").click();
  await button(guardian, "Record the decision").click();
  await sound(guardian, "a second review with errors");
});

test("an emergency, a question, and what people are told later", async () => {
  const officer = await visit(browser, "dc-amara-osei");
  const path = await ask(browser, officer, { ...request(plain[81]), priority: "emergency" });
  const caseworker = await visit(browser, "cw-sofia-lindqvist");
  const here = caseOf(path);
  await until(caseworker, here, "Call the agency back");
  await sound(caseworker, "a request that somebody calls back about");
  await fill(caseworker, { answer: "met", reason: "The control room knows of it." });
  await button(caseworker, "Record the answer").click();
  await until(caseworker, here, "Start the trace");
  await sound(caseworker, "a case before its trace");
  await caseworker.goto(`${base}${here}/emergency`);
  await sound(caseworker, "an emergency to declare");
  await button(caseworker, "Declare an emergency").click();
  await sound(caseworker, "an emergency with errors");
  await caseworker.goto(`${base}${here}/deferral`);
  await sound(caseworker, "when people are told");
  await button(caseworker, "Tell them later").click();
  await sound(caseworker, "telling later with errors");
  await caseworker.goto(base + here);
  await caseworker.getByText("Ask the agency a question").click();
  await fill(caseworker, { question: "Which of the two dates is right?" });
  await button(caseworker, "Send the question").click();
  await until(officer, path, "Which of the two dates is right?");
  await sound(officer, "a question to the agency");
  await officer.goto(`${base}/requests`);
  await sound(officer, "an agency's requests");
});

test("what is one's own, and what is not there", async () => {
  const officer = await visit(browser, "dc-amara-osei");
  await write(officer, request(plain[82]));
  await officer.goto(`${base}/requests`);
  await sound(officer, "a list with a draft");
  await officer.goto(`${base}/requests?reference=TG-2222-2222-22`);
  await sound(officer, "a reference that is not there");
  await officer.goto(`${base}/cases`);
  await sound(officer, "a part that is closed");
  const caseworker = await visit(browser, "cw-sofia-lindqvist");
  await caseworker.goto(`${base}/sessions`);
  await sound(caseworker, "one's own sessions");
  await caseworker.goto(`${base}/cases?agreement=court-order/2026-01-01&hands=mine`);
  await sound(caseworker, "a queue that is narrowed to nothing");
  await caseworker.goto(`${base}/corrections/nothing`);
  await sound(caseworker, "a correction that is not there");
  const guardian = await visit(browser, "cg-dr-miriam-okafor");
  await guardian.goto(`${base}/sessions`);
  await sound(guardian, "the sessions of others");
});

test("an erasure, looked at before it is done", async () => {
  const caseworker = await visit(browser, "cw-tomasz-zielinski");
  const closed = (await first(caseworker, "/cases?state=refused")).split("/").pop();
  await caseworker.goto(`${base}/erasure`);
  await button(caseworker, "Propose").click();
  await sound(caseworker, "an erasure with errors");
  await fill(caseworker, { case: closed, ground: "court_order" });
  await button(caseworker, "Propose").click();
  await sound(caseworker, "after a proposal to erase");
  const guardian = await visit(browser, "cg-dr-anton-keller");
  await guardian.goto(`${base}/erasure`);
  await sound(guardian, "a proposal to erase");
  await button(guardian, "Look at it").first().click();
  await sound(guardian, "an erasure to confirm");
});
