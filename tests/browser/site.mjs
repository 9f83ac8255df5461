// Open pages of the built documentation, and print the measures of each as JSON.
// node site.mjs CHROMIUM FOLDER WIDTH SCHEME SCREENSHOTS PAGE...
// SCREENSHOTS is a folder, or an empty text for none.

import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [executablePath, folder, width, colorScheme, screenshots, ...pages] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
const viewport = { width: Number(width), height: 800 };
const context = await browser.newContext({ viewport, colorScheme });
const measures = {};
for (const name of pages) {
  const page = await context.newPage();
  const errors = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(pathToFileURL(path.join(folder, name)).href);
  measures[name] = await page.evaluate(() => ({
    headings: document.querySelectorAll('h1').length,
    height: document.documentElement.scrollHeight,
    overflow: document.documentElement.scrollWidth - innerWidth,
    tables: [...document.querySelectorAll('.table-wrapper')].filter(
      (wrapper) => wrapper.scrollWidth > wrapper.clientWidth,
    ).length,
    ground: getComputedStyle(document.body).backgroundColor,
    buttons: [...document.querySelectorAll('div.highlight pre')].filter(
      (block) => !block.parentElement.querySelector('.copybtn'),
    ).length,
    version: document.querySelector('.sidebar-brand-text')?.textContent.trim(),
  }));
  measures[name].errors = errors;
  if (screenshots) {
    const file = `${name.replaceAll('/', '-')}-${width}-${colorScheme}.png`;
    await page.screenshot({ path: path.join(screenshots, file), fullPage: true });
  }
  await page.close();
}
await browser.close();
console.log(JSON.stringify(measures));
