import { App } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { PlatformStack } from '../../examples/three-tier-app/platform-stack';
import { ShopStack } from '../../examples/three-tier-app/shop-stack';
import { NetworkPeer, NetworkPort, TrafficRule } from '../../src';
import { synthErrors } from '../fixture';

/** The line of this id is as good as deleted. */
let mockDeleted: string | undefined;
jest.mock('cdk-secure-eks', () => {
  const actual = jest.requireActual('cdk-secure-eks');
  return {
    ...actual,
    TrafficRule: new Proxy(actual.TrafficRule, {
      construct: (target, [scope, id, props]) => id === mockDeleted ? new Construct(scope, id) : new target(scope, id, props),
    }),
  };
});

function errors(change: (shop: ShopStack, platform: PlatformStack) => void = () => undefined): string[] {
  const app = new App();
  const platform = new PlatformStack(app, 'Platform');
  change(new ShopStack(app, 'Shop', { cluster: platform.cluster, queues: platform.queues }), platform);
  return synthErrors(app).map((line) => line.replace('[Platform/Cluster] ', ''));
}

afterEach(() => { mockDeleted = undefined; });

test('as it is, nothing is wrong', () => expect(errors()).toEqual([]), 60_000);

test.each([
  ['WebToApi', [
    'Shop/WebReachesApi: connections from pods app=web in shop to pods app=api in shop (TCP 3000) must be allowed, but some are not. shop/web to shop/api, TCP 3000: denied by GlobalNetworkPolicy/eks-default-deny.default-deny (no rule matches, and tier eks-default-deny ends); allow it with allowTraffic(), or correct the expectation [cdk-secure-eks:expectationUnmet]',
  ]],
  ['ApiToDatabase', [
    'Shop/ApiReachesDatabase: connections from pods app=api in shop to pods app=database in shop (TCP 5432) must be allowed, but some are not. shop/api to shop/database, TCP 5432: denied by GlobalNetworkPolicy/eks-default-deny.default-deny (no rule matches, and tier eks-default-deny ends); allow it with allowTraffic(), or correct the expectation [cdk-secure-eks:expectationUnmet]',
  ]],
  ['WorkerToDatabase', [
    'Shop/WorkerReachesDatabase: connections from pods app=worker in shop to pods app=database in shop (TCP 5432) must be allowed, but some are not. shop/worker to shop/database, TCP 5432: denied by GlobalNetworkPolicy/eks-default-deny.default-deny (no rule matches, and tier eks-default-deny ends); allow it with allowTraffic(), or correct the expectation [cdk-secure-eks:expectationUnmet]',
  ]],
  ['WorkerToCache', [
    'Shop/WorkerReachesCache: connections from pods app=worker in shop to pods app=cache in shop (TCP 6379) must be allowed, but some are not. shop/worker to shop/cache, TCP 6379: denied by GlobalNetworkPolicy/eks-default-deny.default-deny (no rule matches, and tier eks-default-deny ends); allow it with allowTraffic(), or correct the expectation [cdk-secure-eks:expectationUnmet]',
  ]],
  ['WorkerToPayments', [
    'Shop/WorkerReachesPayments: connections from pods app=worker in shop to 203.0.113.0/24 (TCP 443) must be allowed, but some are not. shop/worker to 203.0.113.0/24, TCP 443: denied by GlobalNetworkPolicy/eks-guardrails.internet-deny rule 0; allow it with allowTraffic(), or correct the expectation [cdk-secure-eks:expectationUnmet]',
  ]],
  ['WorkerToQueues', [
    'Shop/WorkerReachesQueues: connections from pods app=worker in shop to the interface endpoints of AWS services (TCP 443) must be allowed, but some are not. shop/worker to the interface endpoints of AWS services, TCP 443: denied by GlobalNetworkPolicy/eks-default-deny.default-deny (no rule matches, and tier eks-default-deny ends); allow it with allowTraffic(), or correct the expectation [cdk-secure-eks:expectationUnmet]',
  ]],
  ['PrometheusToApi', [
    'Shop/PrometheusReadsMetrics: connections from pods app=prometheus in monitoring to pods app=api in shop (TCP 3001) must be allowed, but some are not. monitoring/prometheus to shop/api, TCP 3001: denied by GlobalNetworkPolicy/eks-default-deny.default-deny (no rule matches, and tier eks-default-deny ends); allow it with allowTraffic(), or correct the expectation [cdk-secure-eks:expectationUnmet]',
  ]],
])('without %s it does not synthesize, and says what is cut', (id, messages) => {
  mockDeleted = id;
  expect(errors()).toEqual(messages);
}, 60_000);

const pods = (app: string) => NetworkPeer.pods('shop', { app });

test.each<[string, NetworkPeer, NetworkPeer, NetworkPort, string[]]>([
  ['WebToDatabase', pods('web'), pods('database'), NetworkPort.tcp(5432), [
    'Shop/WebNeverReachesDatabase: connections from pods app=web in shop to pods app=database in shop (all connections) must be denied, but some are not. shop/web to shop/database, TCP 5432: allowed by GlobalNetworkPolicy/eks-allow.web-to-database-d00aae6b-egress rule 0 and GlobalNetworkPolicy/eks-allow.web-to-database-d00aae6b-ingress rule 0, added by Shop/WebToDatabase; remove what allows it, or correct the expectation [cdk-secure-eks:expectationUnmet]',
  ]],
  ['EverybodyToCache', NetworkPeer.namespace('shop'), pods('cache'), NetworkPort.tcp(6379), [
    'Shop/WebNeverReachesCache: connections from pods app=web in shop to pods app=cache in shop (all connections) must be denied, but some are not. shop/web to shop/cache, TCP 6379: allowed by GlobalNetworkPolicy/eks-allow.everybody-to-cache-d00aae6b-egress rule 0 and GlobalNetworkPolicy/eks-allow.everybody-to-cache-d00aae6b-ingress rule 0, added by Shop/EverybodyToCache; remove what allows it, or correct the expectation [cdk-secure-eks:expectationUnmet]',
  ]],
  ['ShopToInternet', NetworkPeer.namespace('shop'), NetworkPeer.internet(), NetworkPort.tcp(443), [
    'Shop/ApiNeverReachesPayments: connections from pods app=api in shop to 203.0.113.0/24 (all connections) must be denied, but some are not. shop/api to 203.0.113.0/24, TCP 443: allowed by GlobalNetworkPolicy/eks-allow.shop-to-internet-d00aae6b-egress rule 0, added by Shop/ShopToInternet; remove what allows it, or correct the expectation [cdk-secure-eks:expectationUnmet]',
    'Shop/DatabaseNeverCallsOut: connections from pods app=database in shop to the internet (all connections) must be denied, but some are not. shop/database to the internet, TCP 443: allowed by GlobalNetworkPolicy/eks-allow.shop-to-internet-d00aae6b-egress rule 0, added by Shop/ShopToInternet; remove what allows it, or correct the expectation [cdk-secure-eks:expectationUnmet]',
  ]],
  ['LabelToPayments', pods('worker'), NetworkPeer.cidr('203.0.113.0/24'), NetworkPort.tcp(443), [
    'Shop/LabelToPayments: 203.0.113.0/24 lies beyond the internet guardrail, and the source is pods app=worker in shop: whoever makes a pod chooses its labels; name a service account, a namespace or a workload as the source [cdk-secure-eks:internetGrantByLabels]',
  ]],
])('with %s it does not synthesize either', (id, source, destination, port, messages) => {
  expect(errors((shop, { cluster }) => { new TrafficRule(shop, id, { network: cluster, source, destination, ports: [port] }); })).toEqual(messages);
}, 60_000);
