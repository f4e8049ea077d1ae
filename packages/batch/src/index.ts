/**
 * Sends very many requests to an API as fast as its limits allow, and loses none.
 *
 * @packageDocumentation
 */
export {};
