import { isOn } from './access';
import { canonical, Properties, same, show, targetOf, Template, TemplateResource } from './resource';
import { authored, finding, Finding, TemplateView } from './view';

const RELEASE = 'Custom::AWSCDK-EKS-HelmChart';
/** How helm goes about it, not what it writes. */
const FREE: readonly string[] = ['Timeout', 'Wait', 'Atomic'];

/** Policies travel as releases, each after what it needs: both as they were decided. */
export function checkReleases(view: TemplateView, cluster: TemplateResource): Finding[] {
  const { final, decided } = view;
  const own = decided.all.flatMap(({ path }) => final.get(path) ?? []);
  const others = [...view.ordered].flatMap((path) => final.get(path) ?? []);
  const upstream = upstreamIn(final);
  return [
    ...namesTaken(view, cluster),
    ...own.filter(({ type }) => type === RELEASE).flatMap((release) => changesOf(release, decided.get(release.path)!.properties)),
    ...[...own, ...others].flatMap((resource) => lostOrder(final, upstream, resource)),
  ];
}

/** What deploys to the cluster under the name of a release of the library overwrites it. */
function namesTaken({ final, decided }: TemplateView, cluster: TemplateResource): Finding[] {
  const names = new Set(decided.ofType(RELEASE).map(({ properties }) => properties.Release));
  return final.ofType(RELEASE).filter(({ path, properties }) => !decided.get(path) && isOn(cluster, properties.ClusterName) && names.has(properties.Release)).map((release) => ({
    code: 'releaseNameTaken', severity: 'error', path: release.path, property: 'Release', subject: authored(release.path),
    message: `Release is '${release.properties.Release}': a release of the cluster has this name, and would be overwritten`, fix: 'give it another name',
  }));
}

function changesOf(release: TemplateResource, before: Properties): Finding[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(release.properties)])].sort();
  return names.filter((name) => !FREE.includes(name) && !same(before[name], release.properties[name])).map((name) => {
    const gone = name === 'Values' ? objectsIn(before.Values).filter((object) => !objectsIn(release.properties.Values).includes(object)) : [];
    return finding(release, name, gone.length > 0 ? `without ${gone.join(', ')}` : release.properties[name], {
      code: 'releaseChanged', rule: 'this release would deploy something else than was decided, proved and reported', fix: 'remove what changes it; say it by methods of the cluster',
    });
  });
}

/** Kind and name of each object in the values of a release. */
function objectsIn(values: unknown): string[] {
  const text = (typeof values === 'string' ? values : canonical(values)).replace(/\\"/g, '"');
  return [...text.matchAll(/"kind":"([A-Za-z]+)"|"name":"([a-z0-9.-]+)"/g)].reduce<{ kind: string; names: string[] }>(({ kind, names }, [, isKind, name]) =>
    isKind ? { kind: isKind, names } : { kind, names: [...names, kind ? `${kind} ${name}` : name] }, { kind: '', names: [] }).names;
}

/** What constructs wait for must be waited for in the template too, over any number of steps. */
function lostOrder(final: Template, upstream: (start: TemplateResource) => ReadonlySet<string>, resource: TemplateResource): Finding[] {
  if (!resource.waitsFor || resource.waitsFor.length === 0) return [];
  const before = upstream(resource);
  const lost = resource.waitsFor.filter((path) => final.get(path) && !before.has(path));
  return lost.length === 0 ? [] : [{
    ...finding(resource, 'DependsOn', lost, { code: 'orderLost', rule: 'it would no longer wait for these', fix: 'remove what changes its dependencies' }),
    message: `DependsOn leaves out ${show(lost.map(authored))}: it would be deployed before what it needs`,
  }];
}

/** What comes before a resource, over any number of steps. The many that are ordered have most of it in common, so each is read once. */
function upstreamIn(final: Template): (start: TemplateResource) => ReadonlySet<string> {
  const steps = new Map<TemplateResource, readonly TemplateResource[]>();
  const stepsOf = (resource: TemplateResource) => {
    const known = steps.get(resource) ?? [...new Set([...resource.dependsOn, ...referencesIn(resource.properties)])].flatMap((path) => final.get(path) ?? []);
    steps.set(resource, known);
    return known;
  };
  return (start) => {
    const found = new Set<string>();
    const queue = [start];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      for (const target of stepsOf(next)) {
        if (found.has(target.path)) continue;
        found.add(target.path);
        queue.push(target);
      }
    }
    return found;
  };
}

function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const target = targetOf(value);
  return [...target === undefined ? [] : [target], ...Object.values(value).flatMap(referencesIn)];
}
