// A newcomer tries the API on its page: `node docs.mjs API_URL TOKEN PICTURES_FOLDER`, with Debian's Chromium. Each
// step is checked, and so is that the page has no errors and loads nothing from other servers.

import assert from "node:assert/strict";
import { join } from "node:path";

import { chromium } from "playwright-core";

const [api, token, pictures] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium" });
try {
  const page = await openPage(browser);
  await authorize(page);
  await createATask(page);
  await readProblems(page);
  await useAPhone(page);
} finally {
  await browser.close();
}

/** Opens the page, lets it reach nothing but the API, and records its errors. */
async function openPage(browser) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const refused = [];
  await context.route("**", (route) => {
    const url = route.request().url();
    if (new URL(url).origin === api) return route.continue();
    refused.push(url);
    return route.abort();
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.stack));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.calm = () => assert.deepEqual({ errors, refused }, { errors: [], refused: [] });

  await page.goto(`${api}/docs`);
  await page.getByRole("heading", { name: "Task API" }).waitFor();
  await page.locator(".opblock").first().waitFor();
  await seen(page, "opened the page", "docs.png");
  return page;
}

async function authorize(page) {
  await page.getByRole("button", { name: "Authorize" }).first().click();
  const dialog = page.locator(".dialog-ux");
  await dialog.getByRole("textbox").fill(token);
  await dialog.getByRole("button", { name: "Apply credentials" }).click();
  await dialog.getByText("Authorized").first().waitFor();
  await seen(page, "authorized with a token", "docs-authorize.png");
  await dialog.getByRole("button", { name: "Close" }).last().click();
}

/** Uses the values that the page fills in: pressing Execute without thinking creates a task. */
async function createATask(page) {
  const operation = page.locator("#operations-tasks-create-task");
  await operation.locator(".opblock-summary-control").click();
  const tryIt = operation.getByRole("button", { name: "Try it out" });
  if (await tryIt.isVisible()) await tryIt.click();

  const answer = page.waitForResponse((response) => response.request().method() === "POST");
  await operation.getByRole("button", { name: "Execute" }).click();
  const task = await (await answer).json();
  assert.equal(task.title, "Buy milk");
  const shown = operation.locator(".live-responses-table .response");
  assert.equal(await shown.locator(".response-col_status").innerText(), "201");
  assert.ok((await shown.locator(".response-col_description").innerText()).includes(task.id));
  await operation.getByRole("button", { name: "Execute" }).evaluate((button) => button.scrollIntoView());
  await seen(page, `created the task ${task.id}`, "docs-created.png");
}

/** Follows the `type` of a problem. */
async function readProblems(page) {
  await page.goto(`${api}/docs/problems#not-found`);
  const heading = page.locator("#not-found");
  await heading.waitFor();
  assert.ok((await heading.boundingBox()).y < 900, "the page has not scrolled to the problem");
  await seen(page, "read about a problem", "problems.png");
}

async function useAPhone(page) {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const path of ["/docs", "/docs/problems"]) {
    await page.goto(api + path);
    if (path === "/docs") await page.locator(".opblock").first().waitFor();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 390, `${path} is ${width} pixels wide`);
  }
  await page.goto(`${api}/docs`);
  await page.locator(".opblock").first().waitFor();
  await seen(page, "saw the page on a phone", "docs-phone.png");
}

async function seen(page, what, picture) {
  page.calm();
  await page.screenshot({ path: join(pictures, picture) });
  console.log(`ok: ${what}`);
}
