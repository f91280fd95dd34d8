// Opens pages in Chromium and looks for what must not be: messages, requests, what axe-core objects to, controls that do
// nothing. usage: node look.mjs FOLDER PAGE...; FOLDER has node_modules, and gets the pictures.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, ...pages] = process.argv.slice(2);
const require = createRequire(join(folder, "node_modules", "x.js"));
const { chromium } = require("playwright-core");
const axe = require("axe-core");
const problems = [];
const profile = mkdtempSync(join(tmpdir(), "watchfire-browser-"));
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  headless: true,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", `--crash-dumps-dir=${profile}`],
});

async function open(path, width, colorScheme) {
  const name = `${basename(path, ".html")} at ${width} in the ${colorScheme}`;
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  const page = await context.newPage();
  const url = pathToFileURL(path).href;
  page.on("console", (message) => problems.push(`${name}: console: ${message.text()}`));
  page.on("pageerror", (error) => problems.push(`${name}: ${error}`));
  page.on("dialog", (dialog) => { problems.push(`${name}: a dialog opened`); dialog.dismiss(); });
  page.on("request", (request) => { if (request.url() !== url) problems.push(`${name}: asks for ${request.url()}`); });
  const begin = Date.now();
  await page.goto(url, { waitUntil: "load" });
  return { context, page, name, took: Date.now() - begin };
}

async function audit(page, name) {
  await page.evaluate(axe.source);
  const found = await page.evaluate(() => window.axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  }));
  for (const one of found.violations) {
    const places = one.nodes.slice(0, 3).map((node) => `${node.target} ${node.any.map((any) => any.message)[0] ?? ""}`);
    problems.push(`${name}: axe: ${one.id}: ${one.help}: ${places.join(" | ")} (${one.nodes.length})`);
  }
}

async function scrollsSideways(page) {
  return page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
}

async function use(page, name) {
  const check = (holds, what) => { if (!holds) problems.push(`${name}: ${what}`); };
  await page.keyboard.press("Tab");
  check(await page.evaluate(() => document.activeElement.className === "skip"), "the first stop is not the skip link");
  const before = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.click("#theme");
  check(before !== await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "the theme does not change");
  check(await page.getAttribute("#theme", "aria-pressed") === "true", "the switch does not say so");
  await audit(page, `${name}, switched to dark`);
  await page.click("#theme");
  if (!await page.$("#observables-table")) return;
  const rows = () => page.$$eval("#observables-table tbody tr", (all) => all.filter((row) => !row.hidden).map((row) => row.cells[0].textContent));
  const all = await rows();
  await page.fill("#filter", "ipv4");
  check((await rows()).length <= all.length && /shown/.test(await page.textContent("#said")), "the filter does not filter");
  await page.fill("#filter", "no such thing at all");
  check((await rows()).length === 0, "the filter shows what does not match");
  await page.fill("#filter", "");
  check((await rows()).length === all.length, "the filter does not give back");
  for (const way of ["ascending", "descending"]) {
    await page.click("#observables-table th:first-child button");
    check(await page.getAttribute("#observables-table th:first-child", "aria-sort") === way, `does not say that it sorts ${way}`);
    const types = await rows();
    const sorted = [...types].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    check(types.join() === (way === "ascending" ? sorted : sorted.reverse()).join(), `does not sort ${way}`);
  }
  for (const form of ["text", "csv", "json", "markdown", "spl", "kql"]) {
    await page.selectOption("#copy-form", form);
    await page.click("#copy");
    await page.waitForFunction(() => /copied as|does not let/.test(document.getElementById("said").textContent), null, { timeout: 5000 })
      .catch(() => problems.push(`${name}: nothing was copied as ${form}`));
  }
  const data = await page.evaluate(() => JSON.parse(document.getElementById("watchfire-report").textContent).schema);
  check(data === "watchfire.report/1", "the report does not stand in it");
}

for (const path of pages) {
  for (const [width, scheme] of [[1280, "light"], [1280, "dark"], [390, "light"]]) {
    const { context, page, name, took } = await open(path, width, scheme);
    console.log(`${name}: drawn in ${took} ms`);
    await audit(page, name);
    if (await scrollsSideways(page)) problems.push(`${name}: the page scrolls sideways`);
    await page.screenshot({ path: join(folder, `${basename(path, ".html")}-${width}-${scheme}.png`), fullPage: true });
    if (width === 1280 && scheme === "light") await use(page, name);
    await context.close();
  }
  const { context, page } = await open(path, 1280, "light");
  const paper = join(folder, `${basename(path, ".html")}.pdf`);
  await page.pdf({ path: paper, preferCSSPageSize: true, printBackground: false });
  await context.close();
  try {
    execFileSync("pdftoppm", ["-r", "60", "-png", paper, join(folder, `${basename(path, ".html")}-paper`)]);
  } catch {
    console.log("no pdftoppm: the printed pages are in the PDF only");
  }
}
await browser.close();
rmSync(profile, { recursive: true, force: true });
for (const problem of problems) console.log(`problem: ${problem}`);
console.log(problems.length === 0 ? `${pages.length} pages: nothing to object to` : `${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
