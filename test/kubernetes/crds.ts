import { existsSync, readdirSync, readFileSync } from 'fs';
import { join, resolve } from 'path';
import Ajv, { ValidateFunction } from 'ajv';
import { load } from 'js-yaml';

/** Calico's definitions of its v3 API. They are not part of this repository. */
export const CRD_FOLDER = process.env.CALICO_CRD_DIR ?? resolve(__dirname, '../../../shared/data/calico-crds');

export const MISSING_CRDS = existsSync(CRD_FOLDER) ? undefined : `there are no definitions of Calico's in ${CRD_FOLDER} (CALICO_CRD_DIR)`;

interface Schema {
  readonly [keyword: string]: unknown;
}

interface Definition {
  readonly spec: {
    readonly names: { readonly kind: string };
    readonly versions: { readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}

const compiled = new Map<string, ValidateFunction>();

/** What a server would refuse of this kind, and what it would drop without a word. */
export function crdValidator(kind: string): ValidateFunction {
  const known = compiled.get(kind);
  if (known) return known;
  const definitions = readdirSync(CRD_FOLDER).filter((file) => file.endsWith('.yaml')).map((file) => load(readFileSync(join(CRD_FOLDER, file), 'utf8')) as Definition);
  const version = definitions.find(({ spec }) => spec.names.kind === kind)?.spec.versions.find(({ name }) => name === 'v3');
  if (!version) throw new Error(`${CRD_FOLDER} defines no ${kind}`);
  const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(closed(version.schema.openAPIV3Schema, true));
  compiled.set(kind, validate);
  return validate;
}

/** A server prunes unknown fields; here each is an error. `metadata` is the API machinery's and stays open. */
function closed(schema: Schema, top = false): Schema {
  const properties = schema.properties as { readonly [name: string]: Schema } | undefined;
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, top && name === 'metadata' ? value : closed(value)])),
      ...(schema['x-kubernetes-preserve-unknown-fields'] ? {} : { additionalProperties: schema.additionalProperties ?? false }),
    }),
    ...(isSchema(schema.items) && { items: closed(schema.items) }),
    ...(isSchema(schema.additionalProperties) && { additionalProperties: closed(schema.additionalProperties) }),
    ...(schema['x-kubernetes-int-or-string'] === true && { type: ['integer', 'string'] }),
  };
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null;
}
