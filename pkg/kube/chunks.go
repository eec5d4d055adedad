package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/seed-0d4f92cc/pack/internal/linger"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// The chunks of a record are written before its object, which names them, and
// removed after it: what a crash leaves is chunks that no record names, never a
// record without chunks. Their object owns them, so that they go with it whoever
// removes it. Which ones are stale is read before a record is written or removed:
// then they are those of what is replaced, of somebody who comes too late, or of an
// operation that was cut off.

// cleanupTimeout bounds the removal of what a write has left that failed.
const cleanupTimeout = 5 * time.Second

// maxReads is how often a record is read whose chunks go while they are read.
const maxReads = 3

// chunkObject is a Secret or a ConfigMap that holds a chunk.
type chunkObject struct {
	APIVersion string            `json:"apiVersion"`
	Kind       string            `json:"kind"`
	Type       string            `json:"type,omitempty"`
	Metadata   recordMeta        `json:"metadata"`
	Immutable  bool              `json:"immutable"`
	Data       map[string][]byte `json:"data,omitempty"`
	BinaryData map[string][]byte `json:"binaryData,omitempty"`
}

// prepare writes the chunks of a record that are not there yet. If it fails it
// removes them again.
func (s *Store) prepare(ctx context.Context, w *recordWrite) error {
	if len(w.packed.Chunks) > 0 || w.before != w.packed.Parts {
		w.stale = s.chunksOf(ctx, w.rel.Key(), w.rel.Version)
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(s.client.opts.Parallel)
	for i, data := range w.packed.Chunks {
		group.Go(func() error { return s.createChunk(groupCtx, w.rel, w.packed.Parts.ChunkName(i), data) })
	}
	err := group.Wait()
	if err != nil {
		s.removeChunks(ctx, w)
	}
	return err
}

// createChunk writes one chunk. When the operation ends it is brought to its end: if it
// came to the server after its removal, nobody would know of it.
func (s *Store) createChunk(ctx context.Context, rel *release.Release, name string, data []byte) error {
	o := chunkObject{
		APIVersion: "v1", Kind: s.kind.String(), Immutable: true,
		Metadata: recordMeta{Name: name, Namespace: rel.Namespace, Labels: release.PartLabels(rel.Key(), rel.Version)},
	}
	content := map[string][]byte{release.PartField: data}
	if s.kind == recordSecret {
		o.Type, o.Data = release.PartType, content
	} else {
		o.BinaryData = content
	}
	body, err := json.Marshal(o)
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ended(ctx)
	}
	ctx, done := linger.Context(ctx, release.ErrLockLost)
	defer done()
	_, err = s.client.do(ctx, request{
		method: http.MethodPost, path: s.kind.path(rel.Namespace), body: body, accept: typeMeta,
		query: url.Values{"fieldManager": {release.FieldManager}},
	})
	if isUncertain(err, apierrors.IsAlreadyExists) {
		return nil // nobody else writes one of that name
	}
	return err
}

// abandon removes the chunks of a record that the server would not take. They stay
// if it may have taken it.
func (s *Store) abandon(ctx context.Context, w *recordWrite, err error) {
	var status *statusError
	if errors.As(err, &status) && !status.uncertain && status.code < http.StatusInternalServerError {
		s.removeChunks(ctx, w)
	}
}

// removeChunks removes chunks that were written and are of no use, also when the
// context has ended.
func (s *Store) removeChunks(ctx context.Context, w *recordWrite) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	names := make([]string, len(w.packed.Chunks))
	for i := range names {
		names[i] = w.packed.Parts.ChunkName(i)
	}
	s.remove(ctx, w.rel.Namespace, names)
}

// remove removes chunks. It does what it can: those that are left are in nobody's
// way, and the next write of the record or its end removes them.
func (s *Store) remove(ctx context.Context, namespace string, names []string) {
	var group errgroup.Group
	group.SetLimit(s.client.opts.Parallel)
	for _, name := range names {
		group.Go(func() error {
			_, err := s.client.do(ctx, request{method: http.MethodDelete, path: s.kind.path(namespace) + "/" + name})
			if err != nil && !apierrors.IsNotFound(err) {
				s.client.opts.Logger.Warn("a part of a release record could not be removed", "kind", s.kind.String(), "name", name, "error", err)
			}
			return nil
		})
	}
	_ = group.Wait() // which is nil
}

// chunksOf names the chunks that there are of a revision, whether its record names
// them or not. Most records have none, for which a list of any age will do: those of an
// operation that was cut off are older than whoever comes after it. Where it has some it
// is read again as of now: others may be new. What cannot be listed stays.
func (s *Store) chunksOf(ctx context.Context, key release.Key, revision int) []string {
	query := url.Values{"labelSelector": {release.PartSelector(key, revision)}, queryVersion: {anyVersion}}
	names := s.listChunks(ctx, key, revision, query)
	if len(names) > 0 {
		query.Del(queryVersion)
		names = s.listChunks(ctx, key, revision, query)
	}
	return names
}

func (s *Store) listChunks(ctx context.Context, key release.Key, revision int, query url.Values) []string {
	r := request{path: s.kind.path(key.Namespace), accept: typeMetaList, query: query}
	var names []string
	err := s.client.pages(ctx, r, func(resp *response) (string, error) {
		var page metav1.PartialObjectMetadataList
		err := resp.decode(&page)
		if resp.again {
			names = nil
		}
		for _, item := range page.Items {
			names = append(names, item.Name)
		}
		return page.Continue, err
	})
	if err != nil {
		s.client.opts.Logger.Debug("the parts of a release record could not be listed", "release", key.Name, "revision", revision, "error", err)
	}
	return names
}

// own makes the object of a record the owner of its chunks.
func (s *Store) own(ctx context.Context, rel *release.Release, owner recordMeta) {
	body, err := json.Marshal(map[string]any{"metadata": map[string]any{"ownerReferences": []any{map[string]any{
		"apiVersion": "v1", "kind": s.kind.String(), "name": release.RecordName(rel.Name, rel.Version), "uid": owner.UID,
	}}}})
	if err != nil {
		return // strings can be marshalled
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(s.client.opts.Parallel)
	for i := range rel.Parts.Chunks {
		group.Go(func() error {
			_, err := s.client.do(groupCtx, request{
				method: http.MethodPatch, path: s.kind.path(rel.Namespace) + "/" + rel.Parts.ChunkName(i), body: body,
				contentType: typeMergePatch, accept: typeMeta, query: url.Values{"fieldManager": {release.FieldManager}},
			})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		s.client.opts.Logger.Warn("the parts of a release record would stay if it were removed by other tools than pack",
			"release", rel.Name, "revision", rel.Version, "error", err)
	}
}

// complete reads the chunks of a record of which the head was read. If they are not
// as the head says, the record may have been replaced or removed meanwhile.
func (s *Store) complete(ctx context.Context, head *release.Release) (*release.Release, error) {
	select {
	case s.joins <- struct{}{}:
		defer func() { <-s.joins }()
	case <-ctx.Done():
		return nil, ended(ctx)
	}
	for reads := 1; ; reads++ {
		rel, err := s.join(ctx, head)
		if _, damaged := errors.AsType[*release.RecordError](err); !damaged {
			return rel, err
		}
		again, headErr := s.outline(ctx, head.Key(), head.Version)
		switch {
		case headErr != nil:
			return nil, headErr
		case again.Parts == nil:
			return again, nil
		case again.ResourceVersion == head.ResourceVersion || reads == maxReads:
			return nil, s.damaged(release.RecordName(head.Name, head.Version), err)
		}
		head = again
	}
}

func (s *Store) join(ctx context.Context, head *release.Release) (*release.Release, error) {
	chunks := make([][]byte, len(head.Parts.Chunks))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(s.client.opts.Parallel)
	for i := range chunks {
		group.Go(func() (err error) {
			chunks[i], err = s.chunk(groupCtx, head.Namespace, head.Parts.ChunkName(i))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return release.Head{Key: head.Key(), Revision: head.Version}.Join(head, chunks)
}

// chunk reads the content of one chunk; nil if it is not there.
func (s *Store) chunk(ctx context.Context, namespace, name string) ([]byte, error) {
	resp, err := s.client.get(ctx, s.kind.path(namespace)+"/"+name)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("get: failed to get %q: %w", name, err)
	}
	var o chunkObject
	if err := json.Unmarshal(resp.body, &o); err != nil {
		return nil, fmt.Errorf("get: failed to get %q: reading the server's answer: %w", name, err)
	}
	content := o.Data
	if s.kind == recordConfigMap {
		content = o.BinaryData
	}
	if data := content[release.PartField]; data != nil {
		return data, nil
	}
	return []byte{}, nil
}
