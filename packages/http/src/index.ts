/**
 * An HTTP client on the tsyncio event loop: limits, retries, streaming and server-sent events, cancelled on the wire.
 *
 * @packageDocumentation
 */
export {};
