// Everything that a test may change, in one place, so that a reset forgets nothing.

import { randomBytes } from 'node:crypto';

import { Accounts } from './accounts.mjs';
import { createProvider } from './configuration.mjs';
import { generateKeys } from './keys.mjs';
import { Store } from './store.mjs';

const SETTINGS = Object.freeze({
  access_token_lifetime_seconds: 3600,
  authorization_code_lifetime_seconds: 60,
  id_token_lifetime_seconds: 3600,
  refresh_token_lifetime_seconds: 86400,
  rotate_refresh_tokens: true,
});

export class World {
  accounts = new Accounts();

  // Kept when signing keys change, so that browsers stay signed in.
  cookieKey = randomBytes(32).toString('base64url');

  events = [];

  settings = { ...SETTINGS };

  store = new Store();

  #firstKeys = generateKeys();

  constructor(issuer) {
    this.issuer = issuer;
    this.client = {
      client_id: 'userlink tests',
      client_secret: this.newSecret(),
      redirect_uris: ['http://localhost:3000/auth/callback'],
      post_logout_redirect_uris: ['http://localhost:3000/'],
    };
    this.reset();
  }

  // Its end reads otherwise when it is not form-encoded before Basic (RFC 6749 2.3.1).
  newSecret() {
    return `${randomBytes(24).toString('base64url')}+%3A:/`;
  }

  reset() {
    this.accounts.reset();
    this.events.length = 0;
    Object.assign(this.settings, SETTINGS);
    this.store.clear();
    this.store.adapter('Client').upsert(this.client.client_id, this.client);
    if (this.keys !== this.#firstKeys) this.#useKeys(this.#firstKeys);
  }

  // New keys sign from now on; the old ones are still published unless they are retired.
  rotateKeys(retireOld = false) {
    this.#useKeys([...generateKeys(), ...(retireOld ? [] : this.keys)]);
  }

  // oidc-provider reads its keys once, so another set is another provider over the same store.
  #useKeys(keys) {
    this.keys = keys;
    this.provider = createProvider(this);
    this.handle = this.provider.callback();
  }
}
