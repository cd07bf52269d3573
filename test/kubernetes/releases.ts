import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { App, Stack } from 'aws-cdk-lib';
import { ApiServer, CommandResult } from '../kube-apiserver/api-server';

interface Resource {
  readonly Type: string;
  readonly Properties: { readonly [name: string]: unknown };
  readonly DependsOn?: string[];
}

interface AssetManifest {
  readonly files: { readonly [hash: string]: { readonly source: { readonly path: string } } };
}

/** The releases of objects that an app's template holds, run by helm with the arguments that aws-cdk-lib's handler gives it. */
export class Releases {
  private readonly resources: { readonly [id: string]: Resource };
  private readonly assets: { readonly [file: string]: string };

  public constructor(private readonly server: ApiServer, stack: Stack) {
    const assembly = (stack.node.root as App).synth();
    const artifact = assembly.getStackArtifact(stack.artifactId);
    this.resources = artifact.template.Resources;
    const manifest = JSON.parse(readFileSync(artifact.templateFullPath.replace('.template.json', '.assets.json'), 'utf8')) as AssetManifest;
    this.assets = Object.fromEntries(Object.entries(manifest.files).map(([hash, { source }]) => [hash, join(assembly.directory, source.path)]));
  }

  /** Names in an order that the dependencies allow. */
  public names(): string[] {
    const done: string[] = [];
    const visit = (id: string) => {
      if (done.includes(id) || !(id in this.resources)) return;
      (this.resources[id].DependsOn ?? []).forEach(visit);
      done.push(id);
    };
    Object.keys(this.resources).sort().forEach(visit);
    return done.map((id) => this.resources[id]).filter(isObjectsRelease).map(({ Properties }) => String(Properties.Release));
  }

  public install(name: string, flags: readonly string[] = []): CommandResult {
    const { Namespace, Values, ChartAssetURL, Atomic, Wait, Timeout } = this.find(name);
    // Nothing here becomes ready later, so half a minute is as good as seven.
    const timeout = `${Math.min(30, parseInt(String(Timeout), 10))}s`;
    const hash = /\/([0-9a-f]{64})\.zip/.exec(JSON.stringify(ChartAssetURL))![1];
    const folder = mkdtempSync(join(tmpdir(), 'values-'));
    const values = join(folder, 'values.yaml');
    // As Python's json module writes it.
    writeFileSync(values, String(Values).replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`));
    const result = this.server.helm([
      'upgrade', name, this.assets[hash], '--install', '--values', values, '--namespace', String(Namespace), '--timeout', timeout,
      ...Wait ? ['--wait'] : [], ...Atomic ? ['--atomic'] : [], ...flags,
    ]);
    rmSync(folder, { recursive: true });
    return result;
  }

  public uninstall(name: string, flags: readonly string[] = []): CommandResult {
    return this.server.helm(['uninstall', name, '--namespace', String(this.find(name).Namespace), '--wait', '--timeout', '30s', ...flags]);
  }

  private find(name: string): Resource['Properties'] {
    return Object.values(this.resources).find((resource) => isObjectsRelease(resource) && resource.Properties.Release === name)!.Properties;
  }
}

function isObjectsRelease({ Type, Properties }: Resource): boolean {
  return Type === 'Custom::AWSCDK-EKS-HelmChart' && 'ChartAssetURL' in Properties;
}
