// Lets a browser walk through the demonstration, whole or in the parts named. The last line is the sum.
//   TRACEGATE=target/release/tracegate node web/tests/run.mjs [pages states ...]
import { spawn } from "node:child_process";
import { join } from "node:path";
import { during } from "./demonstration.mjs";

// Each group has a demonstration of its own: an officer's agreed number of requests a day is soon used up.
const groups = process.argv.length > 2
  ? [process.argv.slice(2)]
  : [["journeys", "pages", "states", "subject", "accounts"], ["practice"]];
const sum = { pass: 0, fail: 0 };

/** Passes the lines of node's test runner on, and reads its closing figures. */
function run(files) {
  const options = ["--test", "--test-reporter=spec", "--test-timeout=600000", "--test-concurrency=2"];
  const child = spawn(process.execPath, [...options, ...files], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.on("data", (bytes) => {
    process.stdout.write(bytes);
    said += bytes;
  });
  return new Promise((resolve) => child.on("close", () => {
    for (const figure of Object.keys(sum)) {
      sum[figure] += Number(said.match(new RegExp(`^\\S+ ${figure} (\\d+)`, "m"))?.[1] ?? 0);
    }
    resolve();
  }));
}

for (const parts of groups) {
  await during(["--people", "2000", "--requests", "40"], () =>
    run(parts.map((name) => join(import.meta.dirname, `${name}.test.mjs`))));
}
console.log(`${sum.pass} passed, ${sum.fail} failed`);
process.exitCode = sum.fail || !sum.pass ? 1 : 0;
