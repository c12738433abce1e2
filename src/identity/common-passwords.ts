// Words that the passwords tried first are made of. Lower case.

const WORDS = `
  password passwort passwd passphrase contrasena motdepasse parola senha pass
  administrator administrador administrateur admin root superuser sysadmin user username login logon account guest
  welcome willkommen bienvenue hello hallo bonjour letmein openup opensesame sesame access enter
  changeme changeit changethis default temporary temp test testing tester secret geheim topsecret private
  qwertyuiop qwerty qwertz azerty asdfghjkl asdfgh asdf zxcvbnm zxcvbn
  iloveyou loveyou iloveu love lovely forever princess sunshine angel sweetheart babygirl honey
  monkey dragon tiger panther eagle falcon phoenix butterfly dolphin unicorn kitten puppy
  football baseball basketball soccer hockey liverpool chelsea arsenal barcelona juventus realmadrid yankees lakers
  superman batman spiderman ironman pokemon pikachu starwars skywalker matrix naruto minecraft fortnite gandalf
  master shadow hunter ranger killer ninja warrior legend hero
  michael jennifer jessica daniel ashley nicole thomas andrew joshua jordan charlie george maggie
  summer winter spring autumn january february march april june july august september october november december
  monday tuesday wednesday thursday friday saturday sunday
  cheese chocolate cookie coffee banana orange pepper ginger
  computer internet server database network google facebook microsoft apple samsung windows linux cloudflare
  gateway causeway contextforge mcpgateway company business office
  freedom whatever nothing something trustno trustnoone fuckyou
  abc xyz one two three the my your our is i a
`;

export const COMMON: readonly string[] = WORDS.trim().split(/\s+/);
