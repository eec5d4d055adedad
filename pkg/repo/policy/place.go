package policy

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"
)

// place is what rules are about: where a chart lies.
type place struct {
	scheme string
	// parts are the host, without a port that is the usual one, and the parts of
	// the path, as a server understands them.
	parts []string
}

// placeOf takes a URL apart. Whatever names the same place gives the same parts:
// a rule must not be passed by by another spelling.
func placeOf(raw string) (place, bool) {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return place{}, false
	}
	p := place{scheme: strings.ToLower(scheme)}
	if end := strings.IndexAny(rest, "?#"); end >= 0 {
		rest = rest[:end]
	}
	host, below, _ := strings.Cut(rest, "/")
	// Credentials in a URL are no part of the place.
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		host = host[at+1:]
	}
	if p.scheme == "oci" {
		below = withoutTag(below)
	}
	p.parts = append([]string{hostOf(host)}, pathOf(below)...)
	return p, true
}

// hostOf is a host as all names of it are written here.
func hostOf(host string) string {
	host = strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(host), ":443"), ":80")
	host = strings.TrimSuffix(host, ".")
	switch host {
	case "index.docker.io", "registry-1.docker.io":
		return "docker.io"
	}
	return host
}

// withoutTag is the path of a reference to a registry without tag and digest.
func withoutTag(p string) string {
	p, _, _ = strings.Cut(p, "@")
	if colon := strings.LastIndexByte(p, ':'); colon > strings.LastIndexByte(p, '/') {
		p = p[:colon]
	}
	return p
}

// pathOf are the parts of a path once it is decoded and "." and ".." are gone.
func pathOf(p string) []string {
	if decoded, err := url.PathUnescape(p); err == nil {
		p = decoded
	}
	p = strings.Trim(path.Clean("/"+p), "/")
	if p == "" {
		return nil
	}
	return strings.Split(p, "/")
}

func (p place) String() string { return p.scheme + "://" + strings.Join(p.parts, "/") }

// parseMatch takes what a rule matches apart. Of "*" alone there are no parts.
func parseMatch(match string) (place, error) {
	scheme, rest, ok := strings.Cut(match, "://")
	if !ok {
		scheme, rest = "", match
	}
	p := place{scheme: strings.ToLower(scheme)}
	host, below, _ := strings.Cut(strings.TrimRight(rest, "/"), "/")
	switch {
	case host == "":
		return p, errors.New("it does not say what it matches")
	case rest == "*":
		return p, nil
	case strings.ContainsRune(host, '@'):
		return p, errors.New("what it matches must not have credentials")
	case p.scheme != "http" && p.scheme != "https" && withoutTag(below) != below:
		return p, fmt.Errorf("it matches repositories: leave out the tag or digest of %q", match)
	}
	p.parts = append([]string{hostOf(host)}, pathOf(below)...)
	return p, nil
}

// covers says whether a place is that of a rule, or lies below it.
func (p place) covers(at place) bool {
	if p.scheme != "" && p.scheme != at.scheme || len(p.parts) > len(at.parts) {
		return false
	}
	for i, pattern := range p.parts {
		if ok, err := path.Match(literal(pattern), at.parts[i]); err != nil || !ok {
			return false
		}
	}
	return true
}

// moreThan says whether a rule is more specific than another: it has more parts,
// or else more letters that are no "*", or else a scheme.
func (p place) moreThan(o place) bool {
	if a, b := len(p.parts), len(o.parts); a != b {
		return a > b
	}
	if a, b := p.letters(), o.letters(); a != b {
		return a > b
	}
	return p.scheme != "" && o.scheme == ""
}

func (p place) letters() int {
	n := 0
	for _, part := range p.parts {
		n += len(part) - strings.Count(part, "*")
	}
	return n
}

// literal is a pattern for path.Match in which only "*" is special: hosts can
// have brackets.
func literal(pattern string) string {
	var b strings.Builder
	for _, c := range []byte(pattern) {
		if c == '[' || c == '?' || c == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
	return b.String()
}
