// People at their desks: pages are asked for at fixed times, however long the answers take.
//   TRACEGATE_DESK=http://127.0.0.1:8018 node web/tests/load.mjs CASES RATE SECONDS
// CASES has a line for each case: reference, state, agency. Prints one JSON object.
import { readFileSync } from "node:fs";
import http from "node:http";

const [file, rate, seconds] = process.argv.slice(2);
const base = new URL(process.env.TRACEGATE_DESK);
const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
const cases = readFileSync(file, "utf8").trim().split("\n").map((line) => {
  const [id, state, agency] = line.split(" ");
  return { id, state, agency };
});
const own = cases.filter(({ agency }) => agency === "police-northmoor");
const staff = ["cw-sofia-lindqvist", "cw-tomasz-zielinski", "cg-dr-miriam-okafor", "cg-dr-anton-keller"];
const states = [...new Set(cases.map(({ state }) => state))];

/** Numbers drawn from a seed, the same in every run: xorshift32 (Marsaglia, 2003). */
let drawn = 2018;
function draw() {
  drawn ^= drawn << 13;
  drawn ^= drawn >>> 17;
  drawn ^= drawn << 5;
  return (drawn >>> 0) / 2 ** 32;
}
const pick = (list) => list[Math.floor(draw() * list.length)];

/** One request and its whole answer. */
function ask(method, path, { cookie, form } = {}) {
  const body = form && new URLSearchParams(form).toString();
  const headers = { "sec-fetch-site": "same-origin", "sec-fetch-dest": "document" };
  if (cookie) headers.cookie = cookie;
  if (body) headers["content-type"] = "application/x-www-form-urlencoded";
  return new Promise((resolve, reject) => {
    const sent = http.request({ host: base.hostname, port: base.port, method, path, agent, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part) => (text += part)).on("end", () => {
        resolve({ status: answer.statusCode, cookie: answer.headers["set-cookie"]?.[0].split(";")[0], text });
      });
    });
    sent.on("error", reject).end(body);
  });
}

const token = (text) => text.match(/name="form_token" value="([^"]+)"/)?.[1];
const fail = (what) => {
  throw new Error(what);
};

async function signIn(person) {
  const page = await ask("GET", "/sign-in");
  const form = { form_token: token(page.text), person };
  const { cookie } = await ask("POST", "/sign-in", { cookie: page.cookie, form });
  const seen = await ask("GET", "/sessions", { cookie });
  return { cookie: cookie ?? fail(`${person} cannot sign in`), token: token(seen.text) };
}

/** What is asked for, how often of a hundred times, and by whom. */
const people = Object.fromEntries(await Promise.all(
  [...staff, "dc-amara-osei"].map(async (who) => [who, await signIn(who)])));
const by = (path) => ["GET", path, people[pick(staff)]];
const officer = (path) => ["GET", path, people["dc-amara-osei"]];
const take = ({ cookie, token: form_token }) =>
  ["POST", `/cases/${pick(cases).id}/assignment`, { cookie, form: { form_token, seen: "1", step: "take" } }];
const kinds = [
  ["queue", 15, () => by("/cases")],
  ["queue, filtered", 15, () => by(`/cases?state=${pick(states)}&priority=${pick(["", "routine"])}`)],
  ["case", 30, () => by(`/cases/${pick(cases).id}`)],
  ["search by reference", 5, () => by(`/cases?reference=${pick(cases).id}`)],
  ["case, printed", 3, () => by(`/cases/${pick(cases).id}/print`)],
  ["case, taken in hand", 5, () => take(people[pick(staff)])],
  ["requests of an agency", 5, () => officer("/requests")],
  ["request of an agency", 10, () => officer(`/requests/${pick(own).id}`)],
  ["start page", 4, () => ["GET", "/", {}]],
  ["statistics", 4, () => ["GET", "/statistics", {}]],
  ["agreements", 2, () => ["GET", "/agreements", {}]],
  ["log", 2, () => ["GET", "/log", {}]],
];
const deck = kinds.flatMap((kind) => Array(kind[1]).fill(kind));

/** Asks for `count` pages, one each `1 / rate` seconds; milliseconds from when each was due, by kind. */
async function load(count) {
  const times = new Map(kinds.map(([name]) => [name, []]));
  const faults = {};
  const start = performance.now();
  const waiting = [];
  for (let number = 0; number < count; number += 1) {
    const due = start + (number * 1000) / rate;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const [name, , make] = pick(deck);
    const [method, path, how] = make();
    waiting.push(ask(method, path, { cookie: how.cookie, form: how.form }).then(({ status }) => {
      times.get(name).push(performance.now() - due);
      // Another has it in hand, or has changed it: an answer as good as any.
      if (status >= 400 && status !== 409) faults[`${name}: ${status}`] = (faults[`${name}: ${status}`] ?? 0) + 1;
    }));
  }
  await Promise.all(waiting);
  return { seconds: (performance.now() - start) / 1000, times, faults };
}

function figures(times) {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return { count: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), slowest: sorted.at(-1) };
}

/** Waits until what the copies have left to do is done: heads signed, deadlines kept. */
async function settled() {
  for (;;) {
    const { text } = await ask("GET", "/metrics");
    const left = ["log_waiting_entries", "messages_waiting"].map((name) =>
      Number(text.match(new RegExp(`^tracegate_${name} (\\d+)`, "m"))?.[1]));
    if (left.every((number) => number < 100)) return;
    console.error(`the gate has ${left.join(" entries and ")} messages to work off`);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
  }
}

await settled();
await load(10 * rate);
const { seconds: took, times, faults } = await load(seconds * rate);
const pages = Object.fromEntries([...times].map(([name, list]) => [name, figures(list)]));
console.log(JSON.stringify({ seconds: took, all: figures([...times.values()].flat()), pages, faults }));
agent.destroy();
