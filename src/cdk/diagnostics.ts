import { Annotations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { CODE_PREFIX, Diagnostic, formatDiagnostic } from '../core/diagnostic';

/** A diagnostic that the user accepts by name. */
export interface Acknowledgement {
  readonly code: string;
  readonly subject: string;
  readonly reason: string;
}

/** A diagnostic that an acknowledgement silenced: listed in the report. */
export interface Acknowledged extends Acknowledgement {
  readonly message: string;
}

/** Collects what every part finds, so that one synthesis reports all of it. */
export class DiagnosticLog {
  private readonly found: Diagnostic[] = [];
  private readonly acknowledgements: Acknowledgement[] = [];
  private muted = false;

  public add(...diagnostics: readonly Diagnostic[]): void {
    for (const diagnostic of diagnostics) {
      const known = this.found.some((other) => formatDiagnostic(other) === formatDiagnostic(diagnostic));
      if (!known) this.found.push(diagnostic);
    }
  }

  /** This log with what was found in the end, which the next synthesis finds anew. */
  public plus(...diagnostics: readonly Diagnostic[]): DiagnosticLog {
    const all = new DiagnosticLog();
    all.add(...this.found, ...diagnostics);
    all.acknowledgements.push(...this.acknowledgements);
    all.muted = this.muted;
    return all;
  }

  /** Says nothing from now on: what it was told is made up. */
  public mute(): void {
    this.muted = true;
  }

  public acknowledge(acknowledgement: Acknowledgement): void {
    this.acknowledgements.push({ ...acknowledgement, code: withoutPrefix(acknowledgement.code) });
  }

  /** Messages of what nobody accepted, in the order in which it was found. */
  public errors(): string[] {
    if (this.muted) return [];
    return [...this.open().filter(({ severity }) => severity === 'error').map(formatDiagnostic), ...this.refused(), ...this.unreasoned()];
  }

  /** Writes the warnings where `cdk synth` shows them. */
  public annotateWarnings(construct: IConstruct): void {
    if (this.muted) return;
    const warn = (code: string, text: string) => Annotations.of(construct).addWarningV2(`${CODE_PREFIX}${code}`, text);
    for (const diagnostic of this.open()) {
      if (diagnostic.severity === 'warning') warn(diagnostic.code, formatDiagnostic(diagnostic));
    }
    for (const unused of this.acknowledgements.filter((one) => !this.found.some((diagnostic) => matches(one, diagnostic)))) {
      warn('acknowledgementUnused', `acknowledge('${unused.code}', { subject: '${unused.subject}' }) matches nothing; remove it`);
    }
  }

  /** Of which subjects one of these diagnostics was accepted. */
  public accepted(...codes: readonly string[]): string[] {
    return this.acknowledgements.filter((one) => codes.includes(one.code)).map(({ subject }) => subject).sort();
  }

  public acknowledged(): Acknowledged[] {
    return this.found.flatMap((diagnostic) => {
      const by = diagnostic.acknowledgeable ? this.acknowledgements.find((one) => matches(one, diagnostic)) : undefined;
      return by ? [{ ...by, message: diagnostic.message }] : [];
    });
  }

  public warnings(): Diagnostic[] {
    return this.open().filter(({ severity }) => severity === 'warning');
  }

  private open(): Diagnostic[] {
    return this.found.filter((diagnostic) => !diagnostic.acknowledgeable || !this.acknowledgements.some((one) => matches(one, diagnostic)));
  }

  /** Acknowledging what is never safe is an error of its own, not a silence. */
  private refused(): string[] {
    return this.acknowledgements
      .filter((one) => this.found.some((diagnostic) => matches(one, diagnostic) && !diagnostic.acknowledgeable))
      .map((one) => `acknowledge: '${one.code}' of ${one.subject} cannot be acknowledged; mend its cause [${CODE_PREFIX}notAcknowledgeable]`);
  }

  /** The report is to say why it is safe. */
  private unreasoned(): string[] {
    return this.acknowledgements
      .filter(({ reason }) => reason.trim() === '')
      .map((one) => `acknowledge: '${one.code}' of ${one.subject} has no reason, which the report is to give; say why it is safe here [${CODE_PREFIX}reasonMissing]`);
  }
}

function matches(acknowledgement: Acknowledgement, diagnostic: Diagnostic): boolean {
  return acknowledgement.code === diagnostic.code && acknowledgement.subject === diagnostic.subject;
}

function withoutPrefix(code: string): string {
  return code.startsWith(CODE_PREFIX) ? code.slice(CODE_PREFIX.length) : code;
}
