import { PolicyIndex } from './label-index';
import { CompiledRule } from './rule';
import { Direction } from './verdict';
import { Selector } from '../policy';

/** Policies as the evaluator walks them. */
export interface CompiledPolicy {
  readonly key: string;
  readonly selector: Selector;
  readonly namespace?: string;
  readonly rules: Readonly<Record<Direction, readonly CompiledRule[] | undefined>>;
}

export interface CompiledTier {
  readonly name: string;
  readonly defaultAction: 'Deny' | 'Pass';
  readonly policies: readonly CompiledPolicy[];
  readonly index: PolicyIndex<CompiledPolicy>;
}

/** A policy that binds an endpoint, or may. */
export interface Binding {
  readonly policy: CompiledPolicy;
  readonly certain: boolean;
}

export interface BoundTier {
  readonly tier: CompiledTier;
  readonly bindings: readonly Binding[];
}
