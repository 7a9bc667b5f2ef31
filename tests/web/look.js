// look.js BASE DIRECTORY NAME=PATH...: opens pages in Chromium, narrow and wide, light and dark, prints what is
// wrong: words on the console, what overflows, what axe-core finds. Screenshots go to the directory.
// Exit status 1 if anything is wrong.
'use strict';
const fs = require('fs');
const modules = process.env.NODE_MODULES;
const { chromium } = require(`${modules}/playwright-core`);
const axe = fs.readFileSync(`${modules}/axe-core/axe.min.js`, 'utf8');

const [base, directory, ...pages] = process.argv.slice(2);
const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];
let faults = 0;

function fault(where, what) {
  console.log(`${where}: ${what}`);
  faults++;
}

// The page's own policy forbids scripts, so axe-core runs in a world of its own beside it.
async function accessibility(context, page) {
  const devtools = await context.newCDPSession(page);
  const { frameTree } = await devtools.send('Page.getFrameTree');
  const { executionContextId: contextId } =
    await devtools.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id });
  await devtools.send('Runtime.evaluate', { expression: axe, contextId });
  const { result } = await devtools.send('Runtime.evaluate', {
    expression: 'axe.run(document).then(found => JSON.stringify(found.violations.map(' +
      'v => v.id + ": " + v.nodes.map(n => n.target + " " + n.failureSummary).join("; "))))',
    contextId, awaitPromise: true, returnByValue: true,
  });
  return result.value === undefined ? ['axe-core did not run'] : JSON.parse(result.value);
}

async function look(browser, name, path, width, colorScheme) {
  const where = `${name} (${width}, ${colorScheme})`;
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
  const page = await context.newPage();

  page.on('console', message => {
    // That the daemon is away, or the page is not there, is what such a page is about.
    if (!/status of (404|503)/.test(message.text())) fault(where, `console: ${message.text()}`);
  });
  page.on('pageerror', error => fault(where, error.message));
  page.on('request', request => {
    if (request.url() !== base + path) fault(where, `it loads ${request.url()}`);
  });
  await page.goto(base + path);
  await page.screenshot({ path: `${directory}/${name}-${width}-${colorScheme}.png`, fullPage: true });
  const needed = await page.evaluate(() => document.documentElement.scrollWidth);
  if (needed > width) fault(where, `it is ${needed} wide`);
  const spilled = await page.evaluate(() => [...document.querySelectorAll('.card, .verdict')]
    .filter(card => card.scrollWidth > card.clientWidth).map(card => card.id || card.className));
  if (spilled.length > 0) fault(where, `does not fit: ${spilled}`);
  const headings = await page.locator('h1').count();
  if (headings !== 1) fault(where, `${headings} h1`);
  for (const violation of await accessibility(context, page)) fault(where, violation);
  await context.close();
}

(async () => {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
  for (const word of pages) {
    const [name, path] = [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)];
    for (const width of [320, 360, 640, 820, 1000, 1120, 1280])
      for (const colorScheme of ['light', 'dark']) await look(browser, name, path, width, colorScheme);
  }
  await browser.close();
  process.exit(faults > 0 ? 1 : 0);
})();
