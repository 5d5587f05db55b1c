// Looks at every page of the console or the cabinet with a browser, as each role, in three
// languages and two widths, and says what is wrong. Reads from standard input what to look at:
//
//   { base, out, cookies: { role: "a=b; c=d" }, pages: [{ role, path, still }],
//     weight, sizes: { name: { width, height, languages } } }
//
// Weight and sizes are the console's unless they are given; a size may have some languages only.
// For each page: the status, the weight, requests to other hosts, errors of the browser, a width
// that fits, words that are keys, fields and drawings that cut what they hold, the findings of axe,
// the same text with scripts off, what is on paper; and a screenshot in `out`. Ends with 1 and a
// line for each finding if there is any.

import { createRequire } from "node:module";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const WORKERS = 3;
const LANGUAGES = ["kk", "ru", "en"];
// What A4 leaves between the margins of the style sheet, in pixels: upright and across.
const PAPER = { upright: { width: 680, height: 1009 }, across: { width: 1032, height: 702 } };
// Words of the books by their groups; a dot between two of them is a key that nobody translated.
const KEY = /\b(cabinet|cabinet_error|field|field_hint|start|join|step|photo|photo_how|motion|failure|failure_todo|document|consent|consent_name|consent_way|recipient|watcher|look_ground|pocket|block_ground|accept|home|need|bets|bets_state|bets_result|refused|refused_todo|told|wallet|money|receipt|relation|me|settings|help|people|registration_state|registration_way|list_name|list_state|alert_kind|alert_state|alert_act|verdict|score_reason|request_way|scope|consent_answer|erasure_state|terms_group|term_kind|console|label|filter|error|nav|role|form|state|standing|event|basis|unit|leg|result|shape|posting|desk_kind|desk_kind_short|invariant|month|weekday|ledger_class|organiser_kind|ground|print|proof|live)\.[a-z_0-9]+\b/;

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const job = JSON.parse(readFileSync(0, "utf8"));
const WEIGHT_MAX = job.weight ?? 150_000;
const SIZES = job.sizes
  ?? { desktop: { width: 1280, height: 900 }, phone: { width: 375, height: 800 } };
const only = process.env.LOOK_ONLY;
const findings = [];
mkdirSync(job.out, { recursive: true });

const browser = await chromium.launch({
  executablePath: job.chromium,
  args: [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
  ],
});

function cookies(role) {
  const pairs = (job.cookies[role] ?? "").split("; ").filter((pair) => pair);
  return pairs.map((pair) => {
    const at = pair.indexOf("=");
    return { name: pair.slice(0, at), value: pair.slice(at + 1), url: job.base };
  });
}

// One context for each role, width, colours and whether scripts run.
const contexts = new Map();

function open(role, size, scheme, javaScriptEnabled) {
  const key = [role, size, scheme, javaScriptEnabled].join(" ");
  if (!contexts.has(key)) {
    const { width, height } = SIZES[size];
    const options = { viewport: { width, height }, colorScheme: scheme, javaScriptEnabled };
    contexts.set(key, browser.newContext(options).then(async (context) => {
      if (role) await context.addCookies(cookies(role));
      return context;
    }));
  }
  return contexts.get(key);
}

async function look({ role, path, still }, lang, size, scheme, plain) {
  const name = `${role || "nobody"}${path}`.replace(/[^a-zA-Z0-9]+/g, "-").slice(0, 90);
  const title = `${role || "nobody"} /${lang}${path} ${size} ${scheme}`;
  const say = (what) => findings.push(`${title}: ${what}`);
  const page = await (await open(role, size, scheme, true)).newPage();
  try {
    let weight = 0;
    page.on("console", (line) => {
      // A page that is not there is said to be not there.
      const told = still && line.text().includes(`status of ${still}`);
      if (["error", "warning"].includes(line.type()) && !told) say(`the browser says ${line.text()}`);
    });
    page.on("pageerror", (error) => say(`a script fails: ${error.message}`));
    page.on("request", (request) => {
      if (!request.url().startsWith(`${job.base}/`)) say(`asks ${request.url()}`);
    });
    const bodies = [];
    page.on("response", (answer) => bodies.push(answer.body().catch(() => Buffer.alloc(0))));
    const answer = await page.goto(`${job.base}/${lang}${path}`, { waitUntil: "load" });
    if (answer.status() !== (still ?? 200)) say(`answers ${answer.status()}`);
    for (const body of await Promise.all(bodies)) weight += body.length;
    if (WEIGHT_MAX < weight) say(`weighs ${weight} bytes`);
    const seen = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      text: document.body.innerText,
      main: document.querySelector("main").innerText,
      widest: [...document.querySelectorAll("main *")]
        .filter((found) => document.documentElement.clientWidth < found.getBoundingClientRect().right + 0.5
          && !found.closest(".scroll, .drawing, .vh"))
        .slice(0, 2).map((found) => found.outerHTML.slice(0, 120)),
    }));
    if (0 < seen.wide) say(`is ${seen.wide} pixels too wide: ${seen.widest.join(" | ")}`);
    for (const cut of await page.evaluate(cutOff)) say(`cuts off ${cut}`);
    const key = seen.text.match(KEY);
    if (key) say(`shows the key ${key[0]}`);
    await page.screenshot({
      path: join(job.out, `${name}-${lang}-${size}-${scheme}.jpg`),
      type: "jpeg", quality: 80, fullPage: true,
    });
    await page.evaluate(axe);
    const found = await page.evaluate(() => axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      resultTypes: ["violations"],
    }));
    for (const violation of found.violations) {
      const where = violation.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ");
      say(`${violation.id} (${violation.help}), ${violation.nodes.length} times: ${where}`);
    }
    if (plain) {
      await onPaper(page, say, `${name}-${lang}`);
      await withoutScript(role, lang, path, size, seen.main, say);
    }
    if (plain && (await page.locator("#live").count())) await alive(role, lang, path, say);
  } catch (error) {
    say(`cannot be looked at: ${error.message}`);
  } finally {
    await page.close();
  }
}

// Fields whose chosen words do not fit, and drawings with words beyond their edge. What is folded
// is looked at unfolded. Runs in the page.
function cutOff() {
  const cut = [];
  const folded = [...document.querySelectorAll("details:not([open])")];
  for (const details of folded) details.open = true;
  for (const field of document.querySelectorAll("main select, main input[type|=date], main input[type=datetime-local]")) {
    const copy = field.cloneNode(true);
    copy.removeAttribute("id");
    if (field.options) copy.replaceChildren(field.options[field.selectedIndex].cloneNode(true));
    copy.className = "measured";
    field.after(copy);
    // Not in the style sheet of the product: a field is as wide as its words for a moment.
    copy.style.cssText = "width:auto;position:absolute;visibility:hidden";
    const wants = copy.offsetWidth;
    copy.remove();
    if (field.offsetWidth < wants) cut.push(`${field.name}: ${field.offsetWidth} of ${wants} pixels`);
  }
  for (const drawing of document.querySelectorAll("svg.chart")) {
    const edge = drawing.getBoundingClientRect();
    if (!edge.width) continue;
    const box = drawing.closest(".drawing");
    if (box.clientWidth + 1 < drawing.scrollWidth) cut.push(`a drawing: ${drawing.ariaLabel}`);
    for (const text of drawing.querySelectorAll("text")) {
      const place = text.getBoundingClientRect();
      const out = place.left < edge.left - 1 || edge.right + 1 < place.right;
      if (out) cut.push(`«${text.textContent}» in the drawing ${drawing.ariaLabel}`);
    }
  }
  for (const details of folded) details.open = false;
  return cut;
}

// On paper the page has its content and none of what is for hands.
async function onPaper(page, say, name) {
  await page.emulateMedia({ media: "print", colorScheme: "light" });
  const across = await page.evaluate(() => getComputedStyle(document.body).page === "wide");
  await page.setViewportSize(across ? PAPER.across : PAPER.upright);
  const paper = await page.evaluate(() => ({
    main: document.querySelector("main").innerText.trim().length,
    cut: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    hands: [...document.querySelectorAll("nav, .filter, .export, .out")]
      .filter((found) => found.checkVisibility()).length,
  }));
  if (paper.main < 20) say("is empty on paper");
  if (0 < paper.hands) say("has things for hands on paper");
  if (paper.cut) say(`is ${paper.cut} pixels wider than paper`);
  await page.screenshot({ path: join(job.out, `${name}-paper.jpg`), type: "jpeg", quality: 80, fullPage: true });
  // A register has a paper of its own, behind a button.
  const print = page.locator(".export button[formaction]");
  if (!(await print.count())) return;
  await page.emulateMedia({ media: "screen" });
  await Promise.all([page.waitForNavigation(), print.first().click()]);
  await onPaper(page, say, `${name}-print`);
}

// A live page asks for itself by the clock, says that it does so by itself, and can be stopped.
async function alive(role, lang, path, say, again = true) {
  const page = await (await open(role, "desktop", "light", true)).newPage();
  try {
    await page.clock.install();
    await page.goto(`${job.base}/${lang}${path}`, { waitUntil: "load" });
    let asked = 0;
    page.on("request", (request) => {
      if (request.resourceType() !== "fetch") return;
      asked += 1;
      if (request.headers()["x-live"] !== "1") say("does not say that it asks by itself");
    });
    const fresh = page.waitForResponse((answer) => answer.status() === 200, { timeout: 10_000 });
    await page.clock.fastForward(11_000);
    await fresh;
    await page.locator("#live button").click();
    await page.clock.fastForward(60_000);
    if (asked !== 1) say(`asked ${asked} times instead of once`);
  } catch (error) {
    // A browser loses a page now and then, which says nothing of ours unless it happens twice.
    if (again && /has been closed|crashed/.test(error.message)) {
      return await alive(role, lang, path, say, false);
    }
    say(`is not alive: ${error.message}`);
  } finally {
    await page.close();
  }
}

async function withoutScript(role, lang, path, size, main, say) {
  const page = await (await open(role, size, "light", false)).newPage();
  try {
    await page.goto(`${job.base}/${lang}${path}`, { waitUntil: "load" });
    const text = await page.locator("main").innerText();
    const digits = (text) => text.replace(/\D+/g, " ").trim();
    if (digits(text) !== digits(main)) say("has other figures with scripts off");
  } finally {
    await page.close();
  }
}

const tasks = [];
const sizes = Object.keys(SIZES);
for (const [at, page] of job.pages.entries()) {
  for (const [way, lang] of LANGUAGES.entries()) {
    for (const [order, size] of sizes.entries()) {
      if (!(SIZES[size].languages ?? LANGUAGES).includes(lang)) continue;
      tasks.push([page, lang, size, "light", order === 0 && lang === "kk"]);
    }
    // Each page in dark once, in turns of language and width.
    if (at % 3 === way) tasks.push([page, lang, sizes[at % 2], "dark", false]);
  }
}
const wanted = tasks.filter(([page, lang, size, scheme]) =>
  !only || new RegExp(only).test(`${page.role}${page.path} ${lang} ${size} ${scheme}`));
let next = 0;
await Promise.all(Array.from({ length: WORKERS }, async () => {
  while (next < wanted.length) await look(...wanted[next++]);
}));
await browser.close();
for (const line of findings) console.log(line);
console.log(`looked at ${wanted.length} pages: ${findings.length} findings`);
process.exitCode = findings.length ? 1 : 0;
