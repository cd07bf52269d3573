import { connectionsOf, ownPorts } from './connections';
import { Flow, WorkloadFlows } from './decision';
import { modeIn } from './modes';
import { addressesOf, decidedBy, mostGeneral } from './reasons';
import { NetworkView } from './topology';
import { Compiled } from '../connectivity/compile';
import { isClosed, Reachability } from '../connectivity/reachability';
import { Peer as End, peerName as nameOf } from '../connectivity/topology';
import { Piece } from '../connectivity/verdict';
import { Workload } from '../connectivity/workload';
import { EnforcementModes } from '../policy/enforcement';
import { WellKnown } from '../policy/intent';
import { ConnectionSet } from '../sets';

/** What everyone asks of a workload, in the order of reports. */
const PLACES: readonly WellKnown[] = ['kubelet', 'apiServer', 'instanceMetadata', 'internet'];
/** Where connections to a workload may come from, besides other workloads. */
const VISITORS: readonly WellKnown[] = ['loadBalancers', 'controlPlane', 'nodes', 'internet'];

/** For each workload what it may reach and who may reach it; what is denied by default needs no line of its own. */
export function describeFlows(
  workloads: readonly Workload[], matrix: Reachability, view: NetworkView, systemNamespaces: readonly string[], modes: EnforcementModes, now?: Compiled,
): WorkloadFlows[] {
  const { compiled } = matrix;
  const places = PLACES.map((kind) => view.outside({ kind })).map((end, i) => ({ end, asked: connectionsOf(ownPorts({ kind: PLACES[i] }, 'deny'), end) as ConnectionSet }));
  const visitors = [...VISITORS.map((kind) => view.outside({ kind })), ...view.elsewhere];
  // Most pairs have nothing to tell; those that have are asked for the reason.
  const open = (from: End, to: End): readonly Piece[] =>
    isClosed(matrix.between(from, to)) ? [] : compiled.between(from, to).filter(({ verdict }) => verdict !== 'deny');
  return workloads.map(({ kind, namespace, hostNetwork }, index): WorkloadFlows => {
    const self = view.endpoints[index];
    const toPlaces = places.map(({ asked, end }) => ({ end, pieces: compiled.between(self, end, asked) }));
    return {
      name: nameOf(self),
      kind,
      outside: hostNetwork || systemNamespaces.includes(namespace),
      ...modeIn(modes, namespace) !== 'enforced' && {
        staged: true,
        lost: !now ? [] : toPlaces.flatMap(({ end, pieces }) => lostOf(end, now.between(self, end, unionOf(pieces.filter(({ verdict }) => verdict === 'deny'))))),
      },
      reaches: [
        ...[view.clusterDns, ...view.endpoints, ...view.elsewhere].flatMap((end) => flowsOf(end, open(self, end))),
        ...toPlaces.flatMap(({ end, pieces }) => flowsOf(end, pieces.filter(({ verdict }) => verdict !== 'deny'))),
      ],
      reachedBy: [...visitors, ...view.endpoints].flatMap((end) => flowsOf(end, open(end, self))),
      denied: toPlaces.flatMap(({ end, pieces }) => denialOf(end, pieces.filter(({ verdict }) => verdict === 'deny'))),
    };
  }).sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : a.kind < b.kind ? -1 : 1);
}

/** Pieces of one fate and one reason are one line. */
function flowsOf(end: End, pieces: readonly Piece[]): Flow[] {
  const groups = new Map<string, { connections: ConnectionSet; because: string; undetermined: boolean; where: string }>();
  for (const piece of pieces) {
    const undetermined = piece.verdict === 'undetermined';
    const because = undetermined ? `depends on ${(piece.because ?? []).join(' and ')}` : decidedBy(piece);
    const where = addressesOf(piece);
    const key = `${because}${where}`;
    groups.set(key, { because, where, undetermined, connections: groups.get(key)?.connections.union(piece.connections) ?? piece.connections });
  }
  return [...groups.values()].map(({ because, where, connections, undetermined }): Flow =>
    ({ peer: nameOf(end) + where, connections: connections.toString(), because, ...undetermined && { undetermined } }));
}

/** One line for a place that is closed: the general reason, not each exception's. */
function denialOf(end: End, pieces: readonly Piece[]): Flow[] {
  if (pieces.length === 0) return [];
  return [{ peer: nameOf(end), connections: unionOf(pieces).toString(), because: decidedBy(mostGeneral(pieces)) }];
}

/** What nobody closed is lost with every default deny; what a policy allows somebody meant. */
function lostOf(end: End, piecesNow: readonly Piece[]): Flow[] {
  const meant = piecesNow.filter(({ verdict, egress }) => verdict === 'allow' && typeof egress !== 'string' && egress.tier !== null);
  return meant.length === 0 ? [] : [{ peer: nameOf(end), connections: unionOf(meant).toString(), because: decidedBy(mostGeneral(meant)) }];
}

const unionOf = (pieces: readonly Piece[]): ConnectionSet => pieces.reduce((all, { connections }) => all.union(connections), ConnectionSet.NONE);
