import { Diagnostic } from '../diagnostic';

export interface VolumeKey {
  readonly name: string;
  /** Whether its policy could be written. */
  readonly granted: boolean;
}

/** A key made elsewhere keeps its policy, and without the grant no node ever starts. */
export function checkVolumeKey(subject: string, { name, granted }: VolumeKey): Diagnostic[] {
  return granted ? [] : [{
    code: 'volumeKeyPolicyUnseen',
    severity: 'warning',
    subject,
    acknowledgeable: true,
    message: `the policy of the key ${name} is not written here, and without a grant to the role AWSServiceRoleForAutoScaling no node starts`,
    fix: 'grant it there (docs/nodes.md has the statements) and acknowledge it, or give a key that is made in this app',
  }];
}
