import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import { NodeVolume } from '../core/plan/nodegroup';

/** AWS' policies that a node needs. https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html */
export const NODE_POLICIES = [
  'AmazonEKSWorkerNodePolicy',
  'AmazonEC2ContainerRegistryPullOnly',
  // The VPC CNI gives the first pod of a node its address, so it cannot wait for an agent that runs there, as Pod Identity
  // would have it. Pods do not get this role: metadata answers with one hop, and a guardrail denies it.
  'AmazonEKS_CNI_Policy',
];

/** Session tokens only. https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html */
export const METADATA_OPTIONS = { requireImdsv2: true, httpEndpoint: true, instanceMetadataTags: false };

/** Encrypted always: without a key by the one that the account has for EBS. */
export function blockDevicesOf(volumes: readonly NodeVolume[], kmsKey?: kms.IKey): ec2.BlockDevice[] {
  return volumes.map(({ device, sizeGiB }) => ({
    deviceName: device,
    volume: ec2.BlockDeviceVolume.ebs(sizeGiB, { encrypted: true, kmsKey, volumeType: ec2.EbsDeviceVolumeType.GP3, deleteOnTermination: true }),
  }));
}
