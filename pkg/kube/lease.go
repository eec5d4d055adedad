package kube

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

var _ release.Leaser = (*Store)(nil)

// typeMeta asks for the metadata of an object alone.
const typeMeta = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json"

// leaseMeta is what tells when an object was written last.
type leaseMeta struct {
	Metadata struct {
		ResourceVersion   string            `json:"resourceVersion"`
		Annotations       map[string]string `json:"annotations"`
		CreationTimestamp time.Time         `json:"creationTimestamp"`
		ManagedFields     []struct {
			Time time.Time `json:"time"`
		} `json:"managedFields"`
	} `json:"metadata"`
}

// written is the time of the last write that the server noted.
func (m *leaseMeta) written() time.Time {
	last := m.Metadata.CreationTimestamp
	for _, f := range m.Metadata.ManagedFields {
		if f.Time.After(last) {
			last = f.Time
		}
	}
	return last
}

// Lease reads when the object that holds a record was written, by the clock of the
// server: both times of which the age is made are the server's, in whole seconds.
// Error: release.ErrNotFound.
func (s *Store) Lease(ctx context.Context, key release.Key, revision int) (release.Lease, error) {
	path, err := s.path(key, revision)
	if err != nil {
		return release.Lease{}, err
	}
	resp, err := s.client.do(ctx, request{method: http.MethodGet, path: path, accept: typeMeta})
	if apierrors.IsNotFound(err) {
		return release.Lease{}, release.ErrNotFound
	}
	if err != nil {
		return release.Lease{}, err
	}
	var m leaseMeta
	if err := resp.decode(&m); err != nil {
		return release.Lease{}, err
	}
	now, err := http.ParseTime(resp.header.Get("Date"))
	if err != nil {
		now = s.client.opts.Now()
	}
	return release.Lease{
		Age: now.Sub(m.written()), ResourceVersion: m.Metadata.ResourceVersion, Annotations: m.Metadata.Annotations,
	}, nil
}

// Renew writes annotations on the object that holds a record, by a patch of nothing
// else, or, where patches are not allowed, by writing the record again. Errors are
// those of Update.
func (s *Store) Renew(ctx context.Context, rel *release.Release, annotations map[string]string) error {
	path, err := s.path(rel.Key(), rel.Version)
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"resourceVersion": rel.ResourceVersion, "annotations": annotations,
	}})
	if err != nil {
		return err
	}
	resp, err := s.client.do(ctx, request{
		method: http.MethodPatch, path: path, contentType: typeMergePatch, accept: typeMeta, body: body,
		query: url.Values{"fieldManager": {release.FieldManager}},
	})
	switch {
	case apierrors.IsForbidden(err), apierrors.IsMethodNotSupported(err):
		return s.Update(ctx, rel)
	case apierrors.IsNotFound(err):
		return release.ErrNotFound
	case apierrors.IsConflict(err):
		if isUncertain(err, apierrors.IsConflict) && s.renewed(ctx, rel, annotations) {
			return nil
		}
		return &release.ConflictError{Key: rel.Key(), Revision: rel.Version, Err: err}
	case err != nil:
		return err
	}
	var m leaseMeta
	if err := resp.decode(&m); err != nil {
		return err
	}
	rel.ResourceVersion = m.Metadata.ResourceVersion
	return nil
}

// renewed says whether a renewal that seemed to fail was carried out, and notes the
// version that it made.
func (s *Store) renewed(ctx context.Context, rel *release.Release, annotations map[string]string) bool {
	lease, err := s.Lease(ctx, rel.Key(), rel.Version)
	if err != nil {
		return false
	}
	for key, value := range annotations {
		if lease.Annotations[key] != value {
			return false
		}
	}
	rel.ResourceVersion = lease.ResourceVersion
	return true
}
