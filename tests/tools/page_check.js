// Looks at a published page in a real browser: axe-core at desktop and phone width, without scripts and as printed; whether
// it reflows at 320 pixels and 200 %; and whether it can be searched by keyboard, with the count announced.
//
//   NODE_PATH=<folder>/node_modules node tests/tools/page_check.js PAGE.html
//
// Needs playwright-core, axe-core and a Chromium (CHROMIUM, default /usr/bin/chromium). Ends with 1 when anything is wrong.
"use strict";
const fs = require("fs");
const { pathToFileURL } = require("url");
const path = require("path");
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];

const wrong = [];
const say = (name, fine, detail) => {
  console.log(`${fine ? "ok   " : "WRONG"} ${name}${detail ? `: ${detail}` : ""}`);
  if (!fine) wrong.push(name);
};

async function violations(browser, url, name, options, media) {
  const context = await browser.newContext({ bypassCSP: true, ...options });
  const page = await context.newPage();
  if (media) await page.emulateMedia({ media });
  await page.goto(url);
  let result;
  if (options.javaScriptEnabled === false) {
    // axe needs scripts: the same document as a browser without scripts leaves it, its own script taken out.
    const still = await browser.newContext({ bypassCSP: true, viewport: options.viewport });
    const copy = await still.newPage();
    await copy.setContent((await page.content()).replace(/<script[\s\S]*?<\/script>/g, ""));
    const rows = await copy.locator("tbody tr:visible").count();
    say("without scripts every row is seen and the search is not", rows > 0 && !(await copy.locator("#find").isVisible()), `${rows} rows`);
    await copy.evaluate(axe);
    result = await copy.evaluate((tags) => window.axe.run(document, { runOnly: tags }), TAGS);
    await still.close();
  } else {
    await page.evaluate(axe);
    result = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags }), TAGS);
  }
  const told = result.violations.map((v) => `${v.id} (${v.nodes.length}) ${v.nodes[0].html.slice(0, 80)}`);
  say(`axe ${name}`, told.length === 0 && result.passes.length > 10, told.join("; ") || `0 violations, ${result.passes.length} rules passed`);
  const unclear = result.incomplete.filter((v) => v.id === "color-contrast").map((v) => v.nodes.length);
  if (unclear.length) console.log(`      contrast not measurable on ${unclear[0]} nodes`);
  await context.close();
}

async function reflow(browser, url, name, viewport, scale) {
  const context = await browser.newContext({ viewport, deviceScaleFactor: scale });
  const page = await context.newPage();
  await page.goto(url);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  say(`reflow ${name}`, wide <= 0, `${wide} pixels too wide`);
  await context.close();
}

async function keyboard(browser, url) {
  const page = await (await browser.newContext()).newPage();
  const asked = [];
  page.on("request", (r) => asked.push(r.url()));
  page.on("pageerror", (e) => say("no script error", false, e.message));
  await page.goto(url);
  await page.keyboard.press("Tab");
  say("the first stop is the skip link", (await page.evaluate(() => document.activeElement.className)) === "skip");
  for (let i = 0; i < 5 && (await page.evaluate(() => document.activeElement.id)) !== "word"; i++) await page.keyboard.press("Tab");
  say("the search is reached by Tab", (await page.evaluate(() => document.activeElement.id)) === "word");
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  say("the focus is seen", outline === "solid", outline);
  const name = (await page.locator("tbody th").first().textContent()).trim();
  await page.keyboard.type(name);
  const shown = await page.locator("tbody tr:visible").count();
  const all = await page.locator("tbody tr").count();
  const count = page.locator("#count");
  say("typing finds", shown >= 1 && (shown < all || all === 1), `${shown} of ${all}`);
  const live = (await count.getAttribute("aria-live")) === "polite";
  say("the count is announced", live && (await count.textContent()).includes(`${shown}件`), await count.textContent());
  await page.keyboard.press("Enter");
  say("Enter stays on the page", page.url() === url);
  let stops = 0;
  while ((await page.evaluate(() => document.activeElement.tagName)) !== "BUTTON" && stops++ < 20) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForTimeout(50);
  say("the button shows all again", (await page.locator("tbody tr:visible").count()) === all);
  const select = page.locator("select").last();
  await select.focus();
  await page.keyboard.press("ArrowDown");
  const filtered = await page.locator("tbody tr:visible").count();
  say("a filter works by keyboard", filtered >= 1 && filtered <= all && (await select.inputValue()) !== "", `${filtered} of ${all}`);
  const outside = asked.filter((u) => !u.startsWith("file:") && !u.startsWith("data:"));
  say("nothing is asked of the network", outside.length === 0, outside.join(" "));
}

(async () => {
  const url = pathToFileURL(path.resolve(process.argv[2])).href;
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox"] });
  const desktop = { viewport: { width: 1280, height: 900 } };
  const phone = { viewport: { width: 360, height: 740 } };
  await violations(browser, url, "desktop", desktop);
  await violations(browser, url, "phone", phone);
  await violations(browser, url, "scripts off", { ...desktop, javaScriptEnabled: false });
  await violations(browser, url, "print", desktop, "print");
  await reflow(browser, url, "at 320 pixels", { width: 320, height: 640 }, 1);
  await reflow(browser, url, "at 200 % of 1280 pixels", { width: 640, height: 450 }, 2);
  await reflow(browser, url, "at 1280 pixels", { width: 1280, height: 900 }, 1);
  await keyboard(browser, url);
  await browser.close();
  if (wrong.length) process.exit(1);
})().catch((e) => { console.error(e); process.exit(1); });
