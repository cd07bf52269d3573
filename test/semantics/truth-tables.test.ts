import { baselineOf, compiled, failures } from './baseline-set';
import { PODS } from './fixtures/cluster';
import { egressTable } from './fixtures/egress';
import { ingressTable } from './fixtures/ingress';
import { intentOf, teamPoliciesOf, Variant } from './fixtures/said';
import { faultsOf, linesOf } from './fixtures/table';

export const VARIANTS: readonly (readonly [string, Variant])[] = [
  ['kube-system outside', {}],
  ['kube-system hardened', { hardened: true }],
  ['NodeLocal DNSCache', { nodeLocalDns: true }],
  ['kube-system hardened, NodeLocal DNSCache', { hardened: true, nodeLocalDns: true }],
  ['kube-system hardened, opened by its owner', { hardened: true, opened: true }],
  ['kube-system hardened, the control plane beside other things', { hardened: true, shared: true }],
  ['kube-system hardened and opened, the control plane beside other things', { hardened: true, opened: true, shared: true }],
];

describe.each(VARIANTS)('%s', (_, variant) => {
  test.each([egressTable(variant), ingressTable(variant)])('the table of $name says something about every pod', (table) => {
    expect(faultsOf(table, PODS.map(({ namespace, name }) => `${namespace}/${name}`))).toEqual([]);
  });

  test.each([egressTable(variant), ingressTable(variant)])('every line of $name holds', (table) => {
    expect(failures(compiled(baselineOf(intentOf(variant)), teamPoliciesOf(variant)), linesOf(table))).toEqual([]);
  });
});
