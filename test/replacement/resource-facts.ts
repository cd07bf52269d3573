import { createRequire } from 'module';

/** Properties whose change replaces a resource, by the CloudFormation schemas and documents that aws-cdk-lib is generated from. */
export type IsReplacing = (type: string, path: readonly string[]) => boolean;

interface Property {
  readonly type: { readonly type: string; readonly reference?: { readonly $ref: string } };
  /** `maybe` depends on the value: counted as a replacement. */
  readonly causesReplacement?: 'yes' | 'no' | 'maybe';
}
interface Shape {
  readonly properties: Readonly<Record<string, Property>>;
}
interface Database {
  lookup(kind: 'resource', index: 'cloudFormationType', operator: 'equals', type: string): readonly Shape[];
  get(kind: 'typeDefinition', id: string): Shape;
}

/** The name is no literal, so that the compiler does not ask for the package where it is not installed yet. */
const SPEC: string = '@aws-cdk/aws-service-spec';

export function loadResourceFacts(): IsReplacing {
  const { loadAwsServiceSpecSync } = createRequire(__filename)(SPEC) as { loadAwsServiceSpecSync(): Database };
  const database = loadAwsServiceSpecSync();
  return (type, path) => {
    let [shape]: (Shape | undefined)[] = [...database.lookup('resource', 'cloudFormationType', 'equals', type)];
    for (const name of path) {
      const property: Property | undefined = shape?.properties[name];
      if (property === undefined) return false;
      if (property.causesReplacement === 'yes' || property.causesReplacement === 'maybe') return true;
      shape = property.type.type === 'ref' ? database.get('typeDefinition', property.type.reference!.$ref) : undefined;
    }
    return false;
  };
}
