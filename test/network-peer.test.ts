import { App, CfnParameter, Fn, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { ApiObject, Chart, Testing } from 'cdk8s';
import * as plus27 from 'cdk8s-plus-27';
import * as plus34 from 'cdk8s-plus-34';
import { NetworkPeer } from '../src';

const stack = new Stack(new App(), 'Demo');
const token = new CfnParameter(stack, 'Text').valueAsString;
const chart = () => new Chart(Testing.app(), 'Shop', { namespace: 'shop' });
const WHY = 'is a token, and what a policy allows can only be proved for values known at synthesis; write the value itself';

describe('NetworkPeer of pods', () => {
  test.each([
    [NetworkPeer.pods('shop', { app: 'web' }), { kind: 'pods', namespace: 'shop', labels: { app: 'web' } }, 'pods app=web in shop'],
    [NetworkPeer.pods('shop', { 'b.io/x': '', 'a': '1' }), { kind: 'pods', namespace: 'shop', labels: { 'a': '1', 'b.io/x': '' } }, 'pods a=1,b.io/x= in shop'],
    [NetworkPeer.namespace('shop'), { kind: 'pods', namespace: 'shop' }, 'every pod in shop'],
    [NetworkPeer.namespaces({ team: 'a' }), { kind: 'pods', namespaceLabels: { team: 'a' } }, 'every pod in namespaces team=a'],
    [NetworkPeer.serviceAccount('shop', 'web.v1'), { kind: 'pods', namespace: 'shop', serviceAccount: 'web.v1' }, 'service account web.v1 in shop'],
  ])('%s', (peer, expected, name) => {
    expect(peer._toPeer()).toEqual(expected);
    expect(peer.peerName).toBe(name);
    expect(String(peer)).toBe(name);
  });

  test('an empty list never means everything', () => {
    expect(() => NetworkPeer.pods('shop', {})).toThrow(new Error(
      "NetworkPeer.pods('shop', {}): no label is given, and an empty list never means everything; use NetworkPeer.namespace('shop') for every pod"));
    expect(() => NetworkPeer.namespaces({})).toThrow(new Error('NetworkPeer.namespaces({}): no label is given, and an empty list never means everything; name the namespaces by a label'));
    expect(() => NetworkPeer.cidr()).toThrow(new Error('NetworkPeer.cidr(): no range is given, and an empty list never means everything; name the ranges'));
    expect(() => NetworkPeer.subnets()).toThrow(new Error('NetworkPeer.subnets(): no subnet is given, and an empty list never means everything; name the subnets'));
  });

  test('tokens are refused in names and labels', () => {
    expect(() => NetworkPeer.namespace(token)).toThrow(new Error(`the namespace ${WHY}`));
    expect(() => NetworkPeer.pods(token, { app: 'web' })).toThrow(new Error(`the namespace ${WHY}`));
    expect(() => NetworkPeer.pods('shop', { app: token })).toThrow(new Error(`the value of label 'app' ${WHY}`));
    expect(() => NetworkPeer.pods('shop', { [token]: 'web' })).toThrow(new Error(`the label key ${WHY}`));
    expect(() => NetworkPeer.namespaces({ team: `a-${token}` })).toThrow(new Error(`the value of label 'team' ${WHY}`));
    expect(() => NetworkPeer.serviceAccount('shop', token)).toThrow(new Error(`the service account ${WHY}`));
    expect(() => NetworkPeer.serviceAccount(token, 'web')).toThrow(new Error(`the namespace ${WHY}`));
  });

  test.each(['', 'Shop', 'a.b', '-a', 'a-', 'a'.repeat(64), "x' || all() || y == '"])("the namespace '%s' is refused", (name) => {
    const rule = `namespace '${name}' is no DNS label: at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit`;
    expect(() => NetworkPeer.namespace(name)).toThrow(new Error(`NetworkPeer: ${rule}`));
  });

  test('63 characters are a namespace, 253 a service account', () => {
    expect(NetworkPeer.namespace('a'.repeat(63)).peerName).toBe(`every pod in ${'a'.repeat(63)}`);
    expect(() => NetworkPeer.serviceAccount('shop', 'a'.repeat(253))).not.toThrow();
    expect(() => NetworkPeer.serviceAccount('shop', 'a'.repeat(254))).toThrow(new Error(
      `NetworkPeer.serviceAccount: service account '${'a'.repeat(254)}' is no DNS subdomain: at most 253 lower-case letters, digits, hyphens and dots, each part starting and ending with a letter or digit`));
  });

  test.each(['', '/app', 'a/b/c', '-app', 'Example.com/app', 'a'.repeat(64), "app' == 'x' || all() || app"])("the label key '%s' is refused", (key) => {
    expect(() => NetworkPeer.pods('shop', { [key]: 'web' })).toThrow(new Error(
      `NetworkPeer: label key '${key}' breaks Kubernetes' syntax: an optional DNS subdomain and '/', then at most 63 letters, digits, '-', '_' or '.'`));
  });

  test.each(['-web', 'a b', "x' || all() || a == 'y", 'a'.repeat(64)])("the label value '%s' is refused", (value) => {
    expect(() => NetworkPeer.pods('shop', { app: value })).toThrow(new Error(
      `NetworkPeer: label app=${JSON.stringify(value)} breaks Kubernetes' syntax: at most 63 letters, digits, '-', '_' or '.', starting and ending with a letter or digit`));
  });

  test('labels are copied', () => {
    const labels: Record<string, string> = { app: 'web' };
    const peer = NetworkPeer.pods('shop', labels);
    labels.app = 'other';
    expect(peer._toPeer()).toMatchObject({ labels: { app: 'web' } });
  });
});

describe('NetworkPeer of addresses', () => {
  test('CIDRs of both families', () => {
    const peer = NetworkPeer.cidr('192.0.2.0/24', '2001:db8::/32');
    expect(peer._toPeer()).toEqual({ kind: 'addresses', name: '192.0.2.0/24, 2001:db8::/32', cidrs: ['192.0.2.0/24', '2001:db8::/32'] });
    expect(peer.peerName).toBe('192.0.2.0/24, 2001:db8::/32');
  });

  test('a token is accepted and said', () => {
    expect(NetworkPeer.cidr('192.0.2.0/24', token).peerName).toBe('192.0.2.0/24, a range known at deployment');
    expect(NetworkPeer.cidr(token)._toPeer()).toMatchObject({ cidrs: [{ opaque: 'NetworkPeer.cidr()', token }] });
  });

  test('a token of a whole list is refused with the reason', () => {
    expect(() => NetworkPeer.cidr(...Fn.split(',', Fn.importValue('Ranges')))).toThrow(new Error(
      'NetworkPeer.cidr(): a token of a whole list has an unknown number of ranges; give each range, which may be a token'));
  });

  test.each([
    ['192.0.2.0', "'192.0.2.0' has no mask: write 192.0.2.0/32 for the one address"],
    ['192.0.2.1/24', "'192.0.2.1/24' has bits set behind its mask: write 192.0.2.0/24, or 192.0.2.1/32 for the one address"],
    ['2001:db8::1/32', "'2001:db8::1/32' has bits set behind its mask: write 2001:db8::/32, or 2001:db8::1/128 for the one address"],
    ['office', "'office' is no CIDR: write an address, '/' and the length of the mask, as 192.0.2.0/24"],
    ['192.0.2.0/33', "'192.0.2.0/33' is no CIDR: write an address, '/' and the length of the mask, as 192.0.2.0/24"],
    ['010.0.0.0/8', "'010.0.0.0/8' is no CIDR: write an address, '/' and the length of the mask, as 192.0.2.0/24"],
  ])("cidr('%s') throws", (cidr, rule) => {
    expect(() => NetworkPeer.cidr('10.0.0.0/8', cidr)).toThrow(new Error(`NetworkPeer.cidr: ${rule}`));
  });

  test('subnets by their ranges, known or not', () => {
    const given = ec2.Subnet.fromSubnetAttributes(stack, 'Given', { subnetId: 'subnet-1', ipv4CidrBlock: '10.9.0.0/24' });
    const unknown = ec2.Subnet.fromSubnetAttributes(stack, 'Unknown', { subnetId: 'subnet-2', ipv4CidrBlock: token });
    const peer = NetworkPeer.subnets(given, unknown);
    expect(peer.peerName).toBe('subnets Given, Unknown');
    expect(peer._toPeer()).toMatchObject({ kind: 'addresses', cidrs: ['10.9.0.0/24', { opaque: 'the range of Demo/Unknown', token }] });
  });

  test('a subnet that does not know its range throws', () => {
    const blind = ec2.Subnet.fromSubnetId(stack, 'Blind', 'subnet-3');
    expect(() => NetworkPeer.subnets(blind)).toThrow("You cannot reference an imported Subnet's IPv4 CIDR if it was not supplied");
  });

  test.each([
    ['vpc', 'the VPC'], ['nodes', 'the nodes'], ['controlPlane', 'the control plane'], ['loadBalancers', 'the load-balancer subnets'],
    ['apiServer', 'the API server'], ['kubelet', 'the kubelets'], ['clusterDns', 'the cluster DNS'],
    ['instanceMetadata', 'the instance metadata service'], ['internet', 'the internet'],
  ] as const)('%s()', (kind, name) => {
    expect(NetworkPeer[kind]()._toPeer()).toEqual({ kind });
    expect(NetworkPeer[kind]().peerName).toBe(name);
  });
});

describe.each([['cdk8s-plus-27', plus27], ['cdk8s-plus-34', plus34 as unknown as typeof plus27]])('NetworkPeer of constructs of %s', (_, plus) => {
  test('a workload by its selector and service account', () => {
    const scope = chart();
    const account = new plus.ServiceAccount(scope, 'Account', { metadata: { name: 'web' } });
    const web = new plus.Deployment(scope, 'Web', { serviceAccount: account, containers: [{ image: 'nginx' }] });
    const { labels, ...peer } = NetworkPeer.fromWorkload(web)._toPeer() as any;
    expect(peer).toEqual({ kind: 'pods', namespace: 'shop', serviceAccount: 'web', ofWorkload: true });
    expect(labels).toEqual(Testing.synth(scope).find(({ kind }) => kind === 'Deployment').spec.selector.matchLabels);
    expect(NetworkPeer.fromWorkload(web).peerName).toBe(web.node.path);
  });

  test('the pods behind a Service', () => {
    const scope = chart();
    const web = new plus.Deployment(scope, 'Web', { containers: [{ image: 'nginx', portNumber: 80 }] });
    const service = web.exposeViaService();
    const { selector } = Testing.synth(scope).find(({ kind }) => kind === 'Service').spec;
    expect(NetworkPeer.service(service)._toPeer()).toEqual({ kind: 'pods', namespace: 'shop', labels: selector, ofWorkload: true });
    expect(NetworkPeer.service(service).peerName).toBe(`the pods behind ${service.node.path}`);
  });
});

describe('NetworkPeer of plain objects', () => {
  const pod = (spec: object, metadata: object = { labels: { app: 'job' } }) => ({ metadata, spec: { containers: [], ...spec } });

  test.each([
    ['Pod', { metadata: { name: 'one', labels: { app: 'job' } }, spec: { containers: [] } }],
    ['Job', { spec: { template: pod({}) } }],
    ['CronJob', { spec: { jobTemplate: { spec: { template: pod({}) } } } }],
    ['StatefulSet', { spec: { selector: { matchLabels: { app: 'job' } }, template: pod({}) } }],
    ['DaemonSet', { spec: { template: pod({}) } }],
  ])('a %s', (kind, rest) => {
    const object = new ApiObject(chart(), 'Object', { apiVersion: 'v1', kind, ...rest } as never);
    expect(NetworkPeer.fromWorkload(object)._toPeer()).toEqual({ kind: 'pods', namespace: 'shop', labels: { app: 'job' }, serviceAccount: 'default', ofWorkload: true });
  });

  test('what makes no pods, has no object or selects nothing is refused when it is read', () => {
    const scope = chart();
    const map = new ApiObject(scope, 'Map', { apiVersion: 'v1', kind: 'ConfigMap' });
    expect(() => NetworkPeer.fromWorkload(map)._toPeer()).toThrow(new Error(
      'NetworkPeer.fromWorkload(Shop/Map): a ConfigMap makes no pods; give a Deployment, StatefulSet, DaemonSet, Job, CronJob or Pod'));
    expect(() => NetworkPeer.fromWorkload(stack)._toPeer()).toThrow(new Error(
      'Demo: it is no Kubernetes object and has none as its default child; give a cdk8s ApiObject or a construct around one'));
    const headless = new ApiObject(scope, 'Headless', { apiVersion: 'v1', kind: 'Service', spec: { ports: [] } } as never);
    expect(() => NetworkPeer.service(headless)._toPeer()).toThrow(new Error(
      'NetworkPeer.service(Shop/Headless): a Service without a selector has no pods in view; name the pods with NetworkPeer.pods()'));
  });

  test('a workload without labels is refused: a policy would select every pod of its service account', () => {
    const bare = new ApiObject(chart(), 'Bare', { apiVersion: 'v1', kind: 'Pod', spec: { containers: [] } } as never);
    expect(() => NetworkPeer.fromWorkload(bare)._toPeer()).toThrow(new Error(
      'NetworkPeer.fromWorkload(Shop/Bare): its pods have no labels, and an empty list never means everything; give them a label'));
  });

  test.each([["x' || all() || app == 'y"], [Token.asString({ resolve: () => 'x' })]])('a label that could change a selector is refused: %s', (value) => {
    const hostile = new ApiObject(chart(), 'Hostile', { apiVersion: 'v1', kind: 'Pod', metadata: { labels: { app: value } }, spec: { containers: [] } } as never);
    const service = new ApiObject(chart(), 'Svc', { apiVersion: 'v1', kind: 'Service', spec: { selector: { app: value } } } as never);
    expect(() => NetworkPeer.fromWorkload(hostile)._toPeer()).toThrow(/^NetworkPeer.fromWorkload\(Shop\/Hostile\): /);
    expect(() => NetworkPeer.service(service)._toPeer()).toThrow(/^NetworkPeer.service\(Shop\/Svc\): /);
  });
});
