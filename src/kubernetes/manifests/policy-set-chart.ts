import { ApiObject, Chart, ChartProps } from 'cdk8s';
import { Construct } from 'constructs';
import { policySetObjects } from './policy-objects';
import { PolicySet } from '../../core/policy/policy';

export interface PolicySetChartProps extends ChartProps {
  readonly policySet: PolicySet;
}

/** A set of policies as a cdk8s chart: plain YAML, no AWS. */
export class PolicySetChart extends Chart {
  public constructor(scope: Construct, id: string, props: PolicySetChartProps) {
    const { policySet, ...rest } = props;
    super(scope, id, rest);
    for (const object of policySetObjects(policySet)) {
      const { kind, metadata: { namespace, name } } = object;
      // Named by what they are, so that neither order nor count changes an object's path.
      new ApiObject(this, [kind, namespace, name].filter((part) => part !== undefined).join('-'), object as never);
    }
  }
}
