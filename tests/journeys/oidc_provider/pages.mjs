// The pages a user sees, as plain HTML. Each form has the name of its prompt.

const STYLE = `
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 26rem; margin: 4rem auto; padding: 0 1rem }
  label { display: block; padding: .5rem 0 }
  button { font: inherit; padding: .5rem 1rem; margin: 1rem .5rem 0 0 }
`;

export function escape(text) {
  return String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

export function page(ctx, title, content) {
  ctx.type = 'html';
  ctx.set('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
  ctx.body = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escape(title)}</title><style>${STYLE}</style></head>
<body><h1>${escape(title)}</h1>${content}</body>
</html>`;
}

export function errorPage(ctx, error, description = '') {
  page(ctx, error, `<p>${escape(description)}</p>`);
}

function choice(value, label, index) {
  const checked = index === 0 ? ' checked' : '';
  return `<label><input type="radio" name="account" value="${escape(value)}"${checked}> ${escape(label)}</label>`;
}

function form(name, fields, confirm) {
  return `<form name="${name}" method="post">${fields}
<button name="answer" value="confirm">${escape(confirm)}</button>
<button name="answer" value="cancel">Cancel</button></form>`;
}

export function loginPage(ctx, accounts) {
  const fields = accounts.map(({ username, profile }, index) => choice(username, profile.name, index));
  page(ctx, 'Sign in', form('login', fields.join(''), 'Sign in'));
}

export function linkPage(ctx, connection) {
  const fields = connection.accounts.map((userId, index) => choice(userId, userId, index));
  page(ctx, `Connect ${connection.title}`, form('link_account', fields.join(''), 'Connect'));
}

export function unlinkPage(ctx, connection) {
  const question = `<p>Disconnect ${escape(connection.title)} from your account?</p>`;
  page(ctx, `Disconnect ${connection.title}`, form('unlink_account', question, 'Disconnect'));
}

// `form` comes from oidc-provider, with the secret that guards it.
export function logoutPage(ctx, logoutForm) {
  page(ctx, 'Sign out', `${logoutForm}
<button form="op.logoutForm" name="logout" value="yes">Sign out</button>
<button form="op.logoutForm">Stay signed in</button>`);
}
