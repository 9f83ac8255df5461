// Opens the demo in Chromium, and writes what a user sees as JSON.
// Run: node demo.mjs CHROMIUM URL WIDTH SCHEME SCREENSHOT

import { chromium } from 'playwright-core';

const [, , executablePath, url, width, colorScheme, screenshot] = process.argv;
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
const viewport = { width: Number(width), height: 800 };
const page = await browser.newPage({ viewport, colorScheme });
const errors = [];
page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
page.on('pageerror', (error) => errors.push(String(error)));
await page.goto(url);

/** Click a button, and return the item of the new job. */
async function start(name) {
  const count = await page.locator('li').count();
  await page.getByRole('button', { name, exact: true }).click();
  await page.locator('li').nth(count).waitFor();
  const id = `job-${count}`;
  await page.locator('li').first().evaluate((item, name) => item.setAttribute('id', name), id);
  return page.locator(`#${id}`);
}

/** Return the values of a bar up to the end of the job. */
async function watch(item) {
  return item.evaluate(
    (element) =>
      new Promise((resolve) => {
        const bar = element.querySelector('[role=progressbar]');
        const values = [];
        const look = () => {
          values.push(Number(bar.getAttribute('aria-valuenow')));
          if (!['queued', 'processing'].includes(element.dataset.status)) {
            resolve(values);
          }
        };
        new MutationObserver(look).observe(element, { attributes: true, subtree: true });
        look();
      }),
  );
}

const text = (item) => item.innerText();
const completed = await start('Convert a file');
const progress = await watch(completed);
const failed = await start('Convert a damaged file');
await watch(failed);
const cancelled = await start('Convert a file');
await page.waitForFunction(
  (element) => element.dataset.status === 'processing',
  await cancelled.elementHandle(),
);
await cancelled.getByRole('button', { name: 'Cancel' }).click();
await watch(cancelled);
const style = (name) => page.evaluate((key) => getComputedStyle(document.body)[key], name);
await page.screenshot({ path: screenshot, fullPage: true });
const result = {
  progress,
  completed: await text(completed),
  failed: await text(failed),
  cancelled: await text(cancelled),
  buttons: await page.locator('.cancel:visible').count(),
  overflow: await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
  ground: await style('backgroundColor'),
  errors,
};
console.log(JSON.stringify(result));
await browser.close();
