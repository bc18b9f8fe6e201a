// What stands between an authorization request and its code: who must log in, which link or unlink
// must be confirmed, and when `id_token_hint` is refused.

import { decodeJwt, errors, interactionPolicy } from './packages.mjs';
import { CONNECTIONS } from './accounts.mjs';

const { Check, Prompt, base } = interactionPolicy;

export const LINK = 'link_account';
export const UNLINK = 'unlink_account';

function asks(ctx, scope) {
  return (ctx.oidc.params.scope ?? '').split(' ').includes(scope);
}

// A validator of oidc-provider's extraParams: it runs for /auth and for pushed requests, after the
// signature, issuer and audience of the hint were verified and before there is a session.
export async function validateRequestedConnection(ctx, connection) {
  const isLink = asks(ctx, LINK);
  const isUnlink = asks(ctx, UNLINK);
  if (!isLink && !isUnlink) return;
  if (isLink && isUnlink) {
    throw new errors.InvalidRequest(`${LINK} and ${UNLINK} must not be asked for together`);
  }
  if (connection === undefined || !Object.hasOwn(CONNECTIONS, connection)) {
    throw new errors.InvalidRequest('requested_connection must name a connection of this tenant');
  }
  const hint = ctx.oidc.entities.IdTokenHint;
  if (hint === undefined) throw new errors.LoginRequired('id_token_hint is required');
  // oidc-provider leaves the expiry of a hint unchecked; there is no tolerance here.
  if (hint.payload.exp <= Date.now() / 1000) {
    throw new errors.LoginRequired('id_token_hint has expired');
  }
}

// On the way back from a page the hint is not verified again, so it is read from the parameters,
// which were verified when they came.
function hintedSubject(ctx) {
  const hint = ctx.oidc.params.id_token_hint;
  return hint === undefined ? undefined : decodeJwt(hint).sub;
}

function checkHint(ctx) {
  const subject = hintedSubject(ctx);
  const { accountId } = ctx.oidc.session;
  if (subject === undefined || accountId === undefined || subject === accountId) {
    return Check.NO_NEED_TO_PROMPT;
  }
  if (asks(ctx, LINK) || asks(ctx, UNLINK)) {
    throw new errors.LoginRequired('id_token_hint is not about the user who is signed in');
  }
  // For a plain login, another account may still be chosen (OIDC Core 3.1.2.1).
  return Check.REQUEST_PROMPT;
}

function prompt(scope, isDone) {
  const details = (ctx) => ({ connection: ctx.oidc.params.requested_connection });
  const check = (ctx) => asks(ctx, scope) && ctx.oidc.result?.[scope] === undefined && !isDone(ctx);
  return new Prompt(
    { name: scope },
    details,
    new Check(`${scope}_unconfirmed`, 'the user has to confirm this', check),
  );
}

export function createPolicy(accounts) {
  const isLinked = (ctx) => accounts.hasConnection(
    ctx.oidc.session.accountId,
    ctx.oidc.params.requested_connection,
  );
  const policy = base();
  const login = policy.get('login').checks;
  login.remove('id_token_hint');
  login.add(new Check('id_token_hint', 'id_token_hint names another user', checkHint));
  policy.add(prompt(LINK, isLinked), 1);
  policy.add(prompt(UNLINK, (ctx) => !isLinked(ctx)), 2);
  // The tenant's own applications are not asked for consent; `prompt=consent` stays acceptable.
  policy.get('consent').checks.clear();
  return policy;
}
