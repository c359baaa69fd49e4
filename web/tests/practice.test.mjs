// A receptionist registers patients who give no home address, and an agency asks for one an instant later.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, base, button, caseOf, collect, draft, fill, open, request, secondReview, sound, until, visit } from "./desk.mjs";

let browser;

before(async () => { browser = await open(); });
after(() => browser.close());

/** A number of the range that is never issued, with its check digit. */
function number(place) {
  for (let nine = 999_000_000 + place; ; nine += 97) {
    const digits = String(nine).split("").map(Number);
    const check = (11 - (digits.reduce((sum, digit, at) => sum + digit * (10 - at), 0) % 11)) % 11;
    if (check < 10) return `${nine}${check}`;
  }
}

const patients = [
  { given_name: "Noorafarin", middle_name: "Shirin", family_name: "Alizadehpour", nhs_number: number(917_351), address_kind: "care_of_practice", keeper: "Reception", hold_days: "30", mail_consent: ["yes"] },
  { given_name: "Tesfalidet", middle_name: "Yohannes", family_name: "Habtemariam", nhs_number: number(617_577), address_kind: "withheld" },
].map((patient) => ({ ...patient, language: "ar", "birth_date.day": "7", "birth_date.month": "5", "birth_date.year": "1990", gender: "F" }));

/** Registers somebody whose year of birth was forgotten at first; what is missing is said in their language, too. */
async function register(options, patient, check) {
  const page = await visit(browser, "pr-beatriz-almeida", options);
  await page.goto(`${base}/practice`);
  await check(page, "the practice desk");
  await page.getByRole("link", { name: "Register a patient" }).click();
  await fill(page, { ...patient, "birth_date.year": "" });
  await button(page, "Register").click();
  assert.match(await page.title(), /^Error: /);
  assert.equal(await page.locator('section[lang="ar"][dir="rtl"] li').count(), 1);
  assert.equal(await page.locator('[name="given_name"]').inputValue(), patient.given_name, "nothing typed is lost");
  await check(page, "a registration with an error, in Arabic too");
  await fill(page, { "birth_date.year": patient["birth_date.year"] });
  await button(page, "Register").click();
  await page.waitForURL(/\/practice\/registrations\/R-/);
  assert.match(await page.locator("main").innerText(), /Never\. It is not confirmed either/);
  await check(page, "a registration");
}

/** What the police are handed about them, without what is theirs alone: names, references and times. */
async function told(options, patient) {
  const officer = await visit(browser, "dc-amara-osei", options);
  const asked = request({
    ...patient, surname: patient.family_name, date_of_birth: "1990-05-07", sex: "F", address: "", postcode: "",
  });
  const path = await ask(browser, officer, asked);
  const caseworker = await visit(browser, "cw-sofia-lindqvist", options);
  await draft(caseworker, caseOf(path));
  assert.match(await caseworker.locator("main").innerText(), /not_held/);
  await button(caseworker, "Send to the second person").click();
  const guardian = await visit(browser, "cg-dr-miriam-okafor", options);
  await secondReview(guardian, caseOf(path));
  await fill(guardian, { verdict: "agree" });
  await button(guardian, "Record the decision").click();
  await until(officer, path, "Collect now");
  await collect(officer);
  const answer = await officer.locator("main").innerText();
  assert.doesNotMatch(answer, /Harbour|Reception|NM1/);
  const names = new RegExp([patient.given_name, patient.middle_name, patient.family_name].join("|"), "gi");
  return answer.replace(names, "NAME").replace(/TG-[-A-Z0-9]+/g, "REFERENCE").replace(/\d+/g, "0");
}

/** Somebody else, for the second time through. */
function other(patient) {
  return { given_name: `${patient.given_name}ette`, family_name: `${patient.family_name}son`, nhs_number: number(Number(patient.nhs_number.slice(3, 9)) + 1_000) };
}

for (const [words, options] of [["with JavaScript", {}], ["without JavaScript", { javaScriptEnabled: false }]]) {
  test(`patients without a home address are registered and asked about an instant later, ${words}`, async () => {
    const check = options.javaScriptEnabled === false ? async () => {} : sound;
    const answers = [];
    for (const patient of patients) {
      const own = options.javaScriptEnabled === false ? { ...patient, ...other(patient) } : patient;
      await register(options, own, check);
      answers.push(await told(options, own));
    }
    assert.equal(answers[0], answers[1], "why there is no address shows in nothing");
  });
}
