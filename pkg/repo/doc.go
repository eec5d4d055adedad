// Package repo finds and fetches charts: references, HTTP repositories and
// their indexes, the list of configured repositories, the cache of fetched
// charts. Registries (OCI) come in through the interface Registry, which
// package repo/oci implements, so that who uses HTTP only does not link them.
package repo
