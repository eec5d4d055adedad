package memory

import (
	"context"
	"errors"
	"maps"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// Renew implements release.Leaser.
func (s *Store) Renew(ctx context.Context, rel *release.Release, annotations map[string]string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id := recordID{rel.Key(), rel.Version}
	r, ok := s.records[id]
	if !ok {
		return release.ErrNotFound
	}
	if r.version != rel.ResourceVersion {
		return &release.ConflictError{Key: id.key, Revision: id.revision, Err: errors.New("it has changed")}
	}
	r.annotations = maps.Clone(r.annotations)
	maps.Copy(r.annotations, annotations)
	s.put(id, r)
	rel.ResourceVersion = s.records[id].version
	return nil
}

// Lease implements release.Leaser.
func (s *Store) Lease(ctx context.Context, key release.Key, revision int) (release.Lease, error) {
	if err := ctx.Err(); err != nil {
		return release.Lease{}, err
	}
	r, ok := s.get(recordID{key, revision})
	if !ok {
		return release.Lease{}, release.ErrNotFound
	}
	return release.Lease{
		Age: s.cfg.Now().Sub(r.written), ResourceVersion: r.version, Annotations: maps.Clone(r.annotations),
	}, nil
}
