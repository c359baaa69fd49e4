// An agency's machine hands in requests at fixed times, however long the answers take; or asks whether all that were
// acknowledged are there.
//   GATE=http://127.0.0.1:8018 node web/tests/submissions.mjs send DATA RATE SECONDS ACKNOWLEDGED
//   GATE=http://127.0.0.1:8018 node web/tests/submissions.mjs check DATA ACKNOWLEDGED
// DATA is the folder of a demonstration. Prints one JSON object.
import { appendFileSync, readFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import http from "node:http";

const [task, data, ...rest] = process.argv.slice(2);
const base = new URL(process.env.GATE);
const agent = new http.Agent({ keepAlive: true, maxSockets: 1024 });
const lines = (name) => readFileSync(name, "utf8").trim().split("\n");
const token = lines(`${data}/tokens.txt`).find((line) => line.startsWith("dc-amara-osei ")).split(" ")[1];

/** One call and its whole answer. */
function call(method, path, headers = {}, body) {
  const all = { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers };
  return new Promise((resolve, reject) => {
    const sent = http.request({ host: base.hostname, port: base.port, method, path, agent, headers: all }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part) => (text += part)).on("end", () =>
        resolve({ status: answer.statusCode, headers: answer.headers, text }));
    });
    sent.on("error", reject).end(body);
  });
}

const people = lines(`${data}/people.csv`).slice(1).map((line) => line.split(","));

/** A request about the person in this line of the list, complete and countersigned. */
function request(number) {
  const person = people[number % people.length];
  return JSON.stringify({
    agency_reference: `NP/${number}`,
    requester: {
      organization: "police-northmoor", unit: "major-crime", officer_id: "dc-amara-osei",
      name: "DC Amara Osei", rank: "constable",
    },
    authoriser: {
      officer_id: "insp-ruth-hale", name: "Inspector Ruth Hale", rank: "inspector", signed_at: "2026-10-01T08:00:00Z",
    },
    purpose: "serious_crime",
    subject_role: "suspect",
    grounds: { gateway: "L3", offence: "serious_fraud" },
    justification: {
      necessity: "cannot be found otherwise", proportionality: "contact only", harm: "others at risk",
      link: "cannot be questioned", likelihood: "likely", consent: "not_asked_prejudice",
      attempts: [{ what: "visit", on: "2026-09-20", result: "moved" }],
    },
    subject: { given_name: person[3], surname: person[5], date_of_birth: person[7], postcode: person[12] },
    fields: ["name", "last_known_address"],
  });
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;

/** Hands in `rate * seconds` requests, each at its time; milliseconds from when each was due. */
async function send(rate, seconds, file) {
  const [start, times, statuses, waiting] = [performance.now(), [], {}, []];
  let [broken, without] = [0, 0];
  const note = (due) => ({ status, headers, text }) => {
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (status === 202) {
      times.push(performance.now() - due);
      appendFileSync(file, `${JSON.parse(text).case}\n`);
    } else if (!headers["retry-after"]) without += 1;
  };
  for (let number = 0; number < rate * seconds; number += 1) {
    const due = start + (number * 1000) / rate;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const headers = { "x-request-id": randomUUID() };
    waiting.push(call("POST", "/api/v1/requests", headers, request(number)).then(note(due), () => (broken += 1)));
  }
  await Promise.all(waiting);
  times.sort((one, other) => one - other);
  const took = (performance.now() - start) / 1000;
  const figures = { p50: at(times, 0.5), p90: at(times, 0.9), p99: at(times, 0.99), slowest: at(times, 1) };
  return { sent: rate * seconds, took, statuses, broken, without, ...figures };
}

/** How many of those acknowledged are there. */
async function check(file) {
  const known = new Set();
  for (let path = "/api/v1/requests?limit=100"; path; ) {
    const { status, headers, text } = await call("GET", path);
    if (status === 429) {
      await new Promise((resolve) => setTimeout(resolve, 1000 * headers["retry-after"]));
      continue;
    }
    JSON.parse(text).forEach(({ case: reference }) => known.add(reference));
    path = headers.link?.match(/<([^>]+)>; *rel="next"/)?.[1];
  }
  const acknowledged = lines(file);
  return { acknowledged: acknowledged.length, lost: acknowledged.filter((reference) => !known.has(reference)).length };
}

const told = task === "send" ? await send(Number(rest[0]), Number(rest[1]), rest[2]) : await check(rest[0]);
console.log(JSON.stringify(told));
agent.destroy();
