import type { AnswerFailure, Verdict } from "./batch-preset.ts";

/** What an API as OpenAI's means by its errors. */
export function judgeOpenAi({ status, body }: AnswerFailure): Verdict | null {
  if (status === 401 || status === 403) return "stop";
  if (status !== 429 || body === null) return null;
  // One status for three things: too fast, too large for the limit at all, and no money left.
  if (body.includes("insufficient_quota") || body.includes("billing_hard_limit_reached")) return "stop";
  return /request too large/i.test(body) ? "failed" : "limited";
}
