/** Calico's selector language. `!=`, `not in` and `!has()` are negations: they hold for whoever lacks the label. */
export type Selector =
  | { readonly op: 'all' | 'global' }
  | SelectorLeaf
  | { readonly op: 'not'; readonly of: Selector }
  | { readonly op: 'and' | 'or'; readonly of: readonly Selector[] };

/** A question about one label, false for whoever lacks it. */
export type SelectorLeaf =
  | { readonly op: 'has'; readonly key: string }
  | { readonly op: '==' | 'contains' | 'starts with' | 'ends with'; readonly key: string; readonly value: string }
  | { readonly op: 'in'; readonly key: string; readonly values: readonly string[] };

export type ParsedSelector = { readonly selector: Selector; readonly error?: undefined } | { readonly selector?: undefined; readonly error: string };

export const ALL: Selector = { op: 'all' };

/** Longer label names are refused by Calico's tokenizer. */
const LONGEST_LABEL = 512;
/** Calico has no limit; nobody writes this deep, and a stack overflow is no answer. */
const DEEPEST_NESTING = 100;

const IDENTIFIER = /[a-zA-Z0-9_./-]+/y;
const SYMBOL = /\(|\)|\{|\}|,|==|!=|!|&&|\|\|/y;
const LITERAL = /'([^']*)'|"([^"]*)"/y;
const CALL = /(has|all|global)\([ \t]*/y;
/** Only after a label; Calico reads `notin` and `startswith` too. */
const OPERATOR = /(contains)(?![a-zA-Z0-9_./-])|(starts)[ \t]*with[ \t]*(?![a-zA-Z0-9_./-])|(ends)[ \t]*with[ \t]*(?![a-zA-Z0-9_./-])|(not)[ \t]*in[ \t]*(?![a-zA-Z0-9_./-])|(in)(?![a-zA-Z0-9_./-])/y;

interface Token {
  readonly kind: 'symbol' | 'label' | 'literal' | 'operator' | 'has' | 'all' | 'global' | 'end';
  readonly text: string;
}

class SelectorError extends Error {}

/** Blank text selects everything, as for Calico. */
export function parseSelector(text: string): ParsedSelector {
  try {
    const tokens = tokenize(text);
    if (tokens[0].kind === 'end') return { selector: ALL };
    const parser = new Parser(tokens);
    return { selector: parser.whole() };
  } catch (error) {
    if (error instanceof SelectorError) return { error: error.message };
    throw error;
  }
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) at += match[0].length;
    return match;
  };
  const skipBlanks = () => {
    while (text[at] === ' ' || text[at] === '\t') at++;
  };
  const label = (): string => {
    const name = take(IDENTIFIER)?.[0];
    if (name === undefined) throw new SelectorError(at < text.length ? `'${text.slice(at, at + 20)}' is no label name` : 'it ends where a label name belongs');
    if (name.length > LONGEST_LABEL) throw new SelectorError(`a label name has ${name.length} characters, more than ${LONGEST_LABEL}`);
    return name;
  };
  for (skipBlanks(); at < text.length; skipBlanks()) {
    const symbol = take(SYMBOL);
    if (symbol) {
      tokens.push({ kind: 'symbol', text: symbol[0] });
      continue;
    }
    const literal = take(LITERAL);
    if (literal) {
      tokens.push({ kind: 'literal', text: literal[1] ?? literal[2] });
      continue;
    }
    if (tokens[tokens.length - 1]?.kind === 'label') {
      const operator = take(OPERATOR);
      if (!operator) throw new SelectorError(`an operator belongs after label '${tokens[tokens.length - 1].text}'`);
      const word = operator.slice(1).find((part) => part !== undefined)!;
      tokens.push({ kind: 'operator', text: { contains: 'contains', starts: 'starts with', ends: 'ends with', not: 'not in', in: 'in' }[word]! });
      continue;
    }
    const call = take(CALL);
    if (!call) {
      tokens.push({ kind: 'label', text: label() });
      continue;
    }
    const name = call[1] as 'has' | 'all' | 'global';
    const argument = name === 'has' ? label() : '';
    skipBlanks();
    if (text[at++] !== ')') throw new SelectorError(`${name}( is not closed`);
    tokens.push({ kind: name, text: argument });
  }
  tokens.push({ kind: 'end', text: '' });
  return tokens;
}

class Parser {
  private at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  whole(): Selector {
    const selector = this.either(0);
    if (this.tokens[this.at].kind !== 'end') throw new SelectorError(`${describe(this.tokens[this.at])} is too much`);
    return selector;
  }

  /** `||` binds least. */
  private either(depth: number): Selector {
    if (depth > DEEPEST_NESTING) throw new SelectorError(`parentheses are nested deeper than ${DEEPEST_NESTING}`);
    return this.chain('||', 'or', () => this.chain('&&', 'and', () => this.operation(depth)));
  }

  private chain(symbol: string, op: 'and' | 'or', part: () => Selector): Selector {
    const parts = [part()];
    while (this.accept(symbol)) parts.push(part());
    return parts.length === 1 ? parts[0] : { op, of: parts };
  }

  private operation(depth: number): Selector {
    let negated = false;
    while (this.accept('!')) negated = !negated;
    const term = this.term(depth);
    return negated ? { op: 'not', of: term } : term;
  }

  private term(depth: number): Selector {
    const token = this.tokens[this.at++];
    switch (token.kind) {
      case 'has': return { op: 'has', key: token.text };
      case 'all': return ALL;
      case 'global': return { op: 'global' };
      case 'label': return this.comparison(token.text);
      case 'symbol':
        if (token.text === '(') {
          const inner = this.either(depth + 1);
          this.expect(')');
          return inner;
        }
    }
    throw new SelectorError(token.kind === 'end' ? 'it ends where a condition belongs' : `${describe(token)} stands where a condition belongs`);
  }

  private comparison(key: string): Selector {
    const operator = this.tokens[this.at++];
    switch (operator.text) {
      case '==': return { op: '==', key, value: this.literal() };
      case '!=': return { op: 'not', of: { op: '==', key, value: this.literal() } };
      case 'contains': case 'starts with': case 'ends with':
        if (operator.kind === 'operator') return { op: operator.text, key, value: this.literal() };
        break;
      case 'in': return { op: 'in', key, values: this.set() };
      case 'not in': return { op: 'not', of: { op: 'in', key, values: this.set() } };
    }
    throw new SelectorError(`an operator belongs after label '${key}'`);
  }

  private set(): string[] {
    this.expect('{');
    const values = new Set<string>();
    while (this.tokens[this.at].kind === 'literal') {
      values.add(this.literal());
      if (!this.accept(',')) break;
    }
    this.expect('}');
    return [...values];
  }

  private literal(): string {
    const token = this.tokens[this.at++];
    if (token.kind !== 'literal') throw new SelectorError(`a quoted value belongs where ${describe(token)} stands`);
    return token.text;
  }

  private accept(symbol: string): boolean {
    const token = this.tokens[this.at];
    if (token.kind !== 'symbol' || token.text !== symbol) return false;
    this.at++;
    return true;
  }

  private expect(symbol: string): void {
    if (!this.accept(symbol)) throw new SelectorError(`'${symbol}' belongs where ${describe(this.tokens[this.at])} stands`);
  }
}

function describe({ kind, text }: Token): string {
  return kind === 'end' ? 'the end' : kind === 'has' ? `'has(${text})'` : kind === 'all' || kind === 'global' ? `'${kind}()'` : `'${text}'`;
}

/** Whether labels satisfy it; `label` answers undefined for a label that is absent. */
export function selects(selector: Selector, label: (key: string) => string | undefined): boolean {
  switch (selector.op) {
    case 'all': case 'global': return true;
    case 'not': return !selects(selector.of, label);
    case 'and': return selector.of.every((part) => selects(part, label));
    case 'or': return selector.of.some((part) => selects(part, label));
    default: return leafHolds(selector, label(selector.key));
  }
}

/** Whether a leaf holds for a label value; undefined: the label is absent. */
export function leafHolds(leaf: SelectorLeaf, value: string | undefined): boolean {
  if (value === undefined) return false;
  switch (leaf.op) {
    case 'has': return true;
    case '==': return value === leaf.value;
    case 'contains': return value.includes(leaf.value);
    case 'starts with': return value.startsWith(leaf.value);
    case 'ends with': return value.endsWith(leaf.value);
    case 'in': return leaf.values.includes(value);
  }
}

/** `app == 'web' && (has(a) || !(b in {'1'}))` */
export function writeSelector(selector: Selector): string {
  switch (selector.op) {
    case 'all': case 'global': return `${selector.op}()`;
    case 'has': return `has(${selector.key})`;
    case 'in': return `${selector.key} in {${selector.values.map(quote).join(', ')}}`;
    case 'not': return `!${selector.of.op === 'has' ? writeSelector(selector.of) : `(${writeSelector(selector.of)})`}`;
    case 'and': case 'or': return `(${selector.of.map(writeSelector).join(selector.op === 'and' ? ' && ' : ' || ')})`;
    default: return `${selector.key} ${selector.op} ${quote(selector.value)}`;
  }
}

const quote = (value: string): string => (value.includes("'") ? `"${value}"` : `'${value}'`);
