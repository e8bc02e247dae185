const CALL = /(?<![\w.$])(?:it|test|describe)(?:\.\w+)*/g;
const STRING = /(["'`])((?:\\.|(?!\1)[^\\])*)\1/sy;
const COMMENT = /\/\/[^\n]*|\/\*.*?\*\//sy;
const SPACE = /\s*/y;
const TYPE_ARGUMENT = /<[^()]*?>(?=\s*\()/sy;

/** The titles that a test file gives to `it`, `test` and `describe`, tables (`it.each(…)(title)`) included. */
export function titlesOf(text: string): string[] {
  const titles: string[] = [];
  for (const { 0: call, index } of text.matchAll(CALL)) {
    let at = skip(TYPE_ARGUMENT, text, index + call.length);
    if (/\.(?:each|for|skipIf|runIf)$/.test(call)) at = pastParentheses(text, at);
    at = skip(SPACE, text, at);
    if (text[at] !== "(") continue;
    STRING.lastIndex = skip(SPACE, text, at + 1);
    const title = STRING.exec(text)?.[2];
    if (title !== undefined) titles.push(title);
  }
  return titles;
}

/** The position after the parenthesis that closes the one at `from`; `from` if none opens there. */
function pastParentheses(text: string, from: number): number {
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const past = Math.max(skip(STRING, text, at), skip(COMMENT, text, at));
    if (past > at) {
      at = past;
      continue;
    }
    if (text[at] === "(") depth += 1;
    if (text[at] === ")") depth -= 1;
    if (depth === 0) return text[at] === ")" ? at + 1 : from;
    at += 1;
  }
  return from;
}

function skip(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : from;
}
