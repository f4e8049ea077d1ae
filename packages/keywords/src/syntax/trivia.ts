/** The first offset at or after `offset` that is neither white space nor comment. */
export function skipTrivia(code: string, offset: number): number {
  const trivia = /(?:\s|\/\/[^\n\r\u2028\u2029]*|\/\*[^]*?\*\/)*/y;
  trivia.lastIndex = offset;
  trivia.exec(code);
  return trivia.lastIndex;
}

/** Where `token` begins, which stands at or after `offset` behind nothing but other tokens' trivia. */
export function expectToken(code: string, offset: number, token: string): number {
  const at = skipTrivia(code, offset);
  if (!code.startsWith(token, at)) {
    throw new Error(
      `Cannot compile: expected ${JSON.stringify(token)} at offset ${at}, found ${JSON.stringify(code.slice(at, at + 10))}`,
    );
  }
  return at;
}

/** Where the modifier `word` begins, among the words between `offset` and `end`; -1 when it is not there. */
export function findModifier(code: string, offset: number, end: number, word: string): number {
  const name = /[\p{ID_Continue}$]+/uy;
  for (let at = skipTrivia(code, offset); at < end;) {
    name.lastIndex = at;
    const found = name.exec(code)?.[0];
    if (found === word) return at;
    at = skipTrivia(code, at + (found?.length ?? 1));
  }
  return -1;
}
