/**
 * A crawler on the tsyncio event loop: frontier, robots.txt, pace, extraction, resume.
 *
 * @packageDocumentation
 */
export {};
