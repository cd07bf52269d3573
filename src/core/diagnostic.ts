/** What a check found, as data. Whoever reports it adds the construct path and the code's prefix. */
export interface Diagnostic {
  /** Stable, documented, camelCase: `endpointOpenToWorld`. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** Whose fault it is, in the words of who wrote it: `endpointAccess`, `Service shop/web`. */
  readonly subject: string;
  /** The value it got and the rule that it breaks. */
  readonly message: string;
  /** What to write instead. */
  readonly fix: string;
  /** Whether a user may accept it by `acknowledge(code, { subject, reason })`. */
  readonly acknowledgeable?: boolean;
}

/** Prefix of every code where users see it. */
export const CODE_PREFIX = 'cdk-secure-eks:';

/** One line: subject, value and rule, fix, code. */
export function formatDiagnostic({ code, subject, message, fix }: Diagnostic): string {
  return `${subject}: ${message}; ${fix} [${CODE_PREFIX}${code}]`;
}
