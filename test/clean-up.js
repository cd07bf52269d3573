// Each App without a folder of its own makes one with tens of megabytes of assets: gone with the test file that made it.
const fs = require('fs');

const made = [];
const { mkdtempSync } = fs;
fs.mkdtempSync = (prefix, ...rest) => {
  const folder = mkdtempSync(prefix, ...rest);
  if (/cdk8?s?\.out/.test(String(prefix))) made.push(folder);
  return folder;
};
afterAll(() => {
  fs.mkdtempSync = mkdtempSync;
  for (const folder of made) fs.rmSync(folder, { recursive: true, force: true });
});
