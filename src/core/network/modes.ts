import { NetworkIntent } from './network-intent';
import { Diagnostic } from '../diagnostic';
import { Enforcement, EnforcementModes, NamespaceEnforcement } from '../policy/enforcement';

type Said = Pick<NetworkIntent, 'enforcement' | 'namespaces'>;

/** What has an effect where. A namespace that says something impossible says nothing. */
export function modesOf({ enforcement, namespaces }: Said): EnforcementModes {
  const own = namespaces.filter((each): each is typeof each & { enforcement: NamespaceEnforcement } => each.enforcement !== undefined && each.enforcement !== 'allowsEnforced');
  return { cluster: enforcement, namespaces: new Map(own.map((each) => [each.name, each.enforcement])) };
}

/** Which mode a namespace is in, whether it says one or not. */
export function modeIn({ cluster, namespaces }: EnforcementModes, namespace: string): Enforcement {
  return namespaces.get(namespace) ?? cluster;
}

/** Modes that cannot be, and what is lost in those that are. */
export function checkModes(intent: Said & Pick<NetworkIntent, 'quarantines'>): Diagnostic[] {
  const modes = modesOf(intent);
  const said = new Map<string, Set<Enforcement>>();
  for (const { name, enforcement } of intent.namespaces) if (enforcement !== undefined) said.set(name, (said.get(name) ?? new Set()).add(enforcement));
  return [
    ...[...said].flatMap(([name, some]): Diagnostic[] => some.has('allowsEnforced') ? [{
      code: 'namespaceEnforcement', severity: 'error', subject: `namespace ${name}`,
      message: 'enforcement is ALLOWS_ENFORCED, which is a step of the whole cluster, until the rules of all stacks are in force',
      fix: 'give it to the cluster, and STAGED, ENFORCED or nothing to the namespace',
    }] : some.size > 1 ? [{
      code: 'namespaceEnforcement', severity: 'error', subject: `namespace ${name}`,
      message: 'it is declared with enforcement STAGED and with ENFORCED', fix: 'say it once',
    }] : []),
    ...intent.quarantines.filter(({ namespace }) => modeIn(modes, namespace) !== 'enforced').map(({ origin, namespace }): Diagnostic => ({
      code: 'quarantineStaged', severity: 'warning', subject: origin, acknowledgeable: true,
      message: `denials are staged in namespace '${namespace}', so that nothing is cut off`, fix: `addNamespace('${namespace}', { enforcement: PolicyEnforcement.ENFORCED }), or enforce the cluster`,
    })),
  ];
}
