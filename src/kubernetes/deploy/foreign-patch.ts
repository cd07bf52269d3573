import { Diagnostic } from '../../core/diagnostic';

/** Namespaces of the engine, and what of kube-system pods are connected by. */
const ENGINE: readonly string[] = ['calico-system', 'tigera-operator'];
const CONNECTS: readonly string[] = ['aws-node', 'kube-proxy', 'calico-node'];
/** What decides who may talk to whom, how Calico runs, and what guards both. */
const DECIDES = /^(global|staged|cluster|admin|baselineadmin)*networkpolic|networkset|^tiers?\b|hostendpoint|felixconfiguration|ippool|calico|tigera|^installations?\b|admissionpolic|webhookconfiguration|^clusterrole/i;

/** A patch of what the network is made of, past every check. */
export function judgePatch(path: string, { ResourceName, ResourceNamespace }: { readonly [name: string]: unknown }): Diagnostic[] {
  const patched = typeof ResourceName === 'string' ? ResourceName : undefined;
  const harmless = patched !== undefined && typeof (ResourceNamespace ?? '') === 'string' && !ENGINE.includes(String(ResourceNamespace))
    && !DECIDES.test(patched) && !CONNECTS.includes(patched.split('/').at(-1)!);
  return harmless ? [] : [{
    code: 'patchOutsideModel', severity: 'error', subject: path, acknowledgeable: true,
    message: patched === undefined ? 'what it patches is known only at deployment, and may be part of the network'
      : `it patches ${[typeof ResourceNamespace === 'string' ? ResourceNamespace : undefined, patched].filter((part) => part !== undefined).join(' ')}, which is part of the network, and no check knows the result`,
    fix: 'use an option of this library where there is one, or acknowledge what it changes',
  }];
}
