import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { Duration, RemovalPolicy, Stack, Token, Tokenization } from 'aws-cdk-lib';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { DISABLE_ASSET_STAGING_CONTEXT } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import { planReleaseContent } from './release-content';
import { checkReleaseName, pinLogicalId } from './release-name';
import { checkReleaseTimeout, releaseTimeout } from './release-timeout';
import { Diagnostic } from '../../core/diagnostic';
import { KubernetesObject } from '../manifests/objects';

/** Never a template: objects are data that the chart repeats. */
const OBJECTS_CHART = join(__dirname, 'objects-chart');

export interface ReleaseOptions {
  /** Until objects are ready, also on deletion. Default: true. */
  readonly wait?: boolean;
  /** Default: as long as the function that runs helm allows. */
  readonly timeout?: Duration;
}

export interface ObjectsReleaseProps extends ReleaseOptions {
  readonly cluster: eks.ICluster;
  /** Pinned: never derived from a construct path. */
  readonly releaseName: string;
  /** Where Helm keeps the release, and where namespaced objects without a namespace go. */
  readonly namespace: string;
  /** Plain data, with tokens wherever text or a number may stand. */
  readonly objects: readonly KubernetesObject[];
  /** Whether a failed change is taken back at once, for which helm waits in any case. Default: where it waits. */
  readonly atomic?: boolean;
  /** Whether the release stays in the cluster when it leaves the template. Default: false. */
  readonly keep?: boolean;
}

/**
 * Objects that are applied and removed together. What leaves `objects` is deleted from the cluster by the next deployment, except
 * what carries Helm's keep annotation; with the release all of it is deleted, unless `keep` is set.
 */
export class ObjectsRelease extends Construct {
  public readonly releaseName: string;
  public readonly objects: readonly KubernetesObject[];
  public readonly diagnostics: readonly Diagnostic[];

  public constructor(scope: Construct, id: string, props: ObjectsReleaseProps) {
    super(scope, id);
    this.releaseName = props.releaseName;
    this.objects = props.objects;
    const stack = Stack.of(this);
    const content = planReleaseContent(props.releaseName, props.objects, (object) => hasToken(stack, object));
    const { wait = true, atomic = wait, timeout = releaseTimeout(atomic) } = props;
    this.diagnostics = [
      ...checkReleaseName(props.releaseName), ...checkReleaseTimeout(props.releaseName, timeout, atomic), ...content.diagnostics,
    ];
    const chart = new eks.HelmChart(this, 'Chart', {
      cluster: props.cluster,
      release: props.releaseName,
      namespace: props.namespace,
      createNamespace: false,
      chartAsset: this.chartAsset(content.file),
      values: { objects: content.inValues },
      wait,
      atomic,
      timeout,
      removalPolicy: props.keep ? RemovalPolicy.RETAIN : undefined,
    });
    pinLogicalId(chart, props.cluster, props.releaseName);
  }

  /** The chart as it lies beside this file, or a copy that holds the data file. */
  private chartAsset(file: string | undefined): Asset {
    if (file === undefined) return new Asset(this, 'Objects', { path: OBJECTS_CHART });
    const folder = mkdtempSync(join(tmpdir(), 'objects-chart-'));
    cpSync(OBJECTS_CHART, folder, { recursive: true });
    writeFileSync(join(folder, 'objects.json'), file);
    const asset = new Asset(this, 'Objects', { path: folder });
    // Without staging the assembly points at the folder itself.
    if (!this.node.tryGetContext(DISABLE_ASSET_STAGING_CONTEXT)) rmSync(folder, { recursive: true });
    return asset;
  }
}

function hasToken(stack: Stack, value: unknown): boolean {
  if (typeof value === 'string') return Token.isUnresolved(value);
  if (Token.isUnresolved(value) || Tokenization.isResolvable(value)) return true;
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, item]) => Token.isUnresolved(key) || hasToken(stack, item));
}
