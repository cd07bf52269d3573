import { request, rule } from './request';
import { formatDiagnostic } from '../../../src/core/diagnostic';
import { planPolicies, policiesOf } from '../../../src/core/policy/baseline';
import { ANY_POD, TIERS } from '../../../src/core/policy/facts';
import { ExemptionIntent, PolicyRequest, TrafficIntent } from '../../../src/core/policy/intent';
import { Cidr, Policy } from '../../../src/core/policy/policy';
import { ADDRESSES, deepFreeze } from '../../fixture';

const account = { kind: 'pods', namespace: 'shop', serviceAccount: 'web' } as const;
const web = { kind: 'pods', namespace: 'shop', labels: { app: 'web' } } as const;
const to = (...cidrs: Cidr[]) => ({ kind: 'addresses', name: cidrs.join(', '), cidrs }) as const;
const exemption = (overrides: Partial<ExemptionIntent> = {}): ExemptionIntent =>
  ({ name: 'kubelet-metrics', origin: 'Platform/Metrics', guardrail: 'kubelet', namespace: 'monitoring', serviceAccounts: ['scraper'], ...overrides });

const planned = (overrides: Partial<PolicyRequest>) => planPolicies(request(overrides));
const messages = (overrides: Partial<PolicyRequest>) => planned(overrides).diagnostics.map(formatDiagnostic);
const ofRule = (overrides: Partial<TrafficIntent>, more: Partial<PolicyRequest> = {}) => messages({ rules: [rule(overrides)], ...more });

describe('what every policy of ours has in common', () => {
  const everything = policiesOf(planned({
    rules: [rule({ name: 'a' }), rule({ name: 'b', source: account, destination: { kind: 'internet' } }), rule({ name: 'c', source: { kind: 'pods', namespaceLabels: { team: 'a' } } })],
    exemptions: (['kubelet', 'apiServer', 'instanceMetadata'] as const).map((guardrail) => exemption({ name: guardrail.toLowerCase(), guardrail })),
  }).plan);

  test('a name that starts with its tier, unlike any other', () => {
    for (const { name, tier } of everything) expect(name.startsWith(`${tier}.`)).toBe(true);
    expect(new Set(everything.map(({ name }) => name)).size).toBe(everything.length);
  });

  test('no host endpoint is ever selected', () => {
    const positive = /^(all\(\)|[\w./-]+ == '[^']*'( && [\w./-]+ == '[^']*')*)$/;
    for (const { kind, selector, namespaceSelector } of everything) {
      expect(kind).toBe('GlobalNetworkPolicy');
      expect(positive.test(namespaceSelector!) || selector === 'has(projectcalico.org/namespace)').toBe(true);
    }
  });

  test('nothing of ours lives in a tier of others', () => {
    expect(new Set(everything.map(({ tier }) => tier))).toEqual(new Set(Object.values(TIERS).map(({ name }) => name)));
    expect(everything.filter(({ tier }) => tier === 'eks-default-deny')).toHaveLength(1);
  });

  test('the allow tier allows, and guardrails only deny and pass', () => {
    const actions = (tier: string) => new Set(everything.filter((each) => each.tier === tier)
      .flatMap(({ ingress = [], egress = [] }) => [...ingress, ...egress].map(({ action }) => action)));
    expect(actions('eks-allow')).toEqual(new Set(['Allow']));
    expect(actions('eks-guardrails')).toEqual(new Set(['Pass', 'Deny']));
  });

  test('an exemption comes before its own denial and after the denials that still bind it', () => {
    const order = (name: string) => everything.find((each) => each.name === `eks-guardrails.${name}`)!.order!;
    const sorted = ['kubelet-exempt', 'kubelet-deny', 'apiserver-exempt', 'apiserver-deny', 'instancemetadata-exempt', 'imds-deny', 'internet-b-exempt', 'internet-deny'];
    expect(sorted.map(order)).toEqual([...sorted.map(order)].sort((a, b) => a - b));
    expect(new Set(sorted.map(order)).size).toBe(sorted.length);
  });
});

describe('rules', () => {
  test.each<[string, Partial<TrafficIntent>, string[]]>([
    ['no port', { ports: [] }, ['Platform/Rule: ports is empty, and an empty list never means everything; name the ports, or give NetworkPort.all() [cdk-secure-eks:rulePortsMissing]']],
    ['no label', { destination: { kind: 'pods', namespace: 'shop', labels: {} } },
      ['Platform/Rule: it selects pods by no label at all, and an empty list never means everything; write it as the rule says [cdk-secure-eks:kubernetesSyntax]']],
    ['a label that would change the selector', { source: { kind: 'pods', namespaceLabels: { a: "x' || all() || a == 'y" } } },
      ["Platform/Rule: label a=\"x' || all() || a == 'y\" breaks Kubernetes' syntax: at most 63 letters, digits, '-', '_' or '.', starting and ending with a letter or digit; write it as the rule says [cdk-secure-eks:kubernetesSyntax]"]],
    ['an unknown namespace', { source: { kind: 'pods', namespace: 'shpo' } },
      ["Platform/Rule: namespace 'shpo' was never declared, so the rule would wait for pods that may never come; declare it with addNamespace('shpo'), or with { existing: true } where someone else creates it [cdk-secure-eks:namespaceUnknown]"]],
    ['to the API server', { destination: { kind: 'apiServer' } },
      ['Platform/Rule: the destination is the API server, which a guardrail denies to everyone not exempted; use allowApiServerAccess() [cdk-secure-eks:ruleToGuardedTarget]']],
    ['to the control plane', { destination: { kind: 'controlPlane' } },
      ['Platform/Rule: the destination is the control plane, which a guardrail denies to everyone not exempted; use allowApiServerAccess() [cdk-secure-eks:ruleToGuardedTarget]']],
    ['to the kubelets', { destination: { kind: 'kubelet' } },
      ['Platform/Rule: the destination is the kubelets, which a guardrail denies to everyone not exempted; use allowKubeletAccess() [cdk-secure-eks:ruleToGuardedTarget]']],
    ['to instance metadata', { destination: { kind: 'instanceMetadata' } },
      ['Platform/Rule: the destination is the instance metadata service, which a guardrail denies to everyone not exempted; use allowInstanceMetadataAccess() [cdk-secure-eks:ruleToGuardedTarget]']],
    ['from the kubelets', { source: { kind: 'kubelet' } },
      ['Platform/Rule: the source is the kubelets, and no connection to pods comes from there; name who does: the control plane, the nodes, or pods [cdk-secure-eks:ruleFromGuardedTarget]']],
    ['from two halves of all addresses', { source: { kind: 'addresses', name: '0.0.0.0/1, 128.0.0.0/1', cidrs: ['0.0.0.0/1', '128.0.0.0/1'] } },
      ['Platform/Rule: the source is 0.0.0.0/1, 128.0.0.0/1, which is every address, and a source must be named; give the ranges with NetworkPeer.cidr(), or expose the pods with a load balancer [cdk-secure-eks:ruleFromInternet]']],
    ['from the internet', { source: { kind: 'internet' } },
      ['Platform/Rule: the source is the internet, and a source must be named; give the ranges with NetworkPeer.cidr(), or expose the pods with a load balancer [cdk-secure-eks:ruleFromInternet]']],
    ['between no pods', { source: { kind: 'nodes' }, destination: { kind: 'vpc' } },
      ['Platform/Rule: the nodes and the VPC are both no pods, and a policy binds pods only; name pods at one end at least [cdk-secure-eks:ruleWithoutPods]']],
    ['a named port of addresses', { source: web, destination: { kind: 'vpc' }, ports: [{ protocol: 'TCP', ports: ['http'] }] },
      ['Platform/Rule: a port is named, and the destination is the VPC: only pods have named ports; give its number [cdk-secure-eks:namedPortWithoutPods]']],
    ['a named port for the control plane', { source: { kind: 'controlPlane' }, ports: [{ protocol: 'TCP', ports: ['webhook'] }] },
      ['Platform/Rule: the control plane calls pods over TCP, and their security group is opened by number; give the TCP ports that the pods listen on by number [cdk-secure-eks:controlPlanePort]']],
    ['UDP from the control plane', { source: { kind: 'controlPlane' }, ports: [{ protocol: 'UDP', ports: [53] }] },
      ['Platform/Rule: the control plane calls pods over TCP, and their security group is opened by number; give the TCP ports that the pods listen on by number [cdk-secure-eks:controlPlanePort]']],
  ])('%s is refused, and emits nothing', (_, overrides, expected) => {
    expect(ofRule(overrides)).toEqual(expected);
    expect(planned({ rules: [rule(overrides)] }).plan.allows).toEqual(new Map());
  });

  test.each(['vpc', 'nodes', 'loadBalancers', 'controlPlane'] as const)('ranges of %s that nobody knows open nothing, and that is said', (kind) => {
    const addresses = { ...ADDRESSES, [kind]: [] };
    const [message] = ofRule(kind === 'vpc' ? { source: web, destination: { kind } } : { source: { kind } }, { addresses });
    expect(message).toMatch(/^Platform\/Rule: where .* are is not known, so the rule would open nothing; give subnets that know their ranges, or name the ranges with NetworkPeer\.cidr\(\) \[cdk-secure-eks:addressesUnknown\]$/);
  });

  test('every mistake of every rule is reported at once', () => {
    const { diagnostics } = planned({
      rules: [
        rule({ name: 'a', origin: 'A', source: { kind: 'internet' }, destination: { kind: 'apiServer' }, ports: [] }),
        rule({ name: 'a', origin: 'B', source: { kind: 'pods', namespace: 'nope' } }),
      ],
      exemptions: [exemption({ serviceAccounts: [], namespace: 'none' })],
    });
    expect(diagnostics.map(({ subject, code }) => `${subject} ${code}`)).toEqual([
      'Platform/Metrics namespaceUnknown', 'Platform/Metrics exemptionWithoutServiceAccount',
      'A rulePortsMissing', 'A ruleToGuardedTarget', 'A ruleFromInternet', 'A ruleWithoutPods', 'B namespaceUnknown', 'B ruleNameTaken',
    ]);
  });

  test('two of a name are refused, also where one is an exemption', () => {
    expect(messages({ rules: [rule({ origin: 'A' }), rule({ origin: 'B' })] })).toEqual([
      "B: its policies would be called 'rule', as those of A are, and the cluster has one object of a name; give one of them another id [cdk-secure-eks:ruleNameTaken]",
    ]);
    expect(messages({ rules: [rule({ name: 'kubelet-metrics' })], exemptions: [exemption()] })).toEqual([
      "Platform/Rule: its policies would be called 'kubelet-metrics', as those of Platform/Metrics are, and the cluster has one object of a name; give one of them another id [cdk-secure-eks:ruleNameTaken]",
    ]);
  });

  test('an internet rule and an exemption never share the name of a policy', () => {
    const { plan, diagnostics } = planned({
      rules: [rule({ name: 'kubelet-a', source: account, destination: { kind: 'internet' } })],
      exemptions: [exemption({ name: 'kubelet-a-internet' })],
    });
    expect(diagnostics).toEqual([]);
    const names = policiesOf(plan).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test('built-in and system namespaces need no declaration', () => {
    for (const namespace of ['default', 'kube-public', 'kube-node-lease', 'kube-system', 'calico-system', 'tigera-operator']) {
      expect(ofRule({ source: { kind: 'pods', namespace } })).toEqual([]);
    }
  });
});

describe('the internet guardrail', () => {
  const exempts = (overrides: Partial<TrafficIntent>, more: Partial<PolicyRequest> = {}) => {
    const { plan, diagnostics } = planned({ rules: [rule(overrides)], ...more });
    return diagnostics.length > 0 ? diagnostics.map(({ code }) => code) : [...plan.exemptions.values()].flat().map(({ name }) => name);
  };
  const grant = ['eks-guardrails.internet-rule-exempt'];
  const token = { opaque: 'x', token: '${Token[1]}' };

  test.each<[string, Partial<TrafficIntent>, string[]]>([
    ['a service account', { source: account, destination: { kind: 'internet' } }, grant],
    ['a namespace', { source: { kind: 'pods', namespace: 'shop' }, destination: { kind: 'internet' } }, grant],
    ['a workload', { source: { ...web, serviceAccount: 'web' }, destination: { kind: 'internet' } }, grant],
    ['labels', { source: web, destination: { kind: 'internet' } }, ['internetGrantByLabels']],
    ['namespaces by labels', { source: { kind: 'pods', namespaceLabels: { team: 'a' } }, destination: { kind: 'internet' } }, ['internetGrantByLabels']],
    ['labels to a range inside the VPC', { source: web, destination: to('10.0.3.0/24') }, []],
    ['labels to the whole VPC by its range', { source: web, destination: to('10.0.0.0/16') }, []],
    ['labels to a range that sticks out of the VPC', { source: web, destination: to('10.0.0.0/15') }, ['internetGrantByLabels']],
    ['labels to two ranges, one outside', { source: web, destination: to('10.0.3.0/24', '192.0.2.0/24') }, ['internetGrantByLabels']],
    ['labels to two halves of the VPC', { source: web, destination: to('10.0.0.0/17', '10.0.128.0/17') }, []],
    ['labels to IPv6', { source: web, destination: to('2001:db8::/32') }, ['internetGrantByLabels']],
    ['labels to a peered network', { source: web, destination: to('10.1.0.0/16') }, ['internetGrantByLabels']],
    ['labels to a range known at deployment', { source: web, destination: to(token) }, ['internetGrantByLabels']],
    ['a service account to a range known at deployment', { source: account, destination: to(token) }, grant],
    ['labels to Services', { source: web, destination: to('172.20.0.10/32') }, []],
    ['labels to pods', { source: web, destination: web }, []],
    ['labels in a system namespace, which it does not bind', { source: { kind: 'pods', namespace: 'kube-system', labels: { app: 'x' } }, destination: { kind: 'internet' } }, []],
    ['the cluster DNS, which it does not bind', { source: { kind: 'clusterDns' }, destination: to('192.0.2.53/32') }, []],
    ['addresses as the source', { source: to('192.0.2.0/24') }, []],
  ])('%s', (_, overrides, expected) => expect(exempts(overrides)).toEqual(expected));

  test('the message says who, whereto and what to do', () => {
    expect(ofRule({ source: web, destination: { kind: 'internet' } })).toEqual([
      'Platform/Rule: the internet lies beyond the internet guardrail, and the source is pods app=web in shop: whoever makes a pod chooses its labels; '
      + 'name a service account, a namespace or a workload as the source [cdk-secure-eks:internetGrantByLabels]',
    ]);
  });

  test('the VPC by the token that is its range needs no grant', () => {
    expect(exempts({ source: web, destination: to(token) }, { addresses: { ...ADDRESSES, vpc: [token] } })).toEqual([]);
  });
});

describe('exemptions', () => {
  test('problems', () => {
    expect(messages({ exemptions: [exemption({ serviceAccounts: [] })] })).toEqual([
      'Platform/Metrics: serviceAccounts is empty, and an empty list never means everyone; name each service account that needs it [cdk-secure-eks:exemptionWithoutServiceAccount]',
    ]);
    expect(messages({ exemptions: [exemption()], addresses: { ...ADDRESSES, nodes: [] } })).toEqual([
      'Platform/Metrics: where the nodes are is not known, so the exemption would open nothing; give subnets that know their ranges [cdk-secure-eks:addressesUnknown]',
    ]);
  });

  const policies = (guardrail: ExemptionIntent['guardrail'], overrides: Partial<PolicyRequest> = {}): Policy[] => {
    const { plan } = planned({ exemptions: [exemption({ guardrail })], ...overrides });
    return [...plan.exemptions.values(), ...plan.allows.values()].flat();
  };

  test('are keyed by namespace and service account, and by nothing that a pod chooses', () => {
    for (const each of (['kubelet', 'apiServer', 'instanceMetadata'] as const).flatMap((guardrail) => policies(guardrail))) {
      expect(each).toMatchObject({ namespaceSelector: "projectcalico.org/name == 'monitoring'", serviceAccountSelector: "projectcalico.org/name in {'scraper'}" });
      expect(each.selector).toBeUndefined();
    }
  });

  test('the kubelet exemption opens port 10250 of nodes and of no pod', () => {
    for (const { egress } of policies('kubelet')) {
      expect(egress).toHaveLength(1);
      expect(egress![0]).toMatchObject({ protocol: 'TCP', destination: { nets: ADDRESSES.nodes, notSelector: ANY_POD, ports: [10250] } });
    }
  });

  test('the API server both by service and, where they are its own, by its subnets', () => {
    const service = { services: { namespace: 'default', name: 'kubernetes' } };
    for (const { egress } of policies('apiServer')) {
      expect(egress!.map(({ destination }) => destination)).toEqual([service, { nets: ADDRESSES.controlPlane, ports: [443] }]);
    }
    for (const { egress } of policies('apiServer', { addresses: { ...ADDRESSES, controlPlaneDedicated: false } })) {
      expect(egress!.map(({ destination }) => destination)).toEqual([service]);
    }
  });
});

describe('addresses', () => {
  const notSelectors = (cidrs: Cidr[], nodes: Cidr[] = ADDRESSES.nodes) => {
    const { plan } = planned({ rules: [rule({ source: account, destination: to(...cidrs) })], addresses: { ...ADDRESSES, nodes } });
    return plan.allows.get('rule')![0].egress!.map(({ destination }) => [destination!.nets, destination!.notSelector]);
  };
  const token = { opaque: 'x', token: '${Token[1]}' };

  test.each<[string, Cidr[], unknown]>([
    ['apart from nodes', ['10.0.3.0/24'], [[['10.0.3.0/24'], undefined]]],
    ['inside the nodes', ['10.0.65.0/24'], [[['10.0.65.0/24'], ANY_POD]]],
    ['around the nodes', ['0.0.0.0/0'], [[['0.0.0.0/0'], ANY_POD]]],
    ['one of two overlapping', ['10.0.3.0/24', '10.0.128.0/24'], [[['10.0.3.0/24', '10.0.128.0/24'], ANY_POD]]],
    ['IPv6 apart', ['10.0.65.0/24', '2001:db8::/32'], [[['10.0.65.0/24'], ANY_POD], [['2001:db8::/32'], undefined]]],
    ['known at deployment', [token], [[[token], ANY_POD]]],
  ])('%s', (_, cidrs, expected) => expect(notSelectors(cidrs)).toEqual(expected));

  test('where the ranges of nodes are known at deployment, or not at all, every address leaves pods out', () => {
    expect(notSelectors(['10.0.3.0/24'], [token])).toEqual([[['10.0.3.0/24'], ANY_POD]]);
    expect(notSelectors(['10.0.3.0/24'], [])).toEqual([[['10.0.3.0/24'], ANY_POD]]);
  });
});

test('the request is not changed', () => {
  const input = deepFreeze(request({ rules: [rule(), rule({ name: 'b', source: account, destination: { kind: 'internet' } })], exemptions: [exemption()] }));
  expect(() => policiesOf(planPolicies(input).plan)).not.toThrow();
});

// The cache listens on 169.254.20.10: https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/
test('with NodeLocal DNSCache the switch lets every pod ask it, over both protocols, and nothing else is different', () => {
  const egress = (nodeLocalDns: string[]) => planned({ nodeLocalDns }).plan.defaultDeny[0].egress!;
  const more = ['UDP', 'TCP'].map((protocol) => ({ action: 'Allow', protocol, destination: { nets: ['169.254.20.10/32'], ports: [53] } }));
  expect(egress(['169.254.20.10/32'])).toEqual([...egress([]).slice(0, 2), ...more, ...egress([]).slice(2)]);
});
