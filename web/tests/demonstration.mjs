// The demonstration, started in a folder of its own and gone afterwards.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Runs `work` while the demonstration serves; its address and folder are in the environment. */
export async function during(options, work) {
  const scratch = mkdtempSync(join(tmpdir(), "tracegate-desk-"));
  const data = join(scratch, "demo");
  const child = spawn(process.env.TRACEGATE, ["demo", "--data", data, "--listen", "127.0.0.1:0", ...options], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  try {
    process.env.TRACEGATE_DESK = await address(child);
    process.env.TRACEGATE_DESK_DATA = data;
    await work();
  } finally {
    child.kill();
    await ended;
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Where a program that serves says it does. */
export function address(child) {
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr.on("data", (bytes) => {
      said += bytes;
      const found = said.match(/serving (http:\/\/[\d.:]+)\//);
      if (found) resolve(found[1]);
    });
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`the demonstration ended with ${code}:\n${said}`)));
  });
}
