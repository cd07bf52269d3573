/** Sets of numbers, addresses and connections: immutable, each in one canonical form. */
export * from './interval-set';
export * from './port-set';
export * from './grid';
export * from './connection-set';
export * from './cidr-set';
export * from './special-ranges';
export * from './named-sources';
