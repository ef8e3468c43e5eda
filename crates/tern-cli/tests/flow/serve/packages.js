// A User made of the DCC's public packages alone, as they come from npm: it keeps its certificates in dccboxed-keystore, builds requests by
// duis-parser, signs and validates by duis-sign-wrap, and speaks HTTPS by Node.js. What is written here is what each maker of such a User writes:
// where its certificates lie, and a line to the gateway.
'use strict'

const { X509Certificate, createPrivateKey } = require('node:crypto')
const fs = require('node:fs')
const http = require('node:http')
const https = require('node:https')
const path = require('node:path')
const readline = require('node:readline')

const task = JSON.parse(fs.readFileSync(process.argv[2], 'utf-8'))
const packaged = (name) => path.join(task.modules, '@smartdcc', name)
const { constructDuis, parseDuis } = require(packaged('duis-parser'))
const { signDuis, validateDuis } = require(packaged('duis-sign-wrap'))
const { BoxedKeyStore, KeyUsage } = require(packaged('dccboxed-keystore'))

const file = (...parts) => path.join(task.pki, ...parts)
const read = (...parts) => fs.readFileSync(file(...parts))
const tls = {
  cert: read('parties', task.user, 'tls.pem'),
  key: read('parties', task.user, 'tls.key'),
  ca: [read('trust', 'root.pem'), read('trust', 'issuing-ca.pem')],
}

function check(holds, words) {
  if (!holds) throw new Error(words)
}

/* Certificates come into the store as they lie in the folder; out of it they are laid where the signing tool looks for its own. */
async function keys() {
  const store = await BoxedKeyStore.new('127.0.0.1', path.join(task.out, 'keystore.json'))
  const names = { [task.user]: 'xml-sign-90B3D51F30010000-ds', dsp: 'dsp-xml-sign-90B3D51F30000002-ds', s1sp: 'Z1-supplier2-ds' }
  const dir = path.join(task.out, 'keys')
  fs.mkdirSync(dir)
  for (const [party, name] of Object.entries(names)) {
    const certificate = new X509Certificate(read('trust', 'certificates', `${party}.pem`))
    const own = party === task.user && { private: createPrivateKey(read('parties', party, 'signing.key')) }
    const { eui } = await store.push({ certificate, name: party, ...own })
    const query = { eui, keyUsage: KeyUsage.digitalSignature }
    const [held] = await store.query({ ...query, lookup: 'certificate' })
    fs.writeFileSync(path.join(dir, `${name}.pem`), held.certificate.toString())
    if (own) {
      const [secret] = await store.query({ ...query, lookup: 'privateKey' })
      fs.writeFileSync(path.join(dir, `${name}.key`), secret.privateKey.export({ format: 'der', type: 'pkcs8' }))
    }
  }
  return [dir, path.join(packaged('duis-sign-wrap'), 'dist', 'tool.jar')].join(path.delimiter)
}

/* Where replies are posted. */
function letterbox() {
  const waiting = []
  const arrived = []
  const server = https.createServer({ ...tls, requestCert: true, rejectUnauthorized: true }, (request, response) => {
    let text = ''
    request.setEncoding('utf-8')
    request.on('data', (part) => (text += part))
    request.on('end', () => {
      const heard = waiting.shift()
      if (heard) heard(text)
      else arrived.push(text)
      response.writeHead(204).end()
    })
  })
  const next = () => (arrived.length ? Promise.resolve(arrived.shift()) : new Promise((heard) => waiting.push(heard)))
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done({ server, next })))
}

function post(by, gateway, service, text) {
  const [host, port] = gateway.split(':')
  const options = { ...(by === https && tls), host, port, servername: 'dsp', method: 'POST', path: `/api/v1/${service}` }
  return new Promise((done, failed) => {
    const request = by.request({ ...options, headers: { 'Content-Type': 'application/xml' } }, (response) => {
      let answer = ''
      response.setEncoding('utf-8')
      response.on('data', (part) => (answer += part))
      response.on('end', () =>
        response.statusCode === 200 ? done(answer) : failed(new Error(`${response.statusCode}: ${answer}`)),
      )
    })
    request.on('error', failed)
    request.end(text)
  })
}

function emitted(name, text) {
  fs.writeFileSync(path.join(task.out, `${name}.xml`), text)
}

/* A message with one signature: by its schema and by its signature, and then as an object. */
async function believed(text, jarFile) {
  return parseDuis('simplified', await validateDuis({ xml: text, jarFile }))
}

async function main() {
  const jarFile = await keys()
  const { server, next } = await letterbox()
  console.log(String(server.address().port))
  const said = await new Promise((done) => readline.createInterface({ input: process.stdin }).once('line', done))
  const [gateway, plain] = said.trim().split(' ')
  const told = {}
  let last
  let counter = Date.now()
  for (const { srv, target, body, version } of task.requests) {
    const isDcc = target === task.dcc
    const simple = {
      header: {
        type: 'request',
        requestId: { originatorId: task.eui, targetId: target, counter: counter++ },
        commandVariant: isDcc ? 8 : 1,
        serviceReference: srv.split('.').slice(0, 2).join('.'),
        serviceReferenceVariant: srv,
      },
      body,
    }
    const unsigned = constructDuis('simplified', simple, version)
    const signed = await signDuis({ xml: unsigned, preserveCounter: true, jarFile })
    /* Both ways lead to the same door, whichever comes first: the same bytes get the same answer. */
    const service = isDcc ? 'serviceD' : 'serviceS'
    const ways = [() => post(https, gateway, service, signed), () => post(http, plain, service, signed)]
    if (counter % 2) ways.reverse()
    const answer = await ways[0]()
    check((await ways[1]()) === answer, `${srv}: another answer by plain HTTP than by TLS`)
    emitted(`${srv}-acknowledgement`, answer)
    const acknowledged = await believed(answer, jarFile)
    check(acknowledged.header.requestId.counter === BigInt(simple.header.requestId.counter), `${srv}: another's answer`)
    told[srv] = { code: acknowledged.header.responseCode, body: acknowledged.body }
    if (isDcc) continue
    check(acknowledged.header.responseCode === 'I99', `${srv}: ${acknowledged.header.responseCode}`)
    const posted = await next()
    emitted(`${srv}-reply`, posted)
    const reply = await believed(posted, jarFile)
    check(reply.header.responseId.counter === acknowledged.header.requestId.counter, `${srv}: a reply to another request`)
    /* Of two signatures the tool checks neither: the one inside it checks where it stands alone. */
    const inside = posted.match(/<sr:SMETS1SignedResponse .*<\/sr:SMETS1SignedResponse>/s)[0]
    await validateDuis({ xml: inside, jarFile })
    last = inside
    told[srv].reply = { code: reply.header.responseCode, body: reply.body }
  }
  const altered = last.replace(/(<ra:OriginatorCounter>)[0-9]+/, '$17')
  const passes = await validateDuis({ xml: altered, jarFile }).then(() => true, () => false)
  check(altered !== last && !passes, 'an altered answer passes')
  server.close()
  server.closeAllConnections()
  fs.writeFileSync(path.join(task.out, 'told.json'), JSON.stringify(told))
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error)
    process.exit(1)
  },
)
