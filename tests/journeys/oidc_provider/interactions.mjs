// GET shows the page of the prompt that is waiting, POST takes the user's answer to it. Linking and
// unlinking happen here, when the page is submitted, and not when the code is redeemed.

import { errors } from './packages.mjs';
import { CONNECTIONS, Refusal } from './accounts.mjs';
import { errorPage, linkPage, loginPage, unlinkPage } from './pages.mjs';
import { LINK, UNLINK } from './policy.mjs';
import { readBody } from './requests.mjs';

function denied(description) {
  return { error: 'access_denied', error_description: description };
}

const PROMPTS = {
  login: {
    show: (ctx, world) => loginPage(ctx, world.accounts.all()),
    confirm: (world, details, form) => {
      const account = world.accounts.byUsername(form.get('account'));
      if (!account) throw new Refusal('there is no such user');
      return { login: { accountId: account.subject } };
    },
  },
  [LINK]: {
    show: (ctx, world, connection) => linkPage(ctx, CONNECTIONS[connection]),
    confirm: (world, details, form) => {
      const { connection } = details.prompt.details;
      world.accounts.link(details.session.accountId, connection, form.get('account'));
      return { [LINK]: { connection } };
    },
  },
  [UNLINK]: {
    show: (ctx, world, connection) => unlinkPage(ctx, CONNECTIONS[connection]),
    confirm: (world, details) => {
      const { connection } = details.prompt.details;
      world.accounts.unlink(details.session.accountId, connection);
      return { [UNLINK]: { connection } };
    },
  },
};

function answer(world, details, form) {
  if (form.get('answer') !== 'confirm') return denied('the user cancelled');
  try {
    return PROMPTS[details.prompt.name].confirm(world, details, form);
  } catch (error) {
    if (error instanceof Refusal) return denied(error.message);
    throw error;
  }
}

async function interact(ctx, world, uid) {
  const details = await world.provider.interactionDetails(ctx.req, ctx.res);
  if (details.uid !== uid) throw new errors.SessionNotFound('this page belongs to another request');
  if (ctx.method === 'GET') {
    PROMPTS[details.prompt.name].show(ctx, world, details.prompt.details.connection);
    return;
  }
  const form = new URLSearchParams(await readBody(ctx.req));
  const result = answer(world, details, form);
  ctx.redirect(await world.provider.interactionResult(ctx.req, ctx.res, result));
  ctx.status = 303;
}

export function interactions(world) {
  return async (ctx, next) => {
    const uid = /^\/interaction\/([\w-]+)$/.exec(ctx.path)?.[1];
    if (!uid || !['GET', 'POST'].includes(ctx.method)) return next();
    ctx.set('cache-control', 'no-store');
    try {
      return await interact(ctx, world, uid);
    } catch (error) {
      if (!(error instanceof errors.SessionNotFound)) throw error;
      ctx.status = 400;
      return errorPage(ctx, error.error, error.error_description);
    }
  };
}
