/** Sends a request about one person, asks where it stands, and says what came back: `node example.js AGENCY-FOLDER REQUEST`. */

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";

import createClient from "openapi-fetch";

import type { components, paths } from "./gate.js";
import { Machine } from "./machine.js";

const machine = new Machine(process.argv[2]);
const request = JSON.parse(readFileSync(process.argv[3], "utf8")) as components["schemas"]["Request"];
const client = createClient<paths>({ baseUrl: `${machine.settings.gate}/api/v1` });
client.use({ onRequest: machine.onRequest });
const header = { "X-Request-ID": randomUUID() };
const { data: sent, error } = await client.POST("/requests", { params: { header }, body: request });
if (!sent) throw new Error(`${error.title}: ${error.detail}`);
const { data: answer } = await client.GET("/requests/{id}", { params: { path: { id: sent.case } } });
console.log(answer?.case, answer?.status, answer?.message);
