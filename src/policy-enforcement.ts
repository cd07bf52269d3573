/** Whether the policies of the platform have an effect, on a cluster or in a namespace. Policies of teams and charts are always enforced. */
export enum PolicyEnforcement {
  /** Everything that no rule allows is denied. */
  ENFORCED = 'enforced',

  /**
   * Nothing of the platform's has an effect: every policy is of Calico's Staged kinds, whose outcome flow logs show. Expectations
   * are checked as if it were enforced.
   * @see https://docs.tigera.io/calico/latest/network-policy/staged-network-policies
   */
  STAGED = 'staged',

  /**
   * Rules and exemptions are in force, denials are staged: the step between the two for a cluster whose rules live in several
   * stacks, which deploy one after the other. Of a whole cluster only.
   */
  ALLOWS_ENFORCED = 'allowsEnforced',
}
