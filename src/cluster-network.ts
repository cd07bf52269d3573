import * as eks from 'aws-cdk-lib/aws-eks-v2';
import { IConstruct } from 'constructs';

/** A cluster's network that rules, charts and expectations can be added to, from any stack of the same stage. */
export interface IClusterNetwork extends IConstruct {
  /** The cluster whose network it is. */
  readonly eksCluster: eks.ICluster;
}
