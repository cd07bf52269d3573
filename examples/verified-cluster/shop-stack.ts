import { Stack, StackProps } from 'aws-cdk-lib';
import * as cdk8s from 'cdk8s';
import { ApplicationChart, ConnectivityExpectation, IClusterNetwork, NetworkPeer, NetworkPort, TrafficRule } from 'cdk-secure-eks';
import { Construct } from 'constructs';
import { PodinfoChart } from './podinfo-chart';

export interface ShopStackProps extends StackProps {
  /** The platform's cluster, of another stack. */
  readonly cluster: IClusterNetwork;
}

/** An application team's, with a probe of its own: the platform's was over before any of this was there. */
export class ShopStack extends Stack {
  public constructor(scope: Construct, id: string, { cluster: network, ...props }: ShopStackProps) {
    super(scope, id, props);
    const front = NetworkPeer.pods('web', { app: 'front' });
    const orders = NetworkPeer.pods('orders', { app: 'orders' });
    const chart = new ApplicationChart(this, 'Orders', { network, chart: new PodinfoChart(new cdk8s.App(), 'orders', { namespace: 'orders', name: 'orders' }) });
    new TrafficRule(this, 'FrontToOrders', { network, source: front, destination: orders, ports: [NetworkPort.tcp(9898)] });

    new ConnectivityExpectation(this, 'FrontReachesOrders', { network, allowed: true, source: front, destination: orders, ports: [NetworkPort.tcp(9898)] });
    new ConnectivityExpectation(this, 'OrdersNeverReachFront', { network, allowed: false, source: orders, destination: front });
    // A range is no place to connect to: the report lists it as covered by no probe.
    new ConnectivityExpectation(this, 'OrdersNeverReachPartners', { network, allowed: false, source: orders, destination: NetworkPeer.cidr('203.0.113.0/24') });

    chart.verifyEnforcement();
  }
}
