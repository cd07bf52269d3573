import { createHash } from 'crypto';
import { Aspects, CfnResource, Stage, Tags } from 'aws-cdk-lib';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { loadAll } from 'js-yaml';
import { fileOf, objectsOf, releasesOf, Resource, resourcesOf, synthErrors, waitsFor } from './fixture';
import { twoStacks, TwoStacks } from './two-stacks';

const made: TwoStacks = twoStacks();
let assembly: CloudAssembly;
let platform: Record<string, Resource>;
let shop: Record<string, Resource>;

beforeAll(() => {
  assembly = made.app.synth();
  platform = resourcesOf(assembly, made.platform);
  shop = resourcesOf(assembly, made.shop);
});

const SUFFIX = createHash('sha256').update('shop').digest('hex').slice(0, 8);
const namesIn = (release: Resource) => objectsOf(release).map(({ metadata }) => metadata.name).sort();
const idOf = (resources: Record<string, Resource>, release: string) => Object.keys(resources).find((id) => resources[id].Properties?.Release === release)!;

describe('releases', () => {
  test('of the cluster\'s stack have constant names', () => {
    expect(Object.keys(releasesOf(platform)).sort()).toEqual([
      'again', 'calico', 'calico-crds', 'dashboards', 'eks-admission-guards', 'eks-allows', 'eks-aws-node-rbac', 'eks-default-deny', 'eks-guardrail-denials', 'eks-guardrail-exemptions', 'eks-namespaces', 'eks-tiers', 'limits',
    ]);
  });

  test('of another stack carry its mark, and so do its policies', () => {
    const releases = releasesOf(shop);
    expect(Object.keys(releases).sort()).toEqual([`eks-allows-${SUFFIX}`, 'extra', 'web']);
    expect(namesIn(releases[`eks-allows-${SUFFIX}`])).toEqual([
      `eks-allow.api-server-operator-${SUFFIX}-egress`, `eks-allow.load-balancer-shop.web-${SUFFIX}-ingress`, `eks-allow.web-to-bucket-${SUFFIX}-egress`,
      `eks-guardrails.api-server-operator-${SUFFIX}-exempt`, `eks-guardrails.internet-web-to-bucket-${SUFFIX}-exempt`,
    ]);
  });

  test('hold what was said', () => {
    const releases = releasesOf(platform);
    expect(namesIn(releases['eks-allows'])).toEqual([
      'eks-allow.control-plane-webhook-ingress', 'eks-allow.instance-metadata-scraper-egress', 'eks-allow.kubelet-scraper-egress', 'eks-allow.scrape-egress', 'eks-allow.scrape-ingress',
    ]);
    expect(namesIn(releases['eks-guardrail-exemptions'])).toEqual(['eks-guardrails.instance-metadata-scraper-exempt', 'eks-guardrails.kubelet-scraper-exempt']);
    expect(namesIn(releases['eks-guardrail-denials'])).toEqual(['eks-guardrails.apiserver-deny', 'eks-guardrails.imds-deny', 'eks-guardrails.internet-deny', 'eks-guardrails.kubelet-deny']);
    expect(namesIn(releases['eks-default-deny'])).toEqual(['eks-default-deny.default-deny']);
    expect(objectsOf(releases['eks-namespaces']).map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(['Namespace monitoring', 'Namespace shop', 'ServiceAccount web']);
  });

  test('the application\'s stack depends on the cluster\'s and not the other way round', () => {
    expect(made.platform.dependencies).toEqual([]);
    expect(made.shop.dependencies).toEqual([made.platform]);
    expect(JSON.stringify(releasesOf(shop).web.Properties.Values)).toContain('"Ref":"Bucket');
  });
});

describe('order', () => {
  test.each([
    ['limits', 'eks-default-deny'], ['dashboards', 'eks-default-deny'], ['eks-namespaces', 'eks-default-deny'], ['limits', 'eks-namespaces'], ['eks-default-deny', 'eks-allows'],
    ['eks-allows', 'eks-guardrail-denials'], ['eks-guardrail-denials', 'eks-guardrail-exemptions'], ['eks-guardrail-exemptions', 'eks-tiers'], ['eks-tiers', 'calico'], ['calico', 'calico-crds'],
    ['calico-crds', 'eks-aws-node-rbac'],
  ])('%s waits for %s, and so outlives it never', (later, earlier) => {
    expect(waitsFor(platform, idOf(platform, later), idOf(platform, earlier))).toBe(true);
    expect(waitsFor(platform, idOf(platform, earlier), idOf(platform, later))).toBe(false);
  });

  test('policies wait for the API that validates them, Calico for nodes, nodes for the right to start pods', () => {
    const of = (type: string) => Object.keys(platform).filter((id) => platform[id].Type === type);
    const [api] = of('Custom::AWSCDK-EKS-KubernetesObjectValue');
    expect(waitsFor(platform, idOf(platform, 'eks-tiers'), api)).toBe(true);
    expect(waitsFor(platform, api, idOf(platform, 'calico'))).toBe(true);
    for (const nodes of of('AWS::EKS::Nodegroup')) {
      expect(waitsFor(platform, idOf(platform, 'calico-crds'), nodes)).toBe(true);
      expect(waitsFor(platform, nodes, idOf(platform, 'eks-aws-node-rbac'))).toBe(true);
    }
    for (const addon of of('AWS::EKS::Addon')) expect(waitsFor(platform, idOf(platform, 'calico-crds'), addon)).toBe(true);
  });

  test('what a stack runs waits for what it allows', () => {
    for (const name of ['web', 'extra']) expect(waitsFor(shop, idOf(shop, name), idOf(shop, `eks-allows-${SUFFIX}`))).toBe(true);
  });
});

describe('files beside the templates', () => {
  /** Keys in one order; functions of CloudFormation as the text that stands for them in values. */
  const asCarried = (value: any): any => {
    if (Array.isArray(value)) return value.map(asCarried);
    if (typeof value !== 'object' || value === null) return value;
    const keys = Object.keys(value).sort();
    if (keys[0] === 'Fn::Join') return value['Fn::Join'][1].map(asCarried).join(value['Fn::Join'][0]);
    if (/^(Ref|Fn::.*)$/.test(keys[0])) return JSON.stringify(value).replace(/"/g, '\'');
    return Object.fromEntries(keys.map((key) => [key, asCarried(value[key])]));
  };
  const comparable = (objects: any[]) => objects.map((object) => JSON.stringify(asCarried(object))).sort();
  const carriedIn = (resources: Record<string, Resource>) => Object.values(releasesOf(resources)).filter(({ Properties }) => JSON.stringify(Properties.Values ?? '').includes('objects')).flatMap(objectsOf);
  const writtenIn = (from: CloudAssembly, name: string) => loadAll(fileOf(from, `${name}.kubernetes.yaml`)) as any[];

  test.each(['Platform', 'Shop'])('%s.kubernetes.yaml holds exactly what its template\'s releases carry', (name) => {
    expect(writtenIn(assembly, name).length).toBeGreaterThan(3);
    expect(comparable(writtenIn(assembly, name))).toEqual(comparable(carriedIn(name === 'Shop' ? shop : platform)));
  });

  test('subnets of the other stack are the imports of the template', () => {
    const service = writtenIn(assembly, 'Shop').find(({ kind }) => kind === 'Service');
    expect(JSON.stringify(service.metadata.annotations['service.beta.kubernetes.io/aws-load-balancer-subnets'])).toMatch(/^\{"Fn::Join":\["",\[\{"Fn::ImportValue":"Platform:[^"]+"\},",",/);
  });

  test('a release that somebody takes out of the template is not in the file either', () => {
    const without = twoStacks();
    without.cluster.acknowledge('resourceRemoved', { subject: 'Platform/Cluster/Network/eks-default-deny/Chart', reason: 'a test' });
    Aspects.of(without.platform).add({ visit: ({ node }) => { if (node.path === 'Platform/Cluster/Network') node.tryRemoveChild('eks-default-deny'); } }, { priority: 1000 });
    expect(synthErrors(without.app)).toEqual([]);
    const lacking = without.app.synth();
    expect(Object.keys(releasesOf(resourcesOf(lacking, without.platform)))).not.toContain('eks-default-deny');
    expect(comparable(writtenIn(lacking, 'Platform'))).toEqual(comparable(carriedIn(resourcesOf(lacking, without.platform))));
  });

  test('the bucket is a reference there too, and no token of CDK\'s is left anywhere', () => {
    const web = (loadAll(fileOf(assembly, 'Shop.kubernetes.yaml')) as any[]).find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'web');
    expect(web.data.bucket).toEqual({ Ref: expect.stringMatching(/^Bucket/) });
    for (const file of ['Shop.kubernetes.yaml', 'Platform.kubernetes.yaml', 'Platform.network-report.md']) expect(fileOf(assembly, file)).not.toContain('Token[');
  });

  test('releases stand in the order in which they are applied', () => {
    const releases = [...fileOf(assembly, 'Platform.kubernetes.yaml').matchAll(/^# release (.*)$/gm)].map(([, name]) => name);
    expect(releases).toEqual(['eks-aws-node-rbac', 'eks-tiers', 'eks-guardrail-exemptions', 'eks-guardrail-denials', 'eks-allows', 'eks-default-deny', 'eks-admission-guards', 'eks-namespaces', 'limits', 'again'].sort((a, b) => releases.indexOf(a) - releases.indexOf(b)));
    expect(releases.slice(0, 8)).toEqual(['eks-aws-node-rbac', 'eks-tiers', 'eks-guardrail-exemptions', 'eks-guardrail-denials', 'eks-allows', 'eks-default-deny', 'eks-admission-guards', 'eks-namespaces']);
  });

  test('the report names everything that was said', () => {
    const report = fileOf(assembly, 'Platform.network-report.md');
    for (const word of ['container metrics', 'zone of the node', 'reconciles', 'grafana', 'dashboards', 'shop/web', 'Service shop/web', '10.0.0.0/16', 'metrics of', 'WebToInternet', 'ScraperToKubelet', 'kube-system']) {
      expect(report).toContain(word);
    }
  });
});

describe('the same input', () => {
  const everything = ({ app, platform: home, shop: other }: TwoStacks) => {
    const synthesized = app.synth({ force: true });
    return {
      platform: JSON.stringify(synthesized.getStackArtifact(home.artifactId).template),
      shop: JSON.stringify(synthesized.getStackArtifact(other.artifactId).template),
      files: ['Platform.kubernetes.yaml', 'Shop.kubernetes.yaml', 'Platform.network-report.md'].map((name) => fileOf(synthesized, name)),
    };
  };

  test('gives the same bytes, also the second time', () => {
    const first = everything(made);
    expect(everything(made)).toEqual(first);
    expect(everything(twoStacks())).toEqual(first);
  });

  test('in another order gives the same resources, YAML and report', () => {
    const first = everything(made);
    const other = everything(twoStacks({ reversed: true }));
    expect(other.files).toEqual(first.files);
    expect(JSON.parse(other.platform)).toEqual(JSON.parse(first.platform));
    expect(JSON.parse(other.shop)).toEqual(JSON.parse(first.shop));
  });
});

describe.each([true, false])('tags and aspects, with aspect stabilization %s', (stabilization) => {
  test.each(['App', 'Stage'])('reach everything in every stack of an %s', (kind) => {
    const { app, platform: home, shop: other } = twoStacks({
      app: { context: { '@aws-cdk/core:aspectStabilization': stabilization } },
      scope: (root) => kind === 'App' ? root : new Stage(root, 'Prod'),
    });
    const root = kind === 'App' ? app : app.node.findChild('Prod');
    Tags.of(root).add('owner', 'platform');
    const visited = new Set<string>();
    Aspects.of(root).add({ visit: (node) => { if (CfnResource.isCfnResource(node)) visited.add(node.node.path); } });
    const synthesized = app.synth();
    const inner = kind === 'App' ? synthesized : synthesized.getNestedAssembly('assembly-Prod');
    for (const stack of [home, other]) {
      const all = stack.node.findAll().filter((node) => CfnResource.isCfnResource(node)).map((node) => node.node.path);
      expect(all.filter((path) => !visited.has(path))).toEqual([]);
      expect(fileOf(inner, `${stack.artifactId}.kubernetes.yaml`)).toContain('# release ');
    }
    const tagged = Object.values(resourcesOf(inner, home)).filter(({ Type }) => ['AWS::EC2::SecurityGroup', 'AWS::EC2::Subnet', 'AWS::EKS::Nodegroup'].includes(Type));
    for (const { Properties } of tagged) expect(JSON.stringify(Properties.Tags)).toContain('owner');
  });
});
