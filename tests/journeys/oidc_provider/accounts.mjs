// The tenant's users, and the accounts that exist at the connections. A subject looks like one of
// Auth0's: the connection's provider, a bar, and the user's id there.

const DATABASE = 'Username-Password-Authentication';

export const CONNECTIONS = {
  [DATABASE]: { provider: 'auth0', title: 'Database', isSocial: false, accounts: [] },
  github: { provider: 'github', title: 'GitHub', isSocial: true, accounts: ['octocat', 'hubot'] },
  'google-oauth2': {
    provider: 'google-oauth2', title: 'Google', isSocial: true, accounts: ['ada', 'grace'],
  },
  email: { provider: 'email', title: 'E-mail', isSocial: false, accounts: ['second', 'third'] },
};

const USERS = {
  alice: { name: 'Alice Adams', email: 'alice@example.com', email_verified: true },
  bob: { name: 'Bob Brown', email: 'bob@example.com', email_verified: false },
};

export class Refusal extends Error {}

export class Accounts {
  #accounts;

  constructor() {
    this.reset();
  }

  reset() {
    this.#accounts = new Map(Object.entries(USERS).map(([username, profile]) => {
      const subject = `auth0|${username}`;
      return [subject, { subject, username, profile, identities: [identity(DATABASE, username)] }];
    }));
  }

  all() {
    return [...this.#accounts.values()];
  }

  bySubject(subject) {
    return this.#accounts.get(subject);
  }

  byUsername(username) {
    return this.all().find((account) => account.username === username);
  }

  hasConnection(subject, connection) {
    return this.bySubject(subject).identities.some((item) => item.connection === connection);
  }

  link(subject, connection, userId) {
    if (!CONNECTIONS[connection]?.accounts.includes(userId)) {
      throw new Refusal('there is no such account at this connection');
    }
    const owner = this.all().find(({ identities }) => identities.some(
      (item) => item.connection === connection && item.user_id === userId,
    ));
    if (owner && owner.subject !== subject) {
      throw new Refusal('this identity belongs to another user');
    }
    if (!owner) this.bySubject(subject).identities.push(identity(connection, userId));
  }

  // The first identity gives the account its subject, so it stays; with it, the last one does.
  unlink(subject, connection) {
    const account = this.bySubject(subject);
    if (account.identities[0].connection === connection) {
      const which = account.identities.length === 1 ? 'last' : 'primary';
      throw new Refusal(`the ${which} identity cannot be unlinked`);
    }
    account.identities = account.identities.filter((item) => item.connection !== connection);
  }
}

function identity(connection, userId) {
  const { provider, isSocial } = CONNECTIONS[connection];
  return { provider, user_id: userId, connection, isSocial };
}

// What the provider puts into ID tokens and answers at its userinfo endpoint (OIDC Core 5.1, and
// `identities` as a tenant would add it in an Action).
export function claimsOf(account) {
  return {
    sub: account.subject,
    nickname: account.username,
    ...account.profile,
    identities: structuredClone(account.identities),
  };
}
