import { CORE_SCHEMA, load, Type, YAMLException } from 'js-yaml';

/** A document of a file, as it stands there. */
export interface YamlDocument {
  /** `chart.yaml, document 3`. */
  readonly origin: string;
  readonly text: string;
  readonly value?: unknown;
  /** Why it cannot be taken for what it seems to say. */
  readonly problem?: string;
}

/** Words that the YAML of Kubernetes takes for a boolean: `hostNetwork: yes` is one. https://yaml.org/type/bool.html */
const TRUE = /^(y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/;

/** As Kubernetes reads it, which is YAML 1.1 without dates. */
const SCHEMA = CORE_SCHEMA.extend({
  implicit: [
    new Type('tag:yaml.org,2002:bool', { kind: 'scalar', resolve: (text) => text !== null && (TRUE.test(text) || FALSE.test(text)), construct: (text) => TRUE.test(text) }),
    new Type('tag:yaml.org,2002:merge', { kind: 'scalar', resolve: (text) => text === '<<' }),
  ],
});

/** Nothing in YAML may hold this line but as the start of a document. https://yaml.org/spec/1.2.2/#rule-c-forbidden */
const DOCUMENT_START = /(?<=^|[\n\r])---(?=[ \t\r\n]|$)/;
const TEMPLATE = /\{\{/;

/** The documents of a file that hold something. */
export function readYaml(name: string, text: string): YamlDocument[] {
  const [first, ...rest] = text.replace(/^\ufeff/, '').split(DOCUMENT_START);
  const texts = isBlank(first) && rest.length > 0 ? rest : [first, ...rest];
  return texts.map((each, index) => ({ origin: `${name}, document ${index + 1}`, text: each })).filter((each) => !isBlank(each.text)).flatMap((document): YamlDocument[] => {
    try {
      const value: unknown = load(document.text, { schema: SCHEMA });
      return value === undefined || value === null ? [] : [{ ...document, value, problem: problemOf(value, document.text) }];
    } catch (error) {
      const reason = error instanceof YAMLException ? `${error.reason}, in its line ${error.mark.line + 1}` : 'it is nested too deeply';
      return [{ ...document, problem: TEMPLATE.test(document.text) ? UNRENDERED : `is not readable as YAML: ${reason}` }];
    }
  });
}

const UNRENDERED = 'is text of a template, and not what Helm renders from it';

function isBlank(text: string): boolean {
  return text.split(/\r?\n|\r/).every((line) => /^\s*(#.*)?$/.test(line));
}

/** What a reader of YAML takes without a word, and no tool writes that renders objects. */
function problemOf(value: unknown, text: string): string | undefined {
  const seen = new Set<unknown>();
  const visit = (each: unknown): string | undefined => {
    if (typeof each !== 'object' || each === null) return undefined;
    // Seen twice, it is the same: few aliases stand for any number of objects.
    if (seen.has(each)) return 'uses an anchor in two places';
    seen.add(each);
    for (const [key, child] of Object.entries(each)) {
      if (key === '__proto__') return 'has a key __proto__';
      // What js-yaml makes of a key that is a map, such as `{{ .Values.name }}`.
      const found = key === '[object Object]' ? TEMPLATE.test(text) ? UNRENDERED : 'has a key that is no text' : visit(child);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return visit(value);
}
