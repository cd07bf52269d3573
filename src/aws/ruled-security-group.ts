import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';

/** A security group that is told the same rule twice, by the library and by its user, and has it once: EC2 refuses a second. */
export class RuledSecurityGroup extends ec2.SecurityGroup {
  private readonly known = new Set<string>();

  /** A rule that is a resource of its own, where others can wait for it. */
  public admit(scope: Construct, id: string, source: ec2.ISecurityGroup, port: ec2.Port, description: string): void {
    if (!this.isNew(source, port)) return;
    const { ipProtocol, fromPort, toPort } = port.toRuleJson();
    new ec2.CfnSecurityGroupIngress(scope, id, {
      groupId: this.securityGroupId, sourceSecurityGroupId: source.securityGroupId, ipProtocol, fromPort, toPort, description,
    });
  }

  public addIngressRule(peer: ec2.IPeer, connection: ec2.Port, description?: string, remoteRule?: boolean): void {
    if (this.isNew(peer, connection)) super.addIngressRule(peer, connection, description, remoteRule);
  }

  private isNew(peer: ec2.IPeer, port: ec2.Port): boolean {
    const rule = JSON.stringify([peer.toIngressRuleConfig(), port.toRuleJson()]);
    if (this.known.has(rule)) return false;
    this.known.add(rule);
    return true;
  }
}
