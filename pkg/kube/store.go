package kube

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

var _ release.Store = (*Store)(nil)

// Store keeps the records of revisions in objects of the release's namespace,
// one each, as Helm does. It needs the rights get, list, create, update and
// delete on them.
type Store struct {
	client *Client
	kind   recordKind
}

// NewSecretStore returns a store of Secrets: Helm's default.
func NewSecretStore(c *Client) *Store { return &Store{client: c, kind: recordSecret} }

// NewConfigMapStore returns a store of ConfigMaps, as Helm has it for
// HELM_DRIVER=configmap.
func NewConfigMapStore(c *Client) *Store { return &Store{client: c, kind: recordConfigMap} }

// Get reads one record. Errors: release.ErrNotFound; *release.RecordError for
// one that is damaged.
func (s *Store) Get(ctx context.Context, key release.Key, revision int) (*release.Release, error) {
	o, err := s.read(ctx, key, revision)
	if err != nil {
		return nil, err
	}
	payload, err := o.payload(s.kind)
	if err != nil {
		return nil, fmt.Errorf("%s %q: %w", s.kind, o.Metadata.Name, &release.RecordError{Key: key, Revision: revision, Err: err})
	}
	head := release.Head{Key: key, Revision: revision, Labels: o.Metadata.Labels, Annotations: o.Metadata.Annotations}
	rel, err := head.Decode(payload)
	if err != nil {
		return nil, fmt.Errorf("%s %q: %w", s.kind, o.Metadata.Name, err)
	}
	rel.ResourceVersion = o.Metadata.ResourceVersion
	return rel, nil
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
	r, payload, err := s.write(rel, http.MethodPost, "createdAt")
	if err != nil {
		return err
	}
	r.path = s.kind.path(rel.Namespace)
	resp, err := s.client.do(ctx, r)
	if apierrors.IsAlreadyExists(err) {
		if isUncertain(err, apierrors.IsAlreadyExists) && s.isOurs(ctx, rel, payload) {
			return nil
		}
		return release.ErrExists
	}
	if err != nil {
		return fmt.Errorf("create: failed to create: %w", err)
	}
	return s.wrote(rel, resp)
}

// Update replaces a record that was read or created here, with everything on
// the object that holds it. Errors: release.ErrNotFound,
// *release.ConflictError.
func (s *Store) Update(ctx context.Context, rel *release.Release) error {
	if rel.ResourceVersion == "" {
		return fmt.Errorf("update: failed to update: record of revision %d of release %s/%s has no resource version: it was not read from this store",
			rel.Version, rel.Namespace, rel.Name)
	}
	r, payload, err := s.write(rel, http.MethodPut, "modifiedAt")
	if err != nil {
		return err
	}
	resp, err := s.client.do(ctx, r)
	switch {
	case apierrors.IsNotFound(err):
		return release.ErrNotFound
	case apierrors.IsConflict(err):
		if isUncertain(err, apierrors.IsConflict) && s.isOurs(ctx, rel, payload) {
			return nil
		}
		return &release.ConflictError{Key: rel.Key(), Revision: rel.Version, Err: err}
	case err != nil:
		return fmt.Errorf("update: failed to update: %w", err)
	}
	return s.wrote(rel, resp)
}

// write makes the request that writes a record, and returns its payload too.
func (s *Store) write(rel *release.Release, method, timeLabel string) (request, []byte, error) {
	path, err := s.path(rel.Key(), rel.Version)
	if err != nil {
		return request{}, nil, err
	}
	payload, err := release.Encode(rel)
	if err != nil {
		return request{}, nil, err
	}
	o, err := s.object(rel, payload, timeLabel)
	if err != nil {
		return request{}, nil, err
	}
	if method == http.MethodPut {
		o.Metadata.ResourceVersion = rel.ResourceVersion
	}
	body, err := json.Marshal(o)
	query := url.Values{"fieldManager": {release.FieldManager}}
	return request{method: method, path: path, body: body, query: query}, payload, err
}

// wrote notes the version of a record that was written.
func (s *Store) wrote(rel *release.Release, resp *response) error {
	o, err := readRecord(resp)
	if err == nil {
		rel.ResourceVersion = o.Metadata.ResourceVersion
	}
	return err
}

// isOurs says whether the record is there as it was to be written, and notes
// its version: the write that seemed to fail was carried out.
func (s *Store) isOurs(ctx context.Context, rel *release.Release, payload []byte) bool {
	o, err := s.read(ctx, rel.Key(), rel.Version)
	if err != nil {
		return false
	}
	have, err := o.payload(s.kind)
	if err != nil || !bytes.Equal(have, payload) {
		return false
	}
	rel.ResourceVersion = o.Metadata.ResourceVersion
	return true
}

// Delete removes a record. Error: release.ErrNotFound.
func (s *Store) Delete(ctx context.Context, key release.Key, revision int) error {
	path, err := s.path(key, revision)
	if err != nil {
		return err
	}
	_, err = s.client.do(ctx, request{method: http.MethodDelete, path: path})
	switch {
	case isUncertain(err, apierrors.IsNotFound):
		return nil
	case apierrors.IsNotFound(err):
		return release.ErrNotFound
	case err != nil:
		return fmt.Errorf("delete: failed to delete %q: %w", release.RecordName(key.Name, revision), err)
	}
	return nil
}

// List yields the heads of records. It reads no payloads: the server sends
// metadata alone, page by page. Objects with Helm's labels that are no records
// are logged and left out.
func (s *Store) List(ctx context.Context, opts release.ListOptions) iter.Seq2[release.Head, error] {
	return func(yield func(release.Head, error) bool) {
		selector, err := recordSelector(opts)
		if err != nil {
			yield(release.Head{}, err)
			return
		}
		r := request{
			path: s.kind.path(opts.Namespace), accept: typeMetaList,
			query: url.Values{"labelSelector": {selector}},
		}
		err = s.client.pages(ctx, r, func(resp *response) (string, error) { return s.heads(resp, yield) })
		if err != nil && !errors.Is(err, errLeft) {
			yield(release.Head{}, fmt.Errorf("list: failed to list: %w", err))
		}
	}
}

// errLeft: the loop over a list was left.
var errLeft = errors.New("the list was left")

// heads yields what one page holds, and returns the token of the next.
func (s *Store) heads(resp *response, yield func(release.Head, error) bool) (string, error) {
	var page struct {
		Metadata struct {
			Continue string `json:"continue"`
		} `json:"metadata"`
		Items []struct {
			Metadata recordMeta `json:"metadata"`
		} `json:"items"`
	}
	if err := resp.decode(&page); err != nil {
		return "", err
	}
	for _, item := range page.Items {
		m := item.Metadata
		head, err := release.NewHead(m.Namespace, m.Name, m.Labels, m.Annotations)
		if err != nil {
			s.client.opts.Logger.Warn("an object is passed over", "kind", s.kind.String(), "error", err)
			continue
		}
		if !yield(head, nil) {
			return "", errLeft
		}
	}
	return page.Metadata.Continue, nil
}
