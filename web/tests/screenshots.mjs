// Screens of the demonstration, for the documentation.
//   TRACEGATE=target/release/tracegate node web/tests/screenshots.mjs
import { statSync } from "node:fs";
import { join } from "node:path";
import { during } from "./demonstration.mjs";

const images = join(import.meta.dirname, "../../docs/images");
const size = { viewport: { width: 1120, height: 840 } };
const most = 150 * 1024;

await during(["--people", "5000", "--requests", "60"], async () => {
  const desk = await import("./desk.mjs");
  const { ask, base, button, caseOf, fill, people, request, until, visit, write } = desk;
  const browser = await desk.open();
  const shoot = async (page, name, options = {}) => {
    const path = join(images, `${name}.png`);
    await page.screenshot({ path, ...options });
    const { size: bytes } = statSync(path);
    console.log(`${name}.png ${Math.round(bytes / 1024)} KB`);
    if (bytes > most) throw new Error(`${name}.png is larger than 150 KB`);
  };
  const open = async (page, path, name) => {
    await page.goto(base + path);
    await shoot(page, name);
  };

  const reader = await visit(browser, "", size);
  await open(reader, "/", "start");
  await open(reader, "/agreements/police-serious-crime/2026-01-01", "agreement");
  await open(reader, "/statistics", "statistics");

  const officer = await visit(browser, "dc-amara-osei", size);
  await open(officer, "/requests", "requests");
  const draft = await write(officer, request(people().plain[60]));
  await shoot(officer, "check-answers");
  await button(officer, "Ask for the second signature").click();
  const inspector = await visit(browser, "insp-ruth-hale", size);
  await open(inspector, `${draft}/signature`, "countersign");
  await fill(inspector, { rank: "inspector" });
  await button(inspector, "Sign and send").click();
  await inspector.waitForURL(/\/requests\/TG-/);
  const path = new URL(inspector.url()).pathname.replace("/requests/", "/cases/");

  await officer.goto(`${base}/batches`);
  const line = (reference, sex) => `${reference},Okafor,19800101,${sex},serious_crime,constable,name`;
  const columns = "UNIQUE REFERENCE,FAMILY_NAME,DATE_OF_BIRTH,GENDER,PURPOSE,RANK,FIELDS";
  const csv = [columns, line("NM/1", 2), line("NM/2", "x"), line("NM/3", 1), ""].join("\r\n");
  await officer.getByLabel("File of requests").setInputFiles({ name: "r.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
  await button(officer, "Hand in").click();
  await officer.waitForURL(/\/batches\/[0-9a-f]+$/);
  await until(officer, new URL(officer.url()).pathname, "Read to its end");
  await shoot(officer, "batch");
  const urgent = await ask(browser, officer, { ...request(people().plain[61]), priority: "emergency" });

  const caseworker = await visit(browser, "cw-sofia-lindqvist", size);
  await until(caseworker, caseOf(urgent), "Call the agency back");
  await caseworker.locator("#checks").evaluate((heading) => heading.scrollIntoView());
  await shoot(caseworker, "call-back");
  await until(caseworker, path, "Decide");
  await open(caseworker, "/cases", "queue");
  await open(caseworker, path, "case");
  await caseworker.locator("#trace").evaluate((heading) => heading.scrollIntoView());
  await shoot(caseworker, "evidence");
  await caseworker.goto(`${base}${path}/decision`);
  await fill(caseworker, {
    choice: "release", fields: ["name", "last_known_address"], gateway: "L3",
    necessity: "The address alone lets the police find them.",
    public_interest: "Murder outweighs confidence in an address.",
    harm: "Small; they are told once it no longer harms the inquiry.",
    public_health: "None: no treatment is touched.",
  });
  await button(caseworker, "Look at exactly what would leave").click();
  await shoot(caseworker, "preview");

  const { nhs_number: number } = people().plain[60];
  const person = await visit(browser, "su-asked-about", { ...size, number });
  await person.waitForURL(/yours/);
  await shoot(person, "yours");
  await open(person, "/yours/log", "who-asked");
  await person.goto(`${base}/yours/choices`);
  await fill(person, { objection: "My brother must not learn where I live." });
  await button(person, "Keep it for whoever decides").click();
  await button(person, "Protect the record now").click();
  await shoot(person, "choices");
  await person.goto(`${base}/yours/helpers`);
  await button(person, "Make a code for somebody").click();
  await shoot(person, "helpers");
  await browser.close();
});
