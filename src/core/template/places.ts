import { groupKey } from './group-rules';
import { possibleIn, Template } from './resource';
import { CidrSet } from '../sets/cidr-set';

/** A subnet of the app, or of a VPC that it was given. */
export interface Place {
  /** Construct path where the app makes it, else its id. */
  readonly key: string;
  readonly cidr: string;
  /** Of its VPC. */
  readonly vpc: string;
}

/** Subnets as the app knows them: it makes them, or was told of them. */
export class Places {
  private readonly known: ReadonlyMap<string, Place>;

  /** @param given those of a VPC that the app does not make */
  public constructor(private readonly final: Template, given: readonly Place[]) {
    this.known = new Map(given.map((place) => [place.key, place]));
  }

  /** Those whose range is known. */
  public of(ids: unknown): Place[] {
    return possibleIn(ids).flatMap((id): Place[] => {
      const made = this.final.target(id);
      if (made && typeof made.properties.CidrBlock === 'string') return [{ key: made.path, cidr: made.properties.CidrBlock, vpc: groupKey(made.properties.VpcId) }];
      const told = this.known.get(groupKey(id));
      return told ? [told] : [];
    });
  }
}

export function rangesOf(places: readonly Place[]): CidrSet {
  return CidrSet.of(...places.map(({ cidr }) => cidr));
}
