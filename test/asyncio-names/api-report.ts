interface Declaration {
  readonly exported: boolean;
  readonly extends: string | undefined;
  readonly members: ReadonlySet<string>;
}

/** The declarations of API reports by name. */
export type PublicNames = ReadonlyMap<string, Declaration>;

const DECLARATION =
  /^(export )?(?:abstract )?(?:class|interface|function|const|type) (\w+)(?:<.*?>)?(?: extends (\w+))?/;
const MEMBER = /^ {4}(?:(?:static|readonly|abstract|protected|get|set) )*(\w+)[?(<:]/;
const RENAMED = /^export \{ (\w+) as (\w+) \}/;

/** Reads what API reports (etc/*.api.md) declare. */
export function publicNames(reports: readonly string[]): PublicNames {
  const found = new Map<string, Declaration>();
  const renamed: (readonly [string, string])[] = [];
  for (const report of reports) {
    let members: Set<string> | null = null;
    for (const line of report.split("\n")) {
      const declared = DECLARATION.exec(line);
      if (declared !== null) {
        members = new Set();
        found.set(declared[2], { exported: declared[1] !== undefined, extends: declared[3], members });
      }
      const member = MEMBER.exec(line);
      if (member !== null) members?.add(member[1]);
      const other = RENAMED.exec(line);
      if (other !== null) renamed.push([other[1], other[2]]);
    }
  }
  for (const [own, exported] of renamed) {
    const declaration = found.get(own);
    if (declaration !== undefined) found.set(exported, { ...declaration, exported: true });
  }
  return found;
}

/** Whether `name` is exported, or for `Class.member` whether the class is and has or inherits the member. */
export function memberOf(names: PublicNames, name: string): boolean {
  const [owner, member] = name.split(".");
  let declaration = names.get(owner);
  if (declaration?.exported !== true) return false;
  if (member === undefined) return true;
  for (; declaration !== undefined; declaration = declaration.extends ? names.get(declaration.extends) : undefined)
    if (declaration.members.has(member)) return true;
  return false;
}
