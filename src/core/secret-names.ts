/** What secrets are called, in a variable of which nothing else is known; an author is none. */
export const SECRETIVE = /pass|secret|token|credential|auth(?![a-z])/i;
