import { readFileSync, writeFileSync } from 'fs';
import { join } from 'path';
import { App, Fn, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { CfnAccessEntry, CfnAddon, CfnFargateProfile, CfnNodegroup } from 'aws-cdk-lib/aws-eks';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import { Healthy, healthy, releasesIn } from './fixture';
import { NetworkPeer } from '../../src';
import { Cell, CellId, CELLS } from '../../src/core/engine/truth-table';
import { clusterIn, errorsOf, fileOf, TestClusterOptions } from '../fixture';
import { testCluster as plainCluster } from '../kubernetes/deploy/fixture';

const PAGE = join(__dirname, '..', '..', 'docs', 'engine.md');

/** One tree: how it is made, and which subject the message names. */
interface Tree {
  readonly make: (app: Healthy) => void;
  readonly subject?: string;
  readonly options?: TestClusterOptions;
  /** Default: a healthy app. */
  readonly app?: () => Pick<Healthy, 'app' | 'stack' | 'cluster'>;
}

const nothing: Tree = { make: () => undefined };
const env = (values: object): Tree => ({ make: ({ at }) => at('VpcCni').addPropertyOverride('ConfigurationValues', JSON.stringify({ enableNetworkPolicy: 'false', env: { ANNOTATE_POD_IP: 'true', ...values } })), subject: 'Platform/Cluster/VpcCni' });
const cluster = (property: string, value: unknown): Tree => ({ make: ({ eks: resource }) => resource.addPropertyOverride(property, value), subject: 'Platform/Cluster/Cluster' });
const kubeProxy = (values: object): Tree => ({ make: ({ at }) => at('KubeProxy').addPropertyOverride('ConfigurationValues', JSON.stringify(values)), subject: 'Platform/Cluster/KubeProxy' });
const chart = (options: eks.HelmChartOptions): Tree => ({ make: (app) => { app.cluster.eksCluster.addHelmChart('Foreign', options); }, subject: 'Platform/Cluster/Cluster/chart-Foreign' });
const group = (amiType: string) => ({ other, cluster: { clusterName } }: Healthy) => {
  new CfnNodegroup(other, 'Nodes', { clusterName, nodeRole: 'arn:aws:iam::111122223333:role/nodes', subnets: ['subnet-1'], amiType });
};
const entry = (type: string) => ({ other, cluster: { clusterName } }: Healthy) => {
  new CfnAccessEntry(other, 'Entry', { clusterName, principalArn: 'arn:aws:iam::111122223333:role/other', type });
};
const elsewhere = (more: (eksCluster: eks.Cluster, stack: Stack) => void): Tree => ({
  make: ({ other }) => {
    const eksCluster = plainCluster(other);
    eksCluster.addManifest('Policies', { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'deny', namespace: 'shop' }, spec: { podSelector: {}, policyTypes: ['Ingress'] } });
    more(eksCluster, other);
  },
  subject: 'Other/Cluster/manifest-Policies',
});

/** Pods in subnets of their own, which only a given VPC has. */
function withPodSubnets(): Pick<Healthy, 'app' | 'stack' | 'cluster'> {
  const app = new App();
  const stack = new Stack(app, 'Platform');
  const subnets = (name: string, subnetType: ec2.SubnetType) => ({ name, subnetType });
  const vpc = new ec2.Vpc(stack, 'Own', {
    restrictDefaultSecurityGroup: false,
    subnetConfiguration: [subnets('edge', ec2.SubnetType.PUBLIC), subnets('nodes', ec2.SubnetType.PRIVATE_WITH_EGRESS), subnets('pods', ec2.SubnetType.PRIVATE_ISOLATED)],
  });
  const made = clusterIn(stack, { cluster: { vpc, subnets: { nodes: { subnetGroupName: 'nodes' }, pods: { subnetGroupName: 'pods' } } } });
  return { app, stack, cluster: made };
}

/** Each cell of the table, in every form in which a tree can be so. */
const TREES: Record<CellId, Record<string, Tree>> = {
  autoModeOff: { 'as made': nothing },
  autoModeOn: { override: cluster('ComputeConfig', { Enabled: true }) },
  fargateNone: { 'as made': nothing },
  fargateSome: {
    'of the cluster': { make: (app) => { app.cluster.eksCluster.addFargateProfile('Fargate', { selectors: [{ namespace: 'batch' }] }); }, subject: 'Platform/Cluster/Cluster/fargate-profile-Fargate' },
    'of another stack': {
      make: ({ other, cluster: { clusterName } }) => { new CfnFargateProfile(other, 'Fargate', { clusterName, podExecutionRoleArn: 'arn:aws:iam::111122223333:role/pods', selectors: [{ namespace: 'batch' }] }); },
      subject: 'Other/Fargate',
    },
  },
  nodesLinux: { 'as made': nothing },
  nodesNone: { 'no group': { make: () => undefined, options: { nodes: false }, subject: 'Platform/Cluster' } },
  nodesNoLinux: { 'an image of Windows': { make: ({ at }) => at('Nodegroups/Workers/Nodegroup').addPropertyOverride('AmiType', 'WINDOWS_CORE_2022_x86_64'), subject: 'Platform/Cluster/Nodegroups/Workers/Nodegroup' } },
  windowsSome: {
    'a managed group': { make: group('WINDOWS_FULL_2022_x86_64'), subject: 'Other/Nodes' },
    'a role of theirs joins': { make: entry('EC2_WINDOWS'), subject: 'Other/Entry' },
  },
  windowsNone: { 'another group of Linux': { make: group('AL2023_x86_64_STANDARD') } },
  hybridNone: { 'as made': nothing },
  hybridSome: {
    'remote networks': cluster('RemoteNetworkConfig', { RemoteNodeNetworks: [{ Cidrs: ['10.80.0.0/16'] }] }),
    'a role of theirs joins': { make: entry('HYBRID_LINUX'), subject: 'Other/Entry' },
  },
  ipv4: { 'as made': nothing },
  ipv6: {
    override: {
      make: (app) => {
        cluster('KubernetesNetworkConfig.IpFamily', 'ipv6').make(app);
        env({ ENABLE_V4_EGRESS: 'false' }).make(app);
      },
      subject: 'Platform/Cluster/Cluster',
    },
  },
  ipv6Egress: { override: cluster('KubernetesNetworkConfig.IpFamily', 'ipv6') },
  cniPolicyOff: { 'as made': nothing },
  cniPolicyOn: {
    text: { make: ({ at }) => at('VpcCni').addPropertyOverride('ConfigurationValues', '{"enableNetworkPolicy":"true","env":{"ANNOTATE_POD_IP":"true"}}'), subject: 'Platform/Cluster/VpcCni' },
    boolean: { make: ({ at }) => at('VpcCni').addPropertyOverride('ConfigurationValues', '{"enableNetworkPolicy":true,"env":{"ANNOTATE_POD_IP":"true"}}'), subject: 'Platform/Cluster/VpcCni' },
  },
  otherPluginNone: { 'a chart and an add-on of other things': {
    make: (app) => {
      chart({ chart: 'nginx', repository: 'https://example.com/connected', release: 'nginx' }).make(app);
      new eks.Addon(app.stack, 'Storage', { cluster: app.cluster.eksCluster, addonName: 'aws-ebs-csi-driver' });
    },
  } },
  otherPluginCilium: {
    'by its chart': chart({ chart: 'cilium', repository: 'https://helm.cilium.io', release: 'network' }),
    'by a registry': chart({ chart: 'c', repository: 'oci://quay.io/cilium/charts/cilium', release: 'network', version: '1.18.0' }),
    'by its release': chart({ chart: 'umbrella', repository: 'https://example.com', release: 'cilium' }),
    'as an add-on': { make: ({ stack, cluster: { eksCluster } }) => { new eks.Addon(stack, 'Cilium', { cluster: eksCluster, addonName: 'isovalent_cilium' }); }, subject: 'Platform/Cilium' },
    'a second Calico': chart({ chart: 'tigera-operator', repository: 'https://docs.tigera.io/calico/charts', release: 'more' }),
  },
  otherPluginUnknown: {
    Antrea: chart({ chart: 'antrea', repository: 'https://charts.antrea.io', release: 'network' }),
    'a chained plugin': chart({ chart: 'cni', repository: 'https://istio-release.storage.googleapis.com/charts', release: 'mesh' }),
    'kube-router, as an add-on': { make: ({ stack, cluster: { eksCluster } }) => { new eks.Addon(stack, 'Router', { cluster: eksCluster, addonName: 'example_kube-router' }); }, subject: 'Platform/Router' },
  },
  podGroupsOff: { 'as made': nothing },
  podGroupsStandard: { 'by the settings': { ...env({ ENABLE_POD_ENI: 'true', POD_SECURITY_GROUP_ENFORCING_MODE: 'standard' }) } },
  podGroupsStrict: { 'by default': env({ ENABLE_POD_ENI: 'true' }), 'in words': env({ ENABLE_POD_ENI: 'true', POD_SECURITY_GROUP_ENFORCING_MODE: 'strict' }) },
  customNetworkingOff: { 'as made': nothing },
  customNetworkingOn: { 'in a VPC of its own': { ...nothing, app: withPodSubnets } },
  customNetworkingUnseen: { 'by the settings': env({ AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: 'true' }) },
  vethPrefixKept: { 'said again': env({ AWS_VPC_K8S_CNI_VETHPREFIX: 'eni' }) },
  vethPrefixChanged: { 'by the settings': env({ AWS_VPC_K8S_CNI_VETHPREFIX: 'veth' }) },
  kubeProxyIptables: { 'as made': nothing, 'said': kubeProxy({ mode: 'iptables' }) },
  kubeProxyIpvs: { 'by the settings': kubeProxy({ mode: 'ipvs', ipvs: { scheduler: 'rr' } }) },
  kubeProxyNftables: { nftables: kubeProxy({ mode: 'nftables' }), 'another': kubeProxy({ mode: 'userspace' }) },
  cniManaged: { 'as made': nothing },
  cniTwice: { 'a chart': chart({ chart: 'aws-vpc-cni', repository: 'https://aws.github.io/eks-charts', release: 'aws-vpc-cni' }) },
  cniSelfManaged: { 'the add-on taken out': {
    make: ({ cluster: made }) => {
      made.acknowledge('resourceRemoved', { subject: 'Platform/Cluster/VpcCni', reason: 'self-managed' });
      made.node.tryRemoveChild('VpcCni');
    },
    subject: 'Platform/Cluster/Cluster',
  } },
  engineInstalled: { 'as made': nothing },
  engineMissing: {
    'taken out': { make: (app) => { app.cluster.node.findChild('Network').node.tryRemoveChild('Calico'); }, subject: 'Platform/Cluster/Network/Calico' },
    conditional: { make: (app) => releasesIn(app).calico.addOverride('Condition', 'Calico'), subject: 'Platform/Cluster/Network/Calico' },
  },
  elsewhereNoEngine: { 'a manifest': elsewhere(() => undefined) },
  elsewhereEngine: {
    'a chart of Cilium': elsewhere((eksCluster) => { eksCluster.addHelmChart('Cilium', { chart: 'cilium', repository: 'https://helm.cilium.io' }); }),
    'the VPC CNI': elsewhere((eksCluster, stack) => { new CfnAddon(stack, 'Cni', { clusterName: eksCluster.clusterName, addonName: 'vpc-cni', configurationValues: '{"enableNetworkPolicy":"true"}' }); }),
    'settings that only the deployment knows': elsewhere((eksCluster, stack) => { new CfnAddon(stack, 'Cni', { clusterName: eksCluster.clusterName, addonName: 'vpc-cni', configurationValues: Fn.importValue('settings') }); }),
  },
  policyOfOtherEngine: {
    Cilium: {
      make: ({ cluster: made }) => { made.addManifest('Policy', { apiVersion: 'cilium.io/v2', kind: 'CiliumNetworkPolicy', metadata: { name: 'deny', namespace: 'default' }, spec: {} }); },
      subject: 'CiliumNetworkPolicy default/deny',
    },
  },
};

const CASES = Object.entries(TREES).flatMap(([id, forms]) => Object.entries(forms).map(([form, tree]) => ({ ...CELLS[id as CellId] as Cell, id: id as CellId, form, tree })));
const warningsOf = ({ stack }: Pick<Healthy, 'stack'>) => Annotations.fromStack(stack).findWarning('*', Match.anyValue()).map(({ entry: { data } }) => String(data));
const built = ({ make, options }: Tree) => {
  const app = healthy(options);
  make(app);
  return app;
};

describe('each cell, in a tree of its own', () => {
  test.each(CASES.filter(({ verdict }) => verdict === 'works'))('$feature, $state ($form): works', ({ tree }) => {
    const app = tree.app?.() ?? built(tree);
    const codes = new Set(Object.values(CELLS).flatMap((cell: Cell) => cell.code ?? []));
    const said = [...errorsOf(app), ...warningsOf(app)].filter((line) => codes.has(/\[cdk-secure-eks:(\w+)\]/.exec(line)?.[1] ?? ''));
    expect(said).toEqual([]);
  });

  test.each(CASES.filter(({ verdict }) => verdict === 'error'))('$feature, $state ($form): error $code', ({ tree, code, because, fix, acceptable }) => {
    const [line, ...more] = errorsOf(built(tree)).filter((each) => each.endsWith(`[cdk-secure-eks:${code}]`));
    expect(line).toContain(because);
    expect(line).toContain(`; ${fix} [`);
    expect(line.startsWith(`${tree.subject}: `)).toBe(true);
    expect(more).toEqual([]);

    const accepted = built(tree);
    accepted.cluster.acknowledge(code!, { subject: tree.subject!, reason: 'looked at' });
    const left = errorsOf(accepted).filter((each) => each.includes(code!));
    expect(left).toEqual(acceptable ? [] : [expect.stringContaining(because), expect.stringContaining('notAcknowledgeable')]);
  });

  test.each(CASES.filter(({ verdict }) => verdict === 'loss'))('$feature, $state ($form): works but for a loss, $code', ({ tree, code, because, fix }) => {
    const app = built(tree);
    expect(errorsOf(app)).toEqual([]);
    const lines = warningsOf(app).filter((each) => each.includes(`[cdk-secure-eks:${code}]`));
    expect(lines).toEqual([expect.stringContaining(because)]);
    expect(lines[0]).toContain(`; ${fix} [`);
    expect(fileOf(app.app.synth({ force: true }), 'Platform.network-report.md')).toContain(`- **not everywhere**: ${tree.subject}: `);

    const accepted = built(tree);
    accepted.cluster.acknowledge(code!, { subject: tree.subject!, reason: 'looked at' });
    expect(errorsOf(accepted)).toEqual([]);
    expect(warningsOf(accepted).filter((each) => each.includes(code!))).toEqual([]);
  });

  test('every cell that is not plain says what to do and how to accept it, and each names a source', () => {
    for (const { verdict, code, fix, source } of Object.values(CELLS) as Cell[]) {
      expect(verdict === 'works' ? [code, fix] : [typeof code, typeof fix]).toEqual(verdict === 'works' ? [undefined, undefined] : ['string', 'string']);
      expect(source).toMatch(/^https:\/\//);
    }
  });
});

describe('what only the deployment knows', () => {
  const token = Fn.importValue('setting');
  test.each<[string, (app: Healthy) => void, RegExp]>([
    ['all settings of the VPC CNI', ({ at }) => at('VpcCni').addPropertyOverride('ConfigurationValues', token), /^Platform\/Cluster\/VpcCni: ConfigurationValues is .*a second policy engine must stay off/],
    ['one of its settings', ({ stack, at }) => at('VpcCni').addPropertyOverride('ConfigurationValues', stack.toJsonString({ enableNetworkPolicy: 'false', env: { ANNOTATE_POD_IP: 'true', AWS_VPC_K8S_CNI_VETHPREFIX: token } })),
      /^Platform\/Cluster\/VpcCni: ConfigurationValues\.env\.AWS_VPC_K8S_CNI_VETHPREFIX is 'a token': .*it decides whether Calico knows interfaces of pods/],
    ['whether pods have groups of their own', ({ stack, at }) => at('VpcCni').addPropertyOverride('ConfigurationValues', stack.toJsonString({ enableNetworkPolicy: 'false', env: { ANNOTATE_POD_IP: 'true', ENABLE_POD_ENI: token } })),
      /ConfigurationValues\.env\.ENABLE_POD_ENI is 'a token'/],
    ['how these groups enforce', ({ stack, at }) => at('VpcCni').addPropertyOverride('ConfigurationValues', stack.toJsonString({ enableNetworkPolicy: 'false', env: { ANNOTATE_POD_IP: 'true', ENABLE_POD_ENI: 'true', POD_SECURITY_GROUP_ENFORCING_MODE: token } })),
      /ConfigurationValues\.env\.POD_SECURITY_GROUP_ENFORCING_MODE is 'a token'/],
    ['the settings of kube-proxy', ({ at }) => at('KubeProxy').addPropertyOverride('ConfigurationValues', token), /^Platform\/Cluster\/KubeProxy: ConfigurationValues is .*Felix is installed for iptables/],
    ['the mode of kube-proxy', ({ stack, at }) => at('KubeProxy').addPropertyOverride('ConfigurationValues', stack.toJsonString({ mode: token })), /^Platform\/Cluster\/KubeProxy: ConfigurationValues is .*Felix is installed for iptables/],
    ['the image of nodes', ({ at }) => at('Nodegroups/Workers/Nodegroup').addPropertyOverride('AmiType', token), /AmiType is .*on nodes of Windows no policy binds pods/],
    ['the family of addresses', ({ eks: resource }) => resource.addPropertyOverride('KubernetesNetworkConfig.IpFamily', token), /IpFamily is .*policies and checks here are made for IPv4/],
    ['what a chart is', chart({ chart: token, repository: 'https://example.com', release: 'network' }).make, /^Platform\/Cluster\/Cluster\/chart-Foreign: Chart is .*it may bring a second policy engine/],
    ['what an add-on is', ({ stack, cluster: { eksCluster } }) => { new eks.Addon(stack, 'Some', { cluster: eksCluster, addonName: token }); }, /^Platform\/Some: AddonName is .*it may bring a second policy engine/],
  ])('%s: a warning that may be accepted', (_what, make, message) => {
    const app = built({ make });
    errorsOf(app);
    const lines = warningsOf(app).filter((line) => line.includes('[cdk-secure-eks:templateValueUnknown]'));
    expect(lines).toContainEqual(expect.stringMatching(message));
    const accepted = built({ make });
    accepted.cluster.acknowledge('templateValueUnknown', { subject: lines[0].split(': ')[0], reason: 'looked at' });
    errorsOf(accepted);
    expect(warningsOf(accepted).filter((line) => line.includes('templateValueUnknown'))).toEqual([]);
  });

  test('profiles of Fargate whose namespace is a token leave any pod without policies', () => {
    const app = built({ make: ({ cluster: { eksCluster } }) => { eksCluster.addFargateProfile('Fargate', { selectors: [{ namespace: token }] }); } });
    const shop = app.cluster.addNamespace('shop');
    app.cluster.expectDenied('Nothing', { source: shop, destination: NetworkPeer.internet() });
    expect(errorsOf(app)).toContainEqual(expect.stringMatching(/ExpectDenied\/Nothing: .*undetermined because Platform\/Cluster\/Cluster\/fargate-profile-Fargate: Calico does not run on Fargate/));
  });
});

describe('expectations of pods that no policy binds', () => {
  const asked = (tree: Tree) => {
    const app = built(tree);
    const [shop, batch] = ['shop', 'batch'].map((name) => app.cluster.addNamespace(name));
    app.cluster.expectDenied('ShopToInternet', { source: shop.pods({ app: 'web' }), destination: NetworkPeer.internet() });
    app.cluster.expectDenied('BatchToInternet', { source: batch.pods({ app: 'job' }), destination: NetworkPeer.internet() });
    app.cluster.expectDenied('BatchOfOthers', { source: batch.pods({ app: 'other' }), destination: NetworkPeer.internet() });
    app.cluster.expectDenied('ShopToBatch', { source: shop.pods({ app: 'web' }), destination: batch.pods({ app: 'job' }) });
    app.cluster.expectDenied('EverybodyToMetadata', { source: NetworkPeer.namespaces({ zone: 'b' }), destination: NetworkPeer.instanceMetadata() });
    return app;
  };
  const undetermined = (app: Healthy) => errorsOf(app).flatMap((line) => /ExpectDenied\/(\w+): .*\[cdk-secure-eks:expectationUndetermined\]/.exec(line)?.[1] ?? []);
  const fargate = (selector: eks.Selector): Tree => ({
    make: (app) => {
      app.cluster.eksCluster.addFargateProfile('Fargate', { selectors: [selector] });
      app.cluster.acknowledge('fargateOutsideNetwork', { subject: 'Platform/Cluster/Cluster/fargate-profile-Fargate', reason: 'batch jobs' });
    },
  });

  test('none without a loss', () => {
    expect(errorsOf(asked(nothing))).toEqual([]);
  });

  test('on Fargate, by namespace and labels', () => {
    expect(undetermined(asked(fargate({ namespace: 'batch' })))).toEqual(['BatchOfOthers', 'BatchToInternet', 'EverybodyToMetadata', 'ShopToBatch']);
    expect(undetermined(asked(fargate({ namespace: 'bat*', labels: { app: 'job' } })))).toEqual(['BatchToInternet', 'EverybodyToMetadata', 'ShopToBatch']);
    expect(undetermined(asked(fargate({ namespace: 'b?tch.', labels: { app: 'job' } })))).toEqual(['EverybodyToMetadata']);
  });

  test('with security groups of their own: those that are in view, or any', () => {
    const ownGroups = env({ ENABLE_POD_ENI: 'true' });
    expect(undetermined(asked(ownGroups))).toHaveLength(5);
    const policy = { apiVersion: 'vpcresources.k8s.aws/v1beta1', kind: 'SecurityGroupPolicy', metadata: { name: 'job', namespace: 'batch' }, spec: { podSelector: { matchLabels: { app: 'job' } }, securityGroups: { groupIds: ['sg-1'] } } };
    const inView = asked({ make: (app) => {
      ownGroups.make(app);
      app.cluster.addManifest('Groups', policy);
    } });
    expect(undetermined(inView)).toEqual(['BatchToInternet', 'EverybodyToMetadata', 'ShopToBatch']);
  });

  test('on nodes of Windows: nobody knows which', () => {
    expect(undetermined(asked({ make: (app) => {
      group('WINDOWS_FULL_2022_x86_64')(app);
      app.cluster.acknowledge('windowsOutsideNetwork', { subject: 'Other/Nodes', reason: 'a subnet of their own' });
    } }))).toHaveLength(5);
  });

  test('custom networking that was not asked for changes no verdict', () => {
    expect(undetermined(asked(env({ AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: 'true' })))).toEqual([]);
  });

  test('one accepted by name is in the report as what it is', () => {
    const app = asked(fargate({ namespace: 'batch', labels: { app: 'job' } }));
    for (const name of ['BatchToInternet', 'EverybodyToMetadata', 'ShopToBatch']) {
      app.cluster.acknowledge('expectationUndetermined', { subject: `Platform/Cluster/ExpectDenied/${name}`, reason: 'its security group closes it' });
    }
    const report = fileOf(app.app.synth({ force: true }), 'Platform.network-report.md');
    expect(report).toContain('- **not everywhere**: Platform/Cluster/Cluster/fargate-profile-Fargate: Calico does not run on Fargate: no policy binds the pods of this profile; pods in `batch` with app=job');
    expect(report).toContain('- **undetermined**: pods app=job in batch to the internet');
    expect(report).toContain('- met: pods app=other in batch to the internet');
  });
});

describe('docs/engine.md', () => {
  const table = Object.values(CELLS).map(({ feature, state, verdict, because, source, ...cell }: Cell) => {
    const result = verdict === 'works' ? 'works' : verdict === 'loss' ? `works, with a loss: \`${cell.code}\`` : `error \`${cell.code}\`${cell.acceptable ? ', a loss where it is accepted' : ''}`;
    return `| ${feature} | ${state} | ${result} | ${because}${cell.fix ? `; ${cell.fix}` : ''} | [source](${source}) |`;
  });
  const START = '| What | How it is | Calico | Why, and what to do | |\n|---|---|---|---|---|\n';

  test('shows the table as the code has it', () => {
    const page = readFileSync(PAGE, 'utf8');
    const [before, rest] = page.split(START);
    const after = rest.replace(/^(\|.*\n)*/, '');
    const wanted = `${before}${START}${table.join('\n')}\n${after}`;
    if (process.env.UPDATE_GOLDEN) writeFileSync(PAGE, wanted);
    else expect(page).toBe(wanted);
  });
});
