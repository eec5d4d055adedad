package policy

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
	"github.com/seed-0d4f92cc/pack/pkg/repo/cosign"
)

// ErrRefused is wrapped where a policy does not let a chart pass.
var ErrRefused = errors.New("refused by the signature policy")

// Enforcer holds charts to a policy: it is a repo.Trust.
type Enforcer struct {
	Policy *Policy
	// Open returns the repository of a registry ("host/path") in which
	// signatures are looked for; nil lets no chart pass that needs them.
	Open func(ctx context.Context, repository string, access repo.Access) (cosign.Repository, error)
}

// NeedsProvenance says whether the provenance file of a chart has to be fetched.
func (e *Enforcer) NeedsProvenance(urls ...string) bool {
	for _, url := range urls {
		if r := e.Policy.For(url); r != nil && len(r.OpenPGP) > 0 {
			return true
		}
	}
	return false
}

// Check lets a chart pass, or not. The rules for where it came from, and for the
// repository that named it, both count. The error wraps ErrRefused, or says why
// signatures could not be looked for.
func (e *Enforcer) Check(ctx context.Context, a *repo.Archive, access repo.Access) error {
	seen := map[*Rule]bool{}
	for _, url := range []string{a.URL, a.Home} {
		r := e.Policy.For(url)
		if r == nil || seen[r] {
			continue
		}
		seen[r] = true
		if err := e.hold(ctx, r, a, access); err != nil {
			return fmt.Errorf("%s: %w (rule %q): %w", a.Name, ErrRefused, r.Match, err)
		}
	}
	return nil
}

// hold holds a chart to a rule.
func (e *Enforcer) hold(ctx context.Context, r *Rule, a *repo.Archive, access repo.Access) error {
	if r.Deny {
		return errors.New("no chart may come from there")
	}
	if r.Unsigned {
		return nil
	}
	if len(r.OpenPGP) > 0 {
		if err := checkProvenance(r, a); err != nil {
			return err
		}
	}
	if len(r.Cosign) > 0 {
		if err := e.checkCosign(ctx, r, a, access); err != nil {
			return err
		}
	}
	return checkContent(a)
}

// checkContent sees to it that a signed chart is the one that was asked for. A
// repository that has no key could else pass off another chart, or an old
// version, that was signed once.
func checkContent(a *repo.Archive) error {
	if a.Version == "" {
		return nil
	}
	meta, err := new(chart.MetadataReader).Read(bytes.NewReader(a.Data), chart.LoadOptions{})
	if err != nil {
		return fmt.Errorf("what it holds cannot be read: %w", err)
	}
	if meta.Name != a.Chart || meta.Version != a.Version {
		return fmt.Errorf("it is signed, but as %s %s, and should be %s %s", meta.Name, meta.Version, a.Chart, a.Version)
	}
	return nil
}

func checkProvenance(r *Rule, a *repo.Archive) error {
	switch {
	case a.Provenance == nil && a.ProvenanceErr != nil:
		return fmt.Errorf("its provenance file is not there: %w", a.ProvenanceErr)
	case a.Provenance == nil:
		return errors.New("it has no provenance file")
	}
	var err error
	for _, ring := range r.OpenPGP {
		if _, err = ring.Verify(a.Data, a.SignedName(), a.Provenance); err == nil {
			return nil
		}
	}
	return err
}

func (e *Enforcer) checkCosign(ctx context.Context, r *Rule, a *repo.Archive, access repo.Access) error {
	switch {
	case a.Manifest == "" && repo.IsOCI(a.URL):
		return errors.New("it comes from the cache: its signature is in the registry, which was not asked")
	case a.Manifest == "":
		return errors.New("keys of Cosign can only have signed charts in registries")
	}
	if e.Open == nil {
		return errors.New("its signatures cannot be looked for")
	}
	ref, err := repo.ParseOCI(a.URL)
	if err != nil {
		return err
	}
	repository, err := e.Open(ctx, ref.Repository, access)
	if err != nil {
		return err
	}
	_, err = cosign.Verify(ctx, repository, a.Manifest, r.Cosign...)
	return err
}
