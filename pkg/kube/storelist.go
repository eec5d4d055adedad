package kube

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

var (
	_ release.Summarizer      = (*Store)(nil)
	_ release.Sweeper         = (*Store)(nil)
	_ release.NamespaceLister = (*Store)(nil)
)

// A page is as long as can be: the first one is what servers answer from memory,
// for those that follow they read their disk. What is read of it is read object by
// object.
const (
	headsPage = 50_000
	sweepPage = 5_000
)

// errLeft: the loop over a list was left.
var errLeft = errors.New("the list was left")

// List yields the heads of records. It reads no payloads: the server sends
// metadata alone, page by page. Objects with Helm's labels that are no records
// are logged and left out. Error: release.ErrForbidden.
func (s *Store) List(ctx context.Context, opts release.ListOptions) iter.Seq2[release.Head, error] {
	return func(yield func(release.Head, error) bool) {
		err := s.objects(ctx, opts, request{accept: typeProtoMeta, heads: true}, headsPage, func(h release.Head, _ item) error {
			if !yield(h, nil) {
				return errLeft
			}
			return nil
		})
		if err != nil && !errors.Is(err, errLeft) {
			yield(release.Head{}, err)
		}
	}
}

// Sweep implements release.Sweeper.
func (s *Store) Sweep(ctx context.Context, opts release.ListOptions) iter.Seq2[release.Stored, error] {
	return func(yield func(release.Stored, error) bool) {
		// Payloads are compressed.
		r := request{accept: typeProtobuf, plain: true}
		err := s.objects(ctx, opts, r, sweepPage, func(h release.Head, it item) error {
			payload, err := s.kind.payload(it)
			if err == nil && !yield(release.Stored{Head: h, Payload: payload}, nil) {
				err = errLeft
			}
			return err
		})
		if err != nil && !errors.Is(err, errLeft) {
			yield(release.Stored{}, err)
		}
	}
}

// payload is that of the record that an object holds.
func (k recordKind) payload(it item) ([]byte, error) {
	if k == recordConfigMap {
		var o corev1.ConfigMap
		err := it.decode(&o)
		return []byte(o.Data[release.RecordField]), err
	}
	var o corev1.Secret
	err := it.decode(&o)
	return o.Data[release.RecordField], err
}

// objects lists the objects that hold records. An error of take ends the list.
func (s *Store) objects(ctx context.Context, opts release.ListOptions, r request, limit int, take func(release.Head, item) error) error {
	selector, err := recordSelector(opts)
	if err != nil {
		return err
	}
	r.path, r.query = s.kind.path(opts.Namespace), url.Values{"labelSelector": {selector}}
	if opts.Since != "" {
		r.query.Set(queryVersion, opts.Since)
		r.query.Set(queryMatch, string(metav1.ResourceVersionMatchNotOlderThan))
	}
	err = s.client.objects(ctx, r, limit, func(it item) error {
		m := it.meta
		head, err := release.NewHead(m.Namespace, m.Name, m.Labels, m.Annotations)
		if err != nil {
			s.client.opts.Logger.Warn("an object is passed over", "kind", s.kind.String(), "error", err)
			return nil
		}
		if err := head.CheckLabels(); err != nil {
			s.client.opts.Logger.Warn(err.Error(), "kind", s.kind.String())
		}
		head.Touched = touched(m)
		return take(head, it)
	})
	if errors.Is(err, errLeft) {
		return errLeft
	}
	return listError(err)
}

// listError is the error of a list of records.
func listError(err error) error {
	if err == nil || isUnreachable(err) {
		return err
	}
	err = fmt.Errorf("list: failed to list: %w", err)
	if apierrors.IsForbidden(err) {
		return &forbiddenError{err}
	}
	return err
}

// forbiddenError is release.ErrForbidden with the text of the server.
type forbiddenError struct{ error }

func (e *forbiddenError) Unwrap() []error { return []error{e.error, release.ErrForbidden} }

// Namespaces names all namespaces of the cluster. Error: release.ErrForbidden.
func (s *Store) Namespaces(ctx context.Context) ([]string, error) {
	r := request{path: api{groupVersion: "v1", resource: "namespaces"}.path(""), accept: typeProtoMeta}
	var names []string
	err := s.client.objects(ctx, r, headsPage, func(it item) error {
		names = append(names, it.meta.Name)
		return nil
	})
	if err != nil {
		return nil, listError(err)
	}
	return names, nil
}

// Summarize implements release.Summarizer: of a record in parts it reads the head.
func (s *Store) Summarize(ctx context.Context, h release.Head) (release.Summary, error) {
	o, payload, err := s.stored(ctx, h.Key, h.Revision)
	if err != nil {
		return release.Summary{}, err
	}
	sum, err := h.Summarize(payload)
	if err != nil {
		return release.Summary{}, s.damaged(o.Metadata.Name, err)
	}
	return sum, nil
}

// touched says whether somebody has written data who is neither pack nor Helm (which
// is "Helm" there), as
// far as the server has noted it.
func touched(m *metav1.ObjectMeta) bool {
	for _, f := range m.ManagedFields {
		if !strings.EqualFold(f.Manager, release.FieldManager) && bytes.Contains(f.FieldsV1.GetRawBytes(), []byte(`"f:data"`)) {
			return true
		}
	}
	return false
}
