// Signing keys: RS256 is what clients get unless they registered for ES256.

import { generateKeyPairSync, randomUUID } from 'node:crypto';

function jwk(alg, type, options) {
  const { privateKey } = generateKeyPairSync(type, options);
  return { ...privateKey.export({ format: 'jwk' }), kid: `${alg}-${randomUUID()}`, alg, use: 'sig' };
}

export function generateKeys() {
  return [
    jwk('RS256', 'rsa', { modulusLength: 2048 }),
    jwk('ES256', 'ec', { namedCurve: 'P-256' }),
  ];
}
