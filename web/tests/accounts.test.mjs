// Signing in without a provider: an installation of its own, with accounts in the place of a demonstration.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import jsQR from "jsqr";
import { button, fill, open, sound } from "./desk.mjs";
import { address } from "./demonstration.mjs";

const password = "four words nobody knows";
const suspension = "/agreements/police-serious-crime/2026-01-01/suspension";
let browser, scratch, data, server, desk;

const tracegate = (...args) => execFileSync(process.env.TRACEGATE, args, { encoding: "utf8" });

before(async () => {
  scratch = mkdtempSync(join(tmpdir(), "tracegate-accounts-"));
  data = join(scratch, "data");
  tracegate("demo", "--once", "--data", data, "--people", "1000", "--requests", "12");
  const settings = join(data, "tracegate.toml");
  // Machines with tokens are of a demonstration alone; they stand last.
  const [demonstration] = readFileSync(settings, "utf8").split("\n[[clients]]");
  const text = demonstration.replace("demonstration = true", "accounts = true");
  writeFileSync(settings, text.replace(/listen = ".*"/, 'listen = "127.0.0.1:0"'));
  server = spawn(process.env.TRACEGATE, ["serve", "--data", data], { stdio: ["ignore", "ignore", "pipe"] });
  // Cookies are `Secure`: a browser takes them from its own machine without https, by this name.
  desk = (await address(server)).replace("127.0.0.1", "localhost");
  browser = await open();
});

after(async () => {
  await browser?.close();
  server?.kill();
  rmSync(scratch, { recursive: true, force: true });
});

/** The code that an authenticator with this key shows; `ahead` steps later. */
function code(key, ahead = 0) {
  const bits = [...key].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"));
  const bytes = Buffer.from(bits.join("").match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const tag = createHmac("sha1", bytes).update(step).digest();
  return String((tag.readUInt32BE(tag[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** A code that has not been taken: the next one, once the present one is spent. */
async function fresh(person) {
  for (;;) {
    const next = code(person.key, 1);
    if (next !== person.spent) {
      person.spent = next;
      return next;
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

async function page(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(20_000);
  return context.newPage();
}

/** What a camera reads off the page: the modules drawn as the page says, four pixels each. */
async function seen(own) {
  const side = Number((await own.locator("svg.qr").getAttribute("viewBox")).split(" ")[2]) * 4;
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  const black = await own.locator("svg.qr path").getAttribute("d");
  for (const [, x, y] of black.matchAll(/M(\d+),(\d+)h1v1h-1z/g)) {
    for (let row = y * 4; row < y * 4 + 4; row += 1) {
      for (let column = x * 4; column < x * 4 + 4; column += 1) pixels.fill(0, (row * side + column) * 4, (row * side + column) * 4 + 3);
    }
  }
  return jsQR(pixels, side, side)?.data;
}

async function enrol(login, role, check, options) {
  const said = tracegate("staff", "add", login, "--name", `The ${role}`, "--role", role, "--data", data);
  const enrolment = said.match(/: (\S{14})\n/)[1];
  const own = await page(options);
  await own.goto(`${desk}/sign-in`);
  await check(own, "signing in");
  await own.getByRole("link", { name: "Set up your account" }).click();
  await fill(own, { login, enrolment: "BCDF-GHJK-MNPQ" });
  await button(own, "Continue").click();
  await own.getByText("is not right").first().waitFor();
  await check(own, "a wrong enrolment code");
  await fill(own, { login, enrolment });
  await button(own, "Continue").click();
  const person = { login, key: (await own.locator("#key").innerText()).replaceAll(" ", "") };
  const link = await own.getByRole("link", { name: "open it in the authenticator" }).getAttribute("href");
  assert.equal(await seen(own), link);
  assert.match(link, new RegExp(`secret=${person.key}&`));
  await check(own, "the key for the authenticator");
  await fill(own, { password: "short", again: "short", code: "000000" });
  await button(own, "Finish").click();
  await own.getByText("must have 12").first().waitFor();
  await check(own, "a short password");
  person.spent = code(person.key);
  await fill(own, { password, again: password, code: person.spent });
  await button(own, "Finish").click();
  await own.waitForURL(/\/cases$/);
  return [person, own];
}

test("enrolment, a wrong code, signing in, a decision and its confirmation", async () => {
  const [person, own] = await enrol("miriam", "guardian", sound);
  await own.getByRole("link", { name: "People" }).click();
  await own.getByText("The guardian").first().waitFor();
  await sound(own, "who may do what");
  await button(own, "Sign out").click();
  await own.goto(`${desk}/sign-in`);
  await fill(own, { login: person.login, password, code: "000000" });
  await button(own, "Sign in").click();
  await own.getByText("is not right").first().waitFor();
  await sound(own, "a wrong code");
  assert.equal(await own.locator("#password").inputValue(), "");
  await fill(own, { login: person.login, password, code: await fresh(person) });
  await button(own, "Sign in").click();
  await own.waitForURL(/\/cases$/);
  await own.goto(`${desk}/sign-in/confirm`);
  await sound(own, "confirming who it is");
  await fill(own, { code: "000000" });
  await button(own, "Confirm").click();
  await own.getByText("The code is not right").first().waitFor();
  await sound(own, "a wrong code to confirm with");
  // With a sign-in of now nothing has to be confirmed.
  await own.goto(desk + suspension);
  await fill(own, { effect: "hold", reason: "A doubt." });
  await button(own, "Look at what it catches").click();
  await button(own, "Suspend now").click();
  await own.waitForURL(/2026-01-01$/);
});

test("without JavaScript too", async () => {
  await enrol("anton", "guardian", async () => {}, { javaScriptEnabled: false });
});
