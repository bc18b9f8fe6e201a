// What the provider remembers, in memory. Unlike the adapter that comes with oidc-provider it can
// be listed (sessions, to log a user out), changed while running (clients) and reset at once.

const RECORDS_OF_A_GRANT = ['AccessToken', 'AuthorizationCode', 'RefreshToken'];

export class Store {
  #models = new Map();

  model(name) {
    if (!this.#models.has(name)) this.#models.set(name, new Map());
    return this.#models.get(name);
  }

  payloads(name) {
    return [...this.model(name).values()].map(({ payload }) => payload);
  }

  clear() {
    // The maps stay: adapters hold on to them.
    for (const records of this.#models.values()) records.clear();
  }

  // The interface that oidc-provider documents for adapters. Expiry is judged by the provider too,
  // from `exp` in the payload; the copy keeps a caller's later changes out of the store.
  adapter(name) {
    const records = this.model(name);
    const find = async (id) => {
      const record = records.get(id);
      if (record && record.expiresAt <= Date.now()) records.delete(id);
      return structuredClone(records.get(id)?.payload);
    };
    const findBy = async (key, value) => {
      const hit = [...records].find(([, { payload }]) => payload[key] === value);
      return hit && find(hit[0]);
    };
    return {
      find,
      findByUid: (uid) => findBy('uid', uid),
      findByUserCode: (userCode) => findBy('userCode', userCode),
      upsert: async (id, payload, lifetimeSeconds) => {
        const expiresAt = lifetimeSeconds ? Date.now() + lifetimeSeconds * 1000 : Infinity;
        records.set(id, { payload: structuredClone(payload), expiresAt });
      },
      consume: async (id) => {
        records.get(id).payload.consumed = Math.floor(Date.now() / 1000);
      },
      destroy: async (id) => {
        records.delete(id);
      },
      revokeByGrantId: async (grantId) => this.#revokeByGrantId(grantId),
    };
  }

  #revokeByGrantId(grantId) {
    for (const name of RECORDS_OF_A_GRANT) {
      for (const [id, { payload }] of this.model(name)) {
        if (payload.grantId === grantId) this.model(name).delete(id);
      }
    }
  }
}
