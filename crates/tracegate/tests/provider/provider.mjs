// A certified OpenID Connect provider for the tests, with people who are made up as they sign in: whoever types
// `caseworker.ann` is Ann, a caseworker. Prints its address once it listens, and ends with its standard input.
import http from 'node:http';
import process from 'node:process';
import { Provider } from 'oidc-provider';

const account = (id) => {
  const [role, name] = id.split('.');
  return {
    accountId: id,
    claims: () => ({ sub: id, name, realm: { roles: [role] }, organization: 'controller' }),
  };
};

const server = http.createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'tracegate',
        client_secret: "the client's secret",
        redirect_uris: ['https://gate.example/sign-in/return'],
      },
    ],
    claims: { openid: ['sub', 'auth_time'], profile: ['name', 'realm', 'organization'] },
    conformIdTokenClaims: false,
    cookies: { keys: ['made up'] },
    findAccount: (_, id) => account(id),
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 600, IdToken: 300, Interaction: 600, Session: 600 },
  });
  server.on('request', provider.callback());
  console.log(issuer);
});
process.stdin.on('end', () => process.exit(0)).resume();
