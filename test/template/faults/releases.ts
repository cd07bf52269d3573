import { CfnResource } from 'aws-cdk-lib';
import { Fault, Healthy, releasesIn } from '../fixture';

const late = (release: string, change: (resource: CfnResource) => void): Pick<Fault, 'apply' | 'onlyLate'> => ({ onlyLate: true, apply: (app: Healthy) => change(releasesIn(app)[release]) });

/** Releases exist once the network is decided: only aspects reach most of them. */
export const RELEASE_FAULTS: Fault[] = [
  { name: 'the denials emptied', code: 'releaseChanged', ...late('eks-guardrail-denials', (each) => each.addPropertyOverride('Values', '{"objects":[]}')) },
  { name: 'another chart of Calico', code: 'releaseChanged', apply: (app) => releasesIn(app).calico.addPropertyOverride('Version', 'v3.1.0') },
  { name: 'another name of the release of the default deny', code: 'releaseChanged', ...late('eks-default-deny', (each) => each.addPropertyOverride('Release', 'other')) },
  { name: 'the default deny gone', code: 'resourceRemoved', ...late('eks-default-deny', (each) => each.node.scope!.node.scope!.node.tryRemoveChild(each.node.scope!.node.id)) },
  { name: 'policies that wait for nothing', code: 'orderLost', ...late('eks-default-deny', (each) => each.addOverride('DependsOn', [])) },
  { name: 'the default deny by condition', code: 'resourceConditional', ...late('eks-default-deny', (each) => each.addOverride('Condition', 'Sometimes')) },
  { name: 'a second release of the same name', code: 'releaseNameTaken', apply: ({ stack, cluster }) => {
    new CfnResource(stack, 'Second', { type: 'Custom::AWSCDK-EKS-HelmChart', properties: { ClusterName: cluster.clusterName, Release: 'eks-default-deny' } });
  } },
  { name: 'a macro', code: 'templateTransformed', apply: ({ stack }) => stack.addTransform('Rewrite') },
  { name: 'a function that deploys objects, open to everybody', code: 'functionOpened', apply: ({ other, at }) => {
    new CfnResource(other, 'Url', { type: 'AWS::Lambda::Url', properties: { TargetFunctionArn: at('Cluster/KubectlProvider/Handler').getAtt('Arn'), AuthType: 'NONE' } });
  } },
  { name: 'nodes before their network', code: 'orderLost', apply: ({ at }) => at('Nodegroups/Workers/Nodegroup').addDeletionOverride('DependsOn') },
  { name: 'a second policy engine', code: 'twoPolicyEngines', apply: ({ at }) => at('VpcCni').addPropertyOverride('ConfigurationValues', '{"enableNetworkPolicy":"true","env":{"ANNOTATE_POD_IP":"true"}}') },
  { name: 'addresses of pods reported late', code: 'podAddressesLate', apply: ({ at }) => at('VpcCni').addPropertyDeletionOverride('ConfigurationValues') },
  { name: 'an add-on gone', code: 'resourceRemoved', apply: ({ cluster }) => { cluster.node.tryRemoveChild('KubeProxy'); } },
  { name: 'another add-on instead', code: 'resourceChanged', apply: ({ at }) => at('KubeProxy').addPropertyOverride('AddonName', 'other') },
];
