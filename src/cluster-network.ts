import { IConstruct } from 'constructs';

/** A cluster's network that rules, charts and expectations can be added to, from any stack of the same stage. */
export interface IClusterNetwork extends IConstruct {
  /** Name of the cluster whose network it is. */
  readonly clusterName: string;
}
