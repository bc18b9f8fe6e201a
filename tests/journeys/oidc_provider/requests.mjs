// What clients send: kept word for word for the tests to look at, before the provider drops what it
// does not know; and the one thing in which a tenant of Auth0 is more lenient than the provider.

const ENDPOINTS = {
  '/.well-known/openid-configuration': 'discovery',
  '/auth': 'authorize',
  '/jwks': 'jwks',
  '/me': 'userinfo',
  '/request': 'par',
  '/session/end': 'end_session',
  '/token': 'token',
  '/token/revocation': 'revocation',
};
const LIMIT_BYTES = 64 * 1024;

export async function readBody(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > LIMIT_BYTES) throw Object.assign(new Error('body too large'), { status: 413, expose: true });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

// RFC 6749 2.3.1, RFC 7523 2.2
function authentication(ctx, parameters) {
  const scheme = ctx.get('authorization').split(' ')[0].toLowerCase();
  if (scheme === 'basic') return 'client_secret_basic';
  if (scheme) return scheme;
  if (parameters.has('client_assertion')) return 'private_key_jwt';
  if (parameters.has('client_secret')) return 'client_secret_post';
  return 'none';
}

function errorOf(ctx) {
  if (typeof ctx.body?.error === 'string') return ctx.body.error;
  const location = ctx.response.get('location');
  return location ? new URL(location, 'http://any').searchParams.get('error') : null;
}

export function recordRequests(world) {
  return async (ctx, next) => {
    const endpoint = ENDPOINTS[ctx.path];
    if (!endpoint || ctx.method === 'OPTIONS') return next();
    let text = ctx.querystring;
    if (ctx.method === 'POST') {
      text = await readBody(ctx.req);
      // The stream is used up now; oidc-provider takes the text from here.
      ctx.req.body = text;
    }
    const parameters = new URLSearchParams(text);
    const event = {
      endpoint,
      method: ctx.method,
      parameters: [...parameters],
      authentication: authentication(ctx, parameters),
      status: null,
      error: null,
    };
    // Noted before it is answered, so that the order is the one in which requests came.
    world.events.push(event);
    await next();
    return Object.assign(event, { status: ctx.status, error: errorOf(ctx) });
  };
}

// oidc-provider drops offline_access unless `prompt` contains consent (OIDC Core 11); Auth0 does
// not ask for that.
function withConsent(parameters) {
  const scopes = parameters.getAll('scope');
  const prompts = parameters.getAll('prompt');
  const isUnclear = scopes.length !== 1 || prompts.length > 1 || prompts[0] === 'none';
  if (isUnclear || !scopes[0].split(' ').includes('offline_access')) return parameters;
  const prompt = new Set([...(prompts[0]?.split(' ') ?? []).filter(Boolean), 'consent']);
  parameters.set('prompt', [...prompt].join(' '));
  return parameters;
}

export async function grantOfflineAccess(ctx, next) {
  if (ctx.path === '/auth' && ctx.method === 'GET') {
    ctx.querystring = withConsent(new URLSearchParams(ctx.querystring)).toString();
  } else if (ctx.path === '/request' && ctx.method === 'POST') {
    ctx.req.body = withConsent(new URLSearchParams(ctx.req.body)).toString();
  }
  return next();
}
