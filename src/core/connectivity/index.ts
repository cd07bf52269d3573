/**
 * What the policies of a cluster decide, before it exists.
 *
 * ```ts
 * const { tiers, policies, networkSets, diagnostics } = parsePolicyObjects(objects);       // core/policy
 * const compiled = compile({ tiers, policies }, { endpoints, namespaces, outside, services, networkSets });
 * compiled.between(web, db);                       // Piece[]: all connections, each with verdict, deciding steps, because
 * compiled.between(web, db, ConnectionSet.ports(6, portSet(5432)));
 * checkExpectation(compiled, { from: [web], to: [db], connections, expected: 'deny' });  // met, unmet or undetermined
 * evaluateFlow(compiled, { from: 'shop/web', to: 'ip:203.0.113.9', protocol: 'TCP', port: 443 });
 * explain(compiled, web, db);                      // steps in words
 * reachability(topology, policySet).between(web, db);      // what is allowed, for every pair, grouped by behaviour
 * diff(before, after);                             // pairs whose allowed connections differ
 * ```
 *
 * Peers are `Endpoint` (a pod or the pods of a workload, maybe abstract: `open`, `within`) and `Outside` (addresses). An
 * endpoint given to `between` need not be listed in the topology; the objects themselves are their identity. What is
 * not known gives `undetermined` with reasons, only where it changes the verdict.
 */
export * from './topology';
export * from './verdict';
export { compile, Compiled } from './compile';
export * from './evaluate';
export * from './expectation';
export * from './explain';
export * from './reachability';
