// Package policy says by whom charts have to be signed, depending on where they
// come from, and holds fetched charts to it.
package policy

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
	"github.com/seed-0d4f92cc/pack/pkg/provenance/openpgp"
	"github.com/seed-0d4f92cc/pack/pkg/repo/cosign"
)

// maxRules bounds a policy.
const maxRules = 10_000

// Policy is a list of rules.
type Policy struct {
	rules []*Rule
}

// Rule is about the charts of some registries or repositories.
type Rule struct {
	// Match is a place and all that lies below it: "registry.example.com/team",
	// "https://charts.example.com". A "*" stands for any text without a slash,
	// alone for every place.
	Match string
	// Cosign are keys, of which one must have signed the manifest of a chart in
	// a registry.
	Cosign []*cosign.PublicKey
	// OpenPGP holds keys, of which one must have signed the provenance file; nil
	// if none is needed.
	OpenPGP []*openpgp.Keyring
	// Unsigned lets charts pass without a signature.
	Unsigned bool
	// Deny lets none pass.
	Deny bool

	scheme, pattern string
}

// file is a policy as it is written.
type file struct {
	Rules []fileRule `json:"rules"`
}

type fileRule struct {
	Match    string   `json:"match"`
	Cosign   []string `json:"cosign,omitempty"`
	OpenPGP  []string `json:"openpgp,omitempty"`
	Unsigned bool     `json:"unsigned,omitempty"`
	Deny     bool     `json:"deny,omitempty"`
}

// Parse reads a policy in YAML:
//
//	rules:
//	- match: registry.example.com/team
//	  cosign: [team.pub]
//	- match: https://charts.example.com
//	  openpgp: [ops.gpg]
//	- match: "*"
//	  unsigned: true
//
// read reads the files with keys that it names.
func Parse(data []byte, read func(name string) ([]byte, error)) (*Policy, error) {
	var f file
	if err := yamlio.UnmarshalStrict(data, &f); err != nil {
		return nil, err
	}
	if len(f.Rules) > maxRules {
		return nil, fmt.Errorf("the policy has %d rules, at most %d are read", len(f.Rules), maxRules)
	}
	p := &Policy{}
	for i, r := range f.Rules {
		rule, err := r.rule(read)
		if err != nil {
			return nil, fmt.Errorf("rule %d (%s): %w", i+1, r.Match, err)
		}
		p.rules = append(p.rules, rule)
	}
	return p, nil
}

func (f *fileRule) rule(read func(name string) ([]byte, error)) (*Rule, error) {
	r := &Rule{Match: f.Match, Unsigned: f.Unsigned, Deny: f.Deny}
	if err := r.place(); err != nil {
		return nil, err
	}
	for _, name := range f.Cosign {
		data, err := read(name)
		if err != nil {
			return nil, err
		}
		key, err := cosign.ParsePublicKey(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		r.Cosign = append(r.Cosign, key)
	}
	for _, name := range f.OpenPGP {
		data, err := read(name)
		if err != nil {
			return nil, err
		}
		ring, err := openpgp.ReadKeyring(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		r.OpenPGP = append(r.OpenPGP, ring)
	}
	return r, r.check()
}

// place takes Match apart.
func (r *Rule) place() error {
	scheme, rest, ok := strings.Cut(r.Match, "://")
	if !ok {
		scheme, rest = "", r.Match
	}
	if rest = strings.Trim(rest, "/"); rest == "" {
		return errors.New("it does not say what it matches")
	}
	if _, err := path.Match(rest, ""); err != nil {
		return fmt.Errorf("the pattern is malformed: %w", err)
	}
	r.scheme, r.pattern = scheme, rest
	return nil
}

// check refuses rules that say nothing, or two things.
func (r *Rule) check() error {
	signed := len(r.Cosign) > 0 || len(r.OpenPGP) > 0
	count := 0
	for _, b := range []bool{signed, r.Unsigned, r.Deny} {
		if b {
			count++
		}
	}
	if count != 1 {
		return errors.New(`it must have keys ("cosign", "openpgp"), or else "unsigned: true" or "deny: true"`)
	}
	return nil
}

// For returns the rule for a chart at a URL: of those that match the one with the
// longest pattern, of these the first. nil means that none matches.
func (p *Policy) For(url string) *Rule {
	var found *Rule
	for _, r := range p.rules {
		if r.matches(url) && (found == nil || len(r.pattern) > len(found.pattern)) {
			found = r
		}
	}
	return found
}

// matches says whether a URL lies in the place of a rule, or below it.
func (r *Rule) matches(url string) bool {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok || r.scheme != "" && r.scheme != scheme {
		return false
	}
	if r.pattern == "*" {
		return true
	}
	// Credentials in a URL are no part of the place.
	host, below, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		host = host[at+1:]
	}
	parts := append([]string{strings.ToLower(host)}, strings.Split(strings.Trim(below, "/"), "/")...)
	pattern := strings.Split(r.pattern, "/")
	if len(pattern) > len(parts) {
		return false
	}
	for i, want := range pattern {
		if i == 0 {
			want = strings.ToLower(want)
		}
		if ok, err := path.Match(want, parts[i]); err != nil || !ok {
			return false
		}
	}
	return true
}
