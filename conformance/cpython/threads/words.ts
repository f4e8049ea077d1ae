import { ContextVar } from "tsyncio";

// Runs on a thread, which has a variable of its own: the name is what it has in common with that of the test.
const words = new ContextVar<string>("words of a test");

export function speak(): string {
  return words.get();
}

export function learn(word: string): string {
  words.set(word);
  return words.get();
}
