// Package oci keeps charts in OCI registries, and in folders with the OCI image
// layout: logging in, pulling, pushing, copying.
//
// The artifacts are Helm's, byte by byte, so that either tool pulls what the
// other has pushed. Logins are read from, and written to, Helm's file, which is
// in Docker's format and may name credential helpers. Content is checked against
// its digest and its size; all that a registry sends is bounded; credentials go
// to the registry that they belong to, and to the token server that it names.
package oci
