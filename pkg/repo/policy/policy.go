// Package policy says by whom charts have to be signed, depending on where they
// come from, and holds fetched charts to it.
package policy

import (
	"errors"
	"fmt"

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
	// "https://charts.example.com". Without a scheme it is about all of them. A
	// "*" stands for any text without a slash, alone for every place.
	Match string
	// Cosign are keys, of which one must have signed the manifest of a chart in
	// a registry; nil if none is needed.
	Cosign []*cosign.PublicKey
	// OpenPGP holds keys, of which one must have signed the provenance file; nil
	// if none is needed. With both, both signatures are.
	OpenPGP []*openpgp.Keyring
	// Unsigned lets charts pass without a signature.
	Unsigned bool
	// Deny lets none pass.
	Deny bool

	place place
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
	if f.Rules == nil {
		return nil, errors.New(`the policy has no rules; if it shall have none, say "rules: []"`)
	}
	if len(f.Rules) > maxRules {
		return nil, fmt.Errorf("the policy has %d rules, at most %d are read", len(f.Rules), maxRules)
	}
	p := &Policy{}
	seen := map[string]bool{}
	for i, r := range f.Rules {
		rule, err := r.rule(read)
		if err != nil {
			return nil, fmt.Errorf("rule %d (%s): %w", i+1, r.Match, err)
		}
		key := rule.place.String()
		if seen[key] {
			return nil, fmt.Errorf("rule %d (%s): there is another rule for the same place", i+1, r.Match)
		}
		seen[key] = true
		p.rules = append(p.rules, rule)
	}
	return p, nil
}

func (f *fileRule) rule(read func(name string) ([]byte, error)) (*Rule, error) {
	r := &Rule{Match: f.Match, Unsigned: f.Unsigned, Deny: f.Deny}
	var err error
	if r.place, err = parseMatch(r.Match); err != nil {
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
	if len(r.Cosign) > 0 && (r.place.scheme == "http" || r.place.scheme == "https") {
		return errors.New("keys of Cosign sign charts in registries only: others need \"openpgp\"")
	}
	return nil
}

// For returns the rule for a chart at a URL: of those that match the one with the
// most parts ("host/team" has two), of these the one with the most letters that
// are no "*", of these the one with a scheme. nil means that none matches.
func (p *Policy) For(url string) *Rule {
	at, ok := placeOf(url)
	if !ok || p == nil {
		return nil
	}
	var found *Rule
	for _, r := range p.rules {
		if r.place.covers(at) && (found == nil || r.place.moreThan(found.place)) {
			found = r
		}
	}
	return found
}
