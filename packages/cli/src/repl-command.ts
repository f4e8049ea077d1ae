export async function replCommand(_: object): Promise<void> {}
