import { isDeepStrictEqual } from 'util';
import { Resource, StackTemplate, Template } from './assembly';
import { Lookup, holds, references, resolve } from './intrinsics';
import { Random } from './random';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-west-1';

/** What CloudFormation sends to the function behind a custom resource. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html */
export interface CustomResourceRequest {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResourceType: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: unknown;
  readonly OldResourceProperties?: unknown;
}

export interface CustomResourceAnswer {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
  readonly Data?: { readonly [name: string]: unknown };
}

/** Who answers for custom resources. */
export interface Provider {
  send(request: CustomResourceRequest): Promise<CustomResourceAnswer>;
}

export interface CloudFormationOptions {
  readonly provider: Provider;
  /** Picks the next of the resources that are ready. */
  readonly random: Random;
  /** How many custom resources are asked for at the same time. Default: 1. */
  readonly atOnce?: number;
  /** After each request. */
  readonly afterEach?: (request: CustomResourceRequest) => Promise<void>;
}

export interface Outcome {
  /** Why it was rolled back: the resource and what its function said. */
  readonly failure?: string;
  /** What could not be taken back or removed. */
  readonly stuck: readonly string[];
}

interface Deployed {
  readonly resource: Resource;
  readonly properties: unknown;
  readonly physicalId: string;
  readonly data: { readonly [name: string]: unknown };
}

interface StackState {
  template: Template;
  readonly resources: Map<string, Deployed>;
}

/**
 * What CloudFormation does with stacks, on this machine: resources in any order that dependencies and references allow; a failed
 * creation is deleted, a failed update is taken back with the properties that were, and then what is gone from the template is deleted.
 * AWS' own resources are names only.
 */
export class CloudFormation {
  /** Requests so far, for the message of a test that fails. */
  public readonly log: string[] = [];
  private readonly stacks = new Map<string, StackState>();
  private readonly exports = new Map<string, unknown>();

  public constructor(private readonly options: CloudFormationOptions) {}

  /** Creates or updates; `touch` sends every custom resource an update, as a change of the provider would. */
  public async deploy({ name, template }: StackTemplate, { touch = false } = {}): Promise<Outcome> {
    const before = this.stacks.get(name);
    const old = new Map(before?.resources);
    const state: StackState = before ?? { template, resources: new Map() };
    this.stacks.set(name, state);
    state.template = template;
    const wanted = this.wanted(name, template);
    const touched: string[] = [];
    const failure = await this.walk(wanted, waitsForIn(template), async (id) => {
      const resource = template.Resources[id];
      const properties = resolve(resource.Properties ?? {}, this.lookup(name, template));
      const deployed = old.get(id);
      if (deployed && !(touch && isCustom(resource)) && isDeepStrictEqual(deployed.properties, properties)) {
        state.resources.set(id, { ...deployed, resource });
        return undefined;
      }
      touched.push(id);
      return this.write(state, id, resource, properties, deployed);
    });
    if (failure === undefined) {
      const stuck = await this.remove(state, [...state.resources.keys()].filter((id) => !wanted.includes(id)));
      for (const { Value, Export } of Object.values(template.Outputs ?? {})) {
        if (Export) this.exports.set(String(resolve(Export.Name, this.lookup(name, template))), resolve(Value, this.lookup(name, template)));
      }
      return { stuck };
    }
    return { failure, stuck: before ? await this.takeBack(state, old, touched) : await this.delete(name) };
  }

  /** What could not be removed. */
  public async delete(name: string): Promise<string[]> {
    const state = this.stacks.get(name)!;
    const stuck = await this.remove(state, [...state.resources.keys()]);
    if (stuck.length === 0) this.stacks.delete(name);
    return stuck;
  }

  /** Updated resources get the properties that they had, in the old template's order; then new ones go. */
  private async takeBack(state: StackState, old: ReadonlyMap<string, Deployed>, touched: readonly string[]): Promise<string[]> {
    const failed: string[] = [];
    const oldTemplate: Template = { Resources: Object.fromEntries([...old].map(([id, { resource }]) => [id, resource])) };
    await this.walk(touched.filter((id) => old.has(id)), waitsForIn(oldTemplate), async (id) => {
      const { resource, properties } = old.get(id)!;
      const failure = await this.write(state, id, resource, properties, state.resources.get(id));
      if (failure !== undefined) failed.push(failure);
      return undefined;
    });
    const stuck = await this.remove(state, touched.filter((id) => !old.has(id)));
    for (const [id, deployed] of old) state.resources.set(id, deployed);
    return [...failed, ...stuck];
  }

  private async remove(state: StackState, ids: readonly string[]): Promise<string[]> {
    const going = new Set(ids);
    const template: Template = { Resources: Object.fromEntries([...state.resources].map(([id, { resource }]) => [id, resource])) };
    const waitsFor = waitsForIn(template);
    const neededBy = (id: string) => [...going].filter((other) => waitsFor(other).includes(id));
    const stuck: string[] = [];
    await this.walk(ids, neededBy, async (id) => {
      const { resource, properties, physicalId } = state.resources.get(id)!;
      if (isCustom(resource) && resource.DeletionPolicy !== 'Retain') {
        const { Status, Reason } = await this.send({
          RequestType: 'Delete', ResourceType: resource.Type, LogicalResourceId: id, PhysicalResourceId: physicalId, ResourceProperties: asText(properties),
        });
        if (Status === 'FAILED') stuck.push(`${id}: ${Reason}`);
      }
      state.resources.delete(id);
      return undefined;
    });
    return stuck;
  }

  private async write(state: StackState, id: string, resource: Resource, properties: unknown, before: Deployed | undefined): Promise<string | undefined> {
    if (!isCustom(resource)) {
      state.resources.set(id, { resource, properties, physicalId: before?.physicalId ?? id.toLowerCase(), data: {} });
      return undefined;
    }
    const { Status, Reason, PhysicalResourceId, Data = {} } = await this.send({
      RequestType: before ? 'Update' : 'Create', ResourceType: resource.Type, LogicalResourceId: id, ResourceProperties: asText(properties),
      ...before && { PhysicalResourceId: before.physicalId, OldResourceProperties: asText(before.properties) },
    });
    if (before && PhysicalResourceId !== before.physicalId) throw new Error(`${id} would be replaced: ${before.physicalId}, then ${PhysicalResourceId}`);
    state.resources.set(id, { resource, properties, physicalId: PhysicalResourceId, data: Data });
    return Status === 'FAILED' ? `${id}: ${Reason}` : undefined;
  }

  private async send(request: CustomResourceRequest): Promise<CustomResourceAnswer> {
    this.log.push(`${request.RequestType} ${request.LogicalResourceId}`);
    const answer = await this.options.provider.send(request);
    if (answer.Status === 'FAILED') this.log.push(`  failed: ${answer.Reason}`);
    await this.options.afterEach?.(request);
    return answer;
  }

  /** Acts on each once nothing of these is left that it waits for. Stops at the first failure, when what runs has ended. */
  private async walk(ids: readonly string[], waitsFor: (id: string) => readonly string[], act: (id: string) => Promise<string | undefined>): Promise<string | undefined> {
    const { random, atOnce = 1 } = this.options;
    const left = new Set(ids);
    const running = new Map<string, Promise<void>>();
    let failure: string | undefined;
    while (left.size + running.size > 0) {
      const ready = failure !== undefined || running.size >= atOnce ? [] : [...left].filter((id) => !waitsFor(id).some((other) => left.has(other) || running.has(other)));
      if (ready.length > 0) {
        const id = random.pick(ready);
        left.delete(id);
        running.set(id, act(id).then((reason) => { failure ??= reason; }).finally(() => running.delete(id)));
      } else if (running.size > 0) {
        await Promise.race(running.values());
      } else if (failure !== undefined) {
        break;
      } else {
        throw new Error(`a circle: ${[...left].join(', ')}`);
      }
    }
    return failure;
  }

  private wanted(name: string, template: Template): string[] {
    return Object.entries(template.Resources)
      .filter(([, { Condition }]) => Condition === undefined || holds({ Condition }, this.lookup(name, template))).map(([id]) => id);
  }

  private lookup(stack: string, template: Template): Lookup {
    const deployed = (id: string) => this.stacks.get(stack)!.resources.get(id);
    return {
      ref: (name) => pseudo(stack, name) ?? template.Parameters?.[name]?.Default ?? deployed(name)?.physicalId,
      attribute: (id, name) => attributeOf(deployed(id), name),
      imported: (name) => this.exports.get(name),
      conditions: template.Conditions ?? {},
    };
  }
}

function isCustom({ Type }: Resource): boolean {
  return Type.startsWith('Custom::') || Type === 'AWS::CloudFormation::CustomResource';
}

function waitsForIn({ Resources }: Template): (id: string) => readonly string[] {
  return (id) => [...[Resources[id].DependsOn ?? []].flat(), ...references(Resources[id].Properties)];
}

/** Values of AWS: a property of the same name, or a text that says what it stands for. */
function attributeOf(deployed: Deployed | undefined, name: string): unknown {
  if (!deployed) return undefined;
  if (isCustom(deployed.resource)) return deployed.data[name];
  const own = (deployed.properties as { [name: string]: unknown })[name];
  if (typeof own === 'string') return own;
  return name.endsWith('Arn') ? `arn:aws:service:${REGION}:${ACCOUNT}:${deployed.physicalId}` : `${deployed.physicalId}-${name.toLowerCase()}`;
}

function pseudo(stack: string, name: string): unknown {
  return ({
    'AWS::AccountId': ACCOUNT, 'AWS::Partition': 'aws', 'AWS::Region': REGION, 'AWS::URLSuffix': 'amazonaws.com', 'AWS::StackName': stack,
    'AWS::StackId': `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/${stack}/1`, 'AWS::NotificationARNs': [],
  } as { [name: string]: unknown })[name];
}

/** Custom resources get every number and every truth value as text. */
function asText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asText);
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asText(item)]));
  return String(value);
}
