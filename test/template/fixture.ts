import { Aspects, CfnResource, Stack } from 'aws-cdk-lib';
import { CfnLaunchTemplate } from 'aws-cdk-lib/aws-ec2';
import { CfnCluster } from 'aws-cdk-lib/aws-eks';
import { IConstruct } from 'constructs';
import { testCluster, TestCluster, TestClusterOptions } from '../fixture';

/** A healthy app, and a second stack in it. */
export interface Healthy extends TestCluster {
  readonly other: Stack;
  readonly eks: CfnCluster;
  readonly launchTemplate: CfnLaunchTemplate;
  /** The resource of the library's at this path below the cluster. */
  at<T extends CfnResource = CfnResource>(path: string): T;
}

export function healthy(options: TestClusterOptions = {}): Healthy {
  const made = testCluster(options);
  const at = <T extends CfnResource>(path: string): T => {
    const found = path.split('/').reduce<IConstruct>((scope, id) => scope.node.findChild(id), made.cluster);
    return (CfnResource.isCfnResource(found) ? found : found.node.defaultChild) as T;
  };
  return {
    ...made, at, other: new Stack(made.app, 'Other'),
    eks: made.cluster.eksCluster.node.defaultChild as CfnCluster,
    get launchTemplate() { return at<CfnLaunchTemplate>('Nodegroups/Workers/LaunchTemplate'); },
  };
}

/** One change to it. */
export interface Fault {
  readonly name: string;
  readonly code: string;
  readonly apply: (app: Healthy) => void;
  /** Of the same once the network is decided, where it is another. */
  readonly lateCode?: string;
  readonly options?: TestClusterOptions;
  /** What it changes, where that is no part of a healthy app: added in code. */
  readonly before?: (app: Healthy) => void;
  /** What it changes exists while aspects run, not before. */
  readonly onlyLate?: boolean;
}

/** The resources of Helm releases, by release. */
export function releasesIn({ app }: Healthy): Record<string, CfnResource> {
  const charts = app.node.findAll().filter((each) => CfnResource.isCfnResource(each) && each.cfnResourceType === 'Custom::AWSCDK-EKS-HelmChart') as CfnResource[];
  return Object.fromEntries(charts.map((chart) => [String((chart as any)._cfnProperties.Release), chart]));
}

/** Applies a change while aspects run, as the very last of a priority. */
export function lately(made: Healthy, apply: (app: Healthy) => void, priority: number): void {
  let done = false;
  Aspects.of(made.app).add({ visit: () => {
    if (!done) apply(made);
    done = true;
  } }, { priority });
}
