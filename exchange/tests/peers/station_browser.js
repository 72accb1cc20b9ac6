// Drives the station in a real Chromium: click paths, a path by keyboard alone, accessibility by axe-core, pictures.
// Arguments: base address, password, folder for pictures. Prints one line for each thing found wrong; nothing when all is well.
"use strict";
const puppeteer = require("puppeteer-core");
const axe = require("axe-core");

const [base, password, pictures] = process.argv.slice(2);
const wrong = (what) => console.log(what);
const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";

async function main() {
  const browser = await puppeteer.launch({
    executablePath,
    headless: true,
    // A container has no user namespaces, and loopback is all that is asked.
    args: ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"],
  });
  try {
    await pharmacist(browser);
    await auditorByKeyboard(browser);
    await administrator(browser);
  } finally {
    await browser.close();
  }
}

async function open(browser, dark) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  // A slow machine may be long over a page; and each page is to behave as the one in front, whichever window the browser shows.
  page.setDefaultTimeout(120_000);
  await (await page.createCDPSession()).send("Emulation.setFocusEmulationEnabled", { enabled: true });
  await page.setViewport({ width: 1280, height: 860 });
  if (dark) await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(base) && !url.startsWith("data:")) wrong(`asks ${url}`);
  });
  page.on("pageerror", (error) => wrong(`script error: ${error}`));
  page.on("dialog", (dialog) => { wrong(`a dialog opened: ${dialog.message()}`); dialog.dismiss(); });
  page.on("console", (message) => {
    const text = message.text();
    // Refused pages are asked on purpose; a broken policy never is.
    if (message.type() === "error" && !/status of 40[034]/.test(text)) wrong(`console: ${text}`);
  });
  return page;
}

async function look(page, name) {
  await page.evaluate(axe.source);
  const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  for (const violation of found.violations) {
    wrong(`${name}: ${violation.id}: ${violation.nodes.map((node) => node.html).slice(0, 3).join(" ")}`);
  }
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  if (wide) wrong(`${name}: wider than the window`);
  await page.screenshot({ path: `${pictures}/${name}.png` });
}

async function expect(page, text, name) {
  const all = await page.evaluate(() => document.body.innerText);
  if (!all.includes(text)) wrong(`${name}: "${text}" is not there; there is: ${all.slice(0, 400)}`);
}

const follow = (page, act) => Promise.all([page.waitForNavigation(), act()]);
const click = (page, selector) => follow(page, () => page.click(selector));

async function signIn(page, id) {
  await page.goto(`${base}/sign-in`);
  await page.type("input[name=id]", id);
  await page.type("input[name=password]", password);
  await click(page, "button.main");
}

async function pharmacist(browser) {
  const page = await open(browser, false);
  await page.goto(base);
  await look(page, "sign-in");
  await page.type("input[name=id]", "ph-1");
  await page.type("input[name=password]", "not the password");
  await click(page, "button.main");
  await expect(page, "Not signed in", "wrong password");
  await look(page, "sign-in-refused");
  await signIn(page, "ph-1");
  await look(page, "overview");
  await click(page, 'nav a[href="/reports"]');
  await look(page, "reports");
  for (const kind of await page.$$eval("main ul.plain a", (links) => links.map((link) => link.getAttribute("href")))) {
    await page.goto(base + kind);
    await look(page, `report-${kind.split("/").pop()}`);
  }
  await page.goto(`${base}/reports/timeliness`);
  await page.type("input[name=from]", "2026-11-30");
  await page.type("input[name=to]", "2026-12-01");
  await click(page, "form.range button");
  await expect(page, "2026-12-01T00:00:00 local time", "range");
  await click(page, 'nav a[href="/discrepancies"]');
  await look(page, "discrepancies");
  await click(page, 'a[href*="of="]').catch(() => page.waitForSelector("#step"));
  await page.waitForSelector("textarea[name=note]");
  await look(page, "discrepancy");
  await page.type("textarea[name=note]", "counted again, two tablets were in the cabinet");
  await page.type("input[name=second]", "ph-2");
  await page.type("main input[name=password]", password);
  await click(page, "#step button.main");
  await expect(page, "Close it", "explained");
  await look(page, "discrepancy-explained");
  await click(page, 'nav a[href="/barcodes"]');
  await expect(page, "9980123499", "unknown code");
  await look(page, "barcodes");
  await click(page, 'a[href^="/barcodes/"]');
  await expect(page, "not in the drug file", "picture");
  const seen = await page.evaluate(() => document.querySelector("figure img").naturalWidth);
  if (!(seen > 100)) wrong(`picture: ${seen} pixels wide`);
  await look(page, "picture");
  await click(page, 'nav a[href="/barcodes"]');
  await click(page, "td a").catch(() => page.waitForSelector("#propose"));
  await page.type("input[name=value]", "99801-234-99");
  await page.type("input[name=item]", "metoprolol-25");
  await click(page, "form.stack button");
  await expect(page, "waits for another person", "proposed");
  await look(page, "barcodes-proposed");
  await click(page, 'nav a[href="/recall"]');
  await page.type("main input[name=lot]", "<B>LOT&1");
  await click(page, "form.range button");
  await expect(page, "1 patient, 2 doses", "recall");
  await look(page, "recall");
  await click(page, 'nav a[href="/patients"]');
  await page.type("input[name=q]", MRN);
  await click(page, "form.range button");
  await look(page, "patients");
  await click(page, "td a");
  await expect(page, "Doses over time", "patient");
  await look(page, "patient");
  await click(page, "thead th:nth-child(4) a");
  const sorted = await page.$eval("thead th:nth-child(4)", (head) => head.getAttribute("aria-sort"));
  if (sorted !== "ascending") wrong(`sorted: ${sorted}`);
  await page.emulateMediaType("print");
  await page.screenshot({ path: `${pictures}/patient-print.png` });
  if (await page.$eval(".top", (top) => getComputedStyle(top).display) !== "none") wrong("the head is printed");
  await page.emulateMediaType(null);
  await page.setViewport({ width: 390, height: 800 });
  await look(page, "patient-narrow");
  await page.setViewport({ width: 1280, height: 860 });
  await page.goto(`${base}/people`);
  await expect(page, "not for your role", "another role's page");
  await look(page, "refused");
  await click(page, "form.who button");
  await expect(page, "Password", "signed out");
}

const MRN = "300001";

// Nothing but keys: sign in, skip to the content, verify the ledger, sign out.
async function auditorByKeyboard(browser) {
  const page = await open(browser, true);
  await page.bringToFront();
  await page.goto(`${base}/sign-in`);
  // The browser obeys `autofocus` when it paints, which may be after the load event that ends `goto`.
  await page.waitForFunction(() => document.activeElement.name === "id").catch(() => wrong("the cursor never stands in the user id"));
  await page.keyboard.type("au-1");
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await follow(page, () => page.keyboard.press("Enter"));
  await look(page, "overview-dark");
  const focused = () => page.evaluate(() => {
    const here = document.activeElement;
    const style = getComputedStyle(here);
    if (here === document.body) return { text: "", seen: true };
    return { text: (here.innerText || here.value || "").trim(), seen: style.outlineStyle !== "none" };
  });
  const tabTo = async (text) => {
    for (let at = 0; at < 80; at += 1) {
      await page.keyboard.press("Tab");
      const here = await focused();
      if (!here.seen) wrong(`focus on "${here.text}" is not visible`);
      if (here.text === text) return;
    }
    wrong(`no Tab leads to "${text}"`);
  };
  await tabTo("Skip to content");
  await page.keyboard.press("Enter");
  await tabTo("Ledger and proof");
  await follow(page, () => page.keyboard.press("Enter"));
  await look(page, "ledger-dark");
  await tabTo("Verify every entry now");
  await follow(page, () => page.keyboard.press("Enter"));
  await expect(page, "valid", "verified by keyboard");
  await page.goto(`${base}/reports/alerts`);
  await look(page, "report-dark");
  await page.goto(`${base}/access`);
  await look(page, "access-dark");
  await tabTo("Sign out");
  await follow(page, () => page.keyboard.press("Enter"));
  await expect(page, "Password", "signed out by keyboard");
}

async function administrator(browser) {
  const page = await open(browser, false);
  await signIn(page, "ad-1");
  for (const name of ["", "ledger", "access", "people"]) {
    await page.goto(`${base}/${name}`);
    await look(page, `administrator-${name || "overview"}`);
  }
}

main().catch((error) => { console.log(`stopped: ${error.stack}`); process.exit(1); });
