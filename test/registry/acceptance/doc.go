// Package acceptance tests pack's library against the registry of this module, in one
// process: over TLS, with logins of either sort. The tests of the packages themselves have
// registries in processes of their own, and what no real one does.
package acceptance
