// Test controls under /test/: what a test sees of the provider from behind, and what it may change.
// They are for the test's process alone; the provider listens on loopback only.

import { SignJWT, errors } from './packages.mjs';
import { readBody } from './requests.mjs';

class BadControl extends Error {}

// Metadata is judged now and not at the client's first request, where it would be a riddle.
async function registerClient(world, metadata) {
  const clients = world.store.adapter('Client');
  const known = await clients.find(metadata.client_id);
  const merged = { ...known ?? { client_secret: world.newSecret() }, ...metadata };
  try {
    const { clientId, clientSecret } = new world.provider.Client(merged);
    await clients.upsert(clientId, merged);
    return { client_id: clientId, client_secret: clientSecret };
  } catch (error) {
    if (error instanceof errors.InvalidClientMetadata) throw new BadControl(error.error_description);
    throw error;
  }
}

async function signIdToken(world, { claims, algorithm = 'RS256' }) {
  const key = world.keys.find(({ alg }) => alg === algorithm);
  if (!key) throw new BadControl(`there is no key for ${algorithm}`);
  const protectedHeader = { alg: algorithm, kid: key.kid };
  return { id_token: await new SignJWT(claims).setProtectedHeader(protectedHeader).sign(key) };
}

function sessions(world) {
  return world.store.payloads('Session').filter(({ accountId }) => accountId).map((session) => ({
    subject: session.accountId,
    uid: session.uid,
    session_ids: Object.fromEntries(
      Object.entries(session.authorizations ?? {}).map(([clientId, { sid }]) => [clientId, sid]),
    ),
  }));
}

async function notify(world, client, subject, sid) {
  try {
    await client.backchannelLogout(subject, sid);
    return { client_id: client.clientId, session_id: sid, error: null };
  } catch (error) {
    return { client_id: client.clientId, session_id: sid, error: String(error.message) };
  }
}

// What an administrator's "end all sessions of this user" does (Back-Channel Logout 1.0, 2.5).
async function endSessions(world, { subject }) {
  const told = [];
  for (const session of sessions(world).filter((item) => item.subject === subject)) {
    for (const [clientId, sid] of Object.entries(session.session_ids)) {
      const client = await world.provider.Client.find(clientId);
      if (client?.backchannelLogoutUri) told.push(await notify(world, client, subject, sid));
    }
    const stored = await world.provider.Session.findByUid(session.uid);
    await stored.destroy();
  }
  return told;
}

function changeSettings(world, changes) {
  for (const [name, value] of Object.entries(changes)) {
    const current = world.settings[name];
    if (typeof value !== typeof current) throw new BadControl(`${name} is no such setting, or of another type`);
    if (typeof value === 'number' && !(Number.isSafeInteger(value) && value > 0)) {
      throw new BadControl(`${name} must be a positive whole number`);
    }
  }
  Object.assign(world.settings, changes);
  return world.settings;
}

const CONTROLS = {
  'GET accounts': (world) => world.accounts.all(),
  'GET events': (world) => world.events,
  'GET sessions': sessions,
  'POST clients': registerClient,
  'POST end-sessions': endSessions,
  'POST id-token': signIdToken,
  'POST reset': (world) => world.reset(),
  'POST rotate-keys': (world, { retire_old: retireOld }) => world.rotateKeys(retireOld),
  'POST settings': changeSettings,
};

export function controls(world) {
  return async (ctx, next) => {
    if (!ctx.path.startsWith('/test/')) return next();
    const control = CONTROLS[`${ctx.method} ${ctx.path.slice('/test/'.length)}`];
    if (!control) return next();
    try {
      const body = ctx.method === 'POST' ? await readBody(ctx.req) : '';
      ctx.body = await control(world, JSON.parse(body || '{}')) ?? {};
    } catch (error) {
      if (!(error instanceof BadControl)) throw error;
      ctx.status = 400;
      ctx.body = { error: error.message };
    }
    return undefined;
  };
}
