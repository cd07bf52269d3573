import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { parsePolicyObjects } from '../../../src/core/policy';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

const KINDS = ['Tier', 'NetworkPolicy', 'GlobalNetworkPolicy', 'StagedNetworkPolicy', 'StagedGlobalNetworkPolicy', 'StagedKubernetesNetworkPolicy', 'NetworkSet', 'GlobalNetworkSet'];
const folder = process.env.CALICO_CRD_DIR ?? '';

/** An object that has every field of a schema, each with a value that need not be sound. */
function everyField({ properties, items }: Schema): unknown {
  if (items) return [everyField(items)];
  return properties && Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, everyField(schema) ?? 'x']));
}

// The schemas are Calico's and come from CALICO_CRD_DIR; a run without them says so by skipping.
(existsSync(folder) ? describe : describe.skip)('every field of Calico\'s schemas is known', () => {
  const schemas = new Map(!existsSync(folder) ? [] : readdirSync(folder).filter((file) => file.endsWith('.yaml')).map((file) => {
    const { spec } = load(readFileSync(join(folder, file), 'utf8')) as { spec: { names: { kind: string }; versions: { schema: { openAPIV3Schema: Schema } }[] } };
    return [spec.names.kind, spec.versions[0].schema.openAPIV3Schema];
  }));

  test.each(KINDS)('%s', (kind) => {
    const spec = everyField(schemas.get(kind)!.properties!.spec);
    expect(Object.keys(spec as object).length).toBeGreaterThan(0);
    const { diagnostics } = parsePolicyObjects([{ apiVersion: 'projectcalico.org/v3', kind, metadata: { name: 'x' }, spec }]);
    expect(diagnostics.filter(({ code }) => code === 'policyFieldUnknown')).toEqual([]);
  });
});
