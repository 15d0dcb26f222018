// CommonJS, since a cluster's worker drops messages that come before its module has been evaluated:
// poolifier's first one would come while an ES module is still loading, and the pool never be ready.
const { ClusterWorker }: typeof import('poolifier') = require('poolifier')
const { tasks }: typeof import('../tasks.ts') = require('../tasks.js')

// poolifier finds the worker by its constructor having been called.
exports.worker = new ClusterWorker(tasks)
