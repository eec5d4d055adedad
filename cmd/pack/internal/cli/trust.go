package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
	"github.com/seed-0d4f92cc/pack/pkg/repo/cosign"
	"github.com/seed-0d4f92cc/pack/pkg/repo/policy"
)

// trust is what holds fetched charts to the signature policy; nil if there is
// none. A policy that cannot be read lets nothing pass.
func (s *session) trust() repo.Trust {
	return s.trustIn(func(_ context.Context, repository string, access repo.Access) (cosign.Repository, error) {
		return s.registries().Open(repository, access)
	})
}

// trustIn is trust with the signatures of what open opens.
func (s *session) trustIn(open func(ctx context.Context, repository string, access repo.Access) (cosign.Repository, error)) repo.Trust {
	path := s.Paths.SignaturePolicy
	if path == "" {
		path = s.Paths.DefaultPolicy
		if _, err := os.Stat(s.path(path)); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
	}
	p, err := s.readPolicy(path)
	if err != nil {
		return noTrust{fmt.Errorf("the signature policy %s: %w", path, err)}
	}
	return &policy.Enforcer{Policy: p, Open: open}
}

// readPolicy reads a policy. The files that it names lie beside it.
func (s *session) readPolicy(path string) (*policy.Policy, error) {
	defer s.opening(path)()
	data, err := s.readFile(path)
	if err != nil {
		return nil, err
	}
	return policy.Parse(data, func(name string) ([]byte, error) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(filepath.Dir(path), name)
		}
		return s.readFile(name)
	})
}

// noTrust lets nothing pass.
type noTrust struct{ err error }

func (t noTrust) NeedsProvenance(...string) bool                          { return false }
func (t noTrust) Check(context.Context, *repo.Archive, repo.Access) error { return t.err }
