package kube

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

var _ release.Store = (*Store)(nil)

// Store keeps the records of revisions in objects of the release's namespace,
// one each, as Helm does; those of a record that is too large have chunks beside
// them. It needs the rights get, list, create, update and delete on them, and patch
// for what is not vital.
type Store struct {
	client *Client
	kind   recordKind
	packer release.Packer
	// joins bounds how many records are put together from chunks at once.
	joins chan struct{}
}

// maxJoins is small because what is put together is large.
const maxJoins = 2

func newStore(c *Client, kind recordKind) *Store {
	return &Store{client: c, kind: kind, joins: make(chan struct{}, maxJoins)}
}

// NewSecretStore returns a store of Secrets: Helm's default.
func NewSecretStore(c *Client) *Store { return newStore(c, recordSecret) }

// NewConfigMapStore returns a store of ConfigMaps, as Helm has it for
// HELM_DRIVER=configmap.
func NewConfigMapStore(c *Client) *Store { return newStore(c, recordConfigMap) }

// Get reads one record. Errors: release.ErrNotFound; *release.RecordError for
// one that is damaged.
func (s *Store) Get(ctx context.Context, key release.Key, revision int) (*release.Release, error) {
	rel, err := s.outline(ctx, key, revision)
	if err != nil || rel.Parts == nil {
		return rel, err
	}
	return s.complete(ctx, rel)
}

// outline reads one record, or the head of one in parts.
func (s *Store) outline(ctx context.Context, key release.Key, revision int) (*release.Release, error) {
	o, payload, err := s.stored(ctx, key, revision)
	if err != nil {
		return nil, err
	}
	head := release.Head{Key: key, Revision: revision, Labels: o.Metadata.Labels, Annotations: o.Metadata.Annotations}
	rel, err := head.Decode(payload)
	if err != nil {
		return nil, s.damaged(o.Metadata.Name, err)
	}
	rel.ResourceVersion = o.Metadata.ResourceVersion
	return rel, nil
}

// stored reads the object of a record, and its payload.
func (s *Store) stored(ctx context.Context, key release.Key, revision int) (*recordObject, []byte, error) {
	o, err := s.read(ctx, key, revision)
	if err != nil {
		return nil, nil, err
	}
	payload, err := o.payload(s.kind)
	if err != nil {
		return nil, nil, s.damaged(o.Metadata.Name, &release.RecordError{Key: key, Revision: revision, Err: err})
	}
	return o, payload, nil
}

// damaged names the object of a record that cannot be read.
func (s *Store) damaged(name string, err error) error {
	return fmt.Errorf("%s %q: %w", s.kind, name, err)
}

func (s *Store) read(ctx context.Context, key release.Key, revision int) (*recordObject, error) {
	path, err := s.path(key, revision)
	if err != nil {
		return nil, err
	}
	resp, err := s.client.get(ctx, path)
	if apierrors.IsNotFound(err) {
		return nil, release.ErrNotFound
	}
	if isUnreachable(err) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("get: failed to get %q: %w", release.RecordName(key.Name, revision), err)
	}
	return readRecord(resp)
}

func readRecord(resp *response) (*recordObject, error) {
	o := new(recordObject)
	return o, resp.decode(o)
}

// Create writes a new record. Error: release.ErrExists.
func (s *Store) Create(ctx context.Context, rel *release.Release) error {
	if err := release.ValidateName(rel.Name); err != nil {
		return err
	}
	packed, err := s.packer.Pack(rel, release.MaxObject, nil)
	if err != nil {
		return err
	}
	r, err := s.write(rel, packed.Payload, http.MethodPost, "createdAt")
	if err != nil {
		return err
	}
	r.path = s.kind.path(rel.Namespace)
	w := &recordWrite{rel: rel, packed: packed}
	if err := s.prepare(ctx, w); err != nil {
		return fmt.Errorf("create: failed to create: %w", err)
	}
	resp, err := s.client.do(ctx, r)
	if apierrors.IsAlreadyExists(err) {
		// Two may create the same: only who says that he holds the record knows it for
		// his own where no attempt before seemed to fail.
		unclear := isUncertain(err, apierrors.IsAlreadyExists)
		if o := s.ours(ctx, rel, packed.Payload); o != nil && (unclear || holds(rel, o)) {
			return s.wrote(ctx, w, o)
		}
	}
	if err != nil {
		s.abandon(ctx, w, err)
	}
	if apierrors.IsAlreadyExists(err) {
		return release.ErrExists
	}
	if err != nil {
		return fmt.Errorf("create: failed to create: %w", err)
	}
	return s.answered(ctx, w, resp)
}

// Update replaces a record that was read or created here, with everything on
// the object that holds it. Errors: release.ErrNotFound,
// *release.ConflictError.
func (s *Store) Update(ctx context.Context, rel *release.Release) error {
	if rel.ResourceVersion == "" {
		return fmt.Errorf("update: failed to update: record of revision %d of release %s/%s has no resource version: it was not read from this store",
			rel.Version, rel.Namespace, rel.Name)
	}
	packed, err := s.packer.Pack(rel, release.MaxObject, rel.Parts)
	if err != nil {
		return err
	}
	r, err := s.write(rel, packed.Payload, http.MethodPut, "modifiedAt")
	if err != nil {
		return err
	}
	w := &recordWrite{rel: rel, packed: packed, before: rel.Parts}
	if err := s.prepare(ctx, w); err != nil {
		return fmt.Errorf("update: failed to update: %w", err)
	}
	resp, err := s.client.do(ctx, r)
	if apierrors.IsConflict(err) {
		if o := s.ours(ctx, rel, packed.Payload); o != nil {
			return s.wrote(ctx, w, o)
		}
	}
	if err != nil {
		s.abandon(ctx, w, err)
	}
	switch {
	case apierrors.IsNotFound(err):
		return release.ErrNotFound
	case apierrors.IsConflict(err):
		return &release.ConflictError{Key: rel.Key(), Revision: rel.Version, Err: err}
	case err != nil:
		return fmt.Errorf("update: failed to update: %w", err)
	}
	return s.answered(ctx, w, resp)
}

// write makes the request that writes the object of a record.
func (s *Store) write(rel *release.Release, payload []byte, method, timeLabel string) (request, error) {
	path, err := s.path(rel.Key(), rel.Version)
	if err != nil {
		return request{}, err
	}
	o, err := s.object(rel, payload, timeLabel)
	if err != nil {
		return request{}, err
	}
	if method == http.MethodPut {
		o.Metadata.ResourceVersion = rel.ResourceVersion
	}
	body, err := json.Marshal(o)
	query := url.Values{"fieldManager": {release.FieldManager}}
	return request{method: method, path: path, body: body, query: query}, err
}

// recordWrite is a write of a record that is under way.
type recordWrite struct {
	rel    *release.Release
	packed *release.Packed
	// before are the parts that the record had, stale the chunks of its revision
	// that nobody needs once it is written.
	before *release.Parts
	stale  []string
}

// answered notes what the server answered to a write.
func (s *Store) answered(ctx context.Context, w *recordWrite, resp *response) error {
	o, err := readRecord(resp)
	if err != nil {
		return err
	}
	return s.wrote(ctx, w, o)
}

// wrote notes the version of a record that was written, and sees to its chunks.
func (s *Store) wrote(ctx context.Context, w *recordWrite, o *recordObject) error {
	w.rel.ResourceVersion, w.rel.Parts = o.Metadata.ResourceVersion, w.packed.Parts
	if len(w.packed.Chunks) > 0 {
		s.own(ctx, w.rel, o.Metadata)
	}
	s.remove(ctx, w.rel.Namespace, w.stale)
	return nil
}

// ours reads the object of a record if it is there as it was to be written: the
// write that seemed to fail was carried out, by an attempt before, or by somebody
// between here and the server who has sent it twice. Otherwise it is nil.
func (s *Store) ours(ctx context.Context, rel *release.Release, payload []byte) *recordObject {
	o, err := s.read(ctx, rel.Key(), rel.Version)
	if err != nil {
		return nil
	}
	have, err := o.payload(s.kind)
	if err != nil || !bytes.Equal(have, payload) {
		return nil
	}
	return o
}

// holds says whether a record that is there is held by whoever rel is held by.
func holds(rel *release.Release, there *recordObject) bool {
	want := release.Head{Status: rel.Info.Status, Annotations: rel.Annotations}.Holder()
	have := release.Head{Status: rel.Info.Status, Annotations: there.Metadata.Annotations}.Holder()
	return want != nil && have != nil && want.ID == have.ID
}

// Delete removes a record, then all chunks of its revision, those too that an
// operation left that was cut off. Error: release.ErrNotFound.
func (s *Store) Delete(ctx context.Context, key release.Key, revision int) error {
	path, err := s.path(key, revision)
	if err != nil {
		return err
	}
	chunks := s.chunksOf(ctx, key, revision)
	_, err = s.client.do(ctx, request{method: http.MethodDelete, path: path})
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("delete: failed to delete %q: %w", release.RecordName(key.Name, revision), err)
	}
	s.remove(ctx, key.Namespace, chunks)
	if err != nil && !isUncertain(err, apierrors.IsNotFound) {
		return release.ErrNotFound
	}
	return nil
}
