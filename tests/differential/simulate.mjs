// Answers every request of a JSON-lines file with the reference implementation: one "true" or "false" a line.
// Usage: node simulate.mjs <node_modules> <requests.jsonl>
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const [modules, file] = process.argv.slice(2)
const require = createRequire(`${modules}/differential.cjs`)
const { runSimulation } = await import(pathToFileURL(require.resolve('@cloud-copilot/iam-simulate')).href)

const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }

for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
  const { policy, requests } = JSON.parse(line)
  const answers = []
  for (const { principal, action, resource, context } of requests) {
    const simulation = {
      request: { principal, action, resource: { resource, accountId: '999988887777' }, contextVariables: context },
      identityPolicies: [{ name: 'everything', policy: everything }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: policy,
    }
    const result = await runSimulation(simulation, {})
    answers.push(result.resultType === 'error' ? JSON.stringify(result.errors) : result.overallResult)
  }
  console.log(JSON.stringify(answers))
}
