/** A page in some encoding: its type, its bytes, and what its h1 says. */
export function charsetPage(name: string): { readonly type: string; readonly text: string; readonly bytes: Uint8Array };
