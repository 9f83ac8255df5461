// Open pages of the built documentation, and print the measures of each form as JSON: of a desktop
// and of a phone, in light and dark.
// node site.mjs CHROMIUM FOLDER SCREENSHOTS PAGE...
// SCREENSHOTS is a folder, or an empty text for none.

import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [executablePath, folder, screenshots, ...pages] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
const page = await browser.newPage();
let errors = [];
page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
page.on('pageerror', (error) => errors.push(String(error)));

function measure() {
  return page.evaluate(() => ({
    headings: document.querySelectorAll('h1').length,
    height: document.documentElement.scrollHeight,
    overflow: document.documentElement.scrollWidth - innerWidth,
    ground: getComputedStyle(document.body).backgroundColor,
    buttons: [...document.querySelectorAll('div.highlight pre')].filter(
      (block) => !block.parentElement.querySelector('.copybtn'),
    ).length,
    version: document.querySelector('.sidebar-brand-text')?.textContent.trim(),
  }));
}

const measures = [];
for (const name of pages) {
  errors = [];
  await page.goto(pathToFileURL(path.join(folder, name)).href);
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 800 });
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      measures.push({ name, width, scheme: colorScheme, ...(await measure()), errors });
      if (screenshots) {
        const file = `${name.replaceAll('/', '-')}-${width}-${colorScheme}.png`;
        await page.screenshot({ path: path.join(screenshots, file), fullPage: true });
      }
    }
  }
}
await browser.close();
console.log(JSON.stringify(measures));
