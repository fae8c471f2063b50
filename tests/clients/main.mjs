// usage: node main.mjs API_URL SECRET [LIBRARY [PART_OF_A_NAME]]
//
// Runs every scenario and a few random histories with every library, and prints a line for each. SEEDS is the
// number of histories.

import assert from "node:assert/strict";

import { LIBRARIES } from "./replicas.mjs";
import { History } from "./histories.mjs";
import { scenarios } from "./scenarios.mjs";
import { World } from "./world.mjs";

const [url, secret, only, part = ""] = process.argv.slice(2);
assert(url && secret, "usage: node main.mjs API_URL SECRET [LIBRARY [PART_OF_A_NAME]]");

const histories = Array.from({ length: Number(process.env.SEEDS ?? 5) }, (_, seed) => [
  `a random history (${seed})`,
  (world) => new History(world, seed).run(),
]);

let failed = 0;
for (const [library, Library] of Object.entries(LIBRARIES)) {
  if (only && only !== library) continue;
  for (const [name, scenario] of [...Object.entries(scenarios), ...histories]) {
    if (!name.includes(part)) continue;
    const world = new World({ url, secret, Library });
    try {
      await scenario(world);
      console.log(`ok: ${library}: ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED: ${library}: ${name}\n${error.stack}`);
    }
    await world.close();
  }
}
// RxDB and WatermelonDB keep timers, which would keep the process alive.
process.exit(failed > 0 ? 1 : 0);
