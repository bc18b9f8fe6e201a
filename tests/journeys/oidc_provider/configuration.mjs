// oidc-provider, as strict as it can be, with what an Auth0-like tenant adds.

import { Provider } from './packages.mjs';
import { claimsOf } from './accounts.mjs';
import { interactions } from './interactions.mjs';
import { errorPage, logoutPage, page } from './pages.mjs';
import { LINK, UNLINK, createPolicy, validateRequestedConnection } from './policy.mjs';
import { grantOfflineAccess, recordRequests } from './requests.mjs';
import { controls } from './controls.mjs';

const SCOPES = ['openid', 'offline_access', LINK, UNLINK];
const PROFILE = ['name', 'nickname'];
const EMAIL = ['email', 'email_verified'];
const RESOURCE_SCOPES = [...SCOPES, 'profile', 'email', 'read:orders', 'write:orders'];
// An audience of Auth0's may be any text, a resource (RFC 8707) must be an absolute URI.
const AUDIENCE = 'urn:audience:';

// Scopes are granted without asking: each request adds its own to the grant of the session.
async function loadExistingGrant(ctx) {
  const { provider, session, client, account, params, resourceServers } = ctx.oidc;
  const known = await provider.Grant.find(session.grantIdFor(client.clientId));
  const grant = known?.accountId === account.accountId
    ? known
    : new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
  if (params.scope) grant.addOIDCScope(params.scope);
  for (const resource of Object.keys(resourceServers)) {
    if (params.scope) grant.addResourceScope(resource, params.scope);
  }
  await grant.save();
  return grant;
}

function audiences(settings) {
  return {
    enabled: true,
    defaultResource: (ctx, client, oneOf) => {
      if (oneOf) return oneOf[0];
      const { audience } = ctx.oidc.params;
      return audience && `${AUDIENCE}${encodeURIComponent(audience)}`;
    },
    getResourceServerInfo: (ctx, resource) => ({
      audience: resource.startsWith(AUDIENCE)
        ? decodeURIComponent(resource.slice(AUDIENCE.length))
        : resource,
      scope: RESOURCE_SCOPES.join(' '),
      accessTokenFormat: 'jwt',
      accessTokenTTL: settings.access_token_lifetime_seconds,
      jwt: { sign: { alg: 'RS256' } },
    }),
    useGrantedResource: () => true,
  };
}

function features(settings) {
  return {
    backchannelLogout: { enabled: true },
    devInteractions: { enabled: false },
    pushedAuthorizationRequests: { enabled: true },
    resourceIndicators: audiences(settings),
    revocation: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: logoutPage,
      postLogoutSuccessSource: (ctx) => page(ctx, 'Signed out', '<p>You are signed out.</p>'),
    },
  };
}

function lifetimes(settings) {
  return {
    AccessToken: (ctx, token) => token.resourceServer?.accessTokenTTL
      ?? settings.access_token_lifetime_seconds,
    AuthorizationCode: () => settings.authorization_code_lifetime_seconds,
    Grant: 86400,
    IdToken: () => settings.id_token_lifetime_seconds,
    Interaction: 3600,
    RefreshToken: () => settings.refresh_token_lifetime_seconds,
    Session: 86400,
  };
}

export function configure({ accounts, cookieKey, keys, settings, store }) {
  return {
    adapter: (model) => store.adapter(model),
    allowOmittingSingleRegisteredRedirectUri: false,
    claims: { openid: ['sub', 'identities'], profile: PROFILE, email: EMAIL },
    clientBasedCORS: () => false,
    clientDefaults: { grant_types: ['authorization_code', 'refresh_token'] },
    conformIdTokenClaims: false,
    cookies: {
      keys: [cookieKey],
      // Cookies know no port: these must not meet those of an application on the same host.
      names: { session: 'op_session', interaction: 'op_interaction', resume: 'op_resume' },
    },
    extraParams: {
      audience: null,
      requested_connection: validateRequestedConnection,
      requested_connection_scope: null,
    },
    features: features(settings),
    // The dispatcher that is dropped here refuses loopback, which is all there is in a test.
    fetch: (url, { dispatcher, ...options }) => fetch(url, options),
    findAccount: (ctx, subject) => {
      const account = accounts.bySubject(subject);
      return account && { accountId: subject, claims: () => claimsOf(account) };
    },
    interactions: { policy: createPolicy(accounts), url: (ctx, { uid }) => `/interaction/${uid}` },
    jwks: { keys: structuredClone(keys) },
    loadExistingGrant,
    pkce: { required: () => true },
    renderError: (ctx, { error, error_description: description }) => errorPage(ctx, error, description),
    responseTypes: ['code'],
    rotateRefreshToken: () => settings.rotate_refresh_tokens,
    scopes: SCOPES,
    ttl: lifetimes(settings),
  };
}

export function createProvider(world) {
  const provider = new Provider(world.issuer, configure(world));
  // Otherwise only clients that are told of logouts are told their session's id.
  provider.Client.prototype.includeSid = () => true;
  provider.on('server_error', (ctx, error) => console.error(error));
  provider.use(controls(world));
  provider.use(interactions(world));
  provider.use(recordRequests(world));
  provider.use(grantOfflineAccess);
  return provider;
}
