// @simulacrum/auth0-simulator on a port of our choice. Its certificate is $HOME/.simulacrum/certs/localhost.pem and -key.pem.
const {createRequire} = require('module');
const {simulation} = createRequire(`${process.env.NODE_MODULES}/`)('@simulacrum/auth0-simulator');
const port = Number(process.env.PORT);
simulation({options: {port}}).listen(port, () => console.log('ready'));
