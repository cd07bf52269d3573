import { code, text } from './escape';
import { GuardModes, GuardsInForce } from '../core/guard/guards-in-force';

/** What the API server refuses by itself, where it does not, and who can change that. */
export function guardLines({ where, guards, systemNamespaces, namespaces, accepted }: GuardsInForce): string[] {
  const names = (which: (namespace: GuardsInForce['namespaces'][number]) => boolean) => namespaces.filter(which).map(({ name }) => code(name)).join(', ');
  const privileged = names(({ level }) => level === 'privileged');
  const open = names((namespace) => namespace.open);
  const levels = ['restricted', 'baseline'].flatMap((level) => { const held = names((each) => each.level === level); return held === '' ? [] : [`- Pod Security enforces ${level} in ${held}`]; });
  const unsaid = names(({ level }) => level === undefined);
  return [
    ...modeLines(where),
    ...guards.flatMap(({ name, refuses }) => refuses === undefined ? [] : [`  - ${text(refuses)}: \`ValidatingAdmissionPolicy/${name}\``]),
    ...guards.flatMap(({ name, warns }) => warns === undefined ? [] : [`- it warns of ${text(warns)}, and admits them: \`ValidatingAdmissionPolicy/${name}\``]),
    `- not pods of ${systemNamespaces.map(code).join(', ')}, which run the cluster itself`,
    ...privileged === '' ? [] : [`- **not pods of ${privileged}**: Pod Security level privileged`],
    ...open === '' ? [] : [`- **not load balancers of ${open}**: label of the namespace`],
    ...accepted.map((subject) => `- **not ${text(subject)}**: accepted by name, also in what it says later`),
    ...levels,
    ...unsaid === '' ? [] : [`- no Pod Security level is said here of ${unsaid}: the guard of pods does not depend on one`],
    '- lifted by whoever may change a ValidatingAdmissionPolicy or its binding: no guard holds for guards, only RBAC does, and `admins` may',
    '- in force some seconds after it is written: workloads of the first deployment wait until the control plane has looked at the last guard, which proves neither that every API server has it nor that a changed one is in force',
  ];
}

/** A guard follows the mode of the namespace, so that staging one changes nothing for others. */
function modeLines({ refuses, otherwise }: GuardModes): string[] {
  const others = otherwise.map(code).join(', ');
  if (refuses) {
    return [
      ...others === '' ? [] : [`- **in ${others} the API server warns and writes to the audit log, and refuses only changes of policies**`],
      `- ${others === '' ? '' : 'everywhere else '}the API server refuses, and writes to the audit log:`,
    ];
  }
  return others === '' ? ['- **the API server warns and writes to the audit log, and refuses nothing**:'] : [
    `- in ${others} the API server refuses, and everywhere changes of policies`,
    '- **everywhere else it warns**, and in both cases writes to the audit log:',
  ];
}
