// The Node peer, ioc-extractor. `peers.mjs speed SAMPLE.jsonl SECONDS` prints one line as speed.py does;
// `peers.mjs extract TEXTS.jsonl` prints what it finds in each text, one JSON object per line, for conformance.py.
// The package is found in the folder that IOC_EXTRACTOR names.

import { createReadStream, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const home = process.env.IOC_EXTRACTOR;
const { extractIOC, refang } = await import(pathToFileURL(join(home, "dist", "index.mjs")).href);
const { version } = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
const [, , verb, path, seconds] = process.argv;

async function* texts() {
  for await (const line of createInterface({ input: createReadStream(path) })) yield JSON.parse(line);
}

async function speed() {
  extractIOC("hxxp://example[.]com/a 192.0.2.1 a@example.com CVE-2020-1234");
  let fed = 0;
  let spent = 0;
  let worst = 0;
  const unique = new Set();
  for await (const text of texts()) {
    const begin = process.cpuUsage();
    const found = extractIOC(text);
    const { user, system } = process.cpuUsage(begin);
    const took = (user + system) / 1e6;
    for (const [kind, values] of Object.entries(found)) for (const value of values) unique.add(`${kind} ${value}`);
    fed += Buffer.byteLength(text);
    spent += took;
    worst = Math.max(worst, took);
    if (spent >= Number(seconds)) break;
  }
  const column = (value, digits, width) => value.toFixed(digits).padStart(width);
  console.log(
    `${"ioc-extractor (Node)".padEnd(32)}${version.padStart(8)}${column(fed / 1e6 / spent, 3, 10)} MB/s` +
      `${column(fed / 1e6, 2, 9)} MB${column(spent, 1, 7)} s   worst block ${column(worst, 3, 7)} s` +
      `${String(unique.size).padStart(8)} distinct`,
  );
}

async function extract() {
  for await (const text of texts()) console.log(JSON.stringify({ found: extractIOC(text), refanged: refang(text) }));
}

await (verb === "speed" ? speed() : extract());
