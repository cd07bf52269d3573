/** Policies as data: the model, reading and writing it, selectors, and what is suspicious in a set. */
export * from './policy';
export * from './parse';
export * from './emit';
export * from './selector';
export * from './selector-scope';
export * from './lint';
