import { formatDiagnostic } from '../../../src/core/diagnostic';
import { CALICO_IMAGES, CALICO_RELEASES } from '../../../src/core/engine/calico-releases';
import { checkCalico } from '../../../src/core/engine/check-calico';

const said = (request: Parameters<typeof checkCalico>[0]) => checkCalico(request).map((each) => `${each.severity}${each.acknowledgeable ? ', may be accepted' : ''}: ${formatDiagnostic(each)}`);
const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const ALL = Object.fromEntries([...Object.keys(CALICO_IMAGES), 'tigera/operator'].map((image) => [image, DIGEST]));

describe('which release with which Kubernetes', () => {
  // https://docs.tigera.io/calico/3.32/getting-started/kubernetes/requirements: 1.34, 1.35, 1.36.
  test.each(['1.34', '1.35', '1.36'])('v3.32.1 was tested with %s', (kubernetes) => {
    expect(said({ version: 'v3.32.1', kubernetes })).toEqual([]);
  });

  test.each(['1.33', '1.37'])('and not with %s', (kubernetes) => {
    expect(said({ version: 'v3.32.1', kubernetes })).toEqual([
      `warning, may be accepted: calico: v3.32.1 was tested with Kubernetes 1.34, 1.35, 1.36 and not with ${kubernetes} (https://docs.tigera.io/calico/3.32/getting-started/kubernetes/requirements); `
      + 'use v3.32.1, which was looked at on EKS, or try it out and acknowledge it [cdk-secure-eks:calicoUntested]',
    ]);
  });

  test('a release that fails here', () => {
    expect(said({ version: 'v3.32.0', kubernetes: '1.35' })).toEqual([
      "error, may be accepted: calico: version is 'v3.32.0': its API answers NotFound to policies that Helm 4 creates by server-side apply (https://github.com/projectcalico/calico/issues/12906); "
      + 'use v3.32.1, or acknowledge it where you know better [cdk-secure-eks:calicoBroken]',
    ]);
  });

  test.each(['v3.31.7', 'v3.9.0', 'v2.99.0'])('%s, before definitions had a chart', (version) => {
    expect(said({ version, kubernetes: '1.35' })).toEqual([
      `error, may be accepted: calico: version is '${version}': before v3.32 there is no chart of its definitions, and its installation fails (https://github.com/projectcalico/calico/pull/11727); `
      + 'use v3.32.1, or acknowledge it where you know better [cdk-secure-eks:calicoBroken]',
    ]);
  });

  test.each(['v3.32.9', 'v3.33.0', 'v4.0.0'])('%s, which nobody has looked at', (version) => {
    expect(said({ version, kubernetes: '1.35' })).toEqual([
      `warning, may be accepted: calico: version is '${version}', which nobody has looked at for EKS; its operator is not known either, so cluster.images names it without a tag (operatorVersion); `
      + 'use v3.32.1, which was looked at on EKS, or try it out and acknowledge it [cdk-secure-eks:calicoUntested]',
    ]);
    expect(said({ version, kubernetes: '1.35', operatorVersion: 'v1.50.0' })[0]).toContain(`version is '${version}', which nobody has looked at for EKS; use`);
  });

  test.each(['3.32.1', 'v3.32', 'latest', 'v3.32.1-eks'])("'%s' is no release", (version) => {
    expect(said({ version, kubernetes: '1.35' })).toEqual([
      `error: calico: version is '${version}', and charts of Calico are called like 'v3.32.1'; write one like it: v3.32.1 [cdk-secure-eks:calicoVersionInvalid]`,
    ]);
  });

  test('what only the deployment knows is said', () => {
    expect(said({ kubernetes: '1.35' })[0]).toContain('version is known only at deployment: whether this release of Calico works on EKS is not known');
    expect(said({ version: 'v3.32.1' })[0]).toContain('the version of Kubernetes is known only at deployment: whether v3.32.1 was tested with it is not known');
  });

  test('every release names its source, and the default is one that works', () => {
    for (const { source } of CALICO_RELEASES) expect(source).toMatch(/^https:\/\//);
    expect(CALICO_RELEASES[0].broken).toBeUndefined();
    expect(CALICO_RELEASES[0].operator).toBeDefined();
  });
});

describe('digests', () => {
  const pinned = (digests: Record<string, string | undefined>) => said({ version: 'v3.32.1', kubernetes: '1.35', digests });

  test('all or none', () => {
    expect(pinned(ALL)).toEqual([]);
    const { 'calico/typha': _, ...rest } = ALL;
    expect(pinned(rest)).toEqual([
      'error: calico.imageDigests: it leaves out calico/typha, and the operator starts nothing where one is missing; name the digest of each [cdk-secure-eks:calicoDigests]',
    ]);
  });

  test('of what runs here only', () => {
    expect(pinned({ ...ALL, 'calico/cni': DIGEST })).toEqual([
      'error: calico.imageDigests: it names calico/cni, which is not among the images that run here; '
      + 'name calico/apiserver, calico/kube-controllers, calico/node, calico/typha, tigera/operator [cdk-secure-eks:calicoDigests]',
    ]);
  });

  test.each(['v3.32.1', DIGEST.slice(0, -1), `${DIGEST}0`, DIGEST.toUpperCase(), ''])("'%s' is none", (digest) => {
    expect(pinned({ ...ALL, 'calico/node': digest })).toEqual([
      `error: calico.imageDigests: no digest is calico/node '${digest}': 'sha256:' and 64 hexadecimal digits; copy it from the registry [cdk-secure-eks:calicoDigests]`,
    ]);
  });

  test('one that only the deployment knows', () => {
    expect(pinned({ ...ALL, 'calico/node': undefined })).toEqual([
      'warning, may be accepted: calico.imageDigests: the digest of calico/node is known only at deployment, and was not checked; '
      + 'write the value itself, or check it where it is set and acknowledge it [cdk-secure-eks:calicoDigestUnknown]',
    ]);
  });

  test('of the operator, only with a tag', () => {
    expect(said({ version: 'v3.33.0', kubernetes: '1.36', digests: ALL })).toContain(
      'error: calico.imageDigests: it names the digest of tigera/operator, which its chart takes behind a tag, and the tag is not known; write operatorVersion [cdk-secure-eks:calicoDigests]',
    );
    expect(said({ version: 'v3.33.0', kubernetes: '1.36', digests: ALL, operatorVersion: 'v1.43.0' })).toEqual([expect.stringContaining('calicoUntested')]);
  });
});
