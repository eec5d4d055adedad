package repo

import (
	"fmt"
	"strings"
	"unicode"
)

// OCIScheme begins references to charts in registries.
const OCIScheme = "oci://"

// IsOCI says whether a reference is to a chart in a registry.
func IsOCI(ref string) bool { return strings.HasPrefix(ref, OCIScheme) }

// OCIRef is a reference to a chart in a registry, taken apart.
type OCIRef struct {
	// Repository is "host:5000/path/name".
	Repository string
	// Tag and Digest ("sha256:…") are empty where the reference has none.
	Tag    string
	Digest string
}

// ParseOCI takes a reference apart: "oci://host/path[:tag][@sha256:…]", with
// the scheme or without.
func ParseOCI(ref string) (OCIRef, error) {
	rest := strings.TrimPrefix(ref, OCIScheme)
	if authority, _, _ := strings.Cut(rest, "/"); strings.Contains(authority, "@") && !strings.Contains(authority, "@sha256:") {
		host := authority[strings.LastIndexByte(authority, '@')+1:]
		return OCIRef{}, fmt.Errorf("invalid reference to the registry %q: a user or a password cannot stand in it, log in to the registry instead", host)
	}
	var r OCIRef
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		rest, r.Digest = rest[:at], rest[at+1:]
		if _, err := hexOf(r.Digest); err != nil || !strings.HasPrefix(r.Digest, "sha256:") {
			return OCIRef{}, fmt.Errorf("invalid reference %q: after the @ comes a digest, sha256:…", ref)
		}
	}
	if colon := strings.LastIndexByte(rest, ':'); colon > strings.LastIndexByte(rest, '/') {
		rest, r.Tag = rest[:colon], rest[colon+1:]
	}
	host, path, ok := strings.Cut(rest, "/")
	if !ok || host == "" || strings.Trim(path, "/") == "" || strings.ContainsFunc(rest, notInReference) {
		return OCIRef{}, fmt.Errorf("invalid reference %q: it must be oci://host/path, with :tag or @digest where wanted", ref)
	}
	r.Repository = rest
	return r, nil
}

// notInReference says of what is no part of a host or a path in a reference.
func notInReference(r rune) bool {
	return strings.ContainsRune("@?#\\ ", r) || !unicode.IsPrint(r)
}

// Name is the last part of the repository: the name of the chart.
func (r OCIRef) Name() string {
	return r.Repository[strings.LastIndexByte(r.Repository, '/')+1:]
}

// String is the reference without the scheme.
func (r OCIRef) String() string {
	out := r.Repository
	if r.Tag != "" {
		out += ":" + r.Tag
	}
	if r.Digest != "" {
		out += "@" + r.Digest
	}
	return out
}
